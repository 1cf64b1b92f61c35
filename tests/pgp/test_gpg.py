"""gpg at work: what it leaves on disk, and what an interruption leaves behind."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from addin_service.pgp import gpg as module
from addin_service.pgp import processes
from addin_service.pgp.gpg import Gpg
from tests.pgp import keys
from tests.pgp.keys import known, now


@pytest.fixture(autouse=True)
def _gpg() -> None:
    keys.needs_gpg()


def test_the_message_never_touches_a_disk(tmp_path: Path) -> None:
    """No file of this process or of gpg may grow past 32 kB; the message has two million."""
    bob = known("Bob <bob@bank.example>")
    (tmp_path / "bob").write_bytes(bob.public)
    program = textwrap.dedent(f"""
        import os, resource, sys
        from datetime import UTC, datetime
        from addin_service.pgp.gpg import Gpg
        gpg = Gpg()
        bob = gpg.read(open({str(tmp_path / "bob")!r}, "rb").read())
        resource.setrlimit(resource.RLIMIT_FSIZE, (32_000, 32_000))
        plain = b"The offer is 1,250,000." * 90_000
        sys.stdout.buffer.write(gpg.encrypt(plain, [bob], datetime.now(UTC)))
    """)
    (tmp_path / "tmp").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=120, check=False,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert bob.opens(done.stdout) == b"The offer is 1,250,000." * 90_000
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("fault", [KeyboardInterrupt, MemoryError, SystemExit])
def test_an_interruption_leaves_no_gpg_and_no_home(
    fault: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = known("Bob <bob@bank.example>").certificate
    gpg = Gpg()
    gpg.version()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    started: list[Any] = []
    real = processes.start

    def start(*given: Any) -> Any:
        started.append(real(*given))
        assert list(tmp_path.iterdir())
        raise_from_reading = fault("now")
        monkeypatch.setattr(module._Wrapper, "_collect_output", _raiser(raise_from_reading))
        return started[-1]

    monkeypatch.setattr(processes, "start", start)
    with pytest.raises(fault):
        gpg.encrypt(b"x" * 100, [bob], now())
    (process,) = started
    assert process.returncode is not None
    assert list(tmp_path.iterdir()) == []
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


def _raiser(fault: BaseException) -> Any:
    def collect(*_: Any, **__: Any) -> None:
        raise fault

    return collect


def test_gpg_is_started_once_for_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    bob = known("Bob <bob@bank.example>").certificate
    gpg = Gpg()
    assert gpg.version() == gpg.version() >= module.MINIMUM
    started: list[list[str]] = []
    real = processes.start

    def start(command: list[str], *more: Any) -> Any:
        started.append(command)
        return real(command, *more)

    monkeypatch.setattr(processes, "start", start)
    gpg.encrypt(b"x", [bob], now())
    assert len(started) == 1
