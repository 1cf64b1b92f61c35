"""Files of a message on disk: under harmless names, in one folder, never over another file."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from addin_service.opening.inner import InnerFile
from addin_service.sealing.headers import NO_NAME, file_name

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)", re.IGNORECASE)
"""Names that are devices on Windows, whatever ending follows."""
_ENDINGS = {"message/rfc822": ".eml", "text/plain": ".txt", "text/html": ".html"}
MOST_OF_A_NAME = 1_000
MOST_BYTES_OF_A_NAME = 200
_LONGEST_ENDING = 16


class NotSaved(Exception):
    """A file was not written; those before it were. The text says why, without a path or a name."""


def harmless(file: InnerFile) -> str:
    """The name under which a file may be saved on every system."""
    name = file_name(file.name)
    if name == NO_NAME:
        name += _ENDINGS.get(file.type, "")
    if name.startswith((".", "-", "~")):
        name = f"_{name}"
    name = _short(name.rstrip(". "))
    return f"_{name}" if _RESERVED.fullmatch(name.partition(".")[0].strip()) else name


def _short(name: str) -> str:
    """Its stem cut to what file systems take, between characters; the ending stays."""
    room = MOST_BYTES_OF_A_NAME - len(name.encode())
    if room >= 0:
        return name
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if len(ending) <= _LONGEST_ENDING else (name, "")
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + ending


def save(files: Iterable[InnerFile], folder: Path) -> list[Path]:
    """Write each; where each lies then. Raises `NotSaved`.

    A name that is taken gets a number. Only the user may read them, and nothing runs them.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        raise NotSaved("the folder cannot be made") from None
    return [_written(folder, harmless(file), file.data) for file in files]


def _written(folder: Path, name: str, data: bytes) -> Path:
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (name, "")
    for number in range(1, MOST_OF_A_NAME):
        place = folder / (name if number == 1 else f"{stem}-{number}{ending}")
        if place.is_symlink():
            raise NotSaved("a link stands in the folder under the name of a file")
        # O_EXCL: what is there stays as it is, and a link is not followed.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(place, flags, 0o600)
        except FileExistsError:
            continue
        except OSError:
            raise NotSaved("a file cannot be written there") from None
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
        except OSError:
            raise NotSaved("the disk is full, or the folder is gone") from None
        return place
    raise NotSaved("too many files of one name are there already")
