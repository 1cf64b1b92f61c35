"""A service that is told to stop first answers what it has taken up."""

import http.client
import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin_service.installation import open_installation
from addin_service.settings import Settings
from addin_service.store import clients, receipts, times
from tests.conftest import draft_json, needs
from tests.department.worker import Worker, running

CALLERS = 20


@pytest.fixture
def token(settings: Settings) -> str:
    """A client of the installation."""
    installation = open_installation(settings)
    with installation.store.write() as connection:
        _, made = clients.add(connection, "test", "sender", times.now())
    installation.close()
    return made


@pytest.fixture
def worker(settings: Settings, token: str, tmp_path: Path) -> Iterator[Worker]:
    """The service, as a process."""
    needs("signals", hasattr(signal, "SIGSTOP"), "another system has none of these")
    with running(Worker(settings, 0, tmp_path / "log")) as started:
        yield started


def check(port: int, token: str) -> bytes:
    """A check as bytes."""
    draft = draft_json("p.tann@chambers.example")
    body = json.dumps({"purpose": "send", "draft": draft}).encode()
    head = (
        f"POST /v1/check HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def answered(line: socket.socket) -> http.client.HTTPResponse:
    """The answer that comes on this connection."""
    response = http.client.HTTPResponse(line)
    response.begin()
    return response


def test_who_waits_to_be_let_in_is_answered_before_the_end(
    worker: Worker, token: str, settings: Settings
) -> None:
    asked = check(worker.port, token)
    worker.tell(signal.SIGSTOP)  # so that all of them wait in the system's queue
    lines = [socket.create_connection(("127.0.0.1", worker.port), 30) for _ in range(CALLERS)]
    for line in lines:
        line.sendall(asked)
    worker.tell(signal.SIGTERM)
    worker.tell(signal.SIGCONT)
    references = set()
    for line in lines:
        with line, answered(line) as answer:
            assert answer.status == 200
            assert answer.getheader("Connection") == "close"
            references.add(json.load(answer)["reference"])
    assert worker.ended() == 0
    installation = open_installation(settings)
    with installation.store.read() as connection:
        kept = {row.reference for row in receipts.rows(connection)}
    installation.close()
    assert references == kept
    assert len(kept) == CALLERS


def test_a_request_that_has_begun_may_end(worker: Worker, token: str) -> None:
    asked = check(worker.port, token)
    with socket.create_connection(("127.0.0.1", worker.port), 30) as line:
        line.sendall(asked[:-20])
        with socket.create_connection(("127.0.0.1", worker.port), 30) as other:
            other.sendall(asked)
            with answered(other) as answer:  # the first one's beginning has been read by now
                assert json.load(answer)["reference"]
            worker.tell(signal.SIGTERM)
            assert other.recv(1) == b"", "an idle connection is closed"
        line.sendall(asked[-20:])
        with answered(line) as answer:
            assert answer.status == 200
    assert worker.ended() == 0


def test_who_says_nothing_keeps_nobody_waiting(worker: Worker) -> None:
    with socket.create_connection(("127.0.0.1", worker.port), 30) as silent:
        worker.tell(signal.SIGTERM)
        assert silent.recv(1) == b""
        assert worker.ended() == 0


def test_the_supervisor_hears_of_the_beginning_and_the_end(
    settings: Settings, token: str, tmp_path: Path
) -> None:
    needs("Unix sockets", hasattr(socket, "AF_UNIX"), "another system has none")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(60)
        listening.bind(str(tmp_path / "n"))
        worker = Worker(settings, 0, tmp_path / "log", {"NOTIFY_SOCKET": str(tmp_path / "n")})
        with running(worker):
            assert listening.recv(100) == b"READY=1"
            assert worker.answers()
            worker.tell(signal.SIGTERM)
            assert listening.recv(100) == b"STOPPING=1"
            assert worker.ended() == 0
