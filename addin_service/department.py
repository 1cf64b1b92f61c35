"""`service.toml` in the data folder: what makes a desk's service that of a department.

Without the file there is no department. What is unknown or missing is refused at start.
"""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from addin_service.settings import INSTALL_SERVER

Role = Literal["sender", "helpdesk", "key-officer", "auditor", "admin"]

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def _https(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query:
        raise ValueError("is not an https address, such as https://lastlook.council.example")
    return text


def _origin(text: str) -> str:
    parts = urlsplit(_https(text))
    if parts.path.strip("/") or parts.fragment:
        raise ValueError("is a scheme, a name and perhaps a port, and nothing else")
    host = parts.netloc.lower().removesuffix(":443")
    if host.partition(":")[0] in _LOOPBACK:
        raise ValueError("is this computer's own name, which no other computer can reach")
    return f"https://{host}"


def _complete(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("must be a complete path")
    return path


Https = Annotated[str, AfterValidator(_https)]
Origin = Annotated[str, AfterValidator(_origin)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SignIn(_Section):
    """Where people sign in (OpenID Connect), and which of its claims count."""

    issuer: Https
    client_id: Annotated[str, Field(min_length=1)]
    client_secret_file: Annotated[Path, AfterValidator(_complete)] | None = None
    """None for a public client: PKCE alone proves that the code is ours."""
    mailbox_claims: tuple[str, ...] = ("email",)
    roles_claim: str = "roles"
    roles: dict[Role, tuple[str, ...]] = {}
    """By role, the values of `roles_claim` that give it."""


class OutlookSignIn(_Section):
    """Whose tokens Outlook may bring instead of being paired (Entra ID)."""

    issuer: Https
    audience: Annotated[str, Field(min_length=1)]


class Department(_Section):
    """One service for many people, reached by others than this computer."""

    public: Origin
    """The one origin under which mail programs reach it, through the proxy on this machine."""
    sign_in: SignIn | None = None
    outlook_sign_in: OutlookSignIn | None = None

    @property
    def host(self) -> str:
        """The Host header of its requests."""
        return self.public.removeprefix("https://")


class DepartmentInvalid(Exception):
    """`service.toml` cannot be used. Says where, never what stands there."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"service.toml cannot be used: {problem}")
        self.hint = "docs/it.md shows one that works."


class Unequipped(DepartmentInvalid):
    """What signing in needs is not installed."""

    def __init__(self) -> None:
        super().__init__("signing in needs more than a desk does, and it is not installed")
        self.hint = INSTALL_SERVER


def load(file: Path) -> Department | None:
    """What the file says; None where there is none. Raises `DepartmentInvalid`, `OSError`."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        # By way of JSON, where a list may stand for a tuple and a text for a path.
        return Department.model_validate_json(json.dumps(tomllib.loads(text.decode())))
    except UnicodeDecodeError:
        raise DepartmentInvalid("it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise DepartmentInvalid(str(error).partition(" (at")[0] + _line(error)) from None
    except (ValidationError, TypeError) as error:
        raise DepartmentInvalid(_first(error)) from None


def _line(error: tomllib.TOMLDecodeError) -> str:
    _, found, place = str(error).partition(" (at ")
    return f", {place.rstrip(')')}" if found else ""


def _first(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return "a date or time stands where none belongs"
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg'].removeprefix('Value error, ')}".removeprefix(": ")
