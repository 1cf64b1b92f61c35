"""What has become of bindings since they were last seen: each change leaves a receipt."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from addin_service.model import Json
from addin_service.pgp.bindings import Bound
from addin_service.store import binding_states, receipts, times
from addin_service.store.binding_states import Seen
from addin_service.store.keys import Kind

AT_ONCE = 200
"""Changes in one receipt: an organisation's first list has thousands."""


def record(
    connection: Connection,
    chain_key: bytes,
    hashed: Callable[[str], str],
    bounds: Iterable[Bound],
    mailbox: str,
    now: datetime,
    kind: Kind = "openpgp",
    before: Mapping[str, Seen] | None = None,
    told: frozenset[str] = frozenset(),
) -> None:
    """Note in which states these bindings are seen by `mailbox` ("" for everyone).

    `before`: how they were seen last, if that is known already. `told`: the addresses whose new
    part the sender was told of. In the receipt stand keyed hashes, states, and the rule.
    """
    bounds = list(bounds)
    if before is None:
        before = binding_states.seen(connection, {b.address for b in bounds}, mailbox, kind)
    changes: list[Json] = []
    for bound in bounds:
        last = before.get(bound.address, Seen())
        key = str(bound.certificate.fingerprint) if bound.certificate else ""
        noticed = bound.part if bound.address in told else last.noticed
        seen = Seen(bound.state.value, key, noticed)
        if seen == last:
            continue
        binding_states.note(connection, bound.address, mailbox, kind, seen, now)
        if (seen.state, seen.fingerprint) != (last.state, last.fingerprint):
            changes.append(
                {
                    "about": hashed(bound.address),
                    "key": hashed(key) if key else None,
                    "from": last.state,
                    "to": seen.state,
                    "why": bound.why,
                }
            )
    for start in range(0, len(changes), AT_ONCE):
        body: dict[str, Json] = {
            "action": "key-states",
            "mailbox": hashed(mailbox) if mailbox else None,
            "kind": kind,
            "changes": changes[start : start + AT_ONCE],
        }
        receipts.append(connection, chain_key, times.text(now), "admin", body)
