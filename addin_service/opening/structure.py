"""What is sealed in a mail, in which of the shapes that mail programs make, and what is not. Pure.

`standard` is RFC 3156; `mangled` is the same after an Exchange server made three parts of it;
`attached` is a notice with one sealed file; `inline` is a sealed text, and `files` are sealed files
that belong to it or come alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from addin_service.htmltext import html_to_text
from addin_service.opening import armored, containers
from addin_service.opening.parts import Part
from addin_service.opening.refusals import CannotOpen
from addin_service.pgp.armor import Malformed

Shape = Literal["standard", "mangled", "attached", "inline", "files"]
Role = Literal["version", "main", "named", "file", "inline", "smime", "blank", "other"]

MOST_FILES = 50
_VERSION = re.compile(rb"\s*Version:\s*1\s*", re.IGNORECASE)
_VERSION_NAME = re.compile(r"pgp/?mime version identification|version\.(txt|asc)", re.IGNORECASE)
_MESSAGE_NAME = re.compile(
    r"|noname|att\d{1,10}(\.(dat|bin|txt|asc|eml))?"
    r"|(encrypted|message|msg|openpgp-encrypted-message|smime)?(\.eml)?\.(asc|pgp|gpg)",
    re.IGNORECASE,
)
_SEALED_ENDING = re.compile(r"\.(pgp|gpg|asc)$", re.IGNORECASE)
_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")


@dataclass(frozen=True, slots=True)
class Outside:
    """A part that is not in the sealed message: anybody may have put it there."""

    kind: Literal["text", "html", "file"]
    name: str
    before: bool


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file that is sealed by itself, under its name without `.pgp`."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """The sealed message of a mail in binary (None where there are only files), and its company."""

    shape: Shape
    main: bytes | None
    files: tuple[SealedFile, ...]
    outside: tuple[Outside, ...]
    charset: str = ""


def find(mail: Part) -> Found:
    """The one sealed message. Raises `CannotOpen`: not sealed, S/MIME, several, damaged."""
    roles = list(_roles(mail, None))
    main = [(role, part) for role, part in roles if role in ("main", "named")]
    inline = [part for role, part in roles if role == "inline"]
    if not main:
        plain = [part for part in inline if part.type == "text/plain"]
        inline = plain or inline
    if len(main) + len(inline) > 1:
        raise CannotOpen("several")
    smime = any(role == "smime" for role, _ in roles)
    if smime and (main or inline):
        raise CannotOpen("several")
    if smime:
        raise CannotOpen("smime")
    files = [part for role, part in roles if role == "file"]
    if main:
        return _with_main(mail, roles, main[0][1])
    if not inline and not files:
        damaged = any(role == "version" or p.type == "multipart/encrypted" for role, p in roles)
        raise CannotOpen("damaged" if damaged else "not-sealed")
    return _with_text(roles, inline[0] if inline else None, files)


def _with_main(mail: Part, roles: list[tuple[Role, Part]], sealed: Part) -> Found:
    shape: Shape = "attached"
    if any(p.type == "multipart/encrypted" and sealed in p.children for p in mail.walk()):
        shape = "standard"
    elif any(role == "version" for role, _ in roles):
        shape = "mangled"
    return Found(shape, _packets(sealed.data), (), tuple(_outside(roles, sealed, ())))


def _with_text(roles: list[tuple[Role, Part]], text: Part | None, files: list[Part]) -> Found:
    if len(files) > MOST_FILES:
        raise CannotOpen("many-parts")
    sealed = tuple(
        SealedFile(_SEALED_ENDING.sub("", part.name), _packets(part.data)) for part in files
    )
    outside = tuple(_outside(roles, text or files[0], files))
    if text is None:
        return Found("files", None, sealed, outside)
    words = _words(text)
    main = _packets(words)
    if armored.outside(words):
        outside = (Outside("text", "", True), *outside)
    charset = re.search(rb"(?m)^Charset: ([A-Za-z0-9_-]{1,40})", words)
    return Found("inline", main, sealed, outside, charset[1].decode("ascii") if charset else "")


def _roles(part: Part, parent: Part | None) -> Iterator[tuple[Role, Part]]:
    """What every part without parts is, in order; containers too where they say "encrypted"."""
    if part.children:
        if part.type == "multipart/encrypted":
            yield "other", part
        for child in part.children:
            yield from _roles(child, part)
        return
    yield _role(part, parent), part


def _role(part: Part, parent: Part | None) -> Role:
    if part.type in _SMIME and "signed" not in part.parameter("smime-type"):
        return "smime"
    if _is_version(part, parent):
        return "version"
    if part.is_text:
        words = _words(part)
        if armored.is_here(words):
            after_version = parent is not None and any(
                _is_version(one, parent) for one in parent.children
            )
            return "main" if after_version else "inline"
        return "other" if words.strip() else "blank"
    if not armored.is_here(part.data[:100_000]) and not containers.is_message(part.data):
        return "other"
    if parent is not None:
        beside = parent.children
        if parent.type == "multipart/encrypted" or any(_is_version(p, parent) for p in beside):
            return "main"
    return "named" if _MESSAGE_NAME.fullmatch(part.name) else "file"


def _is_version(part: Part, parent: Part | None) -> bool:
    if part.type == "application/pgp-encrypted":
        return len(part.data) < 200 and not armored.is_here(part.data)
    named = _VERSION_NAME.fullmatch(part.name) or (
        parent is not None and parent.type == "multipart/encrypted"
    )
    return bool(named) and _VERSION.fullmatch(part.data[:100]) is not None


def _words(part: Part) -> bytes:
    text = part.text
    return armored.as_ascii(html_to_text(text) if part.type == "text/html" else text)


def _packets(data: bytes) -> bytes:
    if containers.is_message(data):
        return data
    try:
        return armored.message(data)
    except Malformed as fault:
        raise CannotOpen("several" if fault.code == "several" else "damaged") from None


def _outside(
    roles: list[tuple[Role, Part]], sealed: Part, others: list[Part] | tuple[()]
) -> Iterator[Outside]:
    """The parts that somebody sees and that are not sealed."""
    unseen = ("version", "blank")
    before = True
    for role, part in roles:
        if part is sealed:
            before = False
        elif part.children or role in unseen or any(part is other for other in others):
            continue
        elif part.is_text:
            yield Outside("html" if part.type == "text/html" else "text", "", before)
        elif part.type != "application/pgp-signature":
            yield Outside("file", part.name, before)
