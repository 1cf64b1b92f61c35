"""Known people as a source of contacts, found by address, by likeness, by name. Pure.

The organisation's directory is one (`store.directory`), a sender's own correspondents are another.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Protocol

from addin_service import names, similarity
from addin_service.acquaintances import Acquaintances
from addin_service.domain_index import DomainIndex
from addin_service.model import (
    Contact,
)

SLIPS = 2
"""The largest distance that still counts as a slip: the Stoke address was two errors away."""


class Source(Protocol):
    """Some known people, found by address, by likeness, by name.

    What a draft needs is announced first, so that a source which has to read does it once for all
    recipients; the answers are the same without.
    """

    @property
    def domain_index(self) -> DomainIndex:
        """The domains at which these people are."""

    def look_up(self, keys: Iterable[str]) -> None:
        """`exact` will be asked about these."""

    def look_near(self, keys: Iterable[str]) -> None:
        """`near` will be asked about these."""

    def look_named(self, name_keys: Iterable[str]) -> None:
        """`named` will be asked about these."""

    def exact(self, key: str) -> Contact | None:
        """The contact with this normal form."""

    def near(self, key: str) -> Sequence[Contact]:
        """The contacts at most `SLIPS` away from this normal form, itself excepted."""

    def named(self, name_key: str) -> Sequence[Contact]:
        """The contacts of this name, whatever its order and titles."""


class People:
    """A source in memory."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self._by_key = {contact.key: contact for contact in contacts}

    def __iter__(self) -> Iterator[Contact]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def look_up(self, keys: Iterable[str]) -> None:
        """Nothing to do: all is here."""

    look_near = look_named = look_up

    def exact(self, key: str) -> Contact | None:
        """The contact with this normal form."""
        return self._by_key.get(key)

    def near(self, key: str) -> list[Contact]:
        """The contacts at most `SLIPS` away from this normal form, itself excepted."""
        return [self._by_key[close] for close in self._neighbours.near(key, SLIPS)]

    def named(self, name_key: str) -> list[Contact]:
        """The contacts of this name, whatever its order and titles."""
        return self._by_name.get(name_key, [])

    @cached_property
    def domain_index(self) -> DomainIndex:
        """The domains at which these people are."""
        return DomainIndex(contact.address.domain for contact in self._by_key.values())

    @cached_property
    def acquaintances(self) -> Acquaintances:
        """These people as a picker shows them."""
        return Acquaintances(self._by_key.values())

    @cached_property
    def _neighbours(self) -> similarity.Neighbours:
        return similarity.Neighbours(self._by_key)

    @cached_property
    def _by_name(self) -> dict[str, list[Contact]]:
        found = defaultdict(list)
        for contact in self._by_key.values():
            if key := names.name_key(contact.name):
                found[key].append(contact)
        return dict(found)
