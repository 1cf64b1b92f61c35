"""Does a file name mention someone known who is not a recipient?"""

from collections.abc import Iterator

from addin_service import names
from addin_service.checks import usual
from addin_service.language import say
from addin_service.model import Context, Draft, Finding


def attachment_other_person(draft: Draft, context: Context) -> Iterator[Finding]:
    """One finding per person whose name stands in a file name and who neither reads nor sends."""
    recipients = usual.by_key(draft)
    present = {r.address.untagged for r in recipients if r.address} | {draft.sender.untagged}
    here = [
        (usual.person(recipient, context), recipient.address.local if recipient.address else "")
        for recipient in recipients
    ]
    here.append((draft.sender_name, draft.sender.local))
    files: dict[str, list[str]] = {}
    for attachment in draft.attachments:
        for key in names.in_file_name(attachment.name):
            files.setdefault(key, []).append(attachment.name)
    for key in sorted(set(files) & set(context.named)):
        people = [contact for contact in context.named[key] if not contact.blocked]
        if any(contact.address.untagged in present for contact in people):
            continue
        if not people or any(_is_same(key, name, local) for name, local in here):
            continue
        person = max(people, key=lambda c: (c.vouched, c.answered, c.sent, c.key))
        yield Finding(
            "attachment.other-person",
            0.6,
            say(
                "“{file}” seems to be about {person}, who is not a recipient.",
                file=min(files[key]),
                person=person.name,
            ),
            say("Check that it is the right file for these people."),
            rule="named-in-file",
            facts={"file": min(files[key]), "name": person.name},
            basis=(key, *sorted(files[key]), *(recipient.key for recipient in recipients)),
        )


def _is_same(key: str, name: str, local: str) -> bool:
    """Whether somebody who reads or sends may be the one named: Bill Orr is William Orr."""
    if names.name_key(name) == key or names.local_fits(key, local):
        return True
    known = names.words(name)
    return len(known) > 1 and all(names.could_be(word, name, "") for word in key.split())
