"""The real service as a desk runs it, each time from the same first morning."""

import contextlib
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .harness import until

CONTACTS = """\
name,email,organisation
Priya Tann,p.tann@chambers.example,Fountain Chambers
Alison Webb,alison.webb@nhs.example,Bridge Street Surgery
Bob Miller,bob.miller@northwind.example,Northwind
Ann Lee,ann.lee@council.example,The Council
Joe Marsh,joe.marsh@council.example,The Council
"""

COMMAND = [sys.executable, "-c", "from addin_service.cli import main; main()"]


@dataclass(frozen=True)
class Desk:
    """A data folder as `client add` left it, an organisation folder, and the client's token."""

    data: Path
    organisation: Path
    token: str

    @classmethod
    def make(cls, folder: Path) -> "Desk":
        organisation = folder / "organisation"
        organisation.mkdir()
        (organisation / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
        data = folder / "data"
        token = command(data, organisation, "client", "add", "thunderbird").strip()
        return cls(data, organisation, token)


def command(data: Path, organisation: Path, *words: str) -> str:
    """What an `addin-service` command printed."""
    folders = ["--data", str(data), "--organisation", str(organisation)]
    done = subprocess.run(
        [*COMMAND, *folders, *words], capture_output=True, text=True, env=_environment(), timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "ADDIN_SERVICE" not in name}


class Service:
    """`addin-service serve`, in a process of its own."""

    def __init__(self, desk: Desk, port: int, data: Path) -> None:
        self.desk = desk
        self.port = port
        self.data = data
        self.log = data.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextlib.contextmanager
    def started(cls, desk: Desk, port: int, data: Path) -> Iterator["Service"]:
        shutil.copytree(desk.data, data)
        service = cls(desk, port, data)
        service.start()
        try:
            yield service
        finally:
            service.stop()

    def start(self) -> None:
        folders = ["--data", str(self.data), "--organisation", str(self.desk.organisation)]
        listen = ["serve", "--host", "127.0.0.1", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, *folders, *listen], stdout=log, stderr=log, env=_environment()
            )
        until("the service", self._is_alive, patience=60)

    def _is_alive(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(errors="replace")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v1/health", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def command(self, *words: str) -> str:
        return command(self.data, self.desk.organisation, *words)
