"""`addin-service contacts`: the directory and the allowlist."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import click

from addin_service import addresses, allowlist, importing
from addin_service.cli.common import (
    WRONG_USE,
    Failure,
    as_json,
    located,
    opened,
    show_refused,
    table,
)
from addin_service.contacts.csv_out import write_csv
from addin_service.contacts.reading import FORMATS, Format
from addin_service.contacts.report import ImportReport
from addin_service.contacts.rows import Row
from addin_service.store import building, neighbours
from addin_service.store import contacts as store
from addin_service.store.contacts import Entry
from addin_service.store.engine import Store

REASON = click.option("--reason", default="", help="Why; the helpdesk will want to know.")
EXPIRES = click.option("--expires", metavar="YYYY-MM-DD", help="The last day on which it counts.")
OWNER = click.option("--owner", default="", help="Who answers for this entry.")


@click.group()
@located
def contacts() -> None:
    """Import, list, allow, block and export contacts."""


@contacts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Where the content does not tell."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--json", "for_program", is_flag=True)
@located
def import_(file: Path, form: Format | None, dry_run: bool, for_program: bool) -> None:
    """Read CSV, vCard or LDIF, as Outlook, Google, Thunderbird or a directory exports it.

    Our own CSV has the columns name, email, organisation, and if you like status, reason, expires,
    owner, person. What kind of file it is is told from its content.
    """
    with opened() as installation, file.open("rb") as stream, progress(file, stream) as update:
        report = importing.import_contacts(
            installation.reviewer, stream, form=form, dry_run=dry_run, progress=update
        )
        index(installation.store)
    tell(report, "contacts", dry_run, for_program)


def index(record: Store) -> None:
    """Index what waits for it, with a bar on the terminal; it would be done by the service too."""
    with record.read() as connection:
        if not neighbours.state(connection).waiting:
            return
    with click.progressbar(length=1000, label="Indexing", file=sys.stderr) as bar:
        building.build(record, lambda share: bar.update(int(share * 1000) - bar.pos))


@contextmanager
def progress(file: Path, stream: BinaryIO) -> Iterator[importing.Progress]:
    """A bar on the terminal that follows the position in the file; silent anywhere else."""
    with click.progressbar(
        length=file.stat().st_size,
        label=f"Reading {file.name}",
        file=sys.stderr,
    ) as bar:
        yield lambda _count: bar.update(max(0, stream.tell() - bar.pos))


def tell(report: ImportReport, what: str, dry_run: bool, for_program: bool) -> None:
    """Say what an import did, and every line it left out."""
    if for_program:
        as_json(
            {
                "dry_run": dry_run, "read": report.read, "added": report.added,
                "updated": report.updated, "unchanged": report.unchanged,
                "refused": [{"line": one.line, "why": one.why} for one in report.refused],
            }
        )  # fmt: skip
        return
    show_refused(report.refused)
    would = "Would have: " if dry_run else ""
    click.echo(
        f"{would}{report.added} {what} added, {report.updated} changed, "
        f"{report.unchanged} already there, {len(report.refused)} left out."
    )


@contacts.command("list")
@click.argument("query", default="")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1))
@click.option("--json", "for_program", is_flag=True)
@located
def listed(query: str, limit: int, for_program: bool) -> None:
    """Show entries, or those that contain QUERY in address, name or organisation."""
    with opened() as installation, installation.store.read() as connection:
        found = store.search(connection, query, limit)
    if for_program:
        as_json([{**asdict(one), "expires": _day(one)} for one in found])
        return
    rows = [
        (one.address or one.entry, one.status, one.name, one.organisation, one.source,
         _day(one) or "", str(one.hits), one.reason)
        for one in found
    ]  # fmt: skip
    table(("entry", "status", "name", "organisation", "from", "expires", "hits", "reason"), rows)


@contacts.command()
@click.argument("address")
@click.option("--name", default="")
@click.option("--organisation-name", default="", help="Where this person works.")
@REASON
@EXPIRES
@OWNER
@located
def add(
    address: str,
    name: str,
    organisation_name: str,
    reason: str,
    expires: str | None,
    owner: str,
) -> None:
    """Enter somebody who is known."""
    _put(address, name, organisation_name, "known", reason, expires, owner)
    click.echo("Entered.")


@contacts.command()
@click.argument("entry")
@REASON
@EXPIRES
@OWNER
@located
def allow(entry: str, reason: str, expires: str | None, owner: str) -> None:
    """Vouch for an address, or for a whole domain written as @chambers.example."""
    _put(entry, "", "", "known", reason, expires, owner)
    click.echo("Allowed.")


@contacts.command()
@click.argument("entry")
@REASON
@EXPIRES
@OWNER
@located
def block(entry: str, reason: str, expires: str | None, owner: str) -> None:
    """Forbid an address, or a whole domain written as @rival.example."""
    _put(entry, "", "", "blocked", reason, expires, owner)
    click.echo("Blocked.")


@contacts.command("same-person")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS ADDRESS...")
@click.option("--undo", is_flag=True, help="Each of them is nobody else's account.")
@located
def same_person(addresses: tuple[str, ...], undo: bool) -> None:
    """Say that these contacts are accounts of one person, which no later import changes."""
    with opened() as installation:
        try:
            changed = allowlist.same_person(installation, addresses, "cli", undo)
        except allowlist.NotAnEntry as refusal:
            raise Failure(str(refusal), refusal.hint, WRONG_USE) from None
    if not changed:
        click.echo("That is how it is already.")
    elif undo:
        click.echo("Each of them stands alone now.")
    else:
        click.echo("They are one person's accounts now.")


@contacts.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@located
def export(file: Path) -> None:
    """Write every entry to a CSV file that no spreadsheet takes for formulas."""
    with opened() as installation, installation.store.read() as connection:
        rows = [_row(one) for one in store.search(connection, limit=10_000_000)]
    text = io.StringIO(newline="")
    write_csv(rows, text)
    file.write_bytes(text.getvalue().encode("utf-8-sig"))
    click.echo(f"{len(rows)} entries written to {file}.")


def _put(
    given: str, name: str, organisation: str, status: str, reason: str, expires: str | None,
    owner: str,
) -> None:  # fmt: skip
    try:
        entry = allowlist.entry(given, name, organisation, status, reason, expires, owner)
    except allowlist.NotAnEntry as refusal:
        raise Failure(str(refusal), refusal.hint, WRONG_USE) from None
    with opened() as installation:
        allowlist.put(installation, entry, "cli")


def _row(entry: Entry) -> Row:
    address = None if entry.domain else addresses.parse(entry.address or entry.entry)
    return Row(
        0, entry.entry, address, entry.name, entry.organisation,
        "blocked" if entry.status == "blocked" else "known", entry.reason, entry.expires,
        entry.owner, entry.person,
    )  # fmt: skip


def _day(entry: Entry) -> str | None:
    return entry.expires.isoformat() if entry.expires else None
