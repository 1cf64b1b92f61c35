"""`migrate`: every row of every table in another database, or nothing there at all."""

import contextlib
import json
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Connection,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    insert,
    select,
)

from addin_service.installation import open_installation
from addin_service.settings import Settings
from addin_service.store import clients, receipts, schema, tables, times
from addin_service.store.engine import Store, sqlite_url
from addin_service.transfer import copying, moving, places
from addin_service.transfer.problems import NotMoved
from tests.conftest import draft_json, serving
from tests.store.moved import at_revision, cli, key, used, verdicts
from tests.store.server import Postgres

ODD = ("", "x", "é\u0301ß", "\U0001f642", "\u202egnp", "%s ? :x", "'\"\\\t\n\r", "\\.", "\\N", "ÀÉ")
"""Texts at which formats of copying and orders of letters differ."""


@pytest.fixture
def other(
    url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[], contextlib.AbstractContextManager[str]]]:
    """Makes the URL of an empty database of the other kind than `url`."""

    @contextlib.contextmanager
    def make() -> Iterator[str]:
        if not url.startswith("sqlite"):
            yield sqlite_url(tmp_path / "other.db")
            return
        with request.getfixturevalue("postgres").fresh() as fresh:
            yield fresh

    return make


def fill(connection: Connection) -> None:
    """Some rows in every table there is, whatever it is called, and a real chain of receipts."""
    for table in tables.metadata.sorted_tables:
        if table.name in ("receipts", "chain_head"):
            continue
        for number in range(1, len(ODD) + 1):
            connection.execute(insert(table).values(row(connection, table, number)))
    for number in range(20):
        receipts.append(connection, b"k" * 32, f"t{number}", "check", {"said": ODD[number % 10]})


def row(connection: Connection, table: Table, number: int) -> dict[str, Any]:
    """A row of this table that differs from those of other numbers in every column."""
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            [key] = column.foreign_keys
            there = sorted(connection.scalars(select(key.column)).all())
            values[column.name] = there[number - 1]
        elif isinstance(column.type, Boolean):
            values[column.name] = number % 2 == 0
        elif isinstance(column.type, Integer):
            values[column.name] = number
        elif isinstance(column.type, Float):
            values[column.name] = number / 3
        elif isinstance(column.type, LargeBinary):
            values[column.name] = bytes(range(256)) * number
        else:
            assert isinstance(column.type, String), column
            if column.nullable and number % 3 == 0:
                values[column.name] = None
                continue
            text = f"{number}{ODD[number - 1]}"
            values[column.name] = (
                text * 5_000 if column.type.length is None else text[: column.type.length]
            )
    return values


def everything(connection: Connection) -> dict[str, list[Any]]:
    """All rows of all tables, in no order of a database's."""
    return {
        table.name: sorted(map(repr, map(tuple, connection.execute(select(table)).all())))
        for table in tables.metadata.sorted_tables
    }


def test_every_row_of_every_table_is_there(store: Store, url: str, other: Any) -> None:
    with store.write() as connection:
        fill(connection)
        before = everything(connection)
    assert all(before.values())
    seen: list[tuple[int, int]] = []
    with other() as target:
        done = moving.move(url, target, b"k" * 32, lambda *far: seen.append(far))
        assert done.total == sum(map(len, before.values()))
        assert seen[-1] == (done.total, done.total)
        copy = Store(target)
        with copy.read() as connection:
            assert everything(connection) == before
            assert schema.revision(connection) == schema.revisions()[-1]
        # What the database numbers by itself goes on from there.
        with copy.write() as connection:
            values = row(connection, tables.evidence, 1)
            del values["number"]
            connection.execute(insert(tables.evidence).values(values))
            assert connection.scalar(select(func.max(tables.evidence.c.number))) == len(ODD) + 1
            receipts.append(connection, b"k" * 32, "later", "check", {})
            places.proven(connection, b"k" * 32)
        copy.close()
    with store.read() as connection:
        assert everything(connection) == before


@pytest.mark.postgresql
def test_a_desk_that_moved_goes_on_where_it_was(settings: Settings, postgres: Postgres) -> None:
    desk, token = used(settings)
    before = verdicts(desk, token)
    with serving(desk) as live:
        asked = live.call("POST", "/v1/check", {"draft": draft_json("jo@council.example")}, token)
    with desk.store.read() as connection:
        head = receipts.head(connection)
    desk.close()
    with postgres.fresh() as url:
        there = cli(settings, "migrate", "--from", f"sqlite:{settings.database_file}", "--to", url)
        assert f"{head[0]} receipts, all as they were written." in there.stdout
        moved = Settings(settings.data, settings.organisation, url)
        department = open_installation(moved)
        assert not department.store.is_sqlite
        assert verdicts(department, token) == before
        with serving(department) as live:  # what was looked at before is sent after
            told = {"outcome": "sent", "draft": draft_json("jo@council.example")}
            said = live.call("POST", "/v1/sent", {**told, "review": asked.json["review"]}, token)
            assert said.json["reference"] == asked.json["reference"]
        explained = cli(settings, "explain", asked.json["reference"], database=url).stdout
        assert "verdict allow" in explained
        assert "sent" in explained
        with department.store.read() as connection:
            assert receipts.head(connection)[0] > head[0]
            places.proven(connection, department.reviewer.chain_key, {head[0]: head[1]})
        department.close()


# Refusals, after each of which the target is as empty as before


@pytest.fixture
def desk(settings: Settings) -> Settings:
    """The settings of a desk on SQLite with a few receipts."""
    installation, _ = used(settings)
    installation.close()
    return settings


def refused(desk: Settings, source: str, target: str, says: str, code: int) -> None:
    """The command says so, names a way out, and leaves no file."""
    before = sorted(desk.data.parent.rglob("*"))
    done = cli(desk, "migrate", "--from", source, "--to", target, code=code)
    assert says in done.stderr
    assert "hint: " in done.stderr
    assert sorted(one for one in desk.data.parent.rglob("*") if one.suffix != ".lock") == [
        one for one in before if one.suffix != ".lock"
    ]


def test_nothing_is_overwritten(desk: Settings, tmp_path: Path) -> None:
    here = f"sqlite:{desk.database_file}"
    with contextlib.closing(sqlite3.connect(tmp_path / "used.db")) as used_already:
        used_already.execute("CREATE TABLE anything (x)")
    refused(desk, here, f"sqlite:{tmp_path / 'used.db'}", "is not empty", 2)
    refused(desk, here, f"sqlite:{desk.data}/../data/record.db", "are the same database", 2)
    refused(desk, f"sqlite:{tmp_path / 'none.db'}", f"sqlite:{tmp_path / 'n.db'}", "no database", 2)
    refused(desk, here, "mysql://root@localhost/x", "not the URL of a database", 2)
    refused(desk, f"sqlite:{tmp_path / 'used.db'}", f"sqlite:{tmp_path / 'n.db'}", "no record", 2)


def test_a_database_with_tables_is_no_target(store: Store, url: str, tmp_path: Path) -> None:
    source = sqlite_url(tmp_path / "source.db")
    ours = Store(source)
    schema.upgrade(ours)
    ours.close()
    with pytest.raises(NotMoved, match="not empty"):
        moving.move(source, url, b"k" * 32)


def test_a_newer_source_is_refused_and_an_older_one_brought_up_to_date(
    desk: Settings, tmp_path: Path
) -> None:
    with contextlib.closing(sqlite3.connect(desk.database_file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    here = f"sqlite:{desk.database_file}"
    refused(desk, here, f"sqlite:{tmp_path / 'n.db'}", "newer version", 3)
    older = tmp_path / "older.db"
    at_revision(older, "0005")
    moving.move(sqlite_url(older), sqlite_url(tmp_path / "n.db"), b"k" * 32)
    copy = Store(sqlite_url(tmp_path / "n.db"))
    with copy.read() as connection_:
        assert schema.revision(connection_) == schema.revisions()[-1]
        assert connection_.scalar(select(tables.settings.c.value)) == "kept"
    copy.close()
    with contextlib.closing(sqlite3.connect(older)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0005",)


@pytest.mark.postgresql
def test_an_older_department_is_refused_with_the_way(postgres: Postgres, tmp_path: Path) -> None:
    with postgres.fresh() as url:
        store = Store(url)
        schema.upgrade(store)
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0006'")
        store.close()
        with pytest.raises(NotMoved, match="older version"):
            moving.move(url, sqlite_url(tmp_path / "n.db"), b"k" * 32)


def test_a_damaged_source_is_refused(desk: Settings, tmp_path: Path) -> None:
    data = bytearray(desk.database_file.read_bytes())
    whole = tmp_path / "whole.db"
    shutil.copy(desk.database_file, whole)
    for at in range(8 * 4096, len(data), 4096):
        data[at : at + 8] = b"\xff" * 8
    desk.database_file.write_bytes(data)
    refused(desk, f"sqlite:{desk.database_file}", f"sqlite:{tmp_path / 'n.db'}", "damaged", 1)
    with contextlib.closing(sqlite3.connect(whole)) as connection:
        connection.execute("UPDATE receipts SET at = 'x' WHERE seq = 2")
        connection.commit()
    refused(desk, f"sqlite:{whole}", f"sqlite:{tmp_path / 'n.db'}", "Receipt 2: ", 1)


def test_without_the_secret_nothing_is_moved(desk: Settings, tmp_path: Path) -> None:
    desk.secret_file.unlink()
    here = f"sqlite:{desk.database_file}"
    refused(desk, here, f"sqlite:{tmp_path / 'n.db'}", "no secret.key", 2)
    desk.secret_file.write_bytes(b"short")
    refused(desk, here, f"sqlite:{tmp_path / 'n.db'}", "is damaged", 1)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("column", "value"), [("name", b"\xff\x00blob"), ("entry", "x" * 331)], ids=["bytes", "long"]
)
def test_what_postgresql_cannot_hold_leaves_it_empty(
    desk: Settings, postgres: Postgres, column: str, value: Any
) -> None:
    """SQLite keeps in a column what it is given; the refusal names the table and not the value."""
    with contextlib.closing(sqlite3.connect(desk.database_file)) as connection:
        connection.execute(f"UPDATE contacts SET {column} = ? WHERE status = 'known'", (value,))
        connection.commit()
    with postgres.fresh() as url:
        with pytest.raises(NotMoved, match="contacts") as caught:
            moving.move(sqlite_url(desk.database_file), url, key(desk))
        assert "xxx" not in caught.value.message + caught.value.hint
        empty = Store(url)
        with empty.read() as there:
            assert copying.is_empty(there)
        empty.close()


@pytest.mark.postgresql
def test_a_nul_becomes_the_sign_for_what_cannot_be_shown(
    desk: Settings, postgres: Postgres
) -> None:
    with contextlib.closing(sqlite3.connect(desk.database_file)) as connection:
        connection.execute("UPDATE contacts SET name = ?", ("a\0b\0",))
        connection.commit()
    with postgres.fresh() as url:
        moving.move(sqlite_url(desk.database_file), url, key(desk))
        store = Store(url)
        with store.read() as there:
            assert set(there.scalars(select(tables.contacts.c.name))) == {"a\ufffdb\ufffd"}
        store.close()


def test_who_writes_meanwhile_does_not_wait_and_is_not_in_the_copy(
    desk: Settings, tmp_path: Path
) -> None:
    installation = open_installation(desk)
    target = sqlite_url(tmp_path / "n.db")
    wrote: list[int] = []

    def write(done: int, of: int) -> None:
        if not wrote:
            with installation.store.write() as connection:
                clients.add(connection, "late", "sender", times.now())
                seq = receipts.append(connection, installation.reviewer.chain_key, "t", "late", {})
            wrote.append(seq)

    moved = moving.move(
        sqlite_url(desk.database_file), target, installation.reviewer.chain_key, write
    )
    installation.close()
    assert moved.head[0] == wrote[0] - 1


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgresql://u@h/n", "postgresql+psycopg://u@h/n"),
        ("postgres://u@h:5/n?x=y", "postgresql+psycopg://u@h:5/n?x=y"),
        ("postgresql+psycopg://u@h/n", "postgresql+psycopg://u@h/n"),
        ("postgresql://u:p%40w:x@h/n", "postgresql+psycopg://u:p%40w%3Ax@h/n"),
        ("postgresql:///n?host=/run/p", "postgresql+psycopg:///n?host=%2Frun%2Fp"),
        ("sqlite:///srv/x.db", sqlite_url(Path("srv/x.db").absolute())),
        ("sqlite:////srv/x.db", sqlite_url(Path("/srv/x.db"))),
        ("sqlite:/srv/x.db", sqlite_url(Path("/srv/x.db"))),
        ("sqlite:x y.db", sqlite_url(Path("x y.db").absolute())),
    ],
)
def test_urls_as_people_write_them(given: str, url: str) -> None:
    assert places.database_url(given) == url


@pytest.mark.parametrize(
    "given",
    [
        "",
        "sqlite:",
        "sqlite://",
        "x",
        "/srv/record.db",
        "postgresql+psycopg2://h/n",
        "http://h",
        "postgresql://h:port/n",
    ],
)
def test_what_is_no_url_of_a_database(given: str) -> None:
    with pytest.raises(NotMoved):
        places.database_url(given)


def test_figures_for_a_program(desk: Settings, tmp_path: Path) -> None:
    here, there = f"sqlite:{desk.database_file}", f"sqlite:{tmp_path / 'n.db'}"
    said = json.loads(cli(desk, "migrate", "--from", here, "--to", there, "--json").stdout)
    assert said["rows"]["contacts"] == 2
    assert said["receipts"] == said["rows"]["receipts"] > 0
    assert stat.S_IMODE((tmp_path / "n.db").stat().st_mode) == 0o600
    refused(desk, here, f"sqlite:{tmp_path / 'none' / 'n.db'}", "cannot be made", 2)
