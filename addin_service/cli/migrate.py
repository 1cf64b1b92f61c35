"""`addin-service migrate`: the whole record into another database."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from addin_service.cli.common import (
    BROKEN,
    SAYS_NO,
    WRONG_USE,
    Failure,
    as_json,
    current_settings,
    located,
    told_plainly,
)
from addin_service.review import CHAIN
from addin_service.secrets import Secret
from addin_service.settings import Settings
from addin_service.transfer import moving, places
from addin_service.transfer.problems import NotMoved

_CODES = {"asked": WRONG_USE, "record": SAYS_NO, "machine": BROKEN}


@click.command()
@click.option("--from", "source", required=True, metavar="URL", help="sqlite:FILE, postgresql://…")
@click.option("--to", "target", required=True, metavar="URL", help="An empty database.")
@click.option("--json", "for_program", is_flag=True)
@located
def migrate(source: str, target: str, for_program: bool) -> None:
    """Copy every row into an empty database, and verify the copy.

    The source stays as it is. The chain of receipts is verified with the secret in the data
    folder, which the copy needs as well. Passwords belong into ~/.pgpass, not into a URL.
    """
    with moved_plainly():
        chain_key = installed_secret(current_settings()).derive(CHAIN)
        with bar("Copying") as told:
            done = moving.move(
                places.database_url(source), places.database_url(target), chain_key, told
            )
    if for_program:
        as_json({"rows": dict(done.rows), "receipts": done.head[0], "head": done.head[1]})
        return
    click.echo(f"{done.total} rows in {len(done.rows)} tables copied.")
    click.echo(f"{done.head[0]} receipts, all as they were written.")
    click.echo("To use it: ADDIN_SERVICE_DATABASE=URL, with the same data folder.")


def installed_secret(settings: Settings) -> Secret:
    """The secret of this installation, which is not made here."""
    try:
        return Secret(settings.secret_file.read_bytes())
    except FileNotFoundError:
        raise NotMoved(
            "There is no secret.key in the data folder, without which no receipt can be verified.",
            "Choose the data folder that belongs to the record with --data.",
        ) from None
    except ValueError:
        raise NotMoved(
            "The secret.key in the data folder is damaged.",
            "Restore it from a backup.", fault="record",
        ) from None  # fmt: skip


@contextmanager
def moved_plainly() -> Iterator[None]:
    """What goes wrong with a record on the move becomes a `Failure`."""
    try:
        with told_plainly():
            yield
    except NotMoved as refusal:
        raise Failure(refusal.message, refusal.hint, _CODES[refusal.fault]) from None


@contextmanager
def bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal, for work that tells how far it is; silent anywhere else."""
    with click.progressbar(length=1000, label=label, file=sys.stderr) as shown:
        yield lambda done, of: shown.update(int(done / max(of, 1) * 1000) - shown.pos)
