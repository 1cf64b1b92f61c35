"""What is asked before a message is sealed, in its order: recipients, whom for, keys. Pure.

Nobody is shown who would read a message before the sender has said whom it is meant for, and
nobody is asked about the key of an address that is still in doubt.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from addin_service.checks.reader_keys import ACCEPTED
from addin_service.model import (
    Ask,
    Choice,
    Confirmation,
    Finding,
    Json,
    Judged,
    Reader,
    Sealing,
    Severity,
)

INTENDED, PASSPHRASE = "recipient.intended", "recipient.passphrase"
TRIES = 3


@dataclass(frozen=True, slots=True)
class Staged:
    """What became of the questions of sealing."""

    judged: list[Judged]
    readers: tuple[Reader, ...] | None
    possible: bool


def is_of_sealing(code: str) -> bool:
    """Whether a finding of this code matters only for a message that is sealed."""
    return _asks_of_sealing(code) or code == "recipient.hidden-reader"


def stage(
    judged: Iterable[Judged], readers: tuple[Reader, ...], sealing: Sealing, available: bool
) -> Staged:
    """Let each question of sealing wait for the one before it."""
    judged = list(judged)
    if not sealing.required:
        return Staged(_turned(judged, is_of_sealing, "not-needed"), None, False)
    if any(_open(j) for j in judged if not is_of_sealing(j.finding.code)):
        return Staged(_turned(judged, _asks_of_sealing, "waits"), None, False)
    if any(j.outcome == "stopped" for j in judged):
        return Staged(_turned(judged, lambda code: code == INTENDED, "waits"), None, False)
    if any(_open(j) for j in judged if j.finding.code == INTENDED):
        hidden = _turned(judged, _is_of_keys, "waits")
        return Staged(_blind(hidden), None, False)
    confirmed = {c.address: c for c in confirmations(judged)}
    shown = tuple(
        replace(reader, state="verified") if reader.key in confirmed else reader
        for reader in readers
    )
    recipients = {j.finding.about.key for j in judged if j.finding.about}
    needed = [r for r in shown if not r.is_sender or r.key in recipients]
    possible = available and all(r.state in ACCEPTED for r in needed)
    return Staged(judged, shown, possible)


def confirmations(judged: Iterable[Judged]) -> list[Confirmation]:
    """The keys that the sender's answers confirm."""
    return [
        Confirmation(j.finding.about.key, j.finding.expects[0], j.said, _screen(j.finding))
        for j in judged
        if j.outcome == "answered" and j.answer is Choice.CONFIRM_KEY
        and j.finding.about is not None
    ]  # fmt: skip


def _screen(finding: Finding) -> dict[str, Json]:
    """What the sender saw when confirming: the sentence, the person, and which groups to type."""
    return {"message": finding.message, **finding.facts}


def _open(item: Judged) -> bool:
    return item.outcome in ("asked", "stopped")


def _asks_of_sealing(code: str) -> bool:
    return code == INTENDED or _is_of_keys(code)


def _is_of_keys(code: str) -> bool:
    return code == PASSPHRASE or code.startswith("key.")


def typed_once(judged: list[Judged]) -> list[Judged]:
    """An address that was typed again for another doubt is not asked for a second time."""
    typed = {j.finding.about.key for j in judged if j.answer is Choice.RETYPE and j.finding.about}
    return [
        replace(item, ask=None, outcome="answered", answer=Choice.RETYPE)
        if item.finding.code == PASSPHRASE
        and item.outcome == "asked"
        and item.finding.about
        and item.finding.about.key in typed
        else item
        for item in judged
    ]


def _turned(judged: list[Judged], which: Callable[[str], bool], outcome: str) -> list[Judged]:
    """Those findings hidden, with this outcome. What was answered stays answered."""
    return [
        replace(item, shown=False, ask=None, outcome=outcome, severity=Severity.NOTE)
        if which(item.finding.code) and item.outcome != "answered"
        else item
        for item in judged
    ]


def _blind(judged: Iterable[Judged]) -> list[Judged]:
    """Nothing that names a recipient: the answer must not stand on the screen."""
    return [replace(j, shown=False) if j.finding.about is not None else j for j in judged]


def ask_for_name(wrong: int) -> Ask:
    """After three wrong names a reason is asked instead: the sender may call them otherwise."""
    return Ask.NAME if wrong < TRIES else Ask.REASON
