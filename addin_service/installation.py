"""One installation opened: data folder, secret, database, policy, organisation folder.

First use needs no configuration: what is missing is made.
"""

import os
from dataclasses import dataclass
from functools import partial

from filelock import FileLock

from addin_service import department as departments
from addin_service import folder
from addin_service.folder_keys import FolderKeys
from addin_service.gather import Gatherer
from addin_service.policy import template
from addin_service.policy.source import PolicySource
from addin_service.review import CHAIN, Reviewer, hashed
from addin_service.sealer import Sealer
from addin_service.secrets import Secret, load_or_create
from addin_service.settings import Settings
from addin_service.store import schema
from addin_service.store.engine import Store, sqlite_url


@dataclass
class Installation:
    """Everything that a request, or a command, works with."""

    settings: Settings
    store: Store
    secret: Secret
    policies: PolicySource
    reviewer: Reviewer
    folder: folder.Folder
    folder_keys: FolderKeys
    first_start: bool = False
    department: departments.Department | None = None
    """None on a desk."""

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()


def open_installation(settings: Settings) -> Installation:
    """Open it, making what is missing and bringing the database up to date.

    Raises `OSError` for a folder that cannot be made, `StoreUnavailable`, `NewerDatabase`,
    `DepartmentInvalid`, and `PolicyInvalid` where there is no good policy and never was.
    """
    shape = departments.load(settings.department_file)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(settings.data / "starting.lock", timeout=30):
        first = not settings.secret_file.exists()
        secret = load_or_create(settings.secret_file)
        own_policy = settings.policy_files[0]
        if not own_policy.exists():
            _write_private(str(own_policy), template.commented())
        store = Store(settings.database or sqlite_url(settings.database_file))
        schema.upgrade(store)
    if store.is_sqlite and settings.database_file.exists():
        os.chmod(settings.database_file, 0o600)  # on Windows the folder's own rights hold
    policies = PolicySource(settings.policy_files, store)
    policies.current()
    sealer = Sealer()
    chain_key = secret.derive(CHAIN)
    organisation = folder.Folder(settings.folder_contacts, store, chain_key)
    its_keys = FolderKeys(
        settings.organisation,
        store,
        chain_key,
        sealer.gpg,
        partial(hashed, secret),
        lambda: policies.current().keys.officers,
    )

    def refresh() -> None:
        organisation.refresh()
        its_keys.refresh()

    refresh()
    gatherer = Gatherer(store, secret, refresh)
    reviewer = Reviewer(store, secret, policies, gatherer, sealer)
    return Installation(
        settings, store, secret, policies, reviewer, organisation, its_keys, first, shape
    )


def _write_private(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
