"""A saved mail is read as the mail client would have told it, however badly it was written."""

import tracemalloc
from contextlib import suppress
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.addresses import recipient
from addin_service.contacts.report import NotReadable
from addin_service.eml import DraftFile, read_draft
from addin_service.htmltext import html_to_text
from addin_service.model import Attachment


def draft(*headers: str, body: str = "Hello") -> DraftFile:
    return read_draft("\r\n".join([*headers, "", body]).encode())


def test_an_ordinary_mail_is_read_as_it_was_written() -> None:
    read = draft(
        "From: Ann Lee <ann.lee@council.example>",
        'To: "Tann, Priya" <p.tann@chambers.example>, bob@north.example (Bob)',
        "Cc: Team: c@x.example, D <d@x.example>;",
        "Bcc: undisclosed-recipients:;",
        "Subject: =?utf-8?q?Caf=C3=A9?= tomorrow",
        "Sensitivity: Company-Confidential",
        body="Dear Priya,\r\n\r\nsee you.\r\n",
    )
    assert read == DraftFile(
        from_address="ann.lee@council.example",
        from_name="Ann Lee",
        to=(("p.tann@chambers.example", "Tann, Priya"), ("bob@north.example", "Bob")),
        cc=(("c@x.example", ""), ("d@x.example", "D")),
        subject="Café tomorrow",
        text="Dear Priya,\n\nsee you.",
        sensitivity="Company-Confidential",
    )


@pytest.mark.parametrize(
    ("header", "given_as", "problem"),
    [
        ("p.tann@chambers,example", ["p.tann@chambers,example"], "comma"),
        ("p,tann@chambers.example", ["p,tann@chambers.example"], "comma"),
        ("p.tann@chambers,co,uk", ["p.tann@chambers,co,uk"], "comma"),
        ("Priya <p.tann@chambers,example>", ["p.tann@chambers,example"], "comma"),
        ("p.tann@@chambers.example", ["p.tann@@chambers.example"], "two-at"),
        ("p.tann@chambers", ["p.tann@chambers"], "no-suffix"),
        ("p tann@chambers.example", ["p tann@chambers.example"], "space"),
        ("Team", ["Team"], "no-at"),
        ("Priya <p@x.example> <bob@y.example>", ["Priya <p@x.example> <bob@y.example>"], "two-at"),
        ("p.t\u200bann@chambers.example", ["p.t\u200bann@chambers.example"], "hidden"),
    ],
)
def test_an_address_that_is_none_survives_as_it_was_given(
    header: str, given_as: list[str], problem: str
) -> None:
    read = draft("From: a@b.example", f"To: {header}")
    assert [address for address, _ in read.to] == given_as
    assert recipient("to", read.to[0][0]).problem == problem


@pytest.mark.parametrize(
    ("header", "addresses"),
    [
        ("a@x.example,b@y.example", ["a@x.example", "b@y.example"]),
        ("a@x.example;b@y.example", ["a@x.example", "b@y.example"]),
        ("a@x.example, b", ["a@x.example", "b"]),
        ('"a, b" <c@x.example>', ["c@x.example"]),
        ('"un, closed <c@x.example>, d@y.example', ['"un', "c@x.example", "d@y.example"]),
        ("mailto:a@x.example", ["a@x.example"]),
        (",,; ,", []),
        ("", []),
        ("<>", []),
    ],
)
def test_recipients_are_told_apart(header: str, addresses: list[str]) -> None:
    read = draft("From: a@b.example", f"To: {header}")
    assert [address for address, _ in read.to] == addresses


def test_two_headers_of_one_name_both_count() -> None:
    read = draft("To: a@x.example", "To: b@x.example")
    assert [address for address, _ in read.to] == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize(
    ("marking", "text"),
    [
        ("X-Protective-Marking: OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"),
        ("X-Classification: secret\r\nSensitivity: Private", "secret; Private"),
        ("Subject: OFFICIAL", ""),
    ],
)
def test_a_marking_in_the_headers_is_told(marking: str, text: str) -> None:
    assert draft("To: a@x.example", marking).sensitivity == text


def test_plain_text_is_preferred_and_attachments_are_counted_once() -> None:
    mail = EmailMessage()
    mail["To"] = "a@x.example"
    mail.set_content("plain words")
    mail.add_alternative("<p>other words</p>", subtype="html")
    mail.add_attachment(b"12345", "application", "pdf", filename="Übersicht.pdf")
    mail.add_attachment("a,b", subtype="csv", filename="table.csv")
    inner = EmailMessage()
    inner["Subject"] = "forwarded"
    inner.set_content("inside")
    mail.add_attachment(inner)
    read = read_draft(mail.as_bytes())
    assert read.text == "plain words"
    assert read.attachments[:2] == (
        Attachment("Übersicht.pdf", 5, "application/pdf"),
        Attachment("table.csv", 4, "text/csv"),
    )
    assert read.attachments[2].type == "message/rfc822"
    assert read.attachments[2].size > 50


def test_a_picture_in_the_text_and_a_signature_are_no_attachments() -> None:
    mail = EmailMessage()
    mail["To"] = "a@x.example"
    mail.set_content(" ")
    mail.add_alternative("<p>Hello<img src='cid:1'></p>", subtype="html")
    html = mail.get_payload()[1]  # type: ignore[index]
    html.add_related(b"png", "image", "png", cid="<1>", disposition="inline")  # type: ignore[union-attr]
    mail.add_attachment(b"sig", "application", "pgp-signature", disposition="inline")
    read = read_draft(mail.as_bytes())
    assert (read.text, read.attachments) == ("Hello", ())


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("one<br>two", "one\ntwo"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("mine<blockquote>theirs<blockquote>older</blockquote></blockquote>", None),
        ("a<script>alert('<p>')</script>b", "a b"),
        ("a<style>p {}</style><title>t</title>b", "a b"),
        ("a<script>never closed", "a"),
        ("a<!-- <p>hidden --> b", "a b"),
        ("&lt;b&gt; &amp; caf&eacute;", "<b> & café"),
        ("1 < 2 and <b>3</b>", "1 < 2 and 3"),
        ("cut off <a href='x", "cut off <a href='x"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<blockquote></blockquote></blockquote>own", "own"),
    ],
)
def test_html_becomes_the_lines_one_reads(html: str, text: str | None) -> None:
    assert html_to_text(html) == (text or "mine\n> theirs\n> > older")


@pytest.mark.parametrize(
    "unit", ["<!--", "<a ", "<a href='", "<script>", "&#", "<blockquote>", "<![", "<", "</", "<?"]
)
def test_hostile_html_is_read_in_linear_time(unit: str) -> None:
    # The deadline of the whole suite would be far exceeded by anything quadratic.
    html_to_text(unit * 100_000)
    html_to_text(unit * 100_000 + ">")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 100,
        b"just words",
        b"PK\x03\x04 an archive",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 msg",
        b"\x1f\x8b\x08 gz",
        "To: a@x.example\n\nhello".encode("utf-16"),
        b"\n\n\nTo a@x.example",
        b"To: " + b"a@x.example," * 50_000 + b"\n\n",
    ],
)
def test_what_is_no_mail_is_refused_with_a_hint(raw: bytes) -> None:
    with pytest.raises(NotReadable) as refusal:
        read_draft(raw)
    assert ".eml" in refusal.value.hint


def test_a_mail_over_the_limit_is_refused() -> None:
    with pytest.raises(NotReadable, match="larger than 10 bytes"):
        read_draft(b"To: a@x.example\n\n", most_bytes=10)


def test_the_character_set_is_believed_where_there_is_one() -> None:
    head = b"To: a@x.example\nContent-Type: text/plain; charset="
    assert read_draft(head + b"utf-16le\n\n" + "h\u00e9".encode("utf-16le")).text == "h\u00e9"
    assert read_draft(head + b"nonsense\n\nh\xe9").text == "h\u00e9"


MALFORMED = [
    b"To: =?utf-8?b?!!!?= <a@x.example>",
    b"To: =?punycode?q?aaaa?= <a@x.example>",
    b"To: =?unicode_escape?q?=5Cud800?= <a@x.example>",
    b"To: =?utf-7?q?+2AA-?= <a@x.example>",
    b"To: =?zlib?q?aa?= <a@x.example>",
    b"To: \xff\xfe <a@x.example>",
    b"To: <a@x.example>\nContent-Type: text/plain; charset=nonsense",
    b"To: <a@x.example>\nContent-Type: text/plain; charset=\0\n\nt\xe9xt",
    b"To: <a@x.example>\nContent-Type: text/plain; charset*=utf-8''%FF%",
    b"To: <a@x.example>\nContent-Type: multipart/mixed",
    b"To: <a@x.example>\nContent-Type: multipart/mixed; boundary=",
    b"To: <a@x.example>\nContent-Type: ;;;",
    b"To: <a@x.example>\nContent-Type: /",
    b"To: <a@x.example>\nContent-Transfer-Encoding: base64\n\n!!!!",
    b"To: <a@x.example>\nContent-Transfer-Encoding: x-uuencode\n\nbegin\n",
    b"To: <a@x.example>\nContent-Disposition: attachment; filename*0*=x''%;filename*2=",
    b"To: <a@x.example>\nContent-Disposition:",
    b"To: a@x.example\nDate: nonsense\nMessage-ID: <<<",
    b"To: (((((a@x.example",
    b"To: [a@x.example",
    b"To: a@x.example\n: no name\n nothing",
    b"From a@x.example Mon\nTo: a@x.example",
    b"\xef\xbb\xbfTo: a@x.example",
    b"To:" + b",".join([b"a@x.example"] * 5_000),
    b"To:" + b'\\"' * 50_000,
    b"To:" + b"(\\" * 50_000,
    b"To: a@b," + b"c," * 50_000,
]


@pytest.mark.parametrize("raw", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_mail_is_read_as_far_as_it_goes(raw: bytes) -> None:
    read = read_draft(raw + b"\n\nbody")
    assert read.to
    repr(read).encode()


def test_parts_nested_without_end_are_read_to_a_depth() -> None:
    raw = b"To: a@x.example\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000)
    )
    with suppress(NotReadable):
        assert read_draft(raw).text == ""


def test_quotes_nested_without_end_take_little_memory() -> None:
    tracemalloc.start()
    html_to_text("<blockquote>x" * 20_000)
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()


HEADER = st.sampled_from(
    ["To", "From", "Cc", "Subject", "Content-Type", "Content-Disposition", "Sensitivity", "Date"]
)
VALUE = st.one_of(
    st.text(max_size=60),
    st.text('@<>",;:()[]\\=?.aQbq-8 \t', max_size=60),
    st.sampled_from(
        ["multipart/alternative; boundary=x", "text/html; charset=utf-16", "=?a?q?b?="]
    ),
)


@settings(max_examples=500)
@given(st.lists(st.tuples(HEADER, VALUE), max_size=6), st.binary(max_size=200))
def test_no_mail_whatever_makes_it_stumble(headers: list[tuple[str, str]], body: bytes) -> None:
    raw = "".join(f"{name}: {value}\r\n" for name, value in headers)
    try:
        read = read_draft(raw.encode("utf-8", "surrogatepass") + b"\r\n" + body)
    except NotReadable:
        return
    repr(read).encode()


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_no_bytes_whatever_make_it_stumble(raw: bytes) -> None:
    try:
        read_draft(b"To: a@x.example\n" + raw)
    except NotReadable:
        pytest.fail("a mail with a To is a mail")


@settings(max_examples=300)
@given(st.text("<>/!-\"'=& abpscript\n", max_size=200))
def test_no_html_whatever_makes_it_stumble(html: str) -> None:
    html_to_text(html)
