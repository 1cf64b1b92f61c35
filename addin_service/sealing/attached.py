"""Sealed mail as files, for mail programs that cannot set the type of a whole message.

`parts` is RFC 3156 as some servers leave it behind: an empty text and the two parts as files, which
readers of OpenPGP mail know and repair. `notice` is one file and a text that says what it is.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from addin_service.sealing import headers, parts, streams
from addin_service.sealing.armor import armored
from addin_service.sealing.content import Attached

ENCRYPTED = "encrypted.asc"
NO_TYPE = "application/octet-stream"
NOTICE = (
    "This message is encrypted: it is in the attached file, encrypted.asc.\n"
    "Where your mail program does not show it, open the file with your OpenPGP program.\n"
)
_VERSION = b"Version: 1\r\n"
# By this name, as by the type, Thunderbird and FlowCrypt know what was once a sealed mail.
_VERSION_NAME = "PGPMIME version identification"


def as_parts(message: Sequence[bytes]) -> tuple[Attached, ...]:
    """The two parts of RFC 3156 as files; the text beside them is empty."""
    version = Attached.of(_VERSION_NAME, "application/pgp-encrypted", _VERSION)
    return version, as_file(message)


def as_file(message: Sequence[bytes]) -> Attached:
    """The message in armour, as one file."""
    whole = armored(message)
    return Attached(ENCRYPTED, NO_TYPE, whole.size, whole.pieces)


def mail(text: str, attachments: Iterable[Attached], boundary: str) -> Iterable[bytes]:
    """The entity, header first, that a mail program makes of a text and such files."""
    whole = parts.Multi("mixed", (parts.text("plain", text), *map(_part, attachments)))
    return parts.written((), whole, boundary)


def _part(file: Attached) -> parts.Leaf:
    """Armour and the version line travel as they are; any other file in Base64."""
    lines = (
        f"Content-Type: {headers.file_type(file.type)}",
        f"Content-Disposition: attachment{headers.filename(headers.file_name(file.name))}",
    )
    if streams.measured(file.pieces())[1]:
        return parts.Leaf(lines, file.pieces)
    encoded = partial(_base64, file)
    return parts.Leaf((*lines, "Content-Transfer-Encoding: base64"), encoded)


def _base64(file: Attached) -> Iterable[bytes]:
    return streams.base64_lines(file.pieces())
