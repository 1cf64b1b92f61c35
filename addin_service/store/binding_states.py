"""The state in which each binding was last seen, so that a change of it is noticed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from addin_service.store import times
from addin_service.store.keys import Kind
from addin_service.store.tables import binding_states
from addin_service.store.upsert import insert

_ADDRESSES: BindParameter[Any] = bindparam("addresses", expanding=True)
_SEEN = select(binding_states).where(
    binding_states.c.address.in_(_ADDRESSES),
    binding_states.c.mailbox == bindparam("mailbox"),
    binding_states.c.kind == bindparam("kind"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A state and the key it was about. `noticed`: the encryption key this sender was told of."""

    state: str = "none"
    fingerprint: str = ""
    noticed: str = ""


def seen(
    connection: Connection, addresses: Iterable[str], mailbox: str, kind: Kind
) -> Mapping[str, Seen]:
    """How these addresses were last seen by this mailbox ("" for everyone)."""
    asked = {"addresses": sorted(set(addresses)), "mailbox": mailbox, "kind": kind}
    return {
        row.address: Seen(row.state, row.fingerprint, row.noticed)
        for row in connection.execute(_SEEN, asked)
    }


def note(
    connection: Connection, address: str, mailbox: str, kind: Kind, now: Seen, at: datetime
) -> None:
    """This is how it is seen from now on."""
    values = {
        "state": now.state,
        "fingerprint": now.fingerprint,
        "at": times.text(at),
        "noticed": now.noticed,
    }
    connection.execute(
        insert(connection, binding_states)
        .values(address=address, mailbox=mailbox, kind=kind, **values)
        .on_conflict_do_update(index_elements=["address", "mailbox", "kind"], set_=values)
    )
