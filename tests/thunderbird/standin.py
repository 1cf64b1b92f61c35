"""Whoever holds the service's port when it is not the service: scripted, and it writes all down."""

import contextlib
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
Reply = tuple[int, str, bytes]

NEVER = object()
"""No answer, for as long as it stands there."""

CUT = object()
"""The connection ends without an answer."""

HALF = object()
"""The connection ends in the middle of the answer that was due."""

DIES = object()
"""It ends when it is asked: nobody holds the port any more."""

ANSWERS_AND_DIES = object()
"""It ends when it has answered."""


def as_json(status: int, body: object) -> Reply:
    return status, "application/json", json.dumps(body).encode()


def proof_of(token: str, client: str, nonce: str) -> str:
    message = f"addin-service hello v1\n{client}\n{nonce}".encode()
    return hmac.new(hashlib.sha256(token.encode()).digest(), message, "sha256").hexdigest()


def finding(
    code: str = "recipient.near-known-address",
    *,
    id: str = "f1",
    severity: str = "warn",
    address: str | None = "p.tan@chambers.example",
    ask: str | None = "choose",
    suggestion: str | None = None,
    name: str = "",
    message: str = "You have not written to this address.",
    advice: str = "Look at the source again.",
    facts: Json | None = None,
) -> Json:
    return {
        "id": id,
        "code": code,
        "severity": severity,
        "about": {"field": "to", "address": address} if address else None,
        "message": message,
        "advice": advice,
        "ask": ask,
        "suggestion": {"address": suggestion, "name": name} if suggestion else None,
        "facts": facts or {},
    }


def answer(
    verdict: str = "allow", *findings: Json, unreachable: str = "hold", **other: Any
) -> Json:
    return {
        "reference": "K7-Q2M",
        "review": "a-review-token",
        "verdict": verdict,
        "findings": list(findings),
        "encryption": {"required": False, "because": [], "possible": False, "readers": []},
        "policy": "1",
        "unreachable": unreachable,
    } | other


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Json:
        return dict(json.loads(self.body))


class StandIn:
    """Answers like a service that knows `token`; `replies` change what one path does."""

    def __init__(self, port: int, token: str = "", tls: ssl.SSLContext | None = None) -> None:
        self.port = port
        self.asked: list[Asked] = []
        self.token = token
        self.check: Callable[[Json], Json] = lambda question: answer()
        self.sealed: Callable[[], Reply] | None = None
        self.replies: dict[str, Callable[[], Reply] | object] = {}
        self.redirect: dict[str, str] = {}
        self._released = threading.Event()
        self._turn = threading.Lock()
        self._taken: list[socket.socket] = []
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                reply = standin.replies.get(self.path) or standin.replies.get("*")
                if reply is DIES:
                    standin.stop()
                standin.asked.append(Asked(self.path, dict(self.headers), body))
                if reply is NEVER:
                    standin._released.wait(60)
                if reply in (NEVER, DIES, CUT):
                    self._hang_up()
                    return
                if elsewhere := standin.redirect.get(self.path):
                    self.send_response(307)
                    self.send_header("Location", elsewhere)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                own = reply is None or reply in (HALF, ANSWERS_AND_DIES)
                made = standin._reply(self.path, body) if own else reply()
                status, kind, content = made
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if reply is ANSWERS_AND_DIES:
                    # Whoever has the answer finds nobody who would take the next question.
                    standin._listens_no_more()
                self.wfile.write(content[: len(content) // 2] if reply is HALF else content)
                if reply is HALF:
                    self._hang_up()
                if reply is ANSWERS_AND_DIES:
                    standin._hang_up_on_all()

            def _hang_up(self) -> None:
                self.close_connection = True
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

            do_GET = do_OPTIONS = do_POST

            def log_message(self, *ignored: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def get_request(self) -> Any:
                taken, peer = super().get_request()
                standin._taken.append(taken)
                return taken, peer

            def handle_error(self, *ignored: Any) -> None:
                pass

        def listening() -> Server:
            server = Server(("127.0.0.1", port), Handler)
            if tls:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            return server

        self._listening = listening
        self._server: Server | None = None
        self.start()

    def start(self) -> None:
        """Hold the port; also after it has ended."""
        with self._turn:
            if self._server is not None:
                return
            self._released.clear()
            self._server = server = self._listening()
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def _reply(self, path: str, body: bytes) -> Reply:
        question = json.loads(body) if body.startswith(b"{") else {}
        if path == "/v1/hello":
            proof = proof_of(self.token, question["client"], question["nonce"])
            return as_json(200, {"proof": proof})
        if path == "/v1/check":
            return as_json(200, self.check(question))
        if path == "/v1/seal" and self.sealed:
            return self.sealed()
        return as_json(200, {})

    def questions(self, path: str = "/v1/check") -> list[Json]:
        return [asked.json for asked in self.asked if asked.path == path]

    def reports(self) -> list[Json]:
        """What it was told of mails that went."""
        return [one for one in self.questions("/v1/sent") if one["outcome"] == "sent"]

    def at(self, path: str) -> float:
        """The clock when this path was last asked."""
        return next(asked.at for asked in reversed(self.asked) if asked.path == path)

    @property
    def everything(self) -> bytes:
        """All that was ever shown to it."""
        return b"\n".join(
            asked.path.encode() + json.dumps(asked.headers).encode() + asked.body
            for asked in self.asked
        )

    def stop(self) -> None:
        self._released.set()
        self._listens_no_more()
        self._hang_up_on_all()

    def _listens_no_more(self) -> None:
        with self._turn:
            server, self._server = self._server, None
            if server is not None:
                server.shutdown()
                server.server_close()

    def _hang_up_on_all(self) -> None:
        while self._taken:
            taken = self._taken.pop()
            # Thunderbird keeps connections; who has gone must not go on answering on them.
            with contextlib.suppress(OSError):
                taken.shutdown(socket.SHUT_RDWR)


class DeafPort:
    """Something listens and never takes a connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_server(("127.0.0.1", port), backlog=1)

    def stop(self) -> None:
        self._socket.close()
