"""A recipient's key at the recipient's domain (Web Key Directory).

The one place that opens a connection to the outside, and only when a person asks for it (`keys
find`, `keys refresh`) and policy allows it. TLS with a checked certificate, no proxy, no cookies,
no redirection: the domain itself answers, or nobody does.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from addin_service.model import Address
from addin_service.pgp.reading import LARGEST
from addin_service.sources.directory_names import Place, places

DEADLINE_S = 15.0
"""For one address, from the first question to the last byte."""
PORT = 443

REASONS: dict[str, tuple[str, str]] = {
    "none": ("the domain has no key for this address", "ask for it: `keys ask ADDRESS`"),
    "no-directory": ("the domain has no directory of keys", "ask for it: `keys ask ADDRESS`"),
    "unreachable": ("the domain's directory cannot be reached", "try again later"),
    "not-proven": (
        "whoever answered could not prove to be the domain",
        "tell your IT; do not take a key from there",
    ),
    "redirected": (
        "the domain points to another place, which is not followed",
        "ask for the key: `keys ask ADDRESS`",
    ),
    "late": ("the domain's directory did not finish its answer in time", "try again later"),
    "large": ("the answer is larger than a key", "ask for the key: `keys ask ADDRESS`"),
    "nonsense": ("what answered is not a directory of keys", "ask for the key: `keys ask ADDRESS`"),
}
"""Why a domain gave no key, and what to do."""


class NotFound(LookupError):
    """The domain gave nothing. `reason` is a key of `REASONS`; never repeats what was answered."""

    def __init__(self, reason: str) -> None:
        why, self.hint = REASONS[reason]
        super().__init__(why)
        self.reason = reason


class _NoSuchHost(Exception):
    """The name is in no directory of names."""


Connect = Callable[[str, int, float], socket.socket]
"""A connection to a host and a port, within so many seconds; raises `OSError`."""


def _connect(host: str, port: int, timeout_s: float) -> socket.socket:
    return socket.create_connection((host, port), timeout=timeout_s)


@dataclass(frozen=True, slots=True)
class Wkd:
    """Asks domains. `connect` and `trusted` are others only in tests."""

    connect: Connect = _connect
    trusted: Callable[[], ssl.SSLContext] = ssl.create_default_context
    deadline_s: float = DEADLINE_S

    def look_up(self, address: Address) -> bytes:
        """What the domain has for `address`, unjudged: at most `LARGEST` bytes.

        Raises `NotFound`. Only where the host of the advanced way does not exist is the domain
        itself asked.
        """
        return _Question(self, time.monotonic() + self.deadline_s).asked(places(address))


@dataclass
class _Question:
    """One look-up: it has an end, whatever the other side does."""

    wkd: Wkd
    until: float
    answer: bytes = b""
    reason: str = "late"
    talking: list[socket.socket] = field(default_factory=list)

    def asked(self, where: tuple[Place, ...]) -> bytes:
        # In a thread: neither the resolver nor a server that sends a byte now and then heeds a
        # time limit of ours.
        worker = threading.Thread(target=self._work, args=(where,), daemon=True)
        worker.start()
        worker.join(self._left())
        if worker.is_alive():
            for connection in tuple(self.talking):
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
            worker.join(1)
            raise NotFound("late")
        if self.reason:
            raise NotFound(self.reason)
        return self.answer

    def _work(self, where: tuple[Place, ...]) -> None:
        try:
            self.reason = self._first(where)
        except ssl.SSLCertVerificationError:
            self.reason = "not-proven"
        except TimeoutError:
            self.reason = "late"
        except OSError:
            self.reason = "unreachable"
        except (http.client.HTTPException, ValueError):
            self.reason = "nonsense"

    def _first(self, where: tuple[Place, ...]) -> str:
        """The reason for which there is no answer, empty where there is one."""
        for place in where:
            with contextlib.suppress(_NoSuchHost):
                return self._ask(place)
        return "no-directory"

    def _ask(self, place: Place) -> str:
        try:
            plain = self.wkd.connect(place.host, PORT, self._left())
        except socket.gaierror as fault:
            if fault.errno in _UNKNOWN_NAME:
                raise _NoSuchHost from None
            raise
        with contextlib.ExitStack() as held:
            held.callback(plain.close)
            self.talking.append(plain)
            plain.settimeout(self._left())
            context = self.wkd.trusted()
            # Debian's Python takes any end of a connection for the end of the answer.
            context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", ssl.Options(0))
            sealed = held.enter_context(
                context.wrap_socket(
                    plain,
                    server_hostname=place.host,
                    do_handshake_on_connect=False,
                    suppress_ragged_eofs=False,  # somebody between could cut a revocation off
                )
            )
            self.talking[:] = [sealed]
            sealed.do_handshake()
            return self._read(place, sealed)

    def _read(self, place: Place, sealed: ssl.SSLSocket) -> str:
        connection = http.client.HTTPConnection(place.host)
        connection.auto_open = 0  # this connection or none
        connection.sock = sealed
        sealed.settimeout(self._left())
        connection.request("GET", place.target, headers={"Connection": "close"})
        with connection.getresponse() as response:
            if 300 <= response.status < 400:
                return "redirected"
            if response.status in (404, 410):
                return "none"
            if response.status != 200:
                return "unreachable" if response.status >= 500 else "nonsense"
            self.answer = response.read(LARGEST + 1)
            missing = response.length
        if len(self.answer) > LARGEST:
            return "large"
        if missing:
            return "nonsense"
        return "" if self.answer else "none"

    def _left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


_UNKNOWN_NAME = {
    getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA") if hasattr(socket, name)
}
"""On Windows these are the same numbers under the same names."""
