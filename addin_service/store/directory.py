"""The organisation's contacts as a source of people: each question one look-up for a whole draft.

Nothing here reads more than is asked about, however many contacts there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import Connection

from addin_service import masks
from addin_service.domain_index import DomainIndex
from addin_service.model import Contact
from addin_service.people import SLIPS
from addin_service.store import contact_domains, contacts, facts, neighbours, sets


@dataclass(frozen=True, slots=True)
class Overview:
    """What is small in the directory as it is on one day: held from check to check."""

    day: date
    entries: int
    domains: int
    """The revisions of the contacts and of the set of their domains."""
    indexed: int
    last: int
    """Contacts with an id between these two are not indexed yet."""
    people: DomainIndex
    """Where the contacts are."""
    allowed: frozenset[str]
    blocked: dict[str, str]
    """Forbidden domains with the reason."""


_NAMES = (facts.CONTACTS_REVISION, contact_domains.REVISION, neighbours.INDEXED, neighbours.LAST)


def overview(connection: Connection, day: date, held: Overview | None = None) -> Overview:
    """The directory's overview; `held`, or parts of it, where nothing has changed."""
    entries, domains, indexed, last = facts.numbers(connection, *_NAMES)
    if held is not None and held.day == day and held.entries == entries:
        same = held.indexed == indexed
        return held if same else replace(held, indexed=indexed)
    if held is not None and held.day == day and held.domains == domains:
        people = held.people
    else:
        people = DomainIndex(contact_domains.known(connection, day))
    whole = contacts.valid(connection, day, "address = ''")
    allowed = frozenset(entry.domain for entry in whole if entry.status == "known")
    blocked = {entry.domain: entry.reason for entry in whole if entry.status == "blocked"}
    return Overview(day, entries, domains, indexed, last, people, allowed, blocked)


class Directory:
    """The contacts that count today, read in one transaction. See `people.Source`."""

    def __init__(self, connection: Connection, seen: Overview) -> None:
        self._connection = connection
        self._seen = seen
        self._exact: dict[str, Contact | None] = {}
        self._near: dict[str, list[Contact]] = {}
        self._named: dict[str, list[Contact]] = {}

    @property
    def domain_index(self) -> DomainIndex:
        """The domains at which these people are."""
        return self._seen.people

    def exact(self, key: str) -> Contact | None:
        """The contact with this normal form."""
        if key not in self._exact:
            self.look_up((key,))
        return self._exact[key]

    def near(self, key: str) -> Sequence[Contact]:
        """The contacts at most `SLIPS` away from this normal form, itself excepted."""
        self.look_near((key,))
        return self._near[key]

    def named(self, name_key: str) -> Sequence[Contact]:
        """The contacts of this name, whatever its order and titles."""
        self.look_named((name_key,))
        return self._named[name_key]

    def look_up(self, keys: Iterable[str]) -> None:
        """Read what `exact` will be asked about."""
        wanted = [key for key in keys if key not in self._exact]
        if wanted:
            self._exact.update(dict.fromkeys(wanted))
            self._exact.update({one.key: one for one in self._people("entry", wanted)})

    def look_named(self, name_keys: Iterable[str]) -> None:
        """Read what `named` will be asked about."""
        wanted = {key: key[: contacts.LONGEST_KEY] for key in name_keys if key not in self._named}
        if not wanted:
            return
        found = {one.key for one in self._people("name_key", set(wanted.values()))}
        self.look_up(found)
        by_name: dict[str, list[Contact]] = defaultdict(list)
        for key in sorted(found):
            # Where several sources have an entry, the name is that of the one that counts.
            if contact := self._exact[key]:
                by_name[contacts.name_key(contact.name)].append(contact)
        self._named.update({key: by_name[cut] for key, cut in wanted.items()})

    def look_near(self, keys: Iterable[str]) -> None:
        """Read what `near` will be asked about."""
        close = self._close([key for key in keys if key not in self._near])
        self.look_up({other for others in close.values() for other in others})
        for key, others in close.items():
            found = (self._exact[other] for other in sorted(others))
            self._near[key] = [contact for contact in found if contact]

    def _close(self, keys: Sequence[str]) -> dict[str, set[str]]:
        """The entries that are near each of `keys`, those that no longer count among them."""
        asked: dict[int, list[str]] = defaultdict(list)
        candidates: dict[str, set[str]] = {key: set() for key in keys}
        for key in keys:
            local, _, domain = key.rpartition("@")
            for other, slips in self.domain_index.near(domain):
                if slips == SLIPS:
                    candidates[key].add(f"{local}@{other}")
                    continue
                for code in masks.asked(local, other, SLIPS - slips):
                    asked[code].append(key)
        if asked:
            for code, entry in neighbours.found(self._connection, asked):
                for key in asked[code]:
                    candidates[key].add(entry)
        waiting = self._waiting() if keys else []
        return {key: _rated(key, [*found, *waiting]) for key, found in candidates.items()}

    def _waiting(self) -> list[str]:
        indexed, last = self._seen.indexed, self._seen.last
        return neighbours.waiting(self._connection, indexed, last) if indexed < last else []

    def _people(self, column: str, values: Iterable[str]) -> list[Contact]:
        condition = sets.among(self._connection, column)
        packed = sets.packed(self._connection, values)
        found = contacts.valid(self._connection, self._seen.day, condition, packed)
        return [contacts.as_contact(entry) for entry in found if not entry.domain]


def _rated(key: str, entries: Sequence[str]) -> set[str]:
    """Those of `entries` that are at most `SLIPS` from `key`, itself left out."""
    found = process.extract(
        key, entries, scorer=OSA.distance, processor=None, limit=None, score_cutoff=SLIPS
    )
    return {entry for entry, slips, _ in found if slips}
