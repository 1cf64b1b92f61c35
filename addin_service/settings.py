"""Where the installation lives and how it listens. The only reader of the environment."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

DEFAULT_PORT = 8025
INSTALL_SERVER = "pip install --require-hashes -r requirements-server.txt"
"""How to get what a department's service needs beyond a desk's."""
MAX_BODY_BYTES = 8 * 1024 * 1024
"""Of a request. A mail text of this size is a thousand pages."""
MAX_SEAL_BYTES = 64 * 1024 * 1024
"""Of a request to seal, which brings the attachments along: 25 MB twice over, in base64."""
REQUEST_DEADLINE_S = 10.0
"""From the first byte of a request until it is complete; slower ones are hung up on."""
REVIEW_DEADLINE_S = 1.2
"""For the checks of one draft: shorter than the 1.5 s after which the mail client gives up."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation: its data folder, the organisation's folder, the database."""

    data: Path
    organisation: Path
    database: str = ""
    """URL of the database; empty for SQLite in the data folder."""

    @property
    def database_file(self) -> Path:
        """The embedded database."""
        return self.data / "record.db"

    @property
    def secret_file(self) -> Path:
        """The key of all keyed hashes."""
        return self.data / "secret.key"

    @property
    def department_file(self) -> Path:
        """What makes it the service of a department; a desk has none."""
        return self.data / "service.toml"

    @property
    def policy_files(self) -> tuple[Path, Path]:
        """The user's policy and the organisation's, which overrides it."""
        return self.data / "policy.toml", self.organisation / "policy.toml"

    @property
    def folder_contacts(self) -> Path:
        """The organisation's directory."""
        return self.organisation / "contacts.csv"


def settings(data: str | None = None, organisation: str | None = None) -> Settings:
    """The settings: what is given, else the environment, else this system's usual places."""
    chosen = data or os.environ.get("ADDIN_SERVICE_DATA")
    folder = organisation or os.environ.get("ADDIN_SERVICE_ORGANISATION")
    return Settings(
        data=Path(chosen) if chosen else platformdirs.user_data_path("addin-service", False),
        organisation=Path(folder) if folder else default_organisation(),
        database=os.environ.get("ADDIN_SERVICE_DATABASE", ""),
    )


def notify_address() -> str:
    """Where systemd wants to hear how the service is; empty without it."""
    return os.environ.get("NOTIFY_SOCKET", "")


def default_organisation() -> Path:
    """Where the administrator puts the organisation folder, per platform."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "addin-service"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/addin-service")
    return Path("/etc/addin-service")
