"""Nothing that a person typed becomes a header line, and names arrive as they were written."""

from email.utils import getaddresses
from typing import cast

import pytest

from addin_service.sealing import headers
from addin_service.sealing.mime import Content, File, payload
from tests.sealing.reading import parsed, read, unspaced

ANN = ("ann.lee@council.example", "")
INJECTIONS = [
    "x\r\nBcc: spy@evil.example",
    "x\nBcc: spy@evil.example",
    "x\rBcc: spy@evil.example",
    "x\r\n\r\n--boundary\r\nContent-Type: text/html\r\n\r\n<p>",
    "x\0y",
    "x\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029Bcc: spy@evil.example",
    "\ud800\udfff half a pair",
    '" <spy@evil.example>, "',
    "=?utf-8?B?DQpCY2M6IHNweUBldmlsLmV4YW1wbGU=?=",
    "=?utf-8?Q?=0D=0ABcc:_spy@evil.example?=",
    "\\",
    '"',
    "(comment",
    "a, b; c: <d>",
    "\u202egnp.exe",
]
EXPECTED_NAMES = {"mime-version", "content-type", "from", "to", "subject", "hp-outer"}


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("field", ["subject", "name"])
def test_a_header_stays_one_header(field: str, text: str) -> None:
    subject = text if field == "subject" else "s"
    people = ((("p.tan@chambers.example", text),) if field == "name" else (ANN,)) * 2
    made = payload(Content(ANN, people, (), subject, "text"))
    root = parsed(made)
    assert {name.lower() for name in root} == EXPECTED_NAMES
    assert [part.get_content_type() for part in root.walk()] == ["multipart/mixed", "text/plain"]
    assert root["subject"].rstrip() == headers.one_line(subject).rstrip()
    assert [one.addr_spec for one in root["to"].addresses] == [address for address, _ in people]
    assert not root["to"].defects
    assert [unspaced(one.display_name) for one in root["to"].addresses] == [
        unspaced(headers.one_line(name)) for _, name in people
    ]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("field", ["name", "type", "content_id"])
def test_a_file_says_nothing_but_its_name(field: str, text: str) -> None:
    given = {"name": "a.pdf", "type": "application/pdf", "content_id": "", field: text}
    file = File(given["name"], given["type"], b"data", given["content_id"], inline=True)
    made = payload(Content(ANN, (ANN,), (), "s", "text", f'<img src="cid:{text}">', (file,)))
    part = [*parsed(made).iter_parts()][1]
    names = ["content-type", "content-disposition", "content-transfer-encoding"]
    assert [name.lower() for name in part] == names
    assert part.get_payload(decode=True) == b"data"
    assert list(part["content-disposition"].params) == ["filename"]
    assert not part["content-type"].params
    assert not part["content-disposition"].defects


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("Minutes of Monday (final).pdf", "Minutes of Monday (final).pdf"),
        ("résumé.pdf", "résumé.pdf"),
        ("報告書.docx", "報告書.docx"),
        ("👩‍👧 photo.jpg", "👩‍👧 photo.jpg"),
        ("می\u200cخواهم.txt", "می\u200cخواهم.txt"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("C:\\Users\\ann\\a.doc", "a.doc"),
        ("..", "attachment"),
        ("", "attachment"),
        ("a/", "attachment"),
        (" . ", "attachment"),
        ('say "hi".txt', "say hi .txt"),
        ("a\tb\r\nc.txt", "a b c.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u2066b\u2069\ufeff.txt", "ab.txt"),
        ("a%20b.txt", "a%20b.txt"),
        ("it's.txt", "it's.txt"),
        ("a;b=c.txt", "a;b=c.txt"),
        ("=?utf-8?Q?a?=.txt", "=?utf-8?Q?a?=.txt".replace("?", " ").replace("  ", " ")),
        (".profile", ".profile"),
        ("x" * 300 + ".pdf", "x" * 176 + ".pdf"),
        ("ü" * 300 + ".pdf", "ü" * 176 + ".pdf"),
        ("x" * 300, "x" * 180),
        ("a." + "y" * 300, "a." + "y" * 178),
    ],
)
def test_names_of_files(given: str, name: str) -> None:
    made = payload(Content(ANN, (ANN,), (), "s", "text", "", (File(given, "a/b", b"x"),)))
    assert read(made).files == [(name, "a/b", b"x")]
    assert made.isascii()
    assert max(map(len, made.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("application/pdf", "application/pdf"),
        ("Application/PDF", "application/pdf"),
        ("text/plain; charset=utf-16", "text/plain"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("image/svg+xml", "image/svg+xml"),
        ("message/rfc822", "message/rfc822"),
        ("", "application/octet-stream"),
        ("pdf", "application/octet-stream"),
        ("a/b/c", "application/octet-stream"),
        ("text/pl\u00e4in", "application/octet-stream"),
        ("multipart/mixed", "application/octet-stream"),
        ("message/partial", "application/octet-stream"),
        ("message/external-body", "application/octet-stream"),
        ("text/plain\r\nX: y", "application/octet-stream"),
        ("a/" + "b" * 101, "application/octet-stream"),
    ],
)
def test_types_of_files(given: str, kind: str) -> None:
    assert headers.file_type(given) == kind


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Stoke",
        "two  blanks",
        "x" * 60,
        "x" * 61,
        "word " * 400,
        "Zoë",
        "é" * 500,
        "日本語の件名" * 40,
        "👩‍👧" * 40,
        "=?not?encoded?=",
        "ends with a blank ",
        " begins with one",
    ],
)
def test_subjects_arrive(subject: str) -> None:
    made = payload(Content(ANN, (ANN,), (), subject, "text"))
    assert parsed(made)["subject"] == subject
    assert made.isascii()
    assert max(map(len, made.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "name",
    ["Tan", "Lee, Ann", "O'Neil", 'Ann "A" Lee', "Dr. A. (B) C", "Zoë", "x" * 61, "日本" * 40],
)
def test_names_of_people_arrive(name: str) -> None:
    people = (("p.tan@chambers.example", name), ("q" * 60 + "@chambers.example", name))
    root = parsed(payload(Content(ANN, people, (), "s", "text")))
    found = root["to"].addresses
    assert [one.addr_spec for one in found] == [address for address, _ in people]
    assert [unspaced(one.display_name) for one in found] == [unspaced(name)] * 2
    found = getaddresses([cast(str, root["to"])])
    assert [address for _, address in found] == [address for address, _ in people]
