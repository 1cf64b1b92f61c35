"""Whom is this message for? Asked blind, before anybody is shown who would read it.

A key that is right for Bob cannot tell that the message is not meant for Bob; the sender can.
"""

from collections.abc import Iterator

from addin_service.language import say
from addin_service.model import Context, Draft, Finding
from addin_service.recall import known_as


def intended(draft: Draft, context: Context) -> Iterator[Finding]:
    """One question where somebody outside would read the sealed message."""
    others = [reader for reader in context.readers if not reader.is_sender]
    outside = [reader for reader in others if reader.outside] or others
    if not outside:
        return
    yield Finding(
        "recipient.intended",
        1.0,
        say("Whom is this message for?"),
        say(
            "Type the surname or the organisation of the person it is meant for. It is compared "
            "with the people whose keys would open it, and not kept."
        ),
        rule="blind-recall",
        basis=tuple(sorted(f"{reader.key} {reader.fingerprint}" for reader in others)),
        expects=tuple(sorted(known_as(reader) for reader in outside)),
    )
