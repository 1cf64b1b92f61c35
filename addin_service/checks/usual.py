"""Who may be suggested in place of a recipient, and how that person is described. Pure."""

from addin_service.model import Contact, Context, Draft, Recipient, Suggestion

FAR_MORE = 10
"""An address seen once or twice beside one used ten times as often is the likelier slip: 3 of 4
repeated real typos at about 1 false alarm per 1,000 drafts, measured on public mail histories."""
SELDOM = 2
"""Mails to an address up to which it may still be a slip that went out before."""


def worth_suggesting(candidate: Contact, contact: Contact | None) -> bool:
    """Whether `candidate` may be suggested in place of the recipient known as `contact`.

    Someone vouched always: having written to the recipient proves nothing. Someone this sender
    answered for, unless the recipient is answered for too or used for long. Anybody else only where
    used far more than the recipient.
    """
    if candidate.blocked:
        return False
    if candidate.vouched:
        return True
    if contact and (contact.vouched or contact.answered or contact.sent > SELDOM):
        return False
    if candidate.answered:
        return True
    if contact is None or contact.sent == 0:
        return candidate.sent + candidate.heard >= 2
    return candidate.sent >= FAR_MORE * contact.sent


def trust_of(contact: Contact) -> str:
    """Why a contact is believed, for `facts` and `basis`."""
    return "vouched" if contact.vouched else "answered" if contact.answered else "used"


def suggestion(contact: Contact) -> Suggestion:
    """The contact as something to choose."""
    return Suggestion(str(contact.address), contact.name)


def named(contact: Contact) -> str:
    """ "p.tann@chambers.example (Priya Tann)"."""
    return f"{contact.address} ({contact.name})" if contact.name else str(contact.address)


def known_as(contact: Contact) -> str:
    """A sentence that says how somebody is known."""
    if contact.vouched:
        return f"Your organisation's directory has {named(contact)}."
    if contact.answered:
        return f"You have confirmed {named(contact)} before."
    if contact.sent:
        return f"You usually write to {named(contact)}."
    return f"You have had mail from {named(contact)}."


def used_so_far(contact: Contact | None) -> str:
    """A sentence that says how far this sender has used the recipient's address."""
    if contact and contact.sent:
        return f"You have written to this address {times(contact.sent)}."
    if contact and contact.heard:
        return "You have had mail from this address but never written to it."
    return "You have not written to this address."


def times(count: int) -> str:
    """ "once", "twice", "12 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


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
