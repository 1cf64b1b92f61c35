"""`addin-service keys import`, `find`, `refresh`: where keys come from."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import click

from addin_service import addresses, intake, keyring
from addin_service.cli.common import (
    SAYS_NO,
    WRONG_USE,
    Failure,
    as_json,
    located,
    opened,
)
from addin_service.cli.keys_common import (
    MOST_READ,
    address,
    left_out,
    no_gpg,
    out,
    tell_imported,
    tell_left,
)
from addin_service.installation import Installation
from addin_service.model import Address, Json
from addin_service.pgp.display import grouped
from addin_service.pgp.gpg import Gpg
from addin_service.pgp.refused import Refused
from addin_service.sources import offers
from addin_service.sources.offers import Left, Offer
from addin_service.store import bound
from addin_service.wkd import NotFound, Wkd


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--json", "for_program", is_flag=True)
@located
def import_(file: BinaryIO, for_program: bool) -> None:
    """Read public keys: a key file, a saved mail (.eml), or - for pasted text.

    None is used before somebody confirms whose it is.
    """
    data = file.read(MOST_READ + 1)
    if len(data) > MOST_READ:
        raise Failure(
            "This is larger than any key or mail that is read here.",
            "Save the attached keys by themselves, and import them.",
            WRONG_USE,
        )
    found = offers.found(data, "paste" if file is sys.stdin.buffer else "file")
    with opened() as installation:
        taken, left = _take(installation, found.offers)
    left = [*found.left, *left]
    if for_program:
        as_json({"keys": [_taken_out(one) for one in taken], "left": left_out(left)})
    else:
        for one in taken:
            tell_imported(one.imported, one.offer.where if len(found.offers) > 1 else "")
            if not one.names_sender:
                click.echo("  It does not name the address that this mail is from.")
            elif one.offer.wants_sealed:
                click.echo("  Its owner's mail program asks for sealed answers.")
        tell_left(left)
    if not taken:
        raise Failure(
            "Nothing was taken in." if left else "There is no key in this.",
            "The lines above say why."
            if left
            else "Ask for the public key as an attached file: `keys ask ADDRESS` writes the mail.",
            WRONG_USE,
        )


@click.command()
@click.argument("wanted", metavar="ADDRESS")
@click.option("--json", "for_program", is_flag=True)
@located
def find(wanted: str, for_program: bool) -> None:
    """Ask the address's own domain for its public key, where policy allows it.

    The domain then knows that somebody here means to write to that address.
    """
    person = address(wanted)
    with opened() as installation:
        _require_wkd(installation)
        try:
            offered = intake.at_domain(Wkd(), installation.reviewer.sealer.gpg, person)
        except NotFound as nothing:
            raise Failure(f"No key was found: {nothing}.", f"Or {nothing.hint}.", SAYS_NO) from None
        except Refused:
            raise no_gpg() from None
        taken, left = _take(
            installation,
            [Offer(c.data, "wkd", "the domain's answer") for c in offered.certificates],
        )
    left = [*offered.left, *left]
    if for_program:
        as_json({"keys": [_taken_out(one) for one in taken], "left": left_out(left)})
    else:
        for one in taken:
            tell_imported(one.imported, "from the address's own domain")
        tell_left(left)
    if not taken:
        raise Failure("No key was found.", "Ask for it: `keys ask ADDRESS`.", SAYS_NO)


@click.command()
@click.argument("wanted", metavar="[ADDRESS]...", nargs=-1)
@click.option(
    "--from", "place", type=click.Path(exists=True, path_type=Path),
    help="Look in this file, or in the files of this folder.",
)  # fmt: skip
@click.option("--apply", "applied", is_flag=True, help="Take over what was found.")
@click.option("--json", "for_program", is_flag=True)
@located
def refresh(wanted: tuple[str, ...], place: Path | None, applied: bool, for_program: bool) -> None:
    """Show what has changed about keys that are bound to addresses.

    Nothing is stored without --apply, and nothing is confirmed by it. Exits 1 where there is
    something to look at.
    """
    with opened() as installation:
        try:
            sources = _sources(installation, place)
            found, left = _news(installation, [address(one) for one in wanted], sources)
            after = [intake.apply(installation.reviewer, new) if applied else None for new in found]
        except Refused:
            raise no_gpg() from None
    if for_program:
        shown = [_news_out(new, done) for new, done in zip(found, after, strict=True)]
        as_json({"applied": applied, "changes": shown, "left": left_out(left)})
    else:
        for new, done in zip(found, after, strict=True):
            _tell_news(new, done)
        tell_left(left)
        if not found:
            click.echo("Nothing has changed.")
        elif not applied:
            click.echo("Nothing was stored. With --apply it is, and then the states follow.")
    if found:
        raise SystemExit(SAYS_NO)


def _take(
    installation: Installation, offered: Sequence[Offer]
) -> tuple[list[intake.Taken], list[Left]]:
    try:
        results = list(intake.take(installation.reviewer, offered))
    except Refused:
        raise no_gpg() from None
    taken = [one for one in results if isinstance(one, intake.Taken)]
    return taken, [one for one in results if isinstance(one, Left)]


def _require_wkd(installation: Installation) -> None:
    if not installation.policies.current().keys.wkd:
        raise Failure(
            "Asking a domain for keys is switched off, so nothing was asked.",
            "`keys ask ADDRESS` writes a mail that asks for one. To switch it on: `wkd = true` "
            "under [keys] in the policy.",
            SAYS_NO,
        )


def _sources(installation: Installation, place: Path | None) -> list[intake.Domains | intake.Files]:
    gpg = installation.reviewer.sealer.gpg
    found: list[intake.Domains | intake.Files] = []
    if place is not None:
        found.append(_files(place, gpg))
    if installation.policies.current().keys.wkd:
        found.append(intake.Domains(Wkd(), gpg))
    if not found:
        raise Failure(
            "There is nowhere to look.",
            "Give a folder with keys: --from DIR. Asking domains is switched off in the policy.",
            WRONG_USE,
        )
    return found


def _files(place: Path, gpg: Gpg) -> intake.Files:
    files = intake.Files(gpg, MOST_READ)
    try:
        there = sorted(place.iterdir()) if place.is_dir() else [place]
        with click.progressbar(there, label="Reading keys", file=sys.stderr) as bar:
            for file in bar:
                if file.is_file():
                    files.read(file)
    except OSError as error:
        raise Failure(
            f"The folder with keys cannot be read: {error.strerror}.",
            "Correct its rights, or those of the files in it.",
            WRONG_USE,
        ) from None
    return files


def _news(
    installation: Installation,
    wanted: list[Address],
    sources: Sequence[intake.Domains | intake.Files],
) -> tuple[list[intake.News], list[Left]]:
    if not wanted:
        with installation.store.read() as connection:
            wanted = [addresses.parse(one) for one in bound.addresses(connection)]
    found: list[intake.News] = []
    left = [one for source in sources if isinstance(source, intake.Files) for one in source.left]
    with click.progressbar(wanted, label="Looking for changes", file=sys.stderr) as people:
        for person in people:
            new, problems = intake.news(installation.reviewer, person, sources)
            found += new
            left += problems
    return found, left


def _tell_news(new: intake.News, done: keyring.Imported | None) -> None:
    click.echo(f"{new.address.key}: {grouped(new.certificate.fingerprint)}")
    for change in new.changes:
        click.echo(f"  {change.text}")
    click.echo(f"  {_states(new, done)}")


def _states(new: intake.News, done: keyring.Imported | None) -> str:
    after = _after(new, done)
    return f"state: {new.state}" if after is None else f"state: {new.state}, now {after}"


def _after(new: intake.News, done: keyring.Imported | None) -> str | None:
    if done is None:
        return None
    states = {one.address: one.state.value for one in done.states}
    return states.get(new.address.key, new.state)


def _news_out(new: intake.News, done: keyring.Imported | None) -> dict[str, Json]:
    return {
        "address": new.address.key,
        "fingerprint": new.certificate.fingerprint,
        "source": new.source,
        "changes": [{"what": one.what, "text": one.text} for one in new.changes],
        "state": new.state,
        "state_after": _after(new, done),
    }


def _taken_out(one: intake.Taken) -> dict[str, Json]:
    return out(one.imported.certificate) | {
        "new": one.imported.new,
        "source": one.offer.source,
        "where": one.offer.where,
        "states": {bound.address: bound.state.value for bound in one.imported.states},
        "names_sender": one.names_sender,
        "wants_sealed": one.offer.wants_sealed,
    }
