"""A PostgreSQL server that lives as long as the tests do."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.conftest import needs

DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Postgres:
    """A running server: trusted, on a Unix socket that nobody else can open."""

    socket: str
    control: Sequence[str | Path] = ()
    user: str | None = None

    def restart(self, mode: str = "fast") -> None:
        """End it and start it again: `fast` as an administrator does, `immediate` as a crash."""
        self.run("stop", "-m", mode)
        self.run("start")

    def run(self, *words: str) -> None:
        """Have it started or stopped; returns once that is done."""
        subprocess.run(
            [*self.control, *words], check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self.user, cwd=self.socket,
        )  # fmt: skip

    @staticmethod
    def programs() -> Path | None:
        """Where `initdb` and `postgres` are; None where they are not."""
        found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
        if found:
            return found[-1].parent
        there = shutil.which("initdb")
        return Path(there).parent if there else None

    def url(self, schema: str = "public") -> str:
        """What `Settings.database` takes, in a schema of its own."""
        options = f"&options=-csearch_path%3D{schema}"
        return f"postgresql+psycopg://postgres@/postgres?host={self.socket}{options}"

    @contextlib.contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of an empty schema, which is removed afterwards."""
        name = f"t{uuid.uuid4().hex}"
        with self.session() as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        try:
            yield self.url(name)
        finally:
            with self.session() as connection:
                connection.execute(f"DROP SCHEMA {name} CASCADE")

    def session(self) -> psycopg.Connection:
        """A session beside the program's own."""
        return psycopg.connect(
            host=self.socket, user="postgres", dbname="postgres", autocommit=True
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, started once; skips visibly where there is none."""
    needs("PostgreSQL", Postgres.programs() is not None)
    with running() as server:
        yield server


@contextlib.contextmanager
def running(durable: bool = False) -> Iterator[Postgres]:
    """Start a server, as the user postgres where the tests run as root; stop it afterwards.

    Unless `durable` it does not wait for the disk: it survives a crash of its own, not the machine's.
    """
    programs = Postgres.programs()
    assert programs is not None
    # Short: the path of a socket may have 107 bytes only.
    home = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    user = "postgres" if os.geteuid() == 0 else None
    try:
        if user:
            shutil.chown(home, user)
        place = home / "data"
        # The order of words in a language, not of bytes: what differs most from SQLite.
        words = ["--locale-provider=icu", "--icu-locale=en"]
        initdb = [programs / "initdb", "-D", place, "-U", "postgres", "-A", "trust", "-N"]
        subprocess.run(
            [*initdb, "-E", "UTF8", "--locale=C.UTF-8", *words],
            check=True, capture_output=True, user=user, cwd=home,
        )  # fmt: skip
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync={'on' if durable else 'off'}"
        pg_ctl = [programs / "pg_ctl", "-D", place, "-w", "-t", "60", "-l", home / "log"]
        server = Postgres(str(home), [*pg_ctl, "-o", options], user)
        server.run("start")
        try:
            yield server
        finally:
            server.run("stop", "-m", "immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)
