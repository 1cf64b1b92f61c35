"""A draft and the known people to the `Context` that the checks read. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

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
from addin_service.pgp.bindings import Bound, State
from addin_service.profile import NOTHING, Scene
from addin_service.shapes import Format, Way
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


BY_PHONE = "passphrase"
"""The state of a reader who needs no key."""

Bindings = Callable[[str, str], Bound | None]
"""The state of the key of an address, whose owner works at an organisation ("": not known)."""


def assemble(
    draft: Draft,
    directory: Source,
    own: People,
    entries: DomainEntries = DomainEntries(),
    content: ContentRules = ContentRules(),  # noqa: B008 - frozen
    answered: frozenset[str] = frozenset(),
    bound: Bindings = lambda address, organisation: None,
    scene: Scene = NOTHING,
    archive: Address | None = None,
    noticed: frozenset[str] = frozenset(),
    format: Format = "openpgp",
    ways: tuple[Way, ...] = (),
    book: People = People(()),  # noqa: B008 - never changed
) -> Context:
    """Everything that the checks may know about this draft.

    `directory` holds the organisation's contacts (vouched or blocked), `own` this sender's
    correspondents (with counts), `answered` the recipients that this sender has answered for,
    `bound` tells the state of a reader's key, `archive` who else reads what is sealed, `noticed`
    the encryption keys of which the sender was told that they are new, `scene` what this sender's
    mails say about the draft. `format` is what it would be sealed in, `ways` what is offered for
    readers without a key. `book` is whom this sender's own address book has.
    """
    view = View(directory, own, answered, book)
    contacts: dict[str, Contact] = {}
    near: dict[str, tuple[Contact, ...]] = {}
    twins: dict[str, tuple[Contact, ...]] = {}
    resembling: dict[str, tuple[str, ...]] = {}
    addresses = [recipient.address for recipient in draft.recipients if recipient.address]
    standings: dict[str, Standing] = {}
    stated = entries.own | entries.assured | entries.allowed
    known = [domain_index.of(stated), directory.domain_index, own.domain_index]
    noted = book.domain_index

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
                found = domain_index.resembling(address.domain, *known)
                also = domain_index.resembling(address.domain, noted)
                resembling[address.domain] = tuple(dict.fromkeys((*found, *also)))
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
        book_domains=frozenset(standings) & noted.domains,
        content=content,
        readers=tuple(_readers(draft, view.without_book, standings, bound, archive, noticed))
        if format != "zip"
        else tuple(_listeners(draft, view.without_book, standings)),
        format=format,
        ways=ways,
    )


def _keys(address: Address) -> tuple[str, str]:
    """The normal forms under which a mailbox may be known."""
    return address.key, address.untagged


def _readers(
    draft: Draft,
    view: View,
    standings: Mapping[str, Standing],
    bound: Bindings,
    archive: Address | None,
    noticed: frozenset[str],
) -> Iterator[Reader]:
    """Everyone who would read the message, as people: recipients, the sender, the archive."""
    everyone = {r.key: r.address for r in draft.recipients if r.address}
    everyone.setdefault(draft.sender.key, draft.sender)
    recipients = {r.key for r in draft.recipients}
    if archive:
        everyone.setdefault(archive.key, archive)
    for key, address in everyone.items():
        contact = view.recipient(address)
        name, organisation = (contact.name, contact.organisation) if contact else ("", "")
        found = bound(key, organisation) or Bound(key, State.NONE)
        certificate = found.certificate
        yield Reader(
            address,
            found.state.value,
            certificate.fingerprint if certificate else None,
            name,
            organisation,
            standings.get(address.domain, Standing.OWN) is not Standing.OWN,
            is_sender=key == draft.sender.key,
            is_archive=archive is not None and key == archive.key and key not in recipients,
            why=found.why,
            since=found.said.at.date() if found.said else None,
            noticed=found.part in noticed,
            successors=len(found.others),
        )


def _listeners(draft: Draft, view: View, standings: Mapping[str, Standing]) -> Iterator[Reader]:
    """The readers of a protected ZIP: those to whom its passphrase is read out."""
    for reader in _readers(draft, view, standings, lambda _, __: None, None, frozenset()):
        yield replace(reader, state=BY_PHONE)


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
