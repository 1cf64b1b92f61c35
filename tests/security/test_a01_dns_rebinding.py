"""Transmission, 2018: a web page let its own name point at 127.0.0.1, and the browser carried its
commands to the download program as if both were the same site.
"""

import socket

from tests.security.raw import Line, Target, in_shape, message

METHODS = ("GET", "POST", "DELETE")


def spellings(p: int) -> list[str]:
    """Names that are not exactly ours, for port `p`."""
    return [
        # another name
        f"evil.test:{p}", "evil.test", f"{socket.gethostname()}:{p}", f"0.0.0.0:{p}", f"0:{p}",
        f"127.0.0.2:{p}", f"10.0.0.1:{p}", f"[::]:{p}",
        # ours as the beginning or the end of another
        f"127.0.0.1.evil.test:{p}", f"localhost.evil.test:{p}", f"evil.test.localhost:{p}",
        f"xlocalhost:{p}", f"localhostx:{p}", f"evil-127.0.0.1:{p}", f"1127.0.0.1:{p}",
        f"[::1].evil.test:{p}", f"127.0.0.1-evil.test:{p}",
        # trailing dot, case
        f"localhost.:{p}", f"127.0.0.1.:{p}", f"LOCALHOST:{p}", f"LocalHost:{p}",
        # with user information
        f"evil@127.0.0.1:{p}", f"127.0.0.1@evil.test:{p}", f"localhost:{p}@evil.test",
        # numbers that some resolvers take for ours
        f"2130706433:{p}", f"0x7f000001:{p}", f"017700000001:{p}", f"0177.0.0.1:{p}",
        f"0x7f.0.0.1:{p}", f"127.1:{p}", f"127.0.1:{p}", f"127.000.000.001:{p}",
        # IPv6 in other words
        f"::1:{p}", f"[0:0:0:0:0:0:0:1]:{p}", f"[::ffff:127.0.0.1]:{p}", f"[::1%25lo]:{p}",
        f"[::1:{p}", f"[::01]:{p}",
        # ports
        "127.0.0.1", "localhost", "127.0.0.1:", "127.0.0.1:80", f"127.0.0.1:{p}0",
        f"127.0.0.1:0{p}", f"127.0.0.1:+{p}", f"127.0.0.1:{p}:{p}", "127.0.0.1:99999",
        # more than a host
        f"http://127.0.0.1:{p}", f"//127.0.0.1:{p}", f"127.0.0.1:{p}/", f"127.0.0.1:{p}#x",
        f"127.0.0.1:{p}?x", f"127.0.0.1:{p}, evil.test", f"127.0.0.1:{p} evil.test",
        # other alphabets: the bytes of an ideographic full stop, a circled l, a Cyrillic o
        f"127\xe3\x80\x820\xe3\x80\x820\xe3\x80\x821:{p}", f"\xe2\x93\x9bocalhost:{p}",
        f"l\xd0\xbecalhost:{p}", f"%6cocalhost:{p}",
        # length and control characters
        f"{'a' * 8000}.localhost:{p}", f"127.0.0.1\x00:{p}", f"127.0.0.1:{p}\x00", f"local\thost:{p}",
        f"127.0.0.1 :{p}", f"127.0.0.1:{p}\x0b", f"127.0.0.1:{p}\x7f", "",
    ]  # fmt: skip


def test_no_route_answers_under_another_name(target: Target) -> None:
    port, good = target.port, target.host[1]
    hostile: list[tuple[tuple[str, str], ...]] = [(("Host", s),) for s in spellings(port)]
    hostile += [
        (),
        (("Host", good), ("Host", good)),
        (("Host", "evil.test"), ("Host", good)),
        (("Host", good), ("Host", "evil.test")),
        (("Host ", good),),
        (("Host", f"evil.test\r\n {good}"),),
        (("X-Forwarded-Host", good), ("Host", "evil.test")),
        (("Forwarded", f"host={good}"),),
    ]
    assert len(hostile) >= 60
    paths = sorted({target.path(route) for route in target.routes})
    assert len(paths) >= 11
    kind = ("Content-Type", "application/json")
    with target.unharmed(), Line(port) as line:
        for hosts in hostile:
            for path in paths:
                for method in METHODS:
                    body = target.body(path) if method == "POST" else b""
                    sent = message(method, path, *hosts, target.allowed, kind, body=body)
                    in_shape(line.ask(sent), 421, 400)


def test_no_route_answers_to_a_target_that_names_another_place(target: Target) -> None:
    good = target.host[1]
    forms = [
        f"http://evil.test{{}} {good}", f"http://{good}{{}} evil.test", f"http://{good}{{}} {good}",
        f"https://{good}{{}} {good}", f"//evil.test{{}} {good}", f"evil.test:80{{}} {good}",
    ]  # fmt: skip
    with target.unharmed(), Line(target.port) as line:
        for route in target.routes:
            for form in forms:
                place, _, host = form.format(target.path(route)).rpartition(" ")
                body = target.body(target.path(route)) if route.method == "POST" else b""
                kind = ("Content-Type", "application/json")
                sent = message(route.method, place, ("Host", host), target.allowed, kind, body=body)
                in_shape(line.ask(sent), 421, 400)


def test_every_spelling_of_ours_is_answered(target: Target) -> None:
    with Line(target.port) as line:
        for name in ("127.0.0.1", "localhost", "[::1]"):
            for padded in (f"{name}:{target.port}", f"  {name}:{target.port}\t"):
                host = ("Host", padded)
                assert line.ask(message("GET", "/v1/health", host)).status == 200
                for route in target.routes:
                    if route.method == "GET":
                        sent = message("GET", target.path(route), host, target.allowed)
                        assert line.ask(sent).status == target.admitted(route), route


def test_what_is_refused_would_have_had_an_effect(target: Target) -> None:
    """The requests of the other tests act, once the name is right: so their refusal means much."""
    acting = [r for r in target.routes if r.method != "GET"]
    assert len(acting) >= 9
    with Line(target.port) as line:
        for route in acting:
            assert line.ask(target.valid(route)).status == target.admitted(route), route
