"""G1. Killed at any moment, the service has every receipt it ever acknowledged.

The client's own note of each answer is the witness; the record is held against it after each crash.
"""

import multiprocessing
import os
import random
import subprocess
import sys
import threading
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from addin_service.secrets import load_or_create
from tests.conftest import draft_json
from tests.durability.harness import Acknowledged, a_token, assert_whole, place, private, served
from tests.durability.writer import write

SMALL_KILLS = 48
SERVER_KILLS = 12
SEED = 20111


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_writer_killed_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    settings = private(tmp_path)
    assert_whole(settings, set())
    chance, noted, before = random.Random(SEED), set[str](), 0
    # Forked from a process that has read the program already, which saves a second each.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.durability.writer"])
    for _ in range(SMALL_KILLS):
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=write, args=(settings, theirs))
        child.start()
        theirs.close()
        # The moment is counted in answers, and falls wherever the next one happens to be.
        for _ in range(chance.randrange(1, 25)):
            noted.add(ours.recv_bytes().decode())
        child.kill()
        with suppress(EOFError, ConnectionResetError):
            while True:  # what it said before it died, read by us in time or not
                noted.add(ours.recv_bytes().decode())
        ours.close()
        child.join()
        there = assert_whole(settings, noted)
        assert there > before
        before = there
    assert len(noted) >= SMALL_KILLS
    # Of receipts that nobody heard of there is at most one per crash.
    assert len(noted) <= before <= len(noted) + SMALL_KILLS


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_service_killed_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    settings = private(tmp_path)
    token = a_token(settings)
    chance, noted = random.Random(SEED), Acknowledged()
    body = {"draft": draft_json("jo@council.example", "al@unknown-firm.example")}
    for _ in range(SERVER_KILLS):
        with served(settings) as process:
            wanted = len(noted.references) + chance.randrange(5, 60)
            enough = threading.Event()

            def ask() -> None:
                with suppress(OSError, HTTPException):  # the process has gone
                    while True:
                        answer = process.call("POST", "/v1/check", body, token)
                        assert answer.status == 200
                        noted.add(answer.json["reference"])
                        if len(noted.references) >= wanted:  # noqa: B023
                            enough.set()  # noqa: B023

            askers = [threading.Thread(target=ask) for _ in range(4)]
            for asker in askers:
                asker.start()
            assert enough.wait(60)
            process.kill()
            for asker in askers:
                asker.join(30)
                assert not asker.is_alive()
        assert_whole(settings, noted.references)


@pytest.mark.timeout(120)
def test_killed_while_it_is_installed_it_starts_afterwards(tmp_path: Path) -> None:
    """The first start makes secret, policy and tables: each half of that must be a beginning."""
    settings = private(tmp_path)
    for stop_at in (0, 1, 16, 31):
        settings.data.mkdir(exist_ok=True)
        for leftover in settings.data.iterdir():
            leftover.unlink()
        # As it is between the making of the file and the writing of it.
        (settings.data / f"secret.key.{os.getpid()}.new").write_bytes(b"x" * stop_at)
        assert assert_whole(settings, set()) == 0


def test_the_secret_is_never_half_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees the file sees all of it: it gets its name when it is whole and on the disk."""
    seen: list[str] = []
    real = os.replace

    def replace(source: str, target: str) -> None:
        assert Path(source).stat().st_size == 32
        assert Path(source).stat().st_mode & 0o077 == 0
        assert not Path(target).exists()
        seen.append(str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    file = tmp_path / "secret.key"
    first = load_or_create(file)
    assert seen == [str(file)]
    assert load_or_create(file).digest("x", "y") == first.digest("x", "y")
    assert seen == [str(file)]


def test_a_full_disk_at_the_first_start_leaves_no_useless_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            load_or_create(tmp_path / "secret.key")
    assert not list(tmp_path.iterdir())
    load_or_create(tmp_path / "secret.key")


@pytest.mark.slow
def test_a_killed_command_leaves_the_record_whole(tmp_path: Path) -> None:
    """An import is one transaction: it is there, or it is not."""
    settings = private(tmp_path)
    assert_whole(settings, set())
    rows = "".join(f"Person {n},p{n}@chambers.example\n" for n in range(4_000))
    (tmp_path / "many.csv").write_text("name,email\n" + rows, "utf-8")
    command = [sys.executable, "-m", "addin_service", "contacts", "import", *place(settings)]
    journal = settings.data / "record.db-journal"
    child = subprocess.Popen(
        [*command, str(tmp_path / "many.csv")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not journal.exists() and child.poll() is None:
        pass  # until it writes
    child.kill()
    child.wait()
    assert assert_whole(settings, set()) in (0, 1)
    subprocess.run([*command, str(tmp_path / "many.csv")], check=True, capture_output=True)
    assert assert_whole(settings, set()) == 1
