"""Who may be suggested in place of a recipient, and how that person is described. Pure."""

from collections.abc import Collection

from addin_service import similarity
from addin_service.addresses import readable_domain
from addin_service.intent import typed
from addin_service.intent.picked import Weighed, picks, stray
from addin_service.intent.slips import KNOWN_DOMAINS
from addin_service.intent.typed import Likely
from addin_service.language import Words, say, say_n
from addin_service.model import Contact, Context, Draft, Recipient, Suggestion

WORTH_RECORDING = 0.005
"""Likelihoods below this, one in two hundred, are not even recorded."""

_SELDOM = {0: say("never"), 1: say("once"), 2: say("twice")}


def by_likelihood(likely: Likely) -> tuple[float, int, str]:
    """For choosing the likeliest; of equally likely ones the most used.

    A second slip is taken to be ten times rarer than a first, which the likelihood of one person
    does not say: it is not compared with another's.
    """
    known = likely.known
    ours, theirs = likely.between.typed.untagged, known.address.untagged
    second = likely.between.rule and similarity.distance(ours, theirs) > 1
    rank = likely.likelihood / 10 if second else likely.likelihood
    return rank, known.sent + known.heard, known.key


def trust_of(contact: Contact) -> str:
    """Why a contact is believed, for `facts` and `basis`."""
    if contact.only_booked:
        return "booked"
    return "vouched" if contact.vouched else "answered" if contact.answered else "used"


def suggestion(contact: Contact) -> Suggestion:
    """The contact as something to choose."""
    return Suggestion(str(contact.address), contact.name)


def named(contact: Contact) -> str:
    """ "p.tann@chambers.example (Priya Tann)", its domain as people read it."""
    shown = f"{contact.address.local}@{readable_domain(contact.address.domain)}"
    return f"{shown} ({contact.name})" if contact.name else shown


def known_as(contact: Contact) -> Words:
    """A sentence that says how somebody is known."""
    person = named(contact)
    if contact.vouched:
        return say("Your organisation's directory has {person}.", person=person)
    if contact.answered:
        return say("You have confirmed {person} before.", person=person)
    if contact.sent:
        return say("You usually write to {person}.", person=person)
    if contact.booked:
        return say("Your address book has {person}.", person=person)
    return say("You have had mail from {person}.", person=person)


def used_so_far(contact: Contact | None) -> Words:
    """A sentence that says how far this sender has used the recipient's address."""
    if contact and contact.sent:
        return say("You have written to this address {often}.", often=times(contact.sent))
    if contact and contact.heard:
        return say("You have had mail from this address but never written to it.")
    return say("You have not written to this address.")


def times(count: int) -> Words:
    """ "never", "once", "twice", "12 times"."""
    return _SELDOM.get(count) or say_n("{count} time", "{count} times", count)


def by_key(draft: Draft) -> list[Recipient]:
    """The recipients with a good address, in an order that does not depend on the draft's."""
    return sorted(draft.addressed, key=lambda recipient: recipient.key)


def domain_of(recipient: Recipient) -> str:
    """The recipient's domain; "" where the address is none."""
    return recipient.address.domain if recipient.address else ""


def person(recipient: Recipient, context: Context) -> str:
    """What the recipient is called: the display name, else the contact's."""
    contact = context.contact(recipient)
    return recipient.name or (contact.name if contact else "")


def likelies(recipient: Recipient, draft: Draft, context: Context) -> list[Likely]:
    """Who may have been meant by an address that was typed, where that is worth recording.

    Beside somebody trusted, whom the sender's own address book alone has is not suggested.
    """
    found = typed.likelies(recipient, draft, context)
    worth = [one for one in found if one.likelihood >= WORTH_RECORDING]
    if any(one.known.trusted for one in worth):
        return [one for one in worth if not one.known.only_booked]
    return worth


def stands_by_book(recipient: Recipient, context: Context) -> bool:
    """Whether the sender's own address book has this recipient, and nobody trusted is near.

    Near somebody trusted the book counts for nothing: it may be the wrong address that is in it.
    """
    contact = context.contact(recipient)
    return contact is not None and contact.booked and not is_near_trusted(recipient, context)


def is_near_trusted(recipient: Recipient, context: Context) -> bool:
    """Whether somebody trusted is within two slips, or the domain resembles a known one."""
    around = (
        *context.near.get(recipient.key, ()),
        *context.at_near_domains.get(recipient.key, ()),
    )
    alike = context.near_domains.get(domain_of(recipient), ())
    return any(one.trusted for one in around) or any(
        context.domains.get(one) in KNOWN_DOMAINS for one in alike
    )


def weighed(
    recipient: Recipient, draft: Draft, context: Context, channels: Collection[str]
) -> list[Weighed]:
    """The ways of these in which a known recipient may have come in by mistake.

    Nobody whom the sender has answered for is doubted like this.
    """
    contact = context.contact(recipient)
    if contact is None or contact.answered or contact.blocked or contact.only_booked:
        return []
    company = [one.key for one in draft.addressed if one.key != recipient.key]
    alike = context.alike.get(recipient.key, {})
    wanted = {channel: people for channel, people in alike.items() if channel in channels}
    found = list(picks(context.scene, contact, company, wanted))
    if "stray" in channels and (alone := stray(context.scene, contact, company)):
        found.append(alone)
    return [one for one in found if one.likelihood >= WORTH_RECORDING]
