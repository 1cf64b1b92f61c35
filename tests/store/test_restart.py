"""PostgreSQL is away for a moment, as in a restart: transactions wait for it, and not for long."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from addin_service.store import engine
from addin_service.store.engine import Store, StoreUnavailable
from tests.conftest import needs
from tests.store import server
from tests.store.server import Postgres

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    """A server that these tests may stop."""
    needs("PostgreSQL", Postgres.programs() is not None)
    with server.running() as started:
        yield started


@pytest.mark.parametrize("kind", ["read", "write"])
def test_a_transaction_waits_for_a_restart(
    own: Postgres, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "RETURN_S", 60.0)  # this machine may be busy
    store = Store(own.url())
    with store.read() as connection:
        connection.execute(text("SELECT 1"))
    own.run("stop", "-m", "fast")
    back = threading.Thread(target=own.run, args=("start",))
    try:
        threading.Timer(0.3, back.start).start()
        with getattr(store, kind)() as connection:
            assert connection.scalar(text("SELECT 7")) == 7
    finally:
        back.join()
        store.close()


def test_without_one_it_gives_up_and_says_so(
    own: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "RETURN_S", 0.3)
    store = Store(own.url())
    own.run("stop", "-m", "fast")
    try:
        began = time.monotonic()
        for transaction in (store.read, store.write):
            with pytest.raises(StoreUnavailable), transaction():
                pass
        assert time.monotonic() - began >= 0.6
    finally:
        own.run("start")
        store.close()


def test_what_breaks_within_a_transaction_is_told_at_once(own: Postgres) -> None:
    """Its statements may have counted or not: only who asked may ask again."""
    store = Store(own.url())

    def interrupted() -> None:
        with store.write() as connection:
            connection.execute(text("SELECT 1"))
            own.restart("immediate")
            connection.execute(text("SELECT 1"))

    with pytest.raises(StoreUnavailable):
        interrupted()
    with store.read() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    store.close()
