"""`addin-service doctor`: what is wrong with this installation, and what to do."""

import sqlite3
import stat
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import click

from addin_service import listening
from addin_service.cli.common import SAYS_NO, as_json, current_settings, located
from addin_service.contacts.csv_in import read_csv
from addin_service.contacts.report import NotReadable
from addin_service.contacts.report import Refused as RefusedLine
from addin_service.department import DepartmentInvalid, Unequipped
from addin_service.installation import Installation, open_installation
from addin_service.log import configure
from addin_service.pgp.gpg import MINIMUM, Refused
from addin_service.policy.load import PolicyInvalid, load
from addin_service.settings import DEFAULT_PORT, Settings
from addin_service.store import clients, contacts, receipts, schema, times
from addin_service.store.engine import NoSuchDatabase, StoreUnavailable
from addin_service.store.schema import NewerDatabase

OLDEST_SQLITE = (3, 35, 0)  # RETURNING and upsert as used here


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing looked at: whether it is well, and otherwise what to do."""

    what: str
    well: bool
    hint: str = ""


@click.command()
@click.option(
    "--port", type=int, help=f"Where `serve` listens. Default: what it noted, else {DEFAULT_PORT}."
)
@click.option("--json", "for_program", is_flag=True)
@located
def doctor(port: int | None, for_program: bool) -> None:
    """Look at the installation. Exits 1 where something is wrong."""
    configure()
    settings = current_settings()
    found = list(_examine(settings, port or _noted_port(settings)))
    if for_program:
        as_json([{"what": one.what, "well": one.well, "hint": one.hint} for one in found])
    else:
        for one in found:
            click.echo(f"{'ok   ' if one.well else 'WRONG'}  {one.what}")
            if one.hint:
                click.echo(f"       {one.hint}")
    if not all(one.well for one in found):
        raise SystemExit(SAYS_NO)


def _examine(settings: Settings, port: int) -> Iterator[Looked]:
    yield Looked(f"Python {sys.version.split()[0]}", sys.version_info >= (3, 11))
    yield Looked(
        f"SQLite {sqlite3.sqlite_version}",
        sqlite3.sqlite_version_info >= OLDEST_SQLITE,
        "" if sqlite3.sqlite_version_info >= OLDEST_SQLITE else "Install a newer Python.",
    )
    yield from _packages()
    yield from _policy(settings)
    try:
        installation = open_installation(settings)
    except (OSError, StoreUnavailable, NewerDatabase, PolicyInvalid) as error:
        yield Looked(
            f"the record does not open ({type(error).__name__})", False,
            "Look at free space and rights of the data folder; else restore a backup.",
        )  # fmt: skip
        return
    except (DepartmentInvalid, NoSuchDatabase) as invalid:
        yield Looked(str(invalid), False, invalid.hint)
        return
    try:
        yield from _sign_in(installation)
        damage = schema.problem(installation.store)
        yield Looked(
            "the record is sound" if not damage else f"the record is damaged ({damage})",
            not damage,
            "Set the file aside and restore a backup." if damage else "",
        )
        for name in schema.careless(installation.store):
            yield Looked(
                f"PostgreSQL has {name} = off: a receipt may be lost after its answer", False,
                f"Set {name} = on in postgresql.conf and reload it.",
            )  # fmt: skip
        with installation.store.read() as connection:
            people = contacts.count_valid(connection, times.now().date())
            paired = sum(c.revoked is None for c in clients.everyone(connection))
            count = receipts.head(connection)[0]
        yield Looked(
            f"{people} contacts", True,
            "" if people else "Without contacts no slip can be found: `contacts import FILE.csv`.",
        )  # fmt: skip
        yield Looked(
            f"{paired} paired clients", True, "" if paired else "`client pair` prints a code."
        )
        yield Looked(f"{count} receipts", True)
        yield from _folder(settings)
        yield from _gpg(installation)
    finally:
        installation.close()
    yield from _rights(settings)
    yield _service(port)


def _sign_in(installation: Installation) -> Iterator[Looked]:
    """Whether those answer at whom people of a department sign in."""
    shape = installation.department
    named = [one.issuer for one in (shape.sign_in, shape.outlook_sign_in) if one] if shape else []
    if not named:
        return
    try:
        from addin_service.web.provider import Provider, Unavailable
    except ImportError:
        yield Looked("what signing in needs is not installed", False, Unequipped().hint)
        return
    for issuer in sorted(set(named)):
        try:
            Provider(issuer).key(None)
        except Unavailable as unavailable:
            yield Looked(
                f"{issuer} cannot be used ({unavailable.kind})", False,
                "Is the issuer written exactly as it writes itself? Can this machine reach it, and "
                "does it trust its certificate?",
            )  # fmt: skip
        else:
            yield Looked(f"{issuer} answers, and has keys", True)


def _packages() -> Iterator[Looked]:
    # Two distributions give `import gnupg`; the dead one must never be the one that answers.
    try:
        version("gnupg")
    except PackageNotFoundError:
        return
    yield Looked("the package gnupg is installed", False, "Remove it: pip uninstall gnupg.")


def _policy(settings: Settings) -> Iterator[Looked]:
    try:
        yield Looked(f"policy {load(*settings.policy_files).version}", True)
    except PolicyInvalid as invalid:
        for problem in invalid.problems:
            yield Looked(f"policy: {problem}", False, "The last good policy stays in force.")


def _folder(settings: Settings) -> Iterator[Looked]:
    if not settings.organisation.is_dir():
        yield Looked("no organisation folder", True, f"It would be {settings.organisation}.")
        return
    try:
        with settings.folder_contacts.open("rb") as stream:
            refused = sum(isinstance(row, RefusedLine) for row in read_csv(stream))
    except FileNotFoundError:
        yield Looked("organisation folder, without contacts.csv", True)
        return
    except (OSError, NotReadable) as error:
        yield Looked(
            f"the organisation folder's contacts.csv is not read ({type(error).__name__})", False,
            "What was read last stays. Correct the file, or its rights.",
        )  # fmt: skip
        return
    yield Looked(
        "organisation folder"
        if not refused
        else f"{refused} lines of the folder's contacts.csv are left out",
        not refused,
        "`contacts import --dry-run` on that file says which and why." if refused else "",
    )


def _gpg(installation: Installation) -> Iterator[Looked]:
    gpg = installation.reviewer.sealer.gpg
    try:
        found = ".".join(map(str, gpg.version()))
        problems = installation.folder_keys.examine()
    except Refused as refused:
        oldest = ".".join(map(str, MINIMUM))
        yield Looked(
            f"gpg cannot be used ({refused.reason}), so nothing can be sealed", False,
            f"Install GnuPG {oldest} or newer, so that `gpg --version` answers.",
        )  # fmt: skip
        return
    yield Looked(f"gpg {found}", True)
    rules = installation.policies.current().keys
    asked = "may be asked" if rules.wkd else "are not asked"
    yield Looked(f"domains {asked} for keys", True)
    if rules.officers:
        yield Looked(f"bindings.csv needs the signature of 1 of {len(rules.officers)}", True)
    for problem in problems:
        yield Looked(problem, False, "Correct the file in the organisation folder.")


def _rights(settings: Settings) -> Iterator[Looked]:
    if sys.platform == "win32":
        return
    mode = stat.S_IMODE(settings.secret_file.stat().st_mode)
    private = not mode & 0o077
    yield Looked(
        "the secret is readable by you alone" if private else "others can read the secret",
        private,
        "" if private else f"chmod 600 {settings.secret_file}",
    )


def _noted_port(settings: Settings) -> int:
    found = listening.noted(settings.data)
    return int(found.service.rpartition(":")[2]) if found else DEFAULT_PORT


def _service(port: int) -> Looked:
    url = f"http://127.0.0.1:{port}/v1/health"
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            alive = answer.read(100).replace(b" ", b"").strip() == b'{"alive":true}'
    except OSError:
        return Looked(f"nothing answers on port {port}", True, "Start it: `addin-service serve`.")
    return Looked(
        f"a service answers on port {port}" if alive else f"another program holds port {port}",
        alive,
        "" if alive else "Find out which: a mail client must not talk to it.",
    )
