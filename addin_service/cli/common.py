"""What the commands share: finding the installation, errors with a hint, output for programs."""

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from addin_service.contacts.report import NotReadable, Refused
from addin_service.department import DepartmentInvalid
from addin_service.installation import Installation, open_installation
from addin_service.log import configure
from addin_service.model import Json
from addin_service.policy.load import PolicyInvalid
from addin_service.settings import Settings, settings
from addin_service.store.engine import NoSuchDatabase, StoreUnavailable
from addin_service.store.schema import NewerDatabase

P = ParamSpec("P")
R = TypeVar("R")

SAYS_NO, WRONG_USE, BROKEN = 1, 2, 3


class Failure(click.ClickException):
    """An error for the person at the terminal, with the way out."""

    def __init__(self, message: str, hint: str = "", exit_code: int = BROKEN) -> None:
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        """Print it on standard error."""
        click.echo(f"error: {self.message}", err=True)
        if self.hint:
            click.echo(f"hint: {self.hint}", err=True)


def located(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command `--data` and `--organisation`, before or after its name."""

    @click.option(
        "--data", metavar="DIR", help="Data folder. Default: $ADDIN_SERVICE_DATA, else your own."
    )
    @click.option(
        "--organisation", metavar="DIR", help="Organisation folder, which overrides your settings."
    )
    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        given = click.get_current_context().ensure_object(dict)
        for name in ("data", "organisation"):
            if (value := kwargs.pop(name, None)) is not None:
                given[name] = value
        return command(*args, **kwargs)

    return wrapped


out = click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to.",
)
"""Where a command that builds files puts them."""


def current_settings() -> Settings:
    """The settings that the options of this call give."""
    given = click.get_current_context().ensure_object(dict)
    return settings(given.get("data"), given.get("organisation"))


@contextmanager
def opened() -> Iterator[Installation]:
    """The installation, open; what goes wrong with it becomes a `Failure`."""
    with told_plainly():
        installation = open_installation(current_settings())
        try:
            yield installation
        finally:
            installation.close()


@contextmanager
def told_plainly() -> Iterator[None]:
    """What goes wrong with a record or a data folder becomes a `Failure`."""
    configure()
    try:
        yield
    except PolicyInvalid as invalid:
        raise Failure(
            "The policy cannot be used.\n" + "\n".join(f"  {p}" for p in invalid.problems),
            "Correct the line, then run `addin-service policy check`.",
        ) from None
    except (DepartmentInvalid, NoSuchDatabase) as invalid:
        raise Failure(str(invalid), invalid.hint) from None
    except NotReadable as refusal:
        raise Failure(refusal.message, refusal.hint, WRONG_USE) from None
    except NewerDatabase:
        raise Failure(
            "The record was made by a newer version of Last Look.",
            "Install that version again, or restore an older backup into another data folder.",
        ) from None
    except StoreUnavailable as unavailable:
        raise Failure(
            f"The record cannot be read or written ({unavailable.kind}).",
            "Is the disk full, or the file locked by another program? Run `addin-service doctor`.",
        ) from None
    except OSError as error:
        raise Failure(
            f"The data folder cannot be used: {error.strerror}.",
            "Choose another one with --data, or correct its rights.",
        ) from None


def as_json(value: Json) -> None:
    """Print a value for a program."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns that line up; nothing for no rows."""
    if not rows:
        return
    lines = [titles, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(titles))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def show_refused(refused: Sequence[Refused]) -> None:
    """Every line that was left out and why, for the person who imports."""
    for one in refused:
        given = f": {one.given}" if one.given else ""
        click.echo(f"line {one.line} left out, {one.why}{given}", err=True)
