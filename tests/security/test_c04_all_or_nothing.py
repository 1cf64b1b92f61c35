"""Outlook, 2017 (CVE-2017-11776): for months S/MIME mail left together with its plain text. Whatever
breaks while a message is sealed: no ciphertext and no text goes anywhere, nothing is left on the
disk, and as soon as the fault is gone the same message is sealed.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from addin_service import addresses, keyring
from addin_service.installation import open_installation
from addin_service.pgp import packets, processes
from addin_service.pgp.armor import dearmor
from addin_service.pgp.certificate import Certificate, fingerprint
from addin_service.pgp.gpg import Gpg
from addin_service.receipts import verify
from addin_service.store import contacts, receipts, times
from addin_service.store.contacts import Entry
from tests.conftest import Answer, Live, needs
from tests.durability.harness import a_token, private, served
from tests.pgp import keys
from tests.pgp.keys import GPG, Owner, named_in, now, person
from tests.test_sealing_http import answered, sealed, sensitive

CANARY = "canary-7d31e0"
READERS = [f"reader{number}@chambers.example" for number in range(5)]
DONE = r"printf '[GNUPG:] BEGIN_ENCRYPTION 2 9\n[GNUPG:] END_ENCRYPTION\n' >&2"


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    keys.needs_gpg()
    with keys.owner() as made:
        for reader in READERS:
            made.make(f"Tann <{reader}>")
        yield made


@dataclass
class Scene:
    """The service with a gpg that can be broken, and five readers whose keys are confirmed."""

    desk: Live
    maker: Owner
    place: Path
    certificates: list[Certificate]
    draft: dict[str, Any] = field(default_factory=dict)
    review: str = ""

    @property
    def temporary(self) -> Path:
        return self.place / "tmp"

    def break_gpg(self, body: str) -> None:
        """From now on gpg does this when it is to encrypt."""
        (self.place / "fault").write_text(body)

    def repair(self) -> None:
        (self.place / "fault").unlink(missing_ok=True)

    def seal(self) -> Answer:
        return sealed(self.desk, self.draft, self.review)

    def receipts(self) -> int:
        with self.desk.installation.store.read() as connection:
            rows = list(receipts.rows(connection))
            head = receipts.head(connection)
        assert verify(self.desk.installation.reviewer.chain_key, rows, head) is None
        return sum(row.kind == "seal" for row in rows)

    def refused(self, status: int = 503) -> dict[str, Any]:
        """It is asked for, and there is nothing: no ciphertext, no receipt, no file, no program."""
        before = self.receipts()
        answer = self.seal()
        assert answer.status == status, answer.body
        assert set(answer.json) == {"error"}
        for trace in (b"PGP", CANARY.encode(), b"Elm"):
            assert trace not in answer.body
        assert self.receipts() == before
        self.nothing_left()
        error: dict[str, Any] = answer.json["error"]
        assert error["message"]
        assert error["hint"]
        return error

    def works(self) -> None:
        """The same message is sealed, for exactly the five."""
        answer = self.seal()
        assert answer.status == 200, answer.body
        _, _, armored = answer.json["entity"].partition("-----BEGIN PGP MESSAGE-----")
        message = b"-----BEGIN PGP MESSAGE-----" + armored.partition("\r\n--")[0].encode()
        wanted = {key.key_id for c in self.certificates if (key := c.encryption_key(now()))}
        assert len(wanted) == len(READERS)
        assert named_in(message) == wanted
        self.nothing_left()

    def nothing_left(self) -> None:
        if self.temporary.is_dir():
            assert not list(self.temporary.glob("last-look-gpg-*"))
        nothing_of_the_draft_in(self.place)
        assert not running(self.place)


def nothing_of_the_draft_in(place: Path) -> None:
    for file in place.rglob("*"):
        if file.is_file() and not file.is_symlink():
            assert CANARY.encode() not in file.read_bytes(), file


def running(place: Path) -> list[str]:
    """The programs at work with something in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (
                (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
            if str(place) in command and int(process.name) != os.getpid():
                found.append(command)
    return found


def breakable(place: Path, fault: Path) -> Path:
    """gpg, but where the file `fault` is, that is done instead of encrypting."""
    real = shutil.which("gpg")
    program = place / "gpg"
    program.write_text(
        f'#!/bin/sh\nREAL={real}\ncase "$*" in *--encrypt*) if [ -f {fault} ]; then . {fault}; exit; fi;; '
        'esac\nexec $REAL "$@"\n'
    )
    program.chmod(0o755)
    return program


def confirm_all(installation: Any, maker: Owner) -> list[Certificate]:
    """Everybody's key is here, and an officer has compared it."""
    with installation.store.write() as connection:
        known = [Entry(reader, f"Tann {n}", "Chambers") for n, reader in enumerate(READERS)]
        contacts.put(connection, known, times.now())
    found = []
    for reader, key in zip(READERS, maker.fingerprints()[: len(READERS)], strict=True):
        found.append(keyring.bring_in(installation.reviewer, maker.public(key)).certificate)
        assert reader in found[-1].addresses()
        one = addresses.parse(reader)
        keyring.confirm(installation.reviewer, one, fingerprint(key), "officer", "test", "")
    return found


def a_draft() -> dict[str, Any]:
    text = f"OFFICIAL-SENSITIVE\n\nHello,\n\n4 Elm Row. {CANARY}\n" + "x" * 3000
    return sensitive(*READERS, text=text)


@pytest.fixture
def scene(live: Live, maker: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    program = breakable(tmp_path, tmp_path / "fault")
    live.installation.reviewer.sealer.gpg = Gpg(str(program))
    made = Scene(live, maker, tmp_path, confirm_all(live.installation, maker), a_draft())
    answer = answered(live, made.draft, live.check(made.draft), "name", "Tann")
    assert answer["verdict"] == "allow"
    made.review = answer["review"]
    return made


BROKEN_GPG = {
    "is killed at once": "kill -9 $$",
    "is killed after reading": "cat >/dev/null; kill -9 $$",
    "is killed in the middle of its output": '$REAL "$@" | head -c 700; kill -9 $$',
    "is killed when all is written": '$REAL "$@"; kill -9 $$',
    "ends with 2 when all is written": '$REAL "$@"; exit 2',
    "ends with 0 and nothing": "cat >/dev/null; exit 0",
    "ends with 0 before reading": "exit 0",
    "ends with 2": "cat >/dev/null; exit 2",
    "says well done and gives nothing": f"cat >/dev/null; {DONE}",
    "says well done and gives the draft": f"cat; {DONE}",
    "writes garbage": f"cat >/dev/null; head -c 9000 /dev/urandom; {DONE}",
    "cuts its output": f'$REAL "$@" 2>/dev/null | head -c 700; {DONE}',
    "refuses one reader": r'printf "[GNUPG:] INV_RECP 4 X\n" >&2; $REAL "$@"',
    "forgets to say that it ended": '$REAL "$@" 2>/dev/null',
    "has no room to write": 'cat >/dev/null; $REAL --version >/dev/full; printf "[GNUPG:] FAILURE encrypt 28\n" >&2; exit 2',
}


@pytest.mark.parametrize("story", BROKEN_GPG)
def test_a_gpg_that_fails_gives_nothing(story: str, scene: Scene) -> None:
    scene.break_gpg(BROKEN_GPG[story])
    assert scene.refused()["code"] == "not-sealed"
    scene.repair()
    scene.works()


@pytest.mark.parametrize(
    "body", ["sleep 60", "cat >/dev/null; sleep 60", '$REAL "$@"; sleep 60 & sleep 60']
)
def test_a_gpg_that_hangs_is_given_up(body: str, scene: Scene) -> None:
    sealer = scene.desk.installation.reviewer.sealer
    patient = sealer.gpg
    sealer.gpg = Gpg(str(scene.place / "gpg"), timeout_s=1)
    scene.break_gpg(body)
    began = time.monotonic()
    assert scene.refused()["code"] == "not-sealed"
    assert time.monotonic() - began < 15
    scene.repair()
    sealer.gpg = patient
    scene.works()


OTHERS: dict[str, Callable[[Scene, Certificate], list[Certificate]]] = {
    "for another": lambda scene, mallory: [mallory],
    "for one more": lambda scene, mallory: [*scene.certificates, mallory],
    "for one less": lambda scene, mallory: scene.certificates[:-1],
    "for another instead of one": lambda scene, mallory: [*scene.certificates[:-1], mallory],
}


@pytest.mark.parametrize("story", OTHERS)
def test_a_message_for_others_is_withheld(story: str, scene: Scene) -> None:
    mallory = person("Mallory <mallory@evil.example>").certificate
    message = GPG.encrypt(b"x" * 9000, OTHERS[story](scene, mallory), now(), armor=False)
    (scene.place / "made.pgp").write_bytes(message)
    scene.break_gpg(f"cat >/dev/null; cat {scene.place}/made.pgp; {DONE}")
    assert scene.refused()["code"] == "not-sealed"
    scene.repair()
    scene.works()


def test_readers_who_are_hidden_are_none_that_was_confirmed(scene: Scene) -> None:
    scene.break_gpg(f"cat >/dev/null; cat {scene.place}/made.pgp; {DONE}")
    hidden = [x for c in scene.certificates for x in ("--hidden-recipient", c.fingerprint)]
    made = scene.maker.gpg("--encrypt", "--compress-algo", "none", *hidden, given=b"x" * 9000)
    (scene.place / "made.pgp").write_bytes(made)
    assert scene.refused()["code"] == "not-sealed"
    scene.repair()
    scene.works()


def test_a_gpg_that_is_gone_comes_back(scene: Scene) -> None:
    program = scene.place / "gpg"
    program.rename(scene.place / "away")
    assert scene.refused()["code"] == "not-sealed"
    (scene.place / "away").rename(program)
    program.chmod(0o644)
    assert scene.refused()["code"] == "not-sealed"
    program.chmod(0o755)
    scene.works()


def test_no_more_programs_can_be_started(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def popen(*_: Any, **__: Any) -> Any:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr("subprocess.Popen", popen)
        assert scene.refused()["code"] == "not-sealed"
    scene.works()


def test_too_many_at_once_wait_and_give_up(scene: Scene) -> None:
    sealer = scene.desk.installation.reviewer.sealer
    patient = sealer.gpg
    sealer.gpg = Gpg(str(scene.place / "gpg"), timeout_s=1)
    sealer.gpg.version()
    with contextlib.ExitStack() as taken:
        for _ in range(os.cpu_count() or 1):
            taken.enter_context(processes.slot(20))
        assert scene.refused()["code"] == "not-sealed"
    sealer.gpg = patient
    scene.works()


def test_no_folder_for_temporary_files(scene: Scene) -> None:
    scene.temporary.rmdir()
    assert scene.refused()["code"] == "not-sealed"
    scene.temporary.mkdir()
    scene.works()


@pytest.mark.parametrize("inodes", [False, True], ids=["no room", "no more files"])
def test_a_full_disk(inodes: bool, scene: Scene) -> None:
    needs("root, who may mount a file system,", os.geteuid() == 0 and sys.platform == "linux")
    size = "size=1m,nr_inodes=1" if inodes else "size=16k"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(scene.temporary)],
        capture_output=True, check=False,
    )  # fmt: skip
    needs("the right to mount a file system", mounted.returncode == 0)
    try:
        if not inodes:
            with (
                (scene.temporary / "ballast").open("wb", buffering=0) as out,
                contextlib.suppress(OSError),
            ):
                while out.write(b"\0" * 4096):
                    pass
        assert scene.refused()["code"] == "not-sealed"
        if not inodes:
            (scene.temporary / "ballast").unlink()
            scene.works()
    finally:
        subprocess.run(["umount", "-l", str(scene.temporary)], check=True)
    scene.works()


@contextlib.contextmanager
def _locked(scene: Scene) -> Iterator[None]:
    """Another program holds the database, and does not let go."""
    file = scene.desk.installation.settings.database_file
    with contextlib.closing(
        sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextlib.contextmanager
def _no_receipts(scene: Scene) -> Iterator[None]:
    """The receipt cannot be written."""
    rule = "CREATE TRIGGER no BEFORE INSERT ON receipts BEGIN SELECT RAISE(ABORT, 'full'); END"
    with scene.desk.installation.store.write() as connection:
        connection.exec_driver_sql(rule)
    yield
    with scene.desk.installation.store.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER no")


@pytest.mark.parametrize("fault", [_locked, _no_receipts], ids=["locked", "not writable"])
def test_without_a_receipt_there_is_no_message(
    fault: Callable[[Scene], AbstractContextManager[None]],
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """gpg has done its work; then the record fails."""
    sealer = scene.desk.installation.reviewer.sealer
    real = sealer.seal
    with contextlib.ExitStack() as held, monkeypatch.context() as patch:

        def seal(*given: Any) -> Any:
            done = real(*given)
            held.enter_context(fault(scene))
            return done

        patch.setattr(sealer, "seal", seal)
        answer = scene.seal()
    assert answer.status == 503
    assert b"PGP" not in answer.body
    assert CANARY.encode() not in answer.body
    assert scene.receipts() == 0
    scene.works()
    assert scene.receipts() == 1


def test_a_database_that_cannot_be_read_gives_nothing(scene: Scene) -> None:
    with _locked(scene):
        answer = scene.seal()
    assert answer.status == 503
    assert b"PGP" not in answer.body
    assert scene.receipts() == 0
    scene.works()


def test_a_policy_that_changed_since_the_review(scene: Scene) -> None:
    file = scene.desk.installation.settings.policy_files[0]
    before = file.read_text()
    file.write_text("[recipients]\nkeep_days = 5\n")
    assert scene.refused(409)["code"] == "policy-changed"
    file.write_text(before)
    scene.works()


BAD: dict[str, Callable[[Scene, str], None]] = {
    "rejected": lambda scene, key: _say(scene, key, "rejected"),
    "withdrawn": lambda scene, key: _bring(scene, _withdrawn(scene, key)),
    "another turned up": lambda scene, key: _bring(scene, person(f"Tann <{READERS[2]}>").public),
    "not here any more": lambda scene, key: _remove(scene, key),
}


def _say(scene: Scene, key: str, word: Any) -> None:
    reader = addresses.parse(READERS[2])
    reviewer = scene.desk.installation.reviewer
    keyring.say(reviewer, keyring.Word(reader, fingerprint(key), word, "officer", "test"))


def _bring(scene: Scene, data: bytes) -> None:
    keyring.bring_in(scene.desk.installation.reviewer, data)


def _withdrawn(scene: Scene, key: str) -> bytes:
    """The key with its revocation, put together here: its owner's copy serves the other tests."""
    revocation = dearmor(scene.maker.revocation(key, 1), b"PUBLIC KEY BLOCK")
    primary, *rest = packets.walk(scene.maker.public(key))
    return packets.joined([primary, *packets.walk(revocation), *rest])


def _remove(scene: Scene, key: str) -> None:
    with scene.desk.installation.store.write() as connection:
        for table in ("certificate_addresses", "certificates"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE fingerprint = ?", (key,))


@pytest.mark.parametrize("while_sealing", [False, True], ids=["before", "while gpg works"])
@pytest.mark.parametrize("story", BAD)
def test_one_bad_reader_among_five_stops_all(
    story: str, while_sealing: bool, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = scene.certificates[2].fingerprint
    sealer = scene.desk.installation.reviewer.sealer
    real = sealer.seal

    def seal(*given: Any) -> Any:
        done = real(*given)
        if while_sealing:
            other = threading.Thread(target=BAD[story], args=(scene, bad))
            other.start()
            other.join()
        return done

    if not while_sealing:
        BAD[story](scene, bad)
    monkeypatch.setattr(sealer, "seal", seal)
    assert scene.refused(409)["code"] == "not-confirmed"
    rest = sensitive(*[r for r in READERS if r != READERS[2]], text=scene.draft["text"])
    answer = answered(scene.desk, rest, scene.desk.check(rest), "name", "Tann")
    assert sealed(scene.desk, rest, answer["review"]).status == 200, (
        "the four others can be written to"
    )


def test_a_key_that_ends_between_review_and_sealing(scene: Scene) -> None:
    reviewer = scene.desk.installation.reviewer
    short = scene.maker.make("Kim <kim@harbour.example>", expire="2d")
    _bring(scene, scene.maker.public(short))
    with scene.desk.installation.store.write() as connection:
        contacts.put(connection, [Entry("kim@harbour.example", "Kim Tann", "Harbour")], times.now())
    kim = addresses.parse("kim@harbour.example")
    keyring.confirm(reviewer, kim, fingerprint(short), "officer", "test", "")
    scene.draft = sensitive(*READERS[:2], "kim@harbour.example", text=scene.draft["text"])
    scene.review = answered(scene.desk, scene.draft, scene.desk.check(scene.draft), "name", "Tann")[
        "review"
    ]
    assert scene.seal().status == 200
    reviewer.now = lambda: times.now() + timedelta(days=3)
    assert scene.refused(409)["code"] == "not-confirmed"


def test_keys_brought_in_while_others_seal_disturb_nobody(scene: Scene) -> None:
    """Shared keyrings lost 2 of 2,191 encryptions in this way. Ours is not shared."""
    crowd = [person(f"N{n} <n{n}@x.example>").public for n in range(12)]

    def bring() -> None:
        for one in crowd:
            _bring(scene, one)

    thread = threading.Thread(target=bring)
    thread.start()
    for _ in range(6):
        assert scene.seal().status == 200
    thread.join()
    scene.works()
    assert scene.receipts() == 7


def test_a_service_killed_while_it_seals(maker: Owner, tmp_path: Path) -> None:
    place = tmp_path / "service"
    (place / "bin").mkdir(parents=True)
    (place / "tmp").mkdir()
    settings = private(place)
    installation = open_installation(settings)
    confirm_all(installation, maker)
    installation.close()
    token = a_token(settings)
    breakable(place / "bin", place / "fault")
    (place / "fault").write_text(
        f"cat >/dev/null; touch {place}/reached; sleep 30 & echo $! >{place}/pid; wait"
    )
    environment = {"PATH": f"{place}/bin:{os.environ['PATH']}", "TMPDIR": str(place / "tmp")}
    draft = a_draft()
    told: list[Answer] = []
    with served(settings, subprocess.DEVNULL, **environment) as service:

        def call(path: str, body: Any) -> Any:
            answer = service.call("POST", path, body, token)
            assert answer.status == 200, answer.body
            return answer.json

        first = call("/v1/check", {"purpose": "send", "draft": draft})
        asked = next(f for f in first["findings"] if f["ask"] == "name")
        said = [{"finding": asked["id"], "choice": "name", "value": "Tann"}]
        review = call(
            "/v1/check",
            {"purpose": "send", "draft": draft, "review": first["review"], "answers": said},
        )["review"]
        wanted = {"draft": draft, "review": review, "shape": "mime", "for": "visible"}

        def ask() -> None:
            with contextlib.suppress(OSError):
                told.append(service.call("POST", "/v1/seal", wanted, token))

        thread = threading.Thread(target=ask)
        thread.start()
        deadline = time.monotonic() + 20
        while not (place / "pid").exists() or not (place / "pid").read_text().strip():
            assert time.monotonic() < deadline, "gpg was never reached"
            time.sleep(0.01)
        service.kill()
        thread.join()
        with contextlib.suppress(OSError):
            os.kill(int((place / "pid").read_text()), 9)
    assert told == []
    nothing_of_the_draft_in(place)
    left = list((place / "tmp").glob("last-look-gpg-*"))
    assert {file.name for folder in left for file in folder.iterdir()} <= {"ring.pgp"}
    (place / "fault").unlink()
    for folder in left:
        os.utime(folder, (time.time() - 7200,) * 2)
    with served(settings, subprocess.DEVNULL, **environment) as service:
        answer = service.call("POST", "/v1/seal", wanted, token)
        assert answer.status == 200, answer.body
        assert not list((place / "tmp").glob("last-look-gpg-*")), "what was left is swept up"
    nothing_of_the_draft_in(place)
