"""`addin-service open FILE.eml`: what is sealed in a mail that came in, and who signed it."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from addin_service import addresses
from addin_service.cli.common import SAYS_NO, WRONG_USE, Failure, located, opened
from addin_service.installation import Installation
from addin_service.model import Address, Json
from addin_service.opening import saving, showing
from addin_service.opening.opened import Opened, open_mail
from addin_service.opening.parts import MOST_BYTES
from addin_service.opening.refusals import CannotOpen
from addin_service.opening.signers import Standing
from addin_service.opening.structure import Outside
from addin_service.pgp.user_gpg import UserGpg
from addin_service.store import bindings, contacts, times

FROM_HTML = "The message is formatted (HTML); these are its words alone."
_OUTSIDE = {"text": "a text", "html": "a formatted text (HTML)", "file": "a file"}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--save", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
    help="Write the attachments into this folder; without it nothing is written anywhere.",
)  # fmt: skip
@click.option(
    "--mailbox", metavar="ADDRESS", default="",
    help="Whose mail it is: keys confirmed for this mailbox alone count too.",
)  # fmt: skip
@click.option("--json", "for_program", is_flag=True)
@located
def open(file: Path, save: Path | None, mailbox: str, for_program: bool) -> None:
    """Open a sealed mail with your own gpg, and say who signed it.

    Exit codes: 0 opened, 1 refused or not sealed, 2 wrong use, 3 something broken.
    """
    own = _mailbox(mailbox)
    with file.open("rb") as stream:
        raw = stream.read(MOST_BYTES + 1)
    with opened() as installation:
        try:
            found = open_mail(raw, UserGpg(), lambda sender: _standing(installation, sender, own))
        except CannotOpen as refusal:
            raise Failure(str(refusal), refusal.hint, SAYS_NO) from None
    if not found.sealed:
        raise _not_sealed(found)
    saved = _saved(found, save) if save else []
    if for_program:
        click.echo(json.dumps(_out(found, saved), indent=2))  # in ASCII: it may be a terminal
    else:
        _show(found, saved)


def _standing(installation: Installation, sender: Address, mailbox: str) -> Standing:
    with installation.store.read() as connection:
        known = bindings.known(connection, [sender.key], mailbox, times.now())
        names = [
            entry.name
            for entry in contacts.search(connection, sender.key)
            if entry.entry == sender.key and entry.name
        ]
    return Standing(sender.key, names[0] if names else "", known)


def _not_sealed(found: Opened) -> Failure:
    refusal = CannotOpen("not-sealed")
    return Failure(
        f"{refusal}\n{showing.one_line(found.signature.sentence)}", refusal.hint, SAYS_NO
    )


def _saved(found: Opened, folder: Path) -> list[Path]:
    try:
        return saving.save(found.message.files, folder)
    except saving.NotSaved as refusal:
        raise Failure(
            f"Not everything was saved: {refusal}.",
            "Give a new folder, on a disk with room, to --save.",
            SAYS_NO,
        ) from None


def _show(found: Opened, saved: Sequence[Path]) -> None:
    """For a person. The text comes last: nothing that it says can pass for a word of ours."""
    headers = found.headers
    unsealed = "" if found.protected else " (was not sealed, anybody may have changed it)"
    rows = [
        (f"Subject{unsealed}", headers.subject),
        ("From", ", ".join(headers.sender)),
        ("To", ", ".join(headers.to)),
        ("Cc", ", ".join(headers.cc)),
        ("Date", headers.date),
    ]
    for name, value in rows:
        if value:
            click.echo(f"{name}: {showing.one_line(value)}")
    click.echo(showing.one_line(found.signature.sentence, 1000))
    if found.around:
        sentence = showing.one_line(found.around.sentence, 1000)
        click.echo(f"Around the sealed part, by whoever sent it on: {sentence}")
    for warning in found.warnings:
        click.echo(f"Beware: {warning}")
    if found.outside:
        parts = ", ".join(map(_outside, found.outside))
        click.echo(f"Not in the sealed message, and not shown: {parts}.")
    for number, attached in enumerate(found.message.files):
        name = showing.one_line(saving.harmless(attached), 200)
        where = f", saved as {showing.one_line(str(saved[number]), 500)}" if saved else ""
        kind = showing.one_line(attached.type, 100)
        click.echo(f"Attachment: {name} ({kind}, {len(attached.data):,} bytes){where}")
    if found.message.from_html:
        click.echo(FROM_HTML)
    click.echo("")
    click.echo(showing.text(found.message.text))


def _outside(part: Outside) -> str:
    name = f" “{showing.one_line(part.name, 100)}”" if part.name else ""
    return _OUTSIDE[part.kind] + name


def _out(found: Opened, saved: Sequence[Path]) -> dict[str, Json]:
    headers, signature = found.headers, found.signature
    return {
        "shape": found.shape,
        "subject": headers.subject,
        "headers_sealed": found.protected,
        "from": list(headers.sender),
        "to": list(headers.to),
        "cc": list(headers.cc),
        "date": headers.date,
        "signature": {
            "word": signature.word,
            "sentence": signature.sentence,
            "fingerprint": signature.fingerprint,
            "made": signature.made.isoformat() if signature.made else None,
        },
        "around": found.around.word if found.around else None,
        "warnings": list(found.warnings),
        "outside": [{"kind": part.kind, "name": part.name} for part in found.outside],
        "text": found.message.text,
        "text_from_html": found.message.from_html,
        "attachments": [
            {
                "name": saving.harmless(attached),
                "type": attached.type,
                "size": len(attached.data),
                "saved": str(saved[number]) if saved else None,
            }
            for number, attached in enumerate(found.message.files)
        ],
    }


def _mailbox(given: str) -> str:
    try:
        return addresses.parse(given).key if given else ""
    except addresses.NotAnAddress as problem:
        raise Failure(f"That is not an address: {problem}.", "", WRONG_USE) from None
