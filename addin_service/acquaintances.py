"""Whom a sender could have meant instead of somebody known: people alike by name or address. Pure.

Made once per revision of a sender's history.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from typing import TypeAlias

from addin_service import names
from addin_service.model import Address, Contact
from addin_service.roles import is_role

START = 2
"""Letters after which a mail program offers somebody, and the wrong one may be taken."""

Keys: TypeAlias = Callable[[tuple[str, ...], Contact], Iterable[str]]
"""From a contact, and what the contact is called, to the keys of an index."""


class Acquaintances:
    """One sender's own correspondents, found by what a picker shows of them."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self._contacts = [contact for contact in contacts if not contact.blocked]

    def alike(
        self, picked: Contact, shown_name: str, others: frozenset[str]
    ) -> dict[str, list[Contact]]:
        """The people with whom `picked` could be confused, by channel.

        `shown_name` is the display name in the draft; `others` are the mailboxes that are in the
        draft anyway, which nobody means a second time.
        """
        called = _called(picked.name or shown_name, picked.address.local)
        out = others | {picked.address.untagged}
        found = {
            "other-account": self._same_person(picked, called, out),
            "same-first-name": _of(self._by_first, called[:1], out),
            "same-start": _of(self._by_start, _starts(called, picked.address), out),
        }
        return {channel: people for channel, people in found.items() if people}

    def at(self, domain: str) -> int:
        """How many of these people are at a domain."""
        return len(self._by_domain.get(domain, ()))

    def _same_person(
        self, picked: Contact, called: tuple[str, ...], out: frozenset[str]
    ) -> list[Contact]:
        same = _of(self._by_name, [names.name_key(" ".join(called))], out)
        local = picked.address.untagged.rpartition("@")[0]
        if len(local) > START and not is_role(local):
            same += _of(self._by_local, [local], out)
        same += _of(self._by_person, [picked.person], out)
        return list({contact.key: contact for contact in same}.values())

    @cached_property
    def _by_first(self) -> Mapping[str, list[Contact]]:
        return self._index(lambda called, _: called[:1] if called and len(called[0]) > 1 else ())

    @cached_property
    def _by_start(self) -> Mapping[str, list[Contact]]:
        return self._index(lambda called, contact: _starts(called, contact.address))

    @cached_property
    def _by_name(self) -> Mapping[str, list[Contact]]:
        return self._index(lambda called, _: [names.name_key(" ".join(called))])

    @cached_property
    def _by_local(self) -> Mapping[str, list[Contact]]:
        return self._index(lambda _, contact: [contact.address.untagged.partition("@")[0]])

    @cached_property
    def _by_person(self) -> Mapping[str, list[Contact]]:
        return self._index(lambda _, contact: [contact.person])

    @cached_property
    def _by_domain(self) -> Mapping[str, list[Contact]]:
        return self._index(lambda _, contact: [contact.address.domain])

    def _index(self, keys: Keys) -> Mapping[str, list[Contact]]:
        index: dict[str, list[Contact]] = defaultdict(list)
        for contact in self._contacts:
            called = _called(contact.name, contact.address.local)
            for key in {key for key in keys(called, contact) if key}:
                index[key].append(contact)
        return dict(index)


def _of(
    index: Mapping[str, list[Contact]], keys: Iterable[str], out: frozenset[str]
) -> list[Contact]:
    """The contacts under these keys, each once, without those whose mailbox is in `out`."""
    found = (contact for key in keys if key for contact in index.get(key, ()))
    return list({c.key: c for c in found if c.address.untagged not in out}.values())


@lru_cache(maxsize=65536)
def _called(name: str, local: str) -> tuple[str, ...]:
    """The words of a name, or those of the local part where no name is known."""
    known = names.words(name) if name and "@" not in name else ()
    return known or tuple(names.plain(local.partition("+")[0]).split())


def _starts(called: tuple[str, ...], address: Address) -> list[str]:
    """The first letters under which a picker offers this person: of the name, of the address."""
    starts = {called[0][:START] if called else "", address.untagged[:START]}
    return sorted(start for start in starts if len(start) == START)
