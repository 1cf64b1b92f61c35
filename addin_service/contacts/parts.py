"""The parts of a mail as they really are: broken ones too. Nothing raises.

The standard library stumbles over what it cannot read, one part at the cost of all. Here each
question about a part has an answer.
"""

from collections.abc import Callable
from email.message import Message
from typing import TypeVar, cast

from addin_service.contacts.headers import STUMBLES

T = TypeVar("T")

UNKNOWN_TYPE = "application/octet-stream"


def ask(question: Callable[[], T], otherwise: T) -> T:
    """What the standard library says of a part, or something harmless where it stumbles."""
    try:
        return question()
    except STUMBLES:
        return otherwise


def content_type(part: Message) -> str:
    """Its media type, in lower case."""
    return ask(part.get_content_type, UNKNOWN_TYPE)


def file_name(part: Message) -> str:
    """The name of the file as it is given; "" where there is none."""
    return str(ask(part.get_filename, None) or "")


def is_attached(part: Message) -> bool:
    """Whether it says that it is a file to be saved."""
    return ask(part.get_content_disposition, None) == "attachment"


def children(part: Message) -> list[Message] | None:
    """The parts below it; None for one that has content instead."""
    inside = ask(part.get_payload, None)
    return cast(list[Message], inside) if isinstance(inside, list) else None


def content(part: Message) -> bytes:
    """Its content, decoded; empty where there is none to be had."""
    found = ask(lambda: cast(object, part.get_payload(decode=True)), None)
    return found if isinstance(found, bytes) else b""


def data(part: Message) -> bytes:
    """The bytes of a file, of a mail that is attached as it stands."""
    below = children(part)
    if below is None:
        return content(part)
    return b"".join(ask(child.as_bytes, b"") for child in below)
