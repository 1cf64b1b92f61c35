"""Whose key is it: what people said and what is stored here, to the state of a binding. Pure.

Derived anew at every send: what was a good key yesterday may have ended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.pgp.states import CONFIRMED, Facts, State, state_of

__all__ = ["CONFIRMED", "DECIDED_BY", "LASTING", "Bound", "Decided", "Held", "Known", "State"]

Decision = Literal["verified", "tofu", "rejected"]
Method = Literal["phone", "in-person", "signed-mail", "officer", "folder", "own"]

DECIDED_BY: Mapping[Method, Decision] = {
    "phone": "verified",
    "in-person": "verified",
    "officer": "verified",
    "folder": "verified",
    "own": "verified",
    # It shows that the mailbox holds the key, not who sits at the mailbox.
    "signed-mail": "tofu",
}
LASTING = frozenset({"folder", "own"})
"""Methods that do not grow old: the organisation says it anew each day; a key is one's own."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person said about a key and an address.

    `everyone`: said by a key officer or the organisation folder, for all senders; else for the one
    sender whose bindings are being looked at. `subkeys` are the encryption keys it had then,
    `organisation` where its owner worked, as far as that was known.
    """

    address: str
    fingerprint: Fingerprint
    decision: Decision
    method: str
    at: datetime
    everyone: bool
    subkeys: frozenset[str] = frozenset()
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate that is stored here.

    `claims`: since when it has named an address while it could be used. A claim once made stays
    until a person decides: a rival that ends is still one that turned up.
    """

    certificate: Certificate
    claims: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """The state of one address, and the certificate that it is about (none, or the one in use)."""

    address: str
    state: State
    certificate: Certificate | None = None
    others: tuple[Certificate, ...] = ()
    """Certificates that claim the same address: what changed, or what conflicts."""
    why: str = ""
    """Which rule gave the state; see `states.RULES`."""
    said: Decided | None = None
    """The confirmation that counts, where there is one."""
    part: str = ""
    """The fingerprint of the key inside the certificate that a message is sealed to now."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored about keys and some addresses, for one sender at one moment.

    `held`: the certificates that name one of the addresses, and those that a decision names.
    `decided`: of this sender and for everyone; of several the organisation's counts, and among
    equals the newest. `stale_after`: how long a comparison counts as fresh.
    """

    held: tuple[Held, ...]
    decided: tuple[Decided, ...]
    now: datetime
    stale_after: timedelta | None = None
    elsewhere: frozenset[str] = frozenset()
    """Addresses named by certificates of another kind than those that are held here."""

    def addresses(self) -> frozenset[str]:
        """The addresses about which there is anything at all."""
        named = {address for held in self.held for address in held.certificate.addresses()}
        claimed = {address for held in self.held for address in held.claims}
        return frozenset(named | claimed | {decided.address for decided in self.decided})

    def bound(self, address: str, organisation: str = "") -> Bound:
        """The state of `address`, whose owner works at `organisation` as far as that is known."""
        about = sorted(
            (d for d in self.decided if d.address == address), key=lambda d: (d.everyone, d.at)
        )
        word = {decided.fingerprint: decided for decided in about}  # the last one counts
        accepted = [d for d in about if d.decision != "rejected" and word[d.fingerprint] is d]
        refused = {key for key, decided in word.items() if decided.decision == "rejected"}
        if accepted:
            return self._confirmed(address, organisation, accepted[-1], about, refused)
        return self._unconfirmed(address, refused)

    def _confirmed(
        self,
        address: str,
        organisation: str,
        yes: Decided,
        about: Iterable[Decided],
        refused: set[Fingerprint],
    ) -> Bound:
        found = self._certificate(yes.fingerprint)
        if found is None:
            return _bound(address, Facts(yes=True), None, (), yes)
        of_key = [d for d in about if d.fingerprint == yes.fingerprint]
        looked = max(d.at for d in of_key if d.decision != "rejected")
        rivals = tuple(
            held.certificate
            for held in self._claiming(address)
            if held.certificate.fingerprint not in refused | {yes.fingerprint}
            and self._since(held, address) > looked
        )
        key = found.encryption_key(self.now)
        saw = [d for d in of_key if key and key.fingerprint in d.subkeys]
        kept = [d for d in saw if d.decision != "rejected"]
        # The organisation's word from long ago is renewed by a sender who compared the key today.
        # About a part that nobody saw, the last word about the key is all there is.
        best = (
            max(kept, key=lambda d: self._weight(d, organisation))
            if kept
            else max((d for d in of_key if d.decision != "rejected"), key=lambda d: d.at)
        )
        no = any(d.decision == "rejected" for d in of_key)
        facts = Facts(
            yes=True,
            here=True,
            condition=found.condition(self.now),
            hard=found.revoked == "hard",
            rivals=len(rivals),
            withdrawn=_withdrawn(found, address),
            refused=no and not kept,
            unseen=not saw,
            moved=_differ(best.organisation, organisation),
            old=self._is_old(best),
            word=best.decision,
        )
        return replace(
            _bound(address, facts, found, rivals, best), part=key.fingerprint if key else ""
        )

    def _unconfirmed(self, address: str, refused: set[Fingerprint]) -> Bound:
        open_ = [h for h in self._naming(address) if h.certificate.fingerprint not in refused]
        candidates = [
            h.certificate for h in open_
            if address in h.claims or h.certificate.condition(self.now) == "good"
        ]  # fmt: skip
        if len(candidates) > 1:
            return _bound(address, Facts(candidates=2), None, tuple(candidates))
        newest = max(
            candidates or [h.certificate for h in open_],
            key=lambda c: (c.created, c.fingerprint),
            default=None,
        )
        facts = Facts(
            no=bool(refused),
            condition=newest.condition(self.now) if newest else "",
            hard=bool(newest and newest.revoked == "hard"),
            candidates=len(candidates),
        )
        if newest is None and refused:
            newest = self._certificate(min(refused))
        return _bound(address, facts, newest)

    def _certificate(self, key: Fingerprint) -> Certificate | None:
        return next((h.certificate for h in self.held if h.certificate.fingerprint == key), None)

    def _naming(self, address: str) -> list[Held]:
        named = [h for h in self.held if address in h.certificate.addresses()]
        return sorted(named, key=lambda h: h.certificate.fingerprint)

    def _claiming(self, address: str) -> list[Held]:
        """Those that name it and can be used, or could be when they turned up."""
        return sorted(
            (
                h for h in self.held
                if address in h.claims
                or (address in h.certificate.addresses()
                    and h.certificate.condition(self.now) == "good")
            ),
            key=lambda h: h.certificate.fingerprint,
        )  # fmt: skip

    def _since(self, held: Held, address: str) -> datetime:
        # One that came before its own date, because two clocks differ, counts from that date.
        return held.claims.get(address, held.certificate.created)

    def _weight(self, said: Decided, organisation: str) -> tuple[bool, bool, bool, datetime]:
        """The higher, the more a confirmation says today."""
        here = not _differ(said.organisation, organisation)
        return here, not self._is_old(said), said.decision == "verified", said.at

    def _is_old(self, decided: Decided) -> bool:
        if self.stale_after is None or decided.method in LASTING:
            return False
        return decided.at + self.stale_after <= self.now


def _bound(
    address: str,
    facts: Facts,
    certificate: Certificate | None,
    others: tuple[Certificate, ...] = (),
    said: Decided | None = None,
) -> Bound:
    rule = state_of(facts)
    return Bound(address, rule.state, certificate, others, rule.why, said)


def _withdrawn(certificate: Certificate, address: str) -> bool:
    taken_back = any(u.revoked and u.address == address for u in certificate.user_ids)
    return taken_back and address not in certificate.addresses()


def _differ(before: str, today: str) -> bool:
    return bool(before and today) and before.casefold().split() != today.casefold().split()
