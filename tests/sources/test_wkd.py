"""Keys at the recipient's domain: a real TLS server on loopback, honest and otherwise."""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from addin_service import addresses, intake
from addin_service.pgp.reading import LARGEST
from addin_service.sources.directory_names import places, zbase32
from addin_service.wkd import REASONS, NotFound, Wkd
from tests.pgp.keys import GPG, known, needs_gpg
from tests.sources.tls import Authority, Net, ok

BOB = "Bob.Miller@northwind.example"
ADDRESS = addresses.parse(BOB)
ADVANCED, DIRECT = "openpgpkey.northwind.example", "northwind.example"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def net() -> Net:
    return Net()


@pytest.fixture
def wkd(net: Net, authority: Authority) -> Wkd:
    return Wkd(net.connect, authority.trusted, deadline_s=20)


def bob() -> bytes:
    return known(f"Bob Miller <{BOB}>").public


def reason(wkd: Wkd) -> str:
    with pytest.raises(NotFound) as refused:
        wkd.look_up(ADDRESS)
    assert refused.value.hint
    assert BOB not in str(refused.value)
    return refused.value.reason


def test_the_names_are_those_of_the_draft() -> None:
    """The example of draft-koch-openpgp-webkey-service, section 3.1."""
    advanced, direct = places(addresses.parse("Joe.Doe@Example.ORG"))
    digest = "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
    assert advanced.host == "openpgpkey.example.org"
    assert advanced.target == f"/.well-known/openpgpkey/example.org/hu/{digest}?l=Joe.Doe"
    assert direct.host == "example.org"
    assert direct.target == f"/.well-known/openpgpkey/hu/{digest}?l=Joe.Doe"


@pytest.mark.parametrize(
    ("data", "written"),
    [(b"", ""), (b"\x00", "yy"), (b"\xf0\xbf\xc7", "6n9hq"), (b"\xd4\x7a\x04", "4t7ye")],
)
def test_zbase32_as_its_authors_write_it(data: bytes, written: str) -> None:
    assert zbase32(data) == written


def test_signs_in_an_address_cannot_leave_their_place() -> None:
    for place in places(addresses.parse("a&b=c/d?e#f%g@northwind.example")):
        assert place.target.endswith("?l=a%26b%3Dc%2Fd%3Fe%23f%25g")
    assert places(addresses.parse("jörg@northwind.example"))[0].target.endswith("?l=j%C3%B6rg")


def test_the_advanced_way_comes_first_and_the_domain_itself_is_not_asked(
    net: Net, authority: Authority, wkd: Wkd
) -> None:
    with (
        net.serving(DIRECT, authority.server(DIRECT), lambda _: [ok(b"the wrong one")]),
        net.serving(ADVANCED, authority.server(ADVANCED), lambda _: [ok(bob())]),
    ):
        assert wkd.look_up(ADDRESS) == bob()
    assert net.tried == [ADVANCED]
    head = net.requests[0].decode().split("\r\n")
    assert head[0] == f"GET {places(ADDRESS)[0].target} HTTP/1.1"
    sent = {line.partition(":")[0].lower() for line in head[1:] if line}
    assert sent == {"host", "accept-encoding", "connection"}, "nothing says who asks"


def test_the_direct_way_only_where_the_other_host_does_not_exist(
    net: Net, authority: Authority, wkd: Wkd
) -> None:
    with net.serving(DIRECT, authority.server(DIRECT), lambda _: [ok(bob())]):
        assert wkd.look_up(ADDRESS) == bob()
        assert net.tried == [ADVANCED, DIRECT]
        with net.serving(
            ADVANCED, authority.server(ADVANCED), lambda _: [b"HTTP/1.1 404 No\r\n\r\n"]
        ):
            assert reason(wkd) == "none"
    assert len(net.requests) == 2, "a 404 there is an answer"


def test_neither_host_exists(net: Net, wkd: Wkd) -> None:
    assert reason(wkd) == "no-directory"
    assert net.tried == [ADVANCED, DIRECT]


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_AGAIN, "later"),
        ConnectionRefusedError(111, "refused"),
        OSError(113, "no route"),
    ],
    ids=["resolver", "refused", "route"],
)
def test_what_may_be_there_is_not_taken_for_absent(net: Net, wkd: Wkd, error: OSError) -> None:
    net.error = error
    assert reason(wkd) == "unreachable"
    assert net.tried == [ADVANCED], "whoever can hinder the one way must not choose the other"


def test_a_certificate_of_somebody_else(net: Net, authority: Authority, wkd: Wkd) -> None:
    for context in (
        Authority().server(ADVANCED),
        authority.server(DIRECT),
        authority.server("openpgpkey.evil.example"),
        authority.server(ADVANCED, days=-1),
    ):
        with net.serving(ADVANCED, context, lambda _: [ok(bob())]):
            assert reason(wkd) == "not-proven"
    assert net.requests == [], "nothing was asked, not even for whom"


def test_the_usual_authorities_are_asked_where_nothing_else_is_said(
    net: Net, authority: Authority
) -> None:
    with net.serving(ADVANCED, authority.server(ADVANCED), lambda _: [ok(bob())]):
        assert reason(Wkd(net.connect, deadline_s=20)) == "not-proven"


def test_a_server_without_tls(net: Net, wkd: Wkd) -> None:
    with net.serving(ADVANCED, None, lambda _: [ok(bob())]):
        assert reason(wkd) == "unreachable"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirection_is_followed(net: Net, authority: Authority, wkd: Wkd, status: int) -> None:
    def elsewhere(_: bytes) -> list[bytes]:
        target = f"https://{DIRECT}/key"
        return [f"HTTP/1.1 {status} There\r\nLocation: {target}\r\n\r\n".encode()]

    with (
        net.serving(DIRECT, authority.server(DIRECT), lambda _: [ok(bob())]),
        net.serving(ADVANCED, authority.server(ADVANCED), elsewhere),
    ):
        assert reason(wkd) == "redirected"
    assert net.tried == [ADVANCED]


def endless_body(_: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    yield from itertools.repeat(b"\x99" * 65536)


def endless_chunks(_: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield from itertools.repeat(b"1000\r\n" + b"\x99" * 4096 + b"\r\n")


def endless_headers(_: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from (b"X-%d: %s\r\n" % (n, b"a" * 60000) for n in itertools.count())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (endless_body, "large"),
        (endless_chunks, "large"),
        (endless_headers, "nonsense"),
        (lambda _: [ok(b"\x99" * (LARGEST + 1))], "large"),
        (lambda _: [ok(b"")], "none"),
        (lambda _: [b"HTTP/1.1 410 Gone\r\n\r\n"], "none"),
        (lambda _: [b"HTTP/1.1 403 No\r\n\r\n"], "nonsense"),
        (lambda _: [b"HTTP/1.1 503 Later\r\n\r\n"], "unreachable"),
        (lambda _: [b"SSH-2.0-OpenSSH_9.2\r\n"], "nonsense"),
        (lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nshort"], "nonsense"),
        (lambda _: [b"HTTP/1.1 200 OK\r\n\r\n" + bob()], "unreachable"),
        (lambda _: [], "nonsense"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_an_answer_that_is_none(
    net: Net, authority: Authority, wkd: Wkd, answer: Callable[[bytes], list[bytes]], expected: str
) -> None:
    with net.serving(ADVANCED, authority.server(ADVANCED), answer):
        assert reason(wkd) in ((expected, "unreachable") if expected == "nonsense" else (expected,))


@pytest.mark.parametrize("where", ["connecting", "greeting", "headers", "body"])
def test_a_server_that_never_comes_to_an_end(net: Net, authority: Authority, where: str) -> None:
    ended = threading.Event()

    def drip(_: bytes) -> Iterator[bytes]:
        if where == "greeting":
            ended.wait(30)
            return
        yield b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if where == "body" else b"X: ")
        while not ended.wait(0.05):
            yield b"x"

    def connect(host: str, port: int, timeout_s: float) -> socket.socket:
        if where == "connecting":
            ended.wait(30)
        return net.connect(host, port, timeout_s)

    silent = None if where == "greeting" else authority.server(ADVANCED)
    impatient = Wkd(connect, authority.trusted, deadline_s=0.7)
    before = time.monotonic()
    with net.serving(ADVANCED, silent, drip):
        assert reason(impatient) == "late"
        assert time.monotonic() - before < 30, "it would have gone on for ever"
        ended.set()


class TestJudged:
    """What is made of an answer."""

    @pytest.fixture(autouse=True)
    def gpg(self) -> None:
        needs_gpg()

    @pytest.fixture
    def offered(
        self, net: Net, authority: Authority, wkd: Wkd
    ) -> Callable[[bytes], intake.Offered]:
        def look(body: bytes) -> intake.Offered:
            with net.serving(ADVANCED, authority.server(ADVANCED), lambda _: [ok(body)]):
                return intake.at_domain(wkd, GPG, ADDRESS)

        return look

    def test_the_key_of_the_address(self, offered: Callable[[bytes], intake.Offered]) -> None:
        found = offered(bob())
        assert [c.addresses() for c in found.certificates] == [frozenset({ADDRESS.key})]
        assert not found.left

    def test_names_elsewhere_are_left_out(self, offered: Callable[[bytes], intake.Offered]) -> None:
        """A domain must not put the keys of other people in doubt."""
        both = known(f"Bob Miller <{BOB}>", "Bob Miller <priya@chambers.example>")
        (only,) = offered(both.public).certificates
        assert only.fingerprint == both.certificate.fingerprint
        assert only.addresses() == {ADDRESS.key}
        assert [user.text for user in only.user_ids] == [f"Bob Miller <{BOB}>"]
        assert only.subkeys == both.certificate.subkeys
        assert b"chambers" not in only.data

    def test_another_persons_key_alone_and_beside(
        self, offered: Callable[[bytes], intake.Offered]
    ) -> None:
        eve = known("Eve <eve@northwind.example>").public
        alone = offered(eve)
        assert not alone.certificates
        assert [left.why for left in alone.left] == ["it is a key for another address"]
        again = known(f"Robert Miller <{BOB}>").public
        beside = offered(eve + bob() + again)
        assert {c.data for c in beside.certificates} == {
            known(f"Bob Miller <{BOB}>").certificate.data,
            known(f"Robert Miller <{BOB}>").certificate.data,
        }
        assert len(beside.left) == 1

    @pytest.mark.parametrize(
        "body",
        [
            b"<!doctype html><title>Not found</title>",
            b"\x1f\x8b\x08\x00",
            b"Not a key at all",
            b"\x99\x01\x0d\x04damaged",
        ],
    )
    def test_what_is_no_key_is_refused(
        self, offered: Callable[[bytes], intake.Offered], body: bytes
    ) -> None:
        found = offered(body)
        assert not found.certificates
        assert len(found.left) == 1
        assert found.left[0].hint

    def test_a_secret_key_is_refused(self, offered: Callable[[bytes], intake.Offered]) -> None:
        secret = bytes(known(f"Bob Miller <{BOB}>").secret)
        assert not offered(secret).certificates


def test_every_reason_tells_the_way_out() -> None:
    assert all(why and hint for why, hint in REASONS.values())
