"""Web applications behind a proxy, for as long as there are any: a header that only the proxy should
set was believed from anybody, and one line made a stranger local, or a GET a DELETE.
"""

import socket
from typing import Any

import pytest

from addin_service.web import proxy
from tests.security.raw import (
    BY_PROXY,
    PUBLIC,
    Line,
    Reply,
    Route,
    Target,
    in_shape,
    message,
    state,
)

EVIL = "evil.test"
LIES = (
    ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", "127.0.0.1, 10.0.0.1"),
    ("X-Forwarded-Host", EVIL), ("X-Forwarded-Host", "127.0.0.1:8025"),
    ("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "javascript"),
    ("X-Forwarded-Port", "443"), ("X-Forwarded-By", EVIL), ("X-Forwarded-Prefix", "/v1"),
    ("X-Forwarded-Server", EVIL), ("X-Forwarded-User", "admin"), ("X-Forwarded-Ssl", "on"),
    ("Forwarded", f"for=127.0.0.1;host={EVIL};proto=https;by=10.0.0.1"), ("Forwarded", "for=x, y"),
    ("X-Real-IP", "127.0.0.1"), ("X-Client-IP", "127.0.0.1"), ("True-Client-IP", "127.0.0.1"),
    ("X-Original-URL", "/v1/health"), ("X-Rewrite-URL", "/v1/health"), ("X-Original-Host", EVIL),
    ("X-Remote-User", "admin"), ("Remote-User", "admin"), ("X-Authenticated-User", "admin"),
    ("X-HTTP-Method-Override", "DELETE"), ("X-HTTP-Method", "DELETE"), ("X-Method-Override", "GET"),
    ("X-Script-Name", "/v1"), ("Script-Name", "/v1"), ("Path-Info", "/v1/health"), ("Via", "1.1 x"),
    ("Front-End-Https", "on"), ("X-Url-Scheme", "https"), ("X_Forwarded_For", "127.0.0.1"),
)  # fmt: skip


def without_date(reply: Reply) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer, but for the clock."""
    return reply.status, [pair for pair in reply.headers if pair[0] != "date"], reply.body


def refused(target: Target, route: Route, *more: tuple[str, str]) -> bytes:
    """A request to this route from somebody without a token."""
    kind = ("Content-Type", "application/json")
    path = target.path(route)
    body = b"[]" if route.method == "POST" else b""
    return message(route.method, path, target.host, kind, *more, body=body)


@pytest.mark.parametrize("shape", ["target", "behind"])
def test_no_such_header_changes_an_answer(shape: str, request: pytest.FixtureRequest) -> None:
    """Whether or not a proxy is configured: under a name of this machine there is none."""
    target: Target = request.getfixturevalue(shape)
    assert len(LIES) >= 20
    reading = [r for r in target.routes if r.method == "GET"]
    with target.unharmed(), Line(target.port) as line:
        for route in target.routes:
            honest = without_date(line.ask(refused(target, route)))
            for lie in LIES:
                assert without_date(line.ask(refused(target, route, lie))) == honest, (route, lie)
        for route in reading:
            honest = without_date(line.ask(target.valid(route)))
            for lie in LIES:
                assert without_date(line.ask(target.valid(route, lie))) == honest, (route, lie)


def test_no_such_header_makes_up_for_a_wrong_host(target: Target) -> None:
    good = target.host[1]
    with target.unharmed(), Line(target.port) as line:
        for name in ("X-Forwarded-Host", "X-Original-Host", "X-Host", "Forwarded"):
            for value in (good, f"host={good}"):
                for route in target.routes:
                    sent = message(
                        route.method, target.path(route), ("Host", EVIL), target.allowed,
                        (name, value), ("Content-Type", "application/json"),
                    )  # fmt: skip
                    in_shape(line.ask(sent), 421)


def test_a_method_is_what_the_first_line_says(target: Target) -> None:
    contact = f"/v1/contacts/{target.contact_id}"
    before = state(target.live.installation)
    with Line(target.port) as line:
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            for method in ("GET", "POST"):
                sent = message(
                    method, f"{contact}?_method=DELETE", target.host, target.allowed,
                    (name, "DELETE"), ("Content-Type", "application/json"), body=b"{}",
                )  # fmt: skip
                in_shape(line.ask(sent), 405)
        assert state(target.live.installation) == before
        assert line.ask(message("DELETE", contact, target.host, target.allowed)).status == 200


HOST = ("Host", PUBLIC.removeprefix("https://"))
CLIENT, PROTO = "X-Forwarded-For", "X-Forwarded-Proto"
NOT_OURS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    ((PROTO, "https"),),
    ((CLIENT, "10.1.2.3"),),
    ((CLIENT, "10.1.2.3"), (PROTO, "http")),
    ((CLIENT, "10.1.2.3"), (PROTO, "HTTPS")),
    ((CLIENT, "10.1.2.3"), (PROTO, "https, https")),
    ((CLIENT, "10.1.2.3"), (PROTO, "https,http")),
    ((CLIENT, "10.1.2.3"), (PROTO, "http, https")),
    ((CLIENT, "10.1.2.3"), (PROTO, "https"), (PROTO, "https")),
    ((CLIENT, "10.1.2.3"), (PROTO, "http"), (PROTO, "https")),
    ((CLIENT, "10.1.2.3"), (PROTO, "")),
    ((CLIENT, "10.1.2.3, 127.0.0.1"), (PROTO, "https")),
    ((CLIENT, "10.1.2.3"), (CLIENT, "10.1.2.3"), (PROTO, "https")),
    ((CLIENT, "10.1.2.3:80"), (PROTO, "https")),
    ((CLIENT, "[::1]"), (PROTO, "https")),
    ((CLIENT, "unknown"), (PROTO, "https")),
    ((CLIENT, "10.1.2"), (PROTO, "https")),
    ((CLIENT, "167838211"), (PROTO, "https")),
    ((CLIENT, ""), (PROTO, "https")),
    (("X_Forwarded_For", "10.1.2.3"), ("X_Forwarded_Proto", "https")),
    (("Forwarded", "for=10.1.2.3;proto=https"),),
    ((CLIENT, "10.1.2.3"), ("Forwarded", "proto=https")),
    ((CLIENT, "10.1.2.3"), ("X-Forwarded-Ssl", "on"), ("Front-End-Https", "on")),
    ((CLIENT, "10.1.2.3"), ("X-Url-Scheme", "https"), ("X-Forwarded-Port", "443")),
)
"""What another proxy than ours might say, or somebody who would be taken for it."""


def public(target: Target, route: Route, *said: tuple[str, str]) -> bytes:
    """A request that lacks nothing but what the proxy says."""
    kind = ("Content-Type", "application/json")
    path = target.path(route)
    body = target.body(path) if route.method == "POST" else b""
    return message(route.method, path, HOST, target.allowed, kind, *said, body=body)


def test_under_the_public_name_only_our_own_proxy_is_heard(behind: Target) -> None:
    assert len(NOT_OURS) >= 20
    with behind.unharmed(), Line(behind.port) as line:
        for said in NOT_OURS:
            for route in behind.routes:
                in_shape(line.ask(public(behind, route, *said)), 421)


def test_without_a_department_there_is_no_proxy_to_be_heard(target: Target) -> None:
    with target.unharmed(), Line(target.port) as line:
        for said in ((), BY_PROXY):
            for route in target.routes:
                in_shape(line.ask(public(target, route, *said)), 421)


def test_what_our_proxy_lets_through_is_answered(behind: Target) -> None:
    lies = [lie for lie in LIES if lie[0] not in (CLIENT, PROTO)]
    with Line(behind.port) as line:
        for route in behind.routes:
            if route.method == "GET":
                for lie in lies:
                    asked = public(behind, route, *BY_PROXY, lie)
                    assert line.ask(asked).status == behind.admitted(route), (route, lie)
        for route in behind.routes:
            if route.method != "GET":
                asked = public(behind, route, *BY_PROXY)
                assert line.ask(asked).status == behind.admitted(route), route


def own_address() -> str:
    """One of this machine beside loopback; empty where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect(("192.0.2.1", 9))  # sends nothing; the system chooses the address
        except OSError:
            return ""
        return str(line.getsockname()[0])


def test_a_proxy_anywhere_else_is_not_believed(behind: Target) -> None:
    """Who comes from another address than loopback is no proxy of ours, whatever it says."""
    peer = own_address()
    if not peer:
        pytest.skip("this machine has no address but loopback")
    asked = message("GET", "/v1/health", HOST, *BY_PROXY)
    with Line(behind.port) as line:
        assert line.ask(asked).status == 200
    elsewhere = socket.create_connection(("127.0.0.1", behind.port), 20, (peer, 0))
    with elsewhere as other:
        other.sendall(asked)
        assert other.recv(100).startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize(
    ("peer", "client", "believed"),
    [
        ("127.0.0.1", "10.1.2.3", True), ("::1", "10.1.2.3", True), ("127.0.0.1", "2001:db8::7", True),
        ("10.0.0.1", "10.1.2.3", False), ("", "10.1.2.3", False), ("localhost", "10.1.2.3", False),
        ("::ffff:10.0.0.1", "10.1.2.3", False), ("127.0.0.1", "10.1.2.3 ", False),
    ],
)  # fmt: skip
def test_who_asks_is_who_the_proxy_says_and_how(peer: str, client: str, believed: bool) -> None:
    environ: dict[str, Any] = {
        "REMOTE_ADDR": peer, "REMOTE_HOST": peer, "wsgi.url_scheme": "http", "HTTP_FORWARDED": "x",
        "HTTP_X_FORWARDED_FOR": client, "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_REAL_IP": "x",
    }  # fmt: skip
    said = proxy.forget(environ)
    assert set(environ) == {"REMOTE_ADDR", "REMOTE_HOST", "wsgi.url_scheme"}
    assert proxy.believe(environ, said) is believed
    expected = (client, client, "https") if believed else (peer, peer, "http")
    assert tuple(environ.values()) == expected
