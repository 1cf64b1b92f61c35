"""Is the one who answers at an address the service of this very data folder?

Asked as the add-in asks: a fresh nonce, and what only the holder of the record can say to it.
"""

import hmac
import json
import secrets
import urllib.request
from contextlib import suppress
from http.client import HTTPException

from addin_service.store import clients
from addin_service.store.engine import Store

ANSWER_S = 2.0
_LIMIT_BYTES = 10_000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever is asked answers, and names nobody else to ask."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


# A proxy that the environment names is for the world, not for this computer.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


def proves_itself(service: str, store: Store, client: str) -> bool:
    """Whether the one at `service` knows this client. Raises `StoreUnavailable`."""
    nonce = secrets.token_hex(32)
    with store.read() as transaction:
        expected = clients.proof(transaction, client, nonce)
    said = _hello(service, client, nonce)
    return expected is not None and hmac.compare_digest(expected.encode(), said)


def _hello(service: str, client: str, nonce: str) -> bytes:
    """The proof that was given; empty where there is none."""
    request = urllib.request.Request(  # noqa: S310 - the note's form allows loopback http alone
        f"{service}/v1/hello",
        data=json.dumps({"client": client, "nonce": nonce}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with (
        suppress(OSError, ValueError, KeyError, TypeError, HTTPException),
        _OPENER.open(request, timeout=ANSWER_S) as answer,
    ):
        return str(json.loads(answer.read(_LIMIT_BYTES))["proof"]).encode()
    return b""
