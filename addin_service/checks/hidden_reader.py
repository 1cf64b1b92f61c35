"""Is there a Bcc on a message to be sealed?"""

from collections.abc import Iterator

from addin_service.checks import usual
from addin_service.language import say, say_n
from addin_service.model import Context, Draft, Finding


def hidden_reader(draft: Draft, context: Context) -> Iterator[Finding]:
    """One finding for all Bcc recipients. Whether it matters depends on the sealing."""
    hidden = [recipient for recipient in usual.by_key(draft) if recipient.field == "bcc"]
    if hidden:
        yield Finding(
            "recipient.hidden-reader",
            0.5,
            say_n(
                "The message also goes to somebody in Bcc.",
                "The message also goes to {count} people in Bcc.",
                len(hidden),
            ),
            say("Each Bcc recipient gets a copy sealed separately, so that nobody else sees them."),
            about=hidden[0],
            rule="bcc",
            facts={"addresses": len(hidden)},
            basis=tuple(recipient.key for recipient in hidden),
        )
