"""Sealing proper: content and certificates to something only the confirmed readers can open."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from addin_service.pgp.certificate import Certificate
from addin_service.pgp.gpg import Gpg, Refused
from addin_service.sealing.content import Content
from addin_service.sealing.inline import inline_refusal, inline_text
from addin_service.sealing.mime import OUTER_SUBJECT, encrypted_entity, payload

Shape = Literal["mime", "inline"]
SHAPES: tuple[Shape, ...] = ("mime", "inline")
LOOK_AGAIN_S = 30.0
GPG_S = 15.0
"""For gpg to answer: less than the 20 s after which the mail client gives up by itself."""


class ShapeRefused(Exception):
    """This content does not go into this shape; the text says why."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is sent instead: a whole MIME entity, or a text. `subject` is what stands outside."""

    subject: str
    entity: str = ""
    text: str = ""


def _with_subject(content: Content) -> str:
    """The text led by the real subject: outside stands another, and this shape has no inside."""
    return f"{content.subject}\n\n{content.text}" if content.subject else content.text


@dataclass
class Sealer:
    """Seals with gpg. One per process; safe for several threads."""

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
        self, content: Content, certificates: Sequence[Certificate], shape: Shape, now: datetime
    ) -> Sealed:
        """The sealed message. Raises `Refused` or `ShapeRefused`, and then there is none at all."""
        if shape == "mime":
            armored = self.gpg.encrypt(payload(content), certificates, now)
            return Sealed(OUTER_SUBJECT, entity=encrypted_entity(armored))
        if why := inline_refusal(content):
            raise ShapeRefused(why)
        armored = self.gpg.encrypt(inline_text(_with_subject(content)), certificates, now)
        return Sealed(OUTER_SUBJECT, text=armored.decode("ascii"))

    def _look(self) -> bool:
        try:
            self.gpg.version()
        except Refused:
            return False
        return True
