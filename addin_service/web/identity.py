"""Whose an identity provider's token is: signature, issuer, audience and times, all checked."""

import hashlib
import hmac
import json
import math
import threading
import time
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from addin_service import addresses, membership
from addin_service.installation import Installation
from addin_service.language import say
from addin_service.log import log
from addin_service.membership import Vouched
from addin_service.store import clients, times
from addin_service.store.clients import Client
from addin_service.web.errors import Problem
from addin_service.web.provider import RETRY_S, Provider, Unavailable

ALGORITHMS = ("RS256", "ES256")
LEEWAY_S = 60
LONGEST_TOKEN = 12_000
KNOWN_S = 300.0
"""For which a token that was checked is known again by its hash."""
MOST_KNOWN = 20_000
OUTLOOK_CLAIMS = ("preferred_username", "upn", "email")
"""Where the mailbox stands; the first that is an address counts."""

_REGISTRY = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)


class NotValid(ValueError):
    """The token proves nothing here. `reason` may be logged."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the token is not valid ({reason})")
        self.reason = reason


def verified(
    provider: Provider, token: str, audience: str, nonce: str | None = None
) -> Mapping[str, Any]:
    """The claims of a token that this provider made for this audience, now.

    With `nonce`, also for exactly this sign-in. Raises `NotValid`, `Unavailable`.
    """
    header = _header(token)
    if header.get("alg") not in ALGORITHMS:
        raise NotValid("algorithm")
    if "crit" in header:
        raise NotValid("critical")
    key_id = header.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise NotValid("key")
    key = provider.key(key_id)
    if key is None:
        raise NotValid("key")
    try:
        claims = jwt.decode(token, key, registry=_REGISTRY).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise NotValid("signature") from None
    _check(claims, provider.issuer, audience, time.time())
    if nonce is not None:
        said = claims.get("nonce")
        if not isinstance(said, str) or not _same(said, nonce):
            raise NotValid("nonce")
        if claims.get("azp", audience) != audience:
            raise NotValid("audience")
    return claims


def _header(token: str) -> Mapping[str, Any]:
    first, *rest = token.split(".")
    if len(token) > LONGEST_TOKEN or len(rest) != 2 or not all((first, *rest)):
        raise NotValid("form")
    try:
        found = json.loads(a2b_base64(first.translate(_STANDARD) + "=" * (-len(first) % 4)))
    except (NotBase64, ValueError, RecursionError):
        raise NotValid("form") from None
    if not isinstance(found, dict):
        raise NotValid("form")
    return found


_STANDARD = str.maketrans("-_", "+/")


def _check(claims: Mapping[str, Any], issuer: str, audience: str, now_s: float) -> None:
    if claims.get("iss") != issuer:
        raise NotValid("issuer")
    if claims.get("aud") not in (audience, [audience]):
        raise NotValid("audience")
    if _time(claims, "exp") <= now_s - LEEWAY_S:
        raise NotValid("expired")
    for name in ("nbf", "iat"):
        if name in claims and _time(claims, name) > now_s + LEEWAY_S:
            raise NotValid("not-yet")
    subject(claims)


def _time(claims: Mapping[str, Any], name: str) -> float:
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        raise NotValid("times")
    return said


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def subject(claims: Mapping[str, Any]) -> str:
    """The issuer's own name for the person, which never goes to another. Raises `NotValid`."""
    # Entra's `sub` differs from one application to the next; its `oid` is the person.
    for name in ("oid", "sub"):
        said = claims.get(name)
        if isinstance(said, str) and 0 < len(said) <= 255 and said.isprintable():
            return said
    raise NotValid("subject")


def mailboxes(claims: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses in these claims, in normal form. `email` counts only as a verified one.

    Entra, which says so as `xms_edov`, lets the administrators of a guest's own organisation write
    anything there.
    """
    found: dict[str, None] = {}
    said_so = claims.get("xms_edov") in (True, "1", "true")
    is_verified = claims.get("email_verified", said_so) is True
    for name in names:
        if name == "email" and not is_verified:
            continue
        said = claims.get(name)
        for one in said if isinstance(said, list) else [said]:
            try:
                found[addresses.parse(one if isinstance(one, str) else "").key] = None
            except addresses.NotAnAddress:
                continue
    return tuple(found)


def name_in(claims: Mapping[str, Any]) -> str:
    """As whom the person is known there; empty where that is not said."""
    said = claims.get("name")
    return said if isinstance(said, str) else ""


def bearer(installation: Installation) -> Callable[[str], Client | None] | None:
    """Whose token this is, where Outlook may bring its provider's; raises `Problem`."""
    shape = installation.department
    if shape is None or shape.outlook_sign_in is None:
        return None
    issuer = shape.outlook_sign_in.issuer
    complete = shape.sign_in is None or shape.sign_in.issuer != issuer
    bearers = Bearers(installation, Provider(issuer), shape.outlook_sign_in.audience, complete)
    return bearers.admitted


@dataclass
class Bearers:
    """Tokens of the provider that Outlook signs in at, in place of ours."""

    installation: Installation
    provider: Provider
    audience: str
    complete: bool
    """Whether the mailbox in a token is all that this issuer says of a person."""
    _known: dict[bytes, tuple[str, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admitted(self, token: str) -> Client | None:
        """As `client`, for the guard: an outage is no reason to think that one is not paired."""
        try:
            return self.client(token)
        except NotValid as refusal:
            log.warning("token-refused", kind=refusal.reason)
            return None
        except Unavailable:
            raise Problem(
                503, "sign-in-unavailable",
                say("Your organisation's sign-in does not answer now."),
                say("Try again in a moment; your helpdesk can see why."), retry_after_s=RETRY_S,
            ) from None  # fmt: skip

    def client(self, token: str) -> Client | None:
        """The client of the person whose token this is; None where their access has ended.

        Raises `NotValid`, `Unavailable`, `StoreUnavailable`.
        """
        digest, now_s = hashlib.sha256(token.encode()).digest(), time.time()
        client_id, until = self._known.get(digest, ("", 0.0))
        if until <= now_s:
            client_id, until = self._introduced(token, now_s)
            with self._lock:
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                self._known[digest] = (client_id, until)
        with self.installation.store.read() as connection:
            return clients.by_id(connection, client_id)

    def _introduced(self, token: str, now_s: float) -> tuple[str, float]:
        """The client's id, and until when the token need not be looked at again."""
        claims = verified(self.provider, token, self.audience)
        if claims.get("idtyp") == "app":
            raise NotValid("no-person")
        if "nonce" in claims and "scp" not in claims:
            raise NotValid("id-token")  # it says who signed in, not that Outlook may ask for them
        found = mailboxes(claims, OUTLOOK_CLAIMS)[:1]
        vouched = Vouched(
            self.provider.issuer, subject(claims), name_in(claims), found, complete=self.complete
        )
        person = membership.signed_in(self.installation, vouched)
        client_id = self.installation.secret.digest("outlook client", person.id)[:32]
        with self.installation.store.read() as connection:
            is_there = clients.exists(connection, client_id)
        if not is_there:
            with self.installation.store.write() as connection:
                clients.ensure(connection, client_id, "Outlook", person.id, times.now())
        return client_id, min(now_s + KNOWN_S, _time(claims, "exp") + LEEWAY_S)
