"""Trend Micro's password manager, 2016, and Ollama, 2024: what answers on one computer trusts whoever
can reach it; told to listen on every address, it trusts the whole network.
"""

import socket
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner

from addin_service.cli import main
from addin_service.web.posture import UnsafeBind, allowed_hosts, loopback
from addin_service.web.server import make_server

BEYOND = (
    "0.0.0.0", "::", "[::]", "192.168.1.10", "10.0.0.5", "172.16.0.1", "169.254.1.1", "8.8.8.8",
    "fe80::1", "fe80::1%eth0", "2001:db8::1", "::ffff:0.0.0.0", "::ffff:192.168.1.10", "224.0.0.1",
    "255.255.255.255", "", " ", "*", "0", "127.1", "2130706433", "0x7f000001", "localhost.",
    "localhost.evil.test", "ip6-localhost", "council.example", "127.0.0.1.evil.test", "127.0.0.1 ",
    "127.0.0.1,0.0.0.0", "127.0.0.1:80", "[127.0.0.1", "unix:/tmp/x",
)  # fmt: skip


_PUBLIC = 'public = "https://lastlook.council.example"\n'
_SIGN_IN = '[sign_in]\nissuer = "https://id.council.example"\nclient_id = "x"\n'
SERVICES = ("", _PUBLIC, _PUBLIC + _SIGN_IN)
"""TLS is the proxy's, and so never ours: nothing in service.toml opens another address."""


@pytest.mark.parametrize("host", [*BEYOND, socket.gethostname()])
@pytest.mark.parametrize("service", SERVICES, ids=["desk", "department", "people sign in"])
def test_serve_refuses_to_be_reached_from_elsewhere(
    host: str, service: str, tmp_path: Path
) -> None:
    data, organisation = tmp_path / "data", tmp_path / "organisation"
    if service:
        data.mkdir()
        (data / "service.toml").write_text(service)
    before = sorted(tmp_path.rglob("*"))
    place = ["--data", str(data), "--organisation", str(organisation)]
    done = CliRunner().invoke(main, [*place, "serve", "--host", host, "--port", "0"])
    assert done.exit_code == 2
    assert "error: This would listen beyond this computer" in done.stderr
    assert "hint: Leave out --host" in done.stderr
    assert "nginx" in done.stderr
    assert "deployment build" in done.stderr
    assert done.stdout == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_the_command_itself_ends_with_two(
    process: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    done = process("serve", "--host", "0.0.0.0", "--port", "0", check=False)
    assert done.returncode == 2
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("host", BEYOND)
def test_the_server_does_not_rely_on_the_command(host: str) -> None:
    with pytest.raises(UnsafeBind):
        make_server(lambda *_: [], host, 0)
    with pytest.raises(UnsafeBind):
        allowed_hosts(host, 8025)


@pytest.mark.parametrize(
    ("host", "bound"),
    [
        ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"),
        ("::1", "::1"), ("[::1]", "::1"),
    ],
)  # fmt: skip
def test_each_loopback_address_is_one_server_with_our_limits(host: str, bound: str) -> None:
    assert loopback(host) == bound
    try:
        server = make_server(lambda *_: [], host, 0)
    except OSError:
        pytest.skip("this machine has no such address")
    with_our_limits = server.channel_class.__name__, server.socket.getsockname()[0]
    server.task_dispatcher.shutdown()
    server.close()
    assert with_our_limits == ("DeadlineChannel", bound)


def test_localhost_that_means_another_computer_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever may edit the file of host names cannot move the service onto the network."""
    asked = []
    real = socket.getaddrinfo

    def resolve(host: str, *more: object, **named: object) -> object:
        asked.append(host)
        return real("127.0.0.1", *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    server = make_server(lambda *_: [], "localhost", 0)
    server.task_dispatcher.shutdown()
    server.close()
    assert "localhost" not in asked
