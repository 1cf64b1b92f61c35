"""D1. 2026, two libraries tried: the reader of vCards gave nothing after the first bad card and took
four seconds for a photo of 10 MB, the reader of LDIF lost a broken value without a word.

Whatever is wrong in a vCard or LDIF file costs the card in which it stands, with its line and the
reason, and never the ones around it; nothing takes memory with the size of the file; nothing that a
file points at is opened.
"""

import codecs
import gzip
import io
import json
import os
import resource
import subprocess
import sys
import tracemalloc
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.contacts import metered
from addin_service.contacts.folded import MOST_BYTES_IN_VALUE
from addin_service.contacts.lines import MOST_BYTES_IN_LINE
from addin_service.contacts.reading import FORMATS, Format, format_of, read_contacts
from addin_service.contacts.report import NotReadable, Refused
from addin_service.contacts.rows import Row

ADA = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEMAIL:ada@x.example\r\nEND:VCARD\r\n"
EVE = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Eve\r\nEMAIL:eve@x.example\r\nEND:VCARD\r\n"
ADA_ENTRY = b"dn: cn=ada\ncn: Ada\nmail: ada@x.example\n\n"
EVE_ENTRY = b"dn: cn=eve\ncn: Eve\nmail: eve@x.example\n\n"
GOOD = ["ada@x.example", "eve@x.example"]


def card(*lines: bytes) -> bytes:
    return b"\r\n".join([b"BEGIN:VCARD", *lines, b"END:VCARD", b""])


def read(raw: bytes, form: Format | None = None) -> list[Row | Refused]:
    return list(read_contacts(io.BytesIO(raw), form))


def entries(found: list[Row | Refused]) -> list[str]:
    return [one.entry for one in found if isinstance(one, Row)]


def reasons(found: list[Row | Refused]) -> list[str]:
    return [one.why for one in found if isinstance(one, Refused)]


class Endless:
    """A stream that is made up while it is read, and never all there."""

    def __init__(self, *pieces: bytes | Iterator[bytes]) -> None:
        self._pieces = chain(*((one,) if isinstance(one, bytes) else one for one in pieces))
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        while not self._rest and (piece := next(self._pieces, None)) is not None:
            self._rest = piece
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


BOB = b"EMAIL:bob@x.example"
LONG = b"a" * (MOST_BYTES_IN_VALUE + 1)
# What stands between two good cards, which of it is read, and why the rest is not.
BAD_CARDS: dict[str, tuple[bytes, list[str], list[str]]] = {
    "no end": (b"BEGIN:VCARD\r\nFN:Bob\r\nEMAIL:bob@x.example\r\n", [], ["no END:VCARD"]),
    "no end, many": (b"BEGIN:VCARD\r\n" * 500, [], ["no END:VCARD"] * 500),
    "only an end": (b"END:VCARD\r\n" * 3, [], ["outside of any card"]),
    "an end of something else": (card(b"END:VCALENDAR", BOB), ["bob@x.example"], []),
    "a calendar in it": (card(b"BEGIN:VEVENT", b"END:VEVENT", BOB), ["bob@x.example"], []),
    "an agent": (card(b"AGENT:", card(BOB).strip(), b"EMAIL:al@x.example"), ["al@x.example"], []),
    "an agent's agent": (
        card(b"AGENT:", card(b"AGENT:", card(BOB).strip()).strip(), b"EMAIL:al@x.example"),
        ["al@x.example"],
        [],
    ),
    "agents too deep": (b"BEGIN:VCARD\r\nAGENT:\r\n" * 9 + b"END:VCARD\r\n" * 9, [], ["one in another"]),
    "agents without end": (b"BEGIN:VCARD\r\nAGENT:\r\n" * 5_000 + b"FN:x\r\n", [], ["no END:VCARD"]),
    "an agent in one line": (card(rb"AGENT:BEGIN:VCARD\nFN:x\nEND:VCARD\n", BOB), ["bob@x.example"], []),
    "an end that is folded": (b"BEGIN:VCARD\r\nFN:Bob\r\n END:VCARD\r\n", [], ["no END:VCARD"]),
    "a line without a colon": (card(b"nonsense", BOB), [], ["no property"]),
    "a name without a value": (card(b"FN;X=1", BOB), [], ["no property"]),
    "a line of nothing but marks": (card(b'";;;"::', BOB), [], ["no property"]),
    "text around it": (b"hello\r\nworld\r\n", [], ["outside of any card"]),
    "NUL in a name": (card(b"FN:B\0b", BOB), [], ["NUL"]),
    "NUL in an address": (card(b"EMAIL:bob\0@x.example"), [], ["NUL"]),
    "NUL in a photo": (card(b"PHOTO:\0\0\0", BOB), ["bob@x.example"], []),
    "NUL behind quoted-printable": (
        card(b"EMAIL;ENCODING=QUOTED-PRINTABLE:bob=00@x.example"), [], ["a space"]),
    "a line of NULs": (card(b"\0" * 1_000, BOB), [], ["NUL"]),
    "no address": (card(b"FN:Bob"), [], ["no e-mail address"]),
    "nothing": (card(), [], ["no e-mail address"]),
    "an empty address": (card(b"EMAIL:", b"EMAIL;TYPE=HOME:   "), [], ["no e-mail address"]),
    "no address but a word": (card(b"EMAIL:bob"), [], ["no @"]),
    "one good, one bad": (card(BOB, b"EMAIL:bob@@x"), ["bob@x.example"], ["more than one @"]),
    "a whole domain": (card(b"EMAIL:@x.example"), [], ["an address"]),
    "an internal name of Exchange": (card(b"EMAIL;EX:/O=Org/OU=Group/CN=bob"), [], ["Exchange"]),
    "an address of two lines": (card(rb"EMAIL:bob@x.example\nBcc: al@x.example"), [], ["an address"]),
    "lines behind quoted-printable": (
        card(b"FN;ENCODING=QUOTED-PRINTABLE:B=0D=0AEMAIL:al@x.example", BOB), ["bob@x.example"], []),
    "an end behind quoted-printable": (
        card(b"FN;ENCODING=QUOTED-PRINTABLE:B=0D=0AEND:VCARD", BOB), ["bob@x.example"], []),
    "a soft end before the end": (
        card(BOB, b"FN;ENCODING=QUOTED-PRINTABLE:Bob="), ["bob@x.example"], []),
    "a soft end that takes the address": (
        card(b"FN;ENCODING=QUOTED-PRINTABLE:Bob=", BOB), [], ["no e-mail address"]),
    "soft ends without end": (
        card(b"FN;ENCODING=QUOTED-PRINTABLE:B=" + b"\r\nob=" * 40_000, b"", BOB), [], ["longer than"]),
    "broken quoted-printable": (
        card(b"FN;ENCODING=QUOTED-PRINTABLE:=ZZ=1", BOB), ["bob@x.example"], []),
    "quoted-printable of nothing": (
        card(b"FN;ENCODING=QUOTED-PRINTABLE:=", b"", BOB), ["bob@x.example"], []),
    "broken base64": (card(b"FN;ENCODING=b:%%%", BOB), [], ["encoding that it names"]),
    "base64 in base64": (
        card(b"EMAIL;ENCODING=b:" + b64encode(b64encode(b"bob@x.example"))), [], ["no @"]),
    "an unknown encoding": (card(b"FN;ENCODING=X-ZIP:abc", BOB), ["bob@x.example"], []),
    "a character set that unpacks": (card(b"FN;CHARSET=zlib:abc", BOB), ["bob@x.example"], []),
    "a character set that is none": (card(b"FN;CHARSET=" + b"x" * 900 + b":a", BOB), ["bob@x.example"], []),
    "a wrong character set": (card(b"FN;CHARSET=UTF-8:Ren\xe9", BOB), ["bob@x.example"], []),
    "half a letter": (card("FN:\u20ac".encode()[:-1], BOB), ["bob@x.example"], []),
    "an address in UTF-16": (card(b"EMAIL;CHARSET=utf-16:bob@x.example"), [], ["not an address"]),
    "a letter cut by a fold": (card(b"FN:Ren\xc3", b" \xa9", BOB), ["bob@x.example"], []),
    "a long name": (card(b"FN:" + LONG, BOB), [], ["longer than 65,536"]),
    "a long name, folded": (card(b"FN:a", *[b" " + b"a" * 74] * 1_000, BOB), [], ["longer than"]),
    "a long address": (card(b"EMAIL:" + b"a" * 400 + b"@x.example"), [], ["too long"]),
    "a long line": (card(b"FN:" + b"a" * MOST_BYTES_IN_LINE, BOB), [], ["longer than 1,000,000"]),
    "a long name of a property": (card(b"X" * 5_000 + b":a", BOB), [], ["no property"]),
    "a long parameter": (card(b"FN;X=" + LONG + b":Bob", BOB), [], ["longer than"]),
    "a quotation mark": (card(b'EMAIL;X=":bob@x.example'), ["bob@x.example"], []),
    "quotation marks": (card(b"EMAIL;X=" + b'"' * 60_001 + b":bob@x.example"), ["bob@x.example"], []),
    "semicolons": (card(b"EMAIL" + b";" * 60_000 + b":bob@x.example"), ["bob@x.example"], []),
    "backslashes": (card(b"FN:" + b"\\" * 60_001, b"N:" + b"\\" * 60_001, BOB), ["bob@x.example"], []),
    "many properties": (card(*[b"X-A:1"] * 1_001, BOB), [], ["1,000 properties"]),
    "many names": (card(*[b"FN:a"] * 301, BOB), [], ["300 names"]),
    "many addresses": (
        card(*[b"EMAIL:a%d@x.example" % n for n in range(201)]), [], ["200 e-mail addresses"]),
    "a photo": (card(b"PHOTO;ENCODING=b:" + b"A" * 300_000, BOB), ["bob@x.example"], []),
    "a photo in one line": (card(b"PHOTO:" + b"A" * MOST_BYTES_IN_LINE, BOB), ["bob@x.example"], []),
    "a photo, not folded": (
        card(b"PHOTO;JPEG;BASE64:", *[b"A" * 70] * 5_000, b"", BOB), ["bob@x.example"], []),
    "a photo that is broken": (card(b"PHOTO;ENCODING=b:%%%", BOB), ["bob@x.example"], []),
    "a photo elsewhere": (card(b"PHOTO;VALUE=uri:file:///etc/passwd", BOB), ["bob@x.example"], []),
    "a mark in the middle": (codecs.BOM_UTF8 + card(BOB), ["bob@x.example"], []),
    "an archive in the middle": (gzip.compress(card(BOB), mtime=0) + b"\r\n", [], ["outside"]),
    "blanks around the colon": (card(BOB).replace(b"BEGIN:", b"begin : "), ["bob@x.example"], []),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_CARDS)
def test_a_bad_card_costs_itself_and_no_other(name: str) -> None:
    bad, expected, why = BAD_CARDS[name]
    found = read(ADA + bad + EVE)
    assert entries(found) == [GOOD[0], *expected, GOOD[1]]
    assert len(reasons(found)) == len(why)
    assert all(part in reason for part, reason in zip(why, reasons(found), strict=True))
    after = ADA.count(b"\n") + bad.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
    lines = [one.line for one in found if isinstance(one, Refused)]
    assert all(ADA.count(b"\n") < line <= after for line in lines)


BAD_ENTRIES: dict[str, tuple[bytes, list[str], list[str]]] = {
    "no name": (b"cn: Bob\nmail: bob@x.example\n", [], ["begin with dn:"]),
    "no address": (b"dn: cn=bob\ncn: Bob\n", [], ["no e-mail address"]),
    "not parted": (b"dn: cn=bob\nmail: bob@x.example\n", ["bob@x.example"], []),
    "a line without a colon": (b"dn: cn=bob\nnonsense\nmail: bob@x.example\n\n", [], ["no attribute"]),
    "a change": (b"dn: cn=bob\nchangetype: modify\nreplace: mail\nmail: b@x.example\n-\n\n", [], ["changes"]),
    "a removal": (b"dn: cn=bob\nchangetype: delete\n\n", [], ["changes or removes"]),
    "a move": (b"dn: cn=bob\nchangetype: modrdn\nnewrdn: cn=al\ndeleteoldrdn: 1\n\n", [], ["changes"]),
    "a removal in base64": (b"dn: cn=bob\nchangetype:: ZGVsZXRl\nmail: bob@x.example\n\n", [], ["removes"]),
    "an addition": (
        b"dn: cn=bob\nControl: 1.2.840 false\nchangetype: add\nmail: bob@x.example\n\n",
        ["bob@x.example"], []),
    "an address elsewhere": (b"dn: cn=bob\nmail:< file:///etc/hostname\n\n", [], ["never opened"]),
    "a photo elsewhere": (
        b"dn: cn=bob\nmail: bob@x.example\njpegPhoto:< http://127.0.0.1:1/\n\n", ["bob@x.example"], []),
    "broken base64": (b"dn: cn=bob\nmail:: %%%\n\n", [], ["base64"]),
    "base64 without its end": (b"dn: cn=bob\nmail:: Ym9iQHguZXhhbXBsZQ\n\n", [], ["base64"]),
    "base64 of nothing": (b"dn: cn=bob\nmail::\n\n", [], ["no e-mail address"]),
    "NUL": (b"dn: cn=bob\ncn: B\0b\nmail: bob@x.example\n\n", [], ["NUL"]),
    "NUL in base64": (b"dn: cn=bob\nmail:: Ym9iAEB4LmV4YW1wbGU=\n\n", [], ["a space"]),
    "two lines in base64": (
        b"dn: cn=bob\nmail:: " + b64encode(b"bob@x.example\nmail: al@x.example") + b"\n\n", [],
        ["not an address"]),
    "a whole domain": (b"dn: cn=bob\nmail: @x.example\n\n", [], ["not an address"]),
    "a photo": (
        b"dn: cn=bob\njpegPhoto:: " + b"A" * 300_000 + b"\nmail: bob@x.example\n\n", ["bob@x.example"], []),
    "a photo in one line": (
        b"dn: cn=bob\njpegPhoto:: " + b"A" * MOST_BYTES_IN_LINE + b"\nmail: bob@x.example\n\n",
        ["bob@x.example"], []),
    "a long name": (b"dn: cn=bob\ncn: " + LONG + b"\nmail: bob@x.example\n\n", [], ["longer than"]),
    "a long line": (
        b"dn: cn=bob\nmail: " + b"a" * MOST_BYTES_IN_LINE + b"\n\n", [], ["longer than 1,000,000"]),
    "a long name of an attribute": (b"dn: cn=bob\n" + b"x" * 5_000 + b": a\n\n", [], ["no attribute"]),
    "many values": (b"dn: cn=bob\n" + b"x: 1\n" * 20_001 + b"\n", [], ["20,000 values"]),
    "many names": (b"dn: cn=bob\n" + b"cn: b\n" * 1_001 + b"\n", [], ["1,000 names"]),
    "many addresses": (
        b"dn: cn=bob\n" + b"".join(b"mail: a%d@x.example\n" % n for n in range(201)) + b"\n", [],
        ["200 e-mail addresses"]),
    "another wire": (
        b"dn: cn=bob\nmail: bob@x.example\nproxyAddresses: X400:c=GB;a= ;p=x\nproxyAddresses: sip:b@x.example\n\n",
        ["bob@x.example"], []),
    "a group": (b"dn: cn=all\nobjectClass: groupOfNames\nmember: cn=ada\n\n", [], ["no e-mail address"]),
    "a comment that is folded": (
        b"# dn: cn=no\n mail: no@x.example\ndn: cn=bob\nmail: bob@x.example\n\n", ["bob@x.example"], []),
    "an answer below": (b"search: 2\nresult: 0 Success\n\n", [], []),
    "dashes": (b"-\n-\n\n", [], []),
    "half a letter": (b"dn: cn=bob\ncn: Ren\xe9\nmail: bob@x.example\n\n", ["bob@x.example"], []),
    "a mark in the middle": (
        codecs.BOM_UTF8 + b"dn: cn=bob\nmail: bob@x.example\n\n", [], ["no attribute"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_ENTRIES)
def test_a_bad_entry_costs_itself_and_no_other(name: str) -> None:
    bad, expected, why = BAD_ENTRIES[name]
    found = read(b"version: 1\n\n" + ADA_ENTRY + bad + EVE_ENTRY)
    assert entries(found) == [GOOD[0], *expected, GOOD[1]]
    assert len(reasons(found)) == len(why)
    assert all(part in reason for part, reason in zip(why, reasons(found), strict=True))


@pytest.mark.parametrize(
    "cut", [b"", b"EMAIL:b", b"EMAIL;ENCODING=QUOTED-PRINTABLE:b=", b" x", b"\0"]
)
def test_a_card_that_ends_with_the_file_is_left_out(cut: bytes) -> None:
    found = read(ADA + b"BEGIN:VCARD\r\nFN:Eve\r\nEMAIL:eve@x.example\r\n" + cut)
    assert entries(found) == GOOD[:1]
    assert reasons(found) == ["it has no END:VCARD"]


@pytest.mark.parametrize("form", ["vcard", "ldif"])
def test_the_lines_of_a_card_are_counted(form: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("addin_service.contacts.vcard_cards.MOST_LINES", 50)
    monkeypatch.setattr("addin_service.contacts.ldif_entries.MOST_LINES", 50)
    photo = b"PHOTO:A" + b"\r\n A" * 60 + b"\r\n"
    before, after = (ADA, EVE) if form == "vcard" else (ADA_ENTRY, EVE_ENTRY)
    if form == "vcard":
        bad = b"BEGIN:VCARD\r\n" + photo + b"EMAIL:bob@x.example\r\nEND:VCARD\r\n"
    else:
        bad = b"dn: cn=bob\r\n" + photo + b"mail: bob@x.example\r\n\r\n"
    found = read(before + bad + after)
    assert entries(found) == GOOD
    assert reasons(found) == ["it has more than 50 lines"]


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("contacts.vcf", ADA * 10_000)
    return packed.getvalue()


NOT_READABLE: dict[str, tuple[bytes, Format | None, str]] = {
    "gzip": (gzip.compress(ADA * 10_000), None, "gzip"),
    "gzip, called a vCard": (gzip.compress(ADA), "vcard", "gzip"),
    "gzip, called LDIF": (gzip.compress(ADA_ENTRY), "ldif", "gzip"),
    "zip": (archive(), None, "ZIP"),
    "zip, called a vCard": (archive(), "vcard", "ZIP"),
    "xz": (b"\xfd7zXZ\x00" + b"\0" * 50, "ldif", "xz"),
    "nothing": (b"", "vcard", "empty"),
    "nothing, LDIF": (b"\n\n# nothing\n", "ldif", "no directory entry"),
    "another version": (b"version: 2\n\n" + ADA_ENTRY, None, "another version"),
    "a mark alone": (codecs.BOM_UTF8, "vcard", "empty"),
    "an Outlook data file": (b"!BDN" + b"\0" * 50, None, "pst"),
}


@pytest.mark.parametrize("name", NOT_READABLE)
def test_what_is_no_such_file_is_refused_as_a_whole(name: str) -> None:
    raw, form, message = NOT_READABLE[name]
    with pytest.raises(NotReadable, match=message) as refusal:
        read(raw, form)
    assert refusal.value.hint


@pytest.mark.parametrize(
    "form_and_text",
    [("vcard", ADA.decode() + EVE.decode()), ("ldif", (ADA_ENTRY + EVE_ENTRY).decode())],
    ids=["vcard", "ldif"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_and_ends_of_lines(form_and_text: tuple[str, str], encoding: str, end: str) -> None:
    form, text = form_and_text
    raw = text.replace("\r\n", "\n").replace("\n", end).encode(encoding)
    if encoding == "utf-16-be":
        raw = codecs.BOM_UTF16_BE + raw
    assert format_of(raw) == form
    assert entries(read(raw)) == GOOD


A_CARD = b"BEGIN:VCARD\r\nFN:Ada\r\nEMAIL:ada@x.example\r\n"
LARGE: dict[str, tuple[Endless, int]] = {
    "a photo of 50 MB": (
        Endless(A_CARD, b"PHOTO;ENCODING=b:A\r\n", repeat((b" " + b"A" * 74 + b"\r\n") * 850, 785),
                b"END:VCARD\r\n", EVE), 2),
    "a photo of 100 MB in one line": (
        Endless(A_CARD, b"PHOTO;ENCODING=b:", repeat(b"A" * 65_536, 1_600), b"\r\nEND:VCARD\r\n", EVE), 2),
    "a name of 100 MB in one line": (
        Endless(A_CARD, b"FN:", repeat(b"A" * 65_536, 1_600), b"\r\nEND:VCARD\r\n", EVE), 1),
    "100 MB of soft ends": (
        Endless(A_CARD, b"NOTE;ENCODING=QUOTED-PRINTABLE:", repeat(b"A" * 990 + b"=\r\n", 100_000),
                b"\r\nEND:VCARD\r\n", EVE), 2),
    "blank lines": (Endless(A_CARD, repeat(b"\r\n" * 1_000, 500), b"END:VCARD\r\n", EVE), 2),
    "a directory's photo": (
        Endless(ADA_ENTRY, b"dn: cn=b\njpegPhoto:: A\n", repeat((b" " + b"A" * 76 + b"\n") * 850, 500),
                b"\n", EVE_ENTRY), 2),
}  # fmt: skip


@pytest.mark.no_cover
@pytest.mark.parametrize("name", LARGE)
def test_what_is_large_is_passed_over_and_not_held(name: str) -> None:
    stream, expected = LARGE[name]
    tracemalloc.start()
    found = entries(list(read_contacts(stream)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == GOOD[-expected:]
    assert peak < 20_000_000


@pytest.mark.no_cover
@pytest.mark.parametrize("form", FORMATS)
def test_many_cards_are_not_held_together(form: Format) -> None:
    many = {"vcard": EVE, "ldif": EVE_ENTRY, "csv": b"eve@x.example,Eve\r\n"}[form]
    start = b"email,name\r\n" if form == "csv" else b""
    tracemalloc.start()
    count = sum(1 for _ in read_contacts(Endless(start, repeat(many * 100, 200))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 5_000_000


@pytest.mark.parametrize("form", FORMATS)
def test_the_budgets_of_a_file(form: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    many = {"vcard": EVE, "ldif": EVE_ENTRY, "csv": b"eve@x.example,Eve\r\n"}[form]
    start = b"email,name\r\n" if form == "csv" else b""
    minutes = iter(range(0, 10_000_000, 60))
    with pytest.raises(NotReadable, match="took more than 1800 seconds"):
        list(read_contacts(Endless(start, repeat(many, 1_000)), form, lambda: next(minutes)))
    monkeypatch.setattr(metered, "MOST_BYTES_IN_FILE", 20_000)
    with pytest.raises(NotReadable, match="larger than 20,000 bytes"):
        list(read_contacts(Endless(start, repeat(many, 2_000)), form))
    monkeypatch.setattr("addin_service.contacts.reading.MOST_ENTRIES", 10)
    with pytest.raises(NotReadable, match="more than 10 entries"):
        list(read_contacts(io.BytesIO(start + many * 11), form))
    assert len(list(read_contacts(io.BytesIO(start + many * 10), form))) == 10


def pointing(url: bytes) -> list[str]:
    """Whom two files name that say of everything that it stands there."""
    ldif = b"dn: cn=a\nmail:< " + url + b"\ncn:< " + url + b"\njpegPhoto:< http://127.0.0.1:1/x\n"
    return entries(read(ldif) + read(card(b"EMAIL;VALUE=uri:" + url, b"PHOTO;VALUE=uri:" + url)))


def test_nothing_that_a_file_points_at_is_opened(tmp_path: Path) -> None:
    """In a process of its own: an audit hook cannot be removed, and hinders others (see G9)."""
    secret = tmp_path / "secret.txt"
    secret.write_text("mallory@x.example")
    program = (
        "import json, sys\n"
        "from tests.security.test_d01_import_bombs import WATCHED, pointing\n"
        "seen, secret, url = [], sys.argv[1], sys.argv[2].encode()\n"
        "pointing(url)\n"  # once before, so that all modules are loaded
        "sys.addaudithook(lambda event, _: seen.append(event) if event in WATCHED else None)\n"
        "named, meanwhile = pointing(url), list(seen)\n"
        "open(secret).close()\n"
        "print(json.dumps([named, meanwhile, seen]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(secret), secret.as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert json.loads(done.stdout) == [[], [], ["open"]]


WATCHED = ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "urllib.Request")


def test_the_service_never_loads_these_readers() -> None:
    loaded = "import sys, addin_service.web.app, addin_service.web.server, addin_service.folder\n"
    asked = "print(sorted(m for m in sys.modules if m.startswith('addin_service.contacts')))"
    done = subprocess.run(
        [sys.executable, "-c", loaded + asked], capture_output=True, text=True, check=True
    )
    assert "addin_service.contacts.csv_in" in done.stdout
    for reader in ("vcard", "ldif", "reading"):
        assert f"contacts.{reader}" not in done.stdout


PIECES = [
    b"BEGIN:VCARD", b"END:VCARD", b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b"=", b'"', b"\\",
    b"EMAIL", b"FN", b"N", b"ORG", b"UID", b"KIND:group", b"item1.", b"bob@x.example", b"PHOTO",
    b";ENCODING=QUOTED-PRINTABLE", b";ENCODING=b", b";BASE64", b";CHARSET=utf-16", b"AGENT:",
    b"=0D=0A", b"\0", b"\xff", b"\xef\xbb\xbf", b"dn: cn=x", b"mail: ", b"mail:: ", b"mail:< ",
    b"changetype: modify", b"version: 1", b"version: 7", b"#", b"-", b"objectGUID:: AAAA",
    b"proxyAddresses: smtp:", b"Ym9i", b"PK\x03\x04", b"email,name", b",",
]  # fmt: skip
SOUP = st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=60).map(b"".join)


@settings(max_examples=1_000)
@given(SOUP, st.sampled_from([None, *FORMATS]))
def test_no_bytes_whatever_raise_anything_but_the_projects_own(
    raw: bytes, form: Format | None
) -> None:
    try:
        found = read(raw, form)
    except NotReadable:
        return
    last = raw.count(b"\n") + raw.count(b"\r") + 1
    assert all(0 < one.line <= last for one in found)


@settings(max_examples=1_000)
@given(SOUP.filter(lambda raw: b"AGENT" not in raw))
def test_no_card_is_lost_after_a_bad_one(raw: bytes) -> None:
    found = entries(read(ADA + raw + b"\r\n" + EVE, "vcard"))
    assert (found[0], found[-1]) == ("ada@x.example", "eve@x.example")


@settings(max_examples=1_000)
@given(SOUP)
def test_no_directory_entry_is_lost_after_a_bad_one(raw: bytes) -> None:
    found = entries(read(ADA_ENTRY + raw + b"\r\n\r\n" + EVE_ENTRY, "ldif"))
    assert (found[0], found[-1]) == ("ada@x.example", "eve@x.example")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="limits of memory are set by resource, on POSIX alone")
def test_a_gigabyte_in_one_line_is_read_in_little_memory() -> None:
    """The memory of the whole process is limited, not only what Python counts."""
    program = (
        "import itertools\n"
        "from tests.security.test_d01_import_bombs import A_CARD, EVE, Endless, entries\n"
        "from addin_service.contacts.reading import read_contacts\n"
        "line = itertools.repeat(b'A' * 1_000_000, 1_000)\n"
        "stream = Endless(A_CARD, b'PHOTO;ENCODING=b:', line, b'\\r\\nEND:VCARD\\r\\n', EVE)\n"
        "print(entries(list(read_contacts(stream))))\n"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (400_000_000, 400_000_000))

    done = subprocess.run(
        [sys.executable, "-c", program],
        preexec_fn=limit, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True, timeout=250,
    )  # fmt: skip
    assert done.stdout.strip() == str(GOOD)
