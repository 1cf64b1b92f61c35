"""What mail programs and servers make of a sealed mail, all of it opened."""

import base64
import quopri
from collections.abc import Callable

import pytest

from addin_service.opening.refusals import CannotOpen
from tests.opening import making
from tests.opening.making import SECRET, TEXT, VERSION, Post, inline, mail, multipart, octets, text

SHAPES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "RFC 3156": ("standard", making.standard),
    "mangled by Exchange": ("mangled", making.mangled),
    "a notice and encrypted.asc": ("attached", making.attached),
    "a notice and ATT00001": ("attached", lambda a: making.attached(a, "ATT00001")),
    "a notice and ATT00001.dat": ("attached", lambda a: making.attached(a, "ATT00001.dat")),
    "a notice and noname": ("attached", lambda a: making.attached(a, "noname")),
    "a notice and a file without a name": ("attached", lambda a: making.attached(a, "")),
    "msg.asc": ("attached", lambda a: making.attached(a, "msg.asc")),
    "message.asc": ("attached", lambda a: making.attached(a, "message.asc")),
    "encrypted.eml.pgp": ("attached", lambda a: making.attached(a, "encrypted.eml.pgp")),
    "one part alone": ("attached", lambda a: mail(octets(a))),
    "mangled, the type of the version lost": (
        "mangled",
        lambda a: mail(
            multipart(
                "mixed",
                text(""),
                octets(b"Version: 1\r\n", "PGPMIME version identification"),
                octets(a),
            )
        ),
    ),
    "mangled, an empty HTML before it": (
        "mangled",
        lambda a: mail(
            multipart("mixed", text("<html><body></body></html>", "html"), VERSION, octets(a))
        ),
    ),
    "a footer from a mailing list": (
        "standard",
        lambda a: mail(
            multipart(
                "mixed",
                multipart(
                    "encrypted", VERSION, octets(a), parameters=making.PROTOCOL, boundary="in"
                ),
                text("This list is run by nobody."),
            )
        ),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sealed_mail_is_opened_whatever_was_made_of_it(shape: str, post: Post) -> None:
    name, made = SHAPES[shape]
    found = post.opens(made(post.sealed(TEXT)))
    assert (found.shape, found.message.text) == (name, SECRET)
    assert found.signature.word == "unsigned"


def test_binary_in_base64_is_opened(post: Post) -> None:
    data = base64.encodebytes(post.sealed(TEXT, armor=False)).decode()
    part = (
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + data
    )
    found = post.opens(mail(multipart("encrypted", VERSION, part, parameters=making.PROTOCOL)))
    assert found.message.text == SECRET


def _with_blanks(armored: bytes) -> bytes:
    """Each blank line and each line's end holds a no-break space, as HTML editors leave it."""
    return armored.replace(b"\n", "\u00a0\n".encode())


def _quoted_by_hand(armored: bytes) -> bytes:
    """Quoted-printable that nobody marked as such."""
    return quopri.encodestring(armored.replace(b"\n\n", b"\n \n", 1))


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda a: a,
    "no-break spaces": _with_blanks,
    "quoted-printable": _quoted_by_hand,
    "both": lambda a: quopri.encodestring(_with_blanks(a)),
    "a blank before each line": lambda a: a.replace(b"\n", b"\n "),
    "quoted as in an answer": lambda a: b"> " + a.replace(b"\n", b"\n> "),
    "no checksum": lambda a: b"\n".join(x for x in a.split(b"\n") if len(x) != 5 or x[:1] != b"="),
    "comments": lambda a: a.replace(b"\n\n", b"\nComment: found \xc3\xbc\nVersion: 1\n\n", 1),
    "no blank line": lambda a: a.replace(b"\n\n", b"\n", 1),
    "old Macintosh": lambda a: a.replace(b"\n", b"\r"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("length", [1, 40, 41, 42, 5000])
def test_a_sealed_text_is_repaired_and_opened(damage: str, length: int, post: Post) -> None:
    words = ("Grüße aus Lund. " * 400)[:length]
    head = making.HEAD + "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    found = post.opens(head.encode() + DAMAGE[damage](post.sealed(words.encode())))
    assert (found.shape, found.message.text) == ("inline", words)


def test_a_sealed_text_in_html_alone_is_opened_as_words(post: Post) -> None:
    lines = post.sealed(SECRET.encode()).decode().replace("\n", "<br>\n")
    assert post.opens(mail(text(f"<p>{lines}</p>", "html"))).message.text == SECRET
    both = multipart(
        "alternative",
        text(post.sealed(b"plain").decode().replace("\n", "\r\n")),
        text(f"<pre>{lines}</pre>", "html"),
    )
    assert post.opens(mail(both)).message.text == "plain"


def test_words_around_a_sealed_text_are_told_and_not_shown(post: Post) -> None:
    armored = post.sealed(SECRET.encode())
    found = post.opens(inline(b"Ring me at once on 0900 1234.\n\n" + armored + b"\nBest, Ann\n"))
    assert [part.kind for part in found.outside] == ["text"]
    assert found.message.text == SECRET


def test_sealed_files_beside_a_sealed_text_are_opened(post: Post) -> None:
    parts = [
        text(post.sealed(SECRET.encode()).decode().replace("\n", "\r\n")),
        octets(post.sealed(b"%PDF-1"), "notes.pdf.pgp"),
        octets(post.sealed(b"a,b"), "list.csv.asc"),
    ]
    found = post.opens(mail(multipart("mixed", *parts)))
    assert (found.shape, found.message.text) == ("inline", SECRET)
    assert [(f.name, f.data) for f in found.message.files] == [
        ("notes.pdf", b"%PDF-1"),
        ("list.csv", b"a,b"),
    ]
    assert any("beside the text" in warning for warning in found.warnings)


def test_sealed_files_alone_are_opened(post: Post) -> None:
    found = post.opens(making.attached(post.sealed(b"%PDF-1"), "notes.pdf.gpg"))
    assert found.shape == "files"
    assert [(f.name, f.data) for f in found.message.files] == [("notes.pdf", b"%PDF-1")]


def test_a_hidden_reader_opens_it(post: Post) -> None:
    for options in (("--throw-keyids",), ("--hidden-recipient", post.bob.key)):
        armored = post.sealed(TEXT, *options)
        assert post.opens(making.standard(armored)).message.text == SECRET


def test_it_is_told_for_which_key_it_is_sealed(post: Post) -> None:
    armored = post.sealed(TEXT, to=post.ann.key)
    with pytest.raises(CannotOpen) as refusal:
        post.opens(making.standard(armored))
    assert refusal.value.reason == "other-key"
    key = post.ann.certificate.subkeys[-1].key_id
    assert f"…{key[-4:]}" in str(refusal.value)


REFUSED = {
    "plain": (mail(text("Hello")), "not-sealed"),
    "nothing": (b"", "not-a-mail"),
    "no mail": (b"\x00\x01\x02" * 100, "not-a-mail"),
    "a key": (mail(text("-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\n=aaaa")), "not-sealed"),
    "S/MIME": (
        mail(
            'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"'
            "\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB"
        ),
        "smime",
    ),
    "S/MIME signed": (
        mail("Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nMIIB"),
        "not-sealed",
    ),
    "an empty sealed part": (making.standard(b""), "damaged"),
    "cut": (inline(b"-----BEGIN PGP MESSAGE-----\n\nhQEM\n"), "damaged"),
    "no base64": (
        inline(b"-----BEGIN PGP MESSAGE-----\n\n****\n-----END PGP MESSAGE-----\n"),
        "damaged",
    ),
    "no packets": (
        inline(b"-----BEGIN PGP MESSAGE-----\n\naGVsbG8=\n-----END PGP MESSAGE-----\n"),
        "damaged",
    ),
}


@pytest.mark.parametrize("story", REFUSED)
def test_what_is_not_sealed_or_cannot_be_opened_is_said(story: str, post: Post) -> None:
    raw, reason = REFUSED[story]
    with pytest.raises(CannotOpen) as refusal:
        post.opens(raw)
    assert refusal.value.reason == reason
    assert refusal.value.hint


def test_a_password_is_no_key(post: Post) -> None:
    armored = post.ann.gpg.gpg(
        "--passphrase", "elm", "--armor", "--symmetric", given=b"hello"
    )  # the later --passphrase counts
    with pytest.raises(CannotOpen) as refusal:
        post.opens(making.standard(armored))
    assert refusal.value.reason == "password"


def test_a_password_beside_the_key_is_not_asked_for(post: Post) -> None:
    armored = post.ann.gpg.gpg(
        "--passphrase", "elm", "--armor", "--symmetric", "--encrypt", "-r", post.bob.key,
        given=TEXT,
    )  # fmt: skip
    assert post.opens(making.standard(armored)).message.text == SECRET
