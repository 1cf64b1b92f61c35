"""The index of neighbours, on both databases: exact after every change, and the same answers."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from filelock import FileLock
from sqlalchemy import Connection, text

from addin_service import masks, similarity
from addin_service.importing import DryRun
from addin_service.indexing import Indexer
from addin_service.names import name_key
from addin_service.people import People
from addin_service.store import (
    building,
    contact_domains,
    contacts,
    directory,
    neighbours,
    schema,
    sets,
)
from addin_service.store.contacts import Entry
from addin_service.store.engine import Store
from tests.store.test_store_both import _alembic

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
DAY = date(2026, 7, 1)
GIVEN = ("ann", "bo", "priya", "jo", "kim", "li", "zoë", "олег")
FAMILY = ("tann", "tan", "marsh", "march", "lee", "leigh", "o'hara")
PLACES = ("chambers.example", "chmbers.example", "council.example", "court.test")


def person(chance: random.Random) -> Entry:
    """Somebody of a small world, in which many are neighbours."""
    if chance.random() < 0.05:
        return Entry(f"@{chance.choice(PLACES)}", status=chance.choice(("known", "blocked")))
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    local = chance.choice((f"{given}.{family}", f"{given[0]}{family}", f"{family}{given}"))
    local += chance.choice(("", "", str(chance.randrange(30))))
    last_day = chance.choice((None, None, DAY, DAY - timedelta(1)))
    name = f"{given} {family}".title() if chance.random() < 0.8 else ""
    status = "blocked" if chance.random() < 0.1 else "known"
    return Entry(f"{local}@{chance.choice(PLACES)}", name, expires=last_day, status=status)


def rows_of(connection: Connection) -> set[tuple[int, int]]:
    return {tuple(row) for row in connection.execute(text("SELECT key, contact FROM neighbours"))}


def expected_rows(connection: Connection, upto: int) -> set[tuple[int, int]]:
    found = set()
    for number, entry in connection.execute(text("SELECT id, entry FROM contacts")):
        local, _, domain = entry.rpartition("@")
        if local and number <= upto:
            found |= {(key, number) for key in masks.stored(local, domain)}
    return found


def assert_exact(connection: Connection) -> None:
    """The index holds the indexed contacts and no others, and the domains are those of today."""
    now = neighbours.state(connection)
    if now.indexed == now.indexing:
        assert rows_of(connection) == expected_rows(connection, now.indexed)
    valid = contacts.valid(connection, DAY, "1 = 1")
    at = {entry.entry.rpartition("@")[2] for entry in valid if not entry.domain}
    assert contact_domains.known(connection, DAY) == at


def assert_answers(connection: Connection, typed: list[str]) -> None:
    """The directory answers as the same people do in memory."""
    valid = contacts.valid(connection, DAY, "1 = 1")
    people = People(contacts.as_contact(entry) for entry in valid if not entry.domain)
    asked = directory.Directory(connection, directory.overview(connection, DAY))
    names = {name_key(contact.name) for contact in people}
    asked.look_up(typed)
    asked.look_near(typed)
    asked.look_named(names)
    for key in typed:
        assert asked.exact(key) == people.exact(key)
        found = {contact.key: contact for contact in asked.near(key)}
        for near in people.near(key):
            if similarity.distance(key, near.key) == 1:
                assert found.pop(near.key) == near
            else:  # two letters that are both replaced may be missed
                found.pop(near.key, None)
        assert not found
    for name in names - {""}:
        assert set(asked.named(name)) == set(people.named(name))


@pytest.mark.parametrize("seed", range(4))
def test_after_any_changes_the_index_is_that_of_the_contacts(
    store: Store, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(neighbours, "SMALL", 0)
    monkeypatch.setattr(neighbours, "AT_ONCE", 12)
    monkeypatch.setattr(building, "PAUSE_S", 0)

    def put(connection: Connection) -> None:
        count = chance.choice((1, 1, 5, 40))
        contacts.put(connection, [person(chance) for _ in range(count)], NOW)

    def replace(connection: Connection) -> None:
        listed = [person(chance) for _ in range(chance.choice((0, 3, 30)))]
        folder = [Entry(e.entry, e.name, source="folder", expires=e.expires) for e in listed]
        contacts.replace_source(connection, "folder", folder, NOW)

    def remove(connection: Connection) -> None:
        for entry in contacts.search(connection, limit=500):
            if chance.random() < 0.2:
                contacts.remove(connection, entry.id)

    changes: list[Callable[[Connection], None]] = [put, put, replace, remove]
    for _ in range(12):
        with store.write() as connection:
            chance.choice(changes)(connection)
        if chance.random() < 0.3:
            pieces = chance.randrange(neighbours.PIECES * 2)
            building.build(store, stop=_after(pieces))
        with store.read() as connection:
            assert_exact(connection)
            typed = [person(chance).entry for _ in range(15)]
            assert_answers(connection, [key for key in typed if not key.startswith("@")])
    building.build(store)
    with store.read() as connection:
        assert neighbours.state(connection).waiting == 0
        assert_exact(connection)


def _after(pieces: int) -> Callable[[], bool]:
    """Stops a build when it has been asked this often."""
    left = iter(range(pieces))
    return lambda: next(left, None) is None


@pytest.fixture
def waiting(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A record with contacts that are not indexed yet."""
    monkeypatch.setattr(neighbours, "SMALL", 0)
    monkeypatch.setattr(neighbours, "AT_ONCE", 10)
    monkeypatch.setattr(building, "PAUSE_S", 0)
    chance = random.Random(9)
    with store.write() as connection:
        contacts.put(connection, [person(chance) for _ in range(300)], NOW)
        assert neighbours.state(connection).waiting > 100
        assert rows_of(connection) == set()
    return store


def test_what_is_removed_while_the_index_is_built_is_not_in_it(waiting: Store) -> None:
    shares = []

    def removing(share: float) -> None:
        shares.append(share)
        if len(shares) in (5, 50, 90):
            with waiting.write() as connection:
                for entry in contacts.search(connection, limit=30):
                    contacts.remove(connection, entry.id)

    building.build(waiting, removing)
    with waiting.read() as connection:
        assert_exact(connection)
        assert neighbours.state(connection).waiting == 0
    assert shares[-1] == 1.0


def test_what_is_added_while_the_index_is_built_is_indexed_too(waiting: Store) -> None:
    added = [Entry(f"new{number}@court.test") for number in range(30)]

    def adding(_share: float) -> None:
        if added:
            with waiting.write() as connection:
                contacts.put(connection, [added.pop()], NOW)

    building.build(waiting, adding)
    with waiting.read() as connection:
        assert_exact(connection)
        assert neighbours.state(connection).waiting == 0


def test_two_builds_at_once_make_one_index(waiting: Store, url: str) -> None:
    other = Store(url)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(building.build, one) for one in (waiting, other)]:
            done.result()
    other.close()
    with waiting.read() as connection:
        assert_exact(connection)
        assert neighbours.state(connection).waiting == 0


def test_the_service_indexes_what_waits(
    waiting: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("addin_service.indexing.LOOK_EVERY_S", 0.01)
    indexer = Indexer(waiting, tmp_path / "indexing.lock")
    indexer.start()
    try:
        while True:
            with waiting.read() as connection:
                if not neighbours.state(connection).waiting:
                    break
    finally:
        indexer.stop()
    with waiting.read() as connection:
        assert_exact(connection)


def test_of_several_workers_one_indexes(waiting: Store, tmp_path: Path) -> None:
    indexer = Indexer(waiting, tmp_path / "indexing.lock")
    with FileLock(tmp_path / "indexing.lock"):
        assert not indexer.look()
        with waiting.read() as connection:
            assert neighbours.state(connection).waiting > 100
    assert indexer.look()
    with waiting.read() as connection:
        assert_exact(connection)
        assert neighbours.state(connection).waiting == 0


def test_many_removed_at_once_leave_nothing_behind(waiting: Store) -> None:
    building.build(waiting)
    with waiting.write() as connection:
        contacts.replace_source(connection, "directory", [Entry("a@b.example")], NOW)
        assert_exact(connection)
        assert len(rows_of(connection)) == masks.COUNT


def test_an_id_is_not_used_again(store: Store) -> None:
    with store.write() as connection:
        contacts.put(connection, [Entry("a@b.example")], NOW)
        [first] = contacts.search(connection)
        assert contacts.remove(connection, first.id)
        contacts.put(connection, [Entry("a@b.example")], NOW)
        [second] = contacts.search(connection)
    assert int(second.id) > int(first.id)


@pytest.mark.parametrize("nonsense", ["", "x", "-1", "1.0", "٣", "9" * 40, "' OR 1=1 --"])
def test_an_id_that_is_none_removes_nothing(store: Store, nonsense: str) -> None:
    with store.write() as connection:
        contacts.put(connection, [Entry("a@b.example")], NOW)
        assert not contacts.remove(connection, nonsense)


def test_the_overview_is_held_until_something_changes(store: Store) -> None:
    def overview(held: directory.Overview | None = None, day: date = DAY) -> directory.Overview:
        with store.read() as connection:
            return directory.overview(connection, day, held)

    def put(*entries: Entry) -> None:
        with store.write() as connection:
            contacts.put(connection, entries, NOW)

    put(
        Entry("a@b.example", expires=DAY),
        Entry("@court.test"),
        Entry("@rival.test", status="blocked", reason="why"),
    )
    first = overview()
    assert (first.people.domains, first.allowed, first.blocked) == (
        {"b.example"}, {"court.test"}, {"rival.test": "why"},
    )  # fmt: skip
    assert overview(first) is first
    put(Entry("c@b.example", expires=DAY))
    second = overview(first)
    assert second.people is first.people
    put(Entry("d@d.example"))
    assert overview(second).people.domains == {"b.example", "d.example"}
    tomorrow = overview(first, DAY + timedelta(1))
    assert tomorrow.people.domains == {"d.example"}


def test_what_an_import_that_was_only_tried_wrote_is_gone(store: Store) -> None:
    def tried() -> None:
        with store.write() as connection:
            contacts.put(connection, [Entry("a@b.example")], NOW)
            raise DryRun

    with pytest.raises(DryRun):
        tried()
    with store.read() as connection:
        assert rows_of(connection) == set()
        assert neighbours.state(connection).last == 0
        assert contact_domains.known(connection, DAY) == set()


def test_contacts_of_an_earlier_version_are_found(store: Store) -> None:
    with store.write() as connection:
        command.downgrade(_alembic(connection), "0002")
        columns = (
            "id, entry, address, name, organisation, status, source, owner, reason, created, hits"
        )
        old = [("x" * 32, "p.tann@chambers.example", "P.Tann@chambers.example", "Priya Tann"),
               ("y" * 32, "@court.test", "", "")]  # fmt: skip
        for number, entry, address, name in old:
            values = (number, entry, address, name, "", "known", "directory", "", "", "2026", 7)
            statement = f"INSERT INTO contacts ({columns}) VALUES ({', '.join('?' * 11)})"
            connection.exec_driver_sql(sets.spelled(connection, statement), values)
    schema.upgrade(store)
    with store.read() as connection:
        assert_answers(connection, ["p.tan@chambers.example", "p.tann@chambers.example"])
        [found] = contacts.search(connection, "Tann")
        assert (found.address, found.hits) == ("P.Tann@chambers.example", 7)
        assert directory.overview(connection, DAY).allowed == {"court.test"}
    building.build(store)
    with store.read() as connection:
        assert_exact(connection)
