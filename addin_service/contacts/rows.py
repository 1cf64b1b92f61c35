"""What a file of contacts comes to: rows, and how one person is known by several addresses."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from addin_service.addresses import NotAnAddress, ascii_domain, parse
from addin_service.contacts.columns import on_one_line
from addin_service.contacts.report import Refused
from addin_service.model import Address

Status: TypeAlias = Literal["known", "blocked"]

MOST_ADDRESSES = 200
"""Of one person: Exchange keeps every alias that a mailbox ever had."""

_SHORTEST_IDENTITY = 16
"""Characters; shorter ones ("7", "uid-12") come from counters, and two files count alike."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: somebody's address, or (`address` is None) a whole domain.

    `entry` is `Address.key`, or `@` and the domain. `expires` is the last day on which it counts.
    Rows with the same `person` (not empty) are accounts of one person.
    """

    line: int
    entry: str
    address: Address | None
    name: str = ""
    organisation: str = ""
    status: Status = "known"
    reason: str = ""
    expires: date | None = None
    owner: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One card or directory entry as it was read.

    `given` are addresses as they are written, each with its line. `identity` is what the program
    that wrote the file calls it by, if it does. `is_person` is False for groups and organisations.
    """

    line: int
    name: str
    organisation: str
    given: tuple[tuple[int, str], ...]
    identity: str = ""
    is_person: bool = True


def rows(card: Card) -> Iterator[Row | Refused]:
    """One row for each address of a card, and every one that was left out.

    Never a whole domain: `@chambers.example` in a card is a mistake, and vouching for everybody
    there takes a person who means it.
    """
    found: dict[str, Address] = {}
    if not card.given:
        yield Refused(card.line, "it has no e-mail address")
    if len(card.given) > MOST_ADDRESSES:
        yield Refused(card.line, f"it has more than {MOST_ADDRESSES} e-mail addresses")
        return
    for line, text in card.given:
        try:
            address, _ = address_in(on_one_line(text))
        except NotAnAddress as refusal:
            yield not_an_address(line, text, refusal)
        else:
            found.setdefault(address.key, address)
    person = person_of(found, card.identity) if card.is_person else ""
    name = on_one_line(card.name)
    for key, address in found.items():
        yield Row(
            line=card.line,
            entry=key,
            address=address,
            name="" if "@" in name else name,
            organisation=on_one_line(card.organisation),
            person=person,
        )


def person_of(keys: Iterable[str], identity: str = "") -> str:
    """What stands for the person with these addresses, the same at every import.

    The identity counts where it is long enough to be meant for the whole world; else the first
    address in order, where there are several. Empty where there is nothing to be one of.
    """
    keys = sorted(keys)
    identity = identity.strip().lower().removeprefix("urn:uuid:")
    if keys and len(identity) >= _SHORTEST_IDENTITY and not identity.isdigit():
        return _digest("identity", identity)
    return _digest("address", keys[0]) if len(keys) > 1 else ""


def address_in(text: str) -> tuple[Address, str]:
    """The address in `text` and the name before it, if any; raises `NotAnAddress`."""
    named = re.fullmatch(r"([^<>]*)<([^<>]*)>", text)
    return parse(named[2] if named else text), named[1].strip(' "') if named else ""


def domain_in(text: str) -> str | None:
    """`@domain` where the text is a whole domain, else None; raises `NotAnAddress`."""
    text = text.removeprefix("*")
    if not text.startswith("@"):
        return None
    domain = ascii_domain(text[1:])
    if "." not in domain:
        raise NotAnAddress("no-suffix")
    return f"@{domain}"


def not_an_address(line: int, text: str, refusal: NotAnAddress) -> Refused:
    """Why an address was left out, in words for the person who imports."""
    why = "it is an internal name of Exchange" if text.lower().startswith("/o=") else str(refusal)
    return Refused(line, f"not an address: {why}", text[:200])


def _digest(kind: str, identity: str) -> str:
    return hashlib.sha256(f"{kind}\0{identity}".encode()).hexdigest()[:32]
