"""Where the service may listen, and under which names it answers."""

import ipaddress

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class UnsafeBind(ValueError):
    """Listening there would let others on the network talk to the service in clear."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "This would listen beyond this computer, without HTTPS: everyone on the network could "
            "read what is sent here."
        )
        self.host = host
        self.hint = (
            "Leave out --host to listen on 127.0.0.1. A department's service is reached through "
            "nginx on this machine, which has the HTTPS: `addin-service deployment build` writes "
            "its configuration."
        )


def require_loopback(host: str) -> None:
    """Raises `UnsafeBind` unless this is an address of the loopback interface, or `localhost`."""
    loopback(host)


def loopback(host: str) -> str:
    """The one address to bind for what was asked for; raises `UnsafeBind` as above."""
    # A name could be made to mean another address; and two addresses would be two servers.
    given = "127.0.0.1" if host == "localhost" else host
    if given.startswith("[") and given.endswith("]"):
        given = given[1:-1]
    try:
        if ipaddress.ip_address(given).is_loopback:
            return given
    except ValueError:
        pass
    raise UnsafeBind(host)


def allowed_hosts(host: str, port: int) -> frozenset[str]:
    """The exact Host headers that are answered: loopback names with our port, nothing else."""
    bound = loopback(host)
    names = {*LOOPBACK_NAMES, f"[{bound}]" if ":" in bound else bound}
    return frozenset(f"{name}:{port}" for name in names)
