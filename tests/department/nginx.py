"""nginx with the configuration that `deployment build` writes, as a process of the tests' own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import needs

MAIN = """
daemon off;
{user}
worker_processes 2;
worker_shutdown_timeout 20s;
pid {home}/nginx.pid;
error_log {home}/main.log notice;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {home}/temporary/body;
    proxy_temp_path {home}/temporary/proxy;
    fastcgi_temp_path {home}/temporary/fastcgi;
    uwsgi_temp_path {home}/temporary/uwsgi;
    scgi_temp_path {home}/temporary/scgi;
    include {site};
}}
"""


@dataclass
class Nginx:
    """A running nginx. It has nowhere to put a temporary file, so that spooling does not go unseen."""

    home: Path
    port: int
    process: "subprocess.Popen[bytes]"

    def reload(self) -> None:
        """Read configuration and certificate anew; what is under way ends with the old ones."""
        self.process.send_signal(signal.SIGHUP)


def program() -> str | None:
    """Where nginx is; None where it is not."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def running(site: Path, home: Path, port: int) -> Iterator[Nginx]:
    """nginx with this site on this port, until the end of the block."""
    found = program()
    needs("nginx", found is not None)
    assert found is not None
    (home / "temporary").mkdir(parents=True)
    user = "user root;" if os.geteuid() == 0 else ""
    main = home / "main.conf"
    main.write_text(MAIN.format(home=home, site=site, user=user))
    command = [found, "-e", str(home / "start.log"), "-p", str(home), "-c", str(main)]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr, tried.stderr
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            until_it_listens(port, process)
            # What would be spooled now fails, with a line in the log, however short-lived.
            shutil.rmtree(home / "temporary")
            yield Nginx(home, port, process)
        finally:
            process.terminate()
            process.wait(timeout=30)


def until_it_listens(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Returns once somebody listens there."""
    while True:
        assert process.poll() is None, "nginx has ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
