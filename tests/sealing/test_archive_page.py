"""The HTML of an archive in a real browser. 2018, EFAIL: what a mail's HTML fetched told others."""

import base64
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from addin_service.sealing.content import File
from addin_service.sealing.page import page
from tests.conftest import needs

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE = File("a.png", "image/png", PIXEL, "a@b", inline=True)
CALLS = {
    "a picture": "<img src='URL'>",
    "a background": "<body background='URL'><p style=\"background: url('URL')\">x</p>",
    "a style sheet": "<style>@import url('URL');</style>",
    "a link to one": "<link rel=stylesheet href='URL'>",
    "a frame": "<iframe src='URL'></iframe>",
    "a script": "<script src='URL'></script>",
    "a script in the page": "<script>new Image().src = 'URL'</script>",
    "an event": "<img src='x' onerror=\"new Image().src = 'URL'\">",
    "a refresh": "<meta http-equiv=refresh content='0;url=URL'>",
    "a refresh in capitals": "<META HTTP-EQUIV='refresh' CONTENT='0;url=URL'>",
    "a film": "<video src='URL' poster='URL' autoplay></video>",
    "an object": "<object data='URL'></object>",
    "a drawing": "<svg><image href='URL'/></svg>",
}  # fmt: skip


@pytest.fixture
def calls() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and what was asked of it."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/called", asked
    server.shutdown()
    thread.join()
    server.server_close()


def browsed(folder: Path, html: bytes) -> str:
    """The page as Chromium has it after all that it would fetch or run."""
    needs("chromium", shutil.which("chromium") is not None)
    file = folder / "message.html"
    file.write_bytes(html)
    return subprocess.run(
        ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=3000", "--dump-dom",
         file.as_uri()),
        capture_output=True, check=True, timeout=120,
    ).stdout.decode()  # fmt: skip


def test_a_page_that_is_opened_calls_nobody(calls: tuple[str, list[str]], tmp_path: Path) -> None:
    url, asked = calls
    hostile = "\n".join(html.replace("URL", f"{url}/{n}") for n, html in enumerate(CALLS.values()))
    dom = browsed(tmp_path, b"".join(page(f"<h1>Größe</h1>{hostile}", {})))
    assert "Größe" in dom
    assert asked == []
    # Without the policy most of them do, so that their silence above says something.
    browsed(tmp_path, hostile.encode())
    assert len(set(asked)) >= 5


def test_its_pictures_are_seen(tmp_path: Path) -> None:
    made = b"".join(page("<img src='cid:a@b' width=50>", {"a@b": PICTURE}))
    shown = browsed(tmp_path, made)
    assert base64.b64encode(PIXEL).decode() in shown
    # A script outside the policy measures what the policy let through.
    measured = made + b"<script>document.title = document.images[0].naturalWidth</script>"
    assert "<title>1</title>" in browsed(
        tmp_path, measured.replace(b"default-src 'none'", b"script-src 'unsafe-inline'")
    )
