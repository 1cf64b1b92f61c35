"""Documents that cannot rot: what they name exists, what exists is named."""

import re
from pathlib import Path

import pytest

from addin_service.cli import COMMANDS
from addin_service.codes import CODES, NEVER
from addin_service.policy.schema import Policy
from addin_service.policy.template import commented

ROOT = Path(__file__).parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("code", CODES.values(), ids=list(CODES))
def test_every_finding_is_documented_with_its_default(code: object) -> None:
    assert hasattr(code, "name")
    line = next(
        line
        for line in (ROOT / "docs/findings.md").read_text().splitlines()
        if f"`{code.name}`" in line
    )
    assert f"| {code.severity.value} |" in line  # type: ignore[attr-defined]
    cut = code.cut  # type: ignore[attr-defined]
    assert f"from {'never' if cut >= NEVER else format(cut, 'g')}" in line


def test_every_setting_stands_in_the_commented_policy() -> None:
    for section in ("organisation", "recipients", "content", "sealing", "failure"):
        for name in type(getattr(Policy(), section)).model_fields:
            assert re.search(rf"^# {name} = ", commented(), re.MULTILINE), name


@pytest.mark.parametrize("file", DOCS, ids=[file.name for file in DOCS])
def test_links_and_files_that_are_named_are_there(file: Path) -> None:
    text = file.read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (file.parent / target).exists(), target
    for path in re.findall(r"`((?:tests|addin_service|benchmarks)/[\w/.-]+)`", text):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("file", DOCS, ids=[file.name for file in DOCS])
def test_commands_that_are_named_are_there(file: Path) -> None:
    for command in re.findall(r"(?:`|^)addin-service ([a-z]+)", file.read_text(), re.MULTILINE):
        assert command in COMMANDS, command
