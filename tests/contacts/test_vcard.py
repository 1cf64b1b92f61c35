"""Cards are read as the programs write them, in the versions 2.1, 3.0 and 4.0."""

import io
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.contacts.report import Refused
from addin_service.contacts.rows import Row
from addin_service.contacts.vcard_in import read_vcard
from addin_service.contacts.vcard_lines import components, taken_apart, unescaped

GOOGLE = """BEGIN:VCARD
VERSION:3.0
FN:Priya Tann
N:Tann;Priya;;;
ORG:Foxglove Chambers
EMAIL;TYPE=INTERNET;TYPE=WORK:p.tann@chambers.example
EMAIL;TYPE=INTERNET;TYPE=HOME:priya@home.example
item1.URL:https\\://chambers.example
item1.X-ABLabel:PROFILE
PHOTO:https://photos.example/a
CATEGORIES:myContacts
END:VCARD
"""
APPLE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iPhone OS 17.0//EN
N:Ek;Bo;Jo;Dr.;
FN:Dr. Bo Jo Ek
ORG:North\\, South & Co.;Sales;
item1.EMAIL;type=INTERNET:bo@old.example
item1.X-ABLabel:_$!<Other>!$_
item2.EMAIL;type=INTERNET;type=WORK;type=pref:bo@north.example
NOTE:first\\nsecond: third
REV:2026-11-01T10:00:00Z
END:VCARD
"""
OUTLOOK = """BEGIN:VCARD
VERSION:2.1
X-MS-SIGNATURE:YES
N;LANGUAGE=en-gb;CHARSET=windows-1252;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg
FN;CHARSET=windows-1252;ENCODING=QUOTED-PRINTABLE:J=F6rg M=FCller =
of the North
ORG:North Ltd;Sales
EMAIL;PREF;INTERNET:jorg@north.example
X-MS-CARDPICTURE;TYPE=JPEG;ENCODING=BASE64:
 /9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJ
 ChQODwwQFxQYGBcUFhYa

X-MS-OL-DEFAULT-POSTAL-ADDRESS:0
END:VCARD
"""
THUNDERBIRD = """BEGIN:VCARD
VERSION:4.0
EMAIL;PREF=1:kit@supplier.example
EMAIL:kit@home.example
FN:Kit Marsh
N:Marsh;Kit;;;
UID:3f2b1c9e-6a0d-4f8e-9a51-0c7e1d2b3a4f
END:VCARD
"""
NEXTCLOUD = """BEGIN:VCARD
VERSION:4.0
UID:urn:uuid:3F2B1C9E-6A0D-4F8E-9A51-0C7E1D2B3A4F
KIND:individual
FN;PID=1.1;ALTID=1:Kit Marsh
EMAIL;TYPE="work,x:y";PREF=2;PID=1.1:mailto:kit@other.example
GENDER:X
END:VCARD
"""
GROUP = """BEGIN:VCARD
VERSION:4.0
KIND:group
FN:The whole team
EMAIL:team@north.example
EMAIL:team@old.example
MEMBER:mailto:bo@north.example
END:VCARD
"""
APPLE_GROUP = """BEGIN:VCARD
VERSION:3.0
N:Friends
FN:Friends
X-ADDRESSBOOKSERVER-KIND:group
X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:aaaa
END:VCARD
"""
FIRM = """BEGIN:VCARD
VERSION:4.0
KIND:org
FN:Foxglove Chambers
EMAIL:clerks@chambers.example
EMAIL:fees@chambers.example
END:VCARD
"""


def read(text: str | bytes) -> list[Row | Refused]:
    return list(read_vcard(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def rows(text: str | bytes) -> list[Row]:
    found = read(text)
    assert not [one for one in found if isinstance(one, Refused)]
    return [one for one in found if isinstance(one, Row)]


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOGLE, [("p.tann@chambers.example", "Priya Tann", "Foxglove Chambers"),
                  ("priya@home.example", "Priya Tann", "Foxglove Chambers")]),
        (APPLE, [("bo@north.example", "Dr. Bo Jo Ek", "North, South & Co."),
                 ("bo@old.example", "Dr. Bo Jo Ek", "North, South & Co.")]),
        (OUTLOOK, [("jorg@north.example", "Jörg Müller of the North", "North Ltd")]),
        (THUNDERBIRD, [("kit@supplier.example", "Kit Marsh", ""), ("kit@home.example", "Kit Marsh", "")]),
        (NEXTCLOUD, [("kit@other.example", "Kit Marsh", "")]),
        (GROUP, [("team@north.example", "The whole team", ""), ("team@old.example", "The whole team", "")]),
        (FIRM, [("clerks@chambers.example", "Foxglove Chambers", "Foxglove Chambers"),
                ("fees@chambers.example", "Foxglove Chambers", "Foxglove Chambers")]),
    ],
    ids=["google", "apple", "outlook", "thunderbird", "nextcloud", "group", "firm"],
)  # fmt: skip
def test_the_cards_of_other_programs(
    text: str, expected: list[tuple[str, str, str]], end: str
) -> None:
    found = rows(text.replace("\n", end))
    assert [(row.entry, row.name, row.organisation) for row in found] == expected


def test_a_group_without_an_address_of_its_own_is_left_out() -> None:
    (one,) = read(APPLE_GROUP)
    assert isinstance(one, Refused)
    assert one.why == "it has no e-mail address"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["FN:Bo Ek", "N:Other;One;;;"], "Bo Ek"),
        (["N:Ek;Bo;Jo;Dr.;PhD"], "Bo Jo Ek"),
        (["FN:", "N:Ek;;;;"], "Ek"),
        (["N:Ek\\; Sons;Bo"], "Bo Ek; Sons"),
        (["NICKNAME:Bobo"], "Bobo"),
        (["ORG:North;Sales"], "North"),
        (["FN:bo@x.example"], ""),
        (["FN:Bo\\, Ek\\nof the North"], "Bo, Ek of the North"),
        (["FN:Bo\\", "N:Ek;Bo"], "Bo\\"),
        (["FN:Bo", "  Ek"], "Bo Ek"),
        (["FN:B", "\to"], "Bo"),
        (["FN;CHARSET=ISO-8859-15;ENCODING=QUOTED-PRINTABLE:=A4=20Bo"], "€ Bo"),
        (["FN;ENCODING=QUOTED-PRINTABLE:=E2=82=\r\n=AC Bo"], "€ Bo"),
        (["FN;ENCODING=b:UmVuw6k="], "René"),
        (["FN;QUOTED-PRINTABLE:Ren=C3=A9"], "René"),
        (["fn;charset=utf-8:René"], "René"),
        (["a.b.FN:Bo"], "Bo"),
        (["FN:Bo \u202eEk\u200b"], "Bo Ek"),
        (['FN;X="a:b;c":Bo'], "Bo"),
        ([], ""),
    ],
)
def test_names(lines: list[str], name: str) -> None:
    (row,) = rows(card(*lines, "EMAIL:bo@x.example"))
    assert row.name == name


@pytest.mark.parametrize(
    ("lines", "entries"),
    [
        (["EMAIL:b@x.example", "EMAIL;PREF=1:a@x.example"], ["a", "b"]),
        (["EMAIL;PREF=9:b@x.example", "EMAIL;PREF=2:a@x.example"], ["a", "b"]),
        (["EMAIL;HOME:b@x.example", "EMAIL;WORK;PREF:a@x.example"], ["a", "b"]),
        (["EMAIL;TYPE=HOME:b@x.example", "EMAIL;TYPE=WORK,PREF:a@x.example"], ["a", "b"]),
        (["EMAIL;PREF=high:a@x.example", "EMAIL:b@x.example"], ["a", "b"]),
        (["EMAIL:a@x.example", "EMAIL:A@X.EXAMPLE"], ["a"]),
        (["EMAIL:MAILTO:a@x.example"], ["a"]),
        (["EMAIL:Ada <a@x.example>"], ["a"]),
        (["EMAIL: a@x.example "], ["a"]),
        (["EMAIL;ENCODING=QUOTED-PRINTABLE:a=40x.example"], ["a"]),
        (["EMAIL:a@x.exa", " mple"], ["a"]),
        (["EMAIL:a@x.example", "EMAIL:"], ["a"]),
    ],
)
def test_addresses_the_preferred_one_first(lines: list[str], entries: list[str]) -> None:
    assert [row.entry for row in rows(card(*lines))] == [f"{one}@x.example" for one in entries]


def test_a_letter_may_be_cut_in_two_by_a_fold() -> None:
    raw = card("FN:René of the North", "EMAIL:r@x.example").encode()
    for cut in range(raw.index(b"FN:") + 3, raw.index(b" of")):
        assert [row.name for row in rows(raw[:cut] + b"\r\n " + raw[cut:])] == ["René of the North"]


def test_of_a_card_that_is_left_out_the_line_is_told() -> None:
    (one,) = read(card("FN:Bo", "EMAIL:bo at x.example"))
    assert isinstance(one, Refused)
    assert (one.line, one.why, one.given) == (4, "not an address: it has no @", "bo at x.example")


@settings(max_examples=500)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_what_is_escaped_is_read_back(parts: list[str]) -> None:
    r"""As RFC 6350 3.4 asks of a writer: backslash, comma, semicolon; a new line becomes \n."""
    parts = [" ".join(part.split()) for part in parts]
    written = [part.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for part in parts]
    assert components(";".join(written))[: len(parts)] == parts
    assert [unescaped(one) for one in written] == parts


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=60)


@settings(max_examples=1_000)
@given(NAMES, NAMES, st.integers(1, 74), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_card_is_read_back_wherever_it_is_folded(
    name: str, organisation: str, width: int, end: str
) -> None:
    def escaped(text: str) -> str:
        return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")

    def folded(line: bytes) -> bytes:
        cuts = [*range(0, len(line), width), len(line)]
        return (end + " ").encode().join(line[a:b] for a, b in pairwise(cuts))

    lines = ["VERSION:4.0", f"FN:{escaped(name)}", f"ORG:{escaped(organisation)};Sales",
             "EMAIL:bo@x.example"]  # fmt: skip
    raw = end.encode().join(
        [b"BEGIN:VCARD", *(folded(one.encode()) for one in lines), b"END:VCARD"]
    )
    (row,) = rows(raw)
    (plain,) = rows(end.join(["BEGIN:VCARD", *lines, "END:VCARD"]))
    assert row == Row(**{**{f: getattr(plain, f) for f in Row.__slots__}, "line": row.line})
    if "@" not in name and name.strip():
        assert "".join(row.name.split()) == "".join(plain.name.split())
        assert row.name


@settings(max_examples=500)
@given(st.binary(max_size=80))
def test_no_line_makes_it_stumble(raw: bytes) -> None:
    found = taken_apart(1, b"FN" + raw)
    if found:
        assert found.preference >= 0
        assert isinstance(found.kinds, frozenset)
