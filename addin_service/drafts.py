"""What a client or a file says of a mail, to a `Draft`. Each mailbox once, own words picked out."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from addin_service import addresses, text
from addin_service.eml import DraftFile
from addin_service.model import Attachment, Draft, FieldName, Recipient, Thread

Given: TypeAlias = tuple[str, str]
"""An address as given, and the display name."""

FIELDS: tuple[FieldName, ...] = ("to", "cc", "bcc")


def make(
    sender: Given,
    fields: Sequence[Iterable[Given]],
    subject: str = "",
    body: str = "",
    attachments: Iterable[Attachment] = (),
    thread: Thread | None = None,
    sensitivity: str = "",
) -> Draft:
    """A draft; `fields` are To, Cc and Bcc. Raises `NotAnAddress` for a sender that is none."""
    recipients: dict[str, Recipient] = {}
    for field, mailboxes in zip(FIELDS, fields, strict=True):
        for address, name in mailboxes:
            one = addresses.recipient(field, address, name)
            recipients.setdefault(one.key, one)
    return Draft(
        sender=addresses.parse(sender[0]),
        sender_name=sender[1],
        recipients=tuple(recipients.values()),
        subject=subject,
        text=body,
        own_words=text.own_words(body),
        attachments=tuple(attachments),
        thread=thread,
        sensitivity=sensitivity,
    )


def from_file(file: DraftFile) -> Draft:
    """The draft in a saved mail; raises `NotAnAddress` where its sender is none."""
    return make(
        (file.from_address, file.from_name),
        (file.to, file.cc, file.bcc),
        file.subject,
        file.text,
        file.attachments,
        Thread(keys(file.wrote)) if file.wrote is not None else None,
        file.sensitivity,
    )


def keys(given: Iterable[str]) -> tuple[str, ...]:
    """The normal forms of those that are addresses."""
    found = []
    for one in given:
        try:
            found.append(addresses.parse(one).key)
        except addresses.NotAnAddress:
            continue
    return tuple(found)
