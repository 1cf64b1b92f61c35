"""Many small servers: a sender who lets a byte fall every second resets the clock that should end him,
and a handful of such senders leave no place for anybody else.
"""

import builtins
import contextlib
import io
import os
import select
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from addin_service.settings import MAX_BODY_BYTES
from addin_service.web import server
from tests.security.raw import Line, Target, in_shape, message

DEADLINE_S = 1.0
PACE_S = 0.1


@contextlib.contextmanager
def watched_files() -> Iterator[list[str]]:
    """The files and folders that Python opens or makes meanwhile.

    Not by an audit hook, which cannot be removed: before Python 3.12, where there is one, a thread
    that begins under coverage can fail with "Cannot install a trace function".
    """
    opened: list[str] = []

    def noting(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(name: Any, *more: Any, **how: Any) -> Any:
            opened.append(str(name))
            return function(name, *more, **how)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((os, "open"), (os, "mkdir"), (io, "open"), (builtins, "open")):
            patch.setattr(module, name, noting(getattr(module, name)))
        yield opened


def openings(target: Target) -> list[bytes]:
    """Beginnings of requests: none is ever finished."""
    host = f"Host: {target.host[1]}\r\n".encode()
    long = host + b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    too_long = long.replace(b"100000", str(MAX_BODY_BYTES + 1).encode())
    return [
        b"G", b"GET /v1/health HTTP/1.1\r\n", b"GET /v1/health HTTP/1.1\r\n" + host + b"X-A: ",
        b"POST /v1/check HTTP/1.1\r\n" + long, b"POST /v1/pair HTTP/1.1\r\n" + long + b'{"code": "',
        b"POST /v1/check HTTP/1.1\r\n" + too_long,
    ]  # fmt: skip


def ask_health(target: Target) -> float:
    """Seconds that a healthy client waits."""
    began = time.monotonic()
    with Line(target.port, timeout=10) as line:
        assert line.ask(message("GET", "/v1/health", target.host)).status == 200
    return time.monotonic() - began


def trickle(target: Target, senders: list[socket.socket], until: float) -> list[float]:
    """Each sender lets a byte fall per turn, a healthy client asks; the waits of that client."""
    waits = []
    while senders and time.monotonic() < until:
        ended, _, _ = select.select(senders, [], [], PACE_S)
        for one in ended:
            with contextlib.suppress(ConnectionError):
                assert one.recv(65536) == b""  # hung up on, without a word
            one.close()
            senders.remove(one)
        for one in senders:
            with contextlib.suppress(ConnectionError):
                one.send(b"x")
        waits.append(ask_health(target))
    return waits


def test_slow_senders_are_hung_up_on_and_a_healthy_client_is_answered(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "REQUEST_DEADLINE_S", DEADLINE_S)
    senders = []
    with target.unharmed():
        for number in range(120):
            one = socket.create_connection(("127.0.0.1", target.port), 10)
            one.sendall(openings(target)[number % 6])
            senders.append(one)
        waits = trickle(target, senders, time.monotonic() + DEADLINE_S + 8)
        assert not senders
        assert max(waits) < 1.0


def test_a_sender_who_is_merely_slow_is_heard_to_the_end(target: Target) -> None:
    """With the real deadline."""
    sent = target.valid(next(route for route in target.routes if route.path == "/v1/check"))
    with socket.create_connection(("127.0.0.1", target.port), 10) as one:
        for start in range(0, len(sent), 200):
            one.sendall(sent[start : start + 200])
            select.select([one], [], [], 0.02)
        assert one.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_deadline_is_of_each_request_and_not_of_the_line(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "REQUEST_DEADLINE_S", 0.5)
    began = time.monotonic()
    with Line(target.port) as line:
        while time.monotonic() - began < 1.2:
            half = message("GET", "/v1/health", target.host)
            assert line.ask(half).status == 200
            select.select([], [], [], PACE_S)


@pytest.mark.parametrize("over", [1, 1000, MAX_BODY_BYTES, 4 * MAX_BODY_BYTES])
def test_a_body_over_the_limit_is_refused_in_a_way_that_arrives(target: Target, over: int) -> None:
    """Somebody who sends it all before listening hears why, and not that the line broke."""
    kind = ("Content-Type", "application/json")
    body = b'{"x": "herons"}'.ljust(MAX_BODY_BYTES + over)
    with target.unharmed(), Line(target.port) as line:
        sent = message("POST", "/v1/check", target.host, target.allowed, kind, body=body)
        in_shape(line.ask(sent), 413)
        assert line.ask(message("GET", "/v1/health", target.host)).status == 200


@pytest.mark.parametrize(
    "told",
    [
        f"Content-Length: {MAX_BODY_BYTES + 1}\r\nExpect: 100-continue",
        f"Content-Length: {MAX_BODY_BYTES * 9}",
        f"Content-Length: {2**40}",
        f"Content-Length: {'9' * 100}",
    ],
)
def test_what_will_be_far_too_much_is_refused_before_it_comes(target: Target, told: str) -> None:
    head = (
        f"POST /v1/check HTTP/1.1\r\nHost: {target.host[1]}\r\nContent-Type: application/json\r\n"
    )
    with target.unharmed(), Line(target.port) as line:
        in_shape(line.ask(f"{head}{told}\r\n\r\n".encode()), 413)


def test_a_body_of_exactly_the_limit_is_read(target: Target) -> None:
    kind = ("Content-Type", "application/json")
    body = target.body("/v1/check").ljust(MAX_BODY_BYTES)
    with Line(target.port) as line:
        sent = message("POST", "/v1/check", target.host, target.allowed, kind, body=body)
        assert line.ask(sent).status == 200


@pytest.mark.parametrize("size", [100_000, 4_000_000, MAX_BODY_BYTES - 2000])
def test_the_text_of_a_mail_is_never_in_a_file(
    target: Target, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    text = ("Seventeen violet herons. " * (size // 25 + 1))[:size]
    for path in ("/v1/check", "/v1/sent"):
        body = target.body(path).replace(b"Seventeen herons.", text.encode())
        assert len(body) > size
        kind = ("Content-Type", "application/json")
        with watched_files() as found, Line(target.port) as line:
            sent = message("POST", path, target.host, target.allowed, kind, body=body)
            assert line.ask(sent).status == 200
        # gpg's own folders hold keys; what is left in them is looked through below.
        spooled = [
            name for name in found if str(elsewhere) in name and "last-look-gpg-" not in name
        ]
        assert not spooled
    assert not list(elsewhere.iterdir())
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"herons" not in file.read_bytes()
    for handle in Path("/proc/self/fd").glob("*") if sys.platform == "linux" else ():
        with contextlib.suppress(OSError):
            assert str(elsewhere) not in os.readlink(handle)
    target.says_nothing_personal()


@pytest.mark.parametrize(
    "kind",
    [tempfile.TemporaryFile, tempfile.NamedTemporaryFile, tempfile.mkstemp, tempfile.mkdtemp],
)
def test_the_look_for_temporary_files_sees_one(tmp_path: Path, kind: Callable[..., Any]) -> None:
    """What the test above relies upon."""
    with watched_files() as found:
        made = kind(dir=tmp_path)
    assert [name for name in found if str(tmp_path) in name]
    if isinstance(made, tuple):
        os.close(made[0])
    elif not isinstance(made, str):
        made.close()


def test_the_look_for_temporary_files_sees_one_that_has_a_name(tmp_path: Path) -> None:
    with watched_files() as found:
        (tmp_path / "spooled").write_bytes(b"herons")
        open(tmp_path / "other", "wb").close()
    assert [Path(name).name for name in found] == ["spooled", "other"]
