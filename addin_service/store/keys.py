"""Certificates and bindings as rows. Certificates live here, never in a keyring."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, or_, select

from addin_service.pgp.bindings import Decided
from addin_service.pgp.certificate import Certificate, Fingerprint, Subkey, UserId
from addin_service.store import times
from addin_service.store.tables import bindings, certificate_addresses, certificates
from addin_service.store.upsert import insert

# Made once: making a statement takes longer than the database takes to run it.
_ADDRESSES: BindParameter[Any] = bindparam("addresses", expanding=True)
_DECISIONS = select(bindings).where(
    bindings.c.address.in_(_ADDRESSES),
    or_(bindings.c.mailbox == "", bindings.c.mailbox == bindparam("mailbox")),
)
_CARRYING = select(certificate_addresses.c.fingerprint).where(
    certificate_addresses.c.address.in_(_ADDRESSES)
)
_CERTIFICATES = select(certificates).where(
    or_(
        certificates.c.fingerprint.in_(_CARRYING),
        certificates.c.fingerprint.in_(bindparam("keys", expanding=True)),
    )
)


def put(connection: Connection, certificate: Certificate, source: str, now: datetime) -> bool:
    """Store a certificate in place of its earlier form. False where nothing changed.

    One that claims an address more counts as imported now: whoever confirmed another key for that
    address could not see it. What a person brought in does not go with the folder's copy.
    """
    present = one(connection, certificate.fingerprint)
    if present is not None and present.data == certificate.data:
        return False
    changes = {"data": certificate.data, "facts": _facts(certificate)}
    if present is not None and certificate.addresses() - present.addresses():
        changes["imported"] = times.text(now)
    if source == "import":
        changes["source"] = source
    values = {"source": source, "imported": times.text(now), **changes}
    connection.execute(
        insert(connection, certificates)
        .values(fingerprint=certificate.fingerprint, **values)
        .on_conflict_do_update(index_elements=["fingerprint"], set_=changes)
    )
    _forget_addresses(connection, certificate.fingerprint)
    # Also those of revoked user IDs: their withdrawal has to be seen.
    known = sorted({user.address for user in certificate.user_ids if user.address})
    if known:
        connection.execute(
            certificate_addresses.insert(),
            [{"address": one, "fingerprint": certificate.fingerprint} for one in known],
        )
    return True


def remove_source(connection: Connection, source: str, keep: Iterable[str]) -> None:
    """Remove the certificates of this source that are not in `keep`."""
    rows = connection.execute(
        select(certificates.c.fingerprint).where(certificates.c.source == source)
    )
    for gone in {row.fingerprint for row in rows} - set(keep):
        _forget_addresses(connection, gone)
        connection.execute(delete(certificates).where(certificates.c.fingerprint == gone))


def all_certificates(connection: Connection) -> list[Certificate]:
    """Every certificate, by fingerprint."""
    rows = connection.execute(select(certificates).order_by(certificates.c.fingerprint))
    return [_certificate(row) for row in rows]


def one(connection: Connection, fingerprint: Fingerprint) -> Certificate | None:
    """The certificate of this fingerprint."""
    row = connection.execute(
        select(certificates).where(certificates.c.fingerprint == fingerprint)
    ).one_or_none()
    return _certificate(row) if row else None


def about(
    connection: Connection, addresses: Sequence[str], mailbox: str
) -> tuple[list[tuple[Certificate, datetime]], list[Decided]]:
    """What bears on these addresses for this sender: certificates with their import, decisions."""
    wanted = list(addresses)
    if not wanted:
        return [], []
    asked = {"addresses": wanted, "mailbox": mailbox}
    decided = [_decided(row) for row in connection.execute(_DECISIONS, asked)]
    keys = [one.fingerprint for one in decided]
    found = connection.execute(_CERTIFICATES, {"addresses": wanted, "keys": keys})
    return [(_certificate(row), times.moment(row.imported)) for row in found], decided


def decide(
    connection: Connection, decided: Decided, mailbox: str, by: str, source: str = "person"
) -> None:
    """Store what a person said; saying it again replaces what was said before about this key."""
    values: Mapping[str, Any] = {
        "decision": decided.decision,
        "method": decided.method,
        "decided_by": by,
        "at": times.text(decided.at),
        "subkeys": " ".join(sorted(decided.subkeys)),
    }
    connection.execute(
        insert(connection, bindings)
        .values(
            address=decided.address,
            mailbox="" if decided.everyone else mailbox,
            fingerprint=decided.fingerprint,
            **values,
        )
        .on_conflict_do_update(index_elements=["address", "mailbox", "fingerprint"], set_=values)
    )


def replace_folder(connection: Connection, decisions: Sequence[Decided]) -> None:
    """Make these all that the organisation folder says; what stays as it was keeps its date.

    What a key officer said about the same key and address stands.
    """
    rows = list(connection.execute(select(bindings).where(bindings.c.mailbox == "")))
    present = {(row.address, row.fingerprint): row for row in rows if row.method == "folder"}
    said = {(row.address, row.fingerprint) for row in rows} - present.keys()
    wanted = {(d.address, d.fingerprint): d for d in decisions}
    for address, fingerprint in present.keys() - wanted.keys():
        connection.execute(
            delete(bindings).where(
                bindings.c.address == address,
                bindings.c.fingerprint == fingerprint,
                bindings.c.method == "folder",
            )
        )
    for identity, decided in wanted.items():
        row = present.get(identity)
        if identity in said:
            continue
        if row is None or set(row.subkeys.split()) != decided.subkeys:
            decide(connection, decided, "", "organisation folder")


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


def _decided(row: Any) -> Decided:
    return Decided(
        row.address,
        Fingerprint(row.fingerprint),
        row.decision,
        row.method,
        times.moment(row.at),
        row.mailbox == "",
        frozenset(row.subkeys.split()),
    )
