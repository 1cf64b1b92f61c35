"""How often a computer may fail at the door, in a department; counted by all workers together.

Failures are counted and successes are not: thousands of staff can share one address. A desk counts
nothing here, since there everybody has the same address and could shut the others out.
"""

import ipaddress
import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from addin_service.language import say
from addin_service.secrets import Secret
from addin_service.store import rate_limits
from addin_service.store.engine import Store, StoreUnavailable
from addin_service.web.errors import Problem

What = Literal["pairing", "all-pairing", "hello", "sign-in", "token"]

MOST_REMEMBERED = 10_000
SWEEP_EVERY = 256


@dataclass(frozen=True, slots=True)
class Rule:
    """So many failures at once, and then so many a second."""

    most: int
    per_s: float


RULES: Mapping[What, Rule] = {
    # 39 bits: at this rate, with a thousand codes open, guessing one takes thirty years.
    "pairing": Rule(30, 0.5),
    "all-pairing": Rule(600, 20.0),
    "hello": Rule(60, 1.0),
    "sign-in": Rule(30, 0.5),
    "token": Rule(60, 1.0),
}


@dataclass
class Limits:
    """The buckets of one installation. Where they cannot be read, nobody is kept out."""

    store: Store
    secret: Secret
    active: bool
    _full_until: dict[str, float] = field(default_factory=dict)
    _poured: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def require(self, what: What, peer: str) -> None:
        """Raises `Problem` where this peer has failed too often to try again now."""
        if not self.active:
            return
        rule, key = RULES[what], self._key(what, peer)
        if wait_s := self._remembered(key):
            raise too_often(wait_s)
        try:
            level = rate_limits.level(self.store, key, time.time(), rule.per_s)
        except StoreUnavailable:
            return
        if level > rule.most - 1:
            raise too_often(_wait_s(level, rule))

    def failed(self, what: What, peer: str) -> None:
        """Count a failure. Raises `Problem` from the one on that is too many."""
        if not self.active:
            return
        rule, key = RULES[what], self._key(what, peer)
        if wait_s := self._remembered(key):
            raise too_often(wait_s)
        now_s = time.time()
        try:
            level = rate_limits.pour(self.store, key, now_s, rule.per_s, rule.most + 1.0)
            self._sweep_now_and_then(now_s)
        except StoreUnavailable:
            return
        if level > rule.most:
            self._remember(key, now_s + _wait_s(level, rule))
            raise too_often(_wait_s(level, rule))

    def _key(self, what: What, peer: str) -> str:
        return self.secret.digest("rate limit", f"{what} {network(peer)}")

    def _remembered(self, key: str) -> float:
        """Seconds for which this bucket is known to be full: no need to ask again."""
        return max(0.0, self._full_until.get(key, 0.0) - time.time())

    def _remember(self, key: str, until: float) -> None:
        with self._lock:
            if len(self._full_until) >= MOST_REMEMBERED:
                self._full_until.clear()
            self._full_until[key] = until

    def _sweep_now_and_then(self, now_s: float) -> None:
        with self._lock:
            due, self._poured = self._poured % SWEEP_EVERY == 0, self._poured + 1
        if due:
            rate_limits.sweep(self.store, now_s)


def _wait_s(level: float, rule: Rule) -> float:
    """Until there is room for one failure more."""
    return (level - rule.most + 1) / rule.per_s


def peer(environ: Mapping[str, Any]) -> str:
    """Whose computer asks; what our own proxy says of it, where it came by that."""
    return str(environ.get("REMOTE_ADDR", ""))


def network(address: str) -> str:
    """What one computer has of addresses: in IPv6 a whole /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def too_often(wait_s: float) -> Problem:
    """The refusal, with when to come back."""
    return Problem(
        429, "too-many-tries",
        say("This computer has been refused too often in a short time."),
        say("Wait a little, then try again."), retry_after_s=max(1, math.ceil(wait_s)),
    )  # fmt: skip
