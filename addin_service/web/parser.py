"""Reading a request: whatever two readers could read differently is refused."""

import copy
import re
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import RequestEntityTooLarge

from addin_service.settings import MAX_SEAL_BYTES

SEAL_PATH = "/v1/seal"

_ONCE = (b"host", b"content-length", b"content-type", b"authorization", b"origin")
_FIRST = re.compile(rb"[A-Z]+ [\x21-\x7e]+ HTTP/1\.[01]")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_SWALLOWED = 8
"""Bodies of up to this many times the limit are read to their end before they are refused."""


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """One reading of the first line and of each header, and a 413 that arrives."""

    adj: Any
    expect_continue: bool
    _left = 0  # of a body that is too large

    def parse_header(self, header_plus: bytes) -> None:
        """Raises `ParsingError` for a repeated or folded header and for any transfer coding."""
        first, *lines = header_plus.split(b"\r\n")
        names = [line.partition(b":")[0].lower() for line in lines if line]
        if not _FIRST.fullmatch(first):
            raise ParsingError("first line")
        if any(names.count(name) > 1 for name in _ONCE):
            raise ParsingError("repeated header")
        if any(line[:1] in (b" ", b"\t") for line in lines):
            raise ParsingError("folded header")
        # Every client of ours knows the length of what it sends.
        if b"transfer-encoding" in names:
            raise ParsingError("transfer coding")
        if any(_CONTROL.search(line) for line in lines):
            raise ParsingError("control character")
        try:
            super().parse_header(header_plus)
        except ValueError:  # of a target or a length that Python itself cannot read
            raise ParsingError("unreadable") from None
        # Only a request to seal brings attachments; one that names no token is not read at length.
        if self.path == SEAL_PATH and b"authorization" in names:
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = MAX_SEAL_BYTES

    def received(self, data: bytes) -> int:
        """Take in data; answers how much of it belongs to this request."""
        if self._left:
            taken = min(len(data), self._left)
            self._left -= taken
            self.completed = not self._left
            return taken
        consumed: int = super().received(data)
        if self.error is None:
            return consumed
        asks_first, self.expect_continue = self.expect_continue, False
        # Whoever is still sending does not read: an answer now, and the connection closed, would
        # be lost, and the mail client would take the service for unreachable.
        too_large = isinstance(self.error, RequestEntityTooLarge) and not asks_first
        if too_large and self.content_length <= _SWALLOWED * self.adj.max_request_body_size:
            self._left = self.content_length
            self.completed = False
        return consumed
