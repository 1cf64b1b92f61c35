"""The mail that is encrypted."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from addin_service.addresses import NotAnAddress
from addin_service.sealing.mime import OUTER_SUBJECT, Content, File, outer, outer_head, payload
from tests.sealing.reading import parsed, read

ANN = ("ann.lee@council.example", "Ann Lee")
PRIYA = ("p.tan@chambers.example", "Priya Tan")
JOE = ("joe@stoke.example", "")
DATE = datetime(2026, 11, 23, 15, 4, 5, tzinfo=UTC)
PLAIN = Content(ANN, (PRIYA,), (), "Stoke: the claim", "Dear Priya,\n\nhere it is.\n\nAnn\n")
DOT = b"\x89PNG\r\n\x1a\n"
DOT_URL = f"data:image/png;base64,{base64.b64encode(DOT).decode()}"

GOLDEN = b"""\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="BOUNDARY";
 hp="cipher"; protected-headers="v1"
From: "Ann Lee" <ann.lee@council.example>
To: "Priya Tan" <p.tan@chambers.example>,
 joe@stoke.example
Subject: =?utf-8?B?U3Rva2U6IHRoZSBjbGFpbSBvZiAyIE3DpHJ6?=
Date: Mon, 23 Nov 2026 15:04:05 +0000
HP-Outer: From: ann.lee@council.example
HP-Outer: To: p.tan@chambers.example,
 joe@stoke.example
HP-Outer: Subject: [...]
HP-Outer: Date: Mon, 23 Nov 2026 15:04:05 +0000

--BOUNDARY
Content-Type: multipart/alternative; boundary=".BOUNDARY"

--.BOUNDARY
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

Dear Priya,

here it is.

Ann

--.BOUNDARY
Content-Type: multipart/related; boundary="..BOUNDARY";
 type="text/html"

--..BOUNDARY
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 7bit

<p>Here it is. <img src="cid:4c4b6a3be1314ab86138bef4314dde02@picture.invalid"></p>
--..BOUNDARY
Content-Type: image/png
Content-ID: <4c4b6a3be1314ab86138bef4314dde02@picture.invalid>
Content-Disposition: inline;
 filename="picture1.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--..BOUNDARY--

--.BOUNDARY--

--BOUNDARY
Content-Type: application/pdf
Content-Disposition: attachment;
 filename*=utf-8''Anspr%C3%BCche.pdf
Content-Transfer-Encoding: base64

JVBERi0=
--BOUNDARY--
"""


def test_one_example_to_the_byte() -> None:
    content = replace(
        PLAIN,
        to=(PRIYA, JOE),
        subject="Stoke: the claim of 2 März",
        html=f'<p>Here it is. <img src="{DOT_URL}"></p>',
        files=(File("Ansprüche.pdf", "application/pdf", b"%PDF-"),),
    )
    made = payload(content, DATE)
    boundary = parsed(made).get_boundary() or ""
    assert len(boundary) == 32
    assert made == GOLDEN.replace(b"BOUNDARY", boundary.encode()).replace(b"\n", b"\r\n")
    assert payload(content, DATE) == made


def test_what_stands_outside_is_listed_inside() -> None:
    content = replace(PLAIN, cc=(JOE,))
    root = parsed(payload(content, DATE))
    visible = outer(content, DATE)
    assert visible == (
        ("From", "ann.lee@council.example"),
        ("To", "p.tan@chambers.example"),
        ("Cc", "joe@stoke.example"),
        ("Subject", OUTER_SUBJECT),
        ("Date", "Mon, 23 Nov 2026 15:04:05 +0000"),
    )
    assert root.get_all("hp-outer") == [f"{name}: {value}" for name, value in visible]
    kind = root["content-type"]
    assert (kind.params["hp"], kind.params["protected-headers"]) == ("cipher", "v1")
    assert root["subject"] == "Stoke: the claim"
    assert root["to"] == "Priya Tan <p.tan@chambers.example>"


def test_the_head_of_a_message_to_many_is_folded() -> None:
    many = tuple((f"member{n}@council.example", f"Member {n}") for n in range(200))
    content = replace(PLAIN, to=many, cc=(("m.dupré@bücher.example", "Zoë"),))
    head = outer_head(content, DATE)
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert "Cc: m.dupré@xn--bcher-kva.example\r\n".encode() in head
    found = parsed(head + b"\r\n")
    assert [(name, str(found[name])) for name in ("From", "To", "Subject", "Date")] == [
        one for one in outer(content, DATE) if one[0] != "Cc"
    ]


def test_the_mark_stands_on_the_outermost_part_alone() -> None:
    content = replace(PLAIN, html="<p>x</p>", files=(File("a.txt", "text/plain", b"a"),))
    _, *inner = parsed(payload(content, DATE)).walk()
    assert len(inner) == 4
    for part in inner:
        assert not {name.lower() for name in part} - {
            "content-type",
            "content-disposition",
            "content-transfer-encoding",
        }
        assert "hp" not in part["content-type"].params


def test_without_a_date_none_is_claimed() -> None:
    made = payload(PLAIN)
    assert b"Date:" not in made
    assert "Date" not in dict(outer(PLAIN))


def test_a_date_keeps_its_zone() -> None:
    date = DATE.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert parsed(payload(PLAIN, date))["date"].datetime == DATE


def test_nobody_is_blind_here() -> None:
    assert "bcc" not in Content.__dataclass_fields__
    assert b"bcc" not in payload(PLAIN, DATE).lower()


@pytest.mark.parametrize("address", ["", "ann", "a@b@c.example", "a@x.example\r\nBcc: b@x.example"])
def test_who_has_no_address_cannot_be_written_to(address: str) -> None:
    for content in (replace(PLAIN, to=((address, "Ann"),)), replace(PLAIN, sender=(address, ""))):
        with pytest.raises(NotAnAddress):
            payload(content)
        with pytest.raises(NotAnAddress):
            outer(content)


def test_a_domain_is_written_in_ascii_and_a_name_before_it_as_it_is() -> None:
    made = payload(replace(PLAIN, to=(("m.dupré@bücher.example", "Zoë"),)))
    assert "\r\n <m.dupré@xn--bcher-kva.example>\r\n".encode() in made
    assert payload(replace(PLAIN, to=(("m@bücher.example", "Zoë"),))).isascii()


def test_shapes_of_a_body() -> None:
    rich = replace(PLAIN, html="<p>Hi</p>")
    picture = File("dot.png", "image/png", DOT, "dot@x", inline=True)
    shapes = {
        PLAIN: ["text/plain"],
        rich: ["multipart/alternative", "text/plain", "text/html"],
        replace(rich, text=""): ["text/html"],
        replace(rich, text="", html="<img src='cid:dot@x'>", files=(picture,)): [
            "multipart/related",
            "text/html",
            "image/png",
        ],
        replace(PLAIN, text=""): ["text/plain"],
    }
    for content, kinds in shapes.items():
        root = parsed(payload(content))
        assert [part.get_content_type() for part in root.walk()] == ["multipart/mixed", *kinds]


@pytest.mark.parametrize(
    "picture",
    [
        File("dot.png", "image/png", DOT, "other@x", inline=True),
        File("dot.png", "image/png", DOT, "dot@x", inline=False),
        File("dot.png", "image/png", DOT, "", inline=True),
        File("dot.pdf", "application/pdf", DOT, "dot@x", inline=True),
        File("dot.png", "image/png", DOT, "dot@x>\r\nX: y", inline=True),
    ],
)
def test_a_part_that_the_html_does_not_show_is_a_file(picture: File) -> None:
    content = replace(PLAIN, html='<p><img src="cid:dot@x"></p>', files=(picture,))
    found = read(payload(content))
    assert not found.pictures
    assert [data for _, _, data in found.files] == [DOT]


def test_two_pictures_of_one_id_are_both_there() -> None:
    twins = (
        File("one.png", "image/png", DOT, "<dot@x>", inline=True),
        File("two.png", "image/png", DOT + b"2", "dot@x", inline=True),
    )
    found = read(payload(replace(PLAIN, html='<img src="cid:dot@x">', files=twins)))
    assert found.pictures == {"<dot@x>": DOT}
    assert found.files == [("two.png", "image/png", DOT + b"2")]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("a\r\nb\rc\n", "7bit"),
        ("x" * 988 + "\n", "7bit"),
        ("x" * 989 + "\n", "base64"),
        ("x" * 991, "base64"),
        ("ok\n" * 500_000 + "x" * 1_000, "base64"),
        ("a\0b", "base64"),
        ("a\x0cb", "base64"),
        ("é", "base64"),
        ("From here on\n.\n--\n-- \n", "7bit"),
        ("", "7bit"),
    ],
    ids=range(10),
)
def test_words_travel_as_they_are_where_they_can(text: str, encoding: str) -> None:
    made = payload(replace(PLAIN, text=text))
    body = next(iter(parsed(made).iter_parts()))
    assert body["content-transfer-encoding"] == encoding
    assert read(made).text == text.replace("\r\n", "\n").replace("\r", "\n")
    assert made.isascii()
    assert max(map(len, made.split(b"\r\n"))) <= 998
    assert b"\n" not in made.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"From: a@x.example\r\nSubject: s\r\n\r\nText\r\n", "message/rfc822"),
        (b"From: a@x.example\nSubject: s\n\nText\n", "message/rfc822"),
        ("From: a@x.example\r\n\r\nZoë\r\n".encode(), "application/octet-stream"),
        (b"From: a@x.example\r\n\r\n" + b"x" * 1_000, "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
    ids=["a mail", "with line feeds", "8-bit", "long line", "empty"],
)
def test_a_mail_in_the_mail(data: bytes, kind: str) -> None:
    found = read(payload(replace(PLAIN, files=(File("a.eml", "message/rfc822", data),))))
    as_mail = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    expected = as_mail if kind == "message/rfc822" else data
    assert found.files == [("a.eml", kind, expected)]


def test_a_mail_in_the_mail_cannot_end_it_early() -> None:
    mail = File("a.eml", "message/rfc822", b"Subject: s\r\n\r\nText\r\n")
    content = replace(PLAIN, files=(mail,))
    boundary = parsed(payload(content)).get_boundary() or ""
    evil = replace(mail, data=mail.data + f"--{boundary}--\r\n".encode())
    found = read(payload(replace(PLAIN, files=(evil,))))
    assert found.files == [("a.eml", "message/rfc822", evil.data)]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 116_735, 116_737, 300_000])
def test_a_file_of_any_size_is_the_same_afterwards(size: int) -> None:
    data = bytes(number * 7 % 256 for number in range(size))
    made = payload(replace(PLAIN, files=(File("a.bin", "application/x-thing", data),)))
    assert read(made).files == [("a.bin", "application/x-thing", data)]
    assert base64.encodebytes(data).replace(b"\n", b"\r\n").strip() in made


def test_everything_that_is_sent_changes_the_boundary() -> None:
    first = replace(PLAIN, html="<p>x</p>", files=(File("a.txt", "text/plain", b"a"),))
    others = [
        first,
        replace(first, subject="Other"),
        replace(first, text="Other"),
        replace(first, html="Other"),
        replace(first, to=(JOE,)),
        replace(first, files=(File("a.txt", "text/plain", b"b"),)),
        replace(first, files=(File("b.txt", "text/plain", b"a"),)),
        replace(first, files=()),
    ]
    boundaries = {parsed(payload(content)).get_boundary() for content in others}
    assert len(boundaries) == len(others)
