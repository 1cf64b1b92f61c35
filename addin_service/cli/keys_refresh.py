"""`addin-service keys refresh`: what has changed about keys that are bound to addresses."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from addin_service import addresses, intake, keyring
from addin_service.cli.common import SAYS_NO, WRONG_USE, Failure, as_json, located, opened
from addin_service.cli.keys_common import MOST_READ, address, left_out, no_gpg, tell_left
from addin_service.installation import Installation
from addin_service.model import Address, Json
from addin_service.pgp.display import grouped
from addin_service.pgp.gpg import Gpg
from addin_service.pgp.refused import Refused
from addin_service.sources.offers import Left
from addin_service.store import bindings
from addin_service.wkd import Wkd


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
            wanted = [addresses.parse(one) for one in bindings.bound_addresses(connection)]
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
