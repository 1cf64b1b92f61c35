"""HTML of a mail as one file for a browser, its pictures within it.

A mail program would hold the HTML back from doing anything. A browser is told to: it fetches
nothing, runs nothing and goes nowhere by itself, so that nobody learns that it was opened.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterable, Iterator

from addin_service.sealing import headers, pictures, streams
from addin_service.sealing.content import File

ROOM_FOR_REPEATS = 5_000_000
"""Bytes of pictures that may be written again where they are shown again, such as a logo."""

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'"
_START = (
    '<!DOCTYPE html>\r\n<meta charset="utf-8">\r\n'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}; base-uri \'none\'">\r\n'
    '<meta name="referrer" content="no-referrer">\r\n'
).encode()
_CITED = re.compile(r"""cid:([^"'\s<>)]{1,200})""", re.IGNORECASE)
# No policy keeps these from sending the reader elsewhere or from looking up a name in the network.
_DIRECTIVE = re.compile(r"<(?=(?:meta|link|base)\b)", re.IGNORECASE)


def shown(html: str, files: Iterable[File]) -> tuple[dict[str, File], tuple[File, ...]]:
    """The pictures that the HTML shows, by their id, and the other files."""
    cited = pictures.cited(html)
    found: dict[str, File] = {}
    rest: list[File] = []
    for file in files:
        content_id = pictures.content_id(file.content_id)
        picture = file.inline and headers.file_type(file.type).startswith("image/")
        if picture and content_id in cited and content_id not in found:
            found[content_id] = file
        else:
            rest.append(file)
    return found, tuple(rest)


def page(html: str, found: dict[str, File]) -> Iterator[bytes]:
    """The file in UTF-8, a piece at a time, with each picture where it is shown."""
    yield _START
    html = _DIRECTIVE.sub("<x-", html)
    room = ROOM_FOR_REPEATS
    written: set[str] = set()
    done = 0
    for citation in _CITED.finditer(html) if found else ():
        picture = found.get(citation[1])
        if picture is None:
            continue
        if picture.content_id in written:
            if len(picture.data) > room:
                continue
            room -= len(picture.data)
        written.add(picture.content_id)
        yield from _text(html, done, citation.start())
        yield f"data:{headers.file_type(picture.type)};base64,".encode()
        for piece in streams.of_bytes(picture.data):
            yield b2a_base64(piece, newline=False)
        done = citation.end()
    yield from _text(html, done, len(html))


def _text(html: str, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, streams.PIECE):
        yield html[at : min(at + streams.PIECE, end)].encode("utf-8", "replace")
