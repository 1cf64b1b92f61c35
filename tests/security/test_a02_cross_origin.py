"""Jupyter Server, 2026: the list of trusted origins was matched from the left only, so a site whose
name merely began like a trusted one was trusted too.
"""

from tests.security.raw import Line, Target, in_shape, message

UUID = "1b2c3d4e-0000-4000-8000-0123456789ab"
PAIRED = f"moz-extension://{UUID}"


def origins(port: int) -> list[str]:
    """Origins of web pages, other programs, and of what merely resembles the add-in's."""
    return [
        "null", "", "*", "undefined", "http://evil.test", "https://evil.test",
        f"http://evil.test:{port}", "http://127.0.0.1", f"http://127.0.0.1:{port}",
        f"http://localhost:{port}", f"http://[::1]:{port}", f"https://127.0.0.1:{port}",
        f"http://localhost:{port + 1}", "https://outlook.office.com", "http://localhost.evil.test",
        "file://", "file:///etc/passwd", "data:", "data:text/html,x", "blob:http://evil.test/x",
        "about:blank", "javascript:0", "ws://127.0.0.1", "moz-extension://", "moz-extension:",
        "moz-extension://evil", f"moz-extension://{UUID.upper()}", f"MOZ-EXTENSION://{UUID}",
        f"{PAIRED}/", f"{PAIRED}:80", f"{PAIRED}.evil.test", f"{PAIRED}0", f" x{PAIRED}",
        f"http://evil.test/{PAIRED}", f"moz-extension://{UUID[:-1]}", f"moz-extensions://{UUID}",
        f"moz-extension://x@{UUID}", f"moz-extension://{UUID.replace('-', '')}",
        f"chrome-extension://{'a' * 32}", f"ms-browser-extension://{UUID}",
        f"safari-web-extension://{UUID}", f"{PAIRED}, http://evil.test", f"{PAIRED}, {PAIRED}",
        f"http://evil.test, {PAIRED}", f"{PAIRED} http://evil.test", f"{PAIRED}\x00",
    ]  # fmt: skip


def preflight(target: Target, path: str, method: str, *origin: tuple[str, str]) -> bytes:
    """What a browser asks before it sends what a page may not simply send."""
    return message(
        "OPTIONS", path, target.host, *origin,
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", "authorization, content-type"),
        ("Access-Control-Request-Private-Network", "true"),
        ("Access-Control-Request-Local-Network", "true"),
    )  # fmt: skip


def test_no_other_origin_is_answered_or_told_it_may_read(target: Target) -> None:
    hostile = [(("Origin", value),) for value in origins(target.port)]
    two = (("Origin", PAIRED), ("Origin", "http://evil.test"))
    headers: list[tuple[tuple[str, str], ...]] = [*hostile, two, two[::-1]]
    assert len(headers) >= 40
    with target.unharmed(), Line(target.port) as line:
        for origin in headers:
            for route in target.routes:
                asked = preflight(target, target.path(route), route.method, *origin)
                in_shape(line.ask(asked), 403, 400)
                in_shape(line.ask(target.valid(route, *origin)), 403, 400)


def test_another_extension_gets_no_answer_without_a_token_and_no_leave_to_read(
    target: Target,
) -> None:
    """Which extension it is cannot be seen from a random UUID; the token says who it is."""
    other = ("Origin", "moz-extension://99999999-0000-4000-8000-0123456789ab")
    kind = ("Content-Type", "application/json")
    public = {"/v1/health", "/v1/hello", "/v1/pair"}
    with target.unharmed(), Line(target.port) as line:
        for route in target.routes:
            path = target.path(route)
            in_shape(line.ask(preflight(target, path, route.method, other)), 405)
            if path not in public:
                body = target.body(path) if route.method == "POST" else b""
                sent = message(route.method, path, target.host, other, kind, body=body)
                in_shape(line.ask(sent), 401)


def test_what_a_page_or_picture_of_another_site_asks_for_is_refused(target: Target) -> None:
    """Such requests carry no Origin, but the browser says where they come from."""
    with target.unharmed(), Line(target.port) as line:
        for site in ("cross-site", "same-site"):
            for route in target.routes:
                in_shape(line.ask(target.valid(route, ("Sec-Fetch-Site", site))), 403)


def test_the_add_in_itself_is_answered_but_never_by_way_of_cors(target: Target) -> None:
    with Line(target.port) as line:
        for route in target.routes:
            reply = line.ask(target.valid(route, ("Origin", PAIRED)))
            assert reply.status == target.admitted(route), route
            assert not [name for name, _ in reply.headers if name.startswith("access-control")]
            assert reply.header("cross-origin-resource-policy") == "same-origin"
