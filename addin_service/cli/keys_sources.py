"""`addin-service keys import`, `find`: keys that are brought in."""

import sys
from collections.abc import Sequence
from typing import BinaryIO

import click

from addin_service import intake
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
from addin_service.model import Json
from addin_service.pgp.refused import Refused
from addin_service.sources import offers
from addin_service.sources.offers import Left, Offer
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


def _taken_out(one: intake.Taken) -> dict[str, Json]:
    return out(one.imported.certificate) | {
        "new": one.imported.new,
        "source": one.offer.source,
        "where": one.offer.where,
        "states": {bound.address: bound.state.value for bound in one.imported.states},
        "names_sender": one.names_sender,
        "wants_sealed": one.offer.wants_sealed,
    }
