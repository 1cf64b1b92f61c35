"""A helper process with real frames, and the data folder that it works on."""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from addin_service import listening
from addin_service.helper.places import EXTENSION
from addin_service.settings import Settings

PROFILE = "0123456789abcdef" * 2
COMMAND = [sys.executable, "-P", "-m", "addin_service"]
OTHER = "fedcba9876543210" * 2
PATIENCE_S = 60


@dataclass(frozen=True)
class Folder:
    """One user's data folder, and an organisation folder that is not there."""

    settings: Settings

    @classmethod
    def within(cls, folder: Path) -> "Folder":
        return cls(Settings(folder / "data", folder / "organisation"))

    @property
    def data(self) -> Path:
        return self.settings.data

    @property
    def folders(self) -> list[str]:
        return ["--data", str(self.data), "--organisation", str(self.settings.organisation)]

    def helper(self, extension: str = EXTENSION) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-P", "-m", "addin_service.helper", *self.folders]
        return subprocess.Popen(
            [*command, "manifest.json", extension],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
        )  # fmt: skip

    def ask(self, **question: Any) -> Any:
        """What a helper that is started for this one question says."""
        return self.converse({"profile": PROFILE, **question})[0]

    def converse(self, *questions: object) -> list[Any]:
        process = self.helper()
        out, _ = process.communicate(b"".join(map(frame, questions)), timeout=PATIENCE_S)
        assert process.returncode == 0
        return unframed(out)

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*COMMAND, *self.folders, *words],
            capture_output=True, text=True, env=environment(), timeout=PATIENCE_S,
        )  # fmt: skip

    def clients(self) -> list[dict[str, Any]]:
        said = self.command("client", "list", "--json")
        assert said.returncode == 0, said.stderr
        return list(json.loads(said.stdout))

    def kill(self) -> int:
        """The service ends at once, as by a power cut; the number of its process."""
        found = listening.noted(self.data)
        assert found is not None
        os.kill(found.process, signal.SIGKILL)
        until(lambda: not is_alive(found.process) and is_free(port_of(found)))
        return found.process

    def clear(self) -> None:
        """No test leaves a service behind."""
        found = listening.noted(self.data)
        if found is not None and is_alive(found.process):
            os.kill(found.process, signal.SIGKILL)


def frame(value: object) -> bytes:
    content = json.dumps(value).encode()
    return struct.pack("=I", len(content)) + content


def unframed(out: bytes) -> list[Any]:
    values = []
    while out:
        (length,) = struct.unpack_from("=I", out)
        values.append(json.loads(out[4 : 4 + length]))
        out = out[4 + length :]
    return values


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "ADDIN_SERVICE" not in name}


def port_of(found: listening.Listening) -> int:
    return int(found.service.rpartition(":")[2])


def is_free(port: int) -> bool:
    """Threads of a process that was killed may end, and let go of its port, after the process."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def until(condition: Any) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)
