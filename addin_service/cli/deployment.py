"""`addin-service deployment build`: the files around the workers of a department's service."""

import os
import shutil
import sys
from pathlib import Path

import click

from addin_service import department as departments
from addin_service.cli import common
from addin_service.cli.common import WRONG_USE, Failure, current_settings, located
from addin_service.deployment import files

_SECRET = ("last-look.env",)


@click.group()
def deployment() -> None:
    """Prepare a machine that serves a department."""


@deployment.command()
@common.out
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--port", default=8101, show_default=True, type=click.IntRange(1, 65472),
              help="Of the first worker; the others follow.")  # fmt: skip
@click.option("--certificate", type=click.Path(path_type=Path), metavar="FILE",
              help="With its chain. Default: /etc/ssl/NAME.pem")  # fmt: skip
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE",
              help="Of the certificate. Default: /etc/ssl/private/NAME.key")  # fmt: skip
@click.option("--outlook", type=click.Path(path_type=Path), metavar="DIR",
              default=Path("/srv/last-look/outlook"), show_default=True,
              help="The folder outlook that `manifest build` wrote.")  # fmt: skip
@click.option("--frame", "frames", multiple=True, metavar="ORIGIN",
              help="Where Outlook on the web is, if not at Microsoft. Repeatable.")  # fmt: skip
@click.option("--logs", type=click.Path(path_type=Path), metavar="DIR",
              default=Path("/var/log/nginx"), show_default=True)  # fmt: skip
@click.option("--ipv6/--no-ipv6", default=True, show_default=True)
@located
def build(
    out: Path,
    workers: int,
    port: int,
    certificate: Path | None,
    key: Path | None,
    outlook: Path,
    frames: tuple[str, ...],
    logs: Path,
    ipv6: bool,
) -> None:
    """Write the configuration of nginx, the unit of systemd with its environment, and the
    policies for browsers, for the public name in service.toml."""
    settings = current_settings()
    department = _department(settings.department_file)
    name = department.host.partition(":")[0]
    layout = files.Layout(
        host=department.host,
        ports=tuple(range(port, port + workers)),
        certificate=certificate or Path(f"/etc/ssl/{name}.pem"),
        key=key or Path(f"/etc/ssl/private/{name}.key"),
        outlook=outlook,
        command=Path(shutil.which("addin-service") or sys.argv[0]).absolute(),
        data=settings.data.absolute(),
        organisation=settings.organisation.absolute(),
        logs=logs,
        frames=frames,
        ipv6=ipv6,
    )
    try:
        written = files.build(layout)
    except files.Unusable as unusable:
        raise Failure(
            f"This cannot stand in a configuration: {unusable}.",
            "Correct service.toml, or the option that names it.",
            WRONG_USE,
        ) from None
    out.mkdir(parents=True, exist_ok=True)
    for file, text in written.items():
        _write(out / file, text, 0o600 if file in _SECRET else 0o644)
        click.echo(str(out / file))
    click.echo("next: docs/it.md, a service for a department", err=True)


def _department(file: Path) -> departments.Department:
    try:
        department = departments.load(file)
    except departments.DepartmentInvalid as invalid:
        raise Failure(f"{invalid}.", invalid.hint, WRONG_USE) from None
    except OSError as error:
        raise Failure(
            f"service.toml cannot be read: {error.strerror}.", "Correct its rights.", WRONG_USE
        ) from None
    if department is None:
        raise Failure(
            "This data folder is a desk's: it has no service.toml.",
            f'Write {file} with a line such as public = "https://lastlook.council.example".',
            WRONG_USE,
        )
    return department


def _write(file: Path, text: str, mode: int) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
