"""One real Thunderbird for the folder; every test gets fresh windows and an empty port."""

import contextlib
import json
import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from addin_service import manifests

from .desk import Desk, Service
from .harness import Sink, Thunderbird, free_port, missing, running, until
from .standin import StandIn

NEEDS_THUNDERBIRD = {
    "thunderbird", "plain_thunderbird", "unpaired_thunderbird", "needs_thunderbird",
}  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = missing()
    for item in items:
        if not NEEDS_THUNDERBIRD & set(getattr(item, "fixturenames", ())):
            continue
        item.add_marker(pytest.mark.thunderbird)
        item.add_marker(pytest.mark.timeout(180))
        if reason and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure tells what the sender would have seen."""
    report = yield
    thunderbird = getattr(item, "funcargs", {}).get("thunderbird")
    if report.when == "call" and report.failed and thunderbird is not None:
        with contextlib.suppress(Exception):
            report.sections.append(("what was open", thunderbird.open_windows()))
    return report


@pytest.fixture
def needs_thunderbird() -> None:
    """For a test that starts a Thunderbird of its own."""


@pytest.fixture(scope="session")
def sink_server() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.stop()


@pytest.fixture
def sink(sink_server: Sink) -> Sink:
    sink_server.delivered.clear()
    sink_server.refusing = False
    sink_server.refusing_for = ""
    sink_server.holding = False
    return sink_server


@pytest.fixture(scope="session")
def port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk as it is on its first morning: an organisation folder, one paired client, no history."""
    return Desk.make(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="session")
def managed_thunderbird(
    tmp_path_factory: pytest.TempPathFactory, port: int, desk: Desk, sink_server: Sink
) -> Iterator[Thunderbird]:
    """Set up by the administrator: what `manifest build` wrote, force-installed by policy."""
    folder = tmp_path_factory.mktemp("managed")
    _, policies = manifests.build(f"http://127.0.0.1:{port}", folder / "built", token=desk.token)
    with running(
        Thunderbird(
            folder / "thunderbird",
            smtp_port=sink_server.port,
            policies=json.loads(policies.read_text()),
        )
    ) as thunderbird:
        until("the extension", thunderbird.extension_is_ready)
        yield thunderbird


@pytest.fixture
def thunderbird(
    managed_thunderbird: Thunderbird, request: pytest.FixtureRequest
) -> Iterator[Thunderbird]:
    managed_thunderbird.storage("local", "clear")
    managed_thunderbird.storage("session", "clear")
    managed_thunderbird.empty_folders()
    yield managed_thunderbird
    managed_thunderbird.screenshot(re.sub(r"\W+", "-", request.node.name))
    managed_thunderbird.close_everything()


@pytest.fixture(scope="session")
def plain_thunderbird(
    tmp_path_factory: pytest.TempPathFactory, sink_server: Sink
) -> Iterator[Thunderbird]:
    """The same Thunderbird without the extension."""
    folder = tmp_path_factory.mktemp("plain")
    with running(Thunderbird(folder / "thunderbird", smtp_port=sink_server.port)) as thunderbird:
        yield thunderbird


@pytest.fixture
def unpaired_thunderbird(tmp_path: Path, port: int, sink: Sink) -> Iterator[Thunderbird]:
    """A user's own: the extension installed from a file, no policy, not yet introduced."""
    xpi, _ = manifests.build(f"http://127.0.0.1:{port}", tmp_path / "built")
    with running(Thunderbird(tmp_path / "thunderbird", smtp_port=sink.port)) as thunderbird:
        thunderbird.install(xpi)
        until("the extension", thunderbird.extension_is_ready)
        yield thunderbird


@pytest.fixture
def service(desk: Desk, port: int, tmp_path: Path) -> Iterator[Service]:
    """The real service, with no history."""
    with Service.started(desk, port, tmp_path / "data") as service:
        yield service


@pytest.fixture
def standin(desk: Desk, port: int) -> Iterator[StandIn]:
    """Knows the token and does as the test says."""
    standin = StandIn(port, desk.token)
    yield standin
    standin.stop()


@pytest.fixture
def squatter(port: int) -> Iterator[StandIn]:
    """Holds the port, and does not know the token."""
    squatter = StandIn(port, "")
    yield squatter
    squatter.stop()


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str, float], None]:
    """Note a time that was measured; `pytest -s` shows it."""

    def note(what: str, seconds: float) -> None:
        record_property(what, round(seconds, 3))
        print(f"\n  {what}: {seconds:.3f} s")

    return note
