"""Nothing opens a connection to the outside but `wkd.py`. `.importlinter` holds whole packages to
it; `urllib` is read here, because a part of it only takes names apart."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "addin_service"
ASK_LOOPBACK = {"cli/demo.py", "cli/doctor.py"}
"""They ask the service on this machine."""


def imported(file: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_only_the_directory_of_keys_is_asked_over_the_net() -> None:
    asking = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if {"urllib.request", "urllib.robotparser"} & imported(file)
    }
    assert asking == ASK_LOOPBACK
    assert "http.client" in imported(PACKAGE / "wkd.py"), "this test still sees imports"
