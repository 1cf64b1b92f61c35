"""`addin-service helper`: Thunderbird connects, and starts the service, by itself."""

import os
import signal
import sys
from pathlib import Path

import click

from addin_service import listening
from addin_service.cli.common import (
    SAYS_NO,
    WRONG_USE,
    Failure,
    as_json,
    current_settings,
    located,
    told_plainly,
)
from addin_service.helper import installing, service
from addin_service.helper.asked import Asked, Refusal
from addin_service.helper.places import Place, place
from addin_service.settings import Settings

SYSTEM = click.option("--system", is_flag=True, help="For every user of this machine (IT).")


@click.group()
@located
def helper() -> None:
    """Let Thunderbird find and start the service by itself."""


@helper.command()
@SYSTEM
@located
def install(system: bool) -> None:
    """Tell Thunderbird of the helper. It is asked when the add-in has no connection."""
    with told_plainly():
        settings, where = current_settings(), _place(system)
        if system and _named():
            raise Failure(
                "One folder cannot be everybody's data folder.",
                "Leave out --data and --organisation: each user gets the usual ones.",
                WRONG_USE,
            )
        program = installing.program(settings, named=_named())
        installing.install(where, program, system=system)
    click.echo(f"{where.manifest} names {program}")
    click.echo("Start Thunderbird, or press Connect on the add-in's page: it connects by itself.")


@helper.command()
@SYSTEM
@located
def remove(system: bool) -> None:
    """Take the helper away. What is connected stays so until Thunderbird ends."""
    with told_plainly():
        gone = installing.remove(_place(system), current_settings())
    if not gone:
        raise Failure("Thunderbird knew of no helper here.", "", SAYS_NO)
    click.echo("Thunderbird finds no helper any more.")


@helper.command()
@SYSTEM
@click.option("--json", "for_program", is_flag=True)
@located
def show(system: bool, for_program: bool) -> None:
    """Say whether Thunderbird finds the helper, and where the service listens."""
    with told_plainly():
        where = _place(system)
        program = installing.installed(where)
        found = listening.noted(current_settings().data)
    if for_program:
        as_json(
            {
                "manifest": str(where.manifest),
                "program": program,
                "service": found.service if found else None,
            }
        )
        return
    click.echo(f"manifest: {where.manifest}")
    click.echo(f"program:  {program or 'none: run `addin-service helper install`'}")
    click.echo(f"service:  {found.service if found else 'not running'}")


@helper.command()
@located
def stop() -> None:
    """End the service that the helper started."""
    settings = current_settings()
    with told_plainly():
        found = listening.noted(settings.data)
        if found is None or not _is_ours(settings):
            raise Failure("No service of this data folder answers.", "", SAYS_NO)
        os.kill(found.process, signal.SIGTERM)
    click.echo("Told to stop. It answers first what it has taken up.")


def _is_ours(settings: Settings) -> bool:
    """Numbers of processes are used again: only a service that proves itself is told to stop."""
    try:
        return service.running(settings, Asked("connection", "0" * 32, anew=True)) is not None
    except Refusal as refusal:
        raise Failure(refusal.message, refusal.hint) from None


def _place(system: bool) -> Place:
    return place(sys.platform, Path.home(), current_settings().data, system)


def _named() -> bool:
    """Whether the call names a folder, so that the helper has to be told of it."""
    return bool(click.get_current_context().ensure_object(dict))
