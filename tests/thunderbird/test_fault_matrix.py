"""Every fault at every step of a send, in clear and sealed, under both policies for silence.

After each: the compose window can be worked in, its draft is whole, nothing that is to be sealed has
left or stands in the window, and as soon as the service is back the next send is asked about.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from .harness import Compose, Page, Sink, Thunderbird, until
from .standin import (
    ANSWERS_AND_DIES,
    CUT,
    DIES,
    HALF,
    NEVER,
    Json,
    StandIn,
    answer,
    as_json,
    finding,
)  # fmt: skip

POLICIES = ("hold", "send-with-notice")
COLLEAGUE = "joe.marsh@council.example"
COUNSEL = "p.tann@chambers.example"
SECRET = "the child protection plan"
FILES = {"plan.txt": b"the plan itself"}

REQUIRED = {"required": True, "because": ["content.sensitive"], "possible": True, "readers": None}
SEALED = (
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
    "--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--b--\r\n"
)
BUSY = {"error": {"code": "busy", "message": "The disk is full.", "hint": "Tell the helpdesk."}}

Fault = Callable[[], object] | object
FAULTS: dict[str, Fault] = {
    "killed": DIES,
    "cut off": CUT,
    "cut off in its answer": HALF,
    "never an answer": NEVER,
    "no JSON": lambda: (200, "application/json", b"{"),
    "a web page": lambda: (200, "text/html", b"<!doctype html><title>Router</title>"),
    "wrong types": lambda: as_json(200, {"proof": 1, "verdict": True, "entity": [], "outer": 0}),
    "another version": lambda: as_json(200, {"version": 2, "decision": {"send": True}}),
    "not known": lambda: as_json(404, {"error": {"code": "not-found", "message": "", "hint": ""}}),
    "an error page": lambda: (500, "text/html", b"<h1>Internal Server Error</h1>"),
    "a failure in words": lambda: as_json(503, BUSY),
}
# It takes the twenty seconds that sealing has; test_sealing.py waits for them once.
AT_SEAL = {name: fault for name, fault in FAULTS.items() if fault is not NEVER}
# Whoever is told, and says 200, has heard it, whatever else it says.
NOT_TOLD = {
    name: fault
    for name, fault in FAULTS.items()
    if name not in ("no JSON", "a web page", "wrong types", "another version")
}


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[Counter[tuple[str, str, str]]]:
    """Counts the cases that held, and prints them."""
    held: Counter[tuple[str, str, str]] = Counter()
    yield held
    reporter = request.config.pluginmanager.getplugin("terminalreporter")
    if reporter is None or not held:
        return
    lines = [f"\n  faults of the service: {held.total()} cases held"]
    for (step, how, policy), count in sorted(held.items()):
        lines.append(f"    {step:24} {how:14} {policy:18} {count:3}")
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        reporter.write_line("\n".join(lines))


class Matrix:
    """One draft after the other, one fault after the other."""

    def __init__(self, thunderbird: Thunderbird, standin: StandIn, sink: Sink, policy: str) -> None:
        self.thunderbird, self.standin, self.sink = thunderbird, standin, sink
        self.policy = policy
        self.sent = 0
        self.answers(answer())
        thunderbird.hear(policy)

    def answers(self, said: Json) -> None:
        self.standin.check = lambda _: said | {"unreachable": self.policy}

    def seals(self) -> None:
        sealed = {"outer": {"subject": "[...]"}, "entity": SEALED}
        self.standin.sealed = lambda: as_json(200, sealed)

    def draft(self) -> tuple[Compose, Json]:
        compose = self.thunderbird.compose(
            COUNSEL, cc=COLLEAGUE, subject="Case 4711", body=f"{SECRET}\n", attach=FILES
        )
        return compose, compose.draft()

    def round(self) -> float:
        """When the question that is in sight was asked; 0 where none is."""
        kept = self.thunderbird.storage("session")
        asked = [one.get("asked") for key, one in kept.items() if key.startswith("looked:")]
        return max((one["round"] for one in asked if one), default=0)

    def held(self, compose: Compose, before: Json) -> Page:
        """Send, and it is held: said so, free, whole, nothing left."""
        last = self.round()
        compose.send()
        until("what is shown of it", lambda: self.round() > last)
        compose.until_free()
        review = self.thunderbird.review()
        assert compose.draft() == before
        assert len(self.sink.delivered) == self.sent
        return review

    def asked(self, compose: Compose, before: Json) -> None:
        """The service is back: the next send is asked about, as if nothing had been."""
        self.standin.start()
        self.answers(answer("confirm", finding(message="Is it they?")))
        self.held(compose, before).until_text("Is it they?")
        self.answers(answer())

    def gone(self, compose: Compose, sealed: bool) -> None:
        self.sent += 1
        raw = self.sink.next(self.sent).raw
        compose.until_closed()
        assert (b"multipart/encrypted" in raw) == sealed
        assert (SECRET.encode() in raw) != sealed


@pytest.fixture(params=POLICIES)
def matrix(
    request: pytest.FixtureRequest, thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> Matrix:
    return Matrix(thunderbird, standin, sink, request.param)


def unreported(thunderbird: Thunderbird, area: str = "local") -> list[Json]:
    return list(thunderbird.storage(area).get("unreported", []))


@pytest.mark.parametrize("route", ["/v1/hello", "/v1/check"])
def test_a_draft_in_clear_follows_the_policy(
    matrix: Matrix, route: str, table: Counter[tuple[str, str, str]]
) -> None:
    if matrix.policy == "hold":
        compose, before = matrix.draft()
    for name, fault in FAULTS.items():
        if matrix.policy != "hold":
            compose, before = matrix.draft()
        matrix.standin.replies[route] = fault
        if matrix.policy == "hold":
            review = matrix.held(compose, before)
            assert review.labels(".again-button"), name
            matrix.standin.replies.clear()
            matrix.asked(compose, before)
        else:
            compose.send()
            matrix.gone(compose, sealed=False)
            until("the note of it", lambda: len(unreported(matrix.thunderbird)) == 1)
            matrix.standin.replies.clear()
            matrix.standin.start()
            following, before = matrix.draft()
            matrix.asked(following, before)
            until("nothing left to tell", lambda: not unreported(matrix.thunderbird))
            following.close()
            following.until_closed()
        table[f"fault at {route}", "clear", matrix.policy] += 1


@pytest.mark.parametrize("route", ["/v1/hello", "/v1/check", "/v1/seal"])
def test_what_is_to_be_sealed_stays(
    matrix: Matrix, route: str, table: Counter[tuple[str, str, str]]
) -> None:
    """Whatever the policy for silence: the service has said once that it must not go in clear."""
    compose, before = matrix.draft()
    for name, fault in (AT_SEAL if route == "/v1/seal" else FAULTS).items():
        matrix.answers(answer(encryption=REQUIRED))
        matrix.standin.replies = {"/v1/seal": CUT}
        if route != "/v1/seal":
            matrix.held(compose, before)
        matrix.standin.replies[route] = fault
        review = matrix.held(compose, before)
        assert review.labels(".again-button"), name
        saved = json.dumps(matrix.thunderbird.storage("local"))
        assert SECRET not in saved
        assert "unreported" not in saved
        matrix.standin.replies.clear()
        matrix.asked(compose, before)
        table[f"fault at {route}", "to be sealed", matrix.policy] += 1
    matrix.answers(answer(encryption=REQUIRED))
    matrix.seals()
    compose.send()
    matrix.gone(compose, sealed=True)


# The policy is about silence before a send; here it is on its way.
@pytest.mark.parametrize(
    ("matrix", "sealed"), [("hold", False), ("send-with-notice", True)], indirect=["matrix"]
)
def test_what_could_not_be_reported_is_reported_later(
    matrix: Matrix, sealed: bool, table: Counter[tuple[str, str, str]]
) -> None:
    for name, fault in NOT_TOLD.items():
        matrix.answers(answer(**({"encryption": REQUIRED} if sealed else {})))
        matrix.seals()
        matrix.standin.replies["/v1/sent"] = fault
        compose, _ = matrix.draft()
        compose.send()
        matrix.gone(compose, sealed)
        until("the report", matrix.standin.reports)
        matrix.standin.asked.clear()
        matrix.standin.replies.clear()
        matrix.standin.start()
        following, before = matrix.draft()
        matrix.asked(following, before)
        until(f"it is told again after: {name}", matrix.standin.reports)
        assert matrix.standin.reports()[0]["review"] == "a-review-token"
        following.close()
        following.until_closed()
        how = "sealed" if sealed else "clear"
        table["fault at /v1/sent", how, matrix.policy] += 1


@pytest.mark.parametrize(
    ("after", "sealed"),
    [
        ("/v1/hello", False), ("/v1/hello", True), ("/v1/check", False), ("/v1/check", True),
        ("/v1/seal", True),
    ],
)  # fmt: skip
def test_a_service_that_ends_between_two_steps(
    matrix: Matrix, after: str, sealed: bool, table: Counter[tuple[str, str, str]]
) -> None:
    matrix.answers(answer(**({"encryption": REQUIRED} if sealed else {})))
    matrix.seals()
    compose, before = matrix.draft()
    matrix.standin.replies[after] = ANSWERS_AND_DIES
    goes = (
        after == "/v1/seal"
        or (after == "/v1/check" and not sealed)
        or (after == "/v1/hello" and matrix.policy == "send-with-notice")
    )
    if goes:
        compose.send()
        # The policy for silence is the organisation's word for what nobody has judged yet.
        matrix.gone(compose, sealed=after == "/v1/seal")
    else:
        matrix.held(compose, before)
        matrix.standin.replies.clear()
        matrix.asked(compose, before)
        matrix.answers(answer(**({"encryption": REQUIRED} if sealed else {})))
        matrix.seals()
        compose.send()
        matrix.gone(compose, sealed)
    matrix.standin.replies.clear()
    matrix.standin.start()
    following, before = matrix.draft()
    matrix.asked(following, before)
    until("the report", matrix.standin.reports)
    table[f"ended after {after}", "sealed" if sealed else "clear", matrix.policy] += 1


def test_a_report_that_is_refused_for_good_does_not_stand_in_the_way_of_others(
    matrix: Matrix, table: Counter[tuple[str, str, str]]
) -> None:
    matrix.standin.replies["/v1/sent"] = lambda: as_json(409, BUSY)
    compose, _ = matrix.draft()
    compose.send()
    matrix.gone(compose, sealed=False)
    until("the report", matrix.standin.reports)
    matrix.standin.asked.clear()
    matrix.standin.replies.clear()
    compose, _ = matrix.draft()
    compose.send()
    matrix.gone(compose, sealed=False)
    until("the second report", matrix.standin.reports)
    until("nothing left to tell", lambda: not unreported(matrix.thunderbird, "session"))
    assert len(matrix.standin.reports()) == 1
    table["refused at /v1/sent", "clear", matrix.policy] += 1
