"""The known people as one sender sees them: the organisation's word, this sender's counts. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from addin_service import domains
from addin_service.intent.picked import BY_NAME, likeliest
from addin_service.intent.slips import SELDOM, numbered
from addin_service.model import Address, Contact, Draft
from addin_service.people import People, Source
from addin_service.profile import Scene

RARE = 5
"""Mails to somebody known up to which a near neighbour may have been meant all the same."""


_NO_BOOK = People(())


@dataclass(frozen=True, slots=True)
class View:
    """The known people as one sender sees them: the organisation's word, this sender's counts."""

    directory: Source
    own: People
    answered: frozenset[str]
    book: People = _NO_BOOK
    """Whom this sender's own address book has: to be suggested and to be called by name."""

    def exact(self, key: str) -> Contact | None:
        found = self.directory.exact(key) or self.own.exact(key) or self.book.exact(key)
        return self._merge(found) if found else None

    @property
    def without_book(self) -> "View":
        """For the names of readers, which are compared with whom the message is for."""
        return View(self.directory, self.own, self.answered)

    def recipient(self, address: Address) -> Contact | None:
        """Whoever has this mailbox; a block on it counts whatever the `+tag`."""
        tagged, plain = self.exact(address.key), self.exact(address.untagged)
        if tagged and plain and plain.blocked:
            return plain
        return tagged or plain

    def vouches(self, address: Address) -> bool:
        """Whether the organisation answers for whoever has this mailbox."""
        contact = self.recipient(address)
        return contact is not None and contact.vouched

    def near(self, key: str) -> tuple[Contact, ...]:
        return self._all([*self.directory.near(key), *self.own.near(key), *self.book.near(key)])

    def named(self, name_key: str) -> tuple[Contact, ...]:
        known = self._all([*self.directory.named(name_key), *self.own.named(name_key)])
        # A wrong address under a right name is how a book goes wrong.
        if any(contact.trusted for contact in known):
            return known
        return self._all([*known, *self.book.named(name_key)])

    def at(self, local: str, elsewhere: Iterable[str]) -> tuple[Contact, ...]:
        keys = [f"{local}@{domain}" for domain in elsewhere]
        self.directory.look_up(keys)
        sources = (self.directory, self.own, self.book)
        return self._all(source.exact(key) for key in keys for source in sources)

    def alike(
        self, draft: Draft, contacts: Mapping[str, Contact], inside: frozenset[str], scene: Scene
    ) -> dict[str, dict[str, tuple[Contact, ...]]]:
        """Per recipient and channel: whom this sender could have meant instead.

        `inside` are the organisation's own domains: whoever writes to somebody's free mail may have
        meant the mailbox there.
        """
        addressed = [(one, one.address) for one in draft.recipients if one.address]
        present = frozenset(one.untagged for _, one in addressed) | {draft.sender.untagged}
        found: dict[str, dict[str, list[Contact]]] = {}
        for recipient, address in addressed:
            contact = contacts.get(address.key)
            picked = contact or Contact(address)
            people = self.own.acquaintances.alike(picked, recipient.name, present)
            if contact and contact.sent <= RARE:
                people["near"] = [
                    one for one in self.own.near(address.untagged) if not _siblings(one, address)
                ]
            company = [one.key for _, one in addressed if one is not address]
            found[address.key] = {
                channel: likeliest(scene, picked, company, others, channel in BY_NAME)
                for channel, others in people.items()
            }
            seldom = not contact or (contact.sent <= SELDOM and not contact.vouched)
            if seldom and domains.is_free_mail(address.domain):
                local = address.untagged.rpartition("@")[0]
                twins = self.at(local, sorted(inside))
                found[address.key].setdefault("other-account", []).extend(twins)
        self.directory.look_up(
            {one.key for by in found.values() for others in by.values() for one in others}
        )
        return {
            key: {
                channel: tuple(one for one in merged if one.address.untagged not in present)
                for channel, others in by_channel.items()
                if (merged := self._all(others))
            }
            for key, by_channel in found.items()
        }

    def _all(self, found: Iterable[Contact | None]) -> tuple[Contact, ...]:
        contacts = {contact.key: contact for contact in found if contact}
        self.directory.look_up(contacts)
        by_key = {key: self._merge(contact) for key, contact in contacts.items()}
        return tuple(by_key[key] for key in sorted(by_key))

    def _merge(self, contact: Contact) -> Contact:
        used = self.own.exact(contact.key) or self.own.exact(contact.address.untagged)
        booked = self.book.exact(contact.key) or self.book.exact(contact.address.untagged)
        listed = self.directory.exact(contact.key) or contact
        return replace(
            listed,
            name=listed.name or (used.name if used else "") or (booked.name if booked else ""),
            booked=booked is not None,
            sent=used.sent if used else 0,
            heard=used.heard if used else 0,
            answered=contact.key in self.answered,
        )


def _siblings(contact: Contact, address: Address) -> bool:
    """Whether two mailboxes of one domain differ by a number alone, as team1 and team2 do."""
    ours, _, domain = contact.address.untagged.rpartition("@")
    theirs, _, other = address.untagged.rpartition("@")
    return domain == other and numbered(ours, theirs)
