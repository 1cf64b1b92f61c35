"""Is this the address of the person to whom the passphrase will be read out?"""

from collections.abc import Iterator

from addin_service.language import say
from addin_service.model import Context, Draft, Finding


def passphrase(draft: Draft, context: Context) -> Iterator[Finding]:
    """One finding for each recipient of a protected ZIP.

    Whoever has the file and the words can read it: there is no key that says who that is.
    """
    if context.format != "zip":
        return
    seen: set[str] = set()
    for recipient in draft.recipients:
        if recipient.address is None or recipient.key in seen:
            continue
        seen.add(recipient.key)
        contact = context.contacts.get(recipient.key)
        who = contact.name if contact and contact.name else str(recipient.address)
        yield Finding(
            "recipient.passphrase",
            1.0,
            say("{who} will open this with a passphrase that you read out on the phone.", who=who),
            say(
                "Type the address again, from where you have it, and phone them on a number that "
                "you have from elsewhere."
            ),
            about=recipient,
            rule="zip",
        )
