"""The policy in force: read again when a file changes, and never lost because of a typing error."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from addin_service.log import log
from addin_service.policy.load import PolicyInvalid, Problem, load
from addin_service.policy.schema import Policy
from addin_service.store import facts, times
from addin_service.store.engine import Store, StoreUnavailable
from addin_service.store.tables import policies
from addin_service.store.upsert import insert

IN_FORCE = "policy.version"
FOLDER = "policy.folder"
"""Whether the policy in force has a file of the organisation in it."""


@dataclass
class PolicySource:
    """Answers `current()`. While the files are wrong the last good policy stays in force."""

    files: tuple[Path, ...]
    store: Store
    now: Callable[[], datetime] = times.now
    problems: tuple[Problem, ...] = ()
    read_at: float = 0.0
    """By `time.monotonic`, when the files were last read."""
    _policy: Policy | None = None
    _seen: tuple[object, ...] = ()

    def current(self) -> Policy:
        """The policy; raises `PolicyInvalid` where there never was a good one."""
        seen = tuple(_signature(file) for file in self.files)
        if self._policy is not None and seen == self._seen:
            return self._policy
        try:
            self._require_folder()
            policy = load(*self.files)
        except PolicyInvalid as invalid:
            self.problems = tuple(invalid.problems)
            log.error("policy-invalid", count=len(self.problems))
            policy = self._policy or self._last_good() or _raise(invalid)
        else:
            self.problems = ()
            self._store(policy)
        self._policy, self._seen = policy, seen
        self.read_at = time.monotonic()
        return policy

    def _require_folder(self) -> None:
        """A share that is not mounted has not taken the organisation's policy back."""
        file = self.files[-1]
        if file.parent.is_dir():
            return
        try:
            with self.store.read() as connection:
                was_there = facts.read(connection, FOLDER)
        except StoreUnavailable:
            return
        if was_there:
            raise PolicyInvalid([Problem(file.name, 0, "", "is gone, and its folder with it")])

    def _last_good(self) -> Policy | None:
        with self.store.read() as connection:
            version = facts.read(connection, IN_FORCE)
            statement = select(policies.c.document).where(policies.c.version == version)
            document = connection.scalar(statement)
        return Policy.model_validate_json(document) if document else None

    def _store(self, policy: Policy) -> None:
        try:
            with self.store.write() as connection:
                values = {
                    "version": policy.version,
                    "document": policy.document,
                    "first_used": times.text(self.now()),
                }
                statement = insert(connection, policies).values(**values)
                connection.execute(statement.on_conflict_do_nothing())
                facts.write(connection, IN_FORCE, policy.version)
                facts.write(connection, FOLDER, "yes" if self.files[-1].exists() else "")
        except StoreUnavailable:
            # The policy counts all the same; without a record no check is answered anyway.
            log.error("policy-not-stored", policy=policy.version)


def _signature(file: Path) -> object:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _raise(invalid: PolicyInvalid) -> Policy:
    raise invalid
