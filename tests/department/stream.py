"""A stream of sends as mail programs make them, each with the verdict that it must get."""

import contextlib
import http.client
import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from addin_service.entries import Entry
from addin_service.store import clients, contacts, times
from tests.conftest import draft_json, person_with
from tests.department.fixture import Caller, Department

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


def new_sender() -> str:
    """A mailbox that has sent nothing yet."""
    return f"sender-{uuid.uuid4().hex[:8]}@council.example"


def letters(sender: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Drafts without end, each after its verdict."""
    for number in itertools.count():
        kind = ("allow", "allow", "confirm", "allow", "block")[number % 5]
        to = {"allow": KNOWN[number % 3], "confirm": SLIP, "block": BLOCKED}[kind]
        yield kind, draft_json(to, sender=sender, text=f"Dear all,\n\nnumber {number}.\n")


@dataclass
class Stream:
    """Sends from several mail programs at once, until the end of the block."""

    department: Department
    phase: str = "quiet"
    senders: list[str] = field(default_factory=lambda: [new_sender() for _ in range(CALLERS)])
    answered: list[tuple[str, str, str]] = field(default_factory=list)
    """Reference, verdict, and the verdict that it had to be."""
    reported: list[str] = field(default_factory=list)
    """References of the sends whose report was answered."""
    gone: Counter[str] = field(default_factory=Counter)
    """By sender: mails that were reported, whether that was answered or not."""
    retried: Counter[str] = field(default_factory=Counter)
    """By phase: sends that needed the second try."""
    failed: Counter[str] = field(default_factory=Counter)
    """By phase: sends that had no answer at the second try either."""
    asked: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Stream":
        installation = self.department.installation
        people = [person_with(installation, sender) for sender in self.senders]
        with installation.store.write() as connection:
            tokens = [
                clients.add(connection, "stream", "sender", times.now(), one)[1] for one in people
            ]
        self._threads = [
            threading.Thread(target=self._run, args=given)
            for given in zip(self.senders, tokens, strict=True)
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

    def _run(self, sender: str, token: str) -> None:
        line = self.department.caller()
        try:
            for expected, draft in letters(sender):
                if self._ended.is_set():
                    return
                found = self._persist(line, "/v1/check", {"draft": draft}, token)
                with self._lock:
                    self.asked += 1
                    if found is not None:
                        one = found["reference"], found["verdict"], expected
                        self.answered.append(one)
                if found is None or found["verdict"] != "allow":
                    continue
                report = {"draft": draft, "review": found["review"], "outcome": "handed-over"}
                said = self._persist(line, "/v1/sent", report, token)
                with self._lock:
                    self.gone[sender] += 1
                    if said is not None:
                        self.reported.append(said["reference"])
        finally:
            line.close()

    def _persist(
        self, line: Caller, path: str, body: dict[str, Any], token: str
    ) -> dict[str, Any] | None:
        """The answer, at the second try if need be; None for none."""
        phase = self.phase
        for tries in (self.retried, self.failed):
            found = _asked(line, path, body, token)
            if found is not None:
                return found
            line.close()
            with self._lock:
                tries[phase] += 1
        return None


def _asked(line: Caller, path: str, body: dict[str, Any], token: str) -> dict[str, Any] | None:
    """The answer; None for none, or for one that says to try again."""
    try:
        answer = line.call("POST", path, body, token)
    except (OSError, http.client.HTTPException):
        return None
    if answer.status >= 429:
        return None
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json
    return found
