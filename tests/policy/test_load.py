"""Policy files: what is wrong is named with line and key, and nothing wrong is put in force."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from addin_service.codes import CODES
from addin_service.installation import Installation, open_installation
from addin_service.policy import template
from addin_service.policy.load import PolicyInvalid, load
from addin_service.policy.schema import Policy
from addin_service.settings import Settings

WRONG = [
    ("a typing error in a key", "[recipients]\nexternl = 'ask'\n", 2, "recipients.externl"),
    ("a word that is none of the choices", "[recipients]\n\nexternal = 'loud'\n", 3, "recipients.external"),
    ("sealing required for nothing", "[sealing]\nrequired_for = ['content.sensitve']\n", 2, "sealing.required_for"),
    ("a number out of range", "[recipients]\nexposed_from = 1\n", 2, "recipients.exposed_from"),
    ("text for a number", "[recipients]\nexposed_from = 'ten'\n", 2, "recipients.exposed_from"),
    ("an unknown finding", "[rules.'recipient.extrnal']\nmode='observe'\n", 1, "rules.recipient.extrnal"),
    ("an unknown mode", "# x\n[rules.\"recipient.external\"]\nmode='off'\n", 3, "rules.recipient.external.mode"),
    ("a cut above all", "[rules.\"recipient.external\"]\ncut=7\n", 2, "rules.recipient.external.cut"),
    ("a dotted rule", "rules.\"recipient.external\".mode='off'\n", 1, "rules.recipient.external.mode"),
    ("a whole ending as own domain", "[organisation]\nown_domains = ['uk']\n", 2, "organisation.own_domains"),
    ("a star as own domain", "[organisation]\nown_domains = ['*']\n", 2, "organisation.own_domains"),
    ("an empty domain", "[organisation]\nassured_routes = ['']\n", 2, "organisation.assured_routes"),
    ("a pilot that is no address", "pilot = ['ann']\n", 1, "pilot"),
    ("a term found everywhere", "[content]\nterms = ['a']\n", 2, "content.terms"),
    ("a pattern that is none", "[content]\ncase_references = ['(']\n", 2, "content.case_references"),
    ("a pattern that runs for ever", "[content]\ncase_references = ['(a+)+b']\n", 2, "content.case_references"),
    ("a pattern that finds nothing", "[content]\ncase_references = ['x*']\n", 2, "content.case_references"),
    ("an unknown identifier", "[content]\nidentifiers = ['passport']\n", 2, "content.identifiers"),
    ("no TOML", "[recipients]\nexternal = \n", 2, ""),
    ("a key twice", "[recipients]\nexternal='ask'\nexternal='note'\n", 3, ""),
    ("a table that never ends", "[recipients\n", 1, ""),
]  # fmt: skip


@pytest.mark.parametrize(("story", "text", "line", "key"), WRONG, ids=[w[0] for w in WRONG])
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, story: str, text: str, line: int, key: str
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    with pytest.raises(PolicyInvalid) as caught:
        load(file)
    problem = caught.value.problems[0]
    assert problem.line == line, f"{story}: {problem}"
    assert problem.key.startswith(key)
    assert len(str(problem)) > len(key) + 20, "it says what to do"


@pytest.mark.parametrize(
    "data", [b"\xff\xfe[", b"mode = '\xff'\n", b"x" * 1_000_001, b"a=" + b"[" * 20_000]
)
def test_bytes_that_are_no_policy_are_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(data)
    with pytest.raises(PolicyInvalid):
        load(file)


def test_the_commented_file_is_the_default_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(template.commented())
    assert load(file) == Policy()
    text = template.commented()
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line else line
        for line in text.splitlines()
    )
    file.write_text(uncommented)
    assert load(file) == Policy(), "what the comments show is the default"
    assert all(code in text for code in CODES)


def test_the_organisation_overrides_key_by_key(tmp_path: Path) -> None:
    own, above = tmp_path / "own.toml", tmp_path / "above.toml"
    own.write_text("[recipients]\nexternal='note'\nkeep_days=7\n")
    above.write_text("[recipients]\nexternal='ask'\n")
    policy = load(own, above, tmp_path / "absent.toml")
    assert (policy.recipients.external, policy.recipients.keep_days) == ("ask", 7)


def test_the_version_follows_the_meaning_and_not_the_spelling(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text("[recipients]\nkeep_days=7\n")
    two.write_text("# a comment\nrecipients.keep_days = 7\n")
    assert load(one).version == load(two).version != Policy().version


def test_a_broken_file_at_run_time_leaves_the_last_good_policy_in_force(
    installation: Installation,
) -> None:
    before = installation.policies.current().version
    installation.settings.policy_files[0].write_text("mode = 'of")
    assert installation.policies.current().version == before
    assert installation.policies.problems
    installation.settings.policy_files[0].write_text("mode = 'observe'")
    assert installation.policies.current().mode == "observe"
    assert not installation.policies.problems


def test_a_broken_file_at_start_leaves_the_last_good_policy_in_force(settings: Settings) -> None:
    settings.data.mkdir()
    settings.policy_files[0].write_text("mode = 'observe'")
    open_installation(settings).close()
    settings.policy_files[0].write_text("mode = ")
    again = open_installation(settings)
    assert again.policies.current().mode == "observe"
    again.close()


def test_a_broken_file_at_the_first_start_is_refused(settings: Settings) -> None:
    settings.data.mkdir()
    settings.policy_files[0].write_text("mode = ")
    with pytest.raises(PolicyInvalid):
        open_installation(settings)


def test_the_command_names_line_and_key_and_exits_with_1(
    cli: Callable[..., Any], settings: Settings
) -> None:
    cli("policy", "check")
    settings.data.mkdir(exist_ok=True)
    settings.policy_files[0].write_text("[recipients]\nexternl = 'ask'\n")
    done = cli("policy", "check", check=False)
    assert done.returncode == 1
    assert "policy.toml, line 2: recipients.externl" in done.stderr
    said = json.loads(cli("policy", "check", "--json", check=False).stdout)
    assert said["problems"][0]["line"] == 2
