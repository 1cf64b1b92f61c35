"""A department's service as it runs: nginx with TLS, two workers, PostgreSQL."""

import contextlib
import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from addin_service import manifests
from addin_service.deployment import files
from addin_service.installation import Installation, open_installation
from addin_service.settings import Settings
from addin_service.store import clients, times
from tests.conftest import SENDER, Answer, needs, person_with
from tests.department import nginx, worker
from tests.sources.tls import Authority
from tests.store import server
from tests.store.server import Postgres

NAME = "lastlook.council.example"


@dataclass
class Department:
    """A running department. `url` is its public origin; `ca` what clients are to trust."""

    url: str
    port: int
    ca: Path
    authority: Authority
    installation: Installation
    workers: list[worker.Worker]
    nginx: nginx.Nginx
    postgres: Postgres
    home: Path
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The Host header that it answers to."""
        return self.url.removeprefix("https://")

    def token(self, role: str = "sender") -> str:
        """That of a client of this role: a sender's is Ann Lee's, the others' are nobody's."""
        if role not in self._tokens:
            ann = person_with(self.installation, SENDER) if role == "sender" else None
            with self.installation.store.write() as connection:
                _, self._tokens[role] = clients.add(connection, role, role, times.now(), ann)
        return self._tokens[role]

    def line(self, timeout_s: float = 20, name: str = NAME) -> ssl.SSLSocket:
        """A TLS connection to nginx, which must prove to be `name`."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout_s)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as mail programs do
        return self.authority.trusted().wrap_socket(plain, server_hostname=name)

    def caller(self, timeout_s: float = 20) -> "Caller":
        """An HTTP client that keeps its connection, as mail programs do."""
        return Caller(self, timeout_s)

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """One request on a connection of its own. `token`: "" a sender's, None for none."""
        with contextlib.closing(self.caller()) as caller:
            return caller.call(method, path, body, self.token() if token == "" else token, headers)

    def roll_certificate(self) -> None:
        """Put a fresh certificate in the place of the old one, and have nginx read it."""
        (self.home / "certificate.pem").write_bytes(self.authority.identity(NAME))
        self.nginx.reload()


class Caller(http.client.HTTPSConnection):
    """Finds the public name on this machine."""

    def __init__(self, department: Department, timeout_s: float) -> None:
        super().__init__(NAME, department.port, timeout=timeout_s)
        self._department = department

    def connect(self) -> None:
        """Connect to the tests' own nginx, whatever the resolver says."""
        assert self.timeout is not None
        self.sock = self._department.line(self.timeout)

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """One request; raises as `http.client` does."""
        given = {"Content-Type": "application/json"} if body is not None else {}
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        self.request(method, path, data, given | (headers or {}))
        answer = self.getresponse()
        return Answer(answer.status, dict(answer.headers), answer.read())


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def running(
    home: Path,
    postgres: Postgres,
    workers: int = 2,
    service: str = "",
    edit: Callable[[str], str] = lambda site: site,
) -> Iterator[Department]:
    """A department in this folder until the end of the block.

    `service` is added to service.toml; `edit` may change the site's configuration of nginx.
    """
    needs("nginx", nginx.program() is not None)
    port = free_port()
    url = f"https://{NAME}:{port}"
    with postgres.fresh() as database, contextlib.ExitStack() as stack:
        settings = Settings(home / "data", home / "organisation", database)
        settings.organisation.mkdir(parents=True)
        settings.data.mkdir()
        settings.department_file.write_text(f'public = "{url}"\n{service}')
        installation = open_installation(settings)
        stack.callback(installation.close)
        authority = Authority()
        (home / "ca.pem").write_bytes(authority.root())
        certificate = home / "certificate.pem"
        certificate.write_bytes(authority.identity(NAME))
        manifests.build(url, home / "built")
        started = [
            stack.enter_context(worker.running(worker.Worker(settings, free_port(), home / "log")))
            for _ in range(workers)
        ]
        layout = files.Layout(
            host=f"{NAME}:{port}", ports=tuple(one.port for one in started),
            certificate=certificate, key=certificate, outlook=home / "built" / "outlook",
            command=Path("/usr/bin/addin-service"), data=settings.data,
            organisation=settings.organisation, logs=home, ipv6=False,
        )  # fmt: skip
        site = home / "site.conf"
        site.write_text(edit(files.build(layout)["nginx.conf"]))
        front = stack.enter_context(nginx.running(site, home / "nginx", port))
        yield Department(
            url, port, home / "ca.pem", authority, installation, started, front, postgres, home
        )


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server that these tests may restart."""
    needs("PostgreSQL", Postgres.programs() is not None)
    with server.running() as started:
        yield started


@pytest.fixture(scope="module")
def department(
    own_postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Department]:
    """A running department that the tests of a file share."""
    with running(tmp_path_factory.mktemp("department"), own_postgres) as started:
        yield started
