"""What may lie between an address that was typed and a known person's. Pure.

Each known person who could have been meant gives one `Between`: how near the addresses are, how the
domains resemble each other, and which rule says that it may be no slip at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from addin_service import domains, names, similarity
from addin_service.domains import Likeness
from addin_service.model import Address, Contact, Context, Recipient, Standing

FAR_MORE = 10
"""An address seen once or twice beside one used ten times as often is the likelier slip: 3 of 4
repeated real typos at about 1 false alarm per 1,000 drafts, measured on public mail histories."""
SELDOM = 2
"""Mails to an address up to which it may still be a slip that went out before."""
SLIP_RULES = ("one-slip", "two-slips")
"""The rules that say: this is nothing but a slip."""
SLIPS = 2
"""Typing errors that are looked for: the Stoke address had two."""
SHORT = 4
"""Local parts below this many characters are one letter apart by nature: hs@, sr@, wd@."""


KNOWN_DOMAINS = frozenset({Standing.OWN, Standing.ASSURED, Standing.ALLOWED, Standing.VOUCHED})
"""Domains that are never questioned themselves."""


@dataclass(frozen=True, slots=True)
class Between:
    """A typed address, a known person's, and what lies between them.

    `rule` is how the local parts or domains differ where at most two slips lie between the
    addresses, else empty. `like` is how the domains resemble each other where the local parts are
    the same, else None.
    """

    typed: Address
    typed_contact: Contact | None
    standing: Standing
    known: Contact
    rule: str
    like: Likeness | None
    others_there: int
    """Other people at the typed domain with whom this sender has exchanged mail."""
    same_name: bool
    """The draft shows the known person's name beside the typed address."""
    own_name: bool
    """The typed address is made of the name that the draft shows beside it."""

    @property
    def same_local(self) -> bool:
        """The part before the @ is the same, at two domains."""
        ours, theirs = self.typed.untagged, self.known.address.untagged
        return ours != theirs and ours.rpartition("@")[0] == theirs.rpartition("@")[0]


def betweens(recipient: Recipient, context: Context) -> Iterator[Between]:
    """Everyone known who may have been meant by an address that nobody has vouched for."""
    typed, contact = recipient.address, context.contact(recipient)
    if typed is None or (contact and contact.vouched):
        return
    around = (
        *context.near.get(recipient.key, ()),
        *context.at_near_domains.get(recipient.key, ()),
        *context.alike.get(recipient.key, {}).get("other-account", ()),
        *context.named.get(names.name_key(recipient.name), ()),
    )
    questionable = context.standing(recipient) not in KNOWN_DOMAINS
    for known in {one.key: one for one in around}.values():
        theirs = known.address
        if theirs.untagged == typed.untagged or not worth_suggesting(known, contact):
            continue
        rule = _rule(recipient, typed, known, context)
        same = theirs.untagged.rpartition("@")[0] == typed.untagged.rpartition("@")[0]
        yield Between(
            typed,
            contact,
            context.standing(recipient),
            known,
            rule,
            domains.likeness(typed.domain, theirs.domain) if same and questionable else None,
            context.correspondents_at.get(typed.domain, 0) - bool(contact and contact.exchanged),
            bool(recipient.name)
            and bool(key := names.name_key(recipient.name))
            and key == names.name_key(known.name),
            names.local_fits(recipient.name, typed.local),
        )


def worth_suggesting(candidate: Contact, contact: Contact | None) -> bool:
    """Whether `candidate` may be suggested in place of the recipient known as `contact`.

    Someone vouched always: having written to the recipient proves nothing, nor does having it in an
    address book. Someone this sender answered for, unless the recipient is answered for too or used
    for long; someone of the sender's address book, unless the recipient is in it as well. Anybody
    else only where used far more than the recipient, and the recipient is not in the book.
    """
    if candidate.blocked:
        return False
    if candidate.vouched:
        return True
    if contact and (contact.vouched or contact.answered or contact.sent > SELDOM):
        return False
    if candidate.answered:
        return True
    if contact and contact.booked:
        return False
    if candidate.booked:
        return True
    if contact is None or contact.sent == 0:
        return candidate.sent + candidate.heard >= 2
    return candidate.sent >= FAR_MORE * contact.sent


def _rule(recipient: Recipient, typed: Address, candidate: Contact, context: Context) -> str:
    """Which rule explains the nearness; "" where there are more than two slips."""
    ours, theirs = typed.untagged, candidate.address.untagged
    slips = similarity.distance(ours, theirs, SLIPS)
    if slips > SLIPS:
        return ""
    local, domain = ours.rpartition("@")[0], typed.domain
    other, other_domain = theirs.rpartition("@")[0], candidate.address.domain
    if domain != other_domain:
        if not _is_slip(domain, other_domain, context):
            return "other-domain"
    elif numbered(local, other):
        return "numbered"
    elif _too_short(local, other, slips):
        return "short"
    elif _is_sibling(recipient, local, candidate):
        return "own-name"
    contact = context.contact(recipient)
    if not candidate.trusted and contact and contact.heard > candidate.sent + candidate.heard:
        return "often-heard"
    return "one-slip" if slips == 1 else "two-slips"


def _is_slip(typed: str, other: str, context: Context) -> bool:
    """Whether `typed` may be `other` mistyped rather than another organisation of a similar name.

    Short names are close to many others, so there the typed one must be unheard of as well.
    """
    if domains.registrable(typed) == domains.registrable(other):
        return True
    if domains.likeness(typed, other) is not None:
        return True
    unheard_of = context.domains.get(typed, Standing.UNKNOWN) is Standing.UNKNOWN
    return unheard_of and similarity.distance(typed, other, 1) == 1


def _too_short(a: str, b: str, slips: int) -> bool:
    """Whether two local parts are so short that others just as near are somebody else's.

    Swapped letters remain a slip: two people's initials are rarely each other's reverse.
    """
    length = max(len(a), len(b))
    if slips == SLIPS:
        return length <= SHORT + 1
    return length < SHORT and sorted(a) != sorted(b)


def _is_sibling(recipient: Recipient, local: str, candidate: Contact) -> bool:
    """Whether the recipient's own name makes this very address, and not the candidate's."""
    ours, theirs = names.words(recipient.name), names.words(candidate.name)
    if not names.local_fits(recipient.name, local) or ours == theirs:
        return False
    if len(theirs) > 1 and not names.same_given(ours[0], theirs[0]):
        return True
    if _letter_by_letter(ours, local) and not _letter_by_letter(ours, candidate.address.local):
        return True
    return not names.local_fits(recipient.name, candidate.address.local)


def _letter_by_letter(name: tuple[str, ...], local: str) -> bool:
    """Whether every piece of the local part is a word of the name, no short form or initial."""
    pieces = names.plain(local).split()
    return len(pieces) > 1 and all(piece in name for piece in pieces)


def numbered(a: str, b: str) -> bool:
    """Whether only numbers differ: team1 and team2 are both meant.

    Not where digits are swapped, nor where a long number has another length: staff numbers do not.
    """
    if re.sub(r"\d+", "#", a).rstrip("#") != re.sub(r"\d+", "#", b).rstrip("#"):
        return False
    ours, theirs = re.findall(r"\d+", a), re.findall(r"\d+", b)
    if sorted("".join(ours)) == sorted("".join(theirs)):
        return False
    pairs = list(zip(ours, theirs, strict=False))
    return not any(len(x) != len(y) and max(len(x), len(y)) > 3 for x, y in pairs)
