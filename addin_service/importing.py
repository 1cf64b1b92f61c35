"""Files of other programs into the record: contacts and mail history, all or nothing per file.

Importing the same file twice changes nothing.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Connection

from addin_service.contacts.mbox import Seen, read_mbox
from addin_service.contacts.passing import Passed
from addin_service.contacts.reading import Format, read_contacts
from addin_service.contacts.report import ImportReport, Refused
from addin_service.entries import as_entry
from addin_service.learning import as_mail
from addin_service.model import Address, Json
from addin_service.review import Reviewer
from addin_service.store import contacts, history, receipts, times
from addin_service.store.contacts import Entry
from addin_service.store.mails import Mail

Progress = Callable[[int], None]
"""Called now and then with the number of entries read so far."""

PROGRESS_EVERY = 500


class DryRun(Exception):
    """Undoes the transaction of an import that was only to be tried."""


def import_contacts(
    reviewer: Reviewer,
    stream: BinaryIO,
    *,
    form: Format | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Contacts from a CSV, vCard or LDIF file into the directory.

    Raises `NotReadable` where the file is none, `StoreUnavailable`; either way nothing is changed.
    """
    refused: list[Refused] = []
    wanted: dict[str, Entry] = {}
    read = 0
    for row in read_contacts(stream, form):
        read += 1
        if read % PROGRESS_EVERY == 0:
            progress(read)
        if isinstance(row, Refused):
            refused.append(row)
        else:
            wanted[row.entry] = as_entry(row, "directory")
    progress(read)
    changed = contacts.Changed()
    try:
        with reviewer.store.write() as connection:
            changed = contacts.put(connection, wanted.values(), times.now())
            if changed.added or changed.updated:
                _receipt(reviewer, connection, "contacts-imported", changed.added, changed.updated)
            if dry_run:
                raise DryRun
    except DryRun:
        pass
    return ImportReport(read, changed.added, changed.updated, changed.unchanged, tuple(refused))


def import_history(
    reviewer: Reviewer,
    stream: BinaryIO,
    owner: Address,
    *,
    dry_run: bool = False,
    seen: Seen | None = None,
    progress: Progress = lambda _: None,
) -> ImportReport:
    """Who wrote to whom from a mailbox file into the owner's history.

    `added` counts mails that were new, `unchanged` those counted before. Raises as above.
    """
    refused: list[Refused] = []
    fresh = before = 0

    def mails(now: datetime) -> Iterator[Mail]:
        for number, one in enumerate(read_mbox(stream, owner, seen), 1):
            if number % PROGRESS_EVERY == 0:
                progress(number)
            if isinstance(one, Passed):
                yield as_mail(reviewer, one, now)
            else:
                refused.append(one)

    # Read to the end first: the record has one writer, and mails wait for it to be checked.
    passed = list(mails(times.now()))
    try:
        with reviewer.store.write() as connection:
            fresh, before = history.learn(connection, owner.key, passed)
            if fresh:
                _receipt(reviewer, connection, "history-imported", fresh, 0)
            if dry_run:
                raise DryRun
    except DryRun:
        pass
    return ImportReport(fresh + before + len(refused), fresh, 0, before, tuple(refused))


def _receipt(
    reviewer: Reviewer, connection: Connection, action: str, added: int, updated: int
) -> None:
    body: dict[str, Json] = {"action": action, "added": added, "updated": updated}
    receipts.append(connection, reviewer.chain_key, times.text(times.now()), "admin", body)
