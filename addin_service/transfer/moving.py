"""The use case of `migrate`: a record from one database into another, empty one."""

import contextlib
from dataclasses import dataclass

from addin_service.store import schema
from addin_service.transfer import copying, places
from addin_service.transfer.problems import NotMoved


@dataclass(frozen=True, slots=True)
class Moved:
    """What is in the target now."""

    rows: dict[str, int]
    head: tuple[int, str]

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def move(
    source: str, target: str, chain_key: bytes, told: copying.Told = lambda _done, _all: None
) -> Moved:
    """Copy a whole record, all or nothing, and verify the copy before it is committed.

    `source` and `target` are URLs as `places.database_url` gives them. What others write to the
    source after the copy began is not in it. Raises `NotMoved`, `NewerDatabase`,
    `StoreUnavailable`; the target is then as empty as it was.
    """
    if places.same(source, target):
        raise NotMoved("Both are the same database.", "Give another one to copy to.")
    with places.moment(source) as ours:
        places.proven(ours, chain_key)
        with contextlib.closing(places.store(target)) as record, record.write() as to:
            if not copying.is_empty(to):
                raise NotMoved(
                    "The database to copy to is not empty.",
                    "Make a new one for it, such as with `createdb`; nothing is overwritten.",
                )
            schema.upgrade_within(to)
            rows = copying.copy(ours, to, told)
            return Moved(rows, places.proven(to, chain_key))
