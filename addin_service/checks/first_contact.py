"""Has nobody answered for this address, and was it never written to?"""

from collections.abc import Iterator

from addin_service.checks import usual
from addin_service.language import say
from addin_service.model import Context, Draft, Finding


def first_contact(draft: Draft, context: Context) -> Iterator[Finding]:
    """A finding for each recipient of whom nothing at all is known."""
    for recipient in draft.addressed:
        contact = context.contact(recipient)
        if contact and (contact.trusted or contact.sent or contact.heard):
            continue
        if usual.stands_by_book(recipient, context):
            continue
        yield Finding(
            "recipient.first-contact",
            0.5,
            say(
                "You have not written to this address before, and your organisation's directory "
                "does not have it."
            ),
            say("Compare it with where you have it from, letter by letter."),
            about=recipient,
            rule="never-seen",
            basis=("never-seen",),
        )
