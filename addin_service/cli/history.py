"""`addin-service history`: what a mailbox has sent and received."""

from pathlib import Path

import click

from addin_service import addresses, importing
from addin_service.cli.common import WRONG_USE, Failure, located, opened
from addin_service.cli.contacts import progress, tell
from addin_service.contacts.mbox import Seen


@click.group()
@located
def history() -> None:
    """Teach Last Look whom a mailbox writes to."""


@history.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--owner", required=True, metavar="ADDRESS", help="Whose mailbox this is.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--json", "for_program", is_flag=True)
@located
def import_(file: Path, owner: str, dry_run: bool, for_program: bool) -> None:
    """Read an mbox file: who wrote to whom, and when. No subject and no text is kept."""
    try:
        mailbox = addresses.parse(owner)
    except addresses.NotAnAddress as problem:
        raise Failure(
            f"The owner is not an address: {problem}.", "Write --owner name@council.example.",
            WRONG_USE,
        ) from None  # fmt: skip
    seen = Seen()
    with opened() as installation, file.open("rb") as stream, progress(file, stream) as update:
        report = importing.import_history(
            installation.reviewer, stream, mailbox, dry_run=dry_run, seen=seen, progress=update
        )
    tell(report, "mails", dry_run, for_program)
    if not for_program and seen.strangers + seen.automatic:
        click.echo(
            f"{seen.strangers} were neither from nor to {mailbox}, "
            f"{seen.automatic} were circulars or automatic: not counted."
        )
