"""The two things that the helper can do: say how to reach the service, and see that it runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from addin_service import listening
from addin_service.helper import starting
from addin_service.helper.access import record, token_for
from addin_service.helper.asked import Asked, Connection, Refusal
from addin_service.helper.proving import proves_itself
from addin_service.settings import DEFAULT_PORT, Settings
from addin_service.store.engine import StoreUnavailable

LOCK = "helper.lock"
USUAL = f"http://127.0.0.1:{DEFAULT_PORT}"


def connection(settings: Settings, asked: Asked) -> Connection | None:
    """Where the service is, or would be; None where there is no record yet. Raises `Refusal`."""
    _require_desk(settings)
    with _told_plainly(), record(settings) as opened:
        if opened is None:
            return None
        found = listening.noted(settings.data)
        return Connection(found.service if found else USUAL, token_for(*opened, asked))


def running(settings: Settings, asked: Asked) -> Connection | None:
    """The same, where the one who answers there has proven to be the service of this folder."""
    _require_desk(settings)
    found = listening.noted(settings.data)
    with _told_plainly(), record(settings) as opened:
        if opened is None or found is None:
            return None
        token = token_for(*opened, asked)
        proven = proves_itself(found.service, opened[0], token.partition(".")[0])
        return Connection(found.service, token) if proven else None


def ensure_running(settings: Settings, asked: Asked) -> tuple[Connection, str]:
    """The service, started where it does not run; and `running` or `started`. Raises `Refusal`.

    Of several who ask at once one starts it, and the others find it running.
    """
    if found := running(settings, asked):
        return found, "running"
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(settings.data / LOCK, timeout=starting.START_S, mode=0o600):
            if found := running(settings, asked):
                return found, "running"
            return _started(settings, asked), "started"
    except Timeout:
        raise starting.silent() from None
    except OSError as error:
        raise Refusal(
            "no-folder", f"The data folder cannot be used: {error.strerror}.",
            "Correct the rights of the folder, or free some space on the disk.",
        ) from None  # fmt: skip


def _started(settings: Settings, asked: Asked) -> Connection:
    process = starting.spawn(settings)
    ends = time.monotonic() + starting.START_S
    stood_back = False
    while time.monotonic() < ends:
        if found := _running_by_now(settings, asked):
            return found
        if process.poll() is not None and not stood_back:
            # Perhaps because somebody else started it a moment ago: that one is as good.
            stood_back, ends = True, time.monotonic() + starting.OTHER_S
        time.sleep(starting.LOOK_AGAIN_S)
    raise starting.gave_up(settings.data) if stood_back else starting.silent()


def _running_by_now(settings: Settings, asked: Asked) -> Connection | None:
    """While it starts, the record may be locked or half made."""
    try:
        return running(settings, asked)
    except Refusal as refusal:
        if refusal.code == "no-record":
            return None
        raise


def _require_desk(settings: Settings) -> None:
    if settings.department_file.exists():
        raise Refusal(
            "department", "The service of this data folder is a department's.",
            "Use the code that its page shows after you have signed in.",
        )  # fmt: skip


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except StoreUnavailable as unavailable:
        raise Refusal(
            "no-record", f"The record cannot be read or written ({unavailable.kind}).",
            "Is the disk full, or the file locked by another program? Run `addin-service doctor`.",
        ) from None  # fmt: skip
    except (OSError, ValueError):
        raise Refusal(
            "no-record", "The data folder of Last Look cannot be read.",
            "Run `addin-service doctor`: it says what is wrong.",
        ) from None  # fmt: skip
