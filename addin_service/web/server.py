"""waitress with the limits that a service for impatient people needs.

It buffers a request before a thread takes it up, so slow senders cannot hold the threads. Added
here: a total deadline per request, a strict parser, errors in our shape, and nothing spooled to a
file.
"""

import time
from collections.abc import Callable
from typing import Any

from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask

from addin_service.catalogues import shipped
from addin_service.settings import MAX_BODY_BYTES, MAX_SEAL_BYTES, REQUEST_DEADLINE_S
from addin_service.web.errors import HEADERS, plain, spoken
from addin_service.web.memory import keep_one_heap
from addin_service.web.parser import StrictParser
from addin_service.web.posture import loopback

THREADS = 8
# Some systems give a program 256 open files, and select() on Windows takes 512 sockets.
CONNECTIONS = 220
IDLE_S = 30


class ShapedErrorTask(ErrorTask):  # type: ignore[misc]
    """waitress's own refusals in our error shape."""

    def execute(self) -> None:
        """Answer and hang up."""
        problem = plain(self.request.error.code)
        language = shipped().preferred(self.request.headers.get("ACCEPT_LANGUAGE", ""))
        body = problem.body(language)
        self.status = f"{self.request.error.code} {self.request.error.reason}"
        self.response_headers.extend((HEADERS | spoken(language)).items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class LastTask(WSGITask):  # type: ignore[misc]
    """An answer that says so where it is the last one on its connection."""

    def build_response_header(self) -> bytes:
        """The head of the answer. A client that is told does not send into a closing line."""
        if getattr(self.channel.server, "stopping", False):
            self.set_close_on_finish()
        head: bytes = super().build_response_header()
        return head


class DeadlineChannel(HTTPChannel):  # type: ignore[misc]
    """Hangs up on a request that is not complete in time, however busily it trickles."""

    parser_class = StrictParser
    task_class = LastTask
    error_task_class = ShapedErrorTask
    _timed: Any = None
    _began = 0.0

    def received(self, data: bytes) -> bool:
        """Take in data, and remember when the request at hand began."""
        taken: bool = super().received(data)
        if self.request is not self._timed:
            self._timed, self._began = self.request, time.monotonic()
        return taken

    def readable(self) -> bool:
        """Asked in every turn of the loop: the place to look at the clock."""
        if self.request is not None and time.monotonic() - self._began > REQUEST_DEADLINE_S:
            self.will_close = True
        return bool(super().readable())

    def close_if_idle(self, first_word_s: float) -> None:
        """Hang up unless a request is under way, or may be: a new connection has this long."""
        begun = self.request is not None and not self.request.empty
        if begun or self.requests or self.total_outbufs_len:
            return
        if self._timed is not None or time.time() - self.creation_time > first_word_s:
            self.will_close = True


def make_server(app: Callable[..., Any], host: str, port: int) -> Any:
    """A bound server, not yet running: `run()` serves, `close()` ends. Port 0 picks a free one.

    Raises `OSError` where the port is taken, `UnsafeBind` for an address beyond this computer.
    """
    keep_one_heap()
    server = create_server(
        app,
        host=loopback(host),
        port=port,
        threads=THREADS,
        ident=None,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_S,
        cleanup_interval=5,
        max_request_body_size=MAX_BODY_BYTES + 1,  # the first size that is refused
        max_request_header_size=16 * 1024,
        # Above the body limit: waitress would otherwise write bodies over 512 KiB, that is the
        # text of mails, to a temporary file in clear.
        inbuf_overflow=2 * MAX_SEAL_BYTES,
        outbuf_overflow=2 * MAX_SEAL_BYTES,
        clear_untrusted_proxy_headers=False,  # the guard does, and believes our own proxy
        expose_tracebacks=False,
    )
    server.channel_class = DeadlineChannel
    return server
