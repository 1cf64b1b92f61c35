"""The pane of the Outlook add-in in a real Chromium, on the department's origin.

Outlook itself is `office_page.js` in place of Microsoft's office.js; the service is whatever the test
puts behind `/v1/`. Nothing else can be reached.
"""

import json
import mimetypes
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Frame, Page, Route

from addin_service import manifests
from tests.browser import NO_QUESTION, Launch

ORIGIN = "https://lastlook.council.example"
OFFICE = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
STAND_IN = Path(__file__).with_name("office_page.js").read_text(encoding="utf-8")
TOKEN = "0" * 32 + ".token"
ENTRA_TOKEN = "header.claims.signature"

# As tight as the page can bear; the proxy's own headers are no looser in what may run.
POLICY = (
    "default-src 'none'; script-src 'self' https://appsforoffice.microsoft.com; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'"
)

# A message, and the runtime that Outlook starts for Send. The pane is a frame of its own, opened later.
FRAMES = f'''<!doctype html><title>Outlook</title><script src="{OFFICE}"></script>
<iframe src="/outlook/events.html"></iframe>'''

Json = dict[str, Any]
Reply = tuple[int, Any]
NEVER: Reply = (0, None)
"""The line stays open, and nothing comes."""

Service = Callable[[str, Json, dict[str, str]], Reply | None]
"""Path, question and headers to status and answer; None for no answer at all."""


@dataclass
class Pane:
    """One page of Chromium with the pane in it, or with frames of one Outlook."""

    page: Page
    asked: list[tuple[str, Json]] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)

    def questions(self, path: str = "/v1/check") -> list[Json]:
        return [question for asked, question in self.asked if asked == path]

    def title(self, text: str) -> None:
        """Wait until the pane says this in its first line."""
        self.page.locator("#title", has_text=text).wait_for()

    def until(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait for what the page alone cannot tell; the page goes on meanwhile."""
        for _ in range(500):
            if condition():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"waited in vain: {what}")

    def outlook(self, script: str, given: Any = None) -> Any:
        """Ask Outlook itself: `outlook` is the stand-in, `given` is the argument."""
        return self.page.evaluate(f"async (given) => {{ {script} }}", given)

    def send(self) -> Json:
        """Press Send: what the handler tells Outlook."""
        told: Json = self.outlook("return await outlook.send('/outlook/events.html');")
        return told

    def take_action(self, told: Json) -> Frame:
        """Press "Take Action": Outlook opens the pane, and hands over what the handler left."""
        assert told["commandId"] == "lastLookPane"
        self.outlook(
            """outlook.context = given;
            document.querySelector('#pane')?.remove();
            const pane = Object.assign(document.createElement('iframe'), {id: 'pane',
                src: '/outlook/pane.html', width: 320, height: 900});
            document.body.append(pane);
            await new Promise(done => { pane.onload = done; });""",
            told.get("contextData"),
        )
        frame = self.page.frame(url=re.compile(r"/pane\.html$"))
        assert frame
        return frame

    def recipients(self, name: str = "to") -> list[str]:
        found = self.outlook("return outlook.draft[given].map(one => one.emailAddress);", name)
        return [str(address) for address in found]

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.className"))


@dataclass(frozen=True)
class Site:
    """The built files, and a browser that shows them.

    At another origin than `ORIGIN` everything is left to who really answers there.
    """

    browser: Browser
    folder: Path
    origin: str = ORIGIN

    @contextmanager
    def open(
        self, service: Service | None, *, path: str = "/outlook/pane.html", paired: bool = True,
        size: tuple[int, int] = (320, 640), given: Json | None = None, office: bool = True,
        clock: bool = False,
        **context: Any,
    ) -> Iterator[Pane]:  # fmt: skip
        """A fresh profile. `given`: how the message and Outlook are (`office_page.js`).

        `office`: whether Microsoft's office.js can be loaded. `clock`: the page's clock is the
        test's, so that `pane.page.clock.fast_forward()` takes no time.
        """
        width, height = size
        opened = self.browser.new_context(viewport={"width": width, "height": height}, **context)
        try:
            page = opened.new_page()
            if clock:
                page.clock.install()
            pane = Pane(page)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on(
                "console",
                lambda said: (
                    errors.append(said.text) if "Content Security Policy" in said.text else None
                ),
            )
            opened.route("**/*", lambda route: self._answer(route, pane, service))
            if not office:
                opened.route(OFFICE, lambda route: route.abort())
            setting = {"settings": {"last-look-token": TOKEN} if paired else {}} | (given or {})
            page.add_init_script(f"window.given = {json.dumps(setting)};")
            page.goto(f"{self.origin}{path}")
            yield pane
            assert pane.strays == []
            assert errors == [] or not office
            assert page.evaluate("window.outlook?.faults ?? []") == []
        finally:
            opened.close()

    def _answer(self, route: Route, pane: Pane, service: Service | None) -> None:
        request = route.request
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if request.url == OFFICE:
            route.fulfill(body=STAND_IN, content_type="text/javascript")
        elif origin == self.origin and parts.path == "/frames":
            route.fulfill(body=FRAMES, content_type="text/html")
        elif origin == self.origin and origin != ORIGIN:
            route.continue_()
        elif origin == ORIGIN and service and parts.path.startswith("/v1/"):
            question = request.post_data_json if request.post_data else {}
            pane.asked.append((parts.path, question))
            reply = service(parts.path, question, request.all_headers())
            if reply is None:
                route.abort()
            if reply is None or reply == NEVER:
                return
            status, body = reply
            text = body if isinstance(body, str) else json.dumps(body)
            route.fulfill(status=status, body=text, content_type="application/json")
        elif origin == ORIGIN and (file := self.folder / parts.path.lstrip("/")).is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            headers = {"Content-Type": kind, "Content-Security-Policy": POLICY}
            route.fulfill(body=file.read_bytes(), headers=headers)
        else:
            pane.strays.append(request.url)
            route.abort()


def person(address: str, name: str = "") -> Json:
    """A recipient as Outlook has them."""
    return {"emailAddress": address, "displayName": name, "recipientType": "user"}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, launch: Launch) -> Iterator[Site]:
    """What `manifest build` writes, in Debian's Chromium."""
    folder = tmp_path_factory.mktemp("site")
    manifests.build(ORIGIN, folder)
    with launch([NO_QUESTION]) as running:
        yield Site(running, folder)


Open = Callable[..., Pane]


@pytest.fixture
def opened(site: Site) -> Iterator[Open]:
    """Opens a pane on a message to these people; closed after the test."""
    with ExitStack() as stack:

        def show(service: Service, *to: str, draft: Json | None = None, **more: Any) -> Pane:
            people = [person(address) for address in to or ("p.tan@chambers.example",)]
            given = {"draft": {"to": people} | (draft or {})} | more.pop("given", {})
            pane: AbstractContextManager[Pane] = site.open(service, given=given, **more)
            return stack.enter_context(pane)

        yield show
