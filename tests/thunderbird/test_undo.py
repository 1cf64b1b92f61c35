"""The seconds in which a send can be taken back: it goes once, or not at all, and says so."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from .desk import Service
from .harness import Compose, Page, Sink, Thunderbird, until
from .standin import StandIn, answer, finding

JOE = "joe.marsh@council.example"
ALISON = "alison.webb@nhs.example"
SHORT, LONG = 2, 30
MARGIN_S = 3


@pytest.fixture
def counting(standin: StandIn) -> StandIn:
    """A service whose organisation wants two seconds."""
    standin.check = lambda question: answer(undo=SHORT if question["purpose"] == "send" else 0)
    return standin


@pytest.fixture
def counting_long(standin: StandIn) -> StandIn:
    """So many that nothing goes while a test looks on."""
    standin.check = lambda question: answer(undo=LONG if question["purpose"] == "send" else 0)
    return standin


def countdown(thunderbird: Thunderbird) -> Page:
    review = thunderbird.review()
    review.until("the countdown", "return !!document.querySelector('main.countdown .stop');")
    return review


def sends(standin: StandIn) -> list[dict[str, Any]]:
    return [one for one in standin.questions() if one["purpose"] == "send"]


def nothing_goes(sink: Sink, seconds: float = SHORT + MARGIN_S) -> None:
    time.sleep(seconds)
    assert sink.delivered == []


def test_it_goes_when_the_seconds_are_over_and_goes_once(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(JOE)
    pressed = compose.send()
    review = countdown(thunderbird)
    assert not compose.is_locked
    assert sink.delivered == []
    assert JOE in review.text
    compose.until_closed()
    review.until_closed()
    assert sink.next().at - pressed > SHORT
    time.sleep(MARGIN_S)
    sink.next()
    assert len(sends(counting)) == 2, "looked at before the seconds, and at their end"
    assert sends(counting)[1]["review"] == "a-review-token"
    until("the report", lambda: counting.questions("/v1/sent"))
    assert [one["outcome"] for one in counting.questions("/v1/sent")] == ["sent"]


def test_stop_leaves_the_mail_where_it_was_and_the_next_send_counts_anew(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    review.click(".stop")
    review.until_closed()
    nothing_goes(sink)
    assert compose.draft()["to"] == JOE
    assert not compose.is_locked
    compose.send()
    countdown(thunderbird)
    compose.until_closed()
    sink.next()


@pytest.mark.parametrize("key", ["Enter", "Escape", " "])
def test_every_key_of_a_hurry_stops(
    thunderbird: Thunderbird, counting_long: StandIn, sink: Sink, key: str
) -> None:
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    review.press(key)
    review.until_closed()
    assert compose.is_open
    assert sink.delivered == []


def test_closing_the_countdown_stops_and_to_open_it_again_sends_nothing(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    review.close()
    review.until_closed()
    compose.click_action()
    looked = thunderbird.review()
    assert not looked.has("main.countdown")
    nothing_goes(sink)
    assert compose.is_open


def test_closing_the_mail_closes_the_countdown(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    compose.close()
    compose.until_closed()
    review.until_closed()
    nothing_goes(sink)
    until("the report", lambda: counting.questions("/v1/sent"))
    assert [one["outcome"] for one in counting.questions("/v1/sent")] == ["cancelled"]


def test_whoever_writes_on_has_not_sent_it(
    thunderbird: Thunderbird, counting_long: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    compose.type_text("One more thing. ")
    review.until_text("was changed before the seconds were over")
    assert not compose.is_locked
    assert sink.delivered == []
    assert len(sends(counting_long)) == 1


def test_an_edit_in_the_last_moment_is_not_sent_either(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    """The pass is for one draft: another one is not let go by it."""
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    review.click(".stop")
    review.until_closed()
    tab, digest = thunderbird_tab(thunderbird), "00" * 32
    undo = {"seconds": SHORT, "digest": digest}
    leave(thunderbird, tab, undo, digest)
    compose.send()
    thunderbird.review().until_text("was changed before the seconds were over")
    nothing_goes(sink)


def thunderbird_tab(thunderbird: Thunderbird) -> int:
    """The number of the only compose window."""
    kept = thunderbird.storage("session")
    return next(int(key.split(":")[1]) for key in kept if key.startswith("looked:"))


def leave(thunderbird: Thunderbird, tab: int, undo: dict[str, Any], digest: str) -> None:
    """As it lies there in the moment between the seconds and Send."""
    looked = thunderbird.storage("session")[f"looked:{tab}"]
    looked["asked"] = {"answer": None, "problem": None, "tried": [], "round": 1, "undo": undo}
    thunderbird.keep("session", {f"looked:{tab}": looked, f"pass:{tab}": digest})


def test_send_pressed_again_meanwhile_changes_nothing(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    counting.check = lambda question: answer(undo=4 if question["purpose"] == "send" else 0)
    compose = thunderbird.compose(JOE)
    first = compose.send()
    countdown(thunderbird)
    compose.send()
    compose.until_free()
    assert thunderbird.review_count() == 1
    compose.until_closed()
    assert sink.next().at - first > 4
    time.sleep(MARGIN_S)
    sink.next()


def test_two_mails_count_side_by_side(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    counting.check = lambda question: answer(undo=5 if question["purpose"] == "send" else 0)
    first = thunderbird.compose(JOE, subject="Kept")
    second = thunderbird.compose(ALISON, subject="Sent")
    first.send()
    kept = countdown(thunderbird)
    second.send()
    until("both", lambda: thunderbird.review_count() == 2)
    kept.click(".stop")
    second.until_closed()
    assert sink.next().message["Subject"] == "Sent"
    assert first.is_open


def test_the_background_page_may_sleep_meanwhile(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(JOE)
    compose.send()
    countdown(thunderbird)
    thunderbird.suspend_extension()
    compose.until_closed()
    sink.next()


def processes(root: int) -> Iterator[int]:
    yield root
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(root)], capture_output=True, text=True, check=False
    )
    for child in listed.stdout.split():
        yield from processes(int(child))


@pytest.mark.parametrize("whole", [True, False], ids=["all of it", "the part that sends"])
def test_a_computer_that_slept_sends_nothing_when_it_wakes(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, whole: bool
) -> None:
    standin.check = lambda question: answer(undo=20 if question["purpose"] == "send" else 0)
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    stopped = list(processes(thunderbird.pid)) if whole else [thunderbird.pid]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(9)
    for pid in reversed(stopped):
        os.kill(pid, signal.SIGCONT)
    review.until_text("The computer was asleep")
    nothing_goes(sink)
    assert not compose.is_locked


def test_a_clock_that_is_set_meanwhile_sends_nothing(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    counting.check = lambda question: answer(undo=5 if question["purpose"] == "send" else 0)
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    review.run(
        """const { Date } = content.wrappedJSObject;
        const real = Date.now;
        Date.now = Cu.exportFunction(() => real.call(Date) - 3_600_000, content);"""
    )
    review.until_text("its clock was changed")
    nothing_goes(sink)
    assert compose.is_open


@pytest.mark.parametrize("unreachable", ["hold", "send-with-notice"])
def test_a_service_that_is_gone_at_the_end_leaves_it_to_the_policy(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink, unreachable: str
) -> None:
    counting.check = lambda question: answer(
        undo=SHORT if question["purpose"] == "send" else 0, unreachable=unreachable
    )
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    counting.stop()
    if unreachable == "hold":
        review.until_text("is not running, or is out of reach")
        nothing_goes(sink)
        assert not compose.is_locked
    else:
        compose.until_closed()
        sink.next()
        until("the count", lambda: thunderbird.main_badge() == "1")


def test_what_was_to_be_sealed_stays_when_the_service_is_gone(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    """Mail may go while nobody answers, but not what was said to leave sealed or not at all."""
    sealed = {"required": True, "because": ["content.sensitive"], "possible": True, "readers": []}
    counting.check = lambda question: answer(
        undo=SHORT if question["purpose"] == "send" else 0,
        unreachable="send-with-notice", encryption=sealed,
    )  # fmt: skip
    compose = thunderbird.compose(JOE)
    compose.send()
    review = countdown(thunderbird)
    counting.stop()
    review.until_text("is not running, or is out of reach")
    nothing_goes(sink)
    assert compose.is_open


def test_a_doubt_at_the_end_is_asked_and_nothing_goes(
    thunderbird: Thunderbird, counting: StandIn, sink: Sink
) -> None:
    """The pass skips the seconds, not the look."""
    answers = iter([answer(undo=SHORT), answer("confirm", finding())])
    counting.check = lambda question: next(answers) if question["purpose"] == "send" else answer()
    compose = thunderbird.compose(JOE)
    compose.send()
    countdown(thunderbird)
    thunderbird.review().until_text("You have not written to this address.")
    nothing_goes(sink)
    assert compose.is_open


def test_a_doubt_that_was_answered_in_haste_can_be_taken_back(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    """The real service, with the seconds that its policy gives after a doubt."""
    (service.data / "policy.toml").write_text("[undo]\nseconds = 3\n")
    compose = thunderbird.compose("p.tan@chambers.example")
    compose.send()
    review = thunderbird.review()
    review.until("the question", "return !!document.querySelector('.keep');")
    review.click(".keep")
    review.click(".send")
    review = countdown(thunderbird)
    review.click(".stop")
    review.until_closed()
    nothing_goes(sink)
    compose.send()
    countdown(thunderbird)
    compose.until_closed()
    assert sink.next().recipients == ["p.tan@chambers.example"]
    quiet = thunderbird.compose(JOE)
    quiet.send()
    quiet.until_closed()
    assert sink.next(2).recipients == [JOE], "what raised no doubt goes at once"


def test_no_seconds_where_nobody_wants_them(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    """A service of before says nothing of them."""
    compose: Compose = thunderbird.compose(JOE)
    compose.send()
    compose.until_closed()
    sink.next()
    assert thunderbird.no_review()
