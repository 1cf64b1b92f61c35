"""`addin-service serve`: the local service."""

import signal
import threading
from typing import Any

import click
from filelock import FileLock, Timeout

from addin_service.cli.common import WRONG_USE, Failure, located, opened
from addin_service.indexing import Indexer
from addin_service.installation import Installation
from addin_service.log import log
from addin_service.settings import DEFAULT_PORT
from addin_service.store import clients, schema
from addin_service.web.app import create_app
from addin_service.web.posture import UnsafeBind, require_loopback
from addin_service.web.server import make_server


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@located
def serve(host: str, port: int) -> None:
    """Answer the mail client, until interrupted."""
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
        lock = FileLock(installation.settings.data / "serving.lock")
        try:
            with lock.acquire(timeout=0):
                _serve(installation, host, port)
        except Timeout:
            raise Failure(
                "Last Look is already running on this data folder.",
                "Stop the other one, or choose another folder with --data.",
            ) from None


def _serve(installation: Installation, host: str, port: int) -> None:
    app: list[Any] = []
    try:
        server = make_server(lambda *call: app[0](*call), host, port)
    except OSError as error:
        raise Failure(
            f"Port {port} on {host} cannot be had: {error.strerror}.",
            "Another program holds it. Find out which: a mail client must not talk to that one. "
            "Or choose another port with --port.",
        ) from None
    bound = server.effective_port
    app.append(create_app(installation, host, bound))
    _welcome(installation, host, bound)
    # In a thread of its own, so that a signal ends the main thread's wait, on Windows as well.
    loop = threading.Thread(target=server.run, daemon=True)
    loop.start()
    indexer = Indexer(installation.store)
    indexer.start()
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    while loop.is_alive() and not stop.wait(0.5):
        pass
    log.info("stopping")
    indexer.stop()
    server.task_dispatcher.shutdown(cancel_pending=False, timeout=3)
    server.close()


def _welcome(installation: Installation, host: str, port: int) -> None:
    """Say where it listens and, while nobody is paired, how to pair."""
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Last Look listens on http://{shown}:{port}")
    if installation.first_start:
        click.echo(f"Data folder (made just now): {installation.settings.data}")
        click.echo(f"Policy file: {installation.settings.policy_files[0]}")
    with installation.store.read() as connection:
        paired = any(client.revoked is None for client in clients.everyone(connection))
    if not paired:
        click.echo(
            "No mail client is paired yet. In another terminal run `addin-service client pair`, "
            "then type the code it prints into the add-in's options."
        )
    log.info("serving", host=host, port=port)
