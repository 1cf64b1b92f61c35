"""What the commands about keys share."""

from collections.abc import Sequence

import click

from addin_service import addresses
from addin_service.cli.common import SAYS_NO, WRONG_USE, Failure
from addin_service.keyring import Imported
from addin_service.model import Address, Json
from addin_service.pgp.bindings import CONFIRMED
from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.pgp.certificate import fingerprint as parse_fingerprint
from addin_service.pgp.display import grouped
from addin_service.pgp.userids import looks_like
from addin_service.sources.offers import Left
from addin_service.store import times

MOST_READ = 16 * 1024 * 1024
"""Bytes of a file that are read; what is larger is refused for its size either way."""


def out(certificate: Certificate) -> dict[str, Json]:
    """A certificate for a program."""
    return {
        "fingerprint": certificate.fingerprint,
        "addresses": sorted(certificate.addresses()),
        "user_ids": [user.text for user in certificate.user_ids],
        "looks_like": {a: seen for a in certificate.addresses() if (seen := looks_like(a))},
        "condition": certificate.condition(times.now()),
        "expires": certificate.expires.isoformat() if certificate.expires else None,
    }


def tell_imported(imported: Imported, where: str = "") -> None:
    """What was brought in, the state of each address, and what may be done next."""
    certificate = imported.certificate
    said = "Read" if imported.new else "Already here"
    click.echo(f"{said}: {grouped(certificate.fingerprint)}" + (f"  ({where})" if where else ""))
    for bound in imported.states:
        click.echo(f"  {bound.address}: {bound.state.value}")
        tell_lookalike(bound.address)
        if bound.state not in CONFIRMED:
            click.echo(
                f"  to confirm after comparing it with its owner: addin-service keys confirm "
                f"{bound.address} {certificate.fingerprint} --method phone"
            )
    if not imported.states:
        click.echo("  It names no address plainly: it can only be confirmed for one by hand.")


def tell_lookalike(one: str) -> None:
    """What this address passes for, if it does."""
    if seen := looks_like(one):
        click.echo(f"  this looks like {seen}, and is another address in other letters")


def tell_left(left: Sequence[Left]) -> None:
    """What was not taken, why, and what to do."""
    for one in left:
        click.echo(f"not taken, {one.where}: {one.why}", err=True)
        if one.hint:
            click.echo(f"  hint: {one.hint}", err=True)


def left_out(left: Sequence[Left]) -> list[Json]:
    """The same for a program."""
    return [{"where": one.where, "why": one.why, "hint": one.hint} for one in left]


def fingerprint(text: str) -> Fingerprint:
    """A fingerprint that somebody typed."""
    try:
        return parse_fingerprint(text)
    except ValueError:
        raise Failure(
            "That is not a fingerprint.",
            "Give all 40 digits; a shorter key id can be somebody else's.",
            WRONG_USE,
        ) from None


def address(text: str) -> Address:
    """An address that somebody typed."""
    try:
        return addresses.parse(text)
    except addresses.NotAnAddress as problem:
        raise Failure(f"That is not an address: {problem}.", "", WRONG_USE) from None


def unknown() -> Failure:
    """There is no certificate of this fingerprint."""
    return Failure(
        "No certificate of this fingerprint is here.",
        "`addin-service keys import FILE` brings one in, `keys list` shows those there are.",
        SAYS_NO,
    )


def no_gpg() -> Failure:
    """gpg did not do what it was asked."""
    return Failure(
        "gpg is missing, or too old, or did not answer.",
        "Install GnuPG 2.2.40 or newer; `addin-service doctor` looks at it.",
    )
