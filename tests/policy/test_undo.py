"""Which sends wait so that they can be taken back, and for how long."""

import re
from pathlib import Path

import pytest

from addin_service import undo
from addin_service.model import Answer, Choice, Verdict
from addin_service.policy.load import PolicyInvalid, load
from addin_service.policy.schema import Undo
from tests.conftest import Live, draft_json
from tests.test_decide import BLOCKED, EXTERNAL, NEAR_ID, near, verdict

ALWAYS = Undo(seconds=10, when="outside")
DOUBTS = Undo(seconds=10)
ANSWERED = verdict(near(), answers=(Answer(NEAR_ID, Choice.KEEP),))
QUIET = verdict(near(0.05))

TABLE: list[tuple[str, Undo, Verdict, bool, int]] = [
    ("nothing was asked", DOUBTS, verdict(), True, 0),
    ("a quiet line is no doubt", DOUBTS, QUIET, True, 0),
    ("a doubt that was answered", DOUBTS, ANSWERED, True, 10),
    ("a doubt inside that was answered", DOUBTS, ANSWERED, False, 10),
    ("to somebody outside", ALWAYS, verdict(), True, 10),
    ("to colleagues alone", ALWAYS, verdict(), False, 0),
    ("a doubt about a colleague", ALWAYS, ANSWERED, False, 10),
    ("it does not go yet", ALWAYS, verdict(EXTERNAL), True, 0),
    ("it may not go", ALWAYS, verdict(BLOCKED), True, 0),
    ("the policy has no window", Undo(), ANSWERED, True, 0),
    ("what is only watched is no doubt", DOUBTS, verdict(near(), policy={"mode": "observe"}), True, 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "rules", "judged", "outside", "seconds"), TABLE, ids=[row[0] for row in TABLE]
)
def test_the_window_follows_policy_and_verdict(
    story: str, rules: Undo, judged: Verdict, outside: bool, seconds: int
) -> None:
    assert undo.window(rules, judged, outside) == seconds


@pytest.mark.parametrize("wrong", ["seconds = -1", "seconds = 61", "seconds = 1.5", "when = 'no'"])
def test_a_window_that_makes_no_sense_is_refused(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f"[undo]\n{wrong}\n")
    with pytest.raises(PolicyInvalid, match=re.escape("undo.")):
        load(file)


def test_the_answer_of_a_check_tells_the_window(live: Live) -> None:
    policy = live.installation.settings.data / "policy.toml"
    assert live.check(draft_json("kit@supplier.example"))["undo"] == 0
    policy.write_text('[undo]\nseconds = 7\nwhen = "outside"\n[recipients]\nexternal = "note"\n')
    assert live.check(draft_json("kim@elsewhere.example"))["undo"] == 7
    assert live.check(draft_json("joe@council.example"))["undo"] == 0
    typing = live.check(draft_json("kim@elsewhere.example"), purpose="typing")
    assert typing["undo"] == 0, "nothing is sent while somebody types"
