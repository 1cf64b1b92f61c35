"""An installation with something in it, what it says to some drafts, and the command on it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from addin_service.installation import Installation, open_installation
from addin_service.settings import Settings
from addin_service.store import schema, tables
from addin_service.store.engine import Store, sqlite_url
from tests.conftest import draft_json, serving


def used(settings: Settings) -> tuple[Installation, str]:
    """An installation with people, a mail that went out, and a client; and its token."""
    installation = open_installation(settings)
    with serving(installation) as live:
        for status, address in (("known", "p.tann@chambers.example"), ("blocked", "x@bad.example")):
            said = {"address": address, "name": "Zoë \u0141", "status": status, "reason": "r"}
            assert live.call("POST", "/v1/contacts", said, live.helpdesk).status == 200
        told = {"outcome": "sent", "draft": draft_json("jo@council.example")}
        assert live.call("POST", "/v1/sent", told).status == 200
        return installation, live.token


DRAFTS = (
    ["p.tan@chambers.example"], ["x@bad.example"], ["jo@council.example", "al@elsewhere.example"],
)  # fmt: skip


def verdicts(installation: Installation, token: str) -> list[Any]:
    """What the service says to some drafts, without what is new each time."""
    found = []
    with serving(installation) as live:
        for to in DRAFTS:
            said = live.call("POST", "/v1/check", {"draft": draft_json(*to)}, token)
            assert said.status == 200, said.body
            left = said.json
            found.append({k: v for k, v in left.items() if k not in ("reference", "review")})
    return found


def cli(
    settings: Settings, *arguments: str, code: int = 0, database: str = ""
) -> subprocess.CompletedProcess[str]:
    """The command on this installation, which must end so."""
    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
    done = subprocess.run(
        [sys.executable, "-m", "addin_service", *place, *arguments],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "ADDIN_SERVICE_DATABASE": database},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done


def at_revision(file: Path, revision: str) -> None:
    """A database as an older version left it."""
    from alembic import command
    from alembic.config import Config

    store = Store(sqlite_url(file))
    with store.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(insert(tables.settings).values(name="a", value="kept"))
    store.close()


def key(settings: Settings) -> bytes:
    """The key of the receipts of this installation."""
    installation = open_installation(settings)
    installation.close()
    return installation.reviewer.chain_key
