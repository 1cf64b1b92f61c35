"""`addin-service audit`: is the record what was written?"""

import json
from dataclasses import asdict
from pathlib import Path

import click

from addin_service.cli.common import SAYS_NO, WRONG_USE, Failure, as_json, located, opened
from addin_service.model import Json
from addin_service.receipts import verify as verify_chain
from addin_service.store import receipts


@click.group()
@located
def audit() -> None:
    """Verify and export the receipts."""


@audit.command()
@click.option(
    "--anchor", "anchors", multiple=True, metavar="SEQ:HASH",
    help="A number and hash noted outside earlier; finds a cut tail and a rewritten chain.",
)  # fmt: skip
@click.option("--json", "for_program", is_flag=True)
@located
def verify(anchors: tuple[str, ...], for_program: bool) -> None:
    """Go through the whole chain; name the first bad row. Exits 1 if there is one."""
    noted = dict(_anchor(text) for text in anchors)
    with opened() as installation, installation.store.read() as connection:
        head = receipts.head(connection)
        found = verify_chain(
            installation.reviewer.chain_key, receipts.rows(connection), head, noted
        )
    if for_program:
        problem: Json = {"seq": found.seq, "why": found.why} if found else None
        as_json({"valid": found is None, "receipts": head[0], "head": head[1], "break": problem})
    elif found:
        click.echo(f"Receipt {found.seq}: {found.why}.", err=True)
    else:
        click.echo(f"{head[0]} receipts, all as they were written.")
        click.echo(f"anchor to note outside this computer: {head[0]}:{head[1]}")
    if found:
        raise SystemExit(SAYS_NO)


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@located
def export(file: Path) -> None:
    """Write every receipt as one JSON line each."""
    count = 0
    with (
        opened() as installation,
        installation.store.read() as connection,
        file.open("w", encoding="utf-8") as out,
    ):
        for row in receipts.rows(connection):
            line = {**asdict(row), "body": json.loads(row.body)}
            out.write(json.dumps(line, sort_keys=True) + "\n")
            count += 1
    click.echo(f"{count} receipts written to {file}.")


def _anchor(text: str) -> tuple[int, str]:
    seq, _, digest = text.partition(":")
    if not seq.isdigit() or len(digest) != 64:
        raise Failure(
            "That is not an anchor.", "`addin-service audit verify` prints one to note.", WRONG_USE
        )
    return int(seq), digest
