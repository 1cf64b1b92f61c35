"""The organisation folder's keys: `keys/` with certificates, `bindings.csv` with whose they are.

Taken over whenever a file changes. A certificate that cannot be read is left out and named by
`doctor`; the others count. Where policy names key officers, the list counts only with a signature
of one of them; without it nothing is taken over, and what was there stays.
"""

import csv
import io
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from addin_service import addresses, keyring, transitions
from addin_service.log import log
from addin_service.officers import HINT, NotSigned, signed_at
from addin_service.pgp.bindings import Decided
from addin_service.pgp.certificate import Certificate, Fingerprint, fingerprint
from addin_service.pgp.gpg import Gpg
from addin_service.pgp.reading import LARGEST, NotACertificate
from addin_service.store import bindings, evidence, facts, keys, times
from addin_service.store.engine import Store
from addin_service.store.evidence import Evidence
from addin_service.transitions import AT_ONCE
from addin_service.watched import Watched, signature

SEEN, SIGNED = "folder.keys", "folder.keys.signed"
MOST_BINDINGS = 200_000
"""Lines of bindings.csv."""
MOST_BYTES = 64 * 1024 * 1024
MOST_SIGNATURE_BYTES = 100_000


class FolderKeys(Watched):
    """Keeps the database's copy equal to the folder. `officers` are those of the policy."""

    def __init__(
        self,
        folder: Path,
        store: Store,
        chain_key: bytes,
        gpg: Gpg,
        hashed: Callable[[str], str],
        officers: Callable[[], Collection[str]] = tuple,
    ) -> None:
        super().__init__(store, chain_key)
        self._keys = folder / "keys"
        self._bindings = folder / "bindings.csv"
        self._signatures = (folder / "bindings.csv.asc", folder / "bindings.csv.sig")
        self._gpg = gpg
        self._hashed = hashed
        self._officers = officers
        self._refused = ""
        self.problems: tuple[str, ...] = ()
        """Files and lines that were left out, and why; for `doctor`."""

    def _failed(self, kind: str) -> None:
        self.problems = (f"the folder's keys could not be read ({kind})",)

    def examine(self) -> list[str]:
        """What is wrong with the files as they are now; changes nothing. Raises `Refused`."""
        problems: list[str] = []
        here = {certificate.fingerprint: certificate for certificate in self._read(problems)}
        listed = self._contents(self._bindings, MOST_BYTES)
        try:
            self._require_signed(listed, here)
        except NotSigned as refusal:
            problems.append(_not_signed(refusal))
        try:
            for _, key in _bound(listed, problems):
                if key not in here:
                    problems.append(_not_here(key))
        except (UnicodeDecodeError, csv.Error):
            problems.append("bindings.csv is not a table of text in UTF-8")
        return problems

    def _take_over(self) -> None:
        with self._store.read() as connection:
            seen = facts.read(connection, SEEN)
        files = self._files()
        if seen and not files and not self._keys.parent.is_dir():
            raise FileNotFoundError  # a share that is not mounted has not been emptied
        officers = " ".join(sorted(self._officers()))
        parts = (*files, self._bindings, *(self._signatures if officers else ()))
        now_there = " ".join([*map(signature, parts), officers]).strip()
        if now_there in (seen, self._refused):
            return
        problems: list[str] = []
        here = {certificate.fingerprint: certificate for certificate in self._read(problems)}
        listed = self._contents(self._bindings, MOST_BYTES)
        try:
            signed = self._require_signed(listed, here)
        except NotSigned as refusal:
            self._refused = now_there
            self.problems = (_not_signed(refusal),)
            log.error("folder-keys-not-signed")
            return
        with self._store.write() as connection:
            now = times.now()
            touched: set[str] = set()
            for certificate in here.values():
                whole, new = keyring.take_in(connection, self._gpg, certificate, "folder", now)
                if new:
                    touched |= whole.addresses()
                    piece = Evidence(whole.fingerprint, now, "imported", "folder", bindings.FOLDER)
                    evidence.add(connection, piece)
            touched |= keys.remove_source(connection, "folder", here)
            wanted = []
            for address, key in _bound(listed, problems):
                if key not in here:
                    problems.append(_not_here(key))
                    continue
                # Those in the folder's own file: what others brought in since is not its word.
                subkeys = frozenset(k.fingerprint for k in here[key].subkeys if k.encrypts)
                wanted.append(
                    Decided(address, key, "verified", "folder", now, everyone=True, subkeys=subkeys)
                )
            touched |= bindings.replace_folder(connection, wanted)
            self._record_states(connection, sorted(touched), now)
            facts.write(connection, SEEN, now_there)
            if signed is not None:
                facts.write(connection, SIGNED, times.text(signed))
            self._record(connection, "folder-keys", keys=len(here), bindings=len(wanted))
        self.problems, self._refused = tuple(problems), ""
        log.info("folder-keys-read", count=len(here), refused=len(problems))

    def _record_states(self, connection: Connection, touched: list[str], now: datetime) -> None:
        """What has become of these bindings, for everyone."""
        for start in range(0, len(touched), AT_ONCE):
            some = touched[start : start + AT_ONCE]
            known = bindings.known(connection, some, "", now)
            found = [known.bound(address) for address in some]
            transitions.record(connection, self._chain_key, self._hashed, found, "", now)

    def _require_signed(
        self, listed: bytes, here: dict[Fingerprint, Certificate]
    ) -> datetime | None:
        """When the list was signed; None where it need not be. Raises `NotSigned`."""
        officers = self._officers()
        if not officers:
            return None
        with self._store.read() as connection:
            earlier = facts.read(connection, SIGNED)
        if not self._bindings.is_file():
            if earlier:
                raise NotSigned("it is gone; sign an empty one to take everything back")
            return None
        texts = [self._contents(file, MOST_SIGNATURE_BYTES) for file in self._signatures]
        first = next(filter(None, texts), b"")
        not_before = times.moment(earlier) if earlier else None
        return signed_at(listed, first, here.values(), officers, times.now(), not_before)

    def _files(self) -> list[Path]:
        return sorted(self._keys.iterdir()) if self._keys.is_dir() else []

    def _read(self, problems: list[str]) -> Iterator[Certificate]:
        for file in self._files():
            if not file.is_file():
                continue
            try:
                yield self._gpg.read(self._contents(file, LARGEST + 1))
            except NotACertificate as refusal:
                problems.append(f"keys/{file.name} was left out: {refusal}")

    def _contents(self, file: Path, most: int) -> bytes:
        """What is verified is what is read: each file once."""
        if not file.is_file():
            return b""
        with file.open("rb") as stream:
            return stream.read(most)


def _bound(listed: bytes, problems: list[str]) -> Iterator[tuple[str, Fingerprint]]:
    """The lines of bindings.csv: `address,fingerprint`, with that line as titles or without."""
    stream = io.StringIO(listed.decode("utf-8-sig"), newline="")
    for number, cells in enumerate(csv.reader(stream), 1):
        if not any(cells) or (number == 1 and cells[:2] == ["address", "fingerprint"]):
            continue
        if number > MOST_BINDINGS:
            problems.append(f"bindings.csv is longer than {MOST_BINDINGS} lines")
            return
        try:
            yield addresses.parse(cells[0]).key, fingerprint(cells[1])
        except (ValueError, IndexError):
            problems.append(f"bindings.csv, line {number}: no address and fingerprint")


def _not_here(key: Fingerprint) -> str:
    return f"bindings.csv names a key that is not in keys/: {key}"


def _not_signed(refusal: NotSigned) -> str:
    return f"bindings.csv is not taken over, and what was there stays: {refusal}. {HINT}"
