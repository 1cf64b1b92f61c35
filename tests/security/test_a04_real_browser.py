"""Zoom, 2019: its service on localhost answered every web page, through the size of a picture, and a
page that was merely visited switched the camera on.

Here a real Chromium visits hostile pages, with every means that a page has, and with the token.
"""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from addin_service.store import clients
from addin_service.web.errors import Problem
from addin_service.web.guard import Guard
from tests.browser import NO_QUESTION, Launch
from tests.security.raw import Target

ARGUMENTS = [
    "--host-resolver-rules=MAP evil.test 127.0.0.1",
    NO_QUESTION,
]  # fmt: skip

pytestmark = [pytest.mark.browser]

ORIGINS = {"evil.test": "127.0.0.1", "localhost": "localhost"}
"""Where the page is from, and under which name it looks for the service: a stranger's site, and another
program's page on this very computer.
"""

# Each answers what the page could read, or null. `at` is the service, `own` the page's own server.
ATTACKS = {
    "fetch, simple": """async () => {
        const answers = [];
        for (const path of paths) for (const method of ["GET", "POST"]) {
            await fetch(at + path, {method, mode: "no-cors", credentials: "include",
                body: method === "POST" ? bodies[path] ?? "{}" : undefined}).catch(() => null);
            answers.push(await text(fetch(at + path, {method,
                body: method === "POST" ? bodies[path] ?? "{}" : undefined})));
        }
        return answers.find(Boolean) ?? null;
    }""",
    "fetch, JSON": """async () => await first(paths.map(path => text(fetch(at + path, {
        method: "POST", body: bodies[path] ?? "{}", headers: {"Content-Type": "application/json"}}))))""",
    "fetch, with the token": """async () => await first(paths.map(path => text(fetch(at + path, {
        method: "POST", body: bodies[path] ?? "{}", credentials: "include", headers: {
        "Content-Type": "application/json", "Authorization": "Bearer " + token}}))))""",
    "XMLHttpRequest": """async () => await first(paths.map(path => new Promise(done => {
        const request = new XMLHttpRequest();
        request.open("POST", at + path);
        request.setRequestHeader("Content-Type", "text/plain");
        request.onload = () => done(request.responseText);
        request.onerror = () => done(null);
        request.send(bodies[path] ?? "{}");
    })))""",
    "form": """async () => {
        const kinds = ["text/plain", "multipart/form-data"];
        return await first(paths.flatMap(path => kinds.map(async kind => {
            const frame = inside("iframe", {name: "f" + Math.random()});
            const form = inside("form", {
                action: at + path, method: "POST", enctype: kind, target: frame.name});
            const field = document.createElement("input");
            Object.assign(field, {name: bodies[path] ?? "{}", value: ""});
            form.append(field);
            form.submit();
            await loaded(frame);
            return content(frame);
        })));
    }""",
    "img": """async () => {
        for (const path of paths) {
            const image = inside("img", {src: at + path});
            await loaded(image);
            if (image.naturalWidth) return "a picture of " + path;
        }
        return null;
    }""",
    "script": """async () => {
        let read = null;
        window.onerror = message => { if (message !== "Script error.") read = message; };
        for (const path of paths) await loaded(inside("script", {src: at + path}));
        for (const path of paths) await loaded(inside("link", {rel: "stylesheet", href: at + path}));
        for (const sheet of document.styleSheets)
            try { if (sheet.cssRules.length) read = sheet.cssRules[0].cssText; } catch {}
        return read;
    }""",
    "iframe": """async () => {
        const kinds = {iframe: "src", object: "data", embed: "src"};
        return await first(paths.flatMap(path => Object.keys(kinds).map(async kind => {
            const frame = inside(kind, {[kinds[kind]]: at + path});
            await loaded(frame);
            return content(frame);
        })));
    }""",
    "beacon": """async () => {
        for (const path of paths) for (const type of ["text/plain", "application/json"])
            navigator.sendBeacon(at + path, new Blob([bodies[path] ?? "{}"], {type}));
        await moment();
        return null;
    }""",
    "WebSocket": """async () => await first(paths.map(path => new Promise(done => {
        const line = new WebSocket(at.replace("http", "ws") + path, ["v1", token]);
        line.onopen = () => done("open");
        line.onmessage = message => done(message.data);
        line.onerror = () => done(null);
    })))""",
    "EventSource": """async () => await first(paths.map(path => new Promise(done => {
        const line = new EventSource(at + path, {withCredentials: true});
        line.onopen = () => { line.close(); done("open"); };
        line.onerror = () => { line.close(); done(null); };
    })))""",
    "navigation": """async () => {
        const others = paths.map(path => window.open(at + path));
        await moment();
        const read = others.map(other => {
            try { return other.document.body.innerText; } catch { return null; }
        });
        return read.find(Boolean) ?? null;
    }""",
    "redirect chain": """async () => await first(paths.flatMap(path =>
        [302, 307, 308].map(async status => {
            const there = own + "/to?" + new URLSearchParams({status, hops: 3, at: at + path});
            const sent = {method: "POST", body: bodies[path] ?? "{}"};
            await fetch(there, {...sent, mode: "no-cors"}).catch(() => null);
            const read = await text(fetch(there, sent));
            await loaded(inside("img", {src: there}));
            return read;
        })))""",
}

HELPERS = """
const text = answer => answer.then(one => one.text()).catch(() => null);
const first = async answers => (await Promise.all(answers)).find(Boolean) ?? null;
const loaded = one => new Promise(done => {
    one.onload = one.onerror = () => done(null);
    setTimeout(done, 600);
});
const moment = () => new Promise(done => setTimeout(done, 600));
const inside = (kind, given) => {
    const one = Object.assign(document.createElement(kind), given);
    document.body.append(one);
    return one;
};
const content = frame => {
    try {
        const page = frame.contentDocument;
        return page.URL === "about:blank" ? null : page.body.innerText;
    } catch { return null; }
};
"""


class Hostile(http.server.BaseHTTPRequestHandler):
    """Serves an empty page, and redirects along a chain to wherever it is told."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A page, or the next hop."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if url.path != "/to":
            page = b"<!doctype html><title>x</title><body>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
            return
        given = {name: values[0] for name, values in parse_qs(url.query).items()}
        hops = int(given["hops"]) - 1
        onward = f"/to?{urlencode({**given, 'hops': hops})}" if hops else given["at"]
        self.send_response(int(given["status"]))
        self.send_header("Location", onward)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture(scope="module")
def browser(launch: Launch) -> Iterator[Browser]:
    """Debian's Chromium, for which evil.test is 127.0.0.1."""
    with launch(ARGUMENTS) as running:
        yield running


@pytest.fixture(scope="module")
def hostile_port() -> Iterator[int]:
    """The attacker's server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def met(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int]]:
    """Each request that reaches the guard: method, path, and the status of its refusal or 0."""
    seen: list[tuple[str, str, int]] = []
    real = Guard._admit

    def watched(guard: Guard, environ: dict[str, Any]) -> Any:
        asked = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        try:
            client = real(guard, environ)
        except Problem as problem:
            seen.append((*asked, problem.status))
            raise
        seen.append((*asked, 0))
        return client

    monkeypatch.setattr(Guard, "_admit", watched)
    return seen


@contextlib.contextmanager
def visiting(browser: Browser, url: str) -> Iterator[Page]:
    """A fresh profile on this page."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(url)
        yield page
    finally:
        context.close()


@pytest.mark.parametrize("origin", sorted(ORIGINS))
@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_a_page_gets_nothing_done_and_reads_nothing(
    browser: Browser,
    hostile_port: int,
    target: Target,
    met: list[tuple[str, str, int]],
    attack: str,
    origin: str,
) -> None:
    paths = sorted({target.path(route) for route in target.routes})
    given = {
        "at": f"http://{ORIGINS[origin]}:{target.port}",
        "own": f"http://{origin}:{hostile_port}",
        "paths": paths,
        "bodies": {path: target.body(path).decode() for path in paths},
        "token": target.live.helpdesk,
    }
    names = "".join(f"const {name} = {json.dumps(value)};" for name, value in given.items())
    with target.unharmed(), visiting(browser, f"{given['own']}/") as page:
        read = page.evaluate(
            f"async () => {{ {names} {HELPERS} return await ({ATTACKS[attack]})(); }}"
        )
        # The attack must reach the service, on all routes but perhaps one, to be refused there.
        for _ in range(200):
            if len({path for _, path, _ in met} & set(paths)) >= len(paths) - 1:
                break
            page.wait_for_timeout(50)
    assert read is None
    assert len({path for _, path, _ in met} & set(paths)) >= len(paths) - 1
    assert [one for one in met if one[2] not in (403, 405)] == []


def test_a_page_whose_name_now_means_this_computer_gets_only_refusals(
    browser: Browser, target: Target, met: list[tuple[str, str, int]]
) -> None:
    """To the browser both are the same site, so that it shows the page every answer."""
    paths = sorted({target.path(route) for route in target.routes})
    own = f"http://evil.test:{target.port}/"
    with target.unharmed(), visiting(browser, own) as page:
        # What its name meant before: the attacker's own server at this port.
        page.route(f"{own}page", lambda route: route.fulfill(body="<p>x", content_type="text/html"))
        page.goto(f"{own}page")
        read = page.evaluate(
            """async ([paths, token]) => {
                const found = [];
                for (const path of paths) for (const method of ["GET", "POST", "DELETE"]) {
                    const answer = await fetch(path, {method,
                        body: method === "POST" ? "{}" : undefined,
                        headers: {"Authorization": "Bearer " + token,
                                  "Content-Type": "application/json"}});
                    found.push([answer.status, await answer.text()]);
                }
                return found;
            }""",
            [paths, target.live.helpdesk],
        )
    assert len(read) == 3 * len(paths)
    assert {status for status, _ in read} == {421}
    assert {json.loads(body)["error"]["code"] for _, body in read} == {"wrong-host"}
    assert {status for _, _, status in met} == {421}


def test_the_browser_would_have_let_a_page_do_what_the_service_allows(
    browser: Browser, hostile_port: int, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the guard's questions the same page does harm: so the refusals above are the guard's."""
    monkeypatch.setattr(Guard, "_admit", lambda *_: None)
    with visiting(browser, f"http://evil.test:{hostile_port}/") as page:
        page.evaluate(
            """async ([there, body]) => {
                await fetch(there, {method: "POST", mode: "no-cors", body}).catch(() => null);
            }""",
            [f"http://127.0.0.1:{target.port}/v1/pair", target.body("/v1/pair").decode()],
        )
    with target.live.installation.store.read() as connection:
        assert len(clients.everyone(connection)) == 3
