"""Contacts are read from the files that people have, and every line left out is accounted for."""

import codecs
import io
import tracemalloc
from collections.abc import Callable
from datetime import date
from typing import BinaryIO, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.contacts.csv_in import read_csv
from addin_service.contacts.report import NotReadable, Refused
from addin_service.contacts.rows import Row

MakeStream: TypeAlias = Callable[[bytes, bytes, int, bytes], BinaryIO]


def read(text: str | bytes) -> list[Row | Refused]:
    return list(read_csv(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def rows(text: str | bytes) -> list[Row]:
    found = read(text)
    assert not [one for one in found if isinstance(one, Refused)]
    return [one for one in found if isinstance(one, Row)]


def entries(text: str | bytes) -> list[str]:
    return [one.entry for one in read(text) if isinstance(one, Row)]


def refused(text: str | bytes) -> dict[int, str]:
    return {one.line: one.why for one in read(text) if isinstance(one, Refused)}


def test_our_own_columns() -> None:
    (row,) = rows(
        "name,email,organisation,status,reason,expires,owner\r\n"
        "Priya Tann,P.Tann@Chambers.example,Foxglove Chambers,blocked,left,2030-12-31,Sam\r\n"
    )
    assert row == Row(
        line=2,
        entry="p.tann@chambers.example",
        address=row.address,
        name="Priya Tann",
        organisation="Foxglove Chambers",
        status="blocked",
        reason="left",
        expires=date(2030, 12, 31),
        owner="Sam",
    )
    assert str(row.address) == "P.Tann@chambers.example"


OUTLOOK = (
    '"Title","First Name","Middle Name","Last Name","Suffix","Company","Department","Notes",'
    '"E-mail Address","E-mail Type","E-mail Display Name","E-mail 2 Address",'
    '"E-mail 2 Display Name","E-mail 3 Address","Sensitivity"\r\n'
)
GOOGLE_OLD = (
    "Name,Given Name,Additional Name,Family Name,Notes,Group Membership,E-mail 1 - Type,"
    "E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Organization 1 - Name\n"
)
GOOGLE_NEW = (
    "First Name,Middle Name,Last Name,File As,Organization Name,Organization Title,Labels,"
    "E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            OUTLOOK + '"Ms","Priya","","Tann","","Foxglove","","line\r\nline, ""two""",'
            '"p.tann@x.example","SMTP","Priya Tann (p.tann@x.example)",'
            '"priya@home.example","","","Normal"\r\n',
            [
                ("p.tann@x.example", "Priya Tann", "Foxglove"),
                ("priya@home.example", "Priya Tann", "Foxglove"),
            ],
        ),
        (
            OUTLOOK + '"","","","","","","","","p.tann@x.example","SMTP",'
            '"Tann, Priya (p.tann@x.example)","","","",""\r\n',
            [("p.tann@x.example", "Tann, Priya", "")],
        ),
        (
            OUTLOOK + '"","","","","","","","","a@x.example","SMTP","a@x.example","","","",""\r\n',
            [("a@x.example", "", "")],
        ),
        (
            GOOGLE_OLD + "Bo Ek,Bo,,Ek,,* myContacts,* Work,bo@x.example ::: b.ek@y.example,"
            "Home,bo@z.example,North Ltd\n",
            [
                ("bo@x.example", "Bo Ek", "North Ltd"),
                ("b.ek@y.example", "Bo Ek", "North Ltd"),
                ("bo@z.example", "Bo Ek", "North Ltd"),
            ],
        ),
        (
            GOOGLE_NEW + "Bo,Jo,Ek,,North,Head,* x,Work,bo@x.example,,\n",
            [("bo@x.example", "Bo Jo Ek", "North")],
        ),
        ("email\na@x.example\n", [("a@x.example", "", "")]),
        ("Email Address;Full Name\na@x.example;Bo\n", [("a@x.example", "Bo", "")]),
        ("E-MAIL\tNAME\na@x.example\tBo\n", [("a@x.example", "Bo", "")]),
        ("sep=;\nemail;name\na@x.example;Bo\n", [("a@x.example", "Bo", "")]),
        ('email,name\na@x.example,"Ek, Bo"\n', [("a@x.example", "Ek, Bo", "")]),
        ("\n\n email , name \n\n a@x.example , Bo  Ek \n\n", [("a@x.example", "Bo Ek", "")]),
        ("email\nBo Ek <a@x.example>\n", [("a@x.example", "Bo Ek", "")]),
        ("email\na@x.example; b@x.example;\n", [("a@x.example", "", ""), ("b@x.example", "", "")]),
        ("email\n'a@x.example'\n", [("a@x.example", "", "")]),
        ("email,name,,,\na@x.example,Bo,,,,,,\n", [("a@x.example", "Bo", "")]),
        ("email\n@chambers.example\n", [("@chambers.example", "", "")]),
        ("email\n*@Bücher.example\n", [("@xn--bcher-kva.example", "", "")]),
        ("domain,organisation\nchambers.example,Fox\n", [("@chambers.example", "", "Fox")]),
        ("email\ra@x.example\rb@x.example", [("a@x.example", "", ""), ("b@x.example", "", "")]),
        (
            "email,name\na@x.example,O\u2019Hara\u202e \u200bLee\n",
            [("a@x.example", "O’Hara Lee", "")],
        ),
    ],
)
def test_the_columns_of_other_programs(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(row.entry, row.name, row.organisation) for row in rows(text)] == expected


@pytest.mark.parametrize(
    "raw",
    [
        "name,email\nRené,r@x.example\n".encode(),
        "name,email\nRené,r@x.example\n".encode("utf-8-sig"),
        "name,email\nRené,r@x.example\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + "name,email\r\nRené,r@x.example\r\n".encode("utf-16-be"),
        "name,email\nRené,r@x.example\n".encode("cp1252"),
    ],
)
def test_the_character_sets_of_other_programs(raw: bytes) -> None:
    assert [row.name for row in rows(raw)] == ["René"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Bo,", "it has no e-mail address"),
        ("Bo", "it has no e-mail address"),
        ('"",""', "it has no e-mail address"),
        ("Bo,bo@chambers", "no ending"),
        ('Bo,"bo@chambers,example"', "a comma"),
        ("Bo,bo@@x.example", "more than one @"),
        ("Bo,bo at x.example", "no @"),
        ("Bo,b o@x.example", "a space"),
        ("Bo,bo.ek@x..example", "a dot is doubled"),
        ("Bo,@example", "no ending"),
        ("Bo,@", "written as an address"),
        ("Bo,*@*.example", "written as an address"),
        ("Bo,/o=Org/ou=Group/cn=bo", "Exchange"),
        ("Ek, Bo,bo@x.example", "more cells"),
        ("Bo,bo@x.example,maybe", "neither known nor blocked"),
        ("Bo,bo@x.example,known,31/12/2030", "2030-12-31"),
        ("Bo,bo@x.example,known,2030-02-30", "2030-12-31"),
        ("Bo,bo@x.example,known,20301231", "2030-12-31"),
        ("Bo,bo@x.ex\0ample", "NUL"),
        ('"Bo,bo@x.example', "never closed"),
        ('"B"o,bo@x.example', "wrong place"),
        ("Bo," + "b" * 400 + "@x.example", "too long"),
        ("B" * 10_001 + ",bo@x.example", "longer than 10,000 characters"),
        ('"' + "B" * 200_000 + '",bo@x.example', "too long"),
        ("B" * 1_000_001 + ",bo@x.example", "longer than 1,000,000 bytes"),
        ("Bo,bo@\N{CYRILLIC SMALL LETTER A}\N{ZERO WIDTH SPACE}.", "an address"),
        ("Bo,=1+1", "no @"),
        ("Bo,<script>", "an address"),
    ],
)
def test_a_bad_line_costs_itself_and_no_other(line: str, why: str) -> None:
    text = f"name,email,status,expires\nAda,ada@x.example\n{line}\nEve,eve@x.example\n"
    if "more cells" in why:
        text = text.replace(",status,expires", "")
    assert entries(text) == ["ada@x.example", "eve@x.example"]
    assert list(refused(text)) == [3]
    assert why in refused(text)[3]


def test_a_refusal_keeps_what_was_given_out_of_its_reason() -> None:
    (one,) = read("email\nsecret.person@nowhere\n")
    assert isinstance(one, Refused)
    assert "secret" not in one.why
    assert one.given == "secret.person@nowhere"


def test_of_several_addresses_on_a_line_the_good_ones_count() -> None:
    text = "email,email 2\na@x.example,broken\n"
    assert entries(text) == ["a@x.example"]
    assert refused(text) == {2: "not an address: it has no @"}


def test_lines_are_counted_through_cells_of_many_lines() -> None:
    text = 'email,notes\na@x.example,"one\ntwo\r\nthree"\nbroken,\nb@x.example,\n'
    assert [one.line for one in read(text)] == [2, 5, 6]


def test_two_stray_quotes_far_apart_swallow_nothing_between_them() -> None:
    between = "".join(f"n,a{n}@x.example\n" for n in range(20))
    text = f'name,email\n"n,b@x.example\n{between}"n,c@x.example\n'
    assert len(entries(text)) == 20
    assert list(refused(text)) == [2, 23]


GARBAGE: list[bytes] = [
    b"",
    b"\n\n\n",
    b"\0",
    b"\0" * 100_000,
    b"\xff\xfe",
    b"\xff\xfe\0",
    b"\xfe\xff\0",
    codecs.BOM_UTF8,
    codecs.BOM_UTF8 * 3,
    codecs.BOM_UTF32_LE + "email\n".encode("utf-32-le"),
    "email\na@x.example".encode("utf-16-le"),
    b"PK\x03\x04" + b"x" * 100,
    b"PK\x05\x06" + b"\0" * 18,
    b"\x1f\x8b\x08\0",
    b"BZh91AY",
    b"\xfd7zXZ\0",
    b"7z\xbc\xaf\x27\x1c",
    b"\x28\xb5\x2f\xfd",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"!BDN",
    b"%PDF-1.7",
    b"a@x.example\nb@x.example\n",
    b"name,organisation\nBo,North\n",
    b'"email\na@x.example\n',
    b'"e"mail\na@x.example\n',
    b"e" * 1_000_001,
    b"," * 300 + b"email\n",
    b"BEGIN:VCARD\nEMAIL:a@x.example\nEND:VCARD\n",
    b"dn: cn=a\nmail: a@x.example\n",
    b"From a@x.example Mon Nov 23 14:10:33 2026\n",
    b"<html><table><tr><td>email</td></tr></table>",
    b"sep=;",
    b"sep=,\n\n",
]


@pytest.mark.parametrize("raw", GARBAGE, ids=range(len(GARBAGE)))
def test_a_file_that_is_no_list_of_contacts_is_refused_as_a_whole(raw: bytes) -> None:
    with pytest.raises(NotReadable) as refusal:
        read(raw)
    assert refusal.value.message
    assert "email" in refusal.value.hint or "CSV" in refusal.value.hint


NASTY: list[tuple[bytes, list[str]]] = [
    (b"email\na@x.example", ["a@x.example"]),
    (b"email\n\xff\xfe@x.example\nb@x.example", ["\xff\xfe@x.example", "b@x.example"]),
    (b"email\n\x81\x8d\nb@x.example\n", ["b@x.example"]),
    (b"email\n\xed\xa0\x80@x.example\nb@x.example\n", ["b@x.example"]),
    (b"email\n" + codecs.BOM_UTF8 + b"a@x.example\n", ["a@x.example"]),
    (b"email\r\r\na@x.example\r\r\n", ["a@x.example"]),
    (b'email\n"a@x.example"\n', ["a@x.example"]),
    (b'email\n"a@x.example', []),
    (b'email\n"\n"\n"\n', []),
    (b"email\n" + b'"' * 10_001, []),
    (b"email\n" + b'",' * 10_000, []),
    (b"email\n" + b'"a\n' * 2_000 + b"b@x.example\n", ["b@x.example"]),
    (b"email\n" + b'"a""\n' * 2_000 + b"b@x.example\n", ["b@x.example"]),
    (b'email\n"' + b"a\n" * 2_000 + b"b@x.example\n", ["b@x.example"]),
    (b"email\n" + b"," * 100_000 + b"\n", []),
    (b"email\n" + b";" * 900_000 + b"\nb@x.example\n", ["b@x.example"]),
    (b"email\n" + b" " * 900_000 + b"\nb@x.example\n", ["b@x.example"]),
    (b"email\n" + b"<" * 9_000 + b"\nb@x.example\n", ["b@x.example"]),
    (b"email\n" + b"=;" * 4_500 + b"\nb@x.example\n", ["b@x.example"]),
    (b"email\n" + b":::" * 3_000 + b"\nb@x.example\n", ["b@x.example"]),
    (b"email\n" + b"@" * 9_000 + b"\nb@x.example\n", ["b@x.example"]),
    (b"email\n" + b"." * 200 + b"@x.example\nb@x.example\n", ["b@x.example"]),
    (b"email,email\na@x.example,b@x.example\n", ["a@x.example", "b@x.example"]),
    (b"email,email\na@x.example,a@x.example\n", ["a@x.example"]),
    (b"email\na@x.example\nA@X.EXAMPLE\n", ["a@x.example", "a@x.example"]),
    (b"email\n'=a@x.example\n", ["=a@x.example"]),
    (b"email\n=a@x.example\n", ["=a@x.example"]),
    (b"email\n''=a@x.example\n", ["'=a@x.example"]),
    (b"email\n'@x.example\n", ["@x.example"]),
    (b"email\nTO:a@x.example\r\nb@x.example\n", ["b@x.example"]),
    (b"email\na@x.example\x0b\nb@x.example\x1c\n", ["a@x.example", "b@x.example"]),
    (b'email\n"a@x.example\nBcc: c@x.example"\nb@x.example\n', ["b@x.example"]),
    ("email\n\u202ea@x.example\n".encode(), ["a@x.example"]),
    ("email\na@x。example\n".encode(), ["a@x.example"]),
    ("email\na＠x.example\n".encode(), []),
    ("email\na@\N{KELVIN SIGN}.example\n".encode(), ["a@k.example"]),
]


@pytest.mark.parametrize(("raw", "expected"), NASTY, ids=range(len(NASTY)))
def test_nasty_files_give_what_is_good_in_them(raw: bytes, expected: list[str]) -> None:
    assert entries(raw) == expected


@pytest.mark.no_cover
@pytest.mark.parametrize("middle", [b"x" * 65_536, b'"' * 65_536, b'","' * 20_000, b"\r" * 65_536])
def test_a_line_without_end_takes_little_memory(middle: bytes, made_up: MakeStream) -> None:
    stream = made_up(b"email\na@x.example\n", middle, 1_600, b"\nb@x.example\n")
    if middle[:1] == b"\r":
        stream = made_up(b"email\na@x.example\n", middle, 4, b"\nb@x.example\n")
    tracemalloc.start()
    found = [one.entry for one in read_csv(stream) if isinstance(one, Row)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == ["a@x.example", "b@x.example"]
    assert peak < 20_000_000


@pytest.mark.no_cover
def test_a_hundred_thousand_lines_take_little_memory(made_up: MakeStream) -> None:
    line = "".join(f"Bo {n},@x{n}.example,North\n" for n in range(1_000)).encode()
    stream = made_up(b"name,email,organisation\n", line, 100, b"")
    tracemalloc.start()
    count = sum(isinstance(one, Row) for one in read_csv(stream))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 10_000_000


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_no_bytes_whatever_make_it_stumble(raw: bytes) -> None:
    for one in read_csv(io.BytesIO(b"name,email\n" + raw)):
        assert one.line > 1


@settings(max_examples=500)
@given(st.text("ab@.,;\"'=\n\r\t <>:*/é\u202e", max_size=200))
def test_every_line_with_something_on_it_is_accounted_for(text: str) -> None:
    found = read("name,email\n" + text)
    assert len({one.line for one in found}) <= text.count("\n") + text.count("\r") + 1
    for one in found:
        assert isinstance(one, Row) or one.why
