"""F2. The manual says what the record proves, and no more."""

import re
from pathlib import Path

import pytest

DESIGN = Path(__file__).parents[2] / "docs" / "design.md"
HEADING = "What the record proves"


@pytest.fixture(scope="module")
def section() -> str:
    """The section in one line of lower case."""
    text = DESIGN.read_text("utf-8")
    found = re.search(rf"^(#+) {HEADING}\n(.*?)(?=^#{{1,3}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f'docs/design.md has no heading "{HEADING}"'
    return " ".join(found[2].lower().split())


@pytest.mark.parametrize(
    "said",
    [
        r"\bkey(ed)?\b.*\bchain|\bchain.*\bkey(ed)?\b",
        r"anchor|noted outside|outside the database",
        r"(tail|end).*\b(cut|missing|removed)|\b(cut|cutting).*(tail|end)",
        r"not\b.*that every (event|mail|send|message)",
        r"(not\b.*|nor )who sat at the keyboard",
    ],
    ids=["keyed chain", "anchor", "cut tail", "not every event", "not who"],
)
def test_the_limits_are_said(section: str, said: str) -> None:
    assert re.search(said, section), section


@pytest.mark.parametrize(
    "claim",
    ["tamper-proof", "tamperproof", "cannot be changed", "immutable", "unforgeable", "irrefutabl"],
)
def test_nothing_is_claimed_that_a_chain_cannot_hold(claim: str) -> None:
    for page in [*DESIGN.parent.rglob("*.md"), DESIGN.parents[1] / "README.md"]:
        assert claim not in page.read_text("utf-8").lower(), page.name
