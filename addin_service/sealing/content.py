"""What a sender wrote: the words, the readers and the files of one sealed message."""

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
class Content:
    """One message. There is no Bcc: whoever is blind gets a message of their own."""

    sender: Person
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
