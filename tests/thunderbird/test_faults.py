"""Whatever fails: the mail goes or stays as the organisation said, soon, and is never lost.

Man-in-the-Machine, 2018: another program takes the port of a local service and is shown everything.
Here it is shown a client's name and a random number.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .desk import Desk
from .harness import Compose, Page, Sink, Thunderbird, until
from .standin import NEVER, DeafPort, Json, Reply, StandIn, answer, as_json, finding, proof_of

SECRETS = ("Case 4711", "safeguarding plan", "priya", "chambers.example")
Figure = Callable[[str, float], None]

GENEROUS_S = 6.0
"""What is promised is 2 s; a machine that runs other tests at the same time gets longer."""

NONSENSE: dict[str, Reply | object] = {
    "a web page": (200, "text/html", b"<!doctype html><title>Router</title>"),
    "no JSON": (200, "application/json", b"{"),
    "nothing": (200, "application/json", b""),
    "not UTF-8": (200, "application/json", b'{"verdict": "allow\xff"}'),
    "a list": as_json(200, []),
    "null": as_json(200, None),
    "no verdict": as_json(200, {k: v for k, v in answer().items() if k != "verdict"}),
    "an unknown verdict": as_json(200, answer("perhaps")),
    "a verdict of the wrong type": as_json(200, answer() | {"verdict": True}),
    "findings of the wrong type": as_json(200, answer() | {"findings": "none"}),
    "a finding of the wrong type": as_json(200, answer() | {"findings": ["slip"]}),
    "an unknown severity": as_json(200, answer("confirm", finding(severity="fatal"))),
    "a question without an id": as_json(200, answer("confirm", finding() | {"id": None})),
    "a suggestion of the wrong type": as_json(
        200, answer("confirm", finding() | {"suggestion": "p.tann@chambers.example"})
    ),
    "something to confirm, but what?": as_json(200, answer("confirm")),
    "an unknown policy for silence": as_json(200, answer(unreachable="whatever")),
    "another version": as_json(200, {"decision": {"send": True}, "version": 2}),
    "an allow in an error": as_json(500, answer()),
    "an error page": (500, "text/html", b"<h1>Internal Server Error</h1>"),
    "not found": (404, "text/plain", b"not found"),
    "far too much": (200, "application/json", b'"' + b"x" * 3_000_000 + b'"'),
}

SQUATTERS: dict[str, Reply | object] = {
    "a web page": (200, "text/html", b"<!doctype html><title>Dev server</title>"),
    "a wrong proof": as_json(200, {"proof": "0" * 64}),
    "no proof": as_json(200, {"ok": True}),
    "an empty proof": as_json(200, {"proof": ""}),
    "a proof of the wrong type": as_json(200, {"proof": None}),
    "unknown client": as_json(
        404, {"error": {"code": "unknown-client", "message": "Pair again!", "hint": "quickly"}}
    ),
    "unauthorised": as_json(401, {"error": {"code": "x", "message": "Token?", "hint": "here"}}),
    "never an answer": NEVER,
}


def confidential(thunderbird: Thunderbird) -> Compose:
    return thunderbird.compose(
        "Priya Tann <priya@chambers.example>",
        subject="Case 4711",
        body="This is the safeguarding plan.\n",
    )


def stays(thunderbird: Thunderbird, compose: Compose, sink: Sink) -> tuple[Page, float]:
    """Send, and see it held: a window says so, the draft is whole and free. And how soon."""
    before = compose.draft()
    clicked = compose.send()
    review = thunderbird.review()
    free = compose.until_free()
    assert compose.draft() == before
    assert not sink.delivered
    assert "has not been sent" in review.text
    assert review.labels(".again-button, .back") == ["Try again", "Back to the draft"]
    assert review.focused() == "primary again-button"
    return review, free - clicked


def replying(reply: Reply | object) -> Callable[[], Reply | object] | object:
    return reply if reply is NEVER else lambda: reply


def reported(standin: StandIn) -> list[Json]:
    return standin.questions("/v1/sent")


@pytest.fixture
def deaf(port: int) -> Iterator[DeafPort]:
    deaf = DeafPort(port)
    yield deaf
    deaf.stop()


def let_go(thunderbird: Thunderbird, port: int, desk: Desk, sink: Sink) -> None:
    """The service says once what holds while it is silent, and is gone."""
    standin = StandIn(port, desk.token)
    standin.check = lambda _: answer(unreachable="send-with-notice")
    thunderbird.compose("joe.marsh@council.example").send()
    sink.next()
    until("the report", lambda: reported(standin))
    until("nothing left to tell", lambda: not thunderbird.storage("session").get("unreported"))
    standin.stop()
    sink.delivered.clear()
    until("all closed", lambda: thunderbird.run("return !all('msgcompose').length;"))


def test_a_service_that_is_down_holds_the_mail(
    thunderbird: Thunderbird, sink: Sink, figure: Figure
) -> None:
    review, seconds = stays(thunderbird, confidential(thunderbird), sink)
    figure("down, hold", seconds)
    assert seconds < GENEROUS_S
    assert "is not running, or is out of reach" in review.text


def test_a_port_that_never_takes_the_call_holds_the_mail(
    thunderbird: Thunderbird, deaf: DeafPort, sink: Sink, figure: Figure
) -> None:
    review, seconds = stays(thunderbird, confidential(thunderbird), sink)
    figure("deaf, hold", seconds)
    assert seconds < GENEROUS_S
    assert "did not answer in time" in review.text


def test_a_service_that_never_answers_holds_the_mail(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, figure: Figure
) -> None:
    standin.replies["/v1/check"] = NEVER
    review, seconds = stays(thunderbird, confidential(thunderbird), sink)
    figure("never answers, hold", seconds)
    assert 1.0 < seconds < GENEROUS_S
    assert "did not answer in time" in review.text


@pytest.mark.parametrize("reply", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_holds_the_mail(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, figure: Figure, reply: Reply
) -> None:
    standin.replies["/v1/check"] = replying(reply)
    review, seconds = stays(thunderbird, confidential(thunderbird), sink)
    figure("nonsense, hold", seconds)
    assert seconds < GENEROUS_S
    assert "was not understood" in review.text


def test_a_redirect_is_not_followed(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, figure: Figure
) -> None:
    standin.redirect["/v1/check"] = "/v1/elsewhere"
    stays(thunderbird, confidential(thunderbird), sink)
    assert not standin.questions("/v1/elsewhere")


def test_what_the_proven_service_says_is_shown(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    said = {"code": "receipt-not-stored", "message": "The record is full.", "hint": "Tell IT."}
    standin.replies["/v1/check"] = replying(as_json(503, {"error": said}))
    review, _ = stays(thunderbird, confidential(thunderbird), sink)
    assert "The record is full." in review.text
    assert "Tell IT." in review.text


@pytest.mark.parametrize("reply", SQUATTERS.values(), ids=SQUATTERS)
def test_a_squatter_is_shown_nothing(
    thunderbird: Thunderbird,
    squatter: StandIn,
    desk: Desk,
    sink: Sink,
    figure: Figure,
    reply: Reply,
) -> None:
    squatter.replies["*"] = replying(reply)
    review, seconds = stays(thunderbird, confidential(thunderbird), sink)
    figure("squatter, hold", seconds)
    assert seconds < GENEROUS_S
    assert "Pair again!" not in review.text, "a stranger's words are shown"
    _was_shown_nothing(squatter, desk)


def _was_shown_nothing(squatter: StandIn, desk: Desk) -> None:
    seen = squatter.everything.decode().lower()
    assert desk.token.partition(".")[2].lower() not in seen
    assert "authorization" not in seen
    for secret in SECRETS:
        assert secret.lower() not in seen
    assert {asked.path for asked in squatter.asked} == {"/v1/hello"}
    assert all(set(asked.json) == {"client", "nonce"} for asked in squatter.asked)


def test_a_squatter_cannot_use_an_old_proof(
    thunderbird: Thunderbird, port: int, desk: Desk, sink: Sink
) -> None:
    """It listened while the service was up; each proof answers a number of its own."""
    honest = StandIn(port, desk.token)
    thunderbird.compose("joe.marsh@council.example").send()
    sink.next()
    until("the report", lambda: reported(honest))
    honest.stop()
    sink.delivered.clear()
    old = honest.questions("/v1/hello")[0]
    proof = proof_of(desk.token, old["client"], old["nonce"])

    squatter = StandIn(port)
    squatter.replies["*"] = replying(as_json(200, {"proof": proof}))
    try:
        stays(thunderbird, confidential(thunderbird), sink)
        _was_shown_nothing(squatter, desk)
    finally:
        squatter.stop()


def test_a_squatter_that_comes_after_the_first_mail_is_shown_nothing(
    thunderbird: Thunderbird, port: int, desk: Desk, sink: Sink
) -> None:
    """Nothing failed in between: the service ended quietly, and another took its place."""
    let_go(thunderbird, port, desk, sink)
    squatter = StandIn(port)
    squatter.replies["*"] = replying(as_json(200, {"proof": "0" * 64}))
    try:
        compose = confidential(thunderbird)
        compose.send()
        sink.next()
        compose.until_closed()
        _was_shown_nothing(squatter, desk)
    finally:
        squatter.stop()


def test_where_mail_may_go_unchecked_it_goes_and_is_reported_later(
    thunderbird: Thunderbird, port: int, desk: Desk, sink: Sink, figure: Figure
) -> None:
    let_go(thunderbird, port, desk, sink)
    compose = confidential(thunderbird)
    clicked = compose.send()
    figure("down, send with notice, click to sink", sink.next().at - clicked)
    compose.until_closed()
    assert thunderbird.no_review()

    def noted() -> list[dict[str, object]]:
        return list(thunderbird.storage("local").get("unreported", []))

    until("the note of it", noted)
    kept = json.dumps(noted())
    assert "priya@chambers.example" in kept
    assert "Case 4711" not in kept
    assert "safeguarding" not in kept
    until("the count on the button", lambda: thunderbird.main_badge() == "1")

    standin = StandIn(port, desk.token)
    try:
        thunderbird.compose("joe.marsh@council.example").send()
        sink.next(2)
        until("two reports", lambda: len(reported(standin)) == 2)
        unchecked = next(report for report in reported(standin) if "review" not in report)
        assert unchecked["outcome"] == "sent"
        assert unchecked["draft"]["to"] == [{"address": "priya@chambers.example", "name": ""}]
        assert unchecked["draft"]["subject"] == unchecked["draft"]["text"] == ""
        until("nothing left to tell", lambda: not noted())
        until("no count on the button", lambda: thunderbird.main_badge() == "")
    finally:
        standin.stop()


@pytest.mark.parametrize("fault", ["never an answer", "an error page", "deaf"])
def test_where_mail_may_go_unchecked_no_fault_keeps_it(
    thunderbird: Thunderbird, port: int, desk: Desk, sink: Sink, figure: Figure, fault: str
) -> None:
    let_go(thunderbird, port, desk, sink)
    broken: StandIn | DeafPort
    if fault == "deaf":
        broken = DeafPort(port)
    else:
        broken = StandIn(port, desk.token)
        broken.replies["/v1/check"] = replying(NONSENSE.get(fault, NEVER))
    try:
        compose = confidential(thunderbird)
        clicked = compose.send()
        seconds = sink.next().at - clicked
        figure(f"{fault}, send with notice, click to sink", seconds)
        assert seconds < GENEROUS_S
        compose.until_closed()
    finally:
        broken.stop()


def test_try_again_sends_once_the_service_is_back(
    thunderbird: Thunderbird, port: int, desk: Desk, sink: Sink
) -> None:
    compose = confidential(thunderbird)
    review, _ = stays(thunderbird, compose, sink)
    review.click(".again-button")
    review.until(
        "the answer of the second try",
        "return document.querySelector('.again-button')?.disabled === false;",
    )
    assert not sink.delivered
    standin = StandIn(port, desk.token)
    try:
        review.press("Enter")
        sink.next()
        compose.until_closed()
        review.until_closed()
    finally:
        standin.stop()


def test_a_mail_that_the_server_refuses_is_reported_as_failed_and_keeps_its_text(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    sink.refusing = True
    compose = confidential(thunderbird)
    before = compose.draft()
    compose.send()
    until("Thunderbird's own alert", thunderbird.alerts)
    thunderbird.dismiss_alerts()
    until("the report", lambda: reported(standin))
    assert reported(standin)[0]["outcome"] == "failed"
    compose.until_free()
    assert compose.draft() == before
    sink.refusing = False
    compose.send()
    sink.next()
    until("the second report", lambda: len(reported(standin)) == 2)
    assert reported(standin)[1]["outcome"] == "sent"


@pytest.mark.parametrize(
    "broken", ["windows.create", "storage.session.set", "composeAction.setTitle"]
)
def test_a_verdict_that_cannot_be_shown_still_stands(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, broken: str
) -> None:
    """Even where silence lets mail go: this was no silence."""
    verdict = answer("block", finding(ask=None, severity="stop"), unreachable="send-with-notice")
    standin.check = lambda _: verdict
    thunderbird.hear("send-with-notice")
    with thunderbird.without(broken):
        compose = confidential(thunderbird)
        before = compose.draft()
        compose.send()
        until("the question", standin.questions)
        compose.until_free()
        assert compose.draft() == before
        assert not sink.delivered


@pytest.mark.parametrize(
    "broken", ["compose.listAttachments", "messengerUtilities.parseMailboxString"]
)
@pytest.mark.parametrize("unreachable", ["hold", "send-with-notice"])
def test_a_draft_that_cannot_be_collected_follows_the_policy(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, broken: str, unreachable: str
) -> None:
    thunderbird.hear(unreachable)
    with thunderbird.without(broken):
        compose = confidential(thunderbird)
        if unreachable == "hold":
            stays(thunderbird, compose, sink)
        else:
            compose.send()
            sink.next()
            compose.until_closed()
    assert not standin.questions()


def test_nothing_of_the_mail_is_kept_on_disk(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, tmp_path: Path
) -> None:
    standin.check = lambda _: answer("confirm", finding())
    compose = confidential(thunderbird)
    compose.send()
    thunderbird.review()
    assert "safeguarding" in json.dumps(thunderbird.storage("session"))
    assert set(thunderbird.storage("local")) <= {"unreachable", "lastLook"}
    for path in (thunderbird.folder / "profile" / "storage").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"safeguarding" not in content
            assert "safeguarding".encode("utf-16-le") not in content
