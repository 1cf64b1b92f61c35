"""What a proxy says about a request: believed of ours alone, on this machine; else forgotten."""

import ipaddress
from collections.abc import Mapping
from typing import Any

_ALSO = frozenset({"HTTP_FORWARDED", "HTTP_X_REAL_IP"})


def forget(environ: dict[str, Any]) -> dict[str, str]:
    """Take out of the environment what only a proxy may say; answers it."""
    names = [name for name in environ if name.startswith("HTTP_X_FORWARDED") or name in _ALSO]
    return {name: environ.pop(name) for name in names}


def believe(environ: dict[str, Any], said: Mapping[str, str]) -> bool:
    """Set the scheme and the client's address as our proxy said. False where it is not ours.

    `said` is what `forget` answered. Ours runs on this machine, says exactly `https`, and names
    exactly one address: a repeated header arrives as a list, and no list is believed.
    """
    client = _address(said.get("HTTP_X_FORWARDED_FOR", ""))
    peer = _address(environ.get("REMOTE_ADDR", ""))
    if peer is None or not peer.is_loopback or client is None:
        return False
    if said.get("HTTP_X_FORWARDED_PROTO") != "https":
        return False
    environ["wsgi.url_scheme"] = "https"
    environ["REMOTE_ADDR"] = environ["REMOTE_HOST"] = str(client)
    return True


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
