"""A tree of MIME parts, and its bytes, a piece at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from addin_service.sealing import headers, streams
from addin_service.sealing.content import File
from addin_service.sealing.pictures import Picture

END = b"\r\n"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part with content; `pieces` are its lines already encoded for the way."""

    lines: tuple[str, ...]
    pieces: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Multi:
    """A part of parts. `parameters` follow the boundary in its Content-Type."""

    kind: str
    children: tuple["Part", ...]
    parameters: str = ""
    lines: tuple[str, ...] = ()


Part: TypeAlias = Leaf | Multi


def text(kind: str, content: str) -> Leaf:
    """Words in UTF-8; ASCII in short lines as it is, anything else in Base64."""
    lines = partial(_text_lines, content)
    head = f"Content-Type: text/{kind}; charset=utf-8"
    _, plain = streams.measured(lines())
    return _as_is((head,), lines) if plain else _base64((head,), lines)


def attached(file: File) -> Leaf:
    """A file to be saved or opened. A mail within the mail must not be in Base64 (RFC 2046)."""
    kind, name = headers.file_type(file.type), headers.file_name(file.name)
    place = f"Content-Disposition: attachment{headers.filename(name)}"
    if kind == "message/rfc822":
        lines = partial(_byte_lines, file.data)
        size, plain = streams.measured(lines())
        if size and plain:
            return _as_is((f"Content-Type: {kind}", place), lines)
        kind = headers.NO_TYPE
    data = partial(streams.of_bytes, file.data)
    return _base64((f"Content-Type: {kind}", place), data)


def shown(picture: Picture) -> Leaf:
    """A picture that the HTML beside it shows."""
    name = headers.filename(headers.file_name(picture.name))
    return _base64(
        (
            f"Content-Type: {headers.file_type(picture.type)}",
            f"Content-ID: <{picture.content_id}>",
            f"Content-Disposition: inline{name}",
        ),
        picture.pieces,
    )


def written(lines: Iterable[str], part: Part, boundary: str) -> Iterator[bytes]:
    """Header lines that come first, and the part; a piece at a time."""
    yield _lines(lines)
    yield from _written(part, boundary)


def _written(part: Part, boundary: str) -> Iterator[bytes]:
    """Header and body of the part; `boundary` becomes longer with every level below."""
    if isinstance(part, Leaf):
        yield _lines((*part.lines, ""))
        yield from part.pieces()
        return
    kind = f'Content-Type: multipart/{part.kind}; boundary="{boundary}"{part.parameters}'
    yield _lines((kind, *part.lines))
    for child in part.children:
        yield f"\r\n--{boundary}\r\n".encode()
        # The dot stands in front: no boundary may be the beginning of another one.
        yield from _written(child, f".{boundary}")
    yield f"\r\n--{boundary}--\r\n".encode()


def _as_is(lines: tuple[str, ...], pieces: Callable[[], Iterable[bytes]]) -> Leaf:
    return Leaf((*lines, "Content-Transfer-Encoding: 7bit"), pieces)


def _base64(lines: tuple[str, ...], pieces: Callable[[], Iterable[bytes]]) -> Leaf:
    def encoded() -> Iterable[bytes]:
        return streams.base64_lines(pieces())

    return Leaf((*lines, "Content-Transfer-Encoding: base64"), encoded)


def _text_lines(content: str) -> Iterable[bytes]:
    return streams.crlf(streams.of_text(content))


def _byte_lines(data: bytes) -> Iterable[bytes]:
    return streams.crlf(streams.of_bytes(data))


def _lines(lines: Iterable[str]) -> bytes:
    return b"".join(line.encode() + END for line in lines)
