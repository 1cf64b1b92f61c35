"""Debian's Chromium, driven by one playwright for all the tests of a process: it has one loop."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

NO_QUESTION = "--disable-features=LocalNetworkAccessChecks"
"""Newer browsers ask people whether a page may look for local services. Some say yes."""

Launch = Callable[[list[str]], AbstractContextManager[Browser]]


@pytest.fixture(scope="session")
def launch() -> Iterator[Launch]:
    """Starts a Chromium with these arguments; it ends with the block."""
    from tests.conftest import needs

    needs("Chromium", CHROMIUM.exists())
    with sync_playwright() as playwright:

        @contextmanager
        def launched(arguments: list[str]) -> Iterator[Browser]:
            running = playwright.chromium.launch(
                executable_path=str(CHROMIUM), args=[*QUIET, *arguments]
            )
            yield running
            running.close()

        yield launched
