"""waitress with the limits that a service for impatient people needs.

It buffers a request before a thread takes it up, so slow senders cannot hold the threads. Added
here: a total deadline per request, one reading of each header, errors in our shape, and nothing
spooled to a file.
"""

import re
import time
from collections.abc import Callable
from typing import Any

from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask

from addin_service.settings import MAX_BODY_BYTES, REQUEST_DEADLINE_S
from addin_service.web.errors import HEADERS, plain

THREADS = 8
CONNECTIONS = 1000
IDLE_S = 30

_ONCE = (b"host", b"content-length", b"content-type", b"authorization", b"origin")


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses whatever two readers could read differently."""

    def parse_header(self, header_plus: bytes) -> None:
        """Raises `ParsingError` for a repeated or folded header and for any transfer coding."""
        lines = header_plus.split(b"\r\n")[1:]
        names = [line.partition(b":")[0].lower() for line in lines if line]
        if any(names.count(name) > 1 for name in _ONCE):
            raise ParsingError("repeated header")
        if any(line[:1] in (b" ", b"\t") for line in lines):
            raise ParsingError("folded header")
        # Every client of ours knows the length of what it sends.
        if b"transfer-encoding" in names:
            raise ParsingError("transfer coding")
        if any(re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line) for line in lines):
            raise ParsingError("control character")
        super().parse_header(header_plus)


class ShapedErrorTask(ErrorTask):  # type: ignore[misc]
    """waitress's own refusals in our error shape."""

    def execute(self) -> None:
        """Answer and hang up."""
        problem = plain(self.request.error.code)
        body = problem.body()
        self.status = f"{self.request.error.code} {self.request.error.reason}"
        self.response_headers.extend(HEADERS.items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class DeadlineChannel(HTTPChannel):  # type: ignore[misc]
    """Hangs up on a request that is not complete in time, however busily it trickles."""

    parser_class = StrictParser
    error_task_class = ShapedErrorTask
    _began: float | None = None

    def received(self, data: bytes) -> bool:
        """Take in data, and remember when the request at hand began."""
        taken: bool = super().received(data)
        if self.request is None:
            self._began = None
        elif self._began is None:
            self._began = time.monotonic()
        return taken

    def readable(self) -> bool:
        """Asked in every turn of the loop: the place to look at the clock."""
        if self._began is not None and time.monotonic() - self._began > REQUEST_DEADLINE_S:
            self.will_close = True
        return bool(super().readable())


def make_server(app: Callable[..., Any], host: str, port: int) -> Any:
    """A bound server, not yet running: `run()` serves, `close()` ends. Port 0 picks a free one.

    Raises `OSError` where the port is taken.
    """
    server = create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_S,
        cleanup_interval=5,
        max_request_body_size=MAX_BODY_BYTES,
        max_request_header_size=16 * 1024,
        # Above the body limit: waitress would otherwise write bodies over 512 KiB, that is the
        # text of mails, to a temporary file in clear.
        inbuf_overflow=2 * MAX_BODY_BYTES,
        outbuf_overflow=2 * MAX_BODY_BYTES,
        clear_untrusted_proxy_headers=True,
        expose_tracebacks=False,
    )
    server.channel_class = DeadlineChannel
    return server
