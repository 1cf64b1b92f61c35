"""The organisation folder's directory: taken over when the file changes, whole or not at all."""

import threading
import time
from pathlib import Path

from addin_service.contacts.csv_in import read_csv
from addin_service.contacts.report import NotReadable, Refused
from addin_service.importing import as_entry
from addin_service.log import log
from addin_service.store import contacts, facts, times
from addin_service.store.engine import Store, StoreUnavailable

SEEN = "folder.contacts"
LOOK_EVERY_S = 0.5


class Folder:
    """Keeps the database's copy of `contacts.csv` equal to the file."""

    def __init__(self, file: Path, store: Store) -> None:
        self._file = file
        self._store = store
        self._lock = threading.Lock()
        self._looked = 0.0
        self.refused: tuple[Refused, ...] = ()
        self.problem = ""

    def refresh(self) -> None:
        """Take over the file if it is another one than last time. A broken one changes nothing."""
        if time.monotonic() - self._looked < LOOK_EVERY_S:
            return
        with self._lock:
            self._looked = time.monotonic()
            try:
                self._take_over()
            except (OSError, NotReadable, StoreUnavailable) as error:
                self.problem = type(error).__name__
                log.error("folder-not-read", error=self.problem)

    def _take_over(self) -> None:
        with self._store.read() as connection:
            seen = facts.read(connection, SEEN)
        try:
            found = self._file.stat()
            signature = f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"
        except FileNotFoundError:
            if seen and not self._file.parent.is_dir():
                raise  # a share that is not mounted has not been emptied
            signature = ""
        if signature == seen:
            return
        rows, refused = [], []
        if signature:
            with self._file.open("rb") as stream:
                for row in read_csv(stream):
                    if isinstance(row, Refused):
                        refused.append(row)
                    else:
                        rows.append(as_entry(row, "folder"))
        with self._store.write() as connection:
            changed = contacts.replace_source(connection, "folder", rows, times.now())
            facts.write(connection, SEEN, signature)
        self.refused, self.problem = tuple(refused), ""
        log.info("folder-read", added=changed.added, updated=changed.updated, refused=len(refused))
