"""A mailbox file (mbox) to who wrote to whom, when, and under which subject. No text is read."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from typing import BinaryIO, Literal, TypeAlias

from addin_service.contacts.headers import STUMBLES, parseable, unfolded, words
from addin_service.contacts.messages import Message, messages
from addin_service.contacts.report import Refused
from addin_service.model import Address

Person: TypeAlias = tuple[Address, str]

MOST_HEADER_LENGTH = 50_000
"""Characters of one header; the recipients after that, beyond a thousand, are not learned."""

_OF_INTEREST = re.compile(
    "from|to|cc|bcc|date|message-id|subject|auto-submitted|precedence|list-id", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Passed:
    """A mail that passed between the owner of the mailbox and others, each with a display name.

    `message` names the mail: its Message-ID, or a digest of its headers where it has none. `at` is
    in UTC, None where the mail does not say. `sent`: the owner wrote it to `others`; `heard`: the
    one in `others` wrote it to the owner.
    """

    message: str
    at: datetime | None
    direction: Literal["sent", "heard"]
    others: tuple[Person, ...]
    subject: str


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
        authors = _people(headers, "from")
        if not authors:
            yield Refused(message.line, "who wrote this message is not an address")
            continue
        if _is_automatic(headers):
            seen.automatic += 1
            continue
        passed = _passed(message, headers, authors, owner)
        if passed is None:
            seen.strangers += 1
        else:
            yield passed


def _passed(
    message: Message, headers: dict[str, str], authors: dict[str, Person], owner: Address
) -> Passed | None:
    readers = _people(headers, "to", "cc", "bcc")
    direction: Literal["sent", "heard"]
    if owner.untagged in authors:
        direction, others = "sent", readers
    elif owner.untagged in readers:
        direction, others = "heard", authors
    else:
        return None
    people = tuple(person for key, person in others.items() if key != owner.untagged)
    if not people:
        return None
    return Passed(
        message=_identity(message, headers),
        at=_moment(headers.get("date", "")),
        direction=direction,
        others=people,
        subject=words(headers.get("subject", "")),
    )


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
            if len(value) > MOST_HEADER_LENGTH:
                value = value[:MOST_HEADER_LENGTH].rpartition(",")[0]
            found[name] = f"{found[name]}, {value}" if found.get(name) else value
    return found


def _people(headers: dict[str, str], *names: str) -> dict[str, Person]:
    """Everyone in these headers by `Address.untagged`, once each, in order."""
    people: dict[str, Person] = {}
    for name in names:
        for address, shown in parseable(headers.get(name, "")):
            people.setdefault(address.untagged, (address, shown))
    return people


def _is_automatic(headers: dict[str, str]) -> bool:
    """Whether a program sent it, or it went through a list."""
    return (
        headers.get("auto-submitted", "no").partition(";")[0].strip().lower() != "no"
        or bool(re.search(r"\b(bulk|list|junk)\b", headers.get("precedence", "").lower()))
        or "list-id" in headers
    )


def _identity(message: Message, headers: dict[str, str]) -> str:
    found = re.match(r"<([^<>\s]{1,250})>", headers.get("message-id", ""))
    return found[1] if found else f"sha256:{hashlib.sha256(message.headers).hexdigest()}"


def _moment(text: str) -> datetime | None:
    """The date of a mail in UTC; a date without a zone is taken to be in UTC already."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except STUMBLES:
        return None
