"""A part of the organisation folder: looked at now and then, taken over when it has changed."""

import csv
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path

from sqlalchemy import Connection

from addin_service.log import log
from addin_service.model import Json
from addin_service.pgp.gpg import Refused
from addin_service.store import receipts, times
from addin_service.store.engine import Store, StoreUnavailable

LOOK_EVERY_S = 0.5
"""A change counts within a second; looking costs a few file system calls."""


class Watched(ABC):
    """What cannot be read changes nothing: what was read last stays."""

    def __init__(self, store: Store, chain_key: bytes) -> None:
        self._store = store
        self._chain_key = chain_key
        self._lock = threading.Lock()
        self._looked = 0.0

    def refresh(self) -> None:
        """Take over what has changed since last time."""
        if time.monotonic() - self._looked < LOOK_EVERY_S:
            return
        with self._lock:
            self._looked = time.monotonic()
            try:
                self._take_over()
            except (OSError, StoreUnavailable, Refused, ValueError, csv.Error) as error:
                log.error("folder-not-read", error=type(error).__name__)
                self._failed(type(error).__name__)

    def _record(self, connection: Connection, action: str, **counts: int) -> None:
        """A receipt of what was taken over, in the same transaction."""
        body: dict[str, Json] = {"action": action, **counts}
        receipts.append(connection, self._chain_key, times.text(times.now()), "admin", body)

    @abstractmethod
    def _take_over(self) -> None:
        """Read the files if they are others than last time, and store what they say."""

    @abstractmethod
    def _failed(self, kind: str) -> None:
        """Note for `doctor` that the files could not be read."""


def signature(file: Path) -> str:
    """What changes whenever the file does; empty where there is none. Raises `OSError`."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return ""
    return f"{file.name}:{found.st_mtime_ns}:{found.st_size}:{found.st_ino}"
