"""Which addresses have a key that somebody said yes to."""

from sqlalchemy import Connection, select

from addin_service.pgp.certificate import OPENPGP_DIGITS, Fingerprint
from addin_service.store.tables import bindings

_YES = bindings.c.decision != "rejected"


def addresses(connection: Connection) -> list[str]:
    """The addresses (normal forms) with an OpenPGP key, in order; each once."""
    rows = connection.execute(
        select(bindings.c.address, bindings.c.fingerprint).where(_YES).distinct()
    )
    return sorted({row.address for row in rows if len(row.fingerprint) == OPENPGP_DIGITS})


def fingerprints(connection: Connection, address: str) -> set[Fingerprint]:
    """The OpenPGP keys that somebody said yes to for `address`, for whichever sender."""
    rows = connection.execute(
        select(bindings.c.fingerprint).where(_YES, bindings.c.address == address)
    )
    found = {Fingerprint(row.fingerprint) for row in rows}
    return {key for key in found if len(key) == OPENPGP_DIGITS}
