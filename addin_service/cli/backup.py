"""`addin-service backup` and `restore`: a whole installation as one file, and back."""

from dataclasses import replace
from pathlib import Path

import click

from addin_service.cli.common import WRONG_USE, Failure, as_json, current_settings, located
from addin_service.cli.migrate import bar, installed_secret, moved_plainly
from addin_service.review import CHAIN
from addin_service.store import times
from addin_service.transfer import backups, places, restoring


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@click.option("--json", "for_program", is_flag=True)
@located
def backup(file: Path, force: bool, for_program: bool) -> None:
    """Write the record, the secret, policy.toml and service.toml into one file.

    The service may go on serving. The file holds personal data and the secret: keep it as you
    keep passwords, or encrypt it with `gpg --encrypt`.
    """
    if not file.absolute().parent.is_dir():
        raise Failure("There is no such folder to write to.", "Make it first.", WRONG_USE)
    with moved_plainly():
        settings = current_settings()
        with bar("Copying") as told:
            secret = installed_secret(settings)
            made = backups.back_up(settings, secret, CHAIN, file, force, told)
    seq, digest = made.head
    if for_program:
        as_json({"file": str(file), "bytes": made.bytes, "receipts": seq, "head": digest})
        return
    click.echo(f"{file}: {made.bytes / 1e6:.1f} MB, {seq} receipts, all as they were written.")
    click.echo(f"anchor to note outside this computer: {seq}:{digest}")
    click.echo("Whoever has this file has every contact and the secret: keep it accordingly.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--database", metavar="URL", help="Put the record there, into an empty database.")
@click.option("--force", is_flag=True, help="Set aside the data folder that is there.")
@click.option("--json", "for_program", is_flag=True)
@located
def restore(file: Path, database: str | None, force: bool, for_program: bool) -> None:
    """Make an installation of a backup, in an empty data folder.

    Everything in it is verified before anything gets its name. Nothing is ever deleted.
    """
    with moved_plainly():
        settings = current_settings()
        if database:
            settings = replace(settings, database=places.database_url(database))
        with bar("Restoring") as told:
            done = restoring.restore(settings, file, CHAIN, times.now(), force, told)
    seq, digest = done.head
    aside = str(done.set_aside) if done.set_aside else None
    if for_program:
        as_json({"made": done.made, "receipts": seq, "head": digest, "upgraded": done.upgraded,
                 "set_aside": aside})  # fmt: skip
        return
    click.echo(f"Restored as it was on {done.made[:16]}Z, in {settings.data}.")
    click.echo(f"{seq} receipts, all as they were written.")
    if done.upgraded:
        click.echo("It was made by an older version and was brought up to date.")
    if aside:
        click.echo(f"What was there before is in {aside}.")
    if database:
        click.echo("To use it: ADDIN_SERVICE_DATABASE=URL, with this data folder.")
