"""Telling systemd how the service is. The one place, beside the look-up of keys, with a socket.

POSIX only; anywhere else, and without a supervisor, nothing happens.
"""

import contextlib
import socket

READY = "READY=1"
STOPPING = "STOPPING=1"


def tell(address: str, state: str) -> None:
    """One datagram to `address`, which systemd gives as `NOTIFY_SOCKET`; nothing for none."""
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    name = f"\0{address[1:]}" if address.startswith("@") else address
    # A supervisor that does not listen is no reason not to serve.
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line,
    ):
        line.sendto(state.encode(), name)
