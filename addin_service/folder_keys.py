"""The organisation folder's keys: `keys/` with certificates, `bindings.csv` with whose they are.

Taken over whenever a file changes. A certificate that cannot be read is left out and named by
`doctor`; the others count.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from addin_service import addresses, keyring
from addin_service.log import log
from addin_service.pgp.bindings import Decided
from addin_service.pgp.certificate import Certificate, Fingerprint, fingerprint
from addin_service.pgp.gpg import Gpg
from addin_service.pgp.reading import LARGEST, NotACertificate
from addin_service.store import facts, keys, times
from addin_service.store.engine import Store
from addin_service.watched import Watched, signature

SEEN = "folder.keys"
MOST_BINDINGS = 200_000
"""Lines of bindings.csv."""


class FolderKeys(Watched):
    """Keeps the database's copy equal to the folder."""

    def __init__(self, folder: Path, store: Store, chain_key: bytes, gpg: Gpg) -> None:
        super().__init__(store, chain_key)
        self._keys = folder / "keys"
        self._bindings = folder / "bindings.csv"
        self._gpg = gpg
        self.problems: tuple[str, ...] = ()
        """Files and lines that were left out, and why; for `doctor`."""

    def _failed(self, kind: str) -> None:
        self.problems = (f"the folder's keys could not be read ({kind})",)

    def examine(self) -> list[str]:
        """What is wrong with the files as they are now; changes nothing. Raises `Refused`."""
        problems: list[str] = []
        files = sorted(self._keys.iterdir()) if self._keys.is_dir() else []
        here = {certificate.fingerprint for certificate in self._read(files, problems)}
        for _, key in self._bound(problems):
            if key not in here:
                problems.append(f"bindings.csv names a key that is not in keys/: {key}")
        return problems

    def _take_over(self) -> None:
        with self._store.read() as connection:
            seen = facts.read(connection, SEEN)
        files = sorted(self._keys.iterdir()) if self._keys.is_dir() else []
        if seen and not files and not self._keys.parent.is_dir():
            raise FileNotFoundError  # a share that is not mounted has not been emptied
        now_there = " ".join(signature(file) for file in (*files, self._bindings)).strip()
        if now_there == seen:
            return
        problems: list[str] = []
        here = {certificate.fingerprint: certificate for certificate in self._read(files, problems)}
        with self._store.write() as connection:
            now = times.now()
            for certificate in here.values():
                keyring.take_in(connection, self._gpg, certificate, "folder", now)
            keys.remove_source(connection, "folder", here)
            wanted = []
            for address, key in self._bound(problems):
                if key not in here:
                    problems.append(f"bindings.csv names a key that is not in keys/: {key}")
                    continue
                # Those in the folder's own file: what others brought in since is not its word.
                subkeys = frozenset(k.fingerprint for k in here[key].subkeys if k.encrypts)
                wanted.append(
                    Decided(address, key, "verified", "folder", now, everyone=True, subkeys=subkeys)
                )
            keys.replace_folder(connection, wanted)
            facts.write(connection, SEEN, now_there)
            self._record(connection, "folder-keys", keys=len(here), bindings=len(wanted))
        self.problems = tuple(problems)
        log.info("folder-keys-read", count=len(here), refused=len(problems))

    def _read(self, files: list[Path], problems: list[str]) -> Iterator[Certificate]:
        for file in files:
            if not file.is_file():
                continue
            with file.open("rb") as stream:
                data = stream.read(LARGEST + 1)
            try:
                yield self._gpg.read(data)
            except NotACertificate as refusal:
                problems.append(f"keys/{file.name} was left out: {refusal}")

    def _bound(self, problems: list[str]) -> Iterator[tuple[str, Fingerprint]]:
        """The lines of bindings.csv: `address,fingerprint`, with that line as titles or without."""
        if not self._bindings.is_file():
            return
        with self._bindings.open(encoding="utf-8-sig", newline="") as stream:
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
