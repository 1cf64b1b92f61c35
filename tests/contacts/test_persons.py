"""One person's several addresses: known by what the file says, never by the name alone."""

import io
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service.contacts.reading import read_contacts
from addin_service.contacts.report import Refused
from addin_service.contacts.rows import Row, person_of

GUID = "9f0a2f1e-1b2c-4d3e-8f90-a1b2c3d4e5f6"


def persons(text: str) -> dict[str, str]:
    found = [one for one in read_contacts(io.BytesIO(text.encode())) if isinstance(one, Row)]
    return {row.entry: row.person for row in found}


def together(text: str) -> bool:
    found = list(persons(text).values())
    return len(found) > 1 and len(set(found)) == 1 and found[0] != ""


@pytest.mark.parametrize(
    "text",
    [
        "name,email,email 2\nBo,bo@x.example,bo@y.example\n",
        "name,email\nBo,bo@x.example; bo@y.example\n",
        "Name,E-mail 1 - Value,E-mail 2 - Value\nBo,bo@x.example ::: bo@y.example,bo@z.example\n",
        "First Name,Last Name,E-mail Address,E-mail 2 Address,E-mail 3 Address\n"
        "Bo,Ek,bo@x.example,bo@y.example,bo@z.example\n",
        "First Name,Last Name,Primary Email,Secondary Email\nBo,Ek,bo@x.example,bo@y.example\n",
        "email,person\nbo@x.example,p-1\nbo@y.example,p-1\n",
        "BEGIN:VCARD\nFN:Bo\nEMAIL:bo@x.example\nEMAIL:bo@y.example\nEND:VCARD\n",
        f"BEGIN:VCARD\nUID:{GUID}\nEMAIL:bo@x.example\nEND:VCARD\n"
        f"BEGIN:VCARD\nUID:urn:uuid:{GUID.upper()}\nEMAIL:bo@y.example\nEND:VCARD\n",
        f"dn: cn=a\nentryUUID: {GUID}\nmail: bo@x.example\nmail: bo@y.example\n",
        "dn: cn=a\nmail: bo@x.example\nproxyAddresses: smtp:bo@y.example\n",
    ],
)
def test_addresses_of_one_person(text: str) -> None:
    assert together(text)


@pytest.mark.parametrize(
    "text",
    [
        "name,email,organisation\nJohn Smith,j@x.example,North\nJohn Smith,js@x.example,North\n",
        "email\nBo <bo@x.example>; Al <al@x.example>\n",
        "email,person\nbo@x.example,p-1\nbo@y.example,p-2\n",
        "BEGIN:VCARD\nFN:John Smith\nEMAIL:j@x.example\nEND:VCARD\n"
        "BEGIN:VCARD\nFN:John Smith\nEMAIL:js@x.example\nEND:VCARD\n",
        "BEGIN:VCARD\nUID:17\nEMAIL:bo@x.example\nEND:VCARD\n"
        "BEGIN:VCARD\nUID:17\nEMAIL:al@x.example\nEND:VCARD\n",
        "BEGIN:VCARD\nKIND:group\nEMAIL:bo@x.example\nEMAIL:al@x.example\nEND:VCARD\n",
        "BEGIN:VCARD\nKIND:org\nEMAIL:bo@x.example\nEMAIL:al@x.example\nEND:VCARD\n",
        "dn: cn=a\ncn: John Smith\nmail: j@x.example\n\ndn: cn=b\ncn: John Smith\nmail: js@x.example\n",
        "dn: cn=a\nobjectClass: group\nmail: bo@x.example\nproxyAddresses: smtp:al@x.example\n",
    ],
)
def test_addresses_that_nothing_joins(text: str) -> None:
    found = persons(text)
    assert len(found) == 2
    assert not together(text)


def test_a_domain_is_nobody() -> None:
    found = persons("email,domain,person\nbo@x.example; al@x.example,y.example,p-1\n")
    assert found == {"bo@x.example": "p-1", "al@x.example": "p-1", "@y.example": ""}


@pytest.mark.parametrize("person", ["a b", "=1+1", "é", "x" * 65, "-x", "a/b", "<b>"])
def test_a_person_that_is_none_costs_the_line(person: str) -> None:
    (one,) = read_contacts(io.BytesIO(f"email,person\nbo@x.example,{person}\n".encode()))
    assert isinstance(one, Refused)
    assert "its person" in one.why


@given(st.lists(st.emails(), max_size=4, unique=True), st.randoms())
def test_the_order_of_addresses_means_nothing(keys: list[str], random: object) -> None:
    turned = keys[::-1]
    assert person_of(keys) == person_of(turned)
    assert bool(person_of(keys)) == (len(keys) > 1)


@given(st.uuids())
def test_an_identity_outlives_every_address(uuid: UUID) -> None:
    assert person_of(["a@x.example"], str(uuid)) == person_of(["b@x.example"], uuid.urn)
    assert person_of(["a@x.example"], "7") == person_of(["a@x.example"], "1234567890123456") == ""
    assert person_of([], str(uuid)) == ""
