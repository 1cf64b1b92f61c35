"""Does the text greet someone who is not among the readers?"""

from collections.abc import Iterator

from addin_service import names, text
from addin_service.checks import usual
from addin_service.language import NOTHING, paragraph, say
from addin_service.model import Contact, Context, Draft, Finding, Recipient
from addin_service.roles import is_role


def greeting_mismatch(draft: Draft, context: Context) -> Iterator[Finding]:
    """At most one finding, about the first person greeted who fits none of the recipients."""
    recipients = usual.by_key(draft)
    if not recipients or not all(_is_person(r, context) for r in recipients):
        return
    for person in names.greeted(text.greeting(draft.own_words)):
        called = " ".join(person)
        if is_role(called) or _fits(person, draft.sender_name, draft.sender.local):
            continue
        if any(_reads(person, recipient, context) for recipient in recipients):
            continue
        elsewhere = _known_elsewhere(person, recipients, context)
        called = called.title()
        yield Finding(
            "recipient.greeting-mismatch",
            0.6 if elsewhere else 0.35,
            paragraph(
                say(
                    "Your text greets {name}, but nobody of that name is among the recipients.",
                    name=called,
                ),
                usual.known_as(elsewhere) if elsewhere else NOTHING,
            ),
            say("Check who should get this: the greeting or a recipient may be wrong."),
            about=recipients[0] if len(recipients) == 1 else None,
            rule="known-person" if elsewhere else "unknown-name",
            facts={"greeted": called},
            basis=(called.casefold(), *(recipient.key for recipient in recipients)),
        )
        return


def _is_person(recipient: Recipient, context: Context) -> bool:
    """Whether enough is known of a recipient to say who it is not.

    A full name, or a local part of two words: `bmiller` and `oakfarm` alone may be anybody's.
    """
    local = recipient.address.local if recipient.address else ""
    if is_role(local):
        return False
    if any(len(names.words(name)) > 1 and not is_role(name) for name in _known(recipient, context)):
        return True
    pieces = names.plain(local).split()
    return len(pieces) > 1 and max(map(len, pieces)) > 2 and not any(c.isdigit() for c in local)


def _known(recipient: Recipient, context: Context) -> list[str]:
    """The names under which a recipient is known."""
    contact = context.contact(recipient)
    shown = [recipient.name, contact.name if contact else ""]
    return [name for name in shown if name and "@" not in name]


def _reads(person: tuple[str, ...], recipient: Recipient, context: Context) -> bool:
    """Whether the greeted words can be this recipient, under any name that is known."""
    local = recipient.address.local if recipient.address else ""
    return any(_fits(person, name, local) for name in _known(recipient, context) or [""])


def _fits(person: tuple[str, ...], name: str, local: str) -> bool:
    """Whether the greeted words can be this person: all of them where a full name is known."""
    fitting = [names.could_be(word, name, local) for word in person]
    evidence = len(names.words(name) or names.plain(local).split())
    return all(fitting) or (any(fitting) and evidence < 2)


def _known_elsewhere(
    person: tuple[str, ...], recipients: list[Recipient], context: Context
) -> Contact | None:
    """Someone known of that name who is not a recipient; the best known of several."""
    taken = {recipient.address.untagged for recipient in recipients if recipient.address}
    found = [
        contact
        for key in names.name_keys(person)
        for contact in context.named.get(key, ())
        if contact.address.untagged not in taken and not contact.blocked
    ]
    return max(found, key=lambda c: (c.vouched, c.answered, c.sent, c.key), default=None)
