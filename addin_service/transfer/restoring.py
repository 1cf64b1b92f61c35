"""The use case of `restore`: a backup becomes an installation again, all of it or nothing."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from addin_service.secrets import Secret
from addin_service.settings import Settings
from addin_service.store import schema
from addin_service.store.engine import Store, sqlite_url
from addin_service.transfer import archives, copying, disk, places
from addin_service.transfer.problems import DAMAGED, NO_ROOM, NotMoved

SPARE_BYTES = 1 << 20
"""Room that has to be left on the disk besides what is unpacked."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there now, and where what was there before is."""

    made: str
    head: tuple[int, str]
    upgraded: bool
    set_aside: Path | None


def restore(
    settings: Settings,
    file: Path,
    chain: str,
    now: datetime,
    force: bool = False,
    told: copying.Told = lambda _done, _all: None,
) -> Restored:
    """Unpack and verify a backup beside the data folder, then give it the folder's name.

    With `settings.database` the record goes there, into an empty database. `force` sets a data
    folder that is there aside under another name; a database that is there is left alone. Raises
    `NotMoved`, `NewerDatabase`, `StoreUnavailable`, `OSError`; everything is then as it was.
    """
    data = settings.data.absolute()
    taken = data.exists() and any(data.iterdir())
    if taken and not force:
        raise NotMoved(
            "There is something in the data folder already.",
            "Choose another one with --data, or give --force: it is set aside, not deleted.",
        )
    data.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = data.with_name(f".{data.name}.restoring")  # beside it, where renaming is one step
    with disk.room_permitting(), _unserved(data), disk.scratch(scratch) as place:
        with file.open("rb") as stream:
            manifest = _unpack(archives.read(stream), place)
        secret = Secret((place / archives.SECRET).read_bytes())
        head, upgraded = _verify(place / archives.RECORD, manifest, secret.derive(chain))
        if settings.database:
            _into(settings.database, place / archives.RECORD, secret.derive(chain), told)
            (place / archives.RECORD).unlink()
        for one in (*place.iterdir(), place):
            disk.sync(one)
        aside = _set_aside(data, now) if taken else None
        _name(place, data)
    return Restored(manifest.made, head, upgraded, aside)


def _unpack(archive: archives.Archive, place: Path) -> archives.Manifest:
    if archive.manifest.revision not in schema.revisions():
        raise schema.NewerDatabase
    if archive.size + SPARE_BYTES > shutil.disk_usage(place).free:
        raise NO_ROOM
    for name in archive.manifest.parts:
        with disk.private_file(place / name) as out:
            archive.unpack(name, out)
    return archive.manifest


def _verify(
    record: Path, manifest: archives.Manifest, chain_key: bytes
) -> tuple[tuple[int, str], bool]:
    """Head of the chain once the record is sound and of this version; whether it was older."""
    _require_plain(record)
    with contextlib.closing(Store(sqlite_url(record))) as store:
        with store.read() as connection:
            revision = schema.revision(connection)
        schema.upgrade(store)
        with store.read() as connection:
            noted = {manifest.receipts: manifest.head} if manifest.receipts else {}
            head = places.proven(connection, chain_key, noted)
    return head, revision != schema.revisions()[-1]


def _require_plain(record: Path) -> None:
    """Tables and indexes and nothing that runs by itself: the file comes from outside."""
    with contextlib.closing(sqlite3.connect(record, isolation_level=None)) as connection:
        connection.execute("PRAGMA trusted_schema=OFF")
        odd = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index') "
            "OR sql LIKE 'CREATE VIRTUAL%'"
        ).fetchone()[0]
        if odd or connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise NotMoved("The record in the backup is damaged.", DAMAGED, fault="record")


def _into(url: str, record: Path, chain_key: bytes, told: copying.Told) -> None:
    """The record into an empty database, verified there, in one transaction."""
    with (
        contextlib.closing(Store(sqlite_url(record))) as ours,
        contextlib.closing(places.store(places.database_url(url))) as theirs,
        ours.read() as source,
        theirs.write() as target,
    ):
        if not copying.is_empty(target):
            raise NotMoved(
                "The database to restore into is not empty.",
                "Make a new one, such as with `createdb`; nothing is overwritten.",
            )
        schema.upgrade_within(target)
        copying.copy(source, target, told)
        places.proven(target, chain_key)


def _set_aside(data: Path, now: datetime) -> Path:
    aside = data.with_name(f"{data.name}.before-{now:%Y%m%dT%H%M%S}")
    os.rename(data, aside)
    return aside


def _name(place: Path, data: Path) -> None:
    """Give it its name, where nothing is."""
    if data.exists():
        data.rmdir()
    os.rename(place, data)
    disk.sync(data.parent)


@contextlib.contextmanager
def _unserved(data: Path) -> Iterator[None]:
    """Nobody serves from this folder meanwhile."""
    with contextlib.ExitStack() as held:
        for file in sorted(data.glob("*.lock")):
            lock = FileLock(file)
            try:
                held.enter_context(lock.acquire(timeout=0))
            except Timeout:
                raise NotMoved(
                    "Last Look is running on this data folder.", "Stop it first."
                ) from None
        if os.name == "nt":
            held.close()  # a folder with open files cannot be renamed there
        yield
