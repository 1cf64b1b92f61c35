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
        self.replies: dict[str, Callable[[], Reply] | object] = {}
        self.redirect: dict[str, str] = {}
        self._released = threading.Event()
        self._taken: list[socket.socket] = []
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                standin.asked.append(Asked(self.path, dict(self.headers), body))
                reply = standin.replies.get(self.path) or standin.replies.get("*")
                if reply is NEVER:
                    standin._released.wait(60)
                    self.close_connection = True
                    return
                if elsewhere := standin.redirect.get(self.path):
                    self.send_response(307)
                    self.send_header("Location", elsewhere)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                made = reply() if callable(reply) else standin._reply(self.path, body)
                status, kind, content = made
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

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

        self._server = Server(("127.0.0.1", port), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _reply(self, path: str, body: bytes) -> Reply:
        question = json.loads(body) if body else {}
        if path == "/v1/hello":
            proof = proof_of(self.token, question["client"], question["nonce"])
            return as_json(200, {"proof": proof})
        if path == "/v1/check":
            return as_json(200, self.check(question))
        return as_json(200, {})

    def questions(self, path: str = "/v1/check") -> list[Json]:
        return [asked.json for asked in self.asked if asked.path == path]

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
        self._server.shutdown()
        self._server.server_close()
        for taken in self._taken:
            # Thunderbird keeps connections; who has gone must not go on answering on them.
            with contextlib.suppress(OSError):
                taken.shutdown(socket.SHUT_RDWR)


class DeafPort:
    """Something listens and never takes a connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_server(("127.0.0.1", port), backlog=1)

    def stop(self) -> None:
        self._socket.close()
