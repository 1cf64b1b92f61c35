"""A consistent copy of an SQLite file that others are using: SQLite's own online backup."""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from addin_service.store.engine import BUSY_MS, StoreUnavailable
from addin_service.transfer.problems import DAMAGED, NO_ROOM, NotMoved

PIECE = 2_000
"""Pages copied at a time, 8 MB: between two pieces others write."""
RESTARTS = 3
"""So often a write in between may start it anew; then it is copied in one go, and writers wait."""

Told = Callable[[int, int], None]
"""Hears how many pages are done, and of how many."""


class _Restarted(Exception):
    """Others write more often than a copy by pieces takes."""


def copy(source: Path, target: Path, told: Told = lambda _done, _all: None) -> None:
    """Copy `source` to `target`, a new file for its owner only, and check that it is sound.

    Raises `NotMoved` where the source is damaged or there is no room, and `StoreUnavailable`
    where it cannot be read; nothing of the target is left then.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with contextlib.closing(_opened(source)) as ours, contextlib.closing(_opened(target)) as to:
            to.execute("PRAGMA synchronous=OFF")  # who puts it in its place syncs it as a whole
            try:
                ours.backup(to, pages=PIECE, progress=_progress(told), sleep=0.05)
            except _Restarted:
                ours.backup(to)
            said = to.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise NotMoved("The record is damaged.", DAMAGED, fault="record")
    except (sqlite3.Error, NotMoved, OSError) as error:
        with contextlib.suppress(OSError):
            target.unlink()
        raise plainly(error) from None


def plainly(error: Exception) -> Exception:
    """What SQLite says, as we say it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return NotMoved("The record is damaged.", DAMAGED, fault="record")
    if code == sqlite3.SQLITE_FULL:
        return NO_ROOM
    if code == sqlite3.SQLITE_IOERR:
        return NotMoved(
            "The disk refused to read or to write.",
            "Is it full, or failing? Give a place on another disk.",
            "machine",
        )
    return StoreUnavailable(type(error).__name__) if isinstance(error, sqlite3.Error) else error


def _opened(file: Path) -> sqlite3.Connection:
    # For writing: a journal that a killed program left has to be played back first.
    place = file.absolute().as_uri() + "?mode=rw"
    return sqlite3.connect(place, uri=True, timeout=BUSY_MS / 1000, isolation_level=None)


def _progress(told: Told) -> Callable[[int, int, int], None]:
    left, restarts = -1, 0

    def progress(_status: int, remaining: int, total: int) -> None:
        nonlocal left, restarts
        if 0 <= left < remaining:
            restarts += 1
            if restarts > RESTARTS:
                raise _Restarted
        left = remaining
        told(total - remaining, total)

    return progress
