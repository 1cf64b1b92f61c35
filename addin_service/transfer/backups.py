"""The use case of `backup`: one file that holds a whole installation, made while it serves."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from addin_service.secrets import Secret
from addin_service.settings import Settings
from addin_service.store import schema, times
from addin_service.store.engine import Store, sqlite_url
from addin_service.transfer import archives, copying, disk, online, places
from addin_service.transfer.problems import NotMoved


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is there."""

    bytes: int
    head: tuple[int, str]


def back_up(
    settings: Settings,
    secret: Secret,
    chain: str,
    file: Path,
    force: bool = False,
    told: copying.Told = lambda _done, _all: None,
) -> Made:
    """Write the backup to `file`, under that name once it is whole and on the disk.

    `chain` is for what the key of the receipts is derived. Raises `NotMoved`, `StoreUnavailable`,
    `NewerDatabase`, `OSError`; there is then no new file, and an old one is untouched.
    """
    if file.exists() and not force:
        raise NotMoved(
            "There is a file of that name.", "Choose another name, or give --force to replace it."
        )
    scratch = file.absolute().with_name(f".{file.name}.partial")
    with disk.room_permitting(), disk.scratch(scratch) as place:
        copy = place / archives.RECORD
        _copy(settings, copy, told)
        with contextlib.closing(Store(sqlite_url(copy))) as record, record.read() as connection:
            revision = schema.revision(connection)
            if revision is None:
                raise NotMoved("There is no record of Last Look in the data folder.", "See --data.")
            head = places.proven(connection, secret.derive(chain))
        files: dict[str, Path | bytes] = {archives.RECORD: copy}
        for name in list(archives.MOST_BYTES)[1:]:
            with contextlib.suppress(FileNotFoundError):
                files[name] = content = (settings.data / name).read_bytes()
                if len(content) > archives.MOST_BYTES[name]:
                    raise NotMoved(f"{name} is too large to be ours.", "Correct it.", "record")
        with disk.private_file(place / "whole") as out:
            archives.write(out, files, times.text(times.now()), revision, head)
        os.replace(place / "whole", file)
        disk.sync(file.absolute().parent)
        return Made(file.stat().st_size, head)


def _copy(settings: Settings, copy: Path, told: copying.Told) -> None:
    """One moment of the record as an SQLite file."""
    url = settings.database or sqlite_url(settings.database_file)
    source = places.sqlite_file(url)
    if source is not None:
        if not source.is_file():
            raise NotMoved("There is no record in the data folder.", "Choose it with --data.")
        online.copy(source, copy, told)
        return
    with (
        places.moment(url) as ours,
        contextlib.closing(Store(sqlite_url(copy))) as record,
        record.write() as to,
    ):
        schema.upgrade_within(to)
        copying.copy(ours, to, told)
