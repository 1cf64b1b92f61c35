"""Does the display name contradict the address?"""

import re
from collections.abc import Iterator

from addin_service import addresses, names
from addin_service.checks import usual
from addin_service.domains import is_free_mail
from addin_service.intent.slips import SELDOM
from addin_service.language import paragraph, say
from addin_service.model import Address, Contact, Context, Draft, Finding, Recipient

_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,64}@[^\s<>()\[\]\"',;:@]{1,255}")
_OTHER_PERSON = {False: 0.8, True: 0.45}
"""By whether the address is in long use."""
HANDLE = 4
"""Letters of a short handle."""
_ADVICE = say("Compare the address with where you have it from, and keep it only if it is right.")


def name_mismatch(draft: Draft, context: Context) -> Iterator[Finding]:
    """The gravest contradiction between each recipient's display name and address."""
    for recipient in draft.addressed:
        finding = (
            _other_address(recipient)
            or _other_person(recipient, context)
            or _other_name(recipient, context)
        )
        if finding:
            yield finding


def _other_address(recipient: Recipient) -> Finding | None:
    """The name shows one address and the mail goes to another."""
    for found in _ADDRESS.finditer(recipient.name[: names.LONGEST]):
        try:
            shown = addresses.parse(found.group().rstrip("."))
        except addresses.NotAnAddress:
            continue
        if recipient.address and shown.untagged != recipient.address.untagged:
            return Finding(
                "recipient.name-mismatch",
                0.9,
                say(
                    "The name shows {shown}, but the mail would go to {address}.",
                    shown=str(shown),
                    address=str(recipient.address),
                ),
                _ADVICE,
                about=recipient,
                rule="other-address",
                facts={"shown": str(shown)},
                basis=("other-address", shown.key),
            )
    return None


def _other_person(recipient: Recipient, context: Context) -> Finding | None:
    """The name is that of somebody known, and the address is made of another name.

    Made of this name it is mostly the person's other account: see `wrong_account`.
    """
    contact = context.contact(recipient)
    key = names.name_key(recipient.name)
    if not key or recipient.address is None or (contact and contact.vouched):
        return None
    people = context.named.get(key, ())
    if any(
        person.address.untagged == recipient.address.untagged for person in people if person.trusted
    ):
        return None
    trusted = [person for person in people if person.trusted]
    if not trusted:
        return None
    best = max(trusted, key=lambda person: (person.vouched, person.sent, person.key))
    if _may_be_theirs(recipient.address, recipient.name):
        return None
    often = contact is not None and (contact.answered or contact.sent > SELDOM)
    return Finding(
        "recipient.name-mismatch",
        _OTHER_PERSON[often],
        paragraph(usual.known_as(best), say("This is another address under the same name.")),
        say(
            "Change it to {address}, or keep it if you are sure that it is theirs too.",
            address=str(best.address),
        ),
        about=recipient,
        suggestion=usual.suggestion(best),
        rule="other-person",
        facts={"usual_count": best.sent, "known_as": usual.trust_of(best)},
        basis=("other-person", usual.trust_of(best)),
    )


def _may_be_theirs(address: Address, name: str) -> bool:
    """Whether the address may be that person's own: made of the name, a handle of its initials
    (`iwj`, `dwmw2`), or at a free-mail provider, where people call themselves what they like."""
    if names.built_from(address.local, name) or is_free_mail(address.domain):
        return True
    local, known = "".join(names.plain(address.local).split()), names.words(name)
    return (
        len(local) <= HANDLE
        and len(known) > 1
        and local.startswith(known[0][0])
        and known[-1][0] in local[1:]
    )


def _other_name(recipient: Recipient, context: Context) -> Finding | None:
    """The address is known under quite another name."""
    contact = context.contact(recipient)
    if contact is None or recipient.address is None or not _is_other(recipient, contact):
        return None
    return Finding(
        "recipient.name-mismatch",
        0.35,
        say(
            "This address is known as {known}, and here it is called {shown}.",
            known=contact.name,
            shown=recipient.name,
        ),
        say("Check that the right person is addressed."),
        about=recipient,
        rule="other-name",
        facts={"known_name": contact.name},
        basis=("other-name", names.name_key(contact.name)),
    )


def _is_other(recipient: Recipient, contact: Contact) -> bool:
    """Whether no word of the display name fits the known name or the local part."""
    shown = [word for word in names.words(recipient.name) if len(word) > 1]
    known = names.words(contact.name)
    if not shown or not known or "@" in recipient.name or recipient.address is None:
        return False
    local = recipient.address.local
    return not any(names.could_be(word, contact.name, local) for word in shown)
