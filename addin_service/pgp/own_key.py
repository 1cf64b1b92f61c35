"""A key of one's own, made by the user's gpg. The secret half and its passphrase stay there.

gpg asks for the passphrase itself, through its agent; it never passes through this program.
"""

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from addin_service.model import Address
from addin_service.pgp.certificate import OPENPGP_DIGITS, Fingerprint, fingerprint
from addin_service.pgp.listing import unescaped
from addin_service.pgp.user_gpg import UserGpg
from addin_service.pgp.userids import evidence, user_id

_EXPIRES = re.compile(r"[1-9][0-9]{0,3}[dwmy]|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HOME = re.compile(rb"(?m)^Home: (.+?)\r?$")
_PARAMETERS = """\
Key-Type: eddsa
Key-Curve: ed25519
Key-Usage: cert,sign
Subkey-Type: ecdh
Subkey-Curve: cv25519
Subkey-Usage: encrypt
{name}Name-Email: {address}
Expire-Date: {expires}
%commit
"""


class NotMade(Exception):
    """There is no new key; `hint` says what to do. gpg's words are not in it."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key that was just made: its fingerprint, its public half in binary, and where gpg has put
    the certificate that revokes it (None where it has not)."""

    fingerprint: Fingerprint
    public: bytes
    revocation: Path | None


def make(gpg: UserGpg, name: str, address: Address, expires: str = "2y") -> OwnKey:
    """Make a key for `address`. `expires`: `2y`, `18m`, `90d` or a day such as `2028-12-31`.

    Raises `NotMade`, and `pgp.refused.Refused` where gpg is missing or does not answer.
    """
    user_id = f"{name} <{address}>" if name else str(address)
    if evidence(user_id) != address.key or name != " ".join(name.split()):
        raise NotMade(
            "That name cannot stand in a key: programs would disagree on whose it is.",
            "Give the plain name, without brackets, commas, quotation marks or @.",
        )
    if not _EXPIRES.fullmatch(expires):
        raise NotMade("That is not a time.", "Write it as 2y, 18m, 90d, or as 2028-12-31.")
    parameters = _PARAMETERS.format(
        name=f"Name-Real: {name}\n" if name else "", address=address, expires=expires
    )
    ran = gpg.run(["--full-gen-key"], parameters.encode())
    made = [
        words[2].decode("ascii", "replace")
        for line in ran.status
        if (words := line.split(b" "))[0] == b"KEY_CREATED" and len(words) > 2
    ]
    if ran.returncode != 0 or len(made) != 1:
        raise NotMade(
            "gpg made no key.",
            "Was the passphrase entered twice and the same? `gpg --full-gen-key` says more.",
        )
    key = fingerprint(made[0])
    exported = gpg.run(["--export-options", "export-minimal", "--export", key])
    if not exported.output:
        raise NotMade("gpg did not give out the public key.", f"Try `gpg --export {key}`.")
    return OwnKey(key, exported.output, _revocation(gpg, key))


def present(gpg: UserGpg, address: Address) -> tuple[Fingerprint, ...]:
    """The secret keys for `address` that the user's gpg has and that are neither revoked nor ended.

    Raises `pgp.refused.Refused`.
    """
    listing = gpg.run(["--with-colons", "--fixed-list-mode", "--list-secret-keys"]).output
    found: list[Fingerprint] = []
    key = ""
    waiting = False
    for fields in (line.split(b":") for line in listing.split(b"\n")):
        if fields[0] == b"sec":
            key, waiting = "", fields[1] not in (b"r", b"e")
        elif fields[0] == b"fpr" and waiting:
            key, waiting = fields[9].decode("ascii", "replace"), False
        elif fields[0] == b"uid" and len(key) == OPENPGP_DIGITS and fields[1] != b"r":
            named = user_id(unescaped(fields[9]), revoked=False).address
            if named == address.key and fingerprint(key) not in found:
                found.append(fingerprint(key))
    return tuple(found)


def put_away(own: OwnKey, file: Path) -> None:
    """Copy the revocation certificate to a new file that only its owner can read.

    Raises `NotMade` where gpg has written none, `OSError` where the file exists or cannot be made.
    """
    if own.revocation is None:
        raise NotMade(
            "gpg has put no revocation certificate away.",
            f"Make one: gpg --output FILE --gen-revoke {own.fingerprint}",
        )
    text = own.revocation.read_bytes()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(text)


def _revocation(gpg: UserGpg, key: Fingerprint) -> Path | None:
    """Where gpg 2.1 and newer puts it by itself."""
    home = gpg.home
    if home is None:
        said = _HOME.search(gpg.run(["--version"]).output)
        home = Path(os.fsdecode(said[1])).expanduser() if said else None
    if home is None:
        return None
    file = home / "openpgp-revocs.d" / f"{key}.rev"
    with contextlib.suppress(OSError):
        return file if file.is_file() else None
    return None
