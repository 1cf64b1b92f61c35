"""The headers of a mail to who wrote it to whom, when, and under which subject."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias

from addin_service.contacts.headers import STUMBLES, parseable, words
from addin_service.model import Address

Person: TypeAlias = tuple[Address, str]
Left: TypeAlias = Literal["automatic", "stranger"]
"""Why a mail is left out. `automatic`: a circular, a list, an automatic answer: nobody chose to
write to anybody. `stranger`: neither from the owner nor to the owner, or to nobody else."""

MOST_HEADER_LENGTH = 50_000
"""Characters of one header; the recipients after that, beyond a thousand, are not learned."""

_NAMED = re.compile(r"<([^<>\s]{1,250})>|([^<>\s]{1,250})$")
_DISPLAYED = re.compile(r'\s*"?([^<>]*?)"?\s*<([^<>]*)>\s*')


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


def passed(headers: Mapping[str, str], owner: Address, name: str) -> Passed | Left | None:
    """What passed, by unfolded headers with names in lower case; None where nobody wrote it.

    `name` is taken where the mail has no Message-ID. The owner is left out of the others; so are
    addresses that are none.
    """
    authors = people(headers, "from")
    if not authors:
        return None
    if _is_automatic(headers):
        return "automatic"
    readers = people(headers, "to", "cc", "bcc")
    direction: Literal["sent", "heard"]
    if owner.untagged in authors:
        direction, others = "sent", readers
    elif owner.untagged in readers:
        direction, others = "heard", authors
    else:
        return "stranger"
    known = tuple(person for key, person in others.items() if key != owner.untagged)
    if not known:
        return "stranger"
    return Passed(
        identity(headers.get("message-id", "")) or name,
        moment(headers.get("date", "")),
        direction,
        known,
        words(headers.get("subject", "")),
    )


def people(headers: Mapping[str, str], *names: str) -> dict[str, Person]:
    """Everyone in these headers by `Address.untagged`, once each, in order."""
    found: dict[str, Person] = {}
    for name in names:
        for address, shown in parseable(shortened(headers.get(name, ""))):
            found.setdefault(address.untagged, (address, shown))
    return found


def identity(message_id: str) -> str:
    """A Message-ID without its brackets; "" where it is none."""
    found = _NAMED.match(message_id.strip())
    return (found[1] or found[2]) if found else ""


def quoted(displayed: str) -> str:
    """One mailbox as a mail program shows it, as a header has it: commas may stand in the name."""
    found = _DISPLAYED.fullmatch(displayed)
    if not found or not found[1]:
        return displayed
    name = re.sub(r'[\\"]', "", found[1])
    return f'"{name}" <{found[2]}>'


def digest(headers: bytes) -> str:
    """By what a mail without a Message-ID is named."""
    return f"sha256:{hashlib.sha256(headers).hexdigest()}"


def shortened(header: str) -> str:
    """As much of a header as is read."""
    if len(header) <= MOST_HEADER_LENGTH:
        return header
    return header[:MOST_HEADER_LENGTH].rpartition(",")[0]


def moment(text: str) -> datetime | None:
    """The date of a mail in UTC; a date without a zone is taken to be in UTC already."""
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except STUMBLES:
        return None


def _is_automatic(headers: Mapping[str, str]) -> bool:
    """Whether a program sent it, or it went through a list."""
    return (
        headers.get("auto-submitted", "no").partition(";")[0].strip().lower() != "no"
        or bool(re.search(r"\b(bulk|list|junk)\b", headers.get("precedence", "").lower()))
        or "list-id" in headers
    )
