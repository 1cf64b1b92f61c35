"""The script of the Outlook add-in, as `manifest build` writes it."""

import shutil
from pathlib import Path

import pytest

from addin_service import manifests
from tests.conftest import needs
from tests.outlook.panes import opened, site

__all__ = ["events_js", "opened", "site"]


@pytest.fixture
def events_js(tmp_path: Path) -> Path:
    """The script built for https://lastlook.council.example, on a machine that has Node.js."""
    needs("Node.js", shutil.which("node") is not None)
    manifests.build("https://lastlook.council.example", tmp_path)
    return tmp_path / "outlook" / "events.js"
