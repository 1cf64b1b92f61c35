"""The file that a backup is: a ZIP with a handful of known parts and a list of their hashes.

What comes out of one is hostile until the list is held against it: nothing is taken by name from
the archive, and no part may be larger than the list says.
"""

import hashlib
import json
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import addin_service
from addin_service.transfer.problems import NotMoved

FORMAT = 1
MANIFEST = "MANIFEST.json"
RECORD = "record.db"
SECRET = "secret.key"  # noqa: S105
MOST_BYTES = {RECORD: 1 << 40, SECRET: 32, "policy.toml": 1 << 20, "service.toml": 1 << 20}
"""The parts there may be, in the order of the archive, and how large each may get."""
REQUIRED = frozenset({RECORD, SECRET})

_CHUNK = 1 << 20
_MOST_MANIFEST = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive."""

    size: int
    sha256: str


class _PartIn(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What an archive says of itself."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    format: int
    program: str
    made: str
    revision: str = Field(pattern=r"^[0-9]{4}$")
    receipts: int = Field(ge=0)
    head: str = Field(pattern=r"^[0-9a-f]{64}$")
    parts: dict[str, _PartIn]


def write(
    out: IO[bytes], files: dict[str, Path | bytes], made: str, revision: str, head: tuple[int, str]
) -> None:
    """Write an archive of these parts. Raises `OSError`."""
    parts = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            parts[name] = asdict(_put(archive, name, content))
        said = {
            "format": FORMAT, "program": addin_service.__version__, "made": made,
            "revision": revision, "receipts": head[0], "head": head[1], "parts": parts,
        }  # fmt: skip
        _put(archive, MANIFEST, json.dumps(said, indent=2).encode())


def _put(archive: zipfile.ZipFile, name: str, content: Path | bytes) -> Part:
    about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    about.compress_type = zipfile.ZIP_DEFLATED
    about.external_attr = (stat.S_IFREG | 0o600) << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(about, "w", force_zip64=True) as part:
        for piece in _pieces(content):
            digest.update(piece)
            size += len(piece)
            part.write(piece)
    return Part(size, digest.hexdigest())


def _pieces(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def read(stream: IO[bytes]) -> "Archive":
    """An archive whose list of parts is in order. Raises `NotMoved`, `OSError`."""
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError):
        raise _damaged("it is no whole ZIP file") from None
    members = {one.filename: one for one in archive.infolist()}
    if len(members) != len(archive.infolist()):
        raise _damaged("a part is in it twice")
    if members.keys() - {*MOST_BYTES, MANIFEST} or MANIFEST not in members:
        raise _damaged("it has not the parts that a backup has")
    for one in members.values():
        kind = stat.S_IFMT(one.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or one.flag_bits & 1 or one.compress_type not in _METHODS:
            raise _damaged("a part of it is no plain file")
    return Archive(archive, _manifest(archive, members))


def _manifest(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> Manifest:
    said = b"".join(_unpacked(archive, MANIFEST, _MOST_MANIFEST))
    try:
        form = json.loads(said).get("format")
        if isinstance(form, int) and form > FORMAT:
            raise NotMoved(
                "The backup was made by a newer version of Last Look.", "Install that version."
            )
        manifest = Manifest.model_validate_json(said)
    except (ValidationError, ValueError, AttributeError, RecursionError):
        raise _damaged(f"its {MANIFEST} cannot be read") from None
    if manifest.format != FORMAT or {*manifest.parts, MANIFEST} != set(members):
        raise _damaged("it has not the parts that it lists")
    if not manifest.parts.keys() >= REQUIRED:
        raise _damaged("a part is missing")
    if any(part.size > MOST_BYTES[name] for name, part in manifest.parts.items()):
        raise _damaged("a part of it is larger than a backup has")
    return manifest


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive."""

    file: zipfile.ZipFile
    manifest: Manifest

    @property
    def size(self) -> int:
        """Bytes that its parts have when they are unpacked."""
        return sum(part.size for part in self.manifest.parts.values())

    def unpack(self, name: str, out: IO[bytes]) -> None:
        """Write a part, which is the one that is listed. Raises `NotMoved`, `OSError`."""
        listed, digest, size = self.manifest.parts[name], hashlib.sha256(), 0
        for piece in _unpacked(self.file, name, listed.size):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
        if size != listed.size or digest.hexdigest() != listed.sha256:
            raise _damaged(f"{name} is not what was put in")


def _unpacked(archive: zipfile.ZipFile, name: str, most_bytes: int) -> Iterator[bytes]:
    try:
        left = most_bytes
        with archive.open(name) as part:
            while piece := part.read(_CHUNK):
                left -= len(piece)
                if left < 0:
                    raise _damaged(f"{name} is larger than it says")
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, RuntimeError) as error:
        raise _damaged(f"{name} cannot be read") from error


def _damaged(why: str) -> NotMoved:
    return NotMoved(
        f"The backup cannot be used: {why}.", "Nothing was restored. Take an older one.",
        fault="record",
    )  # fmt: skip
