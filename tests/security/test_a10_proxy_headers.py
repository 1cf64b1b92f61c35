"""Web applications behind a proxy, for as long as there are any: a header that only the proxy should
set was believed from anybody, and one line made a stranger local, or a GET a DELETE.
"""

from tests.security.raw import Line, Reply, Route, Target, in_shape, message, state

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


def test_no_such_header_changes_an_answer(target: Target) -> None:
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
