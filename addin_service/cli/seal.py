"""`addin-service seal FILE.eml -o OUT.eml`: check, ask, seal, without a mail client."""

import secrets
import sys
from collections.abc import Iterator, Sequence
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, cast

import click

from addin_service import addresses, eml
from addin_service import seal as use_case
from addin_service.cli.check import draft_in
from addin_service.cli.common import SAYS_NO, Failure, located, opened
from addin_service.cli.window import show, show_readers
from addin_service.installation import Installation
from addin_service.model import Answer, Ask, Choice, Draft, Judged, VerdictWord
from addin_service.pgp.gpg import Refused
from addin_service.review import Answered, NotOffered
from addin_service.sealer import MAKERS, Sealed, ShapeRefused
from addin_service.sealing import attached
from addin_service.sealing.mime import outer_head
from addin_service.shapes import Shape
from addin_service.store import times
from addin_service.web.wire import answer_out, readers_out

CLIENT, ASSUMING = "cli", "cli --assume-yes"
"""How receipts name who answered: a person at the terminal, or nobody."""
ROUNDS = 40
"""Questions at most; each answer either settles one or is asked again."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--shape", type=click.Choice(list(MAKERS)), default="mime", show_default=True)
@click.option("--assume-yes", is_flag=True, help="Answer what a sender may answer; recorded so.")
@located
def seal(file: Path, output: Path, shape: str, assume_yes: bool) -> None:
    """Seal a saved mail for its readers. Bcc readers get a file of their own each."""
    with opened() as installation:
        saved = eml.read_draft(file.read_bytes())
        draft = draft_in(saved)
        client = ASSUMING if assume_yes else CLIENT
        kind = cast(Shape, shape)
        try:
            answered = _cleared(installation, draft, client, assume_yes, kind)
        except NotOffered:
            raise Failure(
                "The policy does not offer this way of sealing.",
                "Leave out --shape; `addin-service policy show` says what is offered.",
                SAYS_NO,
            ) from None
        if answered.verdict.word is not VerdictWord.ALLOW:
            show(answer_out(answered))
            raise SystemExit(SAYS_NO)
        show_readers(readers_out(answered.verdict.readers) or ())
        written = list(_sealed(installation, draft, saved, answered, kind, client))
    for number, (reader, sealed) in enumerate(written):
        place = output if number == 0 else output.with_stem(f"{output.stem}-bcc-{number}")
        with place.open("wb") as out:
            out.writelines(_message(draft, reader, sealed))
        click.echo(f"sealed: {place}")
        if sealed.passphrase:
            whom = "its readers" if reader == use_case.VISIBLE else reader
            click.echo(f"Read this out to {whom} on the phone; it is shown only now:")
            click.echo(f"  {sealed.passphrase}")


def _sealed(
    installation: Installation,
    draft: Draft,
    saved: eml.DraftFile,
    answered: Answered,
    shape: Shape,
    client: str,
) -> Iterator[tuple[str, Sealed]]:
    """The visible message, then one for each Bcc reader. All of them, or an error."""
    readers = [use_case.VISIBLE] if any(r.field != "bcc" for r in draft.recipients) else []
    readers += [r.given for r in draft.recipients if r.field == "bcc"]
    for reader in readers:
        wanted = use_case.Wanted(
            draft, saved.html, saved.files, answered.review or "", shape, reader
        )
        try:
            yield reader, use_case.seal(installation.reviewer, wanted, client)
        except use_case.NotCleared as refusal:
            raise Failure(str(refusal), refusal.hint, SAYS_NO) from None
        except ShapeRefused as refusal:
            raise Failure(str(refusal), "Leave out --shape.", SAYS_NO) from None
        except Refused as refusal:
            if refusal.reason == "not-signed":
                raise Failure(
                    "It could not be signed with your key; nothing was written.",
                    "Your secret key must be on this computer (`gpg --list-secret-keys`); give its "
                    "passphrase when you are asked for it.",
                ) from None
            raise Failure(
                "gpg did not seal it; nothing was written.", "Run `addin-service doctor`."
            ) from None


def _cleared(
    installation: Installation, draft: Draft, client: str, assume_yes: bool, shape: Shape
) -> Answered:
    """Check and answer until there is nothing left to answer, or nobody to answer it."""

    def check(review: str | None, answers: Sequence[Answer]) -> Answered:
        return installation.reviewer.check(
            draft, client, review=review, answers=answers, seal=True, remember=not assume_yes,
            shape=shape,
        )  # fmt: skip

    answered = check(None, ())
    for _ in range(ROUNDS):
        asked = [j for j in answered.verdict.judged if j.ask and j.shown]
        if answered.verdict.word is not VerdictWord.CONFIRM:
            break
        if assume_yes:
            answers = [answer for j in asked if (answer := _assumed(j)) is not None]
        elif asked and sys.stdin.isatty():
            show(answer_out(answered))
            answers = [_ask(asked[0])]
        else:
            answers = []
        if not answers:
            break
        answered = check(answered.review, answers)
    return answered


def _assumed(item: Judged) -> Answer | None:
    """The answer that --assume-yes gives; a key is never confirmed by it."""
    said: dict[Ask, Any] = {
        Ask.CHOOSE: None,
        Ask.ACKNOWLEDGE: None,
        Ask.RETYPE: item.finding.about.given if item.finding.about else None,
        Ask.REASON: "answered by --assume-yes",
        Ask.NAME: item.finding.expects[0] if item.finding.expects else None,
    }
    ask = item.ask
    if ask is None or ask not in said:
        return None
    choice = Choice.KEEP if ask is Ask.CHOOSE else Choice(ask.value)
    return Answer(item.id, choice, said[ask])


def _ask(item: Judged) -> Answer:
    """One question at the terminal."""
    ask = item.ask
    if ask in (Ask.CHOOSE, Ask.ACKNOWLEDGE):
        word = "keep" if ask is Ask.CHOOSE else "yes"
        if click.prompt(f"Type {word} to go on, anything else to stop", default="") != word:
            raise SystemExit(SAYS_NO)
        return Answer(item.id, Choice.KEEP if ask is Ask.CHOOSE else Choice.ACKNOWLEDGE)
    if ask is Ask.CONFIRM_KEY:
        groups = ", ".join(str(n) for n in cast(list[int], item.finding.facts["positions"]))
        ways = ", ".join(str(way) for way in cast(list[str], item.finding.facts["methods"]))
        method = click.prompt(f"Compared by ({ways})", default="phone")
        typed = click.prompt(f"Groups {groups} of the fingerprint, as its owner reads them")
        return Answer(item.id, Choice.CONFIRM_KEY, f"{method} {typed}")
    prompts = {
        Ask.RETYPE: "Type the address again, from where you have it",
        Ask.NAME: "Whom is it for? Surname or organisation",
        Ask.REASON: "The reason",
    }
    asked = ask or Ask.REASON
    return Answer(item.id, Choice(asked.value), click.prompt(prompts[asked]))


def _message(draft: Draft, reader: str, sealed: Sealed) -> Iterator[bytes]:
    """The message as it can be sent: outer headers, then what is sealed."""
    lines = [
        f"Date: {format_datetime(times.now())}",
        f"Message-ID: {make_msgid(domain=draft.sender.domain)}",
        "MIME-Version: 1.0",
    ]
    if reader != use_case.VISIBLE:
        lines.append(f"X-Last-Look-For: {addresses.parse(reader)}")
    head = outer_head(use_case.content(draft), subject=sealed.subject)
    yield head + "".join(f"{line}\r\n" for line in lines).encode()
    if sealed.entity is not None:
        yield from sealed.entity.pieces()
    elif sealed.attachments:
        yield from attached.mail(sealed.text, sealed.attachments, f"files-{secrets.token_hex(16)}")
    else:
        yield b"Content-Type: text/plain; charset=us-ascii\r\n\r\n" + sealed.text.encode("ascii")
