"""What all tests share: an installation in a temporary folder, and the real service on a free port."""

import contextlib
import functools
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
from click.testing import CliRunner
from waitress import wasyncore

from addin_service.addresses import parse
from addin_service.installation import Installation, open_installation
from addin_service.log import configure
from addin_service.settings import Settings
from addin_service.store import clients, people, schema, times
from addin_service.store.engine import Store, sqlite_url
from addin_service.web.app import create_app
from addin_service.web.server import make_server
from tests.browser import launch

__all__ = ["launch"]

# A busy machine makes any single example slow; speed is measured in benchmarks, not here.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")

LONG = (
    "security", "durability", "store", "sealing", "smime", "opening", "outlook", "contacts", "cli",
    "department", "helper", "web",
)  # fmt: skip
"""Folders whose tests run real parts many times over: `make test` has them, `make check` not."""

LONGEST = (
    "test_script.py", "test_g01_kill.py", "test_g06_backup.py", "test_g08_concurrency.py",
    "test_pane.py", "test_drills.py", "test_d08_schemathesis.py", "test_signing.py",
    "test_d01_import_bombs.py", "test_f03_canaries.py", "test_c06_parsers_agree.py",
)  # fmt: skip
"""The files that take the longest begin first, so that no core is idle in the end."""

SENDER = "ann.lee@council.example"
"""Whose drafts the tests send."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is too long for `make check`, and what is not measured; put the longest first.

    What is tried hundreds of times takes twice as long under coverage, and covers nothing more.
    """
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] in LONG:
            item.add_marker(pytest.mark.slow)
        if hypothesis.is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.no_cover)
    items.sort(key=lambda item: item.path.name not in LONGEST)


def needs(
    reason: str, present: bool, way: str = "`make test` as root on Debian installs it"
) -> None:
    """Skip visibly where a part of the machine is missing; under CI=true that is a failure."""
    if present:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} is missing, and under CI=true nothing is skipped")
    pytest.skip(f"{reason} is missing; {way}")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty data folder and an empty organisation folder."""
    (tmp_path / "organisation").mkdir()
    return Settings(tmp_path / "data", tmp_path / "organisation")


@functools.cache
def _record() -> bytes:
    """An SQLite file as the migrations make it, which takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "record.db"
        with contextlib.closing(Store(sqlite_url(file))) as store:
            schema.upgrade(store)
        return file.read_bytes()


def with_record(settings: Settings) -> None:
    """Put an empty record of this version into the data folder."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.database_file.write_bytes(_record())


@pytest.fixture
def installation(settings: Settings) -> Iterator[Installation]:
    """A fresh installation on SQLite."""
    with_record(settings)
    opened = open_installation(settings)
    yield opened
    opened.close()


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Live:
    """The real service on loopback, and a client of each role."""

    base: str
    installation: Installation
    token: str
    helpdesk: str
    port: int = field(default=0)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request. `token`: "" the sender's, None for none."""
        given = {"Content-Type": "application/json"} if body is not None else {}
        if token is not None:
            given["Authorization"] = f"Bearer {token or self.token}"
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, data, given | (headers or {}), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def check(self, draft: dict[str, Any], **more: Any) -> dict[str, Any]:
        """`POST /v1/check`, which must succeed."""
        answer = self.call("POST", "/v1/check", {"purpose": "send", "draft": draft, **more})
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json
        return found


def person_with(installation: Installation, *mailboxes: str) -> str:
    """The id of a new person who may send as these."""
    now = times.now()
    with installation.store.write() as connection:
        person = people.add(connection, "", uuid.uuid4().hex, "Ann Lee", now)
        for mailbox in mailboxes:
            people.bind(connection, person.id, parse(mailbox).key, "own", "admin", now)
    return person.id


def draft_json(*to: str, sender: str = SENDER, **more: Any) -> dict[str, Any]:
    """A draft as the add-in sends it."""
    return {
        "from": {"address": sender, "name": "Ann Lee"},
        "to": [{"address": address, "name": ""} for address in to],
        "subject": "Minutes",
        "text": "Hello,\n\nhere are the minutes.\n",
        **more,
    }


@contextlib.contextmanager
def serving(installation: Installation) -> Iterator[Live]:
    """This installation behind waitress, guard and all, in a thread."""
    app: list[Any] = []
    server = make_server(lambda *call: app[0](*call), "127.0.0.1", 0)
    port = server.effective_port
    app.append(create_app(installation, "127.0.0.1", port))
    ended, woken = threading.Event(), threading.Event()

    def loop() -> None:
        # The thread that waits on the sockets closes them: nobody else knows when it may be done.
        while not ended.is_set():
            wasyncore.loop(timeout=0.05, map=server._map, count=1)
        woken.wait()
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=3)
        wasyncore.close_all(server._map)

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    with installation.store.write() as connection:
        _, token = clients.add(connection, "test", "sender", times.now())
        _, helpdesk = clients.add(connection, "desk", "helpdesk", times.now())
    try:
        yield Live(f"http://127.0.0.1:{port}", installation, token, helpdesk, port)
    finally:
        ended.set()
        server.pull_trigger()
        woken.set()
        thread.join(timeout=5)


@pytest.fixture
def live(installation: Installation) -> Iterator[Live]:
    """The real service in a thread of this process."""
    with serving(installation) as running:
        yield running


@pytest.fixture
def process(settings: Settings) -> Callable[..., subprocess.CompletedProcess[str]]:
    """As `cli`, as a process of its own: for what only a process has."""

    def run(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
        done = subprocess.run(
            [sys.executable, "-m", "addin_service", *place, *arguments],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture
def cli(settings: Settings) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Run `addin-service` on this installation, within this process: a start takes most of a second,
    and half of another under coverage.
    """
    from addin_service.cli import main

    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]

    def run(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        said = CliRunner().invoke(main, [*place, *arguments], prog_name="addin-service")
        if said.exception and not isinstance(said.exception, SystemExit):
            raise said.exception
        if check:
            assert said.exit_code == 0, said.stderr
        return subprocess.CompletedProcess(arguments, said.exit_code, said.stdout, said.stderr)

    yield run
    _log_as_before()


def _log_as_before() -> None:
    structlog.reset_defaults()
    logging.disable(logging.NOTSET)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything the service writes to standard error, logging set up as `serve` does it."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure()
    yield written
    _log_as_before()
