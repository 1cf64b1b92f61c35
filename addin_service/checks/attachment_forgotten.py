"""Does the text promise an attachment that is not there?"""

from collections.abc import Iterator

from addin_service.language import say
from addin_service.model import Context, Draft, Finding
from addin_service.text import promises_attachment


def attachment_forgotten(draft: Draft, context: Context) -> Iterator[Finding]:
    """At most one finding, from the sender's own words alone."""
    if draft.attachments:
        return
    if phrase := promises_attachment(draft.own_words):
        yield Finding(
            "attachment.forgotten",
            0.7,
            say("Your text says “{phrase}”, but nothing is attached.", phrase=phrase),
            say("Attach the file, or send the message without it."),
            rule="promised",
            facts={"phrase": phrase},
            basis=(phrase.casefold(),),
        )
