"""The command `addin-service`. Each command is one module, loaded when it is called."""

import importlib

import click

import addin_service
from addin_service.cli.common import Failure, located
from addin_service.log import place

COMMANDS = {
    "audit": "audit",
    "backup": "backup",
    "check": "check",
    "client": "client",
    "contacts": "contacts",
    "demo": "demo",
    "deployment": "deployment",
    "doctor": "doctor",
    "explain": "explain",
    "helper": "helper",
    "history": "history",
    "keys": "keys",
    "manifest": "manifest",
    "migrate": "migrate",
    "open": "open",
    "person": "person",
    "policy": "policy",
    "requests": "requests",
    "restore": "backup",
    "seal": "seal",
    "serve": "serve",
}
"""Command to module of this package; module and command object have the command's name."""


class Commands(click.Group):
    """A group that imports a command only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"addin_service.cli.{COMMANDS[name]}")
        command: click.Command = getattr(module, name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. What nobody foresaw is told by its place: its text can hold a mail's."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            raise Failure(
                f"Something broke in the program ({type(error).__name__} at {place(error)}).",
                "Tell your helpdesk what is in brackets; `addin-service doctor` looks for causes.",
            ) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(addin_service.__version__, prog_name="addin-service")
@located
def main() -> None:
    """Last Look: is this mail going to the people it is meant for?

    Exit codes: 0 fine, 1 a verdict or verification that says no, 2 wrong use, 3 something broken.
    """
