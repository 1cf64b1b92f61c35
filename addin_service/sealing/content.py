"""What a sender wrote: the words, the readers and the files of one sealed message."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

Person: TypeAlias = tuple[str, str]
"""An address, and the display name; "" where there is none."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along. `inline` with a `content_id` is a picture in the HTML."""

    name: str
    type: str
    data: bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of the sealed message. `pieces` gives its `size` bytes, as often as asked for."""

    name: str
    type: str
    size: int
    pieces: Callable[[], Iterable[bytes]]

    @classmethod
    def of(cls, name: str, kind: str, data: bytes) -> "Attached":
        """A small file, whose bytes are there."""
        return cls(name, kind, len(data), lambda: (data,))


@dataclass(frozen=True, slots=True)
class Content:
    """One message. There is no Bcc: whoever is blind gets a message of their own."""

    sender: Person
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
