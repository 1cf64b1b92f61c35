"""`addin-service manifest build`: what Thunderbird and Outlook load."""

from pathlib import Path

import click

from addin_service import manifest_outlook, manifests
from addin_service.cli.common import Failure


@click.group()
def manifest() -> None:
    """Build what the mail clients load."""


@manifest.command()
@click.option(
    "--host",
    metavar="URL",
    required=True,
    help="Where the service is, such as http://127.0.0.1:8025.",
)
@click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to.",
)
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
    default="hold",
    show_default=True,
    help="What happens to mail while the service is out of reach and was never heard of.",
)
def build(host: str, out: Path, xpi_url: str | None, token: str | None, unreachable: str) -> None:
    """Write the Thunderbird extension with the policies.json that installs it, and for an https
    host the Outlook manifest with the files that it names."""
    try:
        written = manifests.build(host, out, token=token, xpi_url=xpi_url, unreachable=unreachable)
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
            "outlook: to look at, not to roll out yet: Outlook cannot be paired before a later "
            "version, and until then it "
            + ("holds every mail" if unreachable == "hold" else "sends mail unchecked"),
            err=True,
        )
    else:
        click.echo(
            "outlook: left out, because Outlook needs an https address that is not this computer",
            err=True,
        )
