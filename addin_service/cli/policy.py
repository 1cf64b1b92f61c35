"""`addin-service policy`: is the policy right, and what is in force?"""

import json
from pathlib import Path

import click

from addin_service.cli.common import (
    SAYS_NO,
    as_json,
    current_settings,
    located,
    opened,
    table,
)
from addin_service.cli.policy_explain import explain
from addin_service.codes import CODES, NEVER
from addin_service.model import Json
from addin_service.policy.load import PolicyInvalid, load


@click.group()
@located
def policy() -> None:
    """Check, show and explain the policy."""


policy.add_command(explain)


@policy.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "for_program", is_flag=True)
@located
def check(files: tuple[Path, ...], for_program: bool) -> None:
    """Check the policy files in use, or FILES: every problem with its line. Exits 1 if any."""
    used = files or current_settings().policy_files
    problems = []
    try:
        version = load(*used).version
    except PolicyInvalid as invalid:
        problems, version = invalid.problems, None
    if for_program:
        found: list[Json] = [
            {"file": p.file, "line": p.line, "key": p.key, "message": p.message} for p in problems
        ]
        as_json({"valid": not problems, "version": version, "problems": found})
    for problem in problems if not for_program else ():
        click.echo(str(problem), err=True)
    if problems:
        raise SystemExit(SAYS_NO)
    if not for_program:
        click.echo(f"The policy is valid. Version {version}.")


@policy.command()
@click.option("--json", "for_program", is_flag=True)
@located
def show(for_program: bool) -> None:
    """Show the policy in force: the organisation's word over yours."""
    with opened() as installation:
        current = installation.policies.current()
        problems = installation.policies.problems
    if for_program:
        as_json({"version": current.version, "policy": json.loads(current.document)})
        return
    for problem in problems:
        click.echo(f"warning: not in force, the last good policy is: {problem}", err=True)
    click.echo(f"version {current.version}, mode {current.mode}\n")
    for section in ("organisation", "recipients", "content", "sealing", "failure"):
        for name, value in getattr(current, section):
            shown = ", ".join(value) if isinstance(value, tuple) else value
            click.echo(f"{section}.{name} = {shown}")
    click.echo()
    rules = [current.rule(code) for code in CODES.values()]
    table(
        ("finding", "severity", "cut", "note from", "override", "mode"),
        [
            (
                rule.name, rule.severity.value, _cut(rule.cut), _cut(rule.note_cut),
                rule.override or "-", "observe" if current.observes(rule.name, "") else "enforce",
            )
            for rule in rules
        ],
    )  # fmt: skip


def _cut(value: float) -> str:
    return "never" if value >= NEVER else f"{value:g}"
