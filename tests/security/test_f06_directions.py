"""F6. Whatever breaks, the policy says which way to fall, and it is recorded once it can be.

Two ways to break: something of a draft cannot be looked at (`check_failed` decides), or nothing can
be answered at all (`unreachable` decides, in the mail client, and the send is reported later).
"""

import functools
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from addin_service import review, watched
from addin_service.checks import CHECKS
from addin_service.installation import Installation, open_installation
from addin_service.policy.load import PolicyInvalid
from addin_service.receipts import verify
from addin_service.run import run
from addin_service.store import engine, receipts, times
from tests.conftest import Live, draft_json

POLICIES = [
    (check_failed, unreachable)
    for check_failed in ("closed", "open")
    for unreachable in ("hold", "send-with-notice")
]
DRAFT = draft_json("jo.bell@council.example")


def policy_text(check_failed: str, unreachable: str) -> str:
    return f'[failure]\ncheck_failed = "{check_failed}"\nunreachable = "{unreachable}"\n'


@pytest.fixture(params=POLICIES, ids=" ".join)
def policy(request: pytest.FixtureRequest, live: Live) -> tuple[str, str]:
    """A policy with these two directions, in force and heard by the client."""
    live.installation.settings.policy_files[1].write_text(policy_text(*request.param), "utf-8")
    assert live.check(DRAFT)["unreachable"] == request.param[1]
    found: tuple[str, str] = request.param
    return found


def recorded(installation: Installation) -> list[dict[str, Any]]:
    """The receipts, whose chain must be whole."""
    with installation.store.read() as connection:
        rows = list(receipts.rows(connection))
        key = installation.reviewer.chain_key
        assert verify(key, rows, receipts.head(connection)) is None
    return [{"kind": row.kind, **json.loads(row.body)} for row in rows]


# Something of the draft cannot be looked at


@contextmanager
def breaking(*names: str) -> Iterator[None]:
    """These checks raise, with text of the mail in the exception."""

    def broken(name: str) -> Callable[..., Any]:
        def check(draft: Any, _context: Any) -> Any:
            raise RuntimeError(draft.text)

        check.__name__ = name
        return check

    checks = [broken(c.__name__) if c.__name__ in names else c for c in CHECKS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review, "run", functools.partial(run, checks=checks))
        yield


def assert_direction(live: Live, policy: tuple[str, str], names: list[str]) -> None:
    """The verdict on a draft without fault, while these checks break, is the policy's."""
    answer = live.check(DRAFT)
    failed = [one for one in answer["findings"] if one["code"] == "service.check-failed"]
    assert len(failed) == len(names)
    closed = policy[0] == "closed"
    assert answer["verdict"] == ("confirm" if closed else "allow")
    assert {one["ask"] for one in failed} == ({"reason"} if closed else {None})
    assert {one["severity"] for one in failed} == ({"warn"} if closed else {"note"})
    last = recorded(live.installation)[-1]
    assert (last["verdict"], last["broken"]) == (answer["verdict"], names)
    if closed:
        answers = [
            {"finding": one["id"], "choice": "reason", "value": "read it twice"} for one in failed
        ]
        again = live.check(DRAFT, review=answer["review"], answers=answers)
        assert again["verdict"] == "allow"
        assert recorded(live.installation)[-1]["findings"][0]["said"] == "read it twice"


@pytest.mark.parametrize("name", [check.__name__ for check in CHECKS])
def test_one_check_breaks(live: Live, policy: tuple[str, str], name: str) -> None:
    with breaking(name):
        assert_direction(live, policy, [name])
    assert live.check(DRAFT)["verdict"] == "allow", "and only as long as it is broken"


def test_all_checks_break(live: Live, policy: tuple[str, str]) -> None:
    names = [check.__name__ for check in CHECKS]
    with breaking(*names):
        assert_direction(live, policy, names)


def test_time_runs_out(
    live: Live, policy: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "REVIEW_DEADLINE_S", -1.0)
    assert_direction(live, policy, [check.__name__ for check in CHECKS])


# Nothing can be answered


@contextmanager
def locked(installation: Installation) -> Iterator[None]:
    """Another program holds the database."""
    other = sqlite3.connect(installation.settings.database_file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def only_readers(installation: Installation) -> Iterator[None]:
    """Another program reads for a long time, so that nothing can be committed."""
    other = sqlite3.connect(installation.settings.database_file, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM receipts").fetchall()
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def pragma(installation: Installation, statement: str) -> Iterator[None]:
    """Every connection has this limit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "SQLITE_PRAGMAS", (*engine.SQLITE_PRAGMAS, statement))
        installation.store.engine.dispose()
        yield
    installation.store.engine.dispose()


def read_only(installation: Installation) -> Any:
    return pragma(installation, "PRAGMA query_only=ON")


@contextmanager
def full(installation: Installation) -> Iterator[None]:
    """The disk is full: the file does not grow any more."""
    other = sqlite3.connect(installation.settings.database_file)
    other.execute("CREATE TABLE filler (x)")
    other.execute("INSERT INTO filler VALUES (zeroblob(1))")
    other.commit()
    other.close()
    with pragma(installation, "PRAGMA max_page_count=1"):
        # The pages there are have room for some receipts yet.
        store = installation.store
        for _ in range(500):
            try:
                with store.write() as connection:
                    receipts.append(
                        connection, installation.reviewer.chain_key, times.text(times.now()),
                        "admin", {"action": "x" * 500},
                    )  # fmt: skip
            except engine.StoreUnavailable:
                break
        yield


@contextmanager
def trigger(installation: Installation) -> Iterator[None]:
    """No receipt can be written, everything else can."""
    _past(
        installation,
        "CREATE TRIGGER no BEFORE INSERT ON receipts BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    yield
    _past(installation, "DROP TRIGGER no")


@contextmanager
def no_head(installation: Installation) -> Iterator[None]:
    """The head of the chain cannot be moved on."""
    _past(
        installation,
        "CREATE TRIGGER no BEFORE UPDATE ON chain_head BEGIN SELECT RAISE(FAIL, 'no'); END",
    )
    yield
    _past(installation, "DROP TRIGGER no")


@contextmanager
def garbage(installation: Installation) -> Iterator[None]:
    """The file is not a database any more."""
    installation.store.engine.dispose()
    file = installation.settings.database_file
    sound = file.read_bytes()
    file.write_bytes(b"not a database " * 1000)
    yield
    installation.store.engine.dispose()
    file.write_bytes(sound)


@contextmanager
def emptied(installation: Installation) -> Iterator[None]:
    """The file is there and has nothing in it."""
    installation.store.engine.dispose()
    file = installation.settings.database_file
    sound = file.read_bytes()
    file.write_bytes(b"")
    yield
    installation.store.engine.dispose()
    file.write_bytes(sound)


@contextmanager
def away(installation: Installation) -> Iterator[None]:
    """The data folder is gone, as a network drive may be."""
    installation.store.engine.dispose()
    data = installation.settings.data
    data.rename(data.with_name("away"))
    yield
    installation.store.engine.dispose()
    data.with_name("away").rename(data)


FAULTS = [locked, only_readers, read_only, full, trigger, no_head, garbage, emptied, away]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_record_is_out_of_reach(
    live: Live,
    policy: tuple[str, str],
    fault: Callable[[Installation], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 100)
    pragmas = [p for p in engine.SQLITE_PRAGMAS if "busy" not in p]
    monkeypatch.setattr(engine, "SQLITE_PRAGMAS", ("PRAGMA busy_timeout=100", *pragmas))
    live.installation.store.engine.dispose()
    with fault(live.installation):
        for path, body in (
            ("/v1/check", {"draft": DRAFT}),
            ("/v1/sent", {"draft": DRAFT, "outcome": "sent"}),
        ):
            answer = live.call("POST", path, body)
            assert answer.status == 503, (path, answer.status, answer.body)
            assert set(answer.json) == {"error"}
            assert set(answer.json["error"]) == {"code", "message", "hint"}
    # Without a restart it works again, and the mail that went unchecked is reported.
    before = len(recorded(live.installation))
    told = live.call("POST", "/v1/sent", {"draft": DRAFT, "outcome": "sent"})
    assert told.status == 200
    entries = recorded(live.installation)
    assert len(entries) == before + 1
    assert entries[-1]["code"] == "service.unchecked"
    answer = live.check(DRAFT)
    assert (answer["verdict"], answer["unreachable"]) == ("allow", policy[1])


# What the policy itself, the organisation's folder and the clock can do


def _past(installation: Installation, statement: str) -> None:
    other = sqlite3.connect(installation.settings.database_file, isolation_level=None)
    other.execute(statement)
    other.close()


def spoil_syntax(installation: Installation) -> None:
    installation.settings.policy_files[1].write_text("[failure\ncheck_failed = ", "utf-8")


def spoil_word(installation: Installation) -> None:
    installation.settings.policy_files[1].write_text(
        '[failure]\ncheck_failed = "perhaps"\n', "utf-8"
    )


def spoil_bytes(installation: Installation) -> None:
    installation.settings.policy_files[1].write_bytes(b"\xff\xfe\0\0")


def unreadable(installation: Installation) -> None:
    """Even to root, as the tests may run."""
    file = installation.settings.policy_files[1]
    file.unlink()
    file.mkdir()


def spoil_own(installation: Installation) -> None:
    installation.settings.policy_files[0].write_text("mode = nobody\n", "utf-8")


def unmounted(installation: Installation) -> None:
    """The organisation's share is not there."""
    organisation = installation.settings.organisation
    organisation.rename(organisation.with_name("elsewhere"))


SPOILED = [spoil_syntax, spoil_word, spoil_bytes, unreadable, spoil_own, unmounted]


@pytest.mark.parametrize("spoil", SPOILED)
def test_the_policy_breaks_while_the_service_runs(
    live: Live, policy: tuple[str, str], spoil: Callable[[Installation], None]
) -> None:
    version = live.check(DRAFT)["policy"]
    spoil(live.installation)
    answer = live.check(DRAFT)
    assert (answer["policy"], answer["unreachable"]) == (version, policy[1])
    assert recorded(live.installation)[-1]["policy"] == version
    with breaking("external"):
        assert_direction(live, policy, ["external"])


@pytest.mark.parametrize("spoil", SPOILED)
def test_the_policy_is_broken_when_the_service_starts(
    live: Live, policy: tuple[str, str], spoil: Callable[[Installation], None]
) -> None:
    version = live.check(DRAFT)["policy"]
    spoil(live.installation)
    again = open_installation(live.installation.settings)
    try:
        assert again.policies.current().version == version
        assert again.policies.current().failure.check_failed == policy[0]
        assert again.policies.problems
    finally:
        again.close()


def test_without_any_good_policy_the_service_does_not_start(installation: Installation) -> None:
    fresh = installation.settings.data.with_name("fresh")
    settings = type(installation.settings)(fresh, installation.settings.organisation)
    spoil_syntax(installation)
    with pytest.raises(PolicyInvalid):
        open_installation(settings)


def test_a_policy_taken_back_on_purpose_is_taken_back(live: Live) -> None:
    file = live.installation.settings.policy_files[1]
    before = live.check(DRAFT)["policy"]
    file.write_text(policy_text("open", "send-with-notice"), "utf-8")
    assert live.check(DRAFT)["policy"] != before
    file.unlink()
    assert live.check(DRAFT)["policy"] == before


def csv_unreadable(installation: Installation) -> None:
    file = installation.settings.folder_contacts
    file.unlink()
    file.mkdir()


def csv_of_nothing(installation: Installation) -> None:
    installation.settings.folder_contacts.write_bytes(b"\x1f\x8b\0\0")


@pytest.mark.parametrize("spoil", [csv_unreadable, csv_of_nothing, unmounted])
def test_the_organisations_contacts_are_out_of_reach(
    live: Live, spoil: Callable[[Installation], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read last stays: a share that is not mounted makes no slip of the finger go unseen."""
    monkeypatch.setattr(watched, "LOOK_EVERY_S", 0.0)
    live.installation.settings.folder_contacts.write_text(
        "name,email\nPriya Tann,p.tann@chambers.example\n", "utf-8"
    )
    slip = draft_json("p.tan@chambers.example")
    assert live.check(slip)["findings"][0]["suggestion"]["address"] == "p.tann@chambers.example"
    spoil(live.installation)
    assert live.check(slip)["findings"][0]["suggestion"]["address"] == "p.tann@chambers.example"
    assert live.installation.folder.problem
    again = open_installation(live.installation.settings)
    try:
        assert again.folder.problem
    finally:
        again.close()
    assert live.check(slip)["verdict"] == "confirm"


@pytest.mark.parametrize("jump", [timedelta(-1), timedelta(-4000), timedelta(1), timedelta(4000)])
def test_the_clock_jumps(live: Live, policy: tuple[str, str], jump: timedelta) -> None:
    before = live.check(DRAFT)
    live.installation.reviewer.now = lambda: times.now() + jump
    after = live.check(DRAFT, review=before["review"])
    assert (after["verdict"], after["policy"]) == (before["verdict"], before["policy"])
    with breaking("external"):
        assert_direction(live, policy, ["external"])


def test_an_answer_given_before_the_clock_went_back_is_asked_for_again_at_worst(live: Live) -> None:
    stranger = draft_json("al@unknown-firm.example")
    live.installation.reviewer.now = lambda: times.now() + timedelta(30)
    asked = live.check(stranger)
    [finding] = [one for one in asked["findings"] if one["ask"]]
    said = [{"finding": finding["id"], "choice": finding["ask"]}]
    assert live.check(stranger, review=asked["review"], answers=said)["verdict"] == "allow"
    live.installation.reviewer.now = times.now
    assert live.check(stranger)["verdict"] in ("allow", "confirm")
    assert recorded(live.installation)
