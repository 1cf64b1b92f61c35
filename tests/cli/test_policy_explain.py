"""`policy explain`: the rule in force, and the measured cost of its cut, for people and programs."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from addin_service.cli import main
from addin_service.cli.policy_rates import LIKELIHOODS, lines, sentence
from addin_service.codes import CODES
from addin_service.policy.rates import KINDS, Rate, Rates, Share, load, read
from addin_service.policy.schema import Policy, Rule

Explain = Callable[..., Result]
NEAR = CODES["recipient.near-known-address"]
INVENTED = """
measured = 2026-01-02
command = "benchmarks/quality.py PATH --rates FILE"
cuts = [0.1, 0.2, 0.3, 0.5, 0.7]

[sets.parish]
about = "letters of a parish"
people = 3
drafts = 2000
fitted = true

[rates."recipient.near-known-address".parish]
drafts = 2000
alarms = [6, 4, 2, 1, 0]
remembered = [5, 4, 1, 1, 0]
caught = {typo_local = {n = 200, found = [199, 190, 180, 150, 90]}, lookalike = {n = 10, found = [9, 9, 9, 9, 9]}}

[rates."recipient.near-known-address/one-slip".parish]
drafts = 2000
alarms = [3, 2, 2, 1, 0]
remembered = [3, 2, 1, 1, 0]
caught = {typo_local = {n = 200, found = [190, 180, 180, 150, 90]}}
"""


@pytest.fixture
def explain(tmp_path: Path) -> Explain:
    """Run the command in an empty data folder with an organisation's folder."""
    (tmp_path / "organisation").mkdir()
    places = ["--data", str(tmp_path / "data"), "--organisation", str(tmp_path / "organisation")]

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["policy", "explain", *arguments, *places])

    return run


def policy_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "organisation/policy.toml").write_text(text)


def told(cut: float, asked: float | None = None, text: str = INVENTED) -> str:
    """What is told about an invented measurement with this cut in force."""
    rule = Policy(rules={NEAR.name: Rule(cut=cut)}).rule(NEAR)
    return "\n".join(lines(rule, asked, read(text)))


def test_a_cut_is_told_in_words_with_its_range() -> None:
    said = told(0.2)
    assert (
        "At 0.2, 2.0 of 1,000 ordinary mails are interrupted (95 % sure between 0.8 and 5.1), "
        "and 95.0 % of slips of one letter before the @ and 90.0 % of domains made to look alike "
        "are caught."
    ) in said
    assert "letters of a parish; 3 people, 2,000 ordinary mails" in said


def test_the_cut_in_force_is_marked_among_its_neighbours() -> None:
    (marked,) = (line for line in told(0.3).splitlines() if "in force" in line)
    assert marked.split()[0] == "0.3"
    assert "90.0 %" in marked


def test_another_cut_is_looked_at_without_being_in_force() -> None:
    said = told(0.2, asked=0.5)
    assert said.index("At 0.2, 2.0 of 1,000") < said.index("At 0.5, 0.5 of 1,000")
    assert [line.split()[0] for line in said.splitlines() if "asked for" in line] == ["0.5"]
    assert [line.split()[0] for line in said.splitlines() if "in force" in line] == ["0.2"]


def test_the_cut_in_force_is_shown_however_far_the_other_one_is() -> None:
    columns = [line.split()[0] for line in told(0.1, asked=0.7).splitlines() if " [" in line]
    assert columns == ["0.1", "0.2", "0.3", "0.5", "0.7"]


def test_a_cut_that_was_not_measured_is_told_by_those_beside_it() -> None:
    said = told(0.2, asked=0.4)
    assert "At 0.3, " in said
    assert "At 0.5, " in said
    assert "At 0.4, " not in said


def test_what_remembered_answers_save_is_told_where_they_save_any() -> None:
    rows = read(INVENTED).rates[NEAR.name]["parish"]
    assert "2.5 once answers are remembered" in sentence(rows[0])
    assert "remembered" not in sentence(rows[1])


def test_a_rule_of_the_code_is_told_apart() -> None:
    said = told(0.2).partition("Each rule alone at 0.2")[2]
    assert re.search(r" one-slip +1\.0, 90\.0 %", said)


def test_weights_that_were_fitted_on_these_people_are_told() -> None:
    assert "fitted on the people of parish" in told(0.2)
    assert "fitted" not in told(0.2, text=INVENTED.replace("fitted = true", "fitted = false"))


def test_a_finding_that_never_interrupts_is_said_to() -> None:
    said = told(2.0)
    assert "never interrupts" in said
    assert "interrupted (" not in said


def test_a_finding_without_slips_has_false_alarms_alone() -> None:
    assert sentence(Rate(0.5, Share(0, 1000), Share(0, 1000), {})).endswith("and 3.8).")


def test_the_rule_in_force_is_told_with_the_line_that_says_so(
    explain: Explain, tmp_path: Path
) -> None:
    policy_file(tmp_path, f"[rules.'{NEAR.name}']\nmode = 'observe'\ncut = 0.3\n")
    shown = explain(NEAR.name).output
    lines_of = {line.split()[0]: line for line in shown.splitlines() if line.strip()}
    assert lines_of["cut"].split()[1] == "0.3"
    assert lines_of["cut"].endswith("policy.toml, line 3")
    assert lines_of["mode"].split()[1] == "observe"
    assert lines_of["mode"].endswith("policy.toml, line 2")
    assert lines_of["severity"].endswith("default")
    assert NEAR.question in shown


def test_what_decides_about_everything_is_found_too(explain: Explain, tmp_path: Path) -> None:
    policy_file(tmp_path, "mode = 'observe'\n[recipients]\n\nexternal = 'ask'\n")
    found = json.loads(explain("recipient.external", "--json").output)
    assert found["rule"] | {"mode": "observe", "cut": 0.5} == found["rule"]
    assert found["said_in"]["mode"].endswith("line 1")
    assert found["said_in"]["cut"].endswith("line 4")


def test_while_a_file_is_wrong_no_line_is_named(explain: Explain, tmp_path: Path) -> None:
    policy_file(tmp_path, f"[rules.'{NEAR.name}']\ncut = 0.3\n")
    explain(NEAR.name)
    policy_file(tmp_path, f"[rules.'{NEAR.name}']\ncut = 7\n")
    done = explain(NEAR.name, "--json")
    assert "last good policy" in done.stderr
    found = json.loads(done.stdout)
    assert (found["rule"]["cut"], found["said_in"]["cut"]) == (0.3, None)


@pytest.mark.parametrize("name", CODES)
def test_every_code_is_explained(explain: Explain, name: str) -> None:
    shown = explain(name)
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith(f"{name}: {CODES[name].question}")
    assert ("has not been measured" in shown.output) == (not load().of(name))
    found = json.loads(explain(name, "--json").output)
    assert (found["measurement"] is None) == (not load().of(name))


def test_without_a_code_all_are_listed(explain: Explain) -> None:
    shown = explain().output.splitlines()
    assert [line.split()[0] for line in shown[1:-1]] == list(CODES)
    for line in shown[1:-1]:
        code, _, *rates = line.split()[: 2 + len(load().sets)]
        assert (set(rates) != {"-"}) == (code in load().rates), line
    assert [one["code"] for one in json.loads(explain("--json").output)] == list(CODES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("recipient.unusal", "recipient.unusual"),
        ("unusual", "recipient.unusual"),
        ("wrong-acount", "recipient.wrong-account"),
        ("exposed", "recipient.exposed"),
        ("xxxxxxxx", "policy explain` lists"),
    ],
)
def test_a_code_that_there_is_not_is_refused_with_the_nearest(
    explain: Explain, typed: str, meant: str
) -> None:
    done = explain(typed)
    assert done.exit_code == 2
    assert f"{typed} is not the code of a finding" in done.stderr
    assert meant in done.stderr


def test_a_cut_above_all_scores_is_refused(explain: Explain) -> None:
    assert explain(NEAR.name, "--cut", "1.5").exit_code == 2


def test_the_rates_that_ship_are_whole() -> None:
    rates: Rates = load()
    for name, by_set in rates.rates.items():
        assert name.partition("/")[0] in CODES
        assert set(by_set) <= set(rates.sets)
        for rows in by_set.values():
            for row, higher in pairwise(rows):
                assert row.cut < higher.cut
                assert row.alarms.hits >= higher.alarms.hits
                assert row.remembered.hits <= row.alarms.hits
                assert set(row.caught) <= set(KINDS)
                for kind, share in row.caught.items():
                    assert share.n >= share.hits >= higher.caught[kind].hits
    assert set(rates.rates) >= LIKELIHOODS


def test_the_rates_that_ship_name_nobody() -> None:
    text = (Path(__file__).parents[2] / "addin_service/policy/rates.toml").read_text()
    assert "@" not in text
    assert not Path(text.partition("quality.py ")[2].split()[0]).is_absolute()
