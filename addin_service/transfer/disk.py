"""Files that are whole or not there, and whose content has reached the disk."""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from addin_service.transfer.online import plainly
from addin_service.transfer.problems import NO_ROOM

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
