"""Every error in one shape: `{"error": {"code", "message", "hint"}}`. Never repeats the input."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException


@dataclass(eq=False)  # an exception is given its traceback while it travels
class Problem(Exception):
    """An error answer. The caller can act on it: `hint` says how."""

    status: int
    code: str
    message: str
    hint: str = ""
    retry_after_s: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """What the answer carries beside the usual headers."""
        return {"Retry-After": str(self.retry_after_s)} if self.retry_after_s else {}

    def body(self) -> bytes:
        """The JSON of the answer."""
        said = {"code": self.code, "message": self.message, "hint": self.hint}
        return json.dumps({"error": said}, ensure_ascii=False).encode()

    def wsgi(self, start_response: Any) -> Iterable[bytes]:
        """The answer, from outside Flask."""
        body = self.body()
        line = f"{self.status} {HTTPStatus(self.status).phrase}"
        start_response(
            line, [*HEADERS.items(), *self.headers.items(), ("Content-Length", str(len(body)))]
        )
        return [body]


HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""On every answer: nothing here is to be kept, framed, sniffed or embedded by anybody."""

PLAIN = {
    400: ("bad-request", "The request could not be read.", "Send it as the OpenAPI document says."),
    404: ("not-found", "Nothing is under this path.", "GET /v1/openapi.json lists the paths."),
    405: ("method-not-allowed", "This path does not take this method.",
          "GET /v1/openapi.json lists the methods."),
    413: ("too-large", "The request is too large.", "Attachments are described, not sent."),
    415: ("not-json", "Only JSON is read here.", "Set Content-Type to application/json."),
    500: ("internal", "Something broke in the service.",
          "Try again; tell your helpdesk the incident number if it stays."),
    503: ("unavailable", "The record cannot be written now, so nothing was decided.",
          "Try again in a moment; `addin-service doctor` says what is wrong."),
}  # fmt: skip


def plain(status: int) -> Problem:
    """The problem for a status that needs no further words."""
    known = status if status in PLAIN else (500 if status >= 500 else 400)
    return Problem(status, *PLAIN[known])


def from_http(error: HTTPException) -> Problem:
    """Werkzeug's own refusals in our shape."""
    return plain(error.code or 500)
