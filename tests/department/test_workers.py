"""Several workers on one data folder: where they may be, and where not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from addin_service.settings import Settings
from addin_service.store.engine import Store
from tests.department import worker
from tests.department.fixture import Department
from tests.department.worker import Worker


def serve(settings: Settings, port: int) -> "subprocess.CompletedProcess[str]":
    """`addin-service serve` where it is expected to refuse."""
    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
    return subprocess.run(
        [sys.executable, "-m", "addin_service", *place, "serve", "--port", str(port)],
        env={**os.environ, "ADDIN_SERVICE_DATABASE": settings.database},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


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


@pytest.mark.postgresql
@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_database_may_be_named_as_anybody_names_it(department: Department, scheme: str) -> None:
    url = department.installation.settings.database
    store = Store(url.replace("postgresql+psycopg", scheme))
    with store.read() as connection:
        assert connection.dialect.driver == "psycopg"
    store.close()
