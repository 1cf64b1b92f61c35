"""`addin-service keys`: certificates, and whose they are."""

from pathlib import Path
from typing import cast

import click

from addin_service import keyring
from addin_service.cli.common import SAYS_NO, Failure, as_json, located, opened, table
from addin_service.cli.keys_common import address as parsed
from addin_service.cli.keys_common import fingerprint, out, unknown
from addin_service.cli.keys_own import ask, new
from addin_service.cli.keys_refresh import refresh
from addin_service.cli.keys_show import show
from addin_service.cli.keys_sources import find, import_
from addin_service.pgp.bindings import CONFIRMED, Bound, Method
from addin_service.store import keys as store
from addin_service.store import times

METHODS = ("phone", "in-person", "signed-mail", "officer")
SENDER = click.option(
    "--sender", metavar="ADDRESS", default="", help="Only for mail from this mailbox."
)


@click.group()
@located
def keys() -> None:
    """Bring in certificates, confirm whose they are, refuse them."""


for command in (import_, find, refresh, new, ask, show):
    keys.add_command(command)


@keys.command("list")
@click.option("--json", "for_program", is_flag=True)
@located
def listed(for_program: bool) -> None:
    """Show the certificates and the state of each address."""
    now = times.now()
    with opened() as installation, installation.store.read() as connection:
        stale = installation.policies.current().keys.stale_after_days
        found = [
            (
                certificate,
                kind,
                keyring.state(connection, address, now, "", stale, kind) if address else None,
            )
            for certificate, kind in store.all_certificates(connection)
            for address in sorted(certificate.addresses()) or [""]
        ]
    if for_program:
        as_json(
            [
                out(certificate) | {"kind": kind, "state": bound.state.value if bound else None}
                for certificate, kind, bound in found
            ]
        )
        return
    table(
        ("fingerprint", "kind", "address", "state", "good until"),
        [
            (
                certificate.fingerprint,
                kind,
                bound.address if bound else "-",
                bound.state.value if bound else "-",
                certificate.expires.date().isoformat() if certificate.expires else "no end",
            )
            for certificate, kind, bound in found
        ],
    )


@keys.command()
@click.argument("address")
@click.argument("key", metavar="FINGERPRINT")
@click.option("--method", type=click.Choice(METHODS), required=True, help="How it was compared.")
@SENDER
@located
def confirm(address: str, key: str, method: str, sender: str) -> None:
    """Say that this key belongs to this address: after comparing it with its owner."""
    person, mailbox = parsed(address), parsed(sender).key if sender else ""
    with opened() as installation:
        try:
            bound = keyring.confirm(
                installation.reviewer, person, fingerprint(key), cast(Method, method), "cli",
                mailbox,
            )  # fmt: skip
        except keyring.UnknownKey:
            raise unknown() from None
    _tell(bound)


@keys.command()
@click.argument("address")
@click.argument("key", metavar="FINGERPRINT")
@SENDER
@located
def reject(address: str, key: str, sender: str) -> None:
    """Say that this key does not belong to this address: it is not used, and not asked about."""
    person, mailbox = parsed(address), parsed(sender).key if sender else ""
    with opened() as installation:
        try:
            keyring.say(
                installation.reviewer,
                keyring.Word(person, fingerprint(key), "rejected", "officer", "cli", mailbox),
            )
        except keyring.UnknownKey:
            raise unknown() from None
    click.echo("Rejected.")


@keys.command()
@click.argument("key", metavar="FINGERPRINT")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@located
def export(key: str, file: Path) -> None:
    """Write one certificate to a file, in its binary form."""
    with opened() as installation, installation.store.read() as connection:
        certificate = store.one(connection, fingerprint(key))
    if certificate is None:
        raise unknown()
    file.write_bytes(certificate.data)


def _tell(bound: Bound) -> None:
    click.echo(f"{bound.address}: {bound.state.value}")
    if bound.state not in CONFIRMED:
        raise Failure(
            "It is confirmed, and cannot be used all the same.",
            "The state above says why: run `addin-service keys show` on the certificate.",
            SAYS_NO,
        )
