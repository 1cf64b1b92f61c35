"""Documents that cannot rot: what they name exists, what exists is named."""

import re
from pathlib import Path

import pytest

from addin_service.cli import COMMANDS
from addin_service.codes import CODES, NEVER, Code
from addin_service.policy.schema import Policy
from addin_service.policy.template import commented

ROOT = Path(__file__).parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def row(code: Code) -> str:
    """The line of the table in docs/findings.md: what a code does where no policy says otherwise."""

    def start(cut: float) -> str:
        return "never" if cut >= NEVER else format(cut, "g")

    interrupts = f"from {start(code.cut)}"
    if code.sensitive_cut is not None:
        interrupts += f"; sensitive mail from {start(code.sensitive_cut)}"
    ask = code.ask.value if code.ask else "–"
    told = (code.question, code.severity.value, interrupts, start(code.note_cut), ask)
    return f"| `{code.name}` | {' | '.join(told)} |"


def test_every_finding_is_documented_with_its_default() -> None:
    """`python -m tests.test_docs` prints the lines that the document should have."""
    lines = (ROOT / "docs/findings.md").read_text().splitlines()
    assert [line for line in lines if line.startswith("| `")] == [row(c) for c in CODES.values()]


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


if __name__ == "__main__":
    print(*map(row, CODES.values()), sep="\n")
