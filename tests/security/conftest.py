"""The service under attack."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from addin_service import addresses, allowlist
from addin_service.log import configure
from addin_service.store import clients, requests, times
from tests.conftest import Live
from tests.security.raw import Target, routes


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything the service writes to standard error, logging set up as `serve` does it."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure()
    yield written
    structlog.reset_defaults()
    logging.disable(logging.NOTSET)


@pytest.fixture
def target(live: Live, log: io.StringIO) -> Target:
    """The service with something in it that could be read, changed or used up."""
    kept = allowlist.entry("keeper@chambers.example", "Keeper", "Chambers")
    contact_id = allowlist.put(live.installation, kept, "test")
    wanted = addresses.parse("newcomer@chambers.example")
    with live.installation.store.write() as connection:
        code = clients.new_code(connection, "", "helpdesk", times.now())
        request_id = requests.ask(
            connection, wanted, "ann.lee@council.example", "test", "hearing", times.now()
        )
    return Target(live, code, request_id, contact_id, log, routes(live.installation))
