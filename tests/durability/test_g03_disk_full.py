"""G3. The disk is full, a write fails, the n-th of them: a receipt and an answer, or neither.

SQLite's own tests let every write fail in turn until none fails any more. So do these, with three
kinds of failure: a file system without room, a file that may not grow, a statement that raises.
"""

import contextlib
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from addin_service import drafts, sending
from addin_service.installation import Installation, open_installation
from addin_service.model import Answer, Choice, VerdictWord
from addin_service.settings import Settings
from addin_service.store import receipts
from addin_service.store.engine import StoreUnavailable
from tests.conftest import Live, draft_json, needs, serving
from tests.durability.harness import assert_record, assert_whole, private

PAGE = 4096
N = 50


def stranger(number: int = 0) -> drafts.Draft:
    """A draft whose answer, history and receipt all have to be written."""
    return drafts.make(
        ("ann.lee@council.example", "Ann Lee"),
        ([(f"al{number}@unknown-firm{number}.example", "Al " * 20)], (), ()),
        body="Hello Al,\n\nhere it is.\n",
    )


def whole_story(installation: Installation, number: int, acknowledged: set[str]) -> None:
    """Check, answer, send; every reference that was given out is noted."""
    reviewer, draft = installation.reviewer, stranger(number)
    first = reviewer.check(draft, "test")
    acknowledged.add(str(first.reference))
    answers = [
        Answer(judged.id, Choice(judged.ask.value if judged.ask.value != "choose" else "keep"))
        for judged in first.verdict.shown
        if judged.ask
    ]
    second = reviewer.check(draft, "test", review=first.review, answers=answers)
    acknowledged.add(str(second.reference))
    assert second.verdict.word is VerdictWord.ALLOW
    reference = sending.record(reviewer, draft, "test", "sent", second.review)
    assert reference == second.reference


# A file system without room


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    needs("root, who may mount a file system,", os.geteuid() == 0 and sys.platform == "linux")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],
        capture_output=True, check=False,
    )  # fmt: skip
    needs("the right to mount a file system", mounted.returncode == 0)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


class Ballast:
    """A file that takes up what room there is."""

    def __init__(self, place: Path) -> None:
        self.file = place / "ballast"

    def fill(self, but_pages: int = 0) -> None:
        """Leave room for so many pages."""
        with self.file.open("ab", buffering=0) as out, contextlib.suppress(OSError):
            while out.write(b"\0" * PAGE):
                pass
        size = self.file.stat().st_size // PAGE * PAGE
        os.truncate(self.file, max(0, size - but_pages * PAGE))

    def remove(self) -> None:
        """Make room again."""
        self.file.unlink()


def test_on_a_full_disk_nothing_is_answered_and_with_room_again_everything(
    small_disk: Path,
) -> None:
    installation = open_installation(private(small_disk))
    ballast = Ballast(small_disk)
    with serving(installation) as live:
        noted = {live.check(draft_json("jo@council.example"))["reference"]}
        ballast.fill()
        for path, more in (("/v1/check", {}), ("/v1/sent", {"outcome": "sent"})):
            answer = live.call("POST", path, {"draft": draft_json("jo@council.example"), **more})
            assert answer.status == 503
            assert set(answer.json["error"]) == {"code", "message", "hint"}
        # What needs no writing is answered all the same.
        assert live.call("GET", "/v1/health").status == 200
        typing = {"draft": draft_json("jo@council.example"), "purpose": "typing"}
        assert live.call("POST", "/v1/check", typing).status == 200
        assert assert_record(installation, noted) == 1
        ballast.remove()
        noted.add(live.check(draft_json("jo@council.example"))["reference"])
        told = {"draft": draft_json("jo@council.example"), "outcome": "sent"}
        noted.add(live.call("POST", "/v1/sent", told).json["reference"])
        assert assert_record(installation, noted) == 3
    installation.close()


def test_with_room_for_n_pages_a_receipt_and_an_answer_or_neither(small_disk: Path) -> None:
    installation = open_installation(private(small_disk))
    ballast, noted = Ballast(small_disk), set[str]()
    ends = []
    for pages in range(N + 1):
        ballast.fill(pages)
        before = assert_record(installation, noted)
        try:
            whole_story(installation, pages, noted)
        except StoreUnavailable:
            ends.append(False)
        else:
            ends.append(True)
        ballast.remove()
        after = assert_record(installation, noted)
        assert after >= before
        installation.store.engine.dispose()
        with contextlib.suppress(FileNotFoundError):
            assert not (installation.settings.data / "record.db-journal").stat().st_size
    # Both happened: without room it fails, with enough it does not.
    assert not ends[0]
    assert ends[-1]
    whole_story(installation, N + 1, noted)
    installation.close()
    assert_whole(installation.settings, noted)


def test_a_first_start_on_a_full_disk_leaves_nothing_that_hinders_the_next(
    small_disk: Path,
) -> None:
    ballast, settings = Ballast(small_disk), private(small_disk)
    failures = 0
    for pages in range(0, 60, 3):
        ballast.fill(pages)
        try:
            open_installation(settings).close()
        except (StoreUnavailable, OSError):
            failures += 1
        ballast.remove()
        if settings.secret_file.exists():
            assert settings.secret_file.stat().st_size == 32
    assert failures
    assert assert_whole(settings, set()) == 0


# A file that may not grow


def _limited(data: str, organisation: str, headroom: int) -> None:
    """In a process of its own: its files may grow by so much only. Tells what was acknowledged."""
    installation = open_installation(Settings(Path(data), Path(organisation)))
    size = installation.settings.database_file.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + headroom, resource.RLIM_INFINITY))
    noted: set[str] = set()
    refused = 0
    for number in range(40):
        try:
            whole_story(installation, number, noted)
        except StoreUnavailable:
            refused += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    # In this very process, without a restart.
    whole_story(installation, 99, noted)
    print(refused, *sorted(noted))


@pytest.mark.parametrize("headroom", [0, PAGE, 3 * PAGE])
def test_a_file_that_may_not_grow_is_a_full_disk(tmp_path: Path, headroom: int) -> None:
    settings = private(tmp_path)
    assert_whole(settings, set())
    call = f"from {__name__} import _limited; _limited({str(settings.data)!r}, {str(settings.organisation)!r}, {headroom})"
    done = subprocess.run(
        [sys.executable, "-c", call], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    refused, *noted = done.stdout.split()
    assert int(refused) > 0
    assert assert_whole(settings, set(noted)) >= len(noted)


def test_a_database_that_may_have_no_more_pages(installation: Installation) -> None:
    noted: set[str] = set()
    whole_story(installation, 0, noted)
    limits = {"pages": 0}

    @event.listens_for(installation.store.engine, "begin")
    def limit(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={limits['pages'] or 1_000_000}").scalar()

    with installation.store.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    refused = 0
    for more in range(N):
        limits["pages"] = pages + more // 2
        try:
            whole_story(installation, more + 1, noted)
        except StoreUnavailable:
            refused += 1
        assert_record(installation, noted)
    # Each page that is added is enough for something, and soon is not enough again.
    assert refused > 10
    assert len(noted) > 10
    limits["pages"] = 0
    whole_story(installation, N + 1, noted)
    assert_record(installation, noted)


# The n-th statement, the n-th commit


Place = Callable[[int], Any]


@contextlib.contextmanager
def failing_statement(installation: Installation, n: int) -> Iterator[None]:
    """The n-th statement raises what SQLite raises on a bad disk."""
    count = {"left": n}

    @event.listens_for(installation.store.engine, "do_execute")
    def execute(*_call: Any) -> None:
        count["left"] -= 1
        if count["left"] == 0:
            raise sqlite3.OperationalError("disk I/O error: al@unknown-firm.example")

    yield
    event.remove(installation.store.engine, "do_execute", execute)
    if count["left"] > 0:
        raise LookupError("there was no such statement")


@contextlib.contextmanager
def interrupted(installation: Installation, n: int) -> Iterator[None]:
    """Work stops inside a statement, after the more steps of SQLite's machine the larger n is."""
    stopped = []

    def stop() -> int:
        stopped.append(True)
        return 1

    @event.listens_for(installation.store.engine, "begin")
    def begin(connection: Any) -> None:
        driver = connection.connection.dbapi_connection
        driver.set_progress_handler(stop, round(3 * 1.15**n))

    yield
    event.remove(installation.store.engine, "begin", begin)
    installation.store.engine.dispose()
    if not stopped:
        raise LookupError("it was over before")


@contextlib.contextmanager
def failing_commit(installation: Installation, n: int) -> Iterator[None]:
    """The n-th commit raises: every other time after the commit has been done."""
    dialect = installation.store.engine.dialect
    count = {"left": (n + 1) // 2}

    def commit(connection: Any) -> None:
        count["left"] -= 1
        if count["left"] == 0 and n % 2:
            raise sqlite3.OperationalError("database or disk is full")
        connection.commit()
        if count["left"] == 0:
            raise sqlite3.OperationalError("disk I/O error")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "do_commit", commit)
        yield
    if count["left"] > 0:
        raise LookupError("there was no such commit")


@pytest.mark.parametrize("fault", [failing_statement, interrupted, failing_commit])
def test_whichever_write_fails_a_receipt_and_an_answer_or_neither(
    installation: Installation, fault: Callable[[Installation, int], Any]
) -> None:
    noted: set[str] = set()
    whole_story(installation, 0, noted)
    failed = 0
    for n in range(1, 4 * N):
        before = assert_record(installation, noted)
        gave = set[str]()
        try:
            with fault(installation, n):
                try:
                    whole_story(installation, n, gave)
                except StoreUnavailable:
                    failed += 1
        except LookupError:
            break  # every write there is has failed once
        noted |= gave
        # Of what was not answered at most one receipt is there: its commit came before the failure.
        assert assert_record(installation, noted) <= before + len(gave) + 2
        whole_story(installation, 1000 + n, noted)  # and the next mail goes
    else:
        pytest.fail("it never came to an end")
    assert failed >= (10 if fault is not failing_commit else 6)


def test_nothing_is_half_written(installation: Installation, live: Live) -> None:
    """A send is one transaction: history learns nothing of a mail whose receipt is not there."""
    told = {"draft": draft_json("jo@council.example"), "outcome": "sent"}
    with live.installation.store.read() as connection:
        before = receipts.head(connection)[0]
    for n in range(1, 30):
        try:
            with failing_statement(installation, n):
                status = live.call("POST", "/v1/sent", told).status
        except LookupError:
            break
        assert status == 503
        with installation.store.read() as connection:
            assert receipts.head(connection)[0] == before
            for table in ("correspondents", "seen_messages", "mailboxes"):
                assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
    else:
        pytest.fail("it never came to an end")
    assert n > 5
