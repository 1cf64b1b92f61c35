"""The service's one background worker: indexes contacts that wait for it."""

import threading
from pathlib import Path

from filelock import FileLock, Timeout

from addin_service.log import log
from addin_service.store import building
from addin_service.store.engine import Store, StoreUnavailable

LOOK_EVERY_S = 2.0
"""What waits is found meanwhile by a plain comparison: there is no hurry."""


class Indexer:
    """Looks now and then until it is stopped. Of several workers one indexes, under `lock`."""

    def __init__(self, store: Store, lock: Path) -> None:
        self._store = store
        self._alone = FileLock(lock)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End after the piece that is being written; the next start goes on there."""
        self._ended.set()
        self._thread.join()

    def look(self) -> bool:
        """Index what waits; False while another worker does. Raises `StoreUnavailable`."""
        try:
            with self._alone.acquire(timeout=0):
                building.build(self._store, stop=self._ended.is_set)
        except Timeout:
            return False
        return True

    def _run(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            try:
                self.look()
            except StoreUnavailable as unavailable:
                log.warning("not-indexed", error=unavailable.kind)
