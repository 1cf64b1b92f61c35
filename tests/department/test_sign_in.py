"""The sign-in as people see it: a real browser, nginx, two workers, a provider of the tests' own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import Launch
from tests.conftest import draft_json, needs
from tests.department import fixture
from tests.department.fixture import Department
from tests.sources.tls import Authority
from tests.store.server import Postgres
from tests.web import idp
from tests.web.conftest import SIGN_IN
from tests.web.idp import Idp

pytestmark = [pytest.mark.postgresql, pytest.mark.browser]

AXE = Path(__file__).parents[1] / "tools/node_modules/axe-core/axe.min.js"
ANN = "ann.lee@council.example"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Idp]:
    """A provider whose certificate the workers trust."""
    authority = Authority()
    with pytest.MonkeyPatch.context() as patch, idp.serving(authority) as running:
        file = idp.root_file(authority, tmp_path_factory.mktemp("authority"))
        patch.setenv("SSL_CERT_FILE", str(file))
        yield running


@pytest.fixture(scope="module")
def signing_in(
    own_postgres: Postgres, provider: Idp, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Department]:
    """A department whose people sign in at that provider."""
    home = tmp_path_factory.mktemp("department")
    service = SIGN_IN.replace("{issuer}", provider.base)
    with fixture.running(home, own_postgres, service=service) as started:
        yield started


@pytest.fixture(scope="module")
def chromium(launch: Launch) -> Iterator[Browser]:
    """Debian's Chromium, which finds the department on this machine."""
    with launch([f"--host-resolver-rules=MAP {fixture.NAME} 127.0.0.1"]) as running:
        yield running


class Window:
    """A window of a person's own, and what it complained of."""

    def __init__(self, chromium: Browser, **more: Any) -> None:
        # Who the two are is checked elsewhere; this browser knows neither authority.
        self.context: BrowserContext = chromium.new_context(ignore_https_errors=True, **more)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))


@pytest.fixture
def window(chromium: Browser) -> Iterator[Window]:
    """A window."""
    opened = Window(chromium)
    yield opened
    opened.context.close()


def test_a_person_signs_in_pairs_and_sends(
    signing_in: Department, window: Window, provider: Idp
) -> None:
    for _ in range(4):  # sooner or later the way back ends at the other worker
        window.page.goto(f"{signing_in.url}/sign-in")
        assert window.page.url.startswith(f"{signing_in.url}/sign-in/callback?")
        code = window.page.locator(".code").inner_text()
    assert window.page.get_by_role("heading", level=1).inner_text().startswith("Type this code")
    assert ANN in window.page.get_by_role("listitem").all_inner_texts()
    assert window.complaints == []
    (cookie,) = window.context.cookies()
    assert cookie["name"].startswith("__Host-")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    answer = signing_in.call("POST", "/v1/pair", {"code": code, "name": "Outlook"}, None)
    assert answer.status == 200, answer.body
    for sender, status in ((ANN, 200), ("bob.hall@council.example", 403)):
        body = {"draft": draft_json("jo@council.example", sender=sender)}
        assert signing_in.call("POST", "/v1/check", body, answer.json["token"]).status == status


def test_a_link_elsewhere_leads_there_and_a_frame_does_not(
    signing_in: Department, window: Window
) -> None:
    page = window.page
    page.route(
        "https://intranet.example/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<a href="{signing_in.url}/sign-in">in</a>'
            f'<iframe src="{signing_in.url}/sign-in"></iframe>',
        ),
    )
    page.goto("https://intranet.example/")
    framed = page.frames[1]
    framed.wait_for_load_state()
    assert framed.locator(".code").count() == 0
    page.get_by_role("link", name="in").click()
    page.locator(".code").wait_for()


def test_loading_the_page_again_says_what_to_do(signing_in: Department, window: Window) -> None:
    window.page.goto(f"{signing_in.url}/sign-in")
    window.page.reload()
    assert "cannot be finished" in window.page.get_by_role("heading", level=1).inner_text()
    window.page.get_by_role("link", name="Sign in again").click()
    window.page.locator(".code").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/callback?code=x&state=y"])
def test_axe_finds_nothing(
    signing_in: Department, chromium: Browser, scheme: str, path: str
) -> None:
    needs("axe-core", AXE.exists(), "`npm ci` in tests/tools installs it")
    opened = Window(chromium, color_scheme=scheme, bypass_csp=True)
    opened.page.goto(signing_in.url + path)
    opened.page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found = opened.page.evaluate(
        """async () => {
            const {violations, passes} = await axe.run(document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
            return {violations: violations.map(one => one.id), passes: passes.length};
        }"""
    )
    opened.context.close()
    assert found["violations"] == []
    assert found["passes"] > 8


@pytest.mark.parametrize("width", [640, 320, 200])
def test_enlarged_nothing_is_cut_off(
    signing_in: Department, chromium: Browser, provider: Idp, width: int
) -> None:
    kept = dict(provider.person)
    provider.person["others"] = ["a-very-long-name-of-a-shared-mailbox-of-a-team@council.example"]
    opened = Window(chromium, viewport={"width": width, "height": 600})
    opened.page.goto(f"{signing_in.url}/sign-in")
    opened.page.locator(".code").wait_for()
    shown = opened.page.evaluate("document.scrollingElement.scrollWidth")
    opened.context.close()
    provider.person = kept
    assert shown <= width


def test_no_log_knows_who_signed_in(signing_in: Department, window: Window) -> None:
    window.page.goto(f"{signing_in.url}/sign-in")
    code = window.page.locator(".code").inner_text()
    query = window.page.url.partition("?")[2]
    written = ""
    for file in signing_in.home.rglob("*"):
        if file.is_file() and ("log" in file.name) and file.stat().st_size:
            written += file.read_text(errors="replace")
    assert "/sign-in" in written
    for secret in (ANN, "Ann Lee", "subject-ann", code, *query.split("&")):
        assert secret not in written
    answered = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert [one for one in answered if one.get("route") == "/sign-in/callback"]
