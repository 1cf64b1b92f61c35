"""`addin-service keys`: certificates, and whose they are."""

from pathlib import Path
from typing import cast

import click

from addin_service import addresses, keyring
from addin_service.cli.common import (
    SAYS_NO,
    WRONG_USE,
    Failure,
    as_json,
    located,
    opened,
    table,
)
from addin_service.model import Address, Json
from addin_service.pgp.bindings import CONFIRMED, Bound, Method
from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.pgp.certificate import fingerprint as parse_fingerprint
from addin_service.pgp.display import grouped, qr
from addin_service.pgp.gpg import Refused
from addin_service.pgp.reading import NotACertificate
from addin_service.store import keys as store
from addin_service.store import times

MOST_READ = 16 * 1024 * 1024
"""Bytes of a file that are read; what is larger is refused for its size either way."""
METHODS = ("phone", "in-person", "signed-mail", "officer")
SENDER = click.option(
    "--sender", metavar="ADDRESS", default="", help="Only for mail from this mailbox."
)


@click.group()
@located
def keys() -> None:
    """Bring in certificates, confirm whose they are, refuse them."""


@keys.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "for_program", is_flag=True)
@located
def import_(file: Path, for_program: bool) -> None:
    """Read one public key. It is not used before somebody confirms whose it is."""
    with file.open("rb") as stream:
        data = stream.read(MOST_READ)
    with opened() as installation:
        try:
            imported = keyring.bring_in(installation.reviewer, data)
        except NotACertificate as refusal:
            raise Failure(str(refusal), refusal.hint, WRONG_USE) from None
        except Refused:
            raise Failure(
                "gpg is missing, or too old, or did not answer.",
                "Install GnuPG 2.2.40 or newer; `addin-service doctor` looks at it.",
            ) from None
    certificate = imported.certificate
    if for_program:
        as_json(_out(certificate) | {"new": imported.new})
        return
    click.echo(f"{'Read' if imported.new else 'Already here'}: {grouped(certificate.fingerprint)}")
    for bound in imported.states:
        click.echo(f"  {bound.address}: {bound.state.value}")
        if bound.state not in CONFIRMED:
            click.echo(
                f"  to confirm after comparing it with its owner: addin-service keys confirm "
                f"{bound.address} {certificate.fingerprint} --method phone"
            )
    if not imported.states:
        click.echo("  It names no address plainly: it can only be confirmed for one by hand.")


@keys.command("list")
@click.option("--json", "for_program", is_flag=True)
@located
def listed(for_program: bool) -> None:
    """Show the certificates and the state of each address."""
    now = times.now()
    with opened() as installation, installation.store.read() as connection:
        found = [
            (certificate, keyring.state(connection, address, now) if address else None)
            for certificate in store.all_certificates(connection)
            for address in sorted(certificate.addresses()) or [""]
        ]
    if for_program:
        as_json([_out(c) | {"state": b.state.value if b else None} for c, b in found])
        return
    table(
        ("fingerprint", "address", "state", "good until"),
        [
            (
                certificate.fingerprint,
                bound.address if bound else "-",
                bound.state.value if bound else "-",
                certificate.expires.date().isoformat() if certificate.expires else "no end",
            )
            for certificate, bound in found
        ],
    )


@keys.command()
@click.argument("key", metavar="FINGERPRINT")
@click.option("--no-qr", is_flag=True, help="Leave out the picture.")
@located
def show(key: str, no_qr: bool) -> None:
    """Show one certificate, its fingerprint to be read aloud or scanned."""
    with opened() as installation, installation.store.read() as connection:
        certificate = store.one(connection, _fingerprint(key))
    if certificate is None:
        raise _unknown()
    click.echo(grouped(certificate.fingerprint))
    for user in certificate.user_ids:
        evidence = "" if user.address else "  (no evidence for an address)"
        click.echo(f"  {user.text}{'  (revoked)' if user.revoked else ''}{evidence}")
    click.echo(f"  made {certificate.created:%Y-%m-%d}, {certificate.condition(times.now())}")
    if not no_qr:
        click.echo(qr(certificate.fingerprint))


@keys.command()
@click.argument("address")
@click.argument("key", metavar="FINGERPRINT")
@click.option("--method", type=click.Choice(METHODS), required=True, help="How it was compared.")
@SENDER
@located
def confirm(address: str, key: str, method: str, sender: str) -> None:
    """Say that this key belongs to this address: after comparing it with its owner."""
    person, mailbox = _address(address), _address(sender).key if sender else ""
    with opened() as installation:
        try:
            bound = keyring.confirm(
                installation.reviewer, person, _fingerprint(key), cast(Method, method), "cli",
                mailbox,
            )  # fmt: skip
        except keyring.UnknownKey:
            raise _unknown() from None
    _tell(bound)


@keys.command()
@click.argument("address")
@click.argument("key", metavar="FINGERPRINT")
@SENDER
@located
def reject(address: str, key: str, sender: str) -> None:
    """Say that this key does not belong to this address: it is not used, and not asked about."""
    person, mailbox = _address(address), _address(sender).key if sender else ""
    with opened() as installation:
        try:
            keyring.say(
                installation.reviewer, person, _fingerprint(key), "rejected", "officer", "cli",
                mailbox,
            )  # fmt: skip
        except keyring.UnknownKey:
            raise _unknown() from None
    click.echo("Rejected.")


@keys.command()
@click.argument("key", metavar="FINGERPRINT")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@located
def export(key: str, file: Path) -> None:
    """Write one certificate to a file, in its binary form."""
    with opened() as installation, installation.store.read() as connection:
        certificate = store.one(connection, _fingerprint(key))
    if certificate is None:
        raise _unknown()
    file.write_bytes(certificate.data)


def _tell(bound: Bound) -> None:
    click.echo(f"{bound.address}: {bound.state.value}")
    if bound.state not in CONFIRMED:
        raise Failure(
            "It is confirmed, and cannot be used all the same.",
            "The state above says why: run `addin-service keys show` on the certificate.",
            SAYS_NO,
        )


def _out(certificate: Certificate) -> dict[str, Json]:
    return {
        "fingerprint": certificate.fingerprint,
        "addresses": sorted(certificate.addresses()),
        "user_ids": [user.text for user in certificate.user_ids],
        "condition": certificate.condition(times.now()),
        "expires": certificate.expires.isoformat() if certificate.expires else None,
    }


def _fingerprint(text: str) -> Fingerprint:
    try:
        return parse_fingerprint(text)
    except ValueError:
        raise Failure(
            "That is not a fingerprint.",
            "Give all 40 digits; a shorter key id can be somebody else's.",
            WRONG_USE,
        ) from None


def _address(text: str) -> Address:
    try:
        return addresses.parse(text)
    except addresses.NotAnAddress as problem:
        raise Failure(f"That is not an address: {problem}.", "", WRONG_USE) from None


def _unknown() -> Failure:
    return Failure(
        "No certificate of this fingerprint is here.",
        "`addin-service keys import FILE` brings one in, `keys list` shows those there are.",
        SAYS_NO,
    )
