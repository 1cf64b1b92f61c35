"""Every error in one shape: `{"error": {"code", "message", "hint"}}`. Never repeats the input."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException

from addin_service.catalogues import ENGLISH, Language
from addin_service.language import NOTHING, Words, say


@dataclass(eq=False)  # an exception is given its traceback while it travels
class Problem(Exception):
    """An error answer. The caller can act on it: `hint` says how."""

    status: int
    code: str
    message: Words
    hint: Words = NOTHING
    retry_after_s: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """What the answer carries beside the usual headers."""
        return {"Retry-After": str(self.retry_after_s)} if self.retry_after_s else {}

    def body(self, language: Language = ENGLISH) -> bytes:
        """The JSON of the answer."""
        message, hint = language.tell(self.message), language.tell(self.hint)
        said = {"code": self.code, "message": message, "hint": hint}
        return json.dumps({"error": said}, ensure_ascii=False).encode()

    def wsgi(self, start_response: Any, language: Language = ENGLISH) -> Iterable[bytes]:
        """The answer, from outside Flask."""
        body = self.body(language)
        line = f"{self.status} {HTTPStatus(self.status).phrase}"
        headers = {**HEADERS, **spoken(language), **self.headers, "Content-Length": str(len(body))}
        start_response(line, [*headers.items()])
        return [body]


def spoken(language: Language) -> dict[str, str]:
    """What an answer says of its language, and that it hangs on what was asked for."""
    return {"Content-Language": language.tag, "Vary": "Accept-Language"}


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
    400: ("bad-request", say("The request could not be read."),
          say("Send it as the OpenAPI document says.")),
    404: ("not-found", say("Nothing is under this path."),
          say("GET /v1/openapi.json lists the paths.")),
    405: ("method-not-allowed", say("This path does not take this method."),
          say("GET /v1/openapi.json lists the methods.")),
    413: ("too-large", say("The request is too large."),
          say("Attachments are described, not sent.")),
    415: ("not-json", say("Only JSON is read here."), say("Set Content-Type to application/json.")),
    500: ("internal", say("Something broke in the service."),
          say("Try again; tell your helpdesk the incident number if it stays.")),
    503: ("unavailable", say("The record cannot be written now, so nothing was decided."),
          say("Try again in a moment; `addin-service doctor` says what is wrong.")),
}  # fmt: skip


def plain(status: int) -> Problem:
    """The problem for a status that needs no further words."""
    known = status if status in PLAIN else (500 if status >= 500 else 400)
    return Problem(status, *PLAIN[known])


def from_http(error: HTTPException) -> Problem:
    """Werkzeug's own refusals in our shape."""
    return plain(error.code or 500)
