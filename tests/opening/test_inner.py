"""What was sealed: its own subject and sender, its words, its files; nothing drawn, nothing moved."""

import os

import pytest

from addin_service.opening import inner, showing
from addin_service.sealer import Sealer
from addin_service.sealing import attached, mime
from addin_service.sealing.content import Content, File
from addin_service.shapes import Shape
from tests.opening import making
from tests.opening.making import (
    ANN,
    BOB,
    HEAD,
    SECRET,
    Post,
    mail,
    mangled,
    multipart,
    protected,
    standard,
    text,
)
from tests.pgp.keys import now
from tests.sealing.reading import unspaced

PHONY = 'Content-Type: text/plain; protected-headers="v1"; hp="cipher"\r\nSubject: Pay 1234\r\n\r\n'


@pytest.mark.parametrize("shape", [standard, mangled, making.attached])
def test_the_real_subject_is_shown(shape: object, post: Post) -> None:
    found = shape(post.sealed(protected("Re K (a child)")))  # type: ignore[operator]
    opened = post.opens(found)
    assert opened.protected
    assert opened.headers.subject == "Re K (a child)"
    assert opened.headers.sender == (ANN,)
    assert opened.warnings == ()


def test_the_older_way_of_protecting_headers_is_known(post: Post) -> None:
    repeat = (
        'Content-Type: text/rfc822-headers; protected-headers="v1"\r\n'
        "Content-Disposition: inline\r\n\r\nSubject: Re K\r\n"
    )
    entity = multipart("mixed", repeat, text(SECRET), parameters='; protected-headers="v1"')
    found = post.opens(standard(post.sealed(f"Subject: Re K\r\n{entity}".encode())))
    assert (found.headers.subject, found.message.text) == ("Re K", SECRET)
    assert found.message.files == ()


def test_a_subject_repeated_for_older_programs_is_left_out(post: Post) -> None:
    part = text(f"Subject: Re K\r\n\r\n{SECRET}").replace("utf-8", 'utf-8; hp-legacy-display="1"')
    entity = multipart("mixed", part, parameters='; hp="cipher"')
    found = post.opens(standard(post.sealed(f"Subject: Re K\r\n{entity}".encode())))
    assert found.message.text == SECRET


def test_headers_that_do_not_say_to_be_protected_are_not(post: Post) -> None:
    inside = f"Subject: Inside\r\nFrom: eve@evil.example\r\n{text(SECRET)}".encode()
    found = post.opens(standard(post.sealed(inside)))
    assert not found.protected
    assert (found.headers.subject, found.headers.sender) == ("[...]", (ANN,))


def test_phony_protected_headers_outside_are_not_believed(post: Post) -> None:
    sealed = multipart(
        "encrypted", making.VERSION, making.octets(post.sealed(making.TEXT)),
        parameters=making.PROTOCOL, boundary="in",
    )  # fmt: skip
    for entity in (
        multipart("mixed", f"{PHONY}Hello", sealed),
        multipart("mixed", sealed, f"{PHONY}Hello"),
        multipart("mixed", sealed, parameters='; protected-headers="v1"; hp="cipher"'),
    ):
        found = post.opens(mail(entity))
        assert not found.protected
        assert found.headers.subject == "[...]"


def test_phony_protected_headers_deeper_inside_are_not_believed(post: Post) -> None:
    entity = multipart("mixed", f"{PHONY}Hello", text(SECRET))
    found = post.opens(standard(post.sealed(entity.encode())))
    assert not found.protected
    assert found.headers.subject == "[...]"


def test_another_sender_outside_than_inside_is_told(post: Post) -> None:
    armored = post.sealed(protected("Re K"))
    found = post.opens(standard(armored, HEAD.replace(ANN, "eve@evil.example")))
    assert found.headers.sender == (ANN,)
    assert any("another sender" in warning for warning in found.warnings)


@pytest.mark.parametrize("spelling", [ANN.upper(), f'"Lee, Ann" <{ANN}>', f"{ANN} (Ann)"])
def test_the_same_sender_spelled_otherwise_is_the_same(spelling: str, post: Post) -> None:
    found = post.opens(standard(post.sealed(protected("Re K", sender=spelling))))
    assert found.warnings == ()


def test_readers_that_were_changed_on_the_way_are_told(post: Post) -> None:
    armored = post.sealed(protected("Re K"))
    found = post.opens(standard(armored, HEAD.replace(BOB, "eve@evil.example")))
    assert any("To line" in warning for warning in found.warnings)


def test_html_is_never_drawn(post: Post) -> None:
    html = '<p>Meet at <b>4 Elm Row</b>.</p><img src="http://evil.example/x"><script>f()</script>'
    found = post.opens(standard(post.sealed(text(html, "html").encode())))
    assert (found.message.text, found.message.from_html) == (SECRET, True)
    both = multipart("alternative", text(SECRET), text("<p>Other words.</p>", "html"))
    found = post.opens(standard(post.sealed(both.encode())))
    assert (found.message.text, found.message.from_html) == (SECRET, False)
    blank = multipart("alternative", text(" \r\n"), text("<p>Other words.</p>", "html"))
    assert post.opens(standard(post.sealed(blank.encode()))).message.text == "Other words."


def test_a_header_cannot_begin_within_a_name(post: Post) -> None:
    """Line ends in an encoded word or a parameter stay within it."""
    subject = "=?utf-8?q?Re_K=0D=0ABcc=3A_eve=40evil=2Eexample=0D=0A=0D=0AHello?="
    name = "filename*=utf-8''a%0D%0AContent-Type%3A%20text/html%0D%0A%0D%0A%3Cb%3E.pdf"
    entity = multipart(
        "mixed",
        text(SECRET),
        f"Content-Type: application/pdf\r\nContent-Disposition: attachment; {name}\r\n\r\nx",
        parameters='; hp="cipher"',
    )
    found = post.opens(standard(post.sealed(f"Subject: {subject}\r\n{entity}".encode())))
    assert "\n" not in found.headers.subject
    assert "\r" not in found.headers.subject
    assert found.message.text == SECRET
    (file,) = found.message.files
    assert file.type == "application/pdf"
    assert "\n" not in showing.one_line(file.name)


@pytest.mark.parametrize(
    "hidden", ["\x1b[2J", "\x9b31m", "\u202e", "\u2066", "\u200b", "\x07", "\x08", "\u2028", "\x85"]
)
def test_what_cannot_be_seen_is_written_as_a_number(hidden: str) -> None:
    assert showing.text(f"a{hidden[0]}b\n\tc") == f"a\\u{{{ord(hidden[0]):x}}}b\n\tc"
    assert showing.one_line(f"a{hidden[0]}b") == f"a\\u{{{ord(hidden[0]):x}}}b"


@pytest.mark.parametrize("words", ["Grüße", "می‌خواهم", "日本語", "a\tb\nc", "🇸🇪", ""])
def test_words_of_any_language_stay_as_they_are(words: str) -> None:
    assert showing.text(words) == words


def test_another_sealed_message_within_is_told_and_not_opened(post: Post) -> None:
    within = post.sealed(b"the inner secret").decode().replace("\n", "\r\n")
    for entity in (
        text(f"See below.\r\n{within}"),
        multipart(
            "encrypted", making.VERSION, making.octets(within.encode()), parameters=making.PROTOCOL
        ),
    ):
        found = post.opens(standard(post.sealed(entity.encode())))
        assert any("another sealed message" in warning for warning in found.warnings)
        assert "the inner secret" not in repr(found)


def test_nested_parts_are_read_in_their_order(post: Post) -> None:
    inside = multipart(
        "related",
        multipart("alternative", text("One."), text("<p>One.</p>", "html"), boundary="c"),
        "Content-Type: image/png\r\nContent-ID: <a@b>\r\n\r\nPNG",
        boundary="b",
    )
    entity = multipart("mixed", inside, making.octets(b"x", "a.pdf"), text("Two."))
    found = post.opens(standard(post.sealed(entity.encode())))
    assert found.message.text == "One.\nTwo."
    assert [(f.name, f.type) for f in found.message.files] == [
        ("", "image/png"),
        ("a.pdf", "application/octet-stream"),
    ]


def test_words_that_are_no_entity_are_words(post: Post) -> None:
    for words in ("Hello Bob,\n\nsee you.", "Note: this\n\nis no header.", "", "\n\nx"):
        found = post.opens(making.attached(post.sealed(words.encode())))
        assert found.message.text.strip("\n") == words.strip("\n")


@pytest.mark.parametrize(
    "charset", ["ut\x00f-8", "punycode", "idna", "unicode_escape", "x" * 3000, "\udcff", ""]
)
def test_a_character_set_that_is_none_loses_no_words(charset: str) -> None:
    raw = f"Content-Type: text/plain; charset={charset}\r\n\r\nGr\u00fc\u00dfe".encode(
        errors="surrogateescape"
    )
    assert inner.of_entity(raw).text == "Grüße"


KINDS: dict[str, Content] = {
    "text": Content((ANN, "Ann"), ((BOB, "Bob"),), subject="Re K", text=SECRET),
    "html": Content((ANN, ""), ((BOB, ""),), subject="Grüße", html=f"<p>{SECRET}</p>"),
    "both": Content((ANN, ""), ((BOB, ""),), subject="Re K", text=SECRET, html="<p>x</p>"),
    "files": Content(
        (ANN, ""),
        ((BOB, ""),),
        (("eve@council.example", "Eve"),),
        subject="日本語 " * 20,
        text=SECRET,
        files=(
            File("notes.pdf", "application/pdf", os.urandom(3000)),
            File("Grüße & so.txt", "text/plain", "Grüße\r\n".encode()),
            File("mail.eml", "message/rfc822", b"Subject: x\r\n\r\nhello\r\n"),
            File("", "application/octet-stream", b"\x00\x01"),
        ),
    ),
    "picture": Content(
        (ANN, ""),
        ((BOB, ""),),
        subject="",
        text=SECRET,
        html='<p><img src="cid:a@b"></p>',
        files=(File("a.png", "image/png", b"PNG", "a@b", inline=True),),
    ),
}


def by_us(content: Content, post: Post, shape: Shape = "mime") -> bytes:
    """Sealed for Bob by our own sealer, and sent by a mail program that can send this shape."""
    sealed = Sealer().seal(content, [post.bob.certificate], shape, now())
    head = mime.outer_head(content) + b"MIME-Version: 1.0\r\n"
    if sealed.entity:
        return head + str(sealed.entity).encode()
    if sealed.attachments:
        return head + b"".join(attached.mail(sealed.text, sealed.attachments, "=_m"))
    return head + b"Content-Type: text/plain; charset=us-ascii\r\n\r\n" + sealed.text.encode()


WHOLE: dict[Shape, str] = {"mime": "standard", "parts": "mangled", "notice": "attached"}


@pytest.mark.parametrize("shape", WHOLE)
@pytest.mark.parametrize("kind", KINDS)
def test_what_we_seal_is_opened_as_it_was(kind: str, shape: Shape, post: Post) -> None:
    content = KINDS[kind]
    found = post.opens(by_us(content, post, shape))
    assert found.shape == WHOLE[shape]
    assert found.protected
    assert found.warnings == ()
    assert found.headers.subject == content.subject.strip()
    assert found.headers.to == (BOB,)
    assert found.headers.cc == tuple(address for address, _ in content.cc)
    assert found.message.text == SECRET
    data = [file.data.replace(b"\r\n", b"\n") for file in found.message.files]
    assert data == [file.data.replace(b"\r\n", b"\n") for file in content.files]
    given = [f.name for f in content.files]
    names = [unspaced(file.name) for file in found.message.files]
    assert all(unspaced(a) == b for a, b in zip(given, names, strict=True) if a)


def test_a_text_that_we_seal_alone_is_opened(post: Post) -> None:
    found = post.opens(by_us(KINDS["text"], post, "inline"))
    assert (found.shape, found.message.text.strip()) == ("inline", f"Re K\n\n{SECRET}")


@pytest.mark.slow
def test_twenty_five_megabytes_are_opened(post: Post) -> None:
    data = os.urandom(25 << 20)
    content = Content(
        (ANN, ""), ((BOB, ""),), subject="Large", text=SECRET,
        files=(File("scan.tif", "image/tiff", data),),
    )  # fmt: skip
    assert post.opens(by_us(content, post)).message.files[0].data == data
