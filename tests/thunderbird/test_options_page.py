"""The page about the connection for everybody, in Chromium: axe-core, by night, enlarged, by keys.

What it does is tried in a real Thunderbird (`test_helper.py`, `test_pairing.py`); here the mail
program and the service are stand-ins, so that each state can be looked at.
"""

import json
import mimetypes
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from addin_service import manifest_texts
from tests.browser import Launch
from tests.conftest import needs

pytestmark = [pytest.mark.browser]

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "manifest"
AXE = ROOT / "tests" / "tools" / "node_modules" / "axe-core" / "axe.min.js"
ORIGIN = "https://options.example"

TOKEN = "0123456789abcdef0123456789abcdef.secret-of-a-test"

STAND_IN = """
const areas = window.given.areas;
const area = (kept) => ({
  get: async (names) => Object.fromEntries(
    [names].flat().filter((name) => name in kept).map((name) => [name, kept[name]])),
  set: async (values) => { Object.assign(kept, values); },
  remove: async (names) => { for (const name of [names].flat()) delete kept[name]; },
  onChanged: { addListener() {} },
});
window.messenger = {
  storage: {
    local: area(areas.local), session: area(areas.session),
    managed: { get: async () => areas.managed }, onChanged: { addListener() {} },
  },
  runtime: {
    getBrowserInfo: async () => ({ name: "Thunderbird", version: "153.7.0" }),
    getManifest: () => ({ version: "0.1.0" }),
    sendMessage: async () => null,
    sendNativeMessage: async () => {
      const { helper } = window.given;
      if (!helper) throw new Error("No such native application addin_service");
      return helper;
    },
  },
  identities: { list: async () => [] },
  accounts: { list: async () => [] },
  alarms: { create() {} },
  sealedSend: { able: async () => window.given.able },
};
const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
async function proof(client, nonce) {
  const words = new TextEncoder();
  const secret = await crypto.subtle.digest("SHA-256", words.encode(window.given.token));
  const key = await crypto.subtle.importKey(
    "raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const said = words.encode(`addin-service hello v1\\n${client}\\n${nonce}`);
  return hex(await crypto.subtle.sign("HMAC", key, said));
}
window.fetch = async (url, { body }) => {
  const { pathname } = new URL(url);
  const { answers } = window.given;
  if (!answers) throw new TypeError("NetworkError");
  const asked = JSON.parse(body ?? "null");
  const said = pathname === "/v1/hello"
    ? { proof: answers["/v1/hello"] ?? (await proof(asked.client, asked.nonce)) }
    : answers[pathname];
  const status = said?.error ? 403 : 200;
  return new Response(JSON.stringify(said), { status });
};
"""

CHECKED = {
    "reference": None, "review": None, "verdict": "allow", "findings": [], "policy": "faf4e8f6fff1",
    "encryption": {"required": False, "possible": False, "because": [], "readers": []},
    "unreachable": "hold", "undo": 0,
}  # fmt: skip
ABOUT = {"version": "0.1.0", "kind": "desk", "policy": "faf4e8f6fff1", "sealing": True}
WELL = {"/v1/about": ABOUT, "/v1/check": CHECKED, "/v1/unpair": {"ended": True}}
HANDED = {
    "service": "http://127.0.0.1:8025",
    "token": TOKEN,
    "state": "running",
    "version": "0.1.0",
}
LOOK = {"at": 1790000000000, "verdict": "confirm", "policy": "faf4e8f6fff1", "ms": 35}


def given(**more: Any) -> dict[str, Any]:
    areas = {"local": {"profile": "3f" * 16}, "session": {}, "managed": {}}
    said = {"areas": areas, "helper": None, "answers": WELL, "able": True, "token": TOKEN}
    return said | more


def areas(local: Any = None, session: Any = None, managed: Any = None) -> dict[str, Any]:
    kept = {"profile": "3f" * 16, **(local or {})}
    return {"local": kept, "session": session or {}, "managed": managed or {}}


PAIRED = areas(local={"lastLook": LOOK}, session={"handed": HANDED})
UNREPORTED = {"outcome": "sent", "draft": {}, "review": None}

STATES: dict[str, tuple[dict[str, Any], str]] = {
    "not connected": (given(), "Not connected"),
    "no helper": (
        given(areas=areas(session={"helperSaid": {"code": "missing", "message": "", "hint": ""}})),
        "Thunderbird finds no Last Look",
    ),
    "connected": (given(areas=PAIRED), "has proven itself"),
    "unreported": (
        given(areas=areas(local={"unreported": [UNREPORTED] * 3}, session={"handed": HANDED})),
        "3 mails are not yet reported",
    ),
    "away": (given(areas=PAIRED, answers=None), "does not answer as it should"),
    "impostor": (given(areas=PAIRED, answers={"/v1/hello": "00" * 32}), "cannot prove"),
    "department": (
        given(
            areas=areas(managed={"service": "https://lastlook.council.example", "token": TOKEN}),
            answers=WELL | {"/v1/about": ABOUT | {"kind": "department"}},
        ),
        "At your organisation",
    ),
    "tested": (given(areas=PAIRED, helper=HANDED), "has proven itself"),
    "tested, in vain": (
        given(areas=PAIRED, helper=HANDED, able=False, answers={"/v1/hello": "00" * 32}),
        "cannot prove",
    ),
}
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium(launch: Launch) -> Iterator[Browser]:
    with launch([]) as running:
        yield running


def answered(route: Route) -> None:
    path = urlsplit(route.request.url).path
    page = (MANIFEST / "thunderbird" / "options.html").read_text(encoding="utf-8")
    made = {
        "/": page.replace("<script", '<script src="catalogue.js"></script><script', 1),
        "/catalogue.js": manifest_texts.script(manifest_texts.approved(MANIFEST)),
    }
    if path in made:
        body: str | bytes = made[path]
    elif path.startswith("/shared/"):
        body = (MANIFEST / path.lstrip("/")).read_bytes()
    else:
        body = (MANIFEST / "thunderbird" / path.lstrip("/")).read_bytes()
    route.fulfill(body=body, headers={"Content-Type": mimetypes.guess_type(path)[0] or "text/html"})


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Open]:
    with ExitStack() as stack:
        errors: list[str] = []

        def show(state: str, *, size: tuple[int, int] = (900, 700), **context: Any) -> Page:
            width, height = size
            made = chromium.new_context(viewport={"width": width, "height": height}, **context)
            stack.callback(made.close)
            page = made.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            made.route("**/*", answered)
            said, words = STATES[state]
            page.add_init_script(f"window.given = {json.dumps(said)};{STAND_IN}")
            page.goto(f"{ORIGIN}/")
            expect(page.locator("body")).to_contain_text(words)
            if state.startswith("tested"):
                page.locator("#test").click()
                expect(page.locator("#report")).not_to_be_empty()
                page.locator("#report-details summary").click()
            return page

        yield show
        assert errors == []


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_by_day_and_by_night(opened: Open, state: str) -> None:
    needs("axe-core", AXE.exists(), "`npm ci` in tests/tools installs it")
    page = opened(state, size=(900, 2400), reduced_motion="reduce")
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = page.evaluate(
            """async () => {
                const {violations, incomplete, passes} = await axe.run(document, {runOnly: [
                    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
                const told = one => one.id + ": " + one.nodes.map(node => node.html).join(" | ");
                return {violations: violations.map(told), passes: passes.length,
                    unsure: incomplete.filter(one => one.id === "color-contrast").map(told)};
            }"""
        )
        assert found["violations"] == []
        assert found["unsure"] == []
        assert found["passes"] > 15


@pytest.mark.parametrize("width", [640, 320])
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_cut_off_where_it_is_narrow_or_enlarged(
    opened: Open, state: str, width: int
) -> None:
    page = opened(state, size=(width, 480))
    for scale in ("100%", "200%"):
        page.evaluate(f"document.documentElement.style.setProperty('font-size', '{scale}')")
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        cut = page.evaluate(
            """() => [...document.querySelectorAll("body *")]
              .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
              .map(one => one.tagName + "#" + one.id)"""
        )
        assert cut == []


def test_everything_is_reached_and_done_by_keys_alone(opened: Open) -> None:
    page = opened("connected")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
        if reached[-1] == "test":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#steps .ok")).to_have_count(6)
    expect(page.locator("#report")).not_to_be_empty()
    for _ in range(12):
        if page.evaluate("document.activeElement.id") == "forget":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("Not connected")
    # Nothing that has the focus disappears from under it.
    assert page.evaluate("document.activeElement.id") == "connect"


def test_what_is_copied_names_nobody(opened: Open) -> None:
    page = opened("tested", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#copy").click()
    expect(page.locator("#copied")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines() == page.locator("#report").inner_text().splitlines()
    assert "Works: The service proves that it is yours" in copied
    assert "@" not in copied
    assert TOKEN.partition(".")[2] not in copied


def test_the_first_step_that_fails_says_what_to_do(opened: Open) -> None:
    page = opened("tested, in vain")
    bad = page.locator("#steps .bad").all_inner_texts()
    assert [line.splitlines()[0] for line in bad] == [
        "Does not work: The service proves that it is yours",
        "Does not work: This Thunderbird can send sealed mail whole",
    ]
    assert "helpdesk" in bad[0]
    expect(page.locator("#steps .skipped")).to_have_count(3)
