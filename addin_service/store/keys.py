"""Certificates as rows. They live here, never in a keyring."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, select

from addin_service.pgp.certificate import Certificate, Fingerprint, Subkey, UserId
from addin_service.store import times
from addin_service.store.tables import certificate_addresses, certificates
from addin_service.store.upsert import insert

Kind = Literal["openpgp", "smime"]

_NAMED = select(certificates).where(
    certificates.c.fingerprint.in_(bindparam("keys", expanding=True)),
    certificates.c.kind == bindparam("kind"),
)


def put(
    connection: Connection,
    certificate: Certificate,
    source: str,
    now: datetime,
    kind: Kind = "openpgp",
) -> bool:
    """Store a certificate in place of its earlier form. False where nothing changed.

    It claims its addresses from the day on which it first names them and can be used: whoever
    confirmed another key before could not see it. What a person brought in does not go with the
    folder's copy.
    """
    present = one(connection, certificate.fingerprint)
    if present is not None and present.data == certificate.data:
        return False
    changes = {"data": certificate.data, "facts": _facts(certificate)}
    if source != "folder":
        changes["source"] = "import"
    values = {"source": source, "imported": times.text(now), "kind": kind, **changes}
    connection.execute(
        insert(connection, certificates)
        .values(fingerprint=certificate.fingerprint, **values)
        .on_conflict_do_update(index_elements=["fingerprint"], set_=changes)
    )
    claimed = _claims(connection, certificate.fingerprint)
    _forget_addresses(connection, certificate.fingerprint)
    good = certificate.addresses() if certificate.condition(now) == "good" else frozenset()
    # Also those of revoked user IDs: their withdrawal has to be seen.
    known = {user.address for user in certificate.user_ids if user.address} | claimed.keys()
    if known:
        connection.execute(
            certificate_addresses.insert(),
            [
                {
                    "address": address,
                    "fingerprint": certificate.fingerprint,
                    "claimed": claimed.get(address)
                    or (times.text(now) if address in good else None),
                }
                for address in sorted(known)
            ],
        )
    return True


def remove_source(connection: Connection, source: str, keep: Iterable[str]) -> set[str]:
    """Remove the certificates of this source that are not in `keep`; answers what they named."""
    rows = connection.execute(
        select(certificates.c.fingerprint).where(certificates.c.source == source)
    )
    named: set[str] = set()
    for gone in {row.fingerprint for row in rows} - set(keep):
        named |= set(
            connection.scalars(
                select(certificate_addresses.c.address).where(
                    certificate_addresses.c.fingerprint == gone
                )
            )
        )
        _forget_addresses(connection, gone)
        connection.execute(delete(certificates).where(certificates.c.fingerprint == gone))
    return named


def all_certificates(connection: Connection) -> list[tuple[Certificate, Kind]]:
    """Every certificate with its kind, by fingerprint."""
    rows = connection.execute(select(certificates).order_by(certificates.c.fingerprint))
    return [(_certificate(row), row.kind) for row in rows]


def one(connection: Connection, fingerprint: Fingerprint) -> Certificate | None:
    """The certificate of this fingerprint."""
    row = connection.execute(
        select(certificates).where(certificates.c.fingerprint == fingerprint)
    ).one_or_none()
    return _certificate(row) if row else None


def named(connection: Connection, fingerprints: Iterable[str], kind: Kind) -> list[Certificate]:
    """The certificates of these fingerprints, those of this kind alone."""
    wanted = sorted(set(fingerprints))
    if not wanted:
        return []
    return [_certificate(row) for row in connection.execute(_NAMED, {"keys": wanted, "kind": kind})]


def kind_of(connection: Connection, fingerprint: Fingerprint) -> Kind | None:
    """What kind of certificate this is; None where there is none."""
    found: Kind | None = connection.scalar(
        select(certificates.c.kind).where(certificates.c.fingerprint == fingerprint)
    )
    return found


def _claims(connection: Connection, fingerprint: str) -> dict[str, str | None]:
    rows = connection.execute(
        select(certificate_addresses).where(certificate_addresses.c.fingerprint == fingerprint)
    )
    return {row.address: row.claimed for row in rows if row.claimed}


def _forget_addresses(connection: Connection, fingerprint: str) -> None:
    connection.execute(
        delete(certificate_addresses).where(certificate_addresses.c.fingerprint == fingerprint)
    )


def _facts(certificate: Certificate) -> str:
    facts = asdict(certificate)
    del facts["data"], facts["fingerprint"]
    return json.dumps(facts, default=_stored, sort_keys=True)


def _stored(value: object) -> str:
    if isinstance(value, datetime):
        return times.text(value)
    raise TypeError(type(value).__name__)


def _moment(stored: str | None) -> datetime | None:
    return times.moment(stored) if stored else None


def _certificate(row: Any) -> Certificate:
    facts = json.loads(row.facts)
    return Certificate(
        fingerprint=Fingerprint(row.fingerprint),
        created=times.moment(facts["created"]),
        expires=_moment(facts["expires"]),
        revoked=facts["revoked"],
        user_ids=tuple(UserId(**user) for user in facts["user_ids"]),
        subkeys=tuple(
            Subkey(
                Fingerprint(key["fingerprint"]),
                times.moment(key["created"]),
                _moment(key["expires"]),
                key["revoked"],
                key["encrypts"],
            )
            for key in facts["subkeys"]
        ),
        data=bytes(row.data),
        problem=facts["problem"],
    )
