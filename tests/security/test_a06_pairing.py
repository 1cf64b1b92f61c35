"""Wi-Fi routers, 2011: the eight digits that pair a device were checked in two halves, and most
routers let a stranger try for as long as it took, which was hours.
"""

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from addin_service.installation import Installation, open_installation
from addin_service.settings import Settings
from addin_service.store import clients, people, times
from addin_service.store.clients import CODE_LETTERS, CODE_LIFE, CODE_TRIES
from addin_service.store.tables import pairing_codes
from tests.security.raw import Line, Target, in_shape, message

KIND = ("Content-Type", "application/json")


def claim(target: Target, code: object, name: str = "laptop") -> bytes:
    """A request that pairs with this code."""
    body = json.dumps({"code": code, "name": name}).encode()
    return message("POST", "/v1/pair", target.host, KIND, body=body)


def new_code(installation: Installation, role: str = "sender", now: datetime | None = None) -> str:
    """An open code, as `client pair` prints it."""
    with installation.store.write() as connection:
        return clients.new_code(connection, "", role, now or times.now())


def count(installation: Installation) -> int:
    """How many clients there are."""
    with installation.store.read() as connection:
        return len(clients.everyone(connection))


def test_a_code_is_good_once(target: Target) -> None:
    with Line(target.port) as line:
        assert line.ask(claim(target, target.code)).status == 200
        paired = count(target.live.installation)
        for _ in range(3):
            in_shape(line.ask(claim(target, target.code)), 403)
    assert count(target.live.installation) == paired


@pytest.mark.parametrize("races", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_of_four_claims_at_once_exactly_one_wins(target: Target, races: int) -> None:
    for _ in range(races):
        code, before = new_code(target.live.installation), count(target.live.installation)
        start, statuses = threading.Barrier(4), list[int]()

        def race(
            code: str = code, start: threading.Barrier = start, won: list[int] = statuses
        ) -> None:
            with Line(target.port) as line:
                line.ask(message("GET", "/v1/health", target.host))
                start.wait()
                won.append(line.ask(claim(target, code)).status)

        threads = [threading.Thread(target=race) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, 403, 403, 403]
        assert count(target.live.installation) == before + 1
        close_all(target.live.installation)


def close_all(installation: Installation) -> None:
    """Forget the wrong tries: each race starts afresh."""
    with installation.store.write() as connection:
        connection.execute(pairing_codes.update().values(wrong_tries=0))


def test_five_wrong_tries_close_every_open_code(target: Target) -> None:
    second = new_code(target.live.installation)
    before = count(target.live.installation)
    with Line(target.port) as line:
        for guess in range(CODE_TRIES):
            in_shape(line.ask(claim(target, f"AAAA-AAA{CODE_LETTERS[guess]}")), 403)
        for code in (target.code, second):
            in_shape(line.ask(claim(target, code)), 403)
        assert count(target.live.installation) == before
        fresh = new_code(target.live.installation)
        assert line.ask(claim(target, fresh)).status == 200


def test_the_fourth_wrong_try_leaves_room_for_the_right_one(target: Target) -> None:
    with Line(target.port) as line:
        for _ in range(CODE_TRIES - 1):
            in_shape(line.ask(claim(target, "AAAA-AAAA")), 403)
        assert line.ask(claim(target, target.code)).status == 200


def test_wrong_tries_from_many_at_once_are_all_counted(target: Target) -> None:
    def guess() -> None:
        with Line(target.port) as line:
            in_shape(line.ask(claim(target, "BBBB-BBBB")), 403)

    threads = [threading.Thread(target=guess) for _ in range(CODE_TRIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Line(target.port) as line:
        in_shape(line.ask(claim(target, target.code)), 403)


@pytest.mark.parametrize(
    ("after", "good"),
    [
        (timedelta(0), True),
        (CODE_LIFE - timedelta(microseconds=1), True),
        (CODE_LIFE, False),
        (CODE_LIFE + timedelta(microseconds=1), False),
        (timedelta(days=400), False),
    ],
)
def test_a_code_ends_to_the_microsecond(
    installation: Installation, after: timedelta, good: bool
) -> None:
    now = times.now()
    code = new_code(installation, now=now)
    with installation.store.write() as connection:
        assert bool(clients.redeem(connection, code, "laptop", now + after)) is good


def test_a_code_of_another_installation_pairs_nobody(target: Target, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    other = open_installation(Settings(tmp_path / "other", tmp_path / "theirs"))
    code = new_code(other)
    other.close()
    before = count(target.live.installation)
    with Line(target.port) as line:
        in_shape(line.ask(claim(target, code)), 403)
    assert count(target.live.installation) == before


def test_what_is_no_code_pairs_nobody(target: Target) -> None:
    before = count(target.live.installation)
    with Line(target.port) as line:
        for code in (
            "", " ", "-", "%", "________", "' OR 1=1 --", "A" * 33, "A" * 10_000, "ＡＡＡＡ-ＡＡＡＡ",
            "\u0000", None, 0, 12345678, True, [], ["AAAA-AAAA"], {}, {"$ne": ""}, "null", "*",
        ):  # fmt: skip
            in_shape(line.ask(claim(target, code)), 403, 422, 400)
    assert count(target.live.installation) == before


def test_a_code_is_typed_as_people_type(target: Target) -> None:
    with Line(target.port) as line:
        for change in (str.lower, lambda c: c.replace("-", ""), lambda c: f" {c} ", str.upper):
            code = new_code(target.live.installation)
            assert line.ask(claim(target, change(code))).status == 200


def test_a_claim_cannot_choose_its_role(target: Target) -> None:
    code = new_code(target.live.installation, "sender")
    with Line(target.port) as line:
        body = json.dumps({"code": code, "role": "helpdesk"}).encode()
        in_shape(line.ask(message("POST", "/v1/pair", target.host, KIND, body=body)), 422)
        token = json.loads(line.ask(claim(target, code)).body)["token"]
        allowed = ("Authorization", f"Bearer {token}")
        in_shape(line.ask(message("GET", "/v1/requests", target.host, allowed)), 403)


def test_of_four_claims_of_a_persons_code_one_wins_and_is_that_persons(target: Target) -> None:
    store = target.live.installation.store
    with store.write() as connection:
        person = people.add(connection, "https://login.council.example", "s", "Ann", times.now())
    for _ in range(10):
        with store.write() as connection:
            code = clients.new_code(connection, "", "sender", times.now(), person.id)
        start, answers = threading.Barrier(4), list[bytes]()

        def race(
            code: str = code, start: threading.Barrier = start, won: list[bytes] = answers
        ) -> None:
            with Line(target.port) as line:
                line.ask(message("GET", "/v1/health", target.host))
                start.wait()
                reply = line.ask(claim(target, code))
                won.extend([reply.body] if reply.status == 200 else [])

        threads = [threading.Thread(target=race) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 1
        close_all(target.live.installation)
    with store.read() as connection:
        theirs = [one for one in clients.everyone(connection) if one.person == person.id]
    assert len(theirs) == 10


def test_a_code_of_somebody_disabled_since_pairs_nobody(target: Target) -> None:
    store = target.live.installation.store
    with store.write() as connection:
        person = people.add(connection, "https://login.council.example", "s", "Ann", times.now())
        code = clients.new_code(connection, "", "sender", times.now(), person.id)
        people.disable(connection, person.id, times.now())
    before = count(target.live.installation)
    with Line(target.port) as line:
        in_shape(line.ask(claim(target, code)), 403)
    assert count(target.live.installation) == before


def test_a_claim_cannot_choose_its_person(target: Target) -> None:
    with Line(target.port) as line:
        body = json.dumps({"code": target.code, "person": "0" * 32}).encode()
        in_shape(line.ask(message("POST", "/v1/pair", target.host, KIND, body=body)), 422)


def test_a_web_page_cannot_use_up_the_tries(target: Target) -> None:
    hostile = [
        (("Origin", "http://evil.test"), KIND), (("Origin", "null"), KIND),
        (("Content-Type", "text/plain"),), (("Sec-Fetch-Site", "cross-site"), KIND),
        (("Sec-Fetch-Site", "same-site"), KIND),
    ]  # fmt: skip
    with target.unharmed(), Line(target.port) as line:
        for headers in hostile:
            for _ in range(CODE_TRIES):
                sent = message("POST", "/v1/pair", target.host, *headers, body=b'{"code": "A"}')
                in_shape(line.ask(sent), 403, 415)
    with Line(target.port) as line:
        assert line.ask(claim(target, target.code)).status == 200


def test_the_database_does_not_hold_the_code(target: Target) -> None:
    with target.live.installation.store.read() as connection:
        rows = str(connection.execute(select(pairing_codes)).all())
    assert target.code not in rows
    assert target.code.replace("-", "") not in rows
