"""The pane against Office's own types, and the types of the script that stands before it."""

import json
import os
import subprocess
from pathlib import Path

from addin_service import manifests
from tests.conftest import needs

from .panes import ORIGIN

TOOLS = Path(__file__).parents[1] / "tools" / "node_modules"
RUNTIME = """
declare namespace OfficeRuntime {
  const storage: any;
  const auth: any;
}
"""


def compiled(folder: Path) -> subprocess.CompletedProcess[str]:
    """The built files as one program, as strictly as TypeScript can."""
    (folder / "runtime.d.ts").write_text(RUNTIME)
    options = {
        "allowJs": True, "checkJs": True, "noEmit": True, "strict": True, "skipLibCheck": True,
        "target": "es2022", "lib": ["es2022", "dom", "dom.iterable"], "module": "es2022",
        "moduleResolution": "bundler", "types": ["office-js"], "typeRoots": [str(TOOLS / "@types")],
        "useUnknownInCatchVariables": False,
    }  # fmt: skip
    files = ["runtime.d.ts", "outlook/events.js", "outlook/pane.js"]
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": files}))
    return subprocess.run(
        ["node", str(TOOLS / "typescript" / "bin" / "tsc"), "--project", str(folder)],
        capture_output=True, encoding="utf-8", timeout=120, check=False,
        env={name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"},
    )  # fmt: skip


def test_what_the_pane_asks_of_outlook_and_of_the_script_is_there(tmp_path: Path) -> None:
    needs("TypeScript", (TOOLS / "typescript").is_dir(), "`npm ci` in tests/tools installs it")
    manifests.build(ORIGIN, tmp_path)
    done = compiled(tmp_path)
    assert done.stdout == ""
    assert done.returncode == 0
    module = tmp_path / "outlook" / "pane-item.js"
    module.write_text(module.read_text().replace("AttachmentsChanged }", "AttachmentChanged }"))
    assert "AttachmentChanged" in compiled(tmp_path).stdout
