"""The review window, drawn on a terminal: the same words in the same order."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import click

from addin_service.checks.reader_keys import ACCEPTED
from addin_service.model import Json

TITLES = {
    "allow": "This may go.",
    "confirm": "Please look at this before it goes.",
    "block": "This cannot go as it is.",
}
MARKS = {"stop": "STOP", "warn": "ASK ", "note": "note", "done": "done"}
STATES = {
    "verified": "key confirmed",
    "tofu": "key accepted once",
    "stale": "key compared long ago",
    "updated": "key confirmed, with a new part",
    "passphrase": "with the passphrase",
    "unverified": "nobody has checked whose key it is",
    "none": "no key",
}
COLOURS = {"stop": "red", "warn": "yellow", "note": None, "done": "green"}


def show(answer: Mapping[str, Json]) -> None:
    """Print an answer of `POST /v1/check`."""
    value = cast(dict[str, Any], answer)
    click.secho(TITLES[value["verdict"]], bold=True)
    for finding in value["findings"]:
        _finding(finding)
    if value["encryption"]["readers"]:
        show_readers(value["encryption"]["readers"])
    if value["reference"]:
        click.echo(f"\nReference for the helpdesk: {value['reference']}")


def show_readers(readers: Sequence[Mapping[str, Any]]) -> None:
    """The people who will be able to read the sealed message."""
    click.echo("\nReadable by:")
    for reader in readers:
        if reader["sender"] and reader["state"] not in ACCEPTED:
            click.echo("  not by you: there is no confirmed key of your own")
            continue
        who = f"{reader['name']} <{reader['address']}>" if reader["name"] else reader["address"]
        where = f", {reader['organisation']}" if reader["organisation"] else ""
        outside = ", outside your organisation" if reader["outside"] else ""
        click.echo(f"  {who}{where}{outside}: {STATES.get(reader['state'], reader['state'])}")


def _finding(finding: dict[str, Any]) -> None:
    click.echo()
    # What was answered stays in the list, so that the sender sees what was said.
    kind = "done" if finding["severity"] == "warn" and not finding["ask"] else finding["severity"]
    click.echo(f"{click.style(MARKS[kind], fg=COLOURS[kind], bold=True)}  {finding['message']}")
    if kind == "done":
        return
    if finding["advice"]:
        click.echo(f"      {finding['advice']}")
    pieces = finding["facts"].get("alignment")
    if finding["suggestion"] and pieces:
        typed, meant, marks = _aligned(pieces)
        click.echo(f"      you typed  {typed}")
        click.echo(f"      usual      {meant}")
        click.echo(f"                 {marks}  {finding['facts'].get('difference', '')}".rstrip())


def _aligned(pieces: list[list[str]]) -> tuple[str, str, str]:
    """Both addresses with equal parts one above the other, and a line that marks the others."""
    typed = meant = marks = ""
    for one, other in pieces:
        width = max(len(one), len(other))
        typed += one.ljust(width)
        meant += other.ljust(width)
        marks += (" " if one == other else "^") * width
    return typed, meant, marks
