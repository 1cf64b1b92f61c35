"""A Web Key Directory of the tests' own: TLS on loopback, with certificates made on the spot."""

import contextlib
import datetime
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[bytes], Iterable[bytes]]
"""The head of a request to the pieces of an answer."""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """One that issues certificates, and the context of a client that trusts it alone."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._root = self._issue(_name("Test root"), self._key.public_key(), None)

    def _issue(self, subject: x509.Name, public: ec.EllipticCurvePublicKey,
               host: str | None, days: int = 2) -> x509.Certificate:  # fmt: skip
        now = datetime.datetime.now(datetime.UTC)
        key_id = x509.SubjectKeyIdentifier.from_public_key
        usage = x509.KeyUsage(
            host is not None, *[False] * 4, host is None, host is None, False, False
        )
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name("Test root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=3))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(host is None, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(key_id(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
            )
        )
        if host is not None:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
        return made.sign(self._key, hashes.SHA256())

    def trusted(self) -> ssl.SSLContext:
        """As `ssl.create_default_context`, with this root alone."""
        return ssl.create_default_context(cadata=self.root().decode())

    def root(self) -> bytes:
        """The certificate that clients are to trust."""
        return self._root.public_bytes(serialization.Encoding.PEM)

    def identity(self, host: str, days: int = 2) -> bytes:
        """A fresh key and its certificate, with which a server proves to be `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issue(_name("Test server"), key.public_key(), host, days)
        pem = serialization.Encoding.PEM
        own = key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return own + certificate.public_bytes(pem)

    def server(self, host: str, days: int = 2) -> ssl.SSLContext:
        """The context of a server that can prove to be `host`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as place:
            file = Path(place, "server.pem")
            file.write_bytes(self.identity(host, days))
            context.load_cert_chain(file)
        return context


@dataclass
class Net:
    """The hosts that there are. `connect` is given to the client in place of the resolver."""

    hosts: dict[str, int] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    error: OSError | None = None

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """A connection to the test's own server of that name."""
        assert port == 443
        self.tried.append(host)
        if self.error is not None:
            raise self.error
        if host not in self.hosts:
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return socket.create_connection(("127.0.0.1", self.hosts[host]), timeout=timeout_s)

    @contextlib.contextmanager
    def serving(self, host: str, context: ssl.SSLContext | None, answer: Answer) -> Iterator[None]:
        """A server under this name until the end of the block."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.hosts[host] = listening.getsockname()[1]
            threads = [threading.Thread(target=self._accept, args=(listening, context, answer))]
            threads[0].start()
            try:
                yield
            finally:
                del self.hosts[host]
                with contextlib.suppress(OSError):
                    listening.shutdown(socket.SHUT_RDWR)
                listening.close()
                threads[0].join(10)

    def _accept(
        self, listening: socket.socket, context: ssl.SSLContext | None, answer: Answer
    ) -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            with plain, contextlib.suppress(OSError):
                if context is None:
                    self._talk(plain, answer)
                    continue
                with context.wrap_socket(plain, server_side=True) as sealed:
                    self._talk(sealed, answer)

    def _talk(self, connection: socket.socket, answer: Answer) -> None:
        head = b"" if isinstance(connection, ssl.SSLSocket) else connection.recv(65536)
        while head[:1] != b"\x16" and b"\r\n\r\n" not in head and (more := connection.recv(65536)):
            head += more
        self.requests.append(head)
        for piece in answer(head):
            connection.sendall(piece)


def ok(body: bytes, kind: str = "application/octet-stream") -> bytes:
    """A whole answer."""
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
