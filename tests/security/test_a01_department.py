"""A department's public name and origin: like those of a desk exact, and only through its proxy."""

from tests.security.raw import BY_PROXY, PUBLIC, Line, Target, in_shape, message

NAME = PUBLIC.removeprefix("https://")
KIND = ("Content-Type", "application/json")

HOSTS = (
    f"{NAME}.", f"{NAME}:443", f"{NAME}:80", f"{NAME}:8101", NAME.upper(), NAME.title(), f"x.{NAME}",
    f"{NAME}.evil.test", f"evil.test.{NAME}", f"evil-{NAME}", f"{NAME}evil", NAME[1:], NAME[:-1],
    "council.example", f"evil@{NAME}", f"{NAME}@evil.test", f"{NAME}, evil.test", f"evil.test, {NAME}",
    f"{NAME} evil.test", f"https://{NAME}", f"//{NAME}", f"{NAME}/", f"{NAME}?x", f"{NAME}#x",
    f"{NAME}\x00", NAME.replace(".", "\xe3\x80\x82"), NAME.replace("o", "\xd0\xbe", 1), "",
    "evil.test", f"%6c{NAME[1:]}",
)  # fmt: skip

ORIGINS = (
    "null", "", "*", NAME, f"http://{NAME}", f"{PUBLIC}:443", f"{PUBLIC}:80", f"{PUBLIC}/",
    f"{PUBLIC}.", f"{PUBLIC}.evil.test", f"https://evil.test/{NAME}", f"https://x.{NAME}",
    f"https://evil@{NAME}", f"HTTPS://{NAME}", PUBLIC.replace("council", "Council"),
    f"{PUBLIC}, https://evil.test", f"https://evil.test, {PUBLIC}", f"{PUBLIC}, {PUBLIC}",
    f"{PUBLIC} https://evil.test", f" x{PUBLIC}", f"{PUBLIC}\x00", "https://council.example",
    "https://outlook.office.com", "https://outlook.office365.com", "https://127.0.0.1", "file://",
)  # fmt: skip


def asked(target: Target, path: str, method: str, *headers: tuple[str, str]) -> bytes:
    """A request with the token of most rights that would act."""
    body = target.body(path) if method == "POST" else b""
    return message(method, path, *headers, target.allowed, KIND, body=body)


def test_no_route_answers_under_what_merely_resembles_the_public_name(behind: Target) -> None:
    paths = sorted({behind.path(route) for route in behind.routes})
    with behind.unharmed(), Line(behind.port) as line:
        for host in HOSTS:
            for path in paths:
                for method in ("GET", "POST", "DELETE"):
                    sent = asked(behind, path, method, ("Host", host), *BY_PROXY)
                    in_shape(line.ask(sent), 421, 400)


def test_the_public_name_by_http_is_refused(behind: Target) -> None:
    """The proxy has TLS: what comes without did not come through it."""
    with behind.unharmed(), Line(behind.port) as line:
        for said in ((), (BY_PROXY[0], ("X-Forwarded-Proto", "http"))):
            for route in behind.routes:
                sent = asked(behind, behind.path(route), route.method, ("Host", NAME), *said)
                in_shape(line.ask(sent), 421)


def test_only_the_page_itself_may_ask(behind: Target) -> None:
    with behind.unharmed(), Line(behind.port) as line:
        for origin in ORIGINS:
            for route in behind.routes:
                head = (("Host", NAME), *BY_PROXY, ("Origin", origin))
                sent = asked(behind, behind.path(route), route.method, *head)
                in_shape(line.ask(sent), 403, 400)


def test_the_page_is_no_page_of_this_machines_own_names(behind: Target) -> None:
    """A page that reached the worker past the proxy was led there by somebody."""
    with behind.unharmed(), Line(behind.port) as line:
        for route in behind.routes:
            head = (behind.host, *BY_PROXY, ("Origin", PUBLIC))
            in_shape(line.ask(asked(behind, behind.path(route), route.method, *head)), 403)


def test_the_page_and_the_add_ins_are_answered_but_never_by_way_of_cors(behind: Target) -> None:
    extension = "moz-extension://1b2c3d4e-0000-4000-8000-0123456789ab"
    with Line(behind.port) as line:
        for origin in (PUBLIC, extension):
            for route in behind.routes:
                if route.method != "GET":
                    continue
                head = (("Host", NAME), *BY_PROXY, ("Origin", origin))
                reply = line.ask(asked(behind, behind.path(route), "GET", *head))
                assert reply.status == behind.admitted(route), (route, reply.body)
                assert not [name for name, _ in reply.headers if name.startswith("access-con")]
        for route in behind.routes:
            if route.method == "GET":
                continue
            head = (("Host", NAME), *BY_PROXY, ("Origin", PUBLIC))
            reply = line.ask(asked(behind, behind.path(route), route.method, *head))
            assert reply.status == behind.admitted(route), (route, reply.body)
