"""`addin-service check FILE.eml`: what a sender would see, without a mail client."""

from pathlib import Path

import click

from addin_service import addresses, drafts, eml
from addin_service.cli.common import SAYS_NO, WRONG_USE, Failure, as_json, located, opened
from addin_service.cli.window import show
from addin_service.model import Draft, VerdictWord
from addin_service.web.wire import answer_out


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "for_program", is_flag=True, help="Print the answer of POST /v1/check.")
@located
def check(file: Path, for_program: bool) -> None:
    """Look at a saved mail as if it were about to be sent. Exits 1 unless it may go."""
    with opened() as installation:
        draft = draft_in(eml.read_draft(file.read_bytes()))
        answered = installation.reviewer.check(draft, "cli")
    if for_program:
        as_json(answer_out(answered))
    else:
        show(answer_out(answered))
    if answered.verdict.word is not VerdictWord.ALLOW:
        raise SystemExit(SAYS_NO)


def draft_in(file: eml.DraftFile) -> Draft:
    """The draft in this saved mail; raises `Failure` where its sender is no address."""
    try:
        return drafts.from_file(file)
    except addresses.NotAnAddress:
        raise Failure(
            "The mail's From is not an e-mail address.", "Save the mail with its From.", WRONG_USE
        ) from None
