"""waitress, 2024, and many servers before: two readers of one stream of bytes disagreed where a
request ends, and what the first took for a body the second carried out as a request.
"""

import io
import socket
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import Live
from tests.department.fixture import Department, department, own_postgres
from tests.security.conftest import attacked, tokens_of_ann
from tests.security.raw import Line, Target, in_shape, message, state

__all__ = ["department", "own_postgres"]

BREAK = "\r\n"
REFUSED = (400, 405, 411, 421, 501, 505)


def hidden(target: Target) -> bytes:
    """A request with a token: if it is ever read as a request, it leaves an address behind."""
    kind = ("Content-Type", "application/json")
    path = "/v1/requests"
    return message("POST", path, target.host, target.allowed, kind, body=target.body(path))


def refused_shapes(target: Target) -> dict[str, bytes]:
    """Streams that could be read in two ways. `{n}` is the length of what is hidden."""
    inner = hidden(target)
    n = len(inner)
    chunked = f"0{BREAK}{BREAK}".encode() + inner
    head = {
        "length and chunks": ("Content-Length: {n}", "Transfer-Encoding: chunked"),
        "chunks and length": ("Transfer-Encoding: chunked", "Content-Length: {n}"),
        "chunks": ("Transfer-Encoding: chunked",),
        "chunks in capitals": ("TRANSFER-ENCODING: CHUNKED",),
        "chunks after identity": ("Transfer-Encoding: identity, chunked",),
        "identity after chunks": ("Transfer-Encoding: chunked, identity",),
        "an unknown coding": ("Transfer-Encoding: xchunked", "Content-Length: {n}"),
        "an empty coding": ("Transfer-Encoding:", "Content-Length: {n}"),
        "two codings": ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        "a tab before the coding": ("Transfer-Encoding:\tchunked", "Content-Length: {n}"),
        "a vertical tab before the coding": ("Transfer-Encoding:\x0bchunked", "Content-Length: {n}"),
        "a blank before the colon of the coding": ("Transfer-Encoding : chunked", "Content-Length: 0"),
        "a control character in the coding's name": ("Transfer-\x00Encoding: chunked",),
        "two lengths": ("Content-Length: 0", "Content-Length: {n}"),
        "the same length twice": ("Content-Length: {n}", "content-length: {n}"),
        "a list of lengths": ("Content-Length: 0, {n}",),
        "a list of the same length": ("Content-Length: {n}, {n}",),
        "a plus": ("Content-Length: +{n}",),
        "a minus": ("Content-Length: -1",),
        "a hexadecimal length": ("Content-Length: 0x0",),
        "a length with an exponent": ("Content-Length: 1e1",),
        "a length with underscores": ("Content-Length: 1_0",),
        "a blank in the length": ("Content-Length: 1 0",),
        "a fraction": ("Content-Length: 0.0",),
        "no length": ("Content-Length:",),
        "a word for a length": ("Content-Length: chunked",),
        "digits of another script": ("Content-Length: \u00b2",),
        "a length beyond all numbers": ("Content-Length: " + "9" * 5000,),
        "a blank before the colon of the length": ("Content-Length : {n}",),
        "a folded length": ("Content-Length:\r\n {n}",),
        "a folded first header": (" Content-Length: {n}",),
        "a folded header": ("X-A: b", "\tContent-Length: {n}"),
        "a line feed alone": ("X-A: b\nContent-Length: {n}",),
        "a carriage return alone": ("X-A: b\rContent-Length: {n}",),
        "a line feed in a name": ("X-A\n: b", "Content-Length: {n}"),
        "a NUL in a value": ("X-A: b\x00", "Content-Length: {n}"),
        "a wrong length, asked about first": ("Expect: 100-continue", "Content-Length: x{n}"),
        "chunks, asked about first": ("Expect: 100-continue", "Transfer-Encoding: chunked"),
        "no colon": ("Content-Length {n}",),
        "no name": (": x", "Content-Length: {n}"),
    }  # fmt: skip
    shapes = {}
    for name, lines in head.items():
        given = BREAK.join(
            ["POST /v1/pair HTTP/1.1", f"Host: {target.host[1]}", "Content-Type: application/json"]
            + [line.replace("{n}", str(n)) for line in lines]
        )
        body = chunked if "chunk" in given.lower() else inner
        shapes[name] = given.encode("latin-1") + b"\r\n\r\n" + body
    first = f"Host: {target.host[1]}{BREAK}Content-Length: {n}{BREAK}{BREAK}".encode() + inner
    for line in (
        "GET /v1/health", "GET /v1/health HTTP/0.9", "GET /v1/health HTTP/2.0",
        "GET /v1/health HTTP/1.1 HTTP/1.0", "GET  /v1/health HTTP/1.1", "GET /v1/health\tHTTP/1.1",
        "GET /v1/health HTTP/1.1\x00", "GET /v1/hea\nlth HTTP/1.1", "GET /v1/health http/1.1",
        "GET http://[::1/v1/health HTTP/1.1", "GE\x00T /v1/health HTTP/1.1", "get /v1/health HTTP/1.1",
    ):  # fmt: skip
        shapes[f"the first line {line!r}"] = f"{line}{BREAK}".encode() + first
    return shapes


def test_what_can_be_read_in_two_ways_is_refused_and_the_line_is_closed(target: Target) -> None:
    shapes = refused_shapes(target)
    assert len(shapes) >= 20
    with target.unharmed(), Line(target.port) as line:
        for name, data in shapes.items():
            replies = line.all_replies(data)
            assert len(replies) == 1, (name, replies)
            in_shape(replies[0], 400)
            assert replies[0].header("connection") == "close", name


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_body_is_a_body_whatever_is_in_it(target: Target, method: str) -> None:
    kind = ("Content-Type", "application/json")
    with target.unharmed(), Line(target.port) as line:
        outer = message(method, "/v1/check", target.host, kind, body=hidden(target))
        replies = line.all_replies(outer)
        assert len(replies) == 1
        in_shape(replies[0], 401)


def test_a_body_with_its_end_missing_is_never_carried_out(target: Target) -> None:
    whole = hidden(target)
    with target.unharmed():
        for cut in (1, 10, len(target.body("/v1/requests"))):
            with Line(target.port, timeout=0.3) as line:
                assert line.all_replies(whole[:-cut]) == []


def test_what_is_hidden_would_have_had_an_effect(target: Target) -> None:
    with Line(target.port) as line:
        assert line.ask(hidden(target)).status == 200


def test_two_honest_requests_on_one_line_get_two_answers_in_order(target: Target) -> None:
    health = message("GET", "/v1/health", target.host)
    with Line(target.port) as line:
        replies = line.all_replies(health + message("GET", "/v1/requests", target.host) + health)
    assert [reply.status for reply in replies] == [200, 401, 200]


def test_a_header_with_an_underscore_is_not_the_one_with_a_hyphen(target: Target) -> None:
    inner = hidden(target)
    for name in ("Content_Length", "Transfer_Encoding"):
        value = str(len(inner)) if name == "Content_Length" else "chunked"
        outer = message(
            "POST", "/v1/pair", target.host, (name, value), ("Content-Type", "application/json"),
            body=inner,
        )  # fmt: skip
        with target.unharmed(), Line(target.port) as line:
            replies = line.all_replies(outer)
            assert len(replies) == 1
            in_shape(replies[0], 400)


@dataclass
class Fronted(Target):
    """A department behind its proxy, under the name that it has there."""

    name: str = ""
    before: int = 0

    def acted(self) -> bool:
        """Whether what is hidden was carried out: it leaves a request for an address behind."""
        return self.count() > self.before

    def count(self) -> int:
        """How many requests for an address there are."""
        return len(state(self.live.installation)["rows"]["requests"])

    @property
    def host(self) -> tuple[str, str]:
        """The public name."""
        return "Host", self.name


class FrontLine(Line):
    """A TLS connection to the proxy."""

    def __init__(self, department: Department) -> None:
        super().__init__(department.port)
        self._department = department

    def connect(self) -> socket.socket:
        """A new connection."""
        return self._department.line(self.timeout)


@pytest.fixture
def fronted(department: Department) -> Fronted:
    """The department under attack."""
    tokens = tokens_of_ann(department.installation)
    live = Live(department.url, department.installation, *tokens, department.port)
    seen: dict[str, Any] = vars(attacked(live, io.StringIO()))
    target = Fronted(**seen, name=department.host)
    target.before = target.count()
    return target


@pytest.mark.postgresql
def test_through_the_proxy_nothing_hidden_is_ever_carried_out(
    fronted: Fronted, department: Department
) -> None:
    shapes = refused_shapes(fronted)
    assert len(shapes) >= 20
    with FrontLine(department) as line:
        for name, data in shapes.items():
            replies = [r for r in line.all_replies(data) if r.status != 100]
            assert len(replies) <= 1, (name, replies)
            # nginx reads two blanks in the first line as one; so the outer request is answered.
            assert all(r.status in REFUSED or b'"alive"' in r.body for r in replies), name
            assert not fronted.acted(), name


@pytest.mark.postgresql
def test_what_proxy_and_worker_might_count_differently_stays_one_request(
    fronted: Fronted, department: Department
) -> None:
    """The proxy writes every request anew: what it lets through has one length and no folds."""
    kind, n = ("Content-Type", "application/json"), len(hidden(fronted))
    told: dict[str, tuple[tuple[str, str], ...]] = {
        "a length with zeroes before it": (("Content-Length", f"000{n}"),),
        "a connection header that names the length": (("Connection", "Content-Length"),),
        "one that names the host": (("Connection", "close, Host"),),
        "an upgrade": (
            ("Connection", "Upgrade"),
            ("Upgrade", "h2c"),
            ("HTTP2-Settings", "AAMAAABk"),
        ),
        "a websocket": (("Connection", "Upgrade"), ("Upgrade", "websocket")),
        "trailers": (("TE", "trailers"), ("Trailer", "Content-Length")),
        "an expectation": (("Expect", "100-continue"),),
        "keep-alive": (("Connection", "keep-alive"), ("Keep-Alive", "timeout=9")),
        "an underscore": (("Content_Length", "0"), ("Transfer_Encoding", "chunked")),
        "another method": (("X-HTTP-Method-Override", "GET"),),
    }
    with FrontLine(department) as line:
        for name, headers in told.items():
            outer = message("POST", "/v1/check", fronted.host, kind, *headers, body=hidden(fronted))
            replies = [r for r in line.all_replies(outer) if r.status != 100]
            assert len(replies) == 1, (name, replies)
            assert replies[0].status in (400, 401), (name, replies)
            assert not fronted.acted(), name


@pytest.mark.postgresql
def test_a_body_that_is_cut_off_never_reaches_a_worker(
    fronted: Fronted, department: Department
) -> None:
    whole = hidden(fronted)
    for cut in (1, 10, len(fronted.body("/v1/requests"))):
        with FrontLine(department) as line:
            line.timeout = 0.3
            assert line.all_replies(whole[:-cut]) == []
        assert not fronted.acted()


@pytest.mark.postgresql
def test_through_the_proxy_what_is_hidden_would_have_had_an_effect(
    fronted: Fronted, department: Department
) -> None:
    health = message("GET", "/v1/health", fronted.host)
    with FrontLine(department) as line:
        replies = line.all_replies(health + hidden(fronted) + health)
    assert [reply.status for reply in replies] == [200, 200, 200]
    assert fronted.acted()
