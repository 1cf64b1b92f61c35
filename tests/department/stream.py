"""A stream of sends as mail programs make them, each with the verdict that it must get."""

import contextlib
import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from addin_service.entries import Entry
from addin_service.store import clients, contacts, times
from tests.conftest import draft_json, person_with
from tests.department.fixture import Department

CALLERS = 6
KNOWN = tuple(f"{name}@council.example" for name in ("kit.moor", "jo.marsh", "bea.field"))
VOUCHED, SLIP = "priya.tann@chambers.example", "priya.tan@chambers.example"
SETTLED, ALLOWED = "omar.haddad@chambers.example", "omar.hadad@chambers.example"
"""The second one, too, is a slip of the first, until the helpdesk allows it."""
BLOCKED = "old.partner@chambers.example"


def prepare(department: Department) -> None:
    """Make the contacts by which the verdicts are known."""
    entries = [Entry(address) for address in (*KNOWN, VOUCHED, SETTLED)]
    with department.installation.store.write() as connection:
        contacts.put(connection, [*entries, Entry(BLOCKED, status="blocked")], times.now())


def sender(caller: int) -> str:
    """The mailbox of one of the mail programs."""
    return f"sender{caller}@council.example"


def letters(caller: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Drafts without end, each after its verdict."""
    for number in itertools.count():
        kind = ("allow", "allow", "confirm", "allow", "block")[number % 5]
        to = {"allow": KNOWN[number % 3], "confirm": SLIP, "block": BLOCKED}[kind]
        yield kind, draft_json(to, sender=sender(caller), text=f"Dear all,\n\nnumber {number}.\n")


@dataclass
class Stream:
    """Sends from several mail programs at once, until the end of the block."""

    department: Department
    phase: str = "quiet"
    answered: list[tuple[str, str, str]] = field(default_factory=list)
    """Reference, verdict, and the verdict that it had to be."""
    retried: Counter[str] = field(default_factory=Counter)
    """By phase: sends that needed the second try."""
    failed: Counter[str] = field(default_factory=Counter)
    """By phase: sends that had no answer at the second try either."""
    asked: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Stream":
        installation = self.department.installation
        people = [person_with(installation, sender(caller)) for caller in range(CALLERS)]
        with installation.store.write() as connection:
            tokens = [
                clients.add(connection, "stream", "sender", times.now(), one)[1] for one in people
            ]
        self._threads = [
            threading.Thread(target=self._run, args=given) for given in enumerate(tokens)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    @contextlib.contextmanager
    def during(self, phase: str, more: int) -> Iterator[None]:
        """Note what fails under this name; ends once `more` sends were made after the block."""
        self.phase = phase
        yield
        self.go_on(more)
        self.phase = "quiet"

    def go_on(self, more: int) -> None:
        """Wait until so many more sends were made."""
        upto = self.asked + more
        while self.asked < upto:
            assert any(thread.is_alive() for thread in self._threads)
            time.sleep(0.01)

    def _run(self, caller: int, token: str) -> None:
        line = self.department.caller()
        try:
            for expected, draft in letters(caller):
                if self._ended.is_set():
                    return
                phase, body = self.phase, {"purpose": "send", "draft": draft}
                for attempt in (1, 2):
                    found = _asked(line, body, token)
                    if found is not None:
                        break
                    line.close()
                    line = self.department.caller()
                    with self._lock:
                        (self.retried if attempt == 1 else self.failed)[phase] += 1
                with self._lock:
                    self.asked += 1
                    if found is not None:
                        self.answered.append((*found, expected))
        finally:
            line.close()


def _asked(
    line: http.client.HTTPSConnection, body: dict[str, Any], token: str
) -> tuple[str, str] | None:
    """Reference and verdict; None for no answer, or one that says to try again."""
    try:
        answer = line.call("POST", "/v1/check", body, token)  # type: ignore[attr-defined]
    except (OSError, http.client.HTTPException):
        return None
    if answer.status >= 429:
        return None
    assert answer.status == 200, answer.body
    return answer.json["reference"], answer.json["verdict"]
