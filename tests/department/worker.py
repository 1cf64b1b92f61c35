"""A worker: `addin-service serve` as a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from addin_service.settings import Settings


@dataclass
class Worker:
    """One process on one port; may be killed, stopped and started again."""

    settings: Settings
    port: int
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None

    @property
    def base(self) -> str:
        """Its own address, which only this machine reaches."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it listens. Port 0 picks a free one."""
        place = [
            "--data",
            str(self.settings.data),
            "--organisation",
            str(self.settings.organisation),
        ]
        environment = {
            **os.environ, "ADDIN_SERVICE_DATABASE": self.settings.database, **self.environment,
        }  # fmt: skip
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "addin_service", *place, "serve", "--port", str(self.port)],
                stdout=subprocess.PIPE, stderr=log, text=True, env=environment,
            )  # fmt: skip
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert "listens on" in said, self.log.read_text()
        self.port = int(said.rpartition(":")[2])

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end; answers the exit code."""
        assert self.process is not None
        code = self.process.wait(timeout=60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code

    def replace(self) -> int:
        """End it as a supervisor does, and start another; answers the exit code of the first."""
        self.tell(signal.SIGTERM)
        code = self.ended()
        self.start()
        return code

    def answers(self) -> bool:
        """Whether it is alive."""
        with urllib.request.urlopen(self.base + "/v1/health", timeout=20) as answer:
            return bool(answer.status == 200)

    def kill(self) -> None:
        """End it as a crash does."""
        if self.process is not None:
            self.process.kill()
            self.ended()


@contextlib.contextmanager
def running(worker: Worker) -> Iterator[Worker]:
    """This worker, listening, until the end of the block."""
    worker.start()
    try:
        yield worker
    finally:
        worker.kill()
