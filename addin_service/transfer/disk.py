"""Files that are whole or not there, and whose content has reached the disk."""

import contextlib
import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from addin_service.transfer.online import plainly
from addin_service.transfer.problems import NO_ROOM, NotMoved

FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


@contextlib.contextmanager
def room_permitting() -> Iterator[None]:
    """A full disk, of whoever notices it, is told as one."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NO_ROOM from None
        raise
    except sqlite3.Error as error:
        raise plainly(error) from None


@contextlib.contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file that its owner alone can read, on the disk when the block is left."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, reach the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders; its names are journalled
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def scratch(place: Path) -> Iterator[Path]:
    """A folder for one piece of work at a time, for its owner only; gone afterwards.

    What a killed one left there is removed. Raises `NotMoved` while another one is at work.
    """
    lock = FileLock(place.with_name(f"{place.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise NotMoved("The same is being done already.", "Try again when it is done.") from None
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)
