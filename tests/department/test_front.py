"""What nginx answers by itself, and what it lets through to the workers."""

import contextlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.conftest import Answer, draft_json
from tests.department import fixture
from tests.department.fixture import Department
from tests.store.server import Postgres

pytestmark = pytest.mark.postgresql

CANARY = "quillfeather"
LARGE = 30 << 20
OURS = {"code", "message", "hint"}


def ask(department: Department, text: str, name: str = fixture.NAME) -> bytes:
    """These bytes on a TLS connection; everything that comes back."""
    with department.line(name=name) as line:
        line.sendall(text.encode("latin-1"))
        found = b""
        while data := line.recv(65536):
            found += data
    return found


def get(target: str, host: str) -> str:
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"


def in_shape(answer: Answer, status: int) -> None:
    """A refusal by nginx looks like one by the service."""
    assert answer.status == status, answer.body
    assert set(answer.json["error"]) == OURS
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def spooled(department: Department) -> list[str]:
    """What nginx said about files it wanted to write."""
    said = (department.home / "last-look.error.log").read_text()
    return [line for line in said.splitlines() if "temporary" in line]


def test_a_check_is_answered(department: Department) -> None:
    body = {"purpose": "send", "draft": draft_json("p.tann@chambers.example")}
    answer = department.call("POST", "/v1/check", body)
    assert answer.status == 200, answer.body
    assert answer.json["reference"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_the_page_may_ask_and_no_other_page(department: Department) -> None:
    for origin, status in ((department.url, 200), ("https://evil.test", 403), ("null", 403)):
        for site in ("same-origin", "none"):
            answer = department.call(
                "POST", "/v1/contacts/search", {"query": "x"}, department.token("helpdesk"),
                headers={"Origin": origin, "Sec-Fetch-Site": site},
            )  # fmt: skip
            assert answer.status == status, (origin, answer.body)


def test_another_name_gets_no_certificate(department: Department) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    for name in ("evil.test", "localhost", f"{fixture.NAME}.evil.test", None):
        plain = socket.create_connection(("127.0.0.1", department.port), 20)
        with plain, pytest.raises(ssl.SSLError):
            trusting.wrap_socket(plain, server_hostname=name)


def test_another_host_is_refused_after_tls_too(department: Department) -> None:
    port = department.port
    for host in (
        "evil.test", f"evil.test:{port}", fixture.NAME, f"{fixture.NAME}:1", f"{fixture.NAME}.:{port}",
        f"{fixture.NAME.upper()}:{port}", f"127.0.0.1:{port}", f"x.{fixture.NAME}:{port}",
        f"{department.host}, evil.test", f"evil@{department.host}", "localhost", "127.0.0.1",
        f"127.0.0.1:{department.workers[0].port}",
    ):  # fmt: skip
        for target in ("/v1/health", "/outlook/events.js"):
            reply = ask(department, get(target, host))
            assert re.match(rb"HTTP/1.1 (421|400) ", reply), (host, reply)
    for target in ("http://evil.test/v1/health", "https://evil.test/v1/health"):
        assert re.match(rb"HTTP/1.1 (421|400) ", ask(department, get(target, department.host)))
        ours = target.replace("evil.test", department.host)
        assert re.match(rb"HTTP/1.1 (421|400) ", ask(department, get(ours, "evil.test")))
    assert ask(department, get("/v1/health", department.host)).startswith(b"HTTP/1.1 200 ")


def test_without_tls_nothing_is_answered(department: Department) -> None:
    with socket.create_connection(("127.0.0.1", department.port), 20) as line:
        line.sendall(get("/v1/health", department.host).encode())
        assert line.recv(100).startswith(b"HTTP/1.1 421 ")


def test_old_tls_is_refused(department: Department) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    plain = socket.create_connection(("127.0.0.1", department.port), 20)
    with plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain, server_hostname=fixture.NAME)


def test_what_a_client_says_about_proxies_changes_nothing(department: Department) -> None:
    lies = {
        "X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.test",
        "X-Forwarded-Port": "80", "Forwarded": "for=8.8.8.8;proto=http", "X-Real-IP": "8.8.8.8",
        "X_Forwarded_Proto": "http",
    }  # fmt: skip
    for name, value in lies.items():
        answer = department.call("GET", "/v1/requests", token=department.token("helpdesk"),
                                 headers={name: value})  # fmt: skip
        assert answer.status == 200, (name, answer.body)


def test_what_only_this_machine_may_see_stops_at_the_proxy(department: Department) -> None:
    for target in (
        "/metrics", "/metrics/", "//metrics", "/v1/../metrics", "/outlook/../metrics", "/", "/v1",
        "/outlook/%2e%2e/metrics", "/sign-in/metrics", "/V1/health", "/console", "/outlook",
    ):  # fmt: skip
        token = department.token("auditor") if target.startswith("/m") else None
        in_shape(department.call("GET", target, token=token), 404)


def test_files_are_served_and_asked_for_anew(department: Department) -> None:
    for file in sorted((department.home / "built" / "outlook").rglob("*.*")):
        path = file.relative_to(department.home / "built").as_posix()
        answer = department.call("GET", f"/{path}", token=None)
        assert (answer.status, answer.body) == (200, file.read_bytes()), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if "/icons/" in path:
            assert "max-age=2592000" in answer.headers["Cache-Control"]
            assert answer.headers["Content-Type"] in ("image/png", "image/svg+xml")
            continue
        assert answer.headers["Cache-Control"] == "no-cache"
        same = department.call(
            "GET", f"/{path}", token=None, headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert same.status == 304
    page = department.call("GET", "/outlook/events.html", token=None)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self' https://appsforoffice.microsoft.com" in policy
    assert re.search(r"frame-ancestors 'self' .*https://outlook\.office\.com", policy)
    assert "connect-src 'self';" in policy
    script = department.call("GET", "/outlook/events.js", token=None)
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_no_file_beside_them_is_served_or_changed(department: Department) -> None:
    for target in (
        "/outlook/../site.conf", "/outlook../site.conf", "/outlook/%2e%2e/%2e%2e/certificate.pem",
        "/outlook/..%2f..%2fcertificate.pem", "/outlook/icons../events.js", "/outlook/",
        "/outlook/icons/", "/outlook/nothing.js", "/outlook/events.js%00.png", "/outlook/.hidden",
    ):  # fmt: skip
        answer = department.call("GET", target, token=None)
        assert answer.status in (400, 404), (target, answer.body)
        assert answer.status == 400 or set(answer.json["error"]) == OURS
    for method in ("POST", "PUT", "DELETE", "MKCOL"):
        assert department.call(method, "/outlook/events.js", b"x", None).status in (403, 404, 405)


def test_too_much_is_refused_and_said(department: Department) -> None:
    large = b'"' + b"x" * (8 << 20) + b'"'
    with department.line() as line:
        head = f"POST /v1/check HTTP/1.1\r\nHost: {department.host}\r\nConnection: close\r\n"
        line.sendall(f"{head}Content-Length: {len(large)}\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")
    with department.line() as line:  # a seal by nobody is not read at length
        head = f"POST /v1/seal HTTP/1.1\r\nHost: {department.host}\r\nConnection: close\r\n"
        line.sendall(f"{head}Content-Length: {60 << 20}\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 401 ")
    with department.line() as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("path", ["/v1/check", "/v1/seal"])
def test_no_mail_is_ever_put_into_a_file(department: Department, path: str) -> None:
    size = (7 << 20) if path == "/v1/check" else (60 << 20)
    draft = draft_json("p.tann@chambers.example", text="Seventeen herons. " * (size // 18))
    answer = department.call("POST", path, {"purpose": "send", "draft": draft})
    assert answer.status == (200 if path == "/v1/check" else 422), answer.body
    assert spooled(department) == []


def test_a_file_would_have_been_noticed(own_postgres: Postgres, tmp_path: Path) -> None:
    def edit(site: str) -> str:
        return site.replace("client_body_buffer_size 8m", "client_body_buffer_size 16k")

    with fixture.running(tmp_path, own_postgres, workers=1, edit=edit) as careless:
        draft = draft_json("p.tann@chambers.example", text="Seventeen herons. " * 10_000)
        answer = careless.call("POST", "/v1/check", {"purpose": "send", "draft": draft})
        in_shape(answer, 503)
        assert spooled(careless)


class Large(BaseHTTPRequestHandler):
    """Answers with as much as a sealed message may be."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(LARGE))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(b"x" * LARGE)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize("keeps", [True, False], ids=["as written", "without the line"])
def test_no_sealed_message_is_put_into_a_file_for_a_slow_reader(
    own_postgres: Postgres, tmp_path: Path, keeps: bool
) -> None:
    with HTTPServer(("127.0.0.1", 0), Large) as large:
        threading.Thread(target=large.serve_forever, daemon=True).start()
        way = f"location /large {{ proxy_pass http://127.0.0.1:{large.server_port}; }}"

        def edit(site: str) -> str:
            site = site.replace(
                "    location = /v1/pair {", f"    {way}\n    location = /v1/pair {{"
            )
            assert "proxy_max_temp_file_size 0;" in site
            return site if keeps else site.replace("proxy_max_temp_file_size 0;", "")

        with fixture.running(tmp_path, own_postgres, workers=1, edit=edit) as department:
            with department.line() as line:
                line.sendall(get("/large", department.host).encode())
                read = len(line.recv(1000))
                # The other side of the proxy is done, or waits: what it has sent lies somewhere.
                if not keeps:
                    while not spooled(department):
                        time.sleep(0.01)
                while data := line.recv(1 << 20):
                    read += len(data)
            assert (read > LARGE) == keeps
            assert (spooled(department) == []) == keeps
        large.shutdown()


def test_the_logs_name_nobody(department: Department) -> None:
    text = f"Dear {CANARY}"
    body = {"purpose": "send", "draft": draft_json(f"{CANARY}@chambers.example", text=text)}
    assert department.call("POST", "/v1/check", body).status == 200
    for target in (f"/v1/check?who={CANARY}", f"/{CANARY}", f"/v1/contacts/{CANARY}",
                   f"/outlook/{CANARY}@x.js", f"/sign-in/callback?code={CANARY}"):  # fmt: skip
        department.call("GET", target, headers={"User-Agent": CANARY, "Referer": CANARY})
    department.call("GET", "/v1/requests", token=CANARY)
    logs = [department.home / name for name in ("last-look.log", "last-look.error.log", "log")]
    logs += list(department.nginx.home.glob("*.log"))
    for log in logs:
        said = log.read_text()
        assert CANARY not in said, log.name
        assert "127.0.0.1" not in said or log.name == "log", log.name  # the worker names itself
    lines = (department.home / "last-look.log").read_text().splitlines()
    shape = re.compile(r"\S+ ([A-Z]+|-) (other|/[a-z0-9./*-]+) \d{3} [\d.]+ [\d, -]+ [\d., -]+")
    assert lines
    assert [line for line in lines if not shape.fullmatch(line)] == []


@pytest.fixture
def deserted(department: Department) -> Iterator[Department]:
    """The department while none of its workers is there."""
    for worker in department.workers:
        worker.kill()
    yield department
    for worker in department.workers:
        worker.start()


def test_without_workers_the_answer_is_one_that_clients_know(deserted: Department) -> None:
    for method, path in (("POST", "/v1/check"), ("POST", "/v1/pair"), ("GET", "/v1/health")):
        in_shape(deserted.call(method, path, {} if method == "POST" else None), 503)
    assert deserted.call("GET", "/outlook/events.html", token=None).status == 200


def test_who_dawdles_keeps_nobody_else_waiting(department: Department) -> None:
    beginnings = (
        "", "P", f"POST /v1/check HTTP/1.1\r\nHost: {department.host}\r\n",
        f"POST /v1/seal HTTP/1.1\r\nHost: {department.host}\r\nAuthorization: Bearer x.y\r\n"
        "Content-Type: application/json\r\nContent-Length: 60000000\r\n\r\n{",
    )  # fmt: skip
    with contextlib.ExitStack() as stack:
        for number in range(300):  # more than both workers together would take in
            line = stack.enter_context(department.line())
            line.sendall(beginnings[number % len(beginnings)].encode())
        body = {"purpose": "send", "draft": draft_json("p.tann@chambers.example")}
        assert department.call("POST", "/v1/check", body).status == 200


def test_a_client_gone_wild_is_slowed_and_told(department: Department) -> None:
    statuses = []
    with department.line() as line:
        one = (
            f"GET /v1/health HTTP/1.1\r\nHost: {department.host}\r\n"
            "Authorization: Bearer wild.client\r\n\r\n"
        )
        line.sendall(one.encode() * 600)
        found = b""
        while found.count(b"HTTP/1.1 ") < 600 or not found.endswith(b"}"):
            data = line.recv(65536)
            assert data
            found += data
    statuses = re.findall(rb"HTTP/1.1 (\d+)", found)
    assert statuses.count(b"429") > 50
    assert found.count(b"Retry-After: 5") == statuses.count(b"429")
    assert department.call("GET", "/v1/health", token=None).status == 200, "another is not"
