"""A draft and the known people to the `Context` that the checks read. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from addin_service import domain_index, domains, names
from addin_service.model import (
    Address,
    Contact,
    ContentRules,
    Context,
    Draft,
    Reader,
    Standing,
)
from addin_service.people import People, Source
from addin_service.pgp.bindings import Bound
from addin_service.profile import NOTHING, Scene
from addin_service.views import View


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
    directory: Source,
    own: People,
    entries: DomainEntries = DomainEntries(),
    content: ContentRules = ContentRules(),  # noqa: B008 - frozen
    answered: frozenset[str] = frozenset(),
    bound: Mapping[str, Bound] | None = None,
    scene: Scene = NOTHING,
) -> Context:
    """Everything that the checks may know about this draft.

    `directory` holds the organisation's contacts (vouched or blocked), `own` this sender's
    correspondents (with counts), `answered` the recipients that this sender has answered for,
    `bound` the state of the readers' keys, the sender's own too, `scene` what this sender's mails
    say about the draft.
    """
    view = View(directory, own, answered)
    contacts: dict[str, Contact] = {}
    near: dict[str, tuple[Contact, ...]] = {}
    twins: dict[str, tuple[Contact, ...]] = {}
    resembling: dict[str, tuple[str, ...]] = {}
    addresses = [recipient.address for recipient in draft.recipients if recipient.address]
    standings: dict[str, Standing] = {}
    stated = entries.own | entries.assured | entries.allowed
    known = [domain_index.of(stated), directory.domain_index, own.domain_index]

    def standing(domain: str) -> Standing:
        found = _standing(domain, entries, directory.domain_index.domains, own.domain_index.domains)
        return standings.setdefault(domain, found)

    directory.look_up({key for one in [*addresses, draft.sender] for key in _keys(one)})
    directory.look_near({one.untagged for one in addresses if not view.vouches(one)})
    for address in addresses:
        contact = view.recipient(address)
        if contact is None and address.key in answered:
            contact = Contact(address, answered=True)
        if contact:
            contacts[address.key] = contact
        questionable = standing(address.domain) in _QUESTIONABLE
        if contact and contact.vouched:
            continue
        near[address.key] = view.near(address.untagged)
        if questionable:
            if address.domain not in resembling:
                resembling[address.domain] = domain_index.resembling(address.domain, *known)
            for other in resembling[address.domain]:
                standing(other)
            local = address.untagged.rpartition("@")[0]
            twins[address.key] = view.at(local, resembling[address.domain])
    mentioned = names.mentioned(draft)
    directory.look_named(mentioned)
    named = {key: view.named(key) for key in mentioned}
    return Context(
        contacts=contacts,
        near=near,
        domains=standings,
        near_domains=resembling,
        at_near_domains=twins,
        named={key: people for key, people in named.items() if people},
        blocked_domains={
            domain: reason
            for domain in {address.domain for address in addresses}
            for parent, reason in entries.blocked.items()
            if domains.is_within(domain, parent)
        },
        scene=scene,
        alike=view.alike(draft, contacts, entries.own, scene),
        correspondents_at={domain: own.acquaintances.at(domain) for domain in standings},
        content=content,
        readers=tuple(_readers(draft, view, standings, bound or {})),
    )


def _keys(address: Address) -> tuple[str, str]:
    """The normal forms under which a mailbox may be known."""
    return address.key, address.untagged


def _readers(
    draft: Draft, view: View, standings: Mapping[str, Standing], bound: Mapping[str, Bound]
) -> Iterator[Reader]:
    """Everyone who would read the message, as people: recipients, then the sender."""
    recipients = [r.address for r in draft.recipients if r.address]
    own_copy = [] if draft.sender.key in {one.key for one in recipients} else [draft.sender]
    for address in recipients + own_copy:
        contact = view.recipient(address)
        state = bound.get(address.key)
        yield Reader(
            address,
            state.state.value if state else "none",
            state.certificate.fingerprint if state and state.certificate else None,
            contact.name if contact else "",
            contact.organisation if contact else "",
            standings.get(address.domain, Standing.OWN) is not Standing.OWN,
            address.key == draft.sender.key,
        )


_QUESTIONABLE = (Standing.UNKNOWN, Standing.USED, Standing.ACKNOWLEDGED)
"""Domains that somebody could have meant to be another one."""


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
