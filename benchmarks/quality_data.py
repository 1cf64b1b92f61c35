"""Mail histories with genuine and slipped drafts, as the measurement reads them.

The format is that of `docs/judging.md`: three files, `history.jsonl.xz`, `directory.json.xz` and
`cases.jsonl.xz`. Nothing in here is printed: the data may name real people.
"""

import json
import lzma
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SEED = 20
"""For the choice of senders where not all are wanted."""


@dataclass(frozen=True, slots=True)
class Message:
    """One mail that the sender really sent. `at` is never earlier than unknown times before it."""

    seq: int
    at: datetime
    recipients: tuple[tuple[str, str], ...]
    subject: str
    words: str


@dataclass(frozen=True, slots=True)
class Case:
    """One draft to be judged: genuine, or with exactly one slip (`bad`, meant was `intended`).

    `known` (address, name, mails sent to it) and `listed` hold for this draft alone.
    """

    seq: int
    kind: str
    tags: frozenset[str]
    recipients: tuple[tuple[str, str], ...]
    subject: str
    words: str
    bad: str
    intended: str
    known: tuple[tuple[str, str, int], ...]
    listed: tuple[str, ...]

    @property
    def slipped(self) -> bool:
        """Whether one recipient is not the intended one."""
        return bool(self.bad)

    @property
    def plain(self) -> bool:
        """Whether nothing is known besides the sender's history and directory."""
        return not (self.known or self.listed)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One sender of one set: history and cases in order, and the directory."""

    set: str
    sender: str
    messages: tuple[Message, ...]
    directory: tuple[str, ...]
    cases: tuple[Case, ...]


def read(place: Path, sets: frozenset[str], senders: int = 0) -> list[Mailbox]:
    """The mailboxes of these sets (of all, where none is named) that have cases.

    `senders` limits each set to so many, the same ones every time; 0 means all of them.
    """
    cases = _by_sender(place / "cases.jsonl.xz", sets, _is_natural)
    wanted = _some(sorted(cases), senders)
    history = _by_sender(place / "history.jsonl.xz", sets)
    with lzma.open(place / "directory.json.xz", "rt", encoding="utf-8") as file:
        directory: dict[str, list[str]] = json.load(file)
    return [
        Mailbox(
            one[0],
            one[1],
            tuple(_messages(history.get(one, []))),
            tuple(directory.get("|".join(one), ())),
            tuple(sorted(map(_case, cases[one]), key=lambda c: (c.seq, not c.plain))),
        )
        for one in wanted
    ]


def _is_natural(item: dict[str, Any]) -> bool:
    """Whether what the case is about was not made up: an account that was could be learned."""
    return "added" not in (item.get("tags") or ())


def _by_sender(
    file: Path, sets: frozenset[str], wanted: Callable[[dict[str, Any]], bool] = lambda _: True
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found = defaultdict(list)
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            if (not sets or item["set"] in sets) and wanted(item):
                found[item["set"], item["sender"]].append(item)
    return found


def _some(mailboxes: list[tuple[str, str]], senders: int) -> list[tuple[str, str]]:
    if not senders:
        return mailboxes
    found: list[tuple[str, str]] = []
    for name in sorted({one[0] for one in mailboxes}):
        of_set = [one for one in mailboxes if one[0] == name]
        chosen = random.Random(SEED).sample(of_set, min(senders, len(of_set)))
        found += sorted(chosen)
    return found


def _messages(items: list[dict[str, Any]]) -> Iterator[Message]:
    """In order of `seq`; a mail without a time has that of the one before."""
    items = sorted(items, key=lambda item: int(item["seq"]))
    seconds = min((item["ts"] for item in items if item["ts"] is not None), default=0)
    for item in items:
        seconds = item["ts"] if item["ts"] is not None else seconds
        yield Message(
            item["seq"],
            datetime.fromtimestamp(seconds, UTC),
            _people(item),
            item.get("subject") or "",
            item.get("body") or "",
        )


def _case(item: dict[str, Any]) -> Case:
    return Case(
        item["seq"],
        item["kind"],
        frozenset(tag for tag in item.get("tags") or () if "@" not in tag),
        _people(item),
        item.get("subject") or "",
        item.get("body") or "",
        item["bad"] if item["label"] else "",
        item["intended"] if item["label"] else "",
        tuple((one[0], one[1], one[2]) for one in item.get("extra_known") or ()),
        tuple(item.get("extra_directory") or ()),
    )


def _people(item: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((address, name or "") for address, name in item["rcpt"])
