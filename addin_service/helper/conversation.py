"""One line to Thunderbird: questions in, answers out, until it hangs up."""

from collections.abc import Callable
from typing import Any

from addin_service.helper import service
from addin_service.helper.asked import Asked, Refusal, answer, read, refused
from addin_service.helper.frames import Frames, Garbled, framed
from addin_service.settings import Settings

PIECE_BYTES = 4096


def converse(
    take: Callable[[int], bytes], give: Callable[[bytes], None], reply: Callable[[Any], object]
) -> bool:
    """Answer each frame by `reply`; `take` gives no bytes at the end. False for a garbled line."""
    frames = Frames()
    while data := take(PIECE_BYTES):
        try:
            for value in frames.feed(data):
                give(framed(reply(value)))
        except Garbled:
            return False
    return not frames.unfinished


def replies(settings: Settings) -> Callable[[Any], object]:
    """What is said to a question about this installation."""

    def reply(value: Any) -> object:
        try:
            return _answered(settings, read(value))
        except Refusal as refusal:
            return refused(refusal)

    return reply


def _answered(settings: Settings, asked: Asked) -> object:
    if asked.want == "start":
        return answer(*service.ensure_running(settings, asked))
    # Without a record there is nobody to be a client of: the first start makes it.
    found = service.connection(settings, asked)
    return answer(found, "unknown") if found else answer(*service.ensure_running(settings, asked))
