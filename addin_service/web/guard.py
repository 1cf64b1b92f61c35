"""Who may talk to the service: decided before Flask sees anything.

Host, form of the target, origin, content type, size, token, in this order. Whatever is not
explicitly public needs a token.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from addin_service.catalogues import Language, Languages, shipped
from addin_service.department import Department
from addin_service.language import say
from addin_service.settings import MAX_SEAL_BYTES
from addin_service.store import clients
from addin_service.store.clients import Client
from addin_service.store.engine import Store, StoreUnavailable
from addin_service.web import proxy
from addin_service.web.errors import Problem, plain
from addin_service.web.limits import Limits, peer
from addin_service.web.parser import SEAL_PATH

CLIENT = "addin_service.client"
"""Where the guard leaves the caller for the application."""

PUBLIC = frozenset({("GET", "/v1/health"), ("POST", "/v1/hello"), ("POST", "/v1/pair")})
PAGES = frozenset({("GET", "/sign-in"), ("GET", "/sign-in/callback")})
"""Public where people sign in. A link may lead to them, and the provider leads back."""
METHODS = frozenset({"GET", "POST", "DELETE"})

_JSON = re.compile(r'application/json(?:\s*;\s*charset\s*=\s*(?:utf-8|"utf-8"))?', re.IGNORECASE)
# Thunderbird gives each profile a random UUID: the scheme is all that can be known. The token is
# who it is; the origin only keeps web pages out.
_EXTENSION = re.compile(
    r"moz-extension://[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
_LONGEST_TOKEN = 200

HOST = Problem(
    421, "wrong-host", say("This service does not answer under that name."),
    say("Use the address that `addin-service serve` printed, such as http://127.0.0.1:8025."),
)  # fmt: skip
PROXY = Problem(
    421, "wrong-host",
    say("This request did not come by https through the service's own proxy."),
    say("Use the https address of your organisation's service."),
)  # fmt: skip
ORIGIN = Problem(
    403, "wrong-origin", say("Web pages may not talk to this service."),
    say("Only a mail add-in that was paired may; see `addin-service client pair`."),
)  # fmt: skip
NO_TOKEN = Problem(
    401, "no-token", say("This client is not paired, or its access has ended."),
    say("Pair it with the code that `addin-service client pair` prints."),
)  # fmt: skip


def _is_readable(content_type: str, seals: bool) -> bool:
    """JSON everywhere; where attachments come along also a form, which a token still guards."""
    if _JSON.fullmatch(content_type):
        return True
    return seals and content_type.lower().startswith("multipart/form-data;")


def _is_navigation(environ: dict[str, Any]) -> bool:
    """Whether a person goes to a page, which is then what the window shows."""
    asked = environ.get("HTTP_SEC_FETCH_MODE"), environ.get("HTTP_SEC_FETCH_DEST")
    return asked == ("navigate", "document")


@dataclass(frozen=True, slots=True)
class Guard:
    """A WSGI wrapper. `hosts` are the exact Host headers that are answered.

    Beside them a department has its public name, under which only its proxy may ask.
    """

    app: Callable[..., Iterable[bytes]]
    store: Store
    hosts: frozenset[str]
    max_body_bytes: int
    department: Department | None = None
    limits: Limits | None = None
    pages: frozenset[tuple[str, str]] = frozenset()
    bearer: Callable[[str], Client | None] | None = None
    """Who brings a token of the provider that Outlook signs in at; raises `Problem`."""
    told: Callable[[Problem | StoreUnavailable], None] = lambda _refusal: None
    """Hears of each refusal, to count it."""
    languages: Languages = field(default_factory=shipped)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Refuse, or pass the request on with the client it comes from."""
        try:
            environ[CLIENT] = self._admit(environ)
        except Problem as problem:
            self.told(problem)
            refusal = problem.wsgi(start_response, self._language(environ))
        except StoreUnavailable as unavailable:
            self.told(unavailable)
            refusal = plain(503).wsgi(start_response, self._language(environ))
        else:
            return self.app(environ, start_response)
        # After the answer to HEAD the next one follows at once: a body would be taken for it.
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else refusal

    def _language(self, environ: dict[str, Any]) -> Language:
        return self.languages.preferred(environ.get("HTTP_ACCEPT_LANGUAGE", ""))

    def _admit(self, environ: dict[str, Any]) -> Client | None:
        page = self._reached(environ)
        target = environ.get("REQUEST_URI") or environ.get("PATH_INFO", "")
        if not target.startswith("/") or target.startswith("//"):
            raise HOST  # absolute-form names another authority than Host does
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin != page and not _EXTENSION.fullmatch(origin):
            raise ORIGIN
        method = environ.get("REQUEST_METHOD", "")
        if method not in METHODS:
            raise plain(405)
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit():
            raise plain(400)
        seals = environ.get("PATH_INFO") == SEAL_PATH
        if int(length) > (MAX_SEAL_BYTES if seals else self.max_body_bytes):
            raise plain(413)
        if method == "POST" and not _is_readable(environ.get("CONTENT_TYPE", ""), seals):
            raise plain(415)
        # A browser that follows a link or loads a picture says so; no add-in ever does that. A
        # page of another program on localhost is "same-site".
        route = (method, environ.get("PATH_INFO", ""))
        is_led_here = route in self.pages and _is_navigation(environ)
        from_elsewhere = environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin")
        if from_elsewhere and not is_led_here:
            raise ORIGIN
        if route in PUBLIC or route in self.pages:
            return None
        return self._holder(environ)

    def _reached(self, environ: dict[str, Any]) -> str | None:
        """The origin whose pages are ours under the name that was asked for; None for none."""
        said, host = proxy.forget(environ), environ.get("HTTP_HOST", "")
        if host in self.hosts:
            return None
        if self.department is None or host != self.department.host:
            raise HOST
        if not proxy.believe(environ, said):
            raise PROXY
        return self.department.public

    def _holder(self, environ: dict[str, Any]) -> Client:
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer" or not token.isascii():
            raise NO_TOKEN
        if self.bearer and token.count(".") == 2:  # ours has one dot
            client = self.bearer(token)
        elif 0 < len(token) <= _LONGEST_TOKEN:
            with self.store.read() as connection:
                client = clients.holder(connection, token)
        else:
            raise NO_TOKEN
        if client is None:
            if self.limits:
                self.limits.failed("token", peer(environ))
            raise NO_TOKEN
        return client
