"""Serving until told to stop, and then ending without losing a request that was taken up."""

import select
import threading
import time
from typing import Any

from waitress import wasyncore

DRAIN_S = 20.0
"""For answering what was taken up; a large message takes seconds to seal. Mostly it is no time."""
FIRST_WORD_S = 1.0
"""How long a connection from the backlog may take until its first request begins."""
_LOOK_S = 0.5
_BACKLOG = 1024  # waitress's own


def run(server: Any, stop: threading.Event) -> None:
    """Serve until `stop` is set, see `wake`; then answer what was taken up, and close."""
    while not stop.is_set():
        _turn(server, _LOOK_S)
    _take_backlog(server)
    _close_listener(server)
    ends = time.monotonic() + DRAIN_S
    while server.active_channels and time.monotonic() < ends:
        _turn(server, 0.05)
        for channel in list(server.active_channels.values()):
            channel.close_if_idle(FIRST_WORD_S)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
    wasyncore.close_all(server._map, ignore_all=True)


def wake(server: Any, stop: threading.Event) -> None:
    """Tell a running server, from any thread, to stop."""
    stop.set()
    server.pull_trigger()


def _turn(server: Any, timeout_s: float) -> None:
    wasyncore.loop(timeout=timeout_s, map=server._map, count=1)


def _take_backlog(server: Any) -> None:
    """Accept who already waits: to them the system has said that the connection stands."""
    server.stopping = True
    for _ in range(_BACKLOG):
        waiting, _, _ = select.select([server.socket], [], [], 0)
        if not waiting:
            return
        server.handle_accept()


def _close_listener(server: Any) -> None:
    """Take no more connections; the trigger stays, by which the threads wake the loop."""
    wasyncore.dispatcher.close(server)
