"""What a mail program hands over with its user's consent: the headers of Sent, the address book.

All of it is the knowledge of one mailbox, and is read for that mailbox alone. The same again
changes nothing, and the order in which it comes makes no difference.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from addin_service import addresses
from addin_service.contacts import headers
from addin_service.contacts.passing import Passed, digest, passed, quoted
from addin_service.model import Address, Json
from addin_service.profile import hashed_words
from addin_service.review import Reviewer
from addin_service.store import book, history, receipts, times
from addin_service.store.mails import Mail

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Headers:
    """Those of one mail, as a mail program has them: decoded, a list entry per mailbox.

    `automatic` are Auto-Submitted, Precedence and List-Id, by name in lower case, where the program
    knows them.
    """

    message: str
    at: datetime
    author: str
    readers: tuple[str, ...]
    subject: str
    automatic: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """How many mails were counted, were counted before, and are not counted at all."""

    counted: int
    known: int
    passed_over: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of an address book: changed, taken out, no addresses; and how many it has now."""

    changed: int
    removed: int
    left_out: int
    size: int


@dataclass(frozen=True, slots=True)
class Pages:
    """A part of an address book. `listing`: the number of the complete list that it is a part of.

    With `complete` this is its last part: what the client handed over before and does not stand in
    it is taken out. With `forget` all that any client handed over is.
    """

    entries: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = field(default=())
    listing: str = ""
    complete: bool = False
    forget: bool = False


def as_mail(reviewer: Reviewer, one: Passed, now: datetime) -> Mail:
    """A mail as history keeps it: its name and its words are keyed hashes."""
    message = reviewer.secret.digest("message", one.message)
    words, thread = hashed_words(one.subject, "", reviewer.secret.derive)
    return Mail(message, one.direction, one.others, one.at or now, words, thread)


def learn_headers(
    reviewer: Reviewer, owner: Address, client: str, given: Iterable[Headers]
) -> Learned:
    """Count these mails for their owner's mailbox. Raises `StoreUnavailable`."""
    now, over = reviewer.now(), 0
    mails: list[Mail] = []
    for one in given:
        found = passed(_as_header(one), owner, _name(one))
        if isinstance(found, Passed):
            mails.append(as_mail(reviewer, found, one.at))
        else:
            over += 1
    with reviewer.store.write() as connection:
        counted, known = history.learn(connection, owner.key, mails)
        if counted:
            _note(reviewer, connection, owner, client, now, "history-learned", counted, 0)
    return Learned(counted, known, over)


def learn_book(reviewer: Reviewer, owner: Address, client: str, pages: Pages) -> Listed:
    """Bring the owner's address book up to date. Raises `StoreUnavailable`."""
    names = dict(_readable(pages.entries))
    out = {address.key for address in _parsed(pages.removed)}
    with reviewer.store.write() as connection:
        gone = book.forget(connection, owner.key) if pages.forget else 0
        changed = book.put(connection, owner.key, client, names, pages.listing)
        gone += book.take_out(connection, owner.key, out)
        if pages.complete and pages.listing:
            gone += book.close(connection, owner.key, client, pages.listing)
        if changed or gone:
            now = reviewer.now()
            _note(reviewer, connection, owner, client, now, "book-learned", changed, gone)
        size = book.count(connection, owner.key)
    return Listed(changed, gone, len({address for address, _ in pages.entries}) - len(names), size)


def _as_header(one: Headers) -> dict[str, str]:
    """The headers as `passing` reads them; the date is a moment already."""
    return {
        "message-id": one.message,
        "from": quoted(one.author),
        "to": ", ".join(map(quoted, one.readers)),
        "subject": one.subject,
        **{name: value for name, value in one.automatic if value},
    }


def _name(one: Headers) -> str:
    """By what a mail without a Message-ID is known again."""
    told = [times.text(one.at), one.author, list(one.readers), one.subject]
    return digest(json.dumps(told).encode())


def _readable(entries: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for given, name in entries:
        for address in _parsed((given,)):
            shown = headers.words(name)[:LONGEST_NAME]
            yield address.key, "" if "@" in shown else shown


def _parsed(given: Iterable[str]) -> Iterator[Address]:
    for one in given:
        try:
            yield addresses.parse(one)
        except addresses.NotAnAddress:
            continue


def _note(
    reviewer: Reviewer, connection: Connection, owner: Address, client: str, now: datetime,
    action: str, added: int, removed: int,
) -> None:  # fmt: skip
    body: dict[str, Json] = {
        "action": action, "client": client, "mailbox": reviewer.hashed(owner.key),
        "added": added, "removed": removed,
    }  # fmt: skip
    receipts.append(connection, reviewer.chain_key, times.text(now), "learned", body)
