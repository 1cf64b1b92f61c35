"""MCP's kits for local servers, 2025: the rule said that every server must check who asks, and kit
after kit shipped without the check, since no test ran through all there was.
"""

import socket
from dataclasses import replace

from addin_service.department import Department, OutlookSignIn, SignIn
from addin_service.web.guard import PAGES, PUBLIC
from tests.conftest import Live
from tests.security.raw import Line, Target, in_shape, message, routes

OPEN_TO_ALL = {("GET", "/v1/health"), ("POST", "/v1/hello"), ("POST", "/v1/pair")}
"""Written down here a second time: a new public route has to be meant."""

PUBLIC_IN_A_DEPARTMENT = {("GET", "/sign-in"), ("GET", "/sign-in/callback")}

FOR_THE_HELPDESK = {
    ("POST", "/v1/contacts"),
    ("POST", "/v1/contacts/search"),
    ("DELETE", "/v1/contacts/<contact_id>"),
    ("GET", "/v1/requests"),
    ("POST", "/v1/requests/<request_id>"),
}
FOR_OPERATORS = {("GET", "/metrics")}
FOR_SENDERS = {
    ("GET", "/v1/openapi.json"),
    ("GET", "/v1/ready"),
    ("GET", "/v1/about"),
    ("POST", "/v1/unpair"),
    ("POST", "/v1/check"),
    ("POST", "/v1/seal"),
    ("POST", "/v1/sent"),
    ("POST", "/v1/history"),
    ("POST", "/v1/book"),
    ("POST", "/v1/requests"),
    ("POST", "/v1/keys/ask"),
}


def test_each_route_is_for_somebody(target: Target) -> None:
    there = {(route.method, route.rule) for route in target.routes}
    assert there == OPEN_TO_ALL | FOR_THE_HELPDESK | FOR_OPERATORS | FOR_SENDERS
    assert PUBLIC == OPEN_TO_ALL


def test_a_department_opens_the_way_to_its_sign_in_and_nothing_else(live: Live) -> None:
    shape = Department(
        public="https://lastlook.council.example",
        sign_in=SignIn(issuer="https://login.council.example", client_id="x"),
        outlook_sign_in=OutlookSignIn(issuer="https://login.council.example", audience="x"),
    )
    department = replace(live.installation, department=shape)
    there = {(route.method, route.rule) for route in routes(department)}
    known = OPEN_TO_ALL | FOR_THE_HELPDESK | FOR_OPERATORS | FOR_SENDERS
    assert there - known == PAGES == PUBLIC_IN_A_DEPARTMENT


def test_what_is_not_public_refuses_without_a_token(target: Target) -> None:
    kind = ("Content-Type", "application/json")
    with target.unharmed(), Line(target.port) as line:
        for route in target.routes:
            if (route.method, route.rule) in OPEN_TO_ALL:
                continue
            path = target.path(route)
            body = target.body(path) if route.method == "POST" else b""
            for spelling in (
                path,
                f"{path}?",
                f"{path}?x=/v1/health",
                f"{path}#/v1/health",
                f"/%76{path[2:]}",
            ):
                sent = message(route.method, spelling, target.host, kind, body=body)
                in_shape(line.ask(sent), 401)


def test_a_path_that_resembles_a_public_one_is_not_public(target: Target) -> None:
    kind = ("Content-Type", "application/json")
    with target.unharmed(), Line(target.port) as line:
        for path in (
            "/v1/health/", "/v1/health/../requests", "/v1/pair/../contacts", "/v1/pair;/../contacts",
            "/v1/health%2f..%2frequests", "/v1/Health", "/v1/pair%00", "/v1/hello%20", "/V1/PAIR",
        ):  # fmt: skip
            for method in ("GET", "POST", "DELETE"):
                sent = message(method, path, target.host, kind, body=target.body("/v1/pair"))
                in_shape(line.ask(sent), 401)


def test_a_method_that_a_route_does_not_have_is_no_way_in(target: Target) -> None:
    kind = ("Content-Type", "application/json")
    with target.unharmed(), Line(target.port) as line:
        # To DELETE, the search is an entry of that name: there is none.
        for path in sorted({target.path(route) for route in target.routes}):
            had = {route.method for route in target.routes if target.path(route) == path}
            for method in ("GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
                if method not in had:
                    bare = message(method, path, target.host, kind)
                    in_shape(line.ask(bare), 401, 405)
                    allowed = message(method, path, target.host, target.allowed, kind)
                    in_shape(line.ask(allowed), 405, 404)


def test_a_sender_cannot_do_what_the_helpdesk_does(target: Target) -> None:
    allowed = ("Authorization", f"Bearer {target.live.token}")
    kind = ("Content-Type", "application/json")
    with target.unharmed(), Line(target.port) as line:
        for route in target.routes:
            if (route.method, route.rule) in FOR_THE_HELPDESK | FOR_OPERATORS:
                path = target.path(route)
                # An unreadable body is refused alike: what a sender may not do is not looked at.
                for body in (target.body(path), b"{") if route.method == "POST" else (b"",):
                    sent = message(route.method, path, target.host, allowed, kind, body=body)
                    in_shape(line.ask(sent), 403)


def test_a_sender_can_do_what_senders_do(live: Live, target: Target) -> None:
    allowed = ("Authorization", f"Bearer {live.token}")
    kind = ("Content-Type", "application/json")
    with Line(target.port) as line:
        for route in target.routes:
            if (route.method, route.rule) in FOR_SENDERS | OPEN_TO_ALL:
                path = target.path(route)
                body = target.body(path) if route.method == "POST" else b""
                sent = message(route.method, path, target.host, allowed, kind, body=body)
                assert line.ask(sent).status == target.admitted(route), route


def test_the_sign_of_life_says_alive_and_nothing_more(target: Target) -> None:
    with target.unharmed(), Line(target.port) as line:
        for more in ((), (target.allowed,), (("Accept", "text/html"),)):
            assert (
                line.ask(message("GET", "/v1/health", target.host, *more)).body
                == b'{"alive":true}\n'
            )


def test_an_answer_to_head_has_no_body(target: Target) -> None:
    """A body would be read as the beginning of the next answer."""
    with target.unharmed(), Line(target.port) as line:
        two = message("HEAD", "/v1/health", target.host) + message("GET", "/v1/health", target.host)
        assert b"\r\n\r\nHTTP/1.1 200 OK\r\n" in raw_bytes(line, two)


def raw_bytes(line: Line, data: bytes) -> bytes:
    """Everything that comes back until the answer to the last request is there."""
    with socket.create_connection(("127.0.0.1", line.port), 10) as one:
        one.sendall(data)
        found = b""
        while not found.endswith(b'{"alive":true}\n'):
            more = one.recv(65536)
            assert more, found
            found += more
    return found
