"""Why a record was not moved, in words for the person who asked for it."""

from typing import Literal

Fault = Literal["asked", "record", "machine"]
"""What has to change: what was asked, the record or archive itself, or the computer."""


class NotMoved(Exception):
    """Nothing was changed. `hint` names the way out; neither sentence holds a name or address."""

    def __init__(self, message: str, hint: str, fault: Fault = "asked") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fault = fault


DAMAGED = "Restore the newest backup that is whole; keep the damaged one for whoever looks into it."
NO_ROOM = NotMoved(
    "There is not enough room on the disk; nothing was left behind.",
    "Make room there, or give a place on another disk.",
    "machine",
)
