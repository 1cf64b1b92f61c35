"""`addin-service serve`: the service, or one worker of a department's."""

import signal
import threading
from collections.abc import Callable
from typing import Any

import click
from filelock import FileLock, Timeout

from addin_service import listening, supervisor
from addin_service.cli.common import WRONG_USE, Failure, located, opened
from addin_service.indexing import Indexer
from addin_service.installation import Installation
from addin_service.log import log
from addin_service.settings import DEFAULT_PORT, notify_address
from addin_service.store import clients, schema
from addin_service.web import running
from addin_service.web.app import create_app
from addin_service.web.posture import UnsafeBind, require_loopback
from addin_service.web.server import make_server


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@click.option("--any-port", is_flag=True, help="Where the port is taken, listen on a free one.")
@located
def serve(host: str, port: int, any_port: bool) -> None:
    """Answer the mail client, until interrupted.

    On PostgreSQL several may run on one data folder, each with a port of its own.
    """
    try:
        require_loopback(host)
    except UnsafeBind as unsafe:
        raise Failure(str(unsafe), unsafe.hint, WRONG_USE) from None
    with opened() as installation:
        if damage := schema.problem(installation.store):
            raise Failure(
                f"The record is damaged ({damage}); nothing is served from it.",
                f"Set {installation.settings.database_file.name} aside and restore a backup.",
            )
        try:
            with _lock(installation, port).acquire(timeout=0):
                _serve(installation, host, port, any_port)
        except Timeout:
            raise _second(installation, port) from None


def _lock(installation: Installation, port: int) -> FileLock:
    """One service a data folder; on PostgreSQL, where all share the server's locks, one a port."""
    name = "serving.lock" if installation.store.is_sqlite else f"serving-{port}.lock"
    return FileLock(installation.settings.data / name)


def _second(installation: Installation, port: int) -> Failure:
    if installation.store.is_sqlite:
        return Failure(
            "Last Look is already running on this data folder.",
            "Stop the other one, or choose another folder with --data. Several workers need "
            "PostgreSQL: docs/it.md, a service for a department.",
        )
    return Failure(
        f"Last Look is already running on this data folder with port {port}.",
        "Give each worker a port of its own with --port.",
    )


def _serve(installation: Installation, host: str, port: int, any_port: bool) -> None:
    app: list[Any] = []
    server = _bound(lambda *call: app[0](*call), host, port, any_port)
    told = _told()  # from here on connections may wait, and are not to be lost
    bound = server.effective_port
    app.append(create_app(installation, host, bound))
    _welcome(installation, host, bound)
    stop = threading.Event()
    # In a thread of its own, so that a signal ends the main thread's wait, on Windows as well.
    loop = threading.Thread(target=running.run, args=(server, stop), daemon=True)
    loop.start()
    indexer = Indexer(installation.store, installation.settings.data / "indexing.lock")
    indexer.start()
    if installation.department is None:
        listening.note(installation.settings.data, host, bound)
    supervisor.tell(notify_address(), supervisor.READY)
    while loop.is_alive() and not told.wait(0.5):
        pass
    log.info("stopping")
    if installation.department is None:
        listening.forget(installation.settings.data)
    supervisor.tell(notify_address(), supervisor.STOPPING)
    running.wake(server, stop)
    indexer.stop()
    loop.join()


def _bound(app: Callable[..., Any], host: str, port: int, any_port: bool) -> Any:
    """The server on its port, or on a free one. Raises `Failure` where it can have none."""
    try:
        return make_server(app, host, port)
    except OSError as error:
        if any_port:
            return make_server(app, host, 0)
        raise Failure(
            f"Port {port} on {host} cannot be had: {error.strerror}.",
            "Another program holds it. Find out which: a mail client must not talk to that one. "
            "Or choose another port with --port.",
        ) from None


def _told() -> threading.Event:
    """Set by a signal that ends the service."""
    told = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: told.set())
    return told


def _welcome(installation: Installation, host: str, port: int) -> None:
    """Say where it listens and, on a desk where nobody is paired yet, how to pair."""
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Last Look listens on http://{shown}:{port}")
    if installation.first_start:
        click.echo(f"Data folder (made just now): {installation.settings.data}")
        click.echo(f"Policy file: {installation.settings.policy_files[0]}")
    if installation.department is not None:
        click.echo(f"Mail programs reach it through its proxy as {installation.department.public}")
        log.info("serving", host=host, port=port)
        return
    with installation.store.read() as connection:
        paired = any(client.revoked is None for client in clients.everyone(connection))
    if not paired:
        click.echo(
            "No mail client is paired yet. In another terminal run `addin-service client pair`, "
            "then type the code it prints into the add-in's options."
        )
    log.info("serving", host=host, port=port)
