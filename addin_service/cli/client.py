"""`addin-service client`: which programs may ask. Whoever can run this has the authority."""

from dataclasses import asdict

import click

from addin_service.cli.common import SAYS_NO, WRONG_USE, Failure, as_json, located, opened, table
from addin_service.cli.person import known, must_have
from addin_service.installation import Installation
from addin_service.store import clients, people, times
from addin_service.store.clients import CODE_LIFE, ROLES

ROLE = click.option("--role", type=click.Choice(ROLES), default="sender", show_default=True)
PERSON = click.option(
    "--person", metavar="MAILBOX", help="Whose it is, by their own mailbox or id (a department)."
)


@click.group()
@located
def client() -> None:
    """Pair mail clients, list them, end their access."""


@client.command()
@click.argument("name")
@ROLE
@PERSON
@located
def add(name: str, role: str, person: str | None) -> None:
    """Make a client and print its token, alone, on standard output."""
    with opened() as installation:
        whose = _whose(installation, person, role)
        with installation.store.write() as connection:
            _, token = clients.add(connection, name, role, times.now(), whose)
    click.echo(token)


@client.command()
@click.argument("name", default="")
@ROLE
@PERSON
@located
def pair(name: str, role: str, person: str | None) -> None:
    """Print a code to type into the add-in's options: good once."""
    with opened() as installation:
        whose = _whose(installation, person, role)
        with installation.store.write() as connection:
            code = clients.new_code(connection, name, role, times.now(), whose)
    click.echo(code)
    minutes = int(CODE_LIFE.total_seconds() // 60)
    click.echo(f"Type it into the add-in's options within {minutes} minutes.", err=True)


@client.command("list")
@click.option("--json", "for_program", is_flag=True)
@located
def listed(for_program: bool) -> None:
    """Show the clients."""
    with opened() as installation, installation.store.read() as connection:
        found = clients.everyone(connection)
        names = {one.id: one.name for one in people.everyone(connection)}
    if for_program:
        as_json([asdict(one) for one in found])
        return
    rows = [
        (
            one.id, one.name, one.role, names.get(one.person or "", ""), one.created[:10],
            "revoked" if one.revoked else "active",
        )
        for one in found
    ]  # fmt: skip
    table(("id", "name", "role", "person", "since", "state"), rows)


@client.command()
@click.argument("client")
@located
def revoke(client: str) -> None:
    """End a client's access, at once: by its id, or by a name that only one has."""
    with opened() as installation, installation.store.write() as connection:
        active = [one for one in clients.everyone(connection) if not one.revoked]
        found = [one.id for one in active if client in (one.id, one.name)]
        if len(found) != 1:
            raise Failure(
                "Several clients have this name." if found else "No active client has this id.",
                "`addin-service client list` shows them with their ids.",
                SAYS_NO,
            )
        clients.revoke(connection, found[0], times.now())
    click.echo("Access ended.")


def _whose(installation: Installation, person: str | None, role: str) -> str | None:
    """The id of the person meant, who must have the role. Raises `Failure`."""
    if person is not None:
        with installation.store.read() as connection:
            found = known(connection, person)
        must_have(installation, found.id, role)
        return found.id
    if installation.department and role == "sender":
        raise Failure(
            "In a department a mail program belongs to a person, as whose mailboxes it may send.",
            "Say whose it is with --person; `addin-service person add` enters them.",
            WRONG_USE,
        )
    return None
