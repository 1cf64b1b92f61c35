"""A review left under the client's own number of a draft: what was answered in one window counts in
the next, for this client, this mailbox and an hour.
"""

from datetime import timedelta

import pytest

from addin_service.store import carried, clients, times
from addin_service.store.engine import Store
from addin_service.store.tables import carried as kept
from tests.conftest import Live, draft_json
from tests.store.conftest import empty, store, url  # noqa: F401
from tests.store.server import postgres  # noqa: F401

CARRY = "0123456789abcdef0123456789abcdef"
PROMISE = draft_json(
    "ben.roe@council.example", text="Hello Ben,\n\nplease see the attached report.\n\nAnn\n"
)


def answered(live: Live, **more: str) -> None:
    """The sender says that nothing is missing: an answer that is good for this draft alone."""
    asked = live.check(PROMISE, carry=CARRY)
    assert asked["verdict"] == "confirm"
    answers = [{"finding": f["id"], "choice": "acknowledge"} for f in asked["findings"] if f["ask"]]
    assert live.check(PROMISE, answers=answers, carry=CARRY, **more)["verdict"] == "allow"


def test_what_was_answered_in_one_part_counts_in_the_other(live: Live) -> None:
    answered(live)
    assert live.check(PROMISE)["verdict"] == "confirm"
    assert live.check(PROMISE, carry=CARRY)["verdict"] == "allow"
    assert live.check(PROMISE, carry=CARRY)["verdict"] == "allow"


def test_another_number_another_client_and_another_mailbox_know_nothing(live: Live) -> None:
    answered(live)
    assert live.check(PROMISE, carry=CARRY[::-1])["verdict"] == "confirm"
    with live.installation.store.write() as connection:
        _, other = clients.add(connection, "other", "sender", times.now())
    body = {"purpose": "send", "draft": PROMISE, "carry": CARRY}
    assert live.call("POST", "/v1/check", body, other).json["verdict"] == "confirm"
    elsewhere = {**PROMISE, "from": {"address": "cara.dunn@council.example", "name": ""}}
    assert live.check(elsewhere, carry=CARRY)["verdict"] == "confirm"


def test_a_review_at_hand_goes_over_the_one_that_was_left(live: Live) -> None:
    before = live.check(PROMISE)
    answered(live)
    assert live.check(PROMISE, review=before["review"], carry=CARRY)["verdict"] == "confirm"


def test_typing_leaves_nothing(live: Live) -> None:
    answered(live)
    with live.installation.store.read() as connection:
        before = carried.taken_up(connection, live.token[:32], CARRY, times.now())
    live.check(PROMISE, purpose="typing", carry=CARRY)
    with live.installation.store.read() as connection:
        assert carried.taken_up(connection, live.token[:32], CARRY, times.now()) == before


@pytest.mark.parametrize("carry", ["", "x", CARRY.upper(), CARRY + "0", CARRY + "\n", 7, []])
def test_what_is_no_number_of_a_draft_is_refused(live: Live, carry: object) -> None:
    answer = live.call("POST", "/v1/check", {"purpose": "send", "draft": PROMISE, "carry": carry})
    assert answer.status == 422


def test_it_lasts_as_long_as_it_is_good_and_the_old_ones_go(store: Store) -> None:  # noqa: F811
    now = times.now()
    until = now + timedelta(minutes=5)
    with store.write() as connection:
        carried.leave(connection, "c1", CARRY, "first", now, until)
        carried.leave(connection, "c1", CARRY, "second", now, until)
        carried.leave(connection, "c2", CARRY, "theirs", now, until)
    with store.read() as connection:
        assert carried.taken_up(connection, "c1", CARRY, now) == "second"
        assert carried.taken_up(connection, "c2", CARRY, now) == "theirs"
        assert carried.taken_up(connection, "c1", CARRY, until) is None
    with store.write() as connection:
        carried.leave(connection, "c3", CARRY, "new", until, until + timedelta(minutes=5))
        left = connection.execute(kept.select()).all()
    assert [row.client for row in left] == ["c3"]
