"""`addin-service policy explain`: a finding's rule in force, and what its cut costs and catches."""

import textwrap
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import click

from addin_service.cli import policy_rates
from addin_service.cli.common import WRONG_USE, Failure, as_json, located, opened, table
from addin_service.codes import CODES, NEVER, Code
from addin_service.model import Json
from addin_service.policy.load import where
from addin_service.policy.rates import Rates, load
from addin_service.policy.schema import Policy

WIDTH = 100
ALIKE = 0.7
"""From which likeness on (difflib's ratio) a code is suggested for an unknown one."""
Key = tuple[str, ...]
"""A setting, by the names of its tables and its own."""


@click.command()
@click.argument("code", required=False)
@click.option("--cut", type=click.FloatRange(0, 1), help="Look at this cut, not the one in force.")
@click.option("--json", "for_program", is_flag=True)
@located
def explain(code: str | None, cut: float | None, for_program: bool) -> None:
    """Show what the cut of a finding costs and catches; without CODE, list the findings.

    A finding has a score from 0 to 1 and interrupts from its cut on. For four doubts about who is
    meant (recipient.near-known-address, lookalike-domain, wrong-account, unusual) the score is how
    likely a slip is, taking it that one mail in 1,000 has a slip of this kind: of the mails that
    score 0.1, one in ten would be a slip. For the other findings it is our own judgement.

    A lower cut catches more and interrupts more. How much more was measured on other people's mail.
    """
    if code is not None and code not in CODES:
        raise Failure(f"{code} is not the code of a finding.", _nearest(code), WRONG_USE)
    with opened() as installation:
        policy = installation.policies.current()
        problems = installation.policies.problems
        files = installation.settings.policy_files
    for problem in problems:
        click.echo(f"warning: not in force, the last good policy is: {problem}", err=True)
    if code is None:
        _list(policy, load(), for_program)
        return
    rule = policy.rule(CODES[code])
    # While a file is wrong, what is in force does not stand in the files.
    said_in = _said_in(code, policy, () if problems else files)
    if for_program:
        _as_json(rule, policy, said_in)
        return
    click.echo(f"{code}: {rule.question}\n")
    for name, value in _values(rule, policy).items():
        click.echo(f"{name:14}{_shown(value):10}{said_in[name]}".rstrip())
    click.echo()
    for line in policy_rates.lines(rule, cut, load()):
        is_column = line.startswith(" ")
        click.echo(line if is_column else textwrap.fill(line, WIDTH))


def _list(policy: Policy, rates: Rates, for_program: bool) -> None:
    rules = [policy.rule(code) for code in CODES.values()]
    if for_program:
        as_json(
            [
                {
                    "code": rule.name,
                    "question": rule.question,
                    "cut": rule.cut,
                    "measured": bool(rates.of(rule.name)),
                }
                for rule in rules
            ]
        )
        return
    table(
        ("finding", "cut", *rates.sets, "question"),
        [
            (rule.name, _shown(rule.cut), *policy_rates.in_vain(rule, rates), rule.question)
            for rule in rules
        ],
    )
    click.echo(f"{', '.join(rates.sets)}: of 1,000 ordinary mails there, asked about in vain.")


def _as_json(rule: Code, policy: Policy, said_in: Mapping[str, str]) -> None:
    as_json(
        {
            "code": rule.name,
            "question": rule.question,
            "rule": _values(rule, policy),
            "said_in": {name: place or None for name, place in said_in.items()},
            "score": "likelihood" if rule.name in policy_rates.LIKELIHOODS else "judgement",
            "measurement": policy_rates.document(rule, load()) if load().of(rule.name) else None,
        }
    )


def _values(rule: Code, policy: Policy) -> dict[str, Json]:
    """The rule in force, by the names that the policy file has for it."""
    return {
        "severity": rule.severity.value,
        "cut": rule.cut,
        "note_cut": rule.note_cut,
        "sensitive_cut": rule.cut if rule.sensitive_cut is None else rule.sensitive_cut,
        "mode": "observe" if policy.observes(rule.name, "") else "enforce",
        "override": rule.override,
    }


def _said_in(code: str, policy: Policy, files: Sequence[Path]) -> dict[str, str]:
    """Per setting the file and line that says so, or that it is the default; "" if not known."""
    names = _values(CODES[code], policy)
    keys: dict[str, list[Key]] = {name: [("rules", code, name)] for name in names}
    if code == "recipient.external":
        keys["cut"].append(("recipients", "external"))
    keys["sensitive_cut"] = keys["cut"]
    keys["mode"].insert(0 if policy.mode == "observe" else 1, ("mode",))
    found: dict[str, str] = {}
    for name, several in keys.items():
        places = filter(None, (where(key, *files) for key in several))
        found[name] = next(
            (f"{file}, line {line}" for file, line in places), "default" if files else ""
        )
    return found


def _nearest(code: str) -> str:
    """The hint for a code that there is none of."""

    def likeness(name: str) -> float:
        if len(code) > 2 and code in name:
            return 1.0
        return max(
            SequenceMatcher(None, code, given).ratio() for given in (name, name.partition(".")[2])
        )

    near = sorted((name for name in CODES if likeness(name) > ALIKE), key=likeness, reverse=True)
    if not near:
        return "`addin-service policy explain` lists them all."
    return f"Did you mean {' or '.join(near[:2])}?"


def _shown(value: Json) -> str:
    if isinstance(value, float):
        return "never" if value >= NEVER else f"{value:g}"
    return "-" if value is None else str(value)
