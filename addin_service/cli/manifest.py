"""`addin-service manifest build`: what Thunderbird and Outlook load."""

import uuid
from pathlib import Path

import click

from addin_service import manifest_outlook, manifests
from addin_service.cli import common
from addin_service.cli.common import Failure, current_settings, located, told_plainly
from addin_service.policy.load import load

UNPAIRED = {
    "hold": "holds every mail",
    "send-with-notice": "asks at every mail whether to send it unchecked",
    "send": "sends mail unchecked, and says nothing",
}


@click.group()
@located
def manifest() -> None:
    """Build what the mail clients load."""


@manifest.command()
@click.option(
    "--host",
    metavar="URL",
    required=True,
    help="Where the service is, such as http://127.0.0.1:8025.",
)
@common.out
@click.option(
    "--xpi-url",
    metavar="URL",
    help="Where clients fetch the extension. Without it: the file just built, on this machine.",
)
@click.option(
    "--token",
    metavar="TOKEN",
    help="For a machine with one user: saves the pairing. Every user of the machine can read it.",
)
@click.option(
    "--unreachable",
    type=click.Choice(manifests.UNREACHABLE),
    help="What happens to mail while the service is out of reach and was never heard of. "
    "Default: what the policy says.",
)
@click.option(
    "--unpaired",
    type=click.Choice(manifests.UNPAIRED),
    help="What happens to mail in an Outlook that nobody has connected yet. Default: what the "
    "policy says.",
)
@click.option(
    "--learn",
    type=click.Choice(manifests.LEARN),
    default="ask",
    help="Whether Thunderbird may ask its user to learn from Sent and the address book.",
)
@click.option(
    "--entra-client-id",
    metavar="ID",
    callback=lambda _, __, given: _guid(given),
    help="The application by which Outlook signs people in itself, without a code.",
)
@located
def build(
    host: str,
    out: Path,
    xpi_url: str | None,
    token: str | None,
    unreachable: str | None,
    unpaired: str | None,
    learn: str,
    entra_client_id: str,
) -> None:
    """Write the Thunderbird extension with the policies.json that installs it, and for an https
    host the Outlook manifest with the files that it names."""
    with told_plainly():
        failure = load(*current_settings().policy_files).failure
    unpaired = unpaired or failure.unpaired
    try:
        written = manifests.build(
            host,
            out,
            token=token,
            xpi_url=xpi_url,
            unreachable=unreachable or failure.unreachable,
            unpaired=unpaired,
            entra=entra_client_id,
            learn=learn,
        )
        outlook = manifests.Host.parse(host).serves_outlook
    except manifests.BadHost as problem:
        raise click.UsageError(f"{problem}\nhint: {problem.hint}") from None
    except manifest_outlook.Broken as broken:
        raise Failure(
            f"Outlook would not take the manifest: {broken}.",
            "The installation is damaged: install Last Look again.",
        ) from None
    for path in written:
        click.echo(str(path))
    if token is not None:
        click.echo(
            "warning: policies.json holds the token, and every user of this machine can read it",
            err=True,
        )
    if outlook:
        click.echo(
            f"outlook: an Outlook that nobody has connected yet {UNPAIRED[unpaired]}; "
            "docs/it.md says how to roll it out, with a few people first",
            err=True,
        )
    else:
        click.echo(
            "outlook: left out, because Outlook needs an https address that is not this computer",
            err=True,
        )


def _guid(given: str | None) -> str:
    try:
        return str(uuid.UUID(given)) if given else ""
    except ValueError:
        raise click.BadParameter("It is the application (client) ID, a GUID.") from None
