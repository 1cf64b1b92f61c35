"""How often a computer may fail at the door of a department, counted by all workers together."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func, select, text

from addin_service.secrets import Secret
from addin_service.store import clients, rate_limits, schema, tables, times
from addin_service.store.engine import Store
from addin_service.web import limits
from addin_service.web.errors import Problem
from addin_service.web.limits import Limits, Rule, network
from tests.conftest import Live
from tests.store.conftest import empty, postgres, store, url
from tests.web.conftest import Started

__all__ = ["empty", "postgres", "store", "url"]

KEY = "k" * 64
AS_SHIPPED = dict(limits.RULES)


def worker(store: Store, active: bool = True) -> Limits:
    """One of several workers of an installation."""
    return Limits(store, Secret(b"s" * 32), active)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets that are full soon, and empty slowly."""
    for what in limits.RULES:
        monkeypatch.setitem(limits.RULES, what, Rule(3, 0.01))  # type: ignore[index]


def wait_s(one: Limits, what: Any, peer: str) -> int:
    """Count a failure; how long to wait then."""
    try:
        one.failed(what, peer)
    except Problem as problem:
        return problem.retry_after_s if problem.status == 429 else -1
    return 0


def buckets(store: Store) -> int:
    """How many rows there are."""
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(tables.rate_limits)) or 0


def test_a_bucket_fills_and_leaks(store: Store) -> None:
    levels = [rate_limits.pour(store, KEY, 1000.0, 0.5, 3) for _ in range(5)]
    assert levels == [1, 2, 3, 3, 3]
    assert rate_limits.level(store, KEY, 1002.0, 0.5) == 2
    assert rate_limits.level(store, KEY, 9999.0, 0.5) == 0
    assert rate_limits.pour(store, KEY, 1004.0, 0.5, 3) == 2
    assert rate_limits.level(store, "other", 1004.0, 0.5) == 0


def test_a_clock_that_goes_back_empties_nothing(store: Store) -> None:
    rate_limits.pour(store, KEY, 1000.0, 1.0, 3)
    assert rate_limits.pour(store, KEY, 900.0, 1.0, 3) == 2
    assert rate_limits.level(store, KEY, 900.0, 1.0) == 2
    assert rate_limits.level(store, KEY, 1001.0, 1.0) == 1


def test_old_buckets_are_removed(store: Store) -> None:
    rate_limits.pour(store, KEY, 1000.0, 1.0, 3)
    rate_limits.pour(store, "new", 4000.0, 1.0, 3)
    rate_limits.sweep(store, 1000.0 + rate_limits.LONGEST_LIFE_S)
    assert buckets(store) == 2
    rate_limits.sweep(store, 1001.0 + rate_limits.LONGEST_LIFE_S)
    assert buckets(store) == 1


def test_all_workers_fill_the_same_bucket(store: Store) -> None:
    workers = [worker(store) for _ in range(3)]
    assert [wait_s(one, "hello", "192.0.2.1") for one in workers] == [0, 0, 0]
    for one in workers:
        assert wait_s(one, "hello", "192.0.2.1") >= 1
        assert wait_s(one, "hello", "192.0.2.2") == 0 or one is not workers[0]
    assert wait_s(workers[0], "token", "192.0.2.1") == 0, "another door has another bucket"


def test_failures_at_once_are_all_counted(store: Store) -> None:
    found: list[float] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(rate_limits.pour(store, KEY, 1000.0, 1.0, 100))
        )
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [float(n) for n in range(1, 13)]


def test_who_is_out_is_out_without_a_question_to_the_database(store: Store) -> None:
    one = worker(store)
    while not wait_s(one, "hello", "192.0.2.1"):
        pass
    with store.write() as connection:
        connection.execute(tables.rate_limits.delete())
    assert wait_s(one, "hello", "192.0.2.1") >= 1
    with pytest.raises(Problem):
        one.require("hello", "192.0.2.1")
    assert buckets(store) == 0


def test_a_require_counts_nothing(store: Store) -> None:
    one = worker(store)
    for _ in range(20):
        one.require("pairing", "192.0.2.1")
    for _ in range(3):
        assert wait_s(one, "pairing", "192.0.2.1") == 0
    with pytest.raises(Problem) as refused:
        one.require("pairing", "192.0.2.1")
    assert refused.value.retry_after_s >= 1


def test_the_table_names_nobody(store: Store) -> None:
    worker(store).failed("hello", "192.0.2.77")
    with store.read() as connection:
        rows = str(connection.execute(select(tables.rate_limits)).all())
    assert "192.0.2" not in rows
    other = Limits(store, Secret(b"t" * 32), True)
    other.failed("hello", "192.0.2.77")
    assert buckets(store) == 2, "keyed: another secret gives another row"


def test_a_desk_counts_nothing(store: Store) -> None:
    one = worker(store, active=False)
    for _ in range(20):
        assert wait_s(one, "pairing", "127.0.0.1") == 0
        one.require("pairing", "127.0.0.1")
    assert buckets(store) == 0


@pytest.mark.parametrize(
    ("address", "same", "others"),
    [
        ("192.0.2.1", ["192.0.2.1", "::ffff:192.0.2.1"], ["192.0.2.2"]),
        ("2001:db8::1", ["2001:db8::2", "2001:DB8:0:0:ffff::1"], ["2001:db8:0:1::1"]),
        ("", [""], ["x"]),
    ],
)
def test_one_computer_is_one_address_or_one_network(
    address: str, same: list[str], others: list[str]
) -> None:
    assert {network(one) for one in same} == {network(address)}
    assert network(address) not in {network(one) for one in others}


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Somebody holds the whole table."""
    with store.engine.connect() as connection, connection.begin():
        connection.execute(text("LOCK TABLE rate_limits IN ACCESS EXCLUSIVE MODE"))
        yield


@pytest.mark.postgresql
def test_a_locked_table_keeps_nobody_out_and_nobody_waiting(postgres: Any) -> None:
    with postgres.fresh() as fresh:
        store = Store(fresh)
        schema.upgrade(store)
        one = worker(store)
        with locked(store):
            for _ in range(5):
                assert wait_s(one, "hello", "192.0.2.1") == 0
            with store.write() as connection:  # the record is written as ever
                clients.add(connection, "x", "sender", times.now())
        store.close()


@pytest.mark.postgresql
def test_a_writer_of_the_record_keeps_no_count_waiting(postgres: Any) -> None:
    with postgres.fresh() as fresh:
        store = Store(fresh)
        schema.upgrade(store)
        with store.write() as connection:
            clients.add(connection, "x", "sender", times.now())
            done: list[float] = []
            thread = threading.Thread(
                target=lambda: done.append(rate_limits.pour(store, KEY, 1.0, 1.0, 3))
            )
            thread.start()
            thread.join(10)
            assert done == [1.0]
        store.close()


@pytest.fixture
def live_department(started: Started) -> Live:
    """A department without a sign-in."""
    return started("")


def test_wrong_codes_keep_out_who_tries_them_and_close_nobodys_code(
    live_department: Live,
) -> None:
    live = live_department

    def claim(code: str) -> Any:
        return live.call("POST", "/v1/pair", {"code": code}, None)

    with live.installation.store.write() as connection:
        codes = [clients.new_code(connection, "", "sender", times.now()) for _ in range(2)]
    assert [claim("AAAA-AAAA").status for _ in range(3)] == [403, 403, 403]
    refused = claim(codes[0])
    assert refused.status == 429
    assert refused.json["error"]["code"] == "too-many-tries"
    assert int(refused.headers["Retry-After"]) >= 1
    with live.installation.store.write() as connection:
        connection.execute(tables.rate_limits.delete())
    assert claim(codes[0]).status == 200
    assert claim(codes[1]).status == 200


def test_many_right_codes_from_one_address_are_no_failure(live_department: Live) -> None:
    live = live_department
    for _ in range(12):
        with live.installation.store.write() as connection:
            code = clients.new_code(connection, "", "sender", times.now())
        assert live.call("POST", "/v1/pair", {"code": code}, None).status == 200
    assert buckets(live.installation.store) == 0


def test_hello_and_refused_tokens_are_limited_and_those_who_are_paired_are_not(
    live_department: Live,
) -> None:
    live = live_department
    stranger = {"client": "0" * 32, "nonce": "n" * 16}
    statuses = [live.call("POST", "/v1/hello", stranger, None).status for _ in range(5)]
    assert statuses == [404, 404, 404, 429, 429]
    wrong = f"{'0' * 32}.{'x' * 43}"
    statuses = [live.call("GET", "/v1/openapi.json", token=wrong).status for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    known = {"client": live.token.partition(".")[0], "nonce": "n" * 16}
    for _ in range(5):
        assert live.call("POST", "/v1/hello", known, None).status == 200
        assert live.call("GET", "/v1/openapi.json").status == 200


def test_what_a_bucket_holds_is_empty_long_before_it_is_removed() -> None:
    rules = AS_SHIPPED.values()
    assert all((rule.most + 1) / rule.per_s < rate_limits.LONGEST_LIFE_S for rule in rules)


def test_time_is_the_only_way_back_in(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one, real = worker(store), time.time
    while not (wait := wait_s(one, "hello", "192.0.2.1")):
        pass
    monkeypatch.setattr(time, "time", lambda: real() + wait + 0.1)
    assert wait_s(one, "hello", "192.0.2.1") == 0
    assert wait_s(one, "hello", "192.0.2.1") >= 1
