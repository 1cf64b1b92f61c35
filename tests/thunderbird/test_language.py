"""The built extension as others read it: Mozilla's linter, TypeScript, and ESLint."""

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addin_service import manifests
from tests.conftest import needs

from .harness import missing
from .webext_types import declarations, schemas

HERE = Path(__file__).parent
MODULES = HERE.parent / "tools" / "node_modules"
WAY = "`npm ci` in tests/tools installs it"

ACCEPTED = {
    # Only mail programs know them; the linter knows Firefox.
    ("MANIFEST_PERMISSIONS", "manifest.json"),
    # Where an add-in is published it must say what it gives to its publisher. Ours is handed out by
    # the organisation that it speaks to.
    ("MISSING_DATA_COLLECTION_PERMISSIONS", "manifest.json"),
    # The Experiment, see docs/decisions/0004.
    ("MANIFEST_FIELD_PRIVILEGED", "manifest.json"),
}
MAIL_PERMISSIONS = {
    "accountsRead", "addressBooks", "compose", "compose.send", "messagesRead",
}  # fmt: skip

OPTIONS = {
    "allowJs": True, "checkJs": True, "noEmit": True, "strict": True, "skipLibCheck": True,
    "target": "es2024", "lib": ["esnext", "dom", "dom.iterable"], "types": [],
    "module": "es2022", "moduleResolution": "bundler",
    # `catch` gives whatever was thrown; the code asks it what it is.
    "useUnknownInCatchVariables": False,
}  # fmt: skip


def node(module: str, script: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    needs(module, (MODULES / module).is_dir(), WAY)
    needs("Node.js", shutil.which("node") is not None)
    return subprocess.run(
        ["node", str(MODULES / module / script), *words],
        cwd=cwd, capture_output=True, encoding="utf-8", timeout=150, check=False,
        env={name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Thunderbird loads, as files."""
    folder = tmp_path_factory.mktemp("language")
    xpi, _ = manifests.build("http://127.0.0.1:8025", folder / "built")
    with zipfile.ZipFile(xpi) as archive:
        archive.extractall(folder / "extension")
    return folder / "extension"


@pytest.fixture
def broken(unpacked: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(unpacked, tmp_path / "extension"))


def linted(folder: Path) -> Iterator[tuple[str, str, str]]:
    """What Mozilla's linter does not like: its code, the file, and its words."""
    words = ["lint", "--self-hosted", "--no-config-discovery", "--output", "json"]
    done = node("web-ext", "bin/web-ext.js", *words, "--source-dir", str(folder), cwd=folder)
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    for kind in ("errors", "warnings", "notices"):
        for one in said[kind]:
            yield one["code"], one.get("file", ""), one["message"] + one.get("description", "")


def test_mozillas_linter_says_only_what_cannot_be_otherwise(unpacked: Path) -> None:
    found = list(linted(unpacked))
    assert {(code, file) for code, file, _ in found} <= ACCEPTED, found
    named = [words for code, _, words in found if code == "MANIFEST_PERMISSIONS"]
    assert all(any(f'"{one}"' in words for one in MAIL_PERMISSIONS) for words in named), named
    assert {code for code, _, _ in found} == {code for code, _ in ACCEPTED}, "accepted in vain"


def test_mozillas_linter_finds_markup_and_a_broken_script(broken: Path) -> None:
    with (broken / "review.js").open("a") as file:
        file.write("document.body.innerHTML = location.hash;\n")
    with (broken / "collect.js").open("a") as file:
        file.write("const FIELDS = [];\n")
    found = {(code, file) for code, file, _ in linted(broken)} - ACCEPTED
    assert found == {("UNSAFE_VAR_ASSIGNMENT", "review.js"), ("JS_SYNTAX_ERROR", "collect.js")}


def compiled(folder: Path) -> str:
    """What TypeScript says, at its strictest, of all the scripts and this Thunderbird's functions."""
    reason = missing()
    needs(reason or "Thunderbird", reason is None)
    experiment = sorted((folder / "experiment").glob("*.json"))
    ours = [json.loads(file.read_text(encoding="utf-8")) for file in experiment]
    (folder / "thunderbird.d.ts").write_text(declarations([*schemas(), *ours]), encoding="utf-8")
    settings = {"compilerOptions": OPTIONS, "include": ["thunderbird.d.ts", "*.js", "shared/*.js"]}
    (folder / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = node("typescript", "bin/tsc", "--project", str(folder), cwd=folder)
    assert (done.returncode == 0) == (done.stdout == ""), done.stderr
    return done.stdout


def test_what_is_asked_of_thunderbird_and_of_each_other_is_there(broken: Path) -> None:
    assert compiled(broken) == ""


WRONG = [
    ("collect.js", "messenger.compose.listAttachment(1);", "listAttachments"),
    ("collect.js", "messenger.compose.listAttachments('1');", "parameter of type 'number'"),
    ("collect.js", "messenger.sealedSend.arm(1, {});", "type 'Sealed'"),
    ("collect.js", "messenger.storage.session.get('a').a;", "'a' does not exist"),
    ("collect.js", "collect(1);", "Expected 2 arguments"),
    ("shared/client.js", "readReview({}).verdikt;", "'verdikt' does not exist"),
]


def test_what_does_not_fit_is_found(broken: Path) -> None:
    for file, line, _ in WRONG:
        with (broken / file).open("a") as script:
            script.write(f"\n{line}\n")
    said = compiled(broken).splitlines()
    for file, line, complaint in WRONG:
        assert any(one.startswith(f"{file}(") and complaint in one for one in said), (line, said)


def judged(folder: Path) -> list[str]:
    """What ESLint finds: names that nobody declared or nobody uses, and habits that hide mistakes."""
    rules = str(HERE / "tools" / "eslint.config.mjs")
    words = ["--config", rules, "--format", "json", "--no-warn-ignored", "."]
    done = node("eslint", "bin/eslint.js", *words, cwd=folder)
    assert done.stdout.startswith("["), done.stdout + done.stderr
    return [
        f"{Path(one['filePath']).name}: {said['ruleId']}"
        for one in json.loads(done.stdout)
        for said in one["messages"]
    ]


def test_eslint_finds_nothing(unpacked: Path) -> None:
    assert judged(unpacked) == []


def test_eslint_finds_what_it_is_there_for(broken: Path) -> None:
    before = set(judged(broken))
    with (broken / "collect.js").open("a") as file:
        file.write("let kept = nobody == 1;\nconsole.log(kept);\n")
    assert set(judged(broken)) - before == {
        "collect.js: prefer-const", "collect.js: no-undef", "collect.js: eqeqeq",
        "collect.js: no-console",
    }  # fmt: skip


def test_no_name_of_one_experiment_is_taken_by_another(unpacked: Path, tmp_path: Path) -> None:
    """Thunderbird runs their scripts in one space: where a name is declared twice, the second does
    not start at all, and no mail is sealed.
    """
    needs("Node.js", shutil.which("node") is not None)
    scripts = [file.read_text(encoding="utf-8") for file in (unpacked / "experiment").glob("*.js")]
    assert len(scripts) > 1
    for more, problem in ((), ""), (("const sealedSend = 1;",), "has already been declared"):
        (tmp_path / "all.cjs").write_text("\n".join([*scripts, *more]), encoding="utf-8")
        read = ["node", "--check", str(tmp_path / "all.cjs")]
        done = subprocess.run(read, capture_output=True, encoding="utf-8", timeout=60, check=False)
        assert problem in done.stderr if problem else done.returncode == 0, done.stderr
