"""Who is known, in memory: the organisation's directory and one sender's own correspondents.

`assemble` turns a draft and these two into the `Context` that the checks read. Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from addin_service import domains, names, similarity
from addin_service.model import (
    Contact,
    ContentRules,
    Context,
    Draft,
    Recipient,
    Standing,
)

SLIPS = 2
"""The largest distance that still counts as a slip: the Stoke address was two errors away."""


class People:
    """Some known people, found by address, by likeness, by name."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self._by_key = {contact.key: contact for contact in contacts}

    def __iter__(self) -> Iterator[Contact]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def exact(self, key: str) -> Contact | None:
        """The contact with this normal form."""
        return self._by_key.get(key)

    def near(self, key: str) -> list[Contact]:
        """The contacts at most `SLIPS` away from this normal form, itself excepted."""
        close = similarity.nearest(key, self._keys, SLIPS)
        return [self._by_key[self._keys[index]] for index, _ in close]

    def at(self, local: str, domain: str) -> Contact | None:
        """The contact with this local part at another domain."""
        return self._by_key.get(f"{local}@{domain}")

    def named(self, name_key: str) -> list[Contact]:
        """The contacts of this name, whatever its order and titles."""
        return self._by_name.get(name_key, [])

    @cached_property
    def domains(self) -> frozenset[str]:
        """The domains at which these people are."""
        return frozenset(contact.address.domain for contact in self._by_key.values())

    @cached_property
    def _keys(self) -> list[str]:
        return list(self._by_key)

    @cached_property
    def _by_name(self) -> dict[str, list[Contact]]:
        found = defaultdict(list)
        for contact in self._by_key.values():
            if key := names.name_key(contact.name):
                found[key].append(contact)
        return dict(found)


@dataclass(frozen=True, slots=True)
class DomainEntries:
    """What is said of whole domains, by the organisation and by this sender."""

    own: frozenset[str] = frozenset()
    assured: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    blocked: Mapping[str, str] = field(default_factory=dict)
    """Forbidden domains with the reason."""
    acknowledged: frozenset[str] = frozenset()
    """Domains that this sender was asked about and said yes to."""


def assemble(
    draft: Draft,
    directory: People,
    own: People,
    entries: DomainEntries = DomainEntries(),  # noqa: B008 - frozen
    content: ContentRules = ContentRules(),  # noqa: B008 - frozen
    answered: frozenset[str] = frozenset(),
) -> Context:
    """Everything that the checks may know about this draft.

    `directory` holds the organisation's contacts (vouched or blocked), `own` this sender's
    correspondents (with counts), `answered` the recipients that this sender has answered for.
    """

    def merged(contact: Contact) -> Contact:
        used = own.exact(contact.key) or own.exact(contact.address.untagged)
        listed = directory.exact(contact.key) or contact
        return replace(
            listed,
            name=listed.name or (used.name if used else ""),
            sent=used.sent if used else 0,
            heard=used.heard if used else 0,
            answered=contact.key in answered,
        )

    def known(find: Callable[[People], Iterable[Contact | None]]) -> tuple[Contact, ...]:
        found = {c.key: merged(c) for people in (directory, own) for c in find(people) if c}
        return tuple(found[key] for key in sorted(found))

    def exact(key: str) -> tuple[Contact, ...]:
        return known(lambda people: [people.exact(key)])

    contacts: dict[str, Contact] = {}
    near: dict[str, tuple[Contact, ...]] = {}
    twins: dict[str, tuple[Contact, ...]] = {}
    standings: dict[str, Standing] = {}
    resembling: dict[str, tuple[str, ...]] = {}
    blocked: dict[str, str] = {}
    known_domains = entries.own | entries.assured | entries.allowed | directory.domains
    used_domains = frozenset(c.address.domain for c in own if c.sent > 0 or c.heard > 0)

    for recipient in draft.addressed:
        address = recipient.address
        assert address is not None  # what `addressed` means
        for key in {recipient.key, address.untagged}:
            if (found := exact(key)) and key not in contacts:
                contacts[key] = found[0]
            elif key in answered:
                contacts[key] = Contact(address, answered=True)
        contact = contacts.get(recipient.key) or contacts.get(address.untagged)
        domain = address.domain
        if domain not in standings:
            standings[domain] = _standing(domain, entries, directory.domains, used_domains)
            for parent, reason in entries.blocked.items():
                if domains.is_within(domain, parent):
                    blocked[domain] = reason
        if contact and contact.vouched:
            continue
        near[recipient.key] = known(lambda people, k=address.untagged: people.near(k))  # type: ignore[misc]
        if standings[domain] in (Standing.UNKNOWN, Standing.USED, Standing.ACKNOWLEDGED):
            if domain not in resembling:
                resembling[domain] = domains.resembling(domain, known_domains | used_domains)
            local = address.untagged.partition("@")[0]
            twins[recipient.key] = known(
                lambda people, l=local, d=domain: [people.at(l, other) for other in resembling[d]]  # type: ignore[misc]
            )
    return Context(
        contacts=contacts,
        near=near,
        domains=standings,
        near_domains=resembling,
        at_near_domains=twins,
        named={
            key: people
            for key in names.mentioned(draft)
            if (people := known(lambda some, k=key: some.named(k)))  # type: ignore[misc]
        },
        blocked_domains=blocked,
        content=content,
    )


def _standing(
    domain: str, entries: DomainEntries, vouched: frozenset[str], used: frozenset[str]
) -> Standing:
    def within(parents: Iterable[str]) -> bool:
        return any(domains.is_within(domain, parent) for parent in parents)

    if within(entries.own):
        return Standing.OWN
    if within(entries.assured):
        return Standing.ASSURED
    if within(entries.allowed):
        return Standing.ALLOWED
    # One vouched person at a provider with millions of mailboxes says nothing about the others.
    if domain in vouched and not domains.is_free_mail(domain):
        return Standing.VOUCHED
    if domain in entries.acknowledged:
        return Standing.ACKNOWLEDGED
    return Standing.USED if domain in used else Standing.UNKNOWN


def outside(context: Context, recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """The recipients outside the organisation."""
    return tuple(r for r in recipients if r.address and context.is_outside(r))
