"""Do many outsiders see each other's addresses?"""

from collections.abc import Iterator, Sequence

from addin_service.checks import usual
from addin_service.domains import is_free_mail, registrable
from addin_service.language import say, say_n
from addin_service.model import Context, Draft, Finding, Recipient
from addin_service.profile import Profile

LOOKED_BACK = 200
"""Messages in which people may have met."""
ORGANISATIONS = 3
"""Fewer different organisations than this are a conversation, however many people take part."""


def exposed(draft: Draft, context: Context) -> Iterator[Finding]:
    """At most one finding: many outsiders of several organisations stand in To and Cc.

    Counted are private people (at free-mail providers, where everybody is an organisation of one)
    and strangers to the sender. Who took part in the mail that is being answered sees the others'
    addresses already, and so do those who stood together in an earlier mail of this sender.
    """
    met = set(draft.thread.took_part + draft.thread.wrote) if draft.thread else set()
    visible = [
        recipient
        for recipient in usual.by_key(draft)
        if recipient.field != "bcc"
        and context.is_outside(recipient)
        and recipient.key not in met
        and _is_private(recipient, context)
    ]
    most = max(2, context.content.exposed_from)
    if len(visible) < most:
        return
    acquainted = _together(context.scene.profile, [one.key for one in visible])
    parties = {
        recipient.key if is_free_mail(domain) else registrable(domain)
        for recipient in visible
        if (domain := usual.domain_of(recipient))
    }
    strangers = len(visible) - max(0, acquainted - 1)
    if strangers >= most and len(parties) >= ORGANISATIONS:
        yield Finding(
            "recipient.exposed",
            0.7,
            say_n(
                "{count} person outside your organisation would see the others' addresses.",
                "{count} people outside your organisation would see each other's addresses.",
                len(visible),
            ),
            say("If they do not know each other, move them to Bcc."),
            rule="many-outsiders",
            facts={
                "addresses": len(visible),
                "organisations": len(parties),
                "people": [recipient.given for recipient in visible],
            },
            basis=tuple(recipient.key for recipient in visible),
        )


def _is_private(recipient: Recipient, context: Context) -> bool:
    """Whether somebody is a private person, or nobody this sender has to do with."""
    contact = context.contact(recipient)
    known = contact is not None and (contact.exchanged or contact.vouched)
    return not known or is_free_mail(usual.domain_of(recipient))


def _together(profile: Profile, people: Sequence[str]) -> int:
    """The most of these people who stood together in one earlier mail."""
    masks = [mask for one in people if (mask := profile.people.get(one, 0))]
    first = max(0, profile.count - LOOKED_BACK)
    return max(
        (sum(mask >> bit & 1 for mask in masks) for bit in range(first, profile.count)), default=0
    )
