"""Several workers on one data folder: where they may be, and where not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from addin_service.settings import Settings
from addin_service.store import schema
from addin_service.store.engine import POOL, Store
from addin_service.web.server import THREADS
from tests.department import worker
from tests.department.fixture import Department
from tests.department.worker import Worker
from tests.store import server


def serve(settings: Settings, port: int) -> "subprocess.CompletedProcess[str]":
    """`addin-service serve` where it is expected to refuse."""
    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
    return subprocess.run(
        [sys.executable, "-m", "addin_service", *place, "serve", "--port", str(port)],
        env={**os.environ, "ADDIN_SERVICE_DATABASE": settings.database},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def doctor(settings: Settings) -> str:
    """What `addin-service doctor` says."""
    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
    done = subprocess.run(
        [sys.executable, "-m", "addin_service", *place, "doctor"],
        env={**os.environ, "ADDIN_SERVICE_DATABASE": settings.database},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stdout


@pytest.mark.postgresql
def test_each_worker_has_a_port_of_its_own(department: Department) -> None:
    first, second = department.workers
    assert first.port != second.port
    assert first.answers()
    assert second.answers()
    done = serve(department.installation.settings, first.port)
    assert done.returncode == 3
    assert f"already running on this data folder with port {first.port}" in done.stderr
    assert "hint: Give each worker a port of its own" in done.stderr


def test_one_file_has_one_worker(settings: Settings, tmp_path: Path) -> None:
    with worker.running(Worker(settings, 0, tmp_path / "log")):
        done = serve(settings, 0)
    assert done.returncode == 3
    assert "already running on this data folder" in done.stderr
    assert "PostgreSQL" in done.stderr


def test_a_killed_worker_leaves_its_place_free(settings: Settings, tmp_path: Path) -> None:
    for _ in range(3):
        with worker.running(Worker(settings, 0, tmp_path / "log")) as started:
            assert started.answers()
            started.kill()


def test_a_department_is_told_under_which_name_it_is_reached(
    settings: Settings, tmp_path: Path
) -> None:
    settings.data.mkdir()
    settings.department_file.write_text('public = "https://lastlook.council.example"\n')
    started = Worker(settings, 0, tmp_path / "log")
    started.start()
    assert started.process is not None
    assert started.process.stdout is not None
    try:
        for line in started.process.stdout:
            if "lastlook.council.example" in line:
                return
        pytest.fail("it was not said")
    finally:
        started.kill()


def test_no_thread_waits_for_a_connection() -> None:
    assert POOL >= THREADS + 1, "one is the indexer's"


@pytest.mark.postgresql
def test_doctor_says_where_the_database_may_lose_a_receipt(department: Department) -> None:
    """The tests' own server does not wait for the disk; with everything on nothing is said."""
    store = department.installation.store
    assert schema.careless(store) == ["fsync"]
    said = doctor(department.installation.settings)
    assert "PostgreSQL has fsync = off" in said
    assert "synchronous_commit" not in said
    with server.running(durable=True) as durable:
        other = Store(durable.url())
        assert schema.careless(other) == []
        other.close()
        lax = Store(durable.url() + "%20-csynchronous_commit%3Doff")
        assert schema.careless(lax) == ["synchronous_commit"]
        lax.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_database_may_be_named_as_anybody_names_it(department: Department, scheme: str) -> None:
    url = department.installation.settings.database
    store = Store(url.replace("postgresql+psycopg", scheme))
    with store.read() as connection:
        assert connection.dialect.driver == "psycopg"
    store.close()
