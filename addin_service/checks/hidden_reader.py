"""Is there a Bcc on a message to be sealed?"""

from collections.abc import Iterator

from addin_service.checks import usual
from addin_service.model import Context, Draft, Finding


def hidden_reader(draft: Draft, context: Context) -> Iterator[Finding]:
    """One finding for all Bcc recipients. Whether it matters depends on the sealing."""
    hidden = [recipient for recipient in usual.by_key(draft) if recipient.field == "bcc"]
    if hidden:
        some = "somebody" if len(hidden) == 1 else f"{len(hidden)} people"
        yield Finding(
            "recipient.hidden-reader",
            0.5,
            f"The message also goes to {some} in Bcc.",
            "Each Bcc recipient gets a copy sealed separately, so that nobody else sees them.",
            about=hidden[0],
            rule="bcc",
            facts={"addresses": len(hidden)},
            basis=tuple(recipient.key for recipient in hidden),
        )
