"""An identity provider of the tests' own: OpenID Connect over TLS on loopback."""

import base64
import hashlib
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jws, jwt

from tests.sources.tls import Authority

CLIENT = "last-look"
AUDIENCE = "api://lastlook.council.example"
PEOPLE: dict[str, Any] = {
    "sub": "subject-ann", "name": "Ann Lee", "email": "ann.lee@council.example",
    "email_verified": True, "roles": [],
}  # fmt: skip


def new_key(kid: str) -> jwk.RSAKey:
    """A key for signing."""
    return jwk.RSAKey.generate_key(2048, parameters={"kid": kid, "use": "sig"})


KEYS = [new_key(f"key-{number}") for number in range(3)]
"""Made once: making one takes long."""


@dataclass
class Idp:
    """The provider. What a test changes, it says next time."""

    base: str
    person: dict[str, Any] = field(default_factory=lambda: dict(PEOPLE))
    metadata: dict[str, Any] = field(default_factory=dict)
    published: list[Any] = field(default_factory=lambda: [KEYS[0]])
    key: jwk.RSAKey = field(default_factory=lambda: KEYS[0])
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    forge: Callable[["Idp", dict[str, Any]], str] | None = None
    answer: Callable[[str], tuple[int, dict[str, str], bytes] | None] = lambda _: None
    stall_s: float = 0
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    secret: str = ""

    def token(self, audience: str = AUDIENCE, **more: Any) -> str:
        """A signed token for this audience about the person at hand."""
        now = int(time.time())
        claims = {
            "iss": self.base, "aud": audience, "iat": now, "nbf": now, "exp": now + 300,
            **self.person, **self.claims, **more,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.forge:
            return self.forge(self, claims)
        return self.signed(claims)

    def signed(self, claims: dict[str, Any]) -> str:
        """These claims under the key at hand."""
        header = {"alg": "RS256", "kid": self.key.kid, **self.header}
        kept = {name: value for name, value in header.items() if value is not None}
        registry = jws.JWSRegistry(algorithms=["RS256", "RS512"], strict_check_header=False)
        return jwt.encode(kept, claims, self.key, registry=registry)

    def authorize(self, query: dict[str, str]) -> str:
        """Whoever comes is signed in at once; answers where they are sent."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        state = {"state": query["state"]} if "state" in query else {}
        return f"{query['redirect_uri']}?{urlencode({'code': code, **state})}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """A code for a token, once, and for whoever began."""
        begun = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        if (
            begun is None
            or begun.get("code_challenge_method") != "S256"
            or begun.get("code_challenge", "") != challenge.decode().rstrip("=")
            or begun.get("redirect_uri") != form.get("redirect_uri")
        ):
            return 400, {"error": "invalid_grant"}
        expected = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        if self.secret and authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        if not self.secret and form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client"}
        nonce = {"nonce": begun["nonce"]} if "nonce" in begun else {}
        id_token = self.token(CLIENT, **{**nonce, **self.claims})
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": id_token}

    def reply(self, path: str, query: dict[str, str], form: dict[str, str], authorization: str
              ) -> tuple[int, dict[str, str], bytes]:  # fmt: skip
        """What is answered at this path."""
        self.asked.append(path)
        if self.stall_s:
            time.sleep(self.stall_s)
        if (other := self.answer(path)) is not None:
            return other
        kind = {"Content-Type": "application/json"}
        if path == "/.well-known/openid-configuration":
            said = {
                "issuer": self.base, "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token", "jwks_uri": f"{self.base}/jwks",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                **self.metadata,
            }  # fmt: skip
            return 200, kind, json.dumps(said).encode()
        if path == "/jwks":
            keys = [k if isinstance(k, dict) else k.as_dict(private=False) for k in self.published]
            return 200, kind, json.dumps({"keys": keys}).encode()
        if path == "/authorize":
            return 302, {"Location": self.authorize(query)}, b""
        if path == "/token":
            status, body = self.exchange(form, authorization)
            return status, kind, json.dumps(body).encode()
        return 404, kind, b"{}"


@contextmanager
def serving(authority: Authority, host: str = "localhost") -> Iterator[Idp]:
    """A provider until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer."""
            self._answer(b"")

        def do_POST(self) -> None:
            """Answer."""
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def _answer(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            query, form = (
                {name: values[0] for name, values in parse_qs(text).items()}
                for text in (parts.query, body.decode())
            )
            status, headers, said = idp.reply(
                parts.path, query, form, self.headers.get("Authorization", "")
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(said)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        """Does not mind clients that hang up."""

        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing."""

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = authority.server(host).wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    idp = Idp(f"https://{host}:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield idp
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def root_file(authority: Authority, folder: Path) -> Path:
    """The authority's certificate, as a file that a client can be told to trust."""
    file = folder / "authority.pem"
    file.write_bytes(authority.root())
    return file


def trust(authority: Authority) -> ssl.SSLContext:
    """A browser that trusts the authority."""
    return authority.trusted()
