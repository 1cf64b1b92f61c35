"""`addin-service requests`: what staff ask the helpdesk to allow."""

from dataclasses import asdict

import click

from addin_service import allowlist
from addin_service.cli.common import SAYS_NO, WRONG_USE, Failure, as_json, located, opened, table
from addin_service.store import requests as store


@click.group()
@located
def requests() -> None:
    """List, grant and refuse requests from staff."""


@requests.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are decided.")
@click.option("--json", "for_program", is_flag=True)
@located
def listed(everything: bool, for_program: bool) -> None:
    """Show the requests that wait."""
    with opened() as installation, installation.store.read() as connection:
        found = store.listed(connection, None if everything else "open")
    if for_program:
        as_json([asdict(one) for one in found])
        return
    table(
        ("id", "address", "asked by", "on", "state", "reason"),
        [(r.id, r.address, r.mailbox, r.asked[:10], r.state, r.reason) for r in found],
    )


@requests.command()
@click.argument("request_id")
@click.option("--reason", default="", help="Why; default: the reason that staff gave.")
@click.option("--expires", metavar="YYYY-MM-DD")
@located
def grant(request_id: str, reason: str, expires: str | None) -> None:
    """Allow the address that was asked for."""
    _decide(request_id, "granted", reason, expires)
    click.echo("Granted: the address is on the allowlist.")


@requests.command()
@click.argument("request_id")
@located
def refuse(request_id: str) -> None:
    """Close the request without allowing anything."""
    _decide(request_id, "refused", "", None)
    click.echo("Refused.")


def _decide(request_id: str, state: str, reason: str, expires: str | None) -> None:
    with opened() as installation:
        try:
            done = allowlist.decide_request(
                installation, request_id, "granted" if state == "granted" else "refused",
                reason, expires, "cli", "",
            )  # fmt: skip
        except allowlist.NotAnEntry as refusal:
            raise Failure(str(refusal), refusal.hint, WRONG_USE) from None
    if not done:
        raise Failure(
            "No open request has this id.", "`addin-service requests list` shows them.", SAYS_NO
        )
