"""What people said about keys and addresses, as rows; read together with the certificates."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, or_, select

from addin_service.pgp.bindings import Decided, Held, Known
from addin_service.pgp.certificate import Fingerprint
from addin_service.store import evidence, keys, times
from addin_service.store.evidence import Evidence
from addin_service.store.keys import Kind
from addin_service.store.tables import bindings, certificate_addresses
from addin_service.store.upsert import insert

FOLDER = "organisation folder"
"""Who speaks, where the folder does."""

# Made once: making a statement takes longer than the database takes to run it.
_ADDRESSES: BindParameter[Any] = bindparam("addresses", expanding=True)
_DECISIONS = select(bindings).where(
    bindings.c.address.in_(_ADDRESSES),
    bindings.c.kind == bindparam("kind"),
    or_(bindings.c.mailbox == "", bindings.c.mailbox == bindparam("mailbox")),
)
_YES = (bindings.c.decision != "rejected", bindings.c.kind == "openpgp")
_CLAIMS = select(certificate_addresses).where(certificate_addresses.c.address.in_(_ADDRESSES))


def known(
    connection: Connection,
    addresses: Iterable[str],
    mailbox: str,
    now: datetime,
    stale_after_days: int | None = None,
    kind: Kind = "openpgp",
) -> Known:
    """What bears on these addresses for this sender: certificates with their claims, decisions."""
    stale_after = timedelta(stale_after_days) if stale_after_days else None
    wanted = sorted(set(addresses))
    asked = {"addresses": wanted, "mailbox": mailbox, "kind": kind}
    decided = tuple(_decided(row) for row in connection.execute(_DECISIONS, asked))
    claims: dict[str, dict[str, datetime]] = {one.fingerprint: {} for one in decided}
    rows = list(connection.execute(_CLAIMS, {"addresses": wanted}))
    for row in rows:
        since = {row.address: times.moment(row.claimed)} if row.claimed else {}
        claims.setdefault(row.fingerprint, {}).update(since)
    held = tuple(
        Held(certificate, claims[certificate.fingerprint])
        for certificate in keys.named(connection, claims, kind)
    )
    here = {one.certificate.fingerprint for one in held}
    elsewhere = frozenset(row.address for row in rows if row.fingerprint not in here)
    return Known(held, decided, now, stale_after, elsewhere)


def decide(
    connection: Connection, decided: Decided, mailbox: str, by: str, kind: Kind = "openpgp"
) -> None:
    """Store what a person said; saying it again replaces what was said before about this key."""
    values: Mapping[str, Any] = {
        "decision": decided.decision,
        "method": decided.method,
        "decided_by": by,
        "at": times.text(decided.at),
        "subkeys": " ".join(sorted(decided.subkeys)),
        "kind": kind,
        "organisation": decided.organisation,
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


def replace_folder(connection: Connection, decisions: Sequence[Decided]) -> set[str]:
    """Make these all that the organisation folder says; what stays as it was keeps its date.

    What a key officer said about the same key and address stands. Answers the addresses about
    which it says something else than before.
    """
    rows = list(connection.execute(select(bindings).where(bindings.c.mailbox == "")))
    present = {(row.address, row.fingerprint): row for row in rows if row.method == "folder"}
    said = {(row.address, row.fingerprint) for row in rows} - present.keys()
    wanted = {(d.address, d.fingerprint): d for d in decisions}
    changed = set()
    for address, fingerprint in present.keys() - wanted.keys():
        changed.add(address)
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
            changed.add(decided.address)
            decide(connection, decided, "", FOLDER)
            piece = Evidence(
                decided.fingerprint, decided.at, decided.decision, decided.method, FOLDER,
                decided.address,
            )  # fmt: skip
            evidence.add(connection, piece)
    return changed


def bound_addresses(connection: Connection) -> list[str]:
    """The addresses with an OpenPGP key that somebody, whoever it was, said yes to; in order."""
    return sorted(connection.scalars(select(bindings.c.address).where(*_YES).distinct()))


def bound_keys(connection: Connection, address: str) -> set[Fingerprint]:
    """The OpenPGP keys that somebody said yes to for `address`, for whichever sender."""
    wanted = select(bindings.c.fingerprint).where(*_YES, bindings.c.address == address)
    return {Fingerprint(key) for key in connection.scalars(wanted)}


def _decided(row: Any) -> Decided:
    return Decided(
        row.address,
        Fingerprint(row.fingerprint),
        row.decision,
        row.method,
        times.moment(row.at),
        row.mailbox == "",
        frozenset(row.subkeys.split()),
        row.organisation,
    )
