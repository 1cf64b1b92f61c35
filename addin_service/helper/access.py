"""The access of one profile of Thunderbird: derived, so that asking again changes nothing.

Client id and token are keyed hashes of the profile's random number and a count. The count goes up
when an access has been ended and the user asks for a new one: what was ended never comes back.
"""

import base64
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Connection as Transaction

from addin_service.helper.asked import Asked, Refusal
from addin_service.secrets import Secret, load_or_create
from addin_service.settings import Settings
from addin_service.store import clients, times
from addin_service.store.engine import Store, sqlite_url

NAME = "thunderbird"


@contextmanager
def record(settings: Settings) -> Iterator[tuple[Store, Secret] | None]:
    """The record and the secret of an installation that has both; None where it has not begun.

    Opens what is there and makes nothing: that is the service's work, which has the order of it.
    """
    has_record = bool(settings.database) or settings.database_file.exists()
    if not (has_record and settings.secret_file.exists()):
        yield None
        return
    with closing(Store(settings.database or sqlite_url(settings.database_file))) as store:
        yield store, load_or_create(settings.secret_file)


def token_for(store: Store, secret: Secret, asked: Asked) -> str:
    """The token of this profile, whose client is entered where it is missing.

    Raises `StoreUnavailable`, and `Refusal` where the access was ended and nobody asked anew.
    """
    with store.read() as transaction:
        client, token, known = _current(transaction, secret, asked)
    if not known:
        name = f"{NAME} {asked.profile[:4]}"
        with store.write() as transaction:
            clients.introduce(transaction, client, token, name, times.now())
    return token


def _current(transaction: Transaction, secret: Secret, asked: Asked) -> tuple[str, str, bool]:
    """Client, token and whether it is known: of the first count whose access was not ended."""
    number = 0
    while True:
        client, token = _derived(secret, asked.profile, number)
        if clients.by_id(transaction, client):
            return client, token, True
        if not clients.exists(transaction, client):
            break
        number += 1
    if number and not asked.anew:
        raise Refusal(
            "access-ended", "The access of this Thunderbird has been ended on this computer.",
            "Press Connect to connect it again.",
        )  # fmt: skip
    return client, token, False


def _derived(secret: Secret, profile: str, number: int) -> tuple[str, str]:
    whose = f"{profile}\n{number}"
    client = secret.digest("helper's client", whose)[:32]
    bits = secret.derive(f"helper's token\n{whose}")
    return client, f"{client}.{base64.urlsafe_b64encode(bits).decode().rstrip('=')}"
