"""A mailbox file (mbox) to who wrote to whom, when, and under which subject. No text is read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import BinaryIO

from addin_service.contacts.headers import STUMBLES, unfolded
from addin_service.contacts.messages import Message, messages
from addin_service.contacts.passing import Passed as Passed
from addin_service.contacts.passing import digest, passed, shortened
from addin_service.contacts.report import Refused
from addin_service.model import Address

_OF_INTEREST = re.compile(
    "from|to|cc|bcc|date|message-id|subject|auto-submitted|precedence|list-id", re.IGNORECASE
)


@dataclass(slots=True)
class Seen:
    """How far the reading is, for whoever shows progress: bytes, messages, and those left out."""

    bytes: int = 0
    messages: int = 0
    strangers: int = 0
    """Neither from the owner nor to the owner, or to nobody else."""
    automatic: int = 0
    """Circulars, lists and automatic answers: nobody chose to write to anybody."""


def read_mbox(
    stream: BinaryIO, owner: Address, seen: Seen | None = None
) -> Iterator[Passed | Refused]:
    """What passed between the owner and others, in the order of the file, and what is unreadable.

    `seen` counts along. Raises `NotReadable` where the file is no mbox file. Holds the headers of
    one message in memory and never a body. The owner is left out; so are addresses that are none.
    """
    seen = seen if seen is not None else Seen()
    for message in messages(stream):
        seen.bytes, seen.messages = message.end, seen.messages + 1
        if message.problem:
            yield Refused(message.line, message.problem)
            continue
        headers = _headers(message)
        if not headers.get("from"):
            yield Refused(message.line, "this message does not say who wrote it")
            continue
        found = passed(headers, owner, digest(message.headers))
        if found is None:
            yield Refused(message.line, "who wrote this message is not an address")
        elif found == "automatic":
            seen.automatic += 1
        elif found == "stranger":
            seen.strangers += 1
        else:
            yield found


def _headers(message: Message) -> dict[str, str]:
    """The headers that are read, unfolded, by name in lower case; repeated ones are joined."""
    found: dict[str, str] = {}
    try:
        items = list(message_from_bytes(message.headers, policy=policy.default).raw_items())
    except STUMBLES:
        return found
    for name, value in items:
        if _OF_INTEREST.fullmatch(name):
            name, value = name.lower(), unfolded(str(value))
            value = shortened(value)
            found[name] = f"{found[name]}, {value}" if found.get(name) else value
    return found
