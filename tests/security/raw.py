"""A client that sends exactly the bytes it is told to, and the three questions asked of a refusal.

What is sent holds words that occur nowhere else, so that they can be looked for afterwards.
"""

import contextlib
import hashlib
import io
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from addin_service.installation import Installation
from addin_service.store.tables import metadata
from addin_service.web.app import create_app
from tests.conftest import Live, draft_json

PERSONAL = ("gannet", "herons", "quillfeather", "Ottoline", "plover-report", "sandpipers")
"""In the subject, text, addresses, names, attachment and reasons of whatever is sent here."""

PUBLIC = "https://lastlook.council.example"
"""The origin of the department under attack."""

BY_PROXY = (("X-Forwarded-For", "10.1.2.3"), ("X-Forwarded-Proto", "https"))
"""What our own proxy says about a request."""

ADDRESS = "ottoline.quillfeather@chambers.example"
NO_ID = "0" * 32


@dataclass(frozen=True)
class Reply:
    """An HTTP answer as it came."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, if it is there."""
        return next((value for key, value in self.headers if key == name), None)


class HungUp(Exception):
    """The service closed the connection before a whole answer."""


class Line:
    """A connection, opened anew after the service closes it."""

    def __init__(self, port: int, timeout: float = 20) -> None:
        self.port, self.timeout = port, timeout
        self._socket: socket.socket | None = None
        self._buffer = b""

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    def connect(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection(("127.0.0.1", self.port), self.timeout)

    def hang_up(self) -> None:
        """Close the connection."""
        if self._socket:
            self._socket.close()
        self._socket, self._buffer = None, b""

    def ask(self, data: bytes) -> Reply:
        """Send these bytes; the first answer."""
        if self._socket is None:
            self._socket = self.connect()
        self._socket.sendall(data)
        reply = self._reply()
        if reply.header("connection") == "close":
            self.hang_up()
        return reply

    def all_replies(self, data: bytes) -> list[Reply]:
        """Send these bytes on a fresh connection, close our half; every answer to the end."""
        self.hang_up()
        self._socket = self.connect()
        found = []
        with contextlib.suppress(HungUp, ConnectionError):
            self._socket.sendall(data)
            while True:
                found.append(self._reply())
                if found[-1].header("connection") == "close":
                    break
                self._socket.settimeout(0.3)  # nothing more has come by then: nothing will
        self.hang_up()
        return found

    def _reply(self) -> Reply:
        head = self._until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in lines[1:] if line]
        headers = [(name.lower(), value.strip()) for name, _, value in pairs]
        length = int(next((value for name, value in headers if name == "content-length"), "0"))
        while len(self._buffer) < length:
            self._more()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return Reply(int(lines[0].split()[1]), headers, body)

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(end)
        return head

    def _more(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(65536)
        except (TimeoutError, ConnectionError):
            raise HungUp from None
        if not data:
            raise HungUp
        self._buffer += data


def message(method: str, target: str, *headers: tuple[str, str], body: bytes = b"") -> bytes:
    """A request of these headers and no others, but for the length of a body."""
    length = [("Content-Length", str(len(body)))] if body else []
    lines = [f"{name}: {value}\r\n" for name, value in (*headers, *length)]
    # Latin-1 keeps each byte that a test writes as one character.
    return f"{method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("latin-1") + body


@dataclass(frozen=True)
class Route:
    """A rule of the URL map, its ids filled in."""

    method: str
    path: str
    rule: str


def routes(installation: Installation) -> list[Route]:
    """Every route of the service, from the URL map itself."""
    app: Any = create_app(installation, "127.0.0.1", 1).app
    return [
        Route(method, re.sub(r"<\w+>", NO_ID, rule.rule), rule.rule)
        for rule in sorted(app.url_map.iter_rules(), key=str)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def state(installation: Installation) -> dict[str, Any]:
    """Each row of the database, and the bytes of each file of the installation."""
    with installation.store.read() as connection:
        rows = {
            table.name: connection.execute(select(table)).all() for table in metadata.sorted_tables
        }
    files = {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in (installation.settings.data, installation.settings.organisation)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return {"rows": rows, "files": files}


@dataclass
class Target:
    """The service under attack: with contacts, an open request and an open pairing code."""

    live: Live
    code: str
    request_id: str
    contact_id: str
    log: io.StringIO
    routes: list[Route] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where the service listens."""
        return int(self.live.port)

    @property
    def host(self) -> tuple[str, str]:
        """The header that the service answers to."""
        return "Host", f"127.0.0.1:{self.live.port}"

    @property
    def allowed(self) -> tuple[str, str]:
        """The token with the most rights."""
        return "Authorization", f"Bearer {self.live.helpdesk}"

    def path(self, route: Route) -> str:
        """The path of a route, about something that is there."""
        return route.path.replace(
            NO_ID, self.contact_id if "contact" in route.path else self.request_id
        )

    def body(self, path: str) -> bytes:
        """What this path would act upon, if the request were let in."""
        draft = draft_json(
            ADDRESS, subject="The gannet file", text="Seventeen herons.",
            attachments=[{"name": "plover-report.pdf", "size": 7}],
        )  # fmt: skip
        said: dict[str, Any] = {
            "/v1/check": {"purpose": "send", "draft": draft},
            "/v1/seal": {"draft": draft, "review": "none"},
            "/v1/sent": {"outcome": "sent", "draft": draft},
            "/v1/hello": {"client": self.live.token.partition(".")[0], "nonce": "n" * 32},
            "/v1/pair": {"code": self.code, "name": "Ottoline"},
            "/v1/unpair": {"client": "another"},
            "/v1/contacts": {"address": ADDRESS, "reason": "sandpipers"},
            "/v1/contacts/search": {"query": "quillfeather"},
            "/v1/keys/ask": {"address": "p.tan@chambers.example"},
            "/v1/history": {
                "mailbox": "ann.lee@council.example",
                "mails": [
                    {
                        "message": "gannet@council.example", "date": "2026-07-01T09:30:00Z",
                        "from": "ann.lee@council.example", "to": [ADDRESS],
                        "subject": "The gannet file",
                    }
                ],
            },
            "/v1/book": {
                "mailbox": "ann.lee@council.example",
                "entries": [{"address": ADDRESS, "name": "Ottoline"}],
            },
            "/v1/requests": {
                "address": ADDRESS, "from": "ann.lee@council.example", "reason": "sandpipers",
            },
            f"/v1/requests/{self.request_id}": {"state": "granted", "reason": "sandpipers"},
        }  # fmt: skip
        return json.dumps(said.get(path, {})).encode()

    def valid(self, route: Route, *more: tuple[str, str], method: str = "") -> bytes:
        """A request that lacks nothing, and these headers."""
        path, sent = self.path(route), method or route.method
        if sent != "POST":
            return message(sent, path, self.host, self.allowed, *more)
        kind = ("Content-Type", "application/json")
        return message(sent, path, self.host, self.allowed, kind, *more, body=self.body(path))

    def admitted(self, route: Route) -> int:
        """The status of `valid` once it is let in: what was not reviewed is not sealed, nobody ends
        another's access, and the helpdesk is no operator."""
        return {"/v1/seal": 409, "/v1/unpair": 409, "/metrics": 403}.get(route.path, 200)

    @contextlib.contextmanager
    def unharmed(self) -> Iterator[None]:
        """Afterwards every row and file is as before, and the log holds nothing personal."""
        before = state(self.live.installation)
        yield
        assert state(self.live.installation) == before
        self.says_nothing_personal()

    def says_nothing_personal(self) -> None:
        """The log holds no word of what was sent, and no token."""
        logged = self.log.getvalue()
        for secret in (*PERSONAL, *self.secrets()):
            assert secret not in logged

    def secrets(self) -> list[str]:
        """What lets somebody in."""
        tokens = (self.live.token, self.live.helpdesk)
        return [*(token.partition(".")[2] for token in tokens), self.code]


def in_shape(reply: Reply, *statuses: int) -> None:
    """This is a refusal of one of these statuses, in our shape, and repeats nothing."""
    assert reply.status in statuses, (reply.status, reply.body)
    error = json.loads(reply.body)
    assert list(error) == ["error"]
    assert list(error["error"]) == ["code", "message", "hint"]
    assert all(isinstance(said, str) and said for said in error["error"].values())
    assert reply.header("content-type") == "application/json"
    assert reply.header("x-content-type-options") == "nosniff"
    assert reply.header("cache-control") == "no-store"
    assert reply.header("server") is None
    assert not [name for name, _ in reply.headers if name.startswith("access-control-")]
    said = reply.body.decode() + str(reply.headers)
    for personal in PERSONAL:
        assert personal not in said
