"""Where the service of a desk listens at the moment: a note in its data folder.

The port may be another than usual, and a mail program cannot know it. The note says where to ask,
never whom to believe: whoever answers there has to prove itself.
"""

import contextlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from addin_service.model import Json

NAME = "listening.json"
_SERVICE = re.compile(r"http://(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d{1,5}\Z")
_LIMIT_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Listening:
    """The service's address, and the number of its process."""

    service: str
    process: int


def note(data: Path, host: str, port: int) -> None:
    """Leave the note, readable by the user alone, whole or not at all."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    value: Json = {"service": f"http://{shown}:{port}", "process": os.getpid()}
    new = data / f"{NAME}.new"
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(value, file)
    os.replace(new, data / NAME)


def forget(data: Path) -> None:
    """Take the note away; one that cannot be taken away will not prove itself."""
    with contextlib.suppress(OSError):
        (data / NAME).unlink(missing_ok=True)


def noted(data: Path) -> Listening | None:
    """What the note says; None where there is none that makes sense."""
    try:
        with (data / NAME).open("rb") as file:
            value = json.loads(file.read(_LIMIT_BYTES))
        listening = Listening(str(value["service"]), int(value["process"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return listening if _SERVICE.match(listening.service) and listening.process > 0 else None
