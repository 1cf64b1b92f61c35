"""Nothing opens a connection to the outside but `wkd.py`, when somebody asks it to, and
`web/provider.py`, to the issuer that a department names. `.importlinter` holds whole packages to
it; `urllib` is read here, because a part of it only takes names apart."""

import ast
import subprocess
import sys
from pathlib import Path

from addin_service.installation import Installation

PACKAGE = Path(__file__).parent.parent / "addin_service"
ASK_LOOPBACK = {"cli/demo.py", "cli/doctor.py", "helper/proving.py"}
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


def test_only_the_directory_of_keys_and_the_sign_in_are_asked_over_the_net() -> None:
    asking = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if {"urllib.request", "urllib.robotparser"} & imported(file)
    }
    assert asking == ASK_LOOPBACK
    assert "http.client" in imported(PACKAGE / "wkd.py"), "this test still sees imports"


def test_a_desk_does_not_even_load_what_asks_a_provider(installation: Installation) -> None:
    code = (
        "import sys; from pathlib import Path; from addin_service.settings import Settings; "
        "from addin_service.installation import open_installation; "
        "from addin_service.web.app import create_app; "
        f"at = Path({str(installation.settings.data)!r}); "
        "create_app(open_installation(Settings(at, at)), '127.0.0.1', 1); "
        "print(sorted({'requests', 'authlib', 'joserfc', 'urllib3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
