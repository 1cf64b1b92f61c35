"""An identity provider (OpenID Connect): what it says of itself, and its keys.

Beside the look-up of recipients' keys the one place that opens a connection to the outside, and
only to the issuer that `service.toml` names. TLS with a checked certificate, no redirection, an
end to each question. Names the kind of what went wrong, never what was answered.
"""

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import requests
from joserfc import jwk
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from requests.adapters import HTTPAdapter

from addin_service.log import log

DEADLINE_S = 3.0
"""For one question, from the first byte to the last."""
LARGEST = 256 * 1024
"""Bytes of an answer: what a provider says of itself and its keys has some thousands."""
AT_ONCE = 4
FRESH_S = 3600.0
"""For which what a provider said is taken as it was; longer where it does not answer."""
RETRY_S = 10
"""At most so often is a provider asked again because of a key that nobody knows."""

T = TypeVar("T")
_places = threading.BoundedSemaphore(AT_ONCE)


class Unavailable(Exception):
    """The provider does not answer, or not as one. `kind` may be logged."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the identity provider cannot be used ({kind})")
        self.kind = kind


class _SystemTrust(HTTPAdapter):
    """Trusts whom this computer trusts, an organisation's own authority too."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """With the system's certificates."""
        super().init_poolmanager(*args, ssl_context=ssl.create_default_context(), **options)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the context as it is, unless somebody names other certificates."""
        if verify is not True:
            super().cert_verify(conn, url, verify, cert)


class Bounded(requests.Session):
    """A session whose every request has an end and whose every answer has a size."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.mount("https://", _SystemTrust())

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """The answer, read to its end. Raises `Unavailable`."""
        if not str(request.url).startswith("https://"):
            raise Unavailable("not-https")
        options |= {"timeout": DEADLINE_S, "allow_redirects": False, "stream": True}
        return _in_time(lambda: _whole(super(Bounded, self).send(request, **options)))


def _in_time(ask: Callable[[], T]) -> T:
    """In a thread: a server that sends a byte now and then heeds no limit of a socket's."""
    found: list[T] = []
    failed: list[str] = []

    def work() -> None:
        try:
            found.append(ask())
        except Unavailable as problem:
            failed.append(problem.kind)
        except requests.exceptions.SSLError:
            failed.append("not-proven")
        except (requests.RequestException, OSError, ValueError) as problem:
            failed.append(type(problem).__name__)
        finally:
            _places.release()

    if not _places.acquire(timeout=DEADLINE_S):
        raise Unavailable("busy")
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(DEADLINE_S)
    if found:
        return found[0]
    raise Unavailable(failed[0] if failed else "late")


def _whole(answer: requests.Response) -> requests.Response:
    with answer:
        if 300 <= answer.status_code < 400:
            raise Unavailable("redirected")
        content = b""
        for piece in answer.iter_content(16_384):
            content += piece
            if len(content) > LARGEST:
                raise Unavailable("large")
    answer._content = content
    return answer


def document(url: str) -> dict[str, Any]:
    """The JSON object at this address. Raises `Unavailable`."""
    with Bounded() as session:
        answer = session.get(url, headers={"Accept": "application/json"})
    if answer.status_code != 200:
        raise Unavailable(f"status {answer.status_code}")
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise Unavailable("nonsense") from None
    if not isinstance(found, dict):
        raise Unavailable("nonsense")
    return found


@dataclass
class _Kept(Generic[T]):
    """What was asked once, and is asked again when it is old. An outage leaves the old in use."""

    ask: Callable[[], T]
    value: T | None = None
    asked_at: float | None = None
    kind: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, within_s: float) -> T:
        """The value, no older than this if it can be had. Raises `Unavailable`."""
        if self._is_due(within_s):
            self._ask_again(within_s)
        if self.value is None:
            raise Unavailable(self.kind or "busy")
        return self.value

    def _is_due(self, within_s: float) -> bool:
        if self.asked_at is None:
            return True
        age = time.monotonic() - self.asked_at
        return age > (RETRY_S if self.kind else max(within_s, RETRY_S))

    def _ask_again(self, within_s: float) -> None:
        # One asks. The others wait for it only before the first answer: in an outage they would
        # take up the threads that serve everybody who needs no provider.
        if not self.lock.acquire(timeout=DEADLINE_S * 2 if self.asked_at is None else 0):
            return
        try:
            if not self._is_due(within_s):
                return
            self.value, self.kind = self.ask(), ""
        except Unavailable as problem:
            self.kind = problem.kind
            log.error("identity-provider-unavailable", kind=problem.kind)
        finally:
            self.asked_at = time.monotonic()
            self.lock.release()


Key = RSAKey | ECKey


class Provider:
    """One issuer. Asked when it is needed and no earlier, and what it says is kept."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._metadata = _Kept(self._ask_metadata)
        self._keys = _Kept(self._ask_keys)

    def metadata(self) -> Mapping[str, Any]:
        """What it says of itself. Raises `Unavailable`."""
        return self._metadata.get(FRESH_S)

    def key(self, key_id: str | None) -> Key | None:
        """The key of this id, or the only one where no id is given; None where it has none.

        Raises `Unavailable` where that cannot be known.
        """
        keys = self._keys.get(FRESH_S)
        if key_id is None:
            return next(iter(keys.values())) if len(keys) == 1 else None
        if key_id not in keys:
            keys = self._keys.get(RETRY_S)
            if key_id not in keys and self._keys.kind:
                raise Unavailable(self._keys.kind)
        return keys.get(key_id)

    def _ask_metadata(self) -> Mapping[str, Any]:
        said = document(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != self.issuer:
            raise Unavailable("other-issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_https(said.get(name)):
                raise Unavailable("nonsense")
        return said

    def _ask_keys(self) -> Mapping[str, Key]:
        said = document(self.metadata()["jwks_uri"]).get("keys")
        if not isinstance(said, list):
            raise Unavailable("nonsense")
        return dict(_usable(said))


def _is_https(url: object) -> bool:
    try:
        return isinstance(url, str) and urlsplit(url).scheme == "https" and "\\" not in url
    except ValueError:
        return False


def _usable(said: list[Any]) -> list[tuple[str, Key]]:
    """The public keys for signatures; what is of another kind is no business of ours."""
    found = []
    for one in said:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig":
            continue
        try:
            key = jwk.import_key({name: one[name] for name in one if name in _PUBLIC})
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAKey | ECKey):
            found.append((str(one.get("kid", "")), key))
    return found


_PUBLIC = frozenset({"kty", "n", "e", "crv", "x", "y"})
