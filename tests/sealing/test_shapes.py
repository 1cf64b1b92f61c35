"""Every kind of content in every shape: opened by gpg and by Sequoia, and nothing readable outside."""

import email
import json
from base64 import b64decode
from collections.abc import Iterator
from email import policy

import pytest

from addin_service.pgp.armor import dearmor
from addin_service.pgp.gpg import Gpg
from addin_service.sealer import MAKERS, Sealed, Sealer, ShapeRefused
from addin_service.sealing import attached
from addin_service.sealing.content import Attached
from addin_service.sealing.mime import payload
from addin_service.shapes import FORMAT_OF, Shape
from addin_service.web.api.seal import answer
from tests.pgp import keys
from tests.pgp.keys import GPG, Owner, known, now
from tests.sealing.test_structure import CASES, SECRETS

SEQUOIA = "Priyanka Tanderley <p.tan@chambers.example>"

OPENPGP = [shape for shape in MAKERS if FORMAT_OF[shape] == "openpgp"]


@pytest.fixture(scope="module")
def reader() -> Iterator[Owner]:
    keys.needs_gpg()
    with keys.owner() as made:
        made.make("Ann Lee <ann.lee@council.example>")
        yield made


def sealed(reader: Owner, name: str, shape: Shape) -> Sealed:
    """For one reader with gpg, and one with Sequoia."""
    certificates = [GPG.read(reader.public(reader.fingerprints()[0])), known(SEQUOIA).certificate]
    return Sealer(gpg=Gpg()).seal(CASES[name], certificates, shape, now())


def whole(file: Attached) -> bytes:
    made = b"".join(file.pieces())
    assert len(made) == file.size
    assert made == b"".join(file.pieces())
    return made


def message_in(made: Sealed, shape: Shape) -> bytes:
    """The armour, where a reader of this shape looks for it."""
    if shape == "mime":
        assert made.entity is not None
        entity = email.message_from_string(str(made.entity), policy=policy.default)
        return bytes(list(entity.iter_parts())[1].get_payload(decode=True))
    assert made.entity is None
    if shape == "inline":
        assert not made.attachments
        return made.text.encode("ascii")
    *before, file = made.attachments
    assert (file.name, file.type) == ("encrypted.asc", "application/octet-stream")
    if shape == "parts":
        assert made.text == ""
        (version,) = before
        assert (version.type, whole(version)) == ("application/pgp-encrypted", b"Version: 1\r\n")
    else:
        assert not before
        assert made.text.count("\n") == 2
    return whole(file)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("shape", OPENPGP)
def test_both_programs_open_every_message_in_every_shape(
    shape: Shape, name: str, reader: Owner
) -> None:
    try:
        made = sealed(reader, name, shape)
    except ShapeRefused:
        assert shape == "inline"
        return
    assert made.subject == "[...]"
    armor = message_in(made, shape)
    assert dearmor(armor, b"MESSAGE")[0] & 0x80
    opened = reader.opens(armor)
    assert opened is not None
    assert known(SEQUOIA).opens(armor) == opened
    assert known("Mallory <mallory@evil.example>").opens(armor) is None
    if shape == "inline":
        assert opened.decode().split() == f"{CASES[name].subject} {CASES[name].text}".split()
    else:
        assert opened == payload(CASES[name])
    outside = made.text.replace(armor.decode("ascii"), "") + repr(
        [(f.name, f.type) for f in made.attachments]
    )
    assert not [secret for secret in SECRETS if secret in outside.lower()]


@pytest.mark.parametrize("shape", OPENPGP)
def test_the_answer_in_pieces_is_the_json_of_the_contract(shape: Shape, reader: Owner) -> None:
    name = next(n for n, c in CASES.items() if not c.files and not c.html)
    made = sealed(reader, name, shape)
    body = json.loads(b"".join(answer(made)))
    if shape == "mime":
        assert body == {"outer": {"subject": "[...]"}, "entity": str(made.entity)}
        return
    assert set(body) == {"outer", "text", "attachments"}
    assert body["text"] == made.text
    got = [
        (a["name"], a["type"], b64decode(a["base64"], validate=True)) for a in body["attachments"]
    ]
    assert got == [(a.name, a.type, whole(a)) for a in made.attachments]


@pytest.mark.parametrize("shape", ["parts", "notice"])
def test_the_mail_of_files_is_what_a_mail_program_would_write(shape: Shape, reader: Owner) -> None:
    made = sealed(reader, "a file", shape)
    made_other = Attached.of("a.zip", "application/zip", bytes(range(256)))
    files = (*made.attachments, made_other)
    raw = b"MIME-Version: 1.0\r\n" + b"".join(attached.mail(made.text, files, "edge"))
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert not [part.defects for part in mail.walk() if part.defects]
    text, *rest = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().splitlines() == made.text.splitlines()
    for part, file in zip(rest, files, strict=True):
        assert (part.get_filename(), part.get_content_type()) == (file.name, file.type)
        assert part.get_content_disposition() == "attachment"
        content = bytes(part.get_payload(decode=True))
        assert content.strip() == whole(file).strip()
    # RFC 3156: the two parts are never encoded, so that what repairs the mail finds them as they were.
    assert ["Content-Transfer-Encoding" in part for part in rest] == [False] * (len(rest) - 1) + [
        True
    ]
