"""Mails as they come in, made in the test: people with gpg, and the shapes that programs make."""

import textwrap
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from addin_service.model import Address
from addin_service.opening.opened import Opened, open_mail
from addin_service.opening.signers import Standing
from addin_service.pgp.bindings import Decided, Decision, Held, Known
from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.pgp.user_gpg import UserGpg
from tests.pgp.keys import GPG, Owner, now

ANN, BOB = "ann.lee@council.example", "bob@northwind.example"
HEAD = f"From: Ann Lee <{ANN}>\r\nTo: {BOB}\r\nSubject: [...]\r\nMIME-Version: 1.0\r\n"
SECRET = "Meet at 4 Elm Row."
TEXT = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{SECRET}\r\n".encode()
VERSION = (
    "Content-Type: application/pgp-encrypted\r\n"
    "Content-Description: PGP/MIME version identification\r\n\r\nVersion: 1\r\n"
)


@dataclass
class Person:
    """Somebody with a key in a gpg home of their own."""

    gpg: Owner
    key: str

    @property
    def certificate(self) -> Certificate:
        return GPG.read(self.gpg.public(self.key))


@dataclass
class Post:
    """Ann writes to Bob; Bob opens. `held` and `decided` are what Bob's service has stored."""

    ann: Person
    bob: Person
    held: tuple[Certificate, ...] = ()
    decided: list[Decided] = field(default_factory=list)

    def sealed(
        self, content: bytes, *options: str, sign: str = "", armor: bool = True, to: str = ""
    ) -> bytes:
        """Sealed by Ann's gpg for Bob."""
        signing = ["--local-user", sign, "--sign"] if sign else []
        shape = ["--armor"] if armor else []
        to = to or self.bob.key
        return self.ann.gpg.gpg(*options, *shape, *signing, "-r", to, "--encrypt", given=content)

    def say(self, key: str, decision: Decision = "verified", method: str = "phone") -> None:
        """Somebody says about Ann's address and a key."""
        at = now() - timedelta(days=len(self.decided) + 1)
        known = next(c for c in self.held if c.fingerprint == key)
        subkeys = frozenset(k.fingerprint for k in known.subkeys if k.encrypts)
        self.decided.append(Decided(ANN, Fingerprint(key), decision, method, at, True, subkeys))

    def ask(self, sender: Address) -> Standing:
        since = {sender.key: now() - timedelta(days=365)}
        held = tuple(Held(c, since) for c in self.held if sender.key in c.addresses())
        decided = tuple(d for d in self.decided if d.address == sender.key)
        known = Known(held, decided, now())
        return Standing(sender.key, "Ann Lee" if sender.key == ANN else "", known)

    def opens(self, mail: bytes, **more: Any) -> Opened:
        return open_mail(mail, UserGpg(self.bob.gpg.home, timeout_s=60, **more), self.ask)


def _lines(text: bytes) -> str:
    return text.decode("utf-8").replace("\r\n", "\n").replace("\n", "\r\n")


def multipart(kind: str, *parts: str, parameters: str = "", boundary: str = "=_b") -> str:
    """An entity of several, its headers first."""
    inside = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{parameters}\r\n\r\n'
    return f"{head}{inside}--{boundary}--\r\n"


def octets(armored: bytes, name: str = "encrypted.asc", kind: str = "") -> str:
    kind = kind or "application/octet-stream"
    named = f'; name="{name}"' if name else ""
    shown = f'; filename="{name}"' if name else ""
    return (
        f"Content-Type: {kind}{named}\r\nContent-Disposition: attachment{shown}\r\n\r\n"
        f"{_lines(armored)}"
    )


def text(words: str, kind: str = "plain") -> str:
    return f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n{words}"


def mail(entity: str, head: str = HEAD) -> bytes:
    return (head + entity).encode()


PROTOCOL = '; protocol="application/pgp-encrypted"'


def standard(armored: bytes, head: str = HEAD) -> bytes:
    """RFC 3156."""
    return mail(multipart("encrypted", VERSION, octets(armored), parameters=PROTOCOL), head)


def mangled(armored: bytes) -> bytes:
    """The same after Exchange."""
    return mail(multipart("mixed", text(""), VERSION, octets(armored)))


def attached(armored: bytes, name: str = "encrypted.asc", notice: str = "A notice.") -> bytes:
    return mail(multipart("mixed", text(notice), octets(armored, name)))


def inline(armored: bytes) -> bytes:
    return mail(text(_lines(armored)))


def protected(subject: str, *more: str, sender: str = ANN, to: str = BOB, body: str = "") -> bytes:
    """An inner message with headers of its own, as RFC 9788 has it."""
    lines = [
        'Content-Type: text/plain; charset=utf-8; hp="cipher"',
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        "HP-Outer: Subject: [...]",
        f"HP-Outer: From: {ANN}",
        f"HP-Outer: To: {BOB}",
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + (body or SECRET) + "\r\n").encode()


def folded(data: str) -> str:
    return "\r\n".join(textwrap.wrap(data, 76))
