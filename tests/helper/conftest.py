"""Each test has a user of its own, and no service of one outlives it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .desk import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    if sys.platform != "linux":
        pytest.skip("looks for processes as Linux has them")
    folder = Folder.within(tmp_path)
    yield folder
    folder.clear()
