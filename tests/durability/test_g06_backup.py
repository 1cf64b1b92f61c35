"""G6. A backup is made while the service serves, is whole or not there, and is an installation again.

Whatever stops it, whatever was done to the file meanwhile: never half a backup under its name,
never half an installation under the data folder's, and nothing that was there is lost.
"""

import contextlib
import hashlib
import io
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from addin_service.installation import open_installation
from addin_service.review import CHAIN
from addin_service.secrets import Secret
from addin_service.settings import Settings
from addin_service.store import receipts, schema, times
from addin_service.store.engine import Store, sqlite_url
from addin_service.transfer import backups, copying, moving, places, restoring
from addin_service.transfer.problems import NotMoved
from tests.conftest import draft_json
from tests.durability.harness import Acknowledged, a_token, assert_whole, private, served
from tests.durability.test_g03_disk_full import Ballast, small_disk
from tests.store.moved import at_revision, cli, used, verdicts
from tests.store.server import Postgres, postgres

__all__ = ["postgres", "small_disk"]

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))

Fresh = Callable[[str], str]


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Iterator[Fresh]:
    """Makes what `Settings.database` takes for an empty database of a kind."""
    with contextlib.ExitStack() as stack:

        def make(kind: str) -> str:
            if kind == "sqlite":
                return ""
            server: Postgres = request.getfixturevalue("postgres")
            return stack.enter_context(server.fresh())

        yield make


def on(settings: Settings, database: str, data: str = "data") -> Settings:
    """The same place with this database."""
    return Settings(settings.data.with_name(data), settings.organisation, database)


def secret(settings: Settings) -> Secret:
    """The secret of an installation that is there."""
    return Secret(settings.secret_file.read_bytes())


def back_up(settings: Settings, file: Path, **more: Any) -> backups.Made:
    """As the command does."""
    return backups.back_up(settings, secret(settings), CHAIN, file, **more)


def restore(settings: Settings, file: Path, **more: Any) -> restoring.Restored:
    """As the command does."""
    return restoring.restore(settings, file, CHAIN, times.now(), **more)


@pytest.fixture
def desk(tmp_path: Path) -> Settings:
    """A desk in use."""
    settings = private(tmp_path)
    used(settings)[0].close()
    return settings


@pytest.fixture
def made(desk: Settings, tmp_path: Path) -> Path:
    """Its backup."""
    back_up(desk, tmp_path / "one.zip")
    return tmp_path / "one.zip"


# There and back


@pytest.mark.parametrize("to", BOTH)
@pytest.mark.parametrize("of", BOTH)
def test_what_is_restored_is_what_was_backed_up(
    settings: Settings, tmp_path: Path, fresh: Fresh, of: str, to: str
) -> None:
    here = on(settings, fresh(of))
    installation, token = used(here)
    before = verdicts(installation, token)
    (here.data / "policy.toml").write_text("[recipients]\n", "utf-8")
    with installation.store.read() as connection:
        head = receipts.head(connection)
        [reference] = [r.reference for r in receipts.rows(connection) if r.seq == head[0]]
    installation.close()
    file = tmp_path / "kept" / "one.zip"
    file.parent.mkdir()
    said = cli(here, "backup", str(file), database=here.database).stdout
    assert f"anchor to note outside this computer: {head[0]}:{head[1]}" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["one.zip"]
    there = on(settings, fresh(to), "new")
    cli(there, "restore", str(file), database=there.database)
    assert there.secret_file.read_bytes() == here.secret_file.read_bytes()
    assert (there.data / "policy.toml").read_text("utf-8") == "[recipients]\n"
    assert stat.S_IMODE(there.data.stat().st_mode) == 0o700
    for one in there.data.iterdir():
        assert stat.S_IMODE(one.stat().st_mode) == 0o600, one
    anchor = f"{head[0]}:{head[1]}"
    cli(there, "audit", "verify", "--anchor", anchor, database=there.database)
    assert "verdict" in cli(there, "explain", str(reference), database=there.database).stdout
    restored = open_installation(there)
    assert restored.store.is_sqlite is (to == "sqlite")
    assert verdicts(restored, token) == before
    restored.close()


def test_the_list_in_the_archive_says_what_is_in_it(made: Path, desk: Settings) -> None:
    (desk.data / "service.toml").write_text('public = "https://l.council.example"\n', "utf-8")
    back_up(desk, made, force=True)
    with zipfile.ZipFile(made) as archive:
        said = json.loads(archive.read("MANIFEST.json"))
        names = archive.namelist()
    assert names == ["record.db", "secret.key", "policy.toml", "service.toml", "MANIFEST.json"]
    assert set(said["parts"]) == set(names) - {"MANIFEST.json"}
    assert said["format"] == 1
    assert said["revision"] == schema.revisions()[-1]
    assert said["receipts"] == assert_whole(desk, set())


def test_a_backup_during_load_has_every_receipt_that_was_acknowledged_before(
    tmp_path: Path,
) -> None:
    settings = private(tmp_path)
    token, noted = a_token(settings), Acknowledged()
    ended, more, failed = threading.Event(), threading.Event(), list[int]()
    with served(settings) as process:

        def ask() -> None:
            body = {"draft": draft_json("jo@council.example", "al@unknown-firm.example")}
            while not ended.is_set():
                answer = process.call("POST", "/v1/check", body, token)
                if answer.status != 200:
                    failed.append(answer.status)
                    return
                noted.add(answer.json["reference"])
                more.set()

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for asker in askers:
            asker.start()
        kept = []
        for number in range(6):
            wanted = len(noted.references) + 10
            while len(noted.references) < wanted and not failed:
                more.wait(1)
                more.clear()
            with noted.lock:
                before = set(noted.references)
            back_up(settings, tmp_path / f"{number}.zip")
            kept.append(before)
        ended.set()
        for asker in askers:
            asker.join(30)
    assert not failed  # nobody who asked was refused because of a backup
    assert len(kept[-1]) >= 60
    for number, before in enumerate(kept):
        there = on(settings, "", f"restored{number}")
        restore(there, tmp_path / f"{number}.zip")
        assert assert_whole(there, before) >= len(before)


@pytest.mark.postgresql
def test_a_backup_of_a_department_is_one_moment(
    settings: Settings, tmp_path: Path, fresh: Fresh
) -> None:
    here = on(settings, fresh("postgresql"))
    installation, _ = used(here)
    key, wrote = installation.reviewer.chain_key, list[int]()

    def write(_done: int, _of: int) -> None:
        with installation.store.write() as connection:
            wrote.append(receipts.append(connection, key, "t", "late", {}))

    told = back_up(here, tmp_path / "one.zip", told=write)
    installation.close()
    assert told.head[0] == wrote[0] - 1
    restore(on(settings, "", "new"), tmp_path / "one.zip")
    assert assert_whole(on(settings, "", "new"), set()) == told.head[0]


def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    settings = private(tmp_path)
    settings.data.mkdir()
    settings.secret_file.write_bytes(b"s" * 32)
    at_revision(settings.database_file, "0005")
    back_up(settings, tmp_path / "old.zip")
    there = on(settings, "", "new")
    assert restore(there, tmp_path / "old.zip").upgraded
    store = Store(sqlite_url(there.database_file))
    with store.read() as connection:
        assert schema.revision(connection) == schema.revisions()[-1]
    store.close()


# Nothing is overwritten


def test_what_is_there_stays(made: Path, desk: Settings, tmp_path: Path) -> None:
    whole = made.read_bytes()
    assert "file of that name" in cli(desk, "backup", str(made), code=2).stderr
    assert made.read_bytes() == whole
    assert "something in the data folder" in cli(desk, "restore", str(made), code=2).stderr
    before = desk.database_file.read_bytes()
    said = json.loads(cli(desk, "restore", str(made), "--force", "--json").stdout)
    assert (Path(said["set_aside"]) / "record.db").read_bytes() == before
    assert assert_whole(desk, set()) == said["receipts"]
    with served(desk):
        assert "is running" in cli(desk, "restore", str(made), "--force", code=2).stderr
    with FileLock(tmp_path / ".x.zip.partial.lock"):
        assert "being done already" in cli(desk, "backup", str(tmp_path / "x.zip"), code=2).stderr


@pytest.mark.postgresql
def test_a_database_that_is_not_empty_stays(made: Path, desk: Settings, fresh: Fresh) -> None:
    there = on(desk, fresh("postgresql"), "new")
    open_installation(on(desk, there.database, "other")).close()
    for force in (False, True):
        with pytest.raises(NotMoved, match="not empty"):
            restore(there, made, force=force)
        assert not there.data.exists()


def test_a_record_that_is_not_what_was_written_is_not_passed_on(
    desk: Settings, tmp_path: Path
) -> None:
    with contextlib.closing(sqlite3.connect(desk.database_file)) as connection:
        connection.execute("UPDATE receipts SET body = '{}' WHERE seq = 2")
        connection.commit()
    said = cli(desk, "backup", str(tmp_path / "x.zip"), code=1).stderr
    assert "Receipt 2: " in said
    assert not (tmp_path / "x.zip").exists()
    (tmp_path / "empty").mkdir()
    said = cli(on(desk, "", "empty"), "backup", str(tmp_path / "x.zip"), code=2).stderr
    assert "no secret.key" in said


# Killed


STEPS = (
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "shutil.rmtree",
    "sqlite3.connect",
)


def die_at(step: int, place: Path, work: Callable[[Callable[[int, int], None]], object]) -> bool:
    """Do the work in a process that is killed at its n-th dealing with a file in `place`.

    Whether it was: False where the work was done before.
    """
    child = os.fork()
    if child == 0:
        left = step

        def count(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def watch(event: str, given: tuple[object, ...]) -> None:
            if event in STEPS and str(place) in str(given[0]):
                count()

        sys.addaudithook(watch)
        with contextlib.suppress(BaseException):
            work(count)
            os._exit(0)
        os._exit(1)
    _, ended = os.waitpid(child, 0)
    assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0
    return os.WIFSIGNALED(ended)


@pytest.mark.parametrize("of", BOTH)
def test_a_backup_that_is_killed_leaves_the_last_one(
    settings: Settings, tmp_path: Path, fresh: Fresh, of: str
) -> None:
    here = on(settings, fresh(of))
    used(here)[0].close()
    place = tmp_path / "kept"
    place.mkdir()
    file = place / "one.zip"
    back_up(here, file)
    whole = file.read_bytes()
    ends = []
    for step in range(1, 400):
        killed = die_at(step, tmp_path, lambda told: back_up(here, file, force=True, told=told))
        ends.append(file.read_bytes() == whole)
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
        if not killed:
            break
    else:
        pytest.fail("it never came to an end")
    assert len(ends) > 10
    assert ends[0]
    assert not ends[-1]
    assert [one.name for one in place.iterdir()] == ["one.zip"]
    restore(on(settings, "", "new"), file)


@pytest.mark.parametrize("to", BOTH)
def test_a_restore_that_is_killed_leaves_all_of_it_or_nothing(
    desk: Settings, made: Path, fresh: Fresh, to: str
) -> None:
    count = assert_whole(desk, set())
    ends = set()
    for step in range(1, 400):
        there = on(desk, fresh(to), f"new{step}")
        killed = die_at(step, desk.data.parent, lambda told: restore(there, made, told=told))  # noqa: B023
        if there.data.exists():
            ends.add("all")
            installation = open_installation(there)
            with installation.store.read() as connection:
                head = places.proven(connection, installation.reviewer.chain_key)
            installation.close()
            assert head[0] == count
        elif not is_empty(there):
            ends.add("database")  # said by the next one, which leaves it alone
            with pytest.raises(NotMoved, match="not empty"):
                restore(there, made)
        else:
            ends.add("nothing")
            if step % 5 == 0:
                assert restore(there, made).head[0] == count
                assert not there.data.with_name(f".{there.data.name}.restoring").exists()
        if not killed:
            break
    else:
        pytest.fail("it never came to an end")
    assert step > 10
    assert {"nothing", "all"} <= ends


@pytest.mark.parametrize("to", BOTH)
def test_a_move_that_is_killed_leaves_an_empty_database(
    desk: Settings, fresh: Fresh, tmp_path: Path, to: str
) -> None:
    key, total = secret(desk).derive(CHAIN), 0
    source = sqlite_url(desk.database_file)
    url = fresh(to) or sqlite_url(tmp_path / "moved.db")
    for step in range(1, 400):
        if not die_at(step, tmp_path, lambda told: moving.move(source, url, key, told)):
            break
        if not is_empty(on(desk, url)):
            break
        total += 1
    else:
        pytest.fail("it never came to an end")
    assert total > 5
    with pytest.raises(NotMoved, match="not empty"):
        moving.move(source, url, key)
    assert not [one for one in desk.data.iterdir() if ".moving" in one.name]
    with contextlib.closing(Store(url)) as store, store.read() as connection:
        assert places.proven(connection, key)[0] == assert_whole(desk, set())


def test_a_restore_into_a_file_of_its_own(made: Path, desk: Settings, tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "elsewhere.db")
    there = on(desk, url, "new")
    restore(there, made)
    assert not (there.data / "record.db").exists()
    installation = open_installation(there)
    with installation.store.read() as connection:
        assert places.proven(connection, installation.reviewer.chain_key)[0] > 0
    installation.close()


def test_a_file_too_large_for_a_backup_is_said_when_it_is_made(
    desk: Settings, tmp_path: Path
) -> None:
    (desk.data / "service.toml").write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(NotMoved, match=r"service\.toml"):
        back_up(desk, tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


def is_empty(settings: Settings) -> bool:
    """Whether nothing is in the database beyond the data folder, if there is one."""
    if not settings.database:
        return True
    store = Store(settings.database)
    try:
        with store.read() as connection:
            return copying.is_empty(connection)
    finally:
        store.close()


def test_killed_between_the_old_and_the_new_folder_nothing_is_lost(
    desk: Settings, made: Path
) -> None:
    old = desk.database_file.read_bytes()
    back = desk.data.with_name("back")
    for step in range(1, 400):
        killed = die_at(step, desk.data.parent, lambda told: restore(desk, made, force=True))
        [kept] = [
            file
            for file in desk.data.parent.glob("data*/record.db")
            if file.read_bytes() == old
        ]  # fmt: skip
        if desk.data.exists():
            assert assert_whole(desk, set())
        for other in desk.data.parent.glob("data*"):
            other.rename(back if other == kept.parent else back.with_name(f"{step}{other.name}"))
        back.rename(desk.data)
        desk.database_file.write_bytes(old)
        if not killed:
            break
    else:
        pytest.fail("it never came to an end")
    assert step > 10


# A full disk


def test_a_backup_on_a_full_disk_says_so_and_leaves_nothing(
    desk: Settings, small_disk: Path
) -> None:
    ballast, file, ends = Ballast(small_disk), small_disk / "one.zip", list[bool]()
    faults = list[str]()
    back_up(desk, file)
    whole = file.read_bytes()
    for pages in (0, 1, 2, 4, 8, 16, 32, 64, 96, 128, 160, 192):
        ballast.fill(pages)
        try:
            back_up(desk, file, force=True)
        except NotMoved as refusal:
            faults.append(refusal.fault)
            ends.append(file.read_bytes() != whole)
        else:
            ends.append(True)
        assert {one.name for one in small_disk.iterdir()} == {"one.zip", "ballast"}
        ballast.remove()
    assert not ends[0]
    assert ends[-1]
    assert set(faults) == {"machine"}


def test_a_restore_on_a_full_disk_says_so_and_leaves_nothing(
    made: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballast, settings, faults = Ballast(small_disk), private(small_disk), list[str]()
    before = {one.name for one in small_disk.iterdir()} | {"ballast"}
    # What else is written meanwhile is not known when the room is looked at.
    monkeypatch.setattr(restoring, "SPARE_BYTES", -(1 << 30))
    for pages in (0, 1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256):
        ballast.fill(pages)
        try:
            restore(settings, made)
        except NotMoved as refusal:
            faults.append(refusal.fault)
            assert {one.name for one in small_disk.iterdir()} == before
            ballast.remove()
            continue
        ballast.remove()
        assert assert_whole(settings, set())
        break
    assert settings.data.exists()
    assert set(faults) == {"machine"}


@pytest.mark.parametrize("kib", [4, 64, 200])
def test_a_file_that_may_not_grow_is_a_full_disk(desk: Settings, tmp_path: Path, kib: int) -> None:
    (tmp_path / "kept").mkdir()
    done = subprocess.run(
        ["/bin/bash", "-c", f'ulimit -f {kib}; exec "$@"', "-", sys.executable, "-m", "addin_service",
         "--data", str(desk.data), "--organisation", str(desk.organisation),
         "backup", str(tmp_path / "kept" / "one.zip")],
        capture_output=True, text=True, check=False, env={**os.environ, "COVERAGE_PROCESS_START": ""},
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "room" in done.stderr or "disk" in done.stderr
    assert not list((tmp_path / "kept").iterdir())


# What was done to the file


def test_a_flipped_byte_is_noticed_wherever_it_matters(
    made: Path, desk: Settings, tmp_path: Path
) -> None:
    whole, refused = made.read_bytes(), 0
    bad = tmp_path / "bad.zip"
    count = assert_whole(desk, set())
    for at in range(0, len(whole), max(1, len(whole) // 200)):
        bad.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        there = on(desk, "", f"new{at}")
        try:
            restore(there, bad)
        except NotMoved:
            refused += 1
            assert not there.data.exists()
        else:  # a date, or a flag that nobody reads
            assert assert_whole(there, set()) == count
            assert there.secret_file.read_bytes() == desk.secret_file.read_bytes()
    assert refused > 150


def test_a_backup_that_was_cut_is_refused(made: Path, desk: Settings, tmp_path: Path) -> None:
    whole, bad = made.read_bytes(), tmp_path / "bad.zip"
    for length in (0, 1, 22, *range(100, len(whole), len(whole) // 30), len(whole) - 1):
        bad.write_bytes(whole[:length])
        with pytest.raises(NotMoved):
            restore(on(desk, "", "new"), bad)
    bad.write_bytes(b"Rar!" + whole[4:])
    with pytest.raises(NotMoved):
        restore(on(desk, "", "new"), bad)
    assert not (desk.data.parent / "new").exists()


Change = Callable[[dict[str, bytes], dict[str, Any]], None]


def forged(made: Path, change: Change, honest: bool = True) -> Path:
    """The backup with other parts; `honest`: with a list that fits them."""
    with zipfile.ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    said = json.loads(parts.pop("MANIFEST.json"))
    change(parts, said)
    out = made.with_name("forged.zip")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
            if honest:
                digest = hashlib.sha256(content).hexdigest()
                said["parts"][name] = {"size": len(content), "sha256": digest}
        archive.writestr("MANIFEST.json", json.dumps(said))
    return out


def sql(parts: dict[str, bytes], statement: str) -> None:
    """Change the record in these parts."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(parts["record.db"])
    connection.execute(statement)
    connection.commit()
    parts["record.db"] = connection.serialize()
    connection.close()


def put(name: str, content: bytes) -> Change:
    """Add a part, or replace one."""
    return lambda parts, _said: parts.update({name: content})


def lose(name: str) -> Change:
    """Leave a part out, and out of the list."""

    def change(parts: dict[str, bytes], said: dict[str, Any]) -> None:
        del parts[name], said["parts"][name]

    return change


CHANGES: dict[str, Change] = {
    "a way out of the folder": put("../outside", b"x"),
    "an absolute path": put("/tmp/outside", b"x"),
    "a Windows path": put("..\\outside", b"x"),
    "a folder": put("keys/", b""),
    "another file": put("sitecustomize.py", b"x"),
    "the record missing": lose("record.db"),
    "the secret missing": lose("secret.key"),
    "another secret": put("secret.key", b"y" * 32),
    "a long secret": put("secret.key", b"y" * 33),
    "a large policy": put("policy.toml", b"#" * (2 << 20)),
    "no database": put("record.db", b"hello"),
    "an empty database": put("record.db", b""),
    "a trigger": lambda parts, _: sql(
        parts, "CREATE TRIGGER t AFTER INSERT ON receipts BEGIN DELETE FROM contacts; END"
    ),
    "a view": lambda parts, _: sql(parts, "CREATE VIEW v AS SELECT 1"),
    "a receipt removed": lambda parts, _: sql(parts, "DELETE FROM receipts WHERE seq = 1"),
    "a receipt changed": lambda parts, _: sql(parts, "UPDATE receipts SET at = 'x'"),
    "a cut tail": lambda _, said: said.update(receipts=said["receipts"] + 1),
    "another head": lambda _, said: said.update(head="0" * 64),
    "a newer form": lambda _, said: said.update(format=2),
    "no form": lambda _, said: said.update(format=None),
    "a true form": lambda _, said: said.update(format=True, made=3),
    "a field too many": lambda _, said: said.update(run="rm"),
    "a revision that is a path": lambda _, said: said.update(revision="../1"),
    "a part that is not there": lambda _, said: said["parts"].update(
        {"service.toml": {"size": 1, "sha256": "0" * 64}}
    ),
    "a negative size": lambda _, said: said["parts"].update(
        {"service.toml": {"size": -1, "sha256": "0" * 64}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_an_archive_that_was_made_to_harm_harms_nothing(
    made: Path, desk: Settings, change: str
) -> None:
    bad = forged(made, CHANGES[change])
    before = sorted(desk.data.parent.rglob("*"))
    with pytest.raises(NotMoved) as caught:
        restore(on(desk, "", "new"), bad)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert sorted(desk.data.parent.rglob("*")) == before


def test_parts_that_are_not_what_the_list_says(made: Path, desk: Settings) -> None:
    for name in ("record.db", "secret.key", "policy.toml"):
        for content in (b"", b"z" * 32, b"z" * 100_000):
            with pytest.raises(NotMoved, match=name.replace(".", r"\.")):
                restore(on(desk, "", "new"), forged(made, put(name, content), honest=False))


def test_a_bomb_is_stopped_at_the_size_it_says(
    made: Path, desk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = forged(made, put("record.db", bytes(200 << 20)), honest=False)
    assert bad.stat().st_size < 1 << 20
    written = 0
    real = io.BufferedRandom.write

    class Counting(io.BufferedRandom):
        def write(self, data: Any) -> int:
            nonlocal written
            written += len(data)
            return real(self, data)

    monkeypatch.setattr(os, "fdopen", lambda handle, _mode: Counting(io.FileIO(handle, "r+b")))
    with pytest.raises(NotMoved, match="larger than it says"):
        restore(on(desk, "", "new"), bad)
    assert written < 2 << 20
    monkeypatch.undo()
    honest = forged(made, put("record.db", bytes(200 << 20)))
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda _: _Usage(100 << 20))
    with pytest.raises(NotMoved, match="room"):
        restore(on(desk, "", "new"), honest)


class _Usage:
    """A disk with so much room."""

    def __init__(self, free: int) -> None:
        self.free = free


def rewritten(made: Path, change: Callable[[zipfile.ZipInfo], None], twice: bool = False) -> Path:
    """The backup with other entries of the same parts."""
    out = made.with_name("forged.zip")
    with zipfile.ZipFile(made) as archive, zipfile.ZipFile(out, "w") as other:
        for one in archive.infolist():
            content = archive.read(one)
            entry = zipfile.ZipInfo(one.filename)
            entry.external_attr = one.external_attr
            change(entry)
            other.writestr(entry, content)
            if twice and one.filename == "secret.key":
                with pytest.warns(UserWarning, match="Duplicate"):
                    other.writestr(entry.filename, b"y" * 32)
    return out


def link(entry: zipfile.ZipInfo) -> None:
    """Say that it is a symbolic link."""
    if entry.filename == "policy.toml":
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16


def strange(entry: zipfile.ZipInfo) -> None:
    """Pack it in a way that no backup is packed in."""
    entry.compress_type = zipfile.ZIP_BZIP2


def test_links_doubles_and_other_packings_are_refused(made: Path, desk: Settings) -> None:
    there = on(desk, "", "new")
    for bad in (rewritten(made, link), rewritten(made, strange)):
        with pytest.raises(NotMoved, match="no plain file"):
            restore(there, bad)
    with pytest.raises(NotMoved, match="twice"):
        restore(there, rewritten(made, lambda _: None, twice=True))
    locked = bytearray(rewritten(made, lambda _: None).read_bytes())
    at = locked.rindex(b"PK\x01\x02")
    locked[at + 8] |= 1
    (made.parent / "forged.zip").write_bytes(locked)
    with pytest.raises(NotMoved, match="no plain file"):
        restore(there, made.parent / "forged.zip")
    # As it came out of our own tools it is one all the same.
    restore(there, rewritten(made, lambda _: None))


def test_a_newer_backup_is_refused_with_the_way(made: Path, desk: Settings) -> None:
    bad = forged(made, lambda _, said: said.update(revision="9999"))
    assert "newer version" in cli(on(desk, "", "new"), "restore", str(bad), code=3).stderr
