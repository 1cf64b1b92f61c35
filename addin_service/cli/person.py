"""`addin-service person`: who may send as whom, in a department."""

import sys
from dataclasses import asdict
from typing import Any, BinaryIO

import click
from sqlalchemy import Connection

from addin_service import addresses, membership
from addin_service.cli.common import (
    SAYS_NO,
    WRONG_USE,
    Failure,
    as_json,
    located,
    opened,
    show_refused,
    table,
)
from addin_service.contacts.members import read_members
from addin_service.contacts.report import Refused
from addin_service.installation import Installation
from addin_service.model import Address
from addin_service.store import people
from addin_service.store.clients import ROLES
from addin_service.store.people import KINDS, Kind, Person

PERSON = click.argument("person", metavar="PERSON")
AT_ONCE = 100
"""Lines of a file that are written together: the mail that is being sent waits no longer."""


@click.group()
@located
def person() -> None:
    """People, the mailboxes they may send as, and their roles. PERSON is a mailbox or an id."""


@person.command()
@click.argument("mailbox")
@click.option("--name", default="", help="As whom the helpdesk knows them.")
@located
def add(mailbox: str, name: str) -> None:
    """Enter somebody by their own mailbox, and print their id."""
    own = address(mailbox)
    with opened() as installation, installation.store.write() as connection:
        found, new = membership.enter(installation, connection, own, name)
    click.echo(found.id)
    if not new:
        click.echo("They were entered before; nothing was changed.", err=True)


@person.command("list")
@click.option("--json", "for_program", is_flag=True)
@located
def listed(for_program: bool) -> None:
    """Show everybody."""
    with opened() as installation, installation.store.read() as connection:
        found = [_shown(connection, one) for one in people.everyone(connection)]
    if for_program:
        as_json(found)
        return
    rows = [
        (
            one["id"], one["name"], " ".join(dict.fromkeys(b["mailbox"] for b in one["mailboxes"])),
            " ".join(one["roles"]), "disabled" if one["disabled"] else "active",
        )
        for one in found
    ]  # fmt: skip
    table(("id", "name", "mailboxes", "roles", "state"), rows)


@person.command()
@PERSON
@click.option("--json", "for_program", is_flag=True)
@located
def show(person: str, for_program: bool) -> None:
    """Show what is known of somebody."""
    with opened() as installation, installation.store.read() as connection:
        one = _shown(connection, known(connection, person))
    if for_program:
        as_json(one)
        return
    click.echo(f"{one['name']} ({one['id']}), {'disabled' if one['disabled'] else 'active'}")
    click.echo(f"signs in at: {one['issuer'] or 'nowhere yet'}")
    click.echo(f"roles: sender {' '.join(one['roles'])}".rstrip())
    rows = [(b["mailbox"], b["kind"], b["source"]) for b in one["mailboxes"]]
    table(("may send as", "kind", "by"), rows)


@person.command()
@PERSON
@click.option("--undo", is_flag=True, help="Give the access back.")
@located
def disable(person: str, undo: bool) -> None:
    """End somebody's access, that of all their programs with it, at once."""
    with opened() as installation, installation.store.write() as connection:
        found = known(connection, person)
        if not membership.disable(installation, connection, found, undo):
            raise Failure("That is so already.", "`addin-service person list` shows it.", SAYS_NO)
    click.echo("Access given back." if undo else "Access ended.")


@person.command()
@PERSON
@click.argument("mailbox")
@click.option("--kind", type=click.Choice(KINDS), default="shared", show_default=True)
@located
def bind(person: str, mailbox: str, kind: Kind) -> None:
    """Let somebody send as a mailbox."""
    wanted = address(mailbox)
    with opened() as installation, installation.store.write() as connection:
        found = known(connection, person)
        new = membership.bind(installation, connection, found, wanted.key, kind)
    click.echo("Bound." if new else "That is so already.")


@person.command()
@PERSON
@click.argument("mailbox")
@located
def unbind(person: str, mailbox: str) -> None:
    """Take a mailbox back. One that the sign-in names returns with the next sign-in."""
    wanted = address(mailbox)
    with opened() as installation, installation.store.write() as connection:
        found = known(connection, person)
        if not membership.unbind(installation, connection, found, wanted.key):
            raise Failure(
                "This mailbox is not theirs.", "`addin-service person show` lists them.", SAYS_NO
            )
    click.echo("Unbound.")


@person.command()
@PERSON
@click.argument("role", type=click.Choice([role for role in ROLES if role != "sender"]))
@click.option("--remove", is_flag=True, help="Take the role back.")
@located
def role(person: str, role: str, remove: bool) -> None:
    """Give somebody a role. What the sign-in gives is not taken back here."""
    with opened() as installation, installation.store.write() as connection:
        found = known(connection, person)
        had = people.roles(connection, found.id, "admin")
        new = membership.give_roles(
            installation, connection, found, had - {role} if remove else had | {role}
        )
        left = remove and people.has_role(connection, found.id, role)
    click.echo("Done." if new else "That is so already.")
    if left:
        click.echo("Their sign-in still gives it.", err=True)


@person.command("import")
@click.argument("file", type=click.File("rb"))
@located
def import_(file: BinaryIO) -> None:
    """Enter people from a CSV file with the columns person, mailbox, kind.

    A person is named by their own mailbox; a shared mailbox stands on a line for each of them.
    What is not in the file stays as it is.
    """
    bound = entered = 0
    with opened() as installation:
        rows = list(read_members(file))
        refused = [row for row in rows if isinstance(row, Refused)]
        members = [row for row in rows if not isinstance(row, Refused)]
        for start in range(0, len(members), AT_ONCE):
            with installation.store.write() as connection:
                for row in members[start : start + AT_ONCE]:
                    one, new = membership.enter(installation, connection, row.person, "")
                    entered += new
                    if row.mailbox != row.person:
                        key = row.mailbox.key
                        bound += membership.bind(installation, connection, one, key, row.kind)
    show_refused(refused)
    click.echo(f"{entered} people entered, {bound} mailboxes bound, {len(refused)} lines left out.")
    if refused:
        sys.exit(SAYS_NO)


def known(connection: Connection, given: str) -> Person:
    """The person of this id, or whose own mailbox this is. Raises `Failure` unless there is one."""
    one = people.by_id(connection, given)
    found = [one] if one else []
    if not found and "@" in given:
        found = people.owners(connection, address(given).key)
    if len(found) == 1:
        return found[0]
    raise Failure(
        "This mailbox belongs to several people." if found else "Nobody of that kind is entered.",
        "`addin-service person list` shows everybody with their ids.",
        SAYS_NO,
    )


def address(given: str) -> Address:
    """What was typed as an address; raises `Failure`."""
    try:
        return addresses.parse(given)
    except addresses.NotAnAddress as problem:
        raise Failure(
            f"That is not an address: {problem}.", "Write it as ann@council.example.", WRONG_USE
        ) from None


def must_have(installation: Installation, person: str, role: str) -> None:
    """Raises `Failure` unless this person may have a client of this role."""
    with installation.store.read() as connection:
        if role == "sender" or people.has_role(connection, person, role):
            return
    raise Failure(
        f"They do not have the role {role}.",
        f"`addin-service person role PERSON {role}` gives it.",
        SAYS_NO,
    )


def _shown(connection: Connection, one: Person) -> dict[str, Any]:
    shown = asdict(one)
    shown["mailboxes"] = [asdict(bound) for bound in people.mailboxes(connection, one.id)]
    shown["roles"] = sorted(people.roles(connection, one.id))
    return shown
