"""F1. Whoever can write the database changes the record, and `audit verify` names the first bad row.

What only a note outside the database can show, a cut tail and a chain recomputed with the key, is
tried both ways: without the note it goes unseen, as the manual says, and with it it does not.
"""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from addin_service.receipts import GENESIS, Break, link, verify
from addin_service.secrets import load_or_create
from addin_service.settings import Settings
from addin_service.store import receipts, schema, times
from addin_service.store.engine import Store, sqlite_url

ROWS = 24
POSITIONS = range(1, 21)
STOLEN = b"s" * 32
Notes = dict[int, str]


@dataclass
class Record:
    """A record to tamper with: the file, the key it was written with, its hashes, its backups."""

    file: Path
    key: bytes
    hashes: Notes
    backups: dict[int, Path]

    def verify(self, anchors: Notes | None = None) -> Break | None:
        """What `audit verify` goes by."""
        store = Store(sqlite_url(self.file))
        try:
            with store.read() as connection:
                head = receipts.head(connection)
                return verify(self.key, receipts.rows(connection), head, anchors)
        finally:
            store.close()

    def change(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        """Go past the program."""
        connection = sqlite3.connect(self.file, isolation_level=None)
        for statement, values in statements:
            assert connection.execute(statement, values).rowcount > 0, statement
        connection.close()

    def rechain(self, first: int, key: bytes) -> None:
        """Give every row from this one on, and the head, hashes that fit each other."""
        connection = sqlite3.connect(self.file, isolation_level=None)
        before = self.hashes.get(first - 1, GENESIS)
        statement = (
            "SELECT seq, at, kind, reference, body FROM receipts WHERE seq >= ? ORDER BY seq"
        )
        for row in connection.execute(statement, (first,)).fetchall():
            before = link(key, before, *row)
            connection.execute("UPDATE receipts SET hash = ? WHERE seq = ?", (before, row[0]))
        connection.execute(
            "UPDATE chain_head SET hash = ?, seq = (SELECT max(seq) FROM receipts)", (before,)
        )
        connection.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A record of some receipts, and a backup after each."""
    folder = tmp_path_factory.mktemp("record")
    file, key = folder / "record.db", b"k" * 32
    store = Store(sqlite_url(file))
    schema.upgrade(store)
    start = datetime(2026, 7, 1, tzinfo=UTC)
    hashes, backups = {}, {}
    for seq in range(1, ROWS + 1):
        at = times.text(start + timedelta(minutes=seq))
        with store.write() as connection:
            receipts.append(connection, key, at, "check", {"n": seq}, f"0000-{seq:04}")
            hashes[seq] = receipts.head(connection)[1]
        backups[seq] = folder / f"backup-{seq}.db"
        shutil.copy(file, backups[seq])
    store.close()
    return Record(file, key, hashes, backups)


@pytest.fixture
def record(written: Record, tmp_path: Path) -> Record:
    """A copy to tamper with, which is sound before."""
    file = shutil.copy(written.file, tmp_path / "record.db")
    return Record(file, written.key, written.hashes, written.backups)


def _set(column: str, value: Any) -> Callable[[Record, int], int]:
    def tamper(record: Record, k: int) -> int:
        record.change((f"UPDATE receipts SET {column} = ? WHERE seq = ?", (value, k)))
        return k

    return tamper


def _flip_a_letter_of_the_body(record: Record, k: int) -> int:
    record.change(
        ("UPDATE receipts SET body = replace(body, '\"n\"', '\"m\"') WHERE seq = ?", (k,))
    )
    return k


def _give_it_anothers_hash(record: Record, k: int) -> int:
    record.change(("UPDATE receipts SET hash = ? WHERE seq = ?", (record.hashes[k + 1], k)))
    return k


def _move_it_to_the_end(record: Record, k: int) -> int:
    record.change(("UPDATE receipts SET seq = ? WHERE seq = ?", (ROWS + 1, k)))
    return k


def _delete(record: Record, k: int) -> int:
    record.change(("DELETE FROM receipts WHERE seq = ?", (k,)))
    return k


def _delete_and_close_the_gap(record: Record, k: int) -> int:
    record.change(("DELETE FROM receipts WHERE seq = ?", (k,)))
    for seq in range(k + 1, ROWS + 1):
        record.change(("UPDATE receipts SET seq = ? WHERE seq = ?", (seq - 1, seq)))
    record.change(("UPDATE chain_head SET seq = ?", (ROWS - 1,)))
    return k


def _insert(record: Record, k: int) -> int:
    for seq in range(ROWS, k, -1):
        record.change(("UPDATE receipts SET seq = ? WHERE seq = ?", (seq + 1, seq)))
    record.change(
        ("INSERT INTO receipts SELECT seq + 1, at, kind, reference, body, hash FROM receipts WHERE seq = ?", (k,)),
        ("UPDATE chain_head SET seq = ?", (ROWS + 1,)),
    )  # fmt: skip
    return k + 1


def _swap(record: Record, k: int) -> int:
    record.change(
        ("UPDATE receipts SET seq = -1 WHERE seq = ?", (k,)),
        ("UPDATE receipts SET seq = ? WHERE seq = ?", (k, k + 1)),
        ("UPDATE receipts SET seq = ? WHERE seq = -1", (k + 1,)),
    )
    return k


def _cut_the_tail(record: Record, k: int) -> int:
    record.change(("DELETE FROM receipts WHERE seq >= ?", (k,)))
    return k


def _lose_the_head(record: Record, k: int) -> int:
    record.change(("DELETE FROM receipts WHERE seq >= ?", (k + 1,)), ("DELETE FROM chain_head", ()))
    return k + 1


def _rechain_with_another_key(record: Record, k: int) -> int:
    _flip_a_letter_of_the_body(record, k)
    record.rechain(k, STOLEN)
    return k


def _rechain_one_row_with_the_right_key(record: Record, k: int) -> int:
    """A second writer who read the same head wrote this row: the next one follows another."""
    _flip_a_letter_of_the_body(record, k)
    connection = sqlite3.connect(record.file, isolation_level=None)
    statement = "SELECT seq, at, kind, reference, body FROM receipts WHERE seq = ?"
    row = connection.execute(statement, (k,)).fetchone()
    forked = link(record.key, record.hashes.get(k - 1, GENESIS), *row)
    connection.execute("UPDATE receipts SET hash = ? WHERE seq = ?", (forked, k))
    connection.close()
    return k + 1


SEEN = [
    _set("at", "2026-07-01T00:00:00.000001Z"),
    _set("kind", "sent"),
    _set("reference", "7KQ2-9XMB"),
    _set("reference", None),
    _set("body", '{"v":1}'),
    _set("body", b"\xff\xfe"),
    _set("body", 5),
    _set("hash", "0" * 64),
    _set("hash", ""),
    _set("hash", "é"),
    _flip_a_letter_of_the_body,
    _give_it_anothers_hash,
    _move_it_to_the_end,
    _delete,
    _delete_and_close_the_gap,
    _insert,
    _swap,
    _cut_the_tail,
    _lose_the_head,
    _rechain_with_another_key,
    _rechain_one_row_with_the_right_key,
]


def test_what_was_not_touched_is_sound(record: Record) -> None:
    assert record.verify() is None
    assert record.verify(record.hashes) is None


@pytest.mark.parametrize("k", POSITIONS)
@pytest.mark.parametrize("tamper", range(len(SEEN)))
def test_the_first_bad_row_is_named(record: Record, tamper: int, k: int) -> None:
    first = SEEN[tamper](record, k)
    found = record.verify()
    assert found is not None
    assert found.seq == first


# Only seen from outside


def _rechain(record: Record, k: int) -> int:
    _flip_a_letter_of_the_body(record, k)
    record.rechain(k, record.key)
    return ROWS


def _cut_and_fit_the_head(record: Record, k: int) -> int:
    record.change(
        ("DELETE FROM receipts WHERE seq > ?", (k,)),
        ("UPDATE chain_head SET seq = ?, hash = ?", (k, record.hashes[k])),
    )
    return ROWS


def _restore_a_backup(record: Record, k: int) -> int:
    shutil.copy(record.backups[k], record.file)
    return ROWS


def _begin_anew(record: Record, k: int) -> int:
    """Another past, as long as the true one, written with the stolen key."""
    record.change(("UPDATE receipts SET body = '{\"v\":1}' WHERE seq >= ?", (k,)))
    record.rechain(1, record.key)
    return ROWS


ONLY_WITH_ANCHOR = [_rechain, _cut_and_fit_the_head, _restore_a_backup, _begin_anew]


@pytest.mark.parametrize("k", POSITIONS)
@pytest.mark.parametrize("tamper", ONLY_WITH_ANCHOR)
def test_only_an_anchor_shows_a_rewritten_past(
    record: Record, tamper: Callable[[Record, int], int], k: int
) -> None:
    named = tamper(record, k)
    assert record.verify() is None, "nobody can see this from inside; the manual says so"
    found = record.verify({ROWS: record.hashes[ROWS]})
    assert found is not None
    assert found.seq == named
    # A note from before the forgery proves nothing about what came after it.
    if k > 1:
        assert record.verify({k - 1: record.hashes[k - 1]}) is None
    # With a note after every receipt the first bad one is named.
    first = record.verify(record.hashes)
    assert first is not None
    assert first.seq == (k if tamper in (_rechain, _begin_anew) else k + 1)


def test_two_writers_at_the_end_leave_one_chain(record: Record) -> None:
    """The second of two rows on the same head is refused by the record itself."""
    row = (ROWS, "x", "check", None, "{}", "0" * 64)
    connection = sqlite3.connect(record.file)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.close()
    record.change(("INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?)", (ROWS + 1, *row[1:])))
    found = record.verify()
    assert found is not None
    assert found.seq == ROWS + 1


# And the command says so


@pytest.fixture
def told(record: Record, settings: Settings, installation: Any, cli: Any) -> tuple[Record, Any]:
    """The record as that of an installation, and its command."""
    installation.close()
    key = load_or_create(settings.secret_file).derive("receipt chain")
    mine = Record(settings.database_file, key, {}, {})
    record.rechain(1, key)
    connection = sqlite3.connect(record.file)
    mine.hashes = dict(connection.execute("SELECT seq, hash FROM receipts"))
    connection.close()
    shutil.copy(record.file, settings.database_file)
    return mine, cli


def test_the_command_names_the_row_and_says_no(told: tuple[Record, Any]) -> None:
    record, cli = told
    sound = cli("audit", "verify")
    assert sound.stdout.splitlines()[-1].endswith(f"{ROWS}:{record.hashes[ROWS]}")
    _delete(record, 7)
    said = cli("audit", "verify", check=False)
    assert said.returncode == 1
    assert said.stderr.startswith("Receipt 7: ")


def test_the_command_finds_a_cut_tail_with_an_anchor_only(told: tuple[Record, Any]) -> None:
    record, cli = told
    anchor = f"{ROWS}:{record.hashes[ROWS]}"
    _cut_and_fit_the_head(record, 20)
    assert cli("audit", "verify").returncode == 0
    said = cli("audit", "verify", "--anchor", anchor, check=False)
    assert said.returncode == 1
    assert said.stderr.startswith(f"Receipt {ROWS}: ")
    assert cli("audit", "verify", "--anchor", "24:abc", check=False).returncode == 2
