"""Who of the paired clients may do what, and the installation at hand."""

from typing import cast

from flask import current_app, g

from addin_service.installation import Installation
from addin_service.store.clients import Client
from addin_service.web.errors import Problem

KEY = "addin_service"


def installation() -> Installation:
    """The installation that serves this request."""
    return cast(Installation, current_app.extensions[KEY])


def client() -> Client:
    """The client that asks. The guard has seen its token."""
    return cast(Client, g.client)


def need(role: str) -> None:
    """Raises `Problem` unless the client has this role."""
    if client().role != role:
        raise Problem(
            403, "wrong-role", f"This needs the role {role}.",
            f"A client of that role comes from `addin-service client add NAME --role {role}`.",
        )  # fmt: skip
