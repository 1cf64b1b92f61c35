"""The organisation folder's directory: taken over when the file changes, whole or not at all."""

from pathlib import Path

from addin_service.contacts.csv_in import read_csv
from addin_service.contacts.report import Refused
from addin_service.entries import as_entry
from addin_service.log import log
from addin_service.store import contacts, facts, times
from addin_service.store.engine import Store
from addin_service.watched import Watched, signature

SEEN = "folder.contacts"


class Folder(Watched):
    """Keeps the database's copy of `contacts.csv` equal to the file."""

    def __init__(self, file: Path, store: Store, chain_key: bytes) -> None:
        super().__init__(store, chain_key)
        self._file = file
        self.refused: tuple[Refused, ...] = ()
        self.problem = ""

    def _failed(self, kind: str) -> None:
        self.problem = kind

    def _take_over(self) -> None:
        with self._store.read() as connection:
            seen = facts.read(connection, SEEN)
        now_there = signature(self._file)
        if not now_there and seen and not self._file.parent.is_dir():
            raise FileNotFoundError  # a share that is not mounted has not been emptied
        if now_there == seen:
            return
        rows, refused = [], []
        if now_there:
            with self._file.open("rb") as stream:
                for row in read_csv(stream):
                    if isinstance(row, Refused):
                        refused.append(row)
                    else:
                        rows.append(as_entry(row, "folder"))
        with self._store.write() as connection:
            changed = contacts.replace_source(connection, "folder", rows, times.now())
            facts.write(connection, SEEN, now_there)
            self._record(
                connection, "folder-contacts", added=changed.added, updated=changed.updated
            )
        self.refused, self.problem = tuple(refused), ""
        log.info("folder-read", added=changed.added, updated=changed.updated, refused=len(refused))
