"""The service as a process of its own that can be killed, and a record of what it acknowledged."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from addin_service.installation import Installation, open_installation
from addin_service.receipts import verify
from addin_service.settings import Settings
from addin_service.store import clients, receipts, times
from tests.conftest import Answer


def place(settings: Settings) -> list[str]:
    """The options that name this installation."""
    return ["--data", str(settings.data), "--organisation", str(settings.organisation)]


def a_token(settings: Settings, role: str = "sender") -> str:
    """A client of this installation."""
    installation = open_installation(settings)
    with installation.store.write() as connection:
        _, token = clients.add(connection, "test", role, times.now())
    installation.close()
    return token


@dataclass
class Process:
    """`addin-service serve`, as it runs for people."""

    child: subprocess.Popen[str]
    base: str

    def call(self, method: str, path: str, body: Any, token: str) -> Answer:
        """One request; raises `OSError` where the process has gone."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def kill(self) -> None:
        """As a power cut does it to a process."""
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()


@contextmanager
def served(
    settings: Settings, errors: IO[str] | int = subprocess.DEVNULL, **environment: str
) -> Iterator[Process]:
    """The real service on a free port, once it says where it listens."""
    child = subprocess.Popen(
        [sys.executable, "-m", "addin_service", "serve", "--port", "0", *place(settings)],
        stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **environment},
    )  # fmt: skip
    assert child.stdout is not None
    try:
        first = child.stdout.readline()
        assert "listens on http://" in first, first
        yield Process(child, first.split()[-1])
    finally:
        if child.poll() is None:
            child.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.wait(10)
        if child.poll() is None:
            child.kill()
            child.wait()
        child.stdout.close()


@dataclass
class Acknowledged:
    """What clients were told: the references, and in how many answers there was none."""

    references: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, reference: str) -> None:
        """An answer was received whole."""
        with self.lock:
            self.references.add(reference)


def assert_whole(settings: Settings, acknowledged: set[str]) -> int:
    """The record after a crash: sound, its chain whole, nothing acknowledged lost. Its length."""
    installation = open_installation(settings)
    try:
        return assert_record(installation, acknowledged)
    finally:
        installation.close()


def assert_record(installation: Installation, acknowledged: set[str]) -> int:
    """The same of an installation that is open."""
    with installation.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        rows = list(receipts.rows(connection))
        head = receipts.head(connection)
    assert verify(installation.reviewer.chain_key, rows, head) is None
    assert acknowledged <= {row.reference for row in rows}
    return len(rows)


def private(path: Path) -> Settings:
    """The settings of an installation in this folder."""
    (path / "organisation").mkdir(exist_ok=True)
    return Settings(path / "data", path / "organisation")
