"""Which database a person means, and one moment of it to copy from."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, make_url

from addin_service.receipts import verify
from addin_service.store import receipts, schema
from addin_service.store.engine import NoSuchDatabase, Store, postgresql_url, sqlite_url
from addin_service.transfer import disk, online
from addin_service.transfer.problems import DAMAGED, NotMoved

Told = Callable[[int], None]


def database_url(given: str) -> str:
    """The URL as we use it, from `postgresql://…`, `sqlite:PATH` or `sqlite:///PATH`.

    Raises `NotMoved` for anything else. A password in it stays in it: never print it.
    """
    scheme, _, rest = given.partition(":")
    if scheme == "sqlite" and rest.strip("/"):
        path = rest.removeprefix("///") if rest.startswith("///") else rest
        return sqlite_url(Path(path).absolute())
    if url := postgresql_url(given):
        return url.render_as_string(hide_password=False)
    raise NotMoved(
        "That is not the URL of a database.",
        "Write postgresql://USER@HOST/NAME, or sqlite:FILE.",
    )


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite URL; None for PostgreSQL."""
    name = make_url(url).database
    return Path(name) if url.startswith("sqlite") and name else None


def same(one: str, other: str) -> bool:
    """Whether two URLs of ours name one database, as far as the URLs tell."""
    files = sqlite_file(one), sqlite_file(other)
    if files[0] and files[1]:
        return files[0].resolve() == files[1].resolve()
    places = [make_url(url) for url in (one, other)]
    return len({(u.host, u.port, u.database, str(u.query)) for u in places}) == 1


def store(url: str) -> Store:
    """The database of this URL, which of a new file its owner alone can read.

    Raises `NotMoved` where the driver is not installed, or no file can be made there.
    """
    file = sqlite_file(url)
    try:
        if file is not None:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise NotMoved(
            f"The database file cannot be made: {error.strerror}.",
            "Is the folder there, and yours?",
        ) from None
    try:
        return Store(url)
    except NoSuchDatabase as refusal:
        raise NotMoved(str(refusal), refusal.hint) from None


@contextlib.contextmanager
def moment(url: str) -> Iterator[Connection]:
    """One moment of a database, in the form that this version reads. Others go on writing.

    Of an SQLite file a copy is made beside it and removed afterwards, so that nobody waits; an
    older one is brought up to date in that copy. Raises `NotMoved`, `NewerDatabase`,
    `StoreUnavailable`.
    """
    file = sqlite_file(url)
    if file is None:
        with contextlib.closing(store(url)) as record, record.read() as connection:
            current(connection)
            yield connection
        return
    if not file.is_file():
        raise NotMoved("There is no database file of that name.", "Correct the path.")
    scratch = file.absolute().with_name(f".{file.name}.moving")
    with disk.room_permitting(), disk.scratch(scratch) as place:
        online.copy(file, place / file.name)
        with contextlib.closing(Store(sqlite_url(place / file.name))) as record:
            with record.read() as connection:
                _ours(connection)
            schema.upgrade(record)
            with record.read() as connection:
                yield connection


def current(connection: Connection) -> None:
    """Raises `NotMoved` or `NewerDatabase` unless the database has the form of this version."""
    found = _ours(connection)
    known = schema.revisions()
    if found not in known:
        raise schema.NewerDatabase
    if found != known[-1]:
        raise NotMoved(
            "The record was made by an older version of Last Look.",
            "Start the service of this version on it once, or run `addin-service doctor`: "
            "that brings it up to date.",
        )


def _ours(connection: Connection) -> str:
    found = schema.revision(connection)
    if found is None:
        raise NotMoved("There is no record of Last Look in that database.", "Correct the URL.")
    return found


def proven(
    connection: Connection, chain_key: bytes, anchors: dict[int, str] | None = None
) -> tuple[int, str]:
    """Number and hash of the newest receipt, once the whole chain is verified.

    Raises `NotMoved` for the first receipt that is not what was written.
    """
    head = receipts.head(connection)
    found = verify(chain_key, receipts.rows(connection), head, anchors)
    if found:
        raise NotMoved(f"Receipt {found.seq}: {found.why}.", DAMAGED, fault="record")
    return head
