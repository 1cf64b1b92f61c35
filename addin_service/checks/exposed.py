"""Do many outsiders see each other's addresses?"""

from collections.abc import Iterator

from addin_service.checks import usual
from addin_service.domains import is_free_mail, registrable
from addin_service.model import Context, Draft, Finding

ORGANISATIONS = 3
"""Fewer different organisations than this are a conversation, however many people take part."""


def exposed(draft: Draft, context: Context) -> Iterator[Finding]:
    """At most one finding: many outsiders of several organisations stand in To and Cc.

    At a free-mail provider everybody counts as an organisation of one. Who took part in the mail
    that is being answered sees the others' addresses already.
    """
    met = set(draft.thread.took_part + draft.thread.wrote) if draft.thread else set()
    visible = [
        recipient
        for recipient in usual.by_key(draft)
        if recipient.field != "bcc" and context.is_outside(recipient) and recipient.key not in met
    ]
    parties = {
        recipient.key if is_free_mail(domain) else registrable(domain)
        for recipient in visible
        if (domain := usual.domain_of(recipient))
    }
    if len(visible) >= max(2, context.content.exposed_from) and len(parties) >= ORGANISATIONS:
        yield Finding(
            "recipient.exposed",
            0.7,
            f"{len(visible)} people outside your organisation would see each other's addresses.",
            "If they do not know each other, move them to Bcc.",
            rule="many-outsiders",
            facts={"addresses": len(visible), "organisations": len(parties)},
            basis=tuple(recipient.key for recipient in visible),
        )
