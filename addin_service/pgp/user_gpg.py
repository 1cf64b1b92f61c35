"""The user's own gpg, where the secret keys are: for opening, signing and making keys.

Its settings are the user's. Passphrases stay between the user, pinentry and gpg-agent.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from addin_service.pgp import processes
from addin_service.pgp.refused import Refused

_OPTIONS = (
    "--batch", "--no-tty", "--no-verbose", "--display-charset", "utf-8",
    "--no-auto-key-locate", "--no-auto-key-retrieve",
)  # fmt: skip
_CHUNK = 1 << 20
_PREFIX = b"[GNUPG:] "
_LAST_WORDS_S = 10
"""For what gpg has written before it ended; a program that it started may hold the pipe open."""
MOST_BYTES = 256 * 1024 * 1024
MOST_STATUS_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Ran:
    """How one run of gpg ended. `output` is worth nothing before `returncode` and `status` are
    judged. `status` holds the status lines without `[GNUPG:] `, undecoded."""

    returncode: int
    output: bytes
    status: tuple[bytes, ...]

    def said(self, *keywords: str) -> bool:
        """Whether there is a status line of one of these keywords."""
        wanted = {keyword.encode("ascii") for keyword in keywords}
        return any(line.split(b" ", 1)[0] in wanted for line in self.status)


@dataclass(frozen=True, slots=True)
class UserGpg:
    """gpg as the user has set it up; `home` where it is not the usual place.

    `timeout_s` includes the time in which the user types a passphrase.
    """

    home: Path | None = None
    binary: str = "gpg"
    timeout_s: float = 300.0
    most_bytes: int = MOST_BYTES

    def run(self, arguments: Sequence[str], given: bytes = b"") -> Ran:
        """Run gpg once with `given` on its standard input.

        Raises `Refused`: `no-gpg`, `timeout`, or `too-large` for more than `most_bytes` of output.
        """
        home = ["--homedir", str(self.home)] if self.home else []
        front = [processes.located(self.binary), *_OPTIONS, *home]
        with _ear() as (listening, descriptors, status):
            process = _started([*front, *listening, *arguments], descriptors)
            status.begin()
            output = self._talk(process, given)
            return Ran(process.returncode, output, status.lines())

    def _talk(self, process: "subprocess.Popen[bytes]", given: bytes) -> bytes:
        """Everything in, everything out; gpg is gone afterwards, however it went."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            processes.kill(process)

        watch = threading.Timer(self.timeout_s, stop)
        watch.daemon = True
        watch.start()
        feeder = threading.Thread(target=_feed, args=(process, given), daemon=True)
        feeder.start()
        try:
            output = _read(process, self.most_bytes)
            process.wait()
        finally:
            watch.cancel()
            if process.poll() is None:
                processes.kill(process)
                process.wait()
            feeder.join(_LAST_WORDS_S)
            if process.stdout is not None:
                process.stdout.close()
        if late.is_set():
            raise Refused("timeout")
        return output


def _feed(process: "subprocess.Popen[bytes]", given: bytes) -> None:
    """gpg may end before it has read everything; its status says why."""
    if process.stdin is not None:
        with contextlib.suppress(OSError, ValueError):
            process.stdin.write(given)
        with contextlib.suppress(OSError, ValueError):
            process.stdin.close()


def _read(process: "subprocess.Popen[bytes]", most_bytes: int) -> bytes:
    output = bytearray()
    while process.stdout is not None and (chunk := process.stdout.read(_CHUNK)):
        output += chunk
        if len(output) > most_bytes:
            raise Refused("too-large")
    return bytes(output)


def _started(command: list[str], descriptors: tuple[int, ...]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - a list of our own options
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            pass_fds=descriptors, env=environment(), start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except OSError:
        raise Refused("no-gpg") from None


def environment() -> dict[str, str]:
    """The user's own, and the terminal: gpg cannot see it behind a pipe, and pinentry needs it."""
    own = dict(os.environ)
    if "GPG_TTY" not in own and os.name == "posix":
        with contextlib.suppress(OSError, ValueError, AttributeError):
            own["GPG_TTY"] = os.ttyname(sys.stdin.fileno())
    return own


class _Status:
    """What gpg reports on a channel that nothing else is written to."""

    def __init__(self, begin: Callable[[], None], collect: Callable[[], bytes]) -> None:
        self.begin = begin
        self._collect = collect

    def lines(self) -> tuple[bytes, ...]:
        """The reports. Only a line feed ends one: gpg escapes it in what others have written."""
        found = self._collect().split(b"\n")
        return tuple(
            line.removesuffix(b"\r")[len(_PREFIX) :] for line in found if line.startswith(_PREFIX)
        )


@contextlib.contextmanager
def _ear() -> Iterator[tuple[list[str], tuple[int, ...], _Status]]:
    """The options for gpg, the descriptors that it inherits, and where its reports arrive."""
    if os.name == "posix":
        with _pipe() as found:
            yield found
    else:  # descriptors are not inherited there
        with tempfile.TemporaryDirectory(prefix="last-look-gpg-") as place:
            file = Path(place, "status")
            yield ["--status-file", str(file)], (), _Status(lambda: None, lambda: _contents(file))


def _contents(file: Path) -> bytes:
    return file.read_bytes()[:MOST_STATUS_BYTES] if file.exists() else b""


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[list[str], tuple[int, ...], _Status]]:
    reading, writing = os.pipe()
    heard = bytearray()

    def listen() -> None:
        while chunk := os.read(reading, 1 << 16):
            if len(heard) < MOST_STATUS_BYTES:
                heard.extend(chunk)
        os.close(reading)

    listener = threading.Thread(target=listen, daemon=True)
    open_ends = {reading, writing}

    def begin() -> None:
        os.close(writing)  # gpg has its own: the pipe ends when gpg does
        open_ends.clear()
        listener.start()

    def collect() -> bytes:
        listener.join(_LAST_WORDS_S)
        if listener.is_alive():
            raise Refused("timeout")
        return bytes(heard)

    try:
        yield ["--status-fd", str(writing)], (writing,), _Status(begin, collect)
    finally:
        for end in open_ends:
            os.close(end)
