"""Sealing proper: content and certificates to something only the confirmed readers can open."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from addin_service.language import Words, say
from addin_service.pgp.certificate import Certificate
from addin_service.pgp.gpg import Gpg, Refused
from addin_service.sealing import archive, attached, passphrases
from addin_service.sealing.armor import Armored, armored
from addin_service.sealing.content import Attached, Content
from addin_service.sealing.inline import inline_refusal, inline_text
from addin_service.sealing.mime import OUTER_SUBJECT, encrypted_entity, payload_pieces
from addin_service.shapes import Shape
from addin_service.smime import envelope

LOOK_AGAIN_S = 30.0
GPG_S = 15.0
"""For gpg to answer: less than the 20 s after which the mail client gives up by itself."""


class ShapeRefused(Exception):
    """This content does not go into this shape; the text says why."""

    def __init__(self, message: Words) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is sent instead: a whole MIME entity, or a text and files. `subject` stands outside."""

    subject: str
    entity: Armored | None = None
    text: str = ""
    attachments: tuple[Attached, ...] = ()
    passphrase: str = ""
    """Of a ZIP: shown to the sender once, to be read out on the phone. Stored nowhere."""


@dataclass(frozen=True, slots=True)
class _For:
    """Whom a message is sealed for, when, and who signs it."""

    certificates: Sequence[Certificate]
    now: datetime
    signer: Certificate | None


@dataclass
class Sealer:
    """Seals, with gpg where it is OpenPGP. One per process; safe for several threads."""

    gpg: Gpg = field(default_factory=lambda: Gpg(timeout_s=GPG_S))

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._looked = 0.0
        self._found = False

    def available(self) -> bool:
        """Whether this installation can seal: there is a gpg, and it is new enough."""
        with self._lock:
            if not self._found and time.monotonic() - self._looked > LOOK_AGAIN_S:
                self._looked = time.monotonic()
                self._found = self._look()
            return self._found

    def seal(
        self,
        content: Content,
        certificates: Sequence[Certificate],
        shape: Shape,
        now: datetime,
        signer: Certificate | None = None,
    ) -> Sealed:
        """The sealed message, signed too where there is a `signer`; readers are `certificates`.

        Raises `Refused` or `ShapeRefused`, and then there is none at all.
        """
        return MAKERS[shape](self.gpg, content, _For(certificates, now, signer))

    def _look(self) -> bool:
        try:
            self.gpg.version()
        except Refused:
            return False
        return True


def _mime(gpg: Gpg, content: Content, readers: _For) -> Sealed:
    return Sealed(OUTER_SUBJECT, entity=encrypted_entity(_whole(gpg, content, readers)))


def _inline(gpg: Gpg, content: Content, readers: _For) -> Sealed:
    if why := inline_refusal(content):
        raise ShapeRefused(why)
    # Outside stands another subject, and this shape has no inside for the real one.
    text = f"{content.subject}\n\n{content.text}" if content.subject else content.text
    message = gpg.seal([inline_text(text)], readers.certificates, readers.now, readers.signer)
    # A text for the window of a mail program, whose lines it ends in its own way.
    return Sealed(OUTER_SUBJECT, text=str(armored(message)).replace("\r\n", "\n"))


def _parts(gpg: Gpg, content: Content, readers: _For) -> Sealed:
    return Sealed(OUTER_SUBJECT, attachments=attached.as_parts(_whole(gpg, content, readers)))


def _notice(gpg: Gpg, content: Content, readers: _For) -> Sealed:
    files = (attached.as_file(_whole(gpg, content, readers)),)
    return Sealed(OUTER_SUBJECT, text=attached.NOTICE, attachments=files)


def _zip(_: Gpg, content: Content, __: _For) -> Sealed:
    passphrase = passphrases.generate()
    try:
        data = archive.archived(content, passphrase)
    except ValueError:
        raise ShapeRefused(say("This message is too large for a protected ZIP.")) from None
    file = Attached.of(archive.ARCHIVE_NAME, archive.ARCHIVE_TYPE, data)
    return Sealed(
        archive.ARCHIVE_SUBJECT,
        text=archive.notice_text(),
        attachments=(file,),
        passphrase=passphrase,
    )


def _smime(_: Gpg, content: Content, readers: _For) -> Sealed:
    payload = b"".join(payload_pieces(content))
    message = envelope.enveloped(payload, readers.certificates, readers.now)
    return Sealed(OUTER_SUBJECT, entity=envelope.entity(message))


def _whole(gpg: Gpg, content: Content, readers: _For) -> tuple[bytes, ...]:
    """The complete MIME entity, encrypted. It goes into gpg while it is made."""
    pieces = payload_pieces(content)
    return gpg.seal(pieces, readers.certificates, readers.now, readers.signer)


_Maker: TypeAlias = Callable[[Gpg, Content, _For], Sealed]
MAKERS: Mapping[Shape, _Maker] = {
    "mime": _mime,
    "inline": _inline,
    "parts": _parts,
    "notice": _notice,
    "zip": _zip,
    "smime": _smime,
}
