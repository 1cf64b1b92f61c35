"""How one gpg runs: in a private folder that is gone afterwards, alone, and not for ever."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from addin_service.pgp.refused import Refused

_PREFIX = "last-look-gpg-"
_ABANDONED_S = 3600
_slots = threading.BoundedSemaphore(os.cpu_count() or 1)


@contextlib.contextmanager
def home() -> Iterator[Path]:
    """An empty folder that only this user may enter. Nothing but public keys is put there."""
    try:
        place = Path(tempfile.mkdtemp(prefix=_PREFIX))
    except OSError:
        raise Refused("no-home") from None
    try:
        yield place
    finally:
        _remove(place)


def _remove(place: Path) -> None:
    """The folder with its files; in one look, as hardly anything is ever in it but the keyring."""
    try:
        for file in os.listdir(place):
            (place / file).unlink()
        place.rmdir()
    except OSError:  # a folder in it, which gpg made
        shutil.rmtree(place, ignore_errors=True)


def sweep() -> None:
    """Remove what a service that was killed in the middle of a message left behind."""
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as found:
        for entry in found:
            if entry.name.startswith(_PREFIX) and _is_ours_and_old(entry):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_ours_and_old(entry: os.DirEntry[str]) -> bool:
    with contextlib.suppress(OSError):
        facts = entry.stat(follow_symlinks=False)
        mine = not hasattr(os, "getuid") or facts.st_uid == os.getuid()
        return mine and time.time() - facts.st_mtime > _ABANDONED_S
    return False


@contextlib.contextmanager
def slot(timeout_s: float) -> Iterator[None]:
    """Room for one more gpg: more of them than processors only wait for one another."""
    if not _slots.acquire(timeout=timeout_s):
        raise Refused("busy")
    try:
        yield
    finally:
        _slots.release()


def located(binary: str) -> str:
    """Where the program lies; `Refused` if nowhere."""
    path = shutil.which(binary)
    if path is None:
        raise Refused("no-gpg")
    return path


def environment(place: Path) -> dict[str, str]:
    """Nothing from outside: no GNUPGHOME, no locale, no agent."""
    clean = {"LC_ALL": "C.UTF-8", "HOME": str(place), "PATH": os.defpath}
    if os.name == "nt":  # programs do not start there without it
        clean["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    return clean


def start(
    command: list[str], environment: dict[str, str], errors: int
) -> "subprocess.Popen[bytes]":
    """Start a program, in a group of its own so that it can be killed with its children."""
    try:
        return subprocess.Popen(  # noqa: S603 - a list, our own options and fingerprints
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            env=environment, start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # no black box on Windows
        )  # fmt: skip
    except OSError:
        raise Refused("no-gpg") from None


def kill(process: "subprocess.Popen[bytes]") -> None:
    """gpg and whatever it started."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
