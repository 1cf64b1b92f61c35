"""`addin-service keys show`: one certificate, and everything that is known about whose it is."""

from collections.abc import Iterator

import click
from sqlalchemy import Connection

from addin_service import keyring
from addin_service.cli.common import located, opened
from addin_service.cli.keys_common import fingerprint, tell_lookalike, unknown
from addin_service.installation import Installation
from addin_service.pgp.certificate import Certificate
from addin_service.pgp.display import grouped, qr
from addin_service.store import evidence, receipts, times
from addin_service.store import keys as store
from addin_service.store.evidence import Evidence
from addin_service.store.keys import Kind


@click.command()
@click.argument("key", metavar="FINGERPRINT")
@click.option("--no-qr", is_flag=True, help="Leave out the picture.")
@located
def show(key: str, no_qr: bool) -> None:
    """Show one certificate: its fingerprint to be read aloud or scanned, and what is known."""
    with opened() as installation, installation.store.read() as connection:
        certificate = store.one(connection, fingerprint(key))
        if certificate is None:
            raise unknown()
        kind = store.kind_of(connection, certificate.fingerprint) or "openpgp"
        told = list(_told(installation, connection, certificate, kind))
    click.echo(grouped(certificate.fingerprint))
    for user in certificate.user_ids:
        names = "" if user.address else "  (no evidence for an address)"
        click.echo(f"  {user.text}{'  (revoked)' if user.revoked else ''}{names}")
        tell_lookalike(user.address or "")
    made = f"{certificate.created:%Y-%m-%d}"
    click.echo(f"  {kind}, made {made}, {certificate.condition(times.now())}")
    for line in told:
        click.echo(f"  {line}")
    if not no_qr and kind == "openpgp":
        click.echo(qr(certificate.fingerprint))


def _told(
    installation: Installation, connection: Connection, certificate: Certificate, kind: Kind
) -> Iterator[str]:
    stale = installation.policies.current().keys.stale_after_days
    for address in sorted(certificate.addresses()):
        bound = keyring.state(connection, address, times.now(), "", stale, kind)
        yield f"{address}: {bound.state.value}, for everyone"
    for piece in evidence.about(connection, certificate.fingerprint):
        yield _said(piece)
    hashed = installation.reviewer.hashed(certificate.fingerprint)
    count, last = receipts.sealed_to(connection, hashed)
    if count:
        many = "1 message was" if count == 1 else f"{count} messages were"
        yield f"{many} sealed to it, the last on {last[:10]}"
    if certificate.revoked == "hard":
        yield "Whoever has the secret key can read what was sealed to it before, too."


def _said(piece: Evidence) -> str:
    """One line of its history."""
    when = f"{piece.at:%Y-%m-%d %H:%M}"
    if piece.event == "imported":
        return f"{when}  came in: {piece.means}, by {piece.by}"
    whom = f"for mail from {piece.mailbox}" if piece.mailbox else "for everyone"
    return f"{when}  {piece.event} for {piece.address}, {whom}: {piece.means}, by {piece.by}"
