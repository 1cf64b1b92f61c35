"""Starting the service so that it goes on when Thunderbird, and this helper, have ended."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from addin_service.helper.asked import Refusal
from addin_service.settings import Settings

LOG = "service.log"
START_S = 30.0
"""From nothing to an answer. The first start on a slow machine reads the whole program."""
OTHER_S = 5.0
"""How long another service that is just starting may need, once ours has stood back."""
LOOK_AGAIN_S = 0.05
_WORDS_BYTES = 4000


def spawn(settings: Settings) -> subprocess.Popen[bytes]:
    """`serve` for this data folder, in a session of its own, on a port that is free."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = os.open(settings.data / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603 - our own program, by its full path
            [
                # Without the working folder among the places where modules are looked for.
                sys.executable, "-P", "-m", "addin_service",
                "--data", str(settings.data), "--organisation", str(settings.organisation),
                "serve", "--any-port",
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=settings.data, **_detached(),
        )  # fmt: skip
    finally:
        os.close(log)


def _detached() -> dict[str, Any]:
    if sys.platform == "win32":  # never run yet
        # Thunderbird ends everything in the helper's job, unless it has broken away.
        return {
            "creationflags": subprocess.DETACHED_PROCESS
            | subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.CREATE_BREAKAWAY_FROM_JOB
        }
    return {"start_new_session": True}


def gave_up(data: Path) -> Refusal:
    """Why `serve` has ended, in the words that it left for a person at a terminal."""
    words = _last_words(data / LOG)
    return Refusal(
        "not-started",
        words.get("error", "The service could not be started."),
        words.get("hint", "Run `addin-service doctor`: it says what is wrong."),
    )


def _last_words(kept: Path) -> dict[str, str]:
    try:
        with kept.open("rb") as file:
            text = file.read(_WORDS_BYTES).decode("utf-8", "replace")
    except OSError:
        return {}
    lines = (line.partition(": ") for line in text.splitlines())
    return {kind: said for kind, _, said in lines if kind in ("error", "hint")}


def silent() -> Refusal:
    """It runs and does not answer."""
    return Refusal(
        "not-answering", "The service was started and does not answer.",
        "Press Connect again in a minute. If it stays so, run `addin-service doctor`.",
    )  # fmt: skip
