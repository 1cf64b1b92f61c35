"""What is done with every file of a folder of samples made by others: `python -m tests.pgp.samples DIR`."""

import collections
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

import pysequoia

from addin_service.pgp import packets
from addin_service.pgp.armor import Malformed
from addin_service.pgp.gpg import NotACertificate
from tests.pgp.keys import GPG, now, owner


@dataclass(frozen=True)
class Tried:
    """One file. `kind` is what it is, `outcome` what we do with it, `words` what people are told."""

    file: str
    kind: str
    outcome: str
    words: str = ""


def imported(data: bytes) -> tuple[str, str]:
    """What the import makes of it: a condition or a refusal, and the words."""
    try:
        found = GPG.read(data)
    except NotACertificate as refusal:
        return f"refused: {refusal.reason}", f"{refusal}; {refusal.hint}"
    return found.condition(now()), found.problem


def public_half(data: bytes) -> bytes:
    """The certificate of a published secret test key."""
    return bytes(pysequoia.Tsk.from_bytes(data).extract_certificate())


def readers(message: bytes) -> str:
    """Whom our packet reader sees named."""
    try:
        found = packets.readers(message)
    except Malformed as fault:
        return f"refused: {fault.code}"
    count = len(found.key_ids)
    return (
        f"{count} reader{'' if count == 1 else 's'}, container {found.container} v{found.version}"
    )


def opened(message: bytes, secret: bytes) -> str:
    """Which programs open it with the secret key that lies beside it."""
    by = []
    with owner() as someone:
        someone.gpg("--import", given=secret, check=False)
        if someone.opens(message) is not None:
            by.append("gpg")
    with contextlib.suppress(Exception):
        pysequoia.decrypt(message, pysequoia.Tsk.from_bytes(secret).decryptor())
        by.append("Sequoia")
    return " and ".join(by) or "neither"


def tried(file: Path, folder: Path) -> list[Tried]:
    """What is done with one file; a secret key counts twice, its public half too."""
    name, data = file.relative_to(folder).as_posix(), file.read_bytes()
    if file.name.startswith("enc-"):
        program = opened(data, (file.parent / "tsk.asc").read_bytes())
        return [Tried(name, "message", readers(data), f"opened by {program}")]
    kind = {".eml": "mail", ".msg": "signed text", ".asc": "key", ".key": "key"}.get(
        file.suffix, "other file"
    )
    rows = [Tried(name, "secret key" if b"PRIVATE" in data else kind, *imported(data))]
    if b"BEGIN PGP PRIVATE KEY" in data:
        rows.append(Tried(name, "certificate of it", *imported(public_half(data))))
    return rows


def table(folder: Path) -> list[Tried]:
    """Every file, by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [row for file in files for row in tried(file, folder)]


def main() -> None:
    """Print the table and its totals."""
    rows = table(Path(sys.argv[1]))
    for row in rows:
        print(f"{row.file:44} {row.kind:17} {row.outcome:22} {row.words}")
    for (kind, outcome), count in sorted(
        collections.Counter((row.kind, row.outcome) for row in rows).items()
    ):
        print(f"{count:4}  {kind}: {outcome}")


if __name__ == "__main__":
    main()
