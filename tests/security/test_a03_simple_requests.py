"""Trend Micro's password manager, 2016: some seventy commands of its service on localhost were open
to any web page, and one of them started programs.
"""

from tests.security.raw import Line, Target, in_shape, message

KINDS: tuple[str | None, ...] = (
    None, "", "text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "multipart/form-data", "text/html", "text/json", "json",
    "application/jsonp", "application/x-json", "application/json5", "application/ld+json",
    "application/json; x", "application/json; charset=latin-1", "application/json, text/plain",
    "text/plain, application/json", "text/plain; application/json", "application/json/x",
    "application/json; charset=utf-8; x", " x application/json", "*/*", "image/png",
    "application/octet-stream", "application/csp-report", "application/reports+json",
    'application/json;charset="utf-8', "application/json\x0b",
)  # fmt: skip

LOADS = ("image", "script", "style", "iframe", "empty", "document", "font", "object", "report")


def test_only_json_is_read(target: Target) -> None:
    posts = [route for route in target.routes if route.method == "POST"]
    assert len(posts) >= 8
    assert len(KINDS) >= 20
    with target.unharmed(), Line(target.port) as line:
        for route in posts:
            path = target.path(route)
            for kind in KINDS:
                given = () if kind is None else (("Content-Type", kind),)
                for token in ((), (target.allowed,)):
                    sent = message(
                        "POST", path, target.host, *given, *token, body=target.body(path)
                    )
                    # A form may bring attachments to be sealed: only there, and with a token.
                    is_form = path == "/v1/seal" and (kind or "").startswith("multipart/form-data;")
                    in_shape(line.ask(sent), *((400 if token else 401,) if is_form else (415, 400)))
            twice = (("Content-Type", "application/json"), ("Content-Type", "text/plain"))
            sent = message("POST", path, target.host, *twice, body=target.body(path))
            in_shape(line.ask(sent), 400)


def test_nothing_that_a_page_loads_reaches_a_route(target: Target) -> None:
    """A picture, script or frame brings no token: only the sign of life is left, and no other site
    gets that.
    """
    with target.unharmed(), Line(target.port) as line:
        for route in target.routes:
            for load in LOADS:
                told = (("Sec-Fetch-Dest", load), ("Sec-Fetch-Site", "cross-site"))
                sent = message("GET", target.path(route), target.host, *told)
                in_shape(line.ask(sent), 403)
                if route.path != "/v1/health":
                    bare = message("GET", target.path(route), target.host)
                    in_shape(line.ask(bare), 401)


def test_json_is_read_in_each_of_its_spellings(target: Target) -> None:
    with Line(target.port) as line:
        for kind in (
            "application/json", "Application/JSON", "application/json;charset=utf-8",
            'application/json; charset="UTF-8"',
        ):  # fmt: skip
            body = target.body("/v1/check")
            sent = message(
                "POST", "/v1/check", target.host, target.allowed, ("Content-Type", kind), body=body
            )
            assert line.ask(sent).status == 200, kind
