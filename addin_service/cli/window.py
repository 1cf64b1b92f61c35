"""The review window, drawn on a terminal: the same words in the same order."""

from collections.abc import Mapping
from typing import Any, cast

import click

from addin_service.model import Json

TITLES = {
    "allow": "This may go.",
    "confirm": "Please look at this before it goes.",
    "block": "This cannot go as it is.",
}
MARKS = {"stop": "STOP", "warn": "ASK ", "note": "note"}
COLOURS = {"stop": "red", "warn": "yellow", "note": None}


def show(answer: Mapping[str, Json]) -> None:
    """Print an answer of `POST /v1/check`."""
    value = cast(dict[str, Any], answer)
    click.secho(TITLES[value["verdict"]], bold=True)
    for finding in value["findings"]:
        _finding(finding)
    if value["encryption"]["required"] and not value["encryption"]["possible"]:
        click.echo("\nSealing is required for this message.")
    if value["reference"]:
        click.echo(f"\nReference for the helpdesk: {value['reference']}")


def _finding(finding: dict[str, Any]) -> None:
    click.echo()
    mark = click.style(MARKS[finding["severity"]], fg=COLOURS[finding["severity"]], bold=True)
    click.echo(f"{mark}  {finding['message']}")
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
