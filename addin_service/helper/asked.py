"""What the add-in may ask of the helper, and what it gets for an answer."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from addin_service import __version__

PROFILE = re.compile(r"[0-9a-f]{32}\Z")


class Refusal(Exception):
    """The helper cannot do it; the words are for the person in front of Thunderbird."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `profile` is a random number that one profile of Thunderbird keeps."""

    want: Literal["connection", "start"]
    profile: str
    anew: bool = False
    """The user has pressed Connect: an access that was ended is followed by a new one."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the service is, and the token of this profile."""

    service: str
    token: str


def read(value: Any) -> Asked:
    """The question in a frame. Raises `Refusal`."""
    if isinstance(value, dict) and set(value) <= {"want", "profile", "anew"}:
        want, profile, anew = value.get("want"), value.get("profile"), value.get("anew", False)
        sound = isinstance(profile, str) and PROFILE.match(profile) and isinstance(anew, bool)
        if want in ("connection", "start") and sound:
            return Asked(want, str(profile), anew)
    raise Refusal(
        "bad-question", "The helper was asked for something that it does not know.",
        "Add-in and service do not fit together: install the same version of both.",
    )  # fmt: skip


def answer(connection: Connection, state: str) -> dict[str, object]:
    """The answer; `state` is `running`, `started`, or `unknown` where nobody looked."""
    return {
        "service": connection.service,
        "token": connection.token,
        "state": state,
        "version": __version__,
    }


def refused(refusal: Refusal) -> dict[str, object]:
    """The same shape as the service's errors."""
    error = {"code": refusal.code, "message": refusal.message, "hint": refusal.hint}
    return {"error": error, "version": __version__}
