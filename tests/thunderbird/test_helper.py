"""A user who connects nothing by hand: the helper brings the connection and starts the service."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from addin_service import listening, manifests
from tests.helper.desk import is_alive

from .desk import COMMAND
from .harness import Page, Sink, Thunderbird, running, until
from .standin import StandIn

COLLEAGUE = "joe.marsh@council.example"


@dataclass(frozen=True)
class Home:
    """One user's home folder, with the helper installed as the user would."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / ".local/share/addin-service"

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [*COMMAND, *words], capture_output=True, text=True, env=self._environment(), timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {"HOME": str(self.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}

    def service(self) -> listening.Listening:
        found = listening.noted(self.data)
        assert found is not None
        return found

    def kill_service(self) -> int:
        """As by a power cut."""
        process = self.service().process
        os.kill(process, signal.SIGKILL)
        until("the service is gone", lambda: not is_alive(process))
        return process

    def is_served(self) -> bool:
        found = listening.noted(self.data)
        return found is not None and is_alive(found.process)

    def clear(self) -> None:
        found = listening.noted(self.data)
        if found is not None and is_alive(found.process):
            os.kill(found.process, signal.SIGKILL)

    def clients(self) -> list[str]:
        lines = self.command("client", "list").splitlines()[1:]
        return [line.rpartition("  ")[2] for line in lines]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    if sys.platform != "linux":
        pytest.skip("looks for processes as Linux has them")
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    home.command("helper", "install")
    yield home
    home.clear()


@pytest.fixture
def user(home: Home, sink: Sink, needs_thunderbird: None) -> Iterator[Thunderbird]:
    """The extension from a file, no policy, no pairing: nothing but the helper."""
    xpi, _ = manifests.build("http://127.0.0.1:8025", home.folder / "built")
    with running(Thunderbird(home.folder, smtp_port=sink.port)) as thunderbird:
        thunderbird.install(xpi)
        until("the extension", thunderbird.extension_is_ready)
        yield thunderbird
        thunderbird.close_everything()


def connected(user: Thunderbird) -> dict[str, str]:
    return dict(until("a connection", lambda: user.storage("session").get("handed"), patience=60))


AGAIN = "document.querySelector('.again-button:enabled')"


def send(home: Home, user: Thunderbird, sink: Sink) -> None:
    """A mail that goes; while the service is being started, when it is tried again."""
    compose = user.compose(COLLEAGUE)
    compose.send()
    until("sent, or the review", lambda: not compose.is_open or not user.no_review())

    def tried() -> bool:
        with contextlib.suppress(Exception):  # a window that closes meanwhile
            for window in user._review_windows() if home.is_served() else []:
                Page(user, window).run(f"then(() => {AGAIN}?.click());")
        return not compose.is_open

    until("sent", tried)
    sink.next()


def page(user: Thunderbird) -> Page:
    user.run(
        """const { extension } = WebExtensionPolicy.getByID("last-look@addin-service.example");
        const tabmail = all("mail:3pane")[0].document.getElementById("tabmail");
        tabmail.openTab("contentTab", {
          url: extension.baseURI.resolve("options.html"),
          linkHandler: "single-page", triggeringPrincipal: extension.principal,
          userContextId: 0,
        });"""
    )
    return user.options()


def test_the_helper_alone_connects_and_no_secret_is_written(
    home: Home, user: Thunderbird, sink: Sink
) -> None:
    handed = connected(user)
    assert handed["service"] == home.service().service
    kept = user.storage("local")
    assert set(kept) <= {"profile", "unreachable", "lastLook"}
    send(home, user, sink)
    assert home.clients() == ["active"]
    secret = handed["token"].partition(".")[2]
    for path in (home.folder / "profile").rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def test_a_service_that_was_killed_is_started_by_the_next_mail(
    home: Home, user: Thunderbird, sink: Sink
) -> None:
    connected(user)
    killed = home.kill_service()
    send(home, user, sink)
    assert home.service().process != killed
    assert home.clients() == ["active"]


def test_a_folder_that_was_set_up_anew_is_met_anew(
    home: Home, user: Thunderbird, sink: Sink
) -> None:
    before = connected(user)["token"]
    home.kill_service()
    home.data.rename(home.data.with_name("set aside"))
    send(home, user, sink)
    assert connected(user)["token"] != before


def test_disconnect_holds_until_connect_is_pressed(
    home: Home, user: Thunderbird, sink: Sink
) -> None:
    connected(user)
    options = page(user)
    options.until_text("has proven itself")
    options.click("#forget")
    options.until_text("Not connected")
    assert home.clients() == ["revoked"]
    assert "handed" not in user.storage("session")

    compose = user.compose(COLLEAGUE)
    compose.send()
    assert "has not been introduced" in user.review().text
    compose.until_free()
    assert not sink.delivered

    options.click("#connect")
    options.until_text("has proven itself")
    assert home.clients() == ["revoked", "active"]
    user.review().click(".again-button")
    compose.until_closed()
    sink.next()


def test_every_step_is_tried_and_told(home: Home, user: Thunderbird) -> None:
    connected(user)
    receipts = home.command("audit", "verify")
    options = page(user)
    options.until_text("has proven itself")
    options.click("#test")
    options.until_text("Every step works.")
    assert options.labels("#steps .bad, #steps .skipped") == []
    assert len(options.labels("#steps .ok")) == 7
    assert home.command("audit", "verify") == receipts

    report = str(options.run("return document.getElementById('report').textContent;"))
    assert "@" not in report
    assert str(connected(user)["token"].partition(".")[2]) not in report

    home.kill_service()
    options.click("#test")
    options.until_text("Something does not work")
    assert "Does not work: The service answers" in "".join(options.labels("#steps .bad"))
    assert len(options.labels("#steps .skipped")) == 4


def test_whoever_squats_on_the_port_gets_nothing_and_the_mail_goes(
    home: Home, user: Thunderbird, sink: Sink
) -> None:
    handed = connected(user)
    home.kill_service()
    port = int(handed["service"].rpartition(":")[2])
    squatter = until("the port", lambda: _squatter(port))
    try:
        send(home, user, sink)
        assert {asked.path for asked in squatter.asked} <= {"/v1/hello", "/v1/health"}
        assert connected(user)["service"] != handed["service"]
    finally:
        squatter.stop()


def _squatter(port: int) -> StandIn | None:
    try:
        return StandIn(port, "")
    except OSError:
        return None


@contextlib.contextmanager
def rolled_out(home: Home, sink: Sink, service: str) -> Iterator[Thunderbird]:
    """Force-installed by the administrator's policy, which has the address and no token."""
    policies = manifests.build(service, home.folder / "built")[1]
    said = json.loads(policies.read_text())
    assert "token" not in policies.read_text()
    with running(Thunderbird(home.folder, smtp_port=sink.port, policies=said)) as thunderbird:
        until("the extension", thunderbird.extension_is_ready)
        yield thunderbird


def test_rolled_out_to_a_machine_each_user_is_connected_whatever_port_is_free(
    home: Home, sink: Sink, needs_thunderbird: None
) -> None:
    """The port of the policy is taken, as by the service of whoever signed in first."""
    with socket.create_server(("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        with rolled_out(home, sink, f"http://127.0.0.1:{port}") as user:
            handed = connected(user)
            assert handed["service"] == home.service().service != f"http://127.0.0.1:{port}"
            send(home, user, sink)


def test_where_a_department_serves_the_helper_is_not_asked(
    home: Home, sink: Sink, needs_thunderbird: None
) -> None:
    with rolled_out(home, sink, "https://lastlook.council.example") as user:
        compose = user.compose(COLLEAGUE)
        compose.send()
        assert "has not been introduced" in user.review().text
        compose.until_free()
        assert "handed" not in user.storage("session")
        assert not home.data.exists()
        user.close_everything()
    assert not sink.delivered
