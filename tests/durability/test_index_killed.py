"""Killed while it indexes a large import, the service goes on where it stopped.

Until then every contact is found all the same: exactly by its row, nearly by the index or, where it
is not in there yet, by a plain comparison.
"""

import multiprocessing
import random
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from addin_service import masks
from addin_service.store import building, contacts, directory, neighbours, schema, times
from addin_service.store.contacts import Entry
from addin_service.store.engine import Store, sqlite_url

PEOPLE = 21_000
"""More than are indexed with the transaction that adds them."""
KILLS = 8


def build(url: str, told: Connection) -> None:
    """Index, and tell of each piece that is written."""
    building.build(Store(url), told.send)


@pytest.mark.timeout(240)
def test_killed_while_it_indexes_it_goes_on(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "record.db")
    store = Store(url)
    schema.upgrade(store)
    people = [Entry(f"p{number:05}@org{number % 7}.example") for number in range(PEOPLE)]
    with store.write() as connection:
        contacts.put(connection, people, times.now())
    chance = random.Random(20111)
    context = multiprocessing.get_context("forkserver")
    done = []
    for kill in range(KILLS + 1):
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=build, args=(url, theirs))
        child.start()
        theirs.close()
        try:
            pieces = chance.randrange(2, 12) if kill < KILLS else neighbours.PIECES
            for _ in range(pieces):
                done.append(ours.recv())
            child.kill()
        except EOFError:
            pass  # it is finished
        ours.close()
        child.join()
        with store.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert_found(connection, chance)
    assert done == sorted(done), "no piece was written twice"
    with store.read() as connection:
        assert neighbours.state(connection).waiting == 0
        count = connection.exec_driver_sql("SELECT count(*) FROM neighbours").scalar()
        assert count == len(
            {
                (key, entry.entry)
                for entry in people
                for key in masks.stored(*entry.entry.split("@"))
            }
        )
    store.close()


def assert_found(connection: object, chance: random.Random) -> None:
    """People from the whole file, and slips on those that a comparison reaches."""
    day = date(2026, 7, 1)
    known = directory.Directory(connection, directory.overview(connection, day))  # type: ignore[arg-type]
    number = chance.randrange(PEOPLE)
    assert known.exact(f"p{number:05}@org{number % 7}.example") is not None
    number = chance.randrange(neighbours.MOST_WAITING)
    meant = f"p{number:05}@org{number % 7}.example"
    near = known.near(meant.replace("p", "pp", 1))
    assert meant in {contact.key for contact in near}
