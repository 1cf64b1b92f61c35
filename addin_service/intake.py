"""Taking in what files, mails and domains offer, and seeing what it would change.

A key that comes in confirms nothing. What is confirmed already is shown before it changes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from addin_service import keyring
from addin_service.model import Address
from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.pgp.gpg import Gpg, NotACertificate
from addin_service.pgp.merging import merged
from addin_service.pgp.userids import shown
from addin_service.review import Reviewer
from addin_service.smime import reading as smime
from addin_service.sources import narrowing, offers, splitting
from addin_service.sources.differences import Change, another, between
from addin_service.sources.offers import Left, Offer, Source
from addin_service.store import bindings, keys
from addin_service.wkd import NotFound, Wkd


@dataclass(frozen=True, slots=True)
class Taken:
    """A key that was brought in. `names_sender`: it names the address that the mail is from."""

    offer: Offer
    imported: keyring.Imported
    names_sender: bool


def take(reviewer: Reviewer, offered: Iterable[Offer]) -> Iterator[Taken | Left]:
    """Store each key; raises `StoreUnavailable`, and `Refused` where gpg does not answer."""
    for offer in offered:
        try:
            imported = _bring_in(reviewer, offer.data, offer.source, offer.is_smime)
        except NotACertificate as refusal:
            yield Left(offer.where, str(refusal), refusal.hint)
            continue
        named = not offer.sender or offer.sender in imported.certificate.addresses()
        yield Taken(offer, imported, named)


def _bring_in(
    reviewer: Reviewer, data: bytes, source: Source, is_smime: bool = False
) -> keyring.Imported:
    """The one place where a source's key goes into the store."""
    if is_smime:
        return keyring.store(reviewer, smime.read(data), source, kind="smime")
    return keyring.bring_in(reviewer, data, source)


@dataclass(frozen=True, slots=True)
class Offered:
    """Certificates that a source has for one address, read but not stored."""

    certificates: tuple[Certificate, ...] = ()
    left: tuple[Left, ...] = ()


def at_domain(wkd: Wkd, gpg: Gpg, address: Address) -> Offered:
    """What the domain of `address` has for it; other people's names and keys are left out.

    Raises `wkd.NotFound`.
    """
    answer = wkd.look_up(address)
    found: list[Certificate] = []
    left: list[Left] = []
    for data in splitting.each(answer)[: offers.MOST_OFFERS]:
        try:
            certificate = gpg.read(data)
            if narrowed := narrowing.only_for(certificate.data, address):
                found.append(gpg.read(narrowed))
                continue
        except NotACertificate as refusal:
            left.append(Left("the domain's answer", str(refusal), refusal.hint))
            continue
        left.append(
            Left("the domain's answer", "it is a key for another address",
                 "tell the people who look after that domain's mail")
        )  # fmt: skip
    return Offered(tuple(found), tuple(left))


class Domains:
    """The domains of the addresses that are asked about: one that does not answer is asked once."""

    source: Source = "wkd"

    def __init__(self, wkd: Wkd, gpg: Gpg) -> None:
        self._wkd = wkd
        self._gpg = gpg
        self._silent: set[str] = set()

    def offered(self, address: Address, wanted: frozenset[Fingerprint]) -> Offered:
        """What this source has for `address`."""
        if address.domain in self._silent:
            return Offered()
        try:
            return at_domain(self._wkd, self._gpg, address)
        except NotFound as nothing:
            if nothing.reason == "none":
                return Offered()
            self._silent.add(address.domain)
            if nothing.reason == "no-directory":
                return Offered()
            return Offered((), (Left("the domain", str(nothing), nothing.hint),))


class Files:
    """Files with keys, each read once."""

    source: Source = "file"

    def __init__(self, gpg: Gpg, most_bytes: int) -> None:
        self._gpg = gpg
        self._most_bytes = most_bytes
        self._about: dict[str, dict[bytes, Certificate]] = defaultdict(dict)
        self.left: list[Left] = []

    def read(self, file: Path) -> None:
        """Look into one more file. Raises `OSError`, and `Refused` where gpg does not answer."""
        with file.open("rb") as stream:
            found = offers.found(stream.read(self._most_bytes))
        name = shown(file.name)
        for offer in found.offers:
            try:
                one = self._gpg.read(offer.data)
            except NotACertificate as refusal:
                self.left.append(Left(f"{name}, {offer.where}", str(refusal), refusal.hint))
                continue
            for about in (one.fingerprint, *(user.address for user in one.user_ids)):
                if about:
                    self._about[about][one.data] = one

    def offered(self, address: Address, wanted: frozenset[Fingerprint]) -> Offered:
        """What this source has for `address`: keys that name it, and the wanted ones."""
        found: dict[bytes, Certificate] = {}
        for about in (*sorted(wanted), address.key):
            found |= self._about.get(about, {})
        return Offered(tuple(found.values()))


@dataclass(frozen=True, slots=True)
class News:
    """What is new about one certificate for one address. `certificate` is the whole of it.

    `state` is the binding's before anything of it was stored.
    """

    address: Address
    certificate: Certificate
    source: Source
    changes: tuple[Change, ...]
    state: str


def news(
    reviewer: Reviewer, address: Address, sources: Sequence[Domains | Files]
) -> tuple[list[News], list[Left]]:
    """What the sources have for a bound address that is not here yet. Stores nothing."""
    with reviewer.store.read() as connection:
        wanted = frozenset(bindings.bound_keys(connection, address.key))
        state = keyring.state(connection, address.key, reviewer.now()).state.value
    found: dict[bytes, News] = {}
    left: list[Left] = []
    for source in sources:
        offered = source.offered(address, wanted)  # may take long: nothing is locked meanwhile
        left.extend(offered.left)
        for certificate in offered.certificates:
            with reviewer.store.read() as connection:
                stored = keys.one(connection, certificate.fingerprint)
            if stored is not None and certificate.fingerprint not in wanted:
                continue  # known, and nobody has said yes to it
            newer, changes = _compared(reviewer.sealer.gpg, stored, certificate)
            if changes:
                found[newer.data] = News(address, newer, source.source, changes, state)
    return list(found.values()), left


def apply(reviewer: Reviewer, new: News) -> keyring.Imported:
    """Add it to what is stored; the states follow."""
    return _bring_in(reviewer, new.certificate.data, new.source)


def _compared(
    gpg: Gpg, stored: Certificate | None, offered: Certificate
) -> tuple[Certificate, tuple[Change, ...]]:
    """Both copies in one, and what that changes."""
    if stored is None:
        return offered, (another(offered),)
    whole = merged(stored.data, offered.data)
    if whole == stored.data:
        return stored, ()
    newer = gpg.read(whole)
    return newer, between(stored, newer)
