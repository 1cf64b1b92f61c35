"""Directory entries are read as Thunderbird, Active Directory and LDAP servers write them."""

import io
from base64 import b64encode
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.contacts.ldif_in import read_ldif
from addin_service.contacts.report import Refused
from addin_service.contacts.rows import Row

THUNDERBIRD = """dn: cn=Kit Marsh,mail=kit@supplier.example
objectclass: top
objectclass: person
objectclass: organizationalPerson
objectclass: inetOrgPerson
objectclass: mozillaAbPersonAlpha
givenName: Kit
sn: Marsh
cn: Kit Marsh
mail: kit@supplier.example
mozillaSecondEmail: kit@home.example
modifytimestamp: 1700000000
o: North
description:: Zmlyc3QKc2Vjb25k

dn: cn=Friends
objectclass: top
objectclass: groupOfNames
cn: Friends
member: cn=Kit Marsh,mail=kit@supplier.example
"""
ACTIVE_DIRECTORY = """dn: CN=Tann\\, Priya,OU=Legal,DC=council,DC=example
changetype: add
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: user
cn: Tann, Priya
sn: Tann
givenName: Priya
displayName: Priya Tann
memberOf: CN=Legal,OU=Groups,DC=council,DC=example
company: Council
objectGUID:: AAECAwQFBgcICQoLDA0ODw==
proxyAddresses: X500:/o=Council/ou=Exchange/cn=Recipients/cn=ptann
proxyAddresses: smtp:ptann@council.example
proxyAddresses: SMTP:priya.tann@council.example
proxyAddresses: sip:priya.tann@council.example
mail: priya.tann@council.example
thumbnailPhoto:: /9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJCgk
 JChQODwwQFxQYGBcUFhYa

dn: CN=Legal team,OU=Groups,DC=council,DC=example
changetype: add
objectClass: group
cn: Legal team
mail: legal@council.example
proxyAddresses: SMTP:legal@council.example
proxyAddresses: smtp:law@council.example
"""
OPENLDAP = """# extended LDIF
#
# LDAPv3
# base <dc=chambers,dc=example> with scope subtree
version: 1

# bo, people, chambers.example
dn: uid=bo,ou=people,dc=chambers,dc=example
cn;lang-en: Bo Ek
cn:: QsO2IEVr
mail: bo@chambers.exa
 mple
entryUUID: 9f0a2f1e-1b2c-4d3e-8f90-a1b2c3d4e5f6
o: Foxglove

# search result
search: 2
result: 0 Success

# numResponses: 2
"""


def read(text: str | bytes) -> list[Row | Refused]:
    return list(read_ldif(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def rows(text: str | bytes) -> list[Row]:
    return [one for one in read(text) if isinstance(one, Row)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (THUNDERBIRD, [("kit@supplier.example", "Kit Marsh", "North"),
                       ("kit@home.example", "Kit Marsh", "North")]),
        (ACTIVE_DIRECTORY, [("priya.tann@council.example", "Priya Tann", "Council"),
                            ("ptann@council.example", "Priya Tann", "Council"),
                            ("legal@council.example", "Legal team", ""),
                            ("law@council.example", "Legal team", "")]),
        (OPENLDAP, [("bo@chambers.example", "Bo Ek", "Foxglove")]),
    ],
    ids=["thunderbird", "active directory", "openldap"],
)  # fmt: skip
def test_the_entries_of_other_programs(
    text: str, expected: list[tuple[str, str, str]], encoding: str, end: str
) -> None:
    found = rows(text.replace("\n", end).encode(encoding))
    assert [(row.entry, row.name, row.organisation) for row in found] == expected


def test_a_list_of_thunderbird_has_no_address_of_its_own() -> None:
    (one,) = (one for one in read(THUNDERBIRD) if isinstance(one, Refused))
    assert (one.line, one.why) == (16, "it has no e-mail address")


def test_one_person_several_addresses_but_a_group_is_nobody() -> None:
    first, second, *group = rows(ACTIVE_DIRECTORY)
    assert first.person == second.person != ""
    assert {row.person for row in group} == {""}


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("displayName: Bo Ek\ncn: ek", "Bo Ek"),
        ("cn: Bo Ek\ngivenName: Other", "Bo Ek"),
        ("givenName: Bo\nsn: Ek", "Bo Ek"),
        ("sn: Ek", "Ek"),
        ("cn:: UmVuw6k=", "René"),
        ("cn:: UmVu6Q==", "René"),
        ("cn;lang-de;x-1: Bo", "Bo"),
        ("CN:Bo", "Bo"),
        ("cn:    Bo   ", "Bo"),
        ("cn: Bo\n  Ek", "Bo Ek"),
        ("cn: bo@x.example", ""),
        ("cn:\ngivenName: Bo", "Bo"),
        ("uid: bo", ""),
    ],
)
def test_names(lines: str, name: str) -> None:
    (row,) = rows(f"dn: cn=x\n{lines}\nmail: bo@x.example\n")
    assert row.name == name


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=60)


@settings(max_examples=1_000)
@given(NAMES, st.integers(1, 74), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_an_entry_is_read_back_wherever_it_is_folded(
    name: str, width: int, end: str, is_base64: bool
) -> None:
    def folded(line: bytes) -> bytes:
        cuts = [0, *range(6, len(line), width), len(line)]
        return (end + " ").encode().join(line[a:b] for a, b in pairwise(cuts))

    value = b": " + b64encode(name.encode()) if is_base64 else b" " + name.encode()
    raw = end.encode().join([b"dn: cn=x", folded(b"cn:" + value), b"mail: bo@x.example"])
    (row,) = rows(raw)
    (plain,) = rows(b"dn: cn=x\ncn:: " + b64encode(name.encode()) + b"\nmail: bo@x.example\n")
    assert row.entry == "bo@x.example"
    if not name.startswith((":", "<")) or is_base64:
        assert row.name == plain.name
