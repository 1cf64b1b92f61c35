"""What a reader finds in the archive: the message as text, the files, and HTML if it is needed.

A person with 7-Zip double-clicks one file after the other. So the names are good on every system,
and `message.html` needs no file beside it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from addin_service.sealing import headers, streams
from addin_service.sealing.content import Content, Person
from addin_service.sealing.inline import inline_refusal
from addin_service.sealing.page import page, shown
from addin_service.sealing.stored import Entry, entry

TEXT, HTML = "message.txt", "message.html"
ELSEWHERE = f"The message is in {HTML}, beside this file.\n"
LONGEST = 200
"""Bytes of a file name in UTF-8. Linux takes 255, and the number of a double has to fit."""

_DEVICES = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE
)
_MARK = b"\xef\xbb\xbf"


def entries(content: Content) -> tuple[Entry, ...]:
    """The files, the message first."""
    names = _Names()
    made = [entry(names.free(TEXT), partial(_message, content))]
    rest = content.files
    if _needs_html(content):
        found, rest = shown(content.html, content.files)
        made.append(entry(names.free(HTML), partial(page, content.html, found)))
    for file in rest:
        made.append(entry(names.free(file.name), partial(streams.of_bytes, file.data)))
    return tuple(made)


def _needs_html(content: Content) -> bool:
    """Whether the text alone would lose something."""
    return bool(content.html and inline_refusal(replace(content, files=())))


def _message(content: Content) -> Iterator[bytes]:
    """Who, to whom, about what, and the words; marked as UTF-8 for old editors where it matters."""
    head = [("From", (content.sender,)), ("To", content.to), ("Cc", content.cc)]
    lines = [f"{field}: {', '.join(map(_person, people))}" for field, people in head if people]
    lines.append(f"Subject: {headers.one_line(content.subject)}".rstrip())
    text = ELSEWHERE if content.html and not content.text.strip() else content.text
    top = "\n".join(lines) + "\n\n"
    if not (top.isascii() and text.isascii()):
        yield _MARK
    yield from streams.crlf(_both(top, text))


def _both(top: str, text: str) -> Iterator[bytes]:
    yield top.encode("utf-8", "replace")
    yield from streams.of_text(text)


def _person(person: Person) -> str:
    address, name = person
    name = " ".join(headers.one_line(name).split())
    return f"{name} <{address}>" if name else address


class _Names:
    """Names that no system refuses or takes for the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def free(self, given: str) -> str:
        """The name, with a number where another file has it already."""
        name = _safe(given)
        folded = _folded(name)
        while _folded(name) in self._taken:
            number = self._next.get(folded, 1) + 1
            self._next[folded] = number
            stem, dot, ending = _safe(given).rpartition(".")
            name = f"{stem} ({number}){dot}{ending}" if stem else f"{ending} ({number})"
        self._taken.add(_folded(name))
        return name


def _safe(given: str) -> str:
    """A name that Windows, macOS and Linux can all write."""
    name = unicodedata.normalize("NFC", headers.file_name(given)).rstrip(" .")
    stem, dot, ending = name.rpartition(".")
    tail = dot + ending if stem and len(ending.encode()) <= 16 else ""
    stem = name.removesuffix(tail)
    name = stem.encode()[: LONGEST - len(tail.encode())].decode(errors="ignore").rstrip(" .") + tail
    return f"_{name}" if _DEVICES.match(name) else name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
