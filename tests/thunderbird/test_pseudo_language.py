"""Another language on every page of the add-in: all of it is told, and it finds room."""

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

from . import pseudo
from .standin import Json
from .test_options_page import ABOUT, PAIRED, STAND_IN, STATES, UNREPORTED, WELL, areas, given
from .views import BLIND, KEY, NAME, NO_KEY, READERS, REVIEWS, SLIP, asks, reader

pytestmark = [pytest.mark.browser]

MANIFEST = Path(__file__).parents[2] / "manifest"
ORIGIN = "https://pseudo.example"
WIDTHS = (660, 320)

SCENES = """
import { Pane } from "./shared/pane.js";
import { showCountdown } from "./shared/countdown.js";
import { showPassphrases } from "./shared/passphrases.js";
import { fillTexts } from "./shared/texts.js";
import { showSilence } from "./silence.js";
const root = document.getElementById("review");
const nothing = async () => {};
const names = ["replace", "remove", "toBcc", "allow", "seal", "send", "look", "take", "useKeys"];
const host = Object.fromEntries([...names, "leave"].map((name) => [name, nothing]));
const drawn = {
  pane({ review, situation, tried, unable }) {
    const can = (way) => !unable || way !== "smime";
    new Pane(root, host).show(review, tried ?? [], { shape: "mime", can, ...situation });
  },
  words: ({ spoken }) => showPassphrases(root, spoken, { send() {}, keys() {}, leave() {} }),
  silence: (problem) => showSilence(root, problem, { again() {}, leave() {}, connect() {} }),
  countdown: (given) => { window.shown = showCountdown(root, { ...given, stop() {} }); },
};
fillTexts(document);
window.draw = ({ kind, ...more }) => drawn[kind](more);
"""

PRIYA = {"name": "Priya Tann", "address": "p.tann@fountain-chambers.example"}
STATED = "verified tofu stale updated passphrase none unverified changed conflict expired revoked"
EVERYBODY = [
    *(reader(f"{state}@clinic.example", "", "", state) for state in f"{STATED} rejected".split()),
    reader("odd@clinic.example", "", "", "unusable"),
    reader("", "", "", "verified", archive=True),
    reader("", "", "", "none", sender=True),
]
OPEN_TO_ALL = {"required": True, "because": [], "possible": True, "readers": EVERYBODY}
MANY_PEOPLE = ["Priya Tann", *[f"Resident {n}" for n in range(20)]]
UNSEALED = KEY | {"id": "why", "ask": "reason"}
SILENT = [
    "unreachable", "slow", "nonsense", "refused", "impostor", "not-paired", "slept", "changed",
    "not-begun",
]  # fmt: skip


def tried(review: Json) -> list[Json]:
    asked = [one for one in review["findings"] if one["ask"]]
    return [{"finding": one["id"], "choice": one["ask"], "value": "x"} for one in asked]


def pane(review: Json, situation: Json | None = None, **more: Any) -> Json:
    return {"kind": "pane", "review": review, "situation": situation or {}} | more


def silence(reason: str, sealing: bool, **more: str) -> Json:
    said = {"message": "", "hint": "", **more}
    return {"kind": "silence", "reason": reason, "sealing": sealing, **said}


SHOWN: dict[str, Json] = {
    **{name: pane(review, situation) for name, (review, situation) in REVIEWS.items()},
    "not enough": pane(REVIEWS["many"][0], tried=tried(REVIEWS["many"][0])),
    "typed amiss": pane(
        asks(SLIP | {"ask": "retype"}, KEY, NAME, NAME | {"ask": "reason", "id": "whom"}),
        tried=tried(asks(SLIP | {"ask": "retype"}, KEY, NAME, NAME | {"id": "whom"})),
    ),
    "every reader": pane(asks(KEY, encryption=OPEN_TO_ALL)),
    "certificates": pane(asks(KEY, KEY | {"id": "2"}, encryption=BLIND), {"shape": "smime"}),
    "no certificate": pane(asks(KEY, encryption=OPEN_TO_ALL), {"shape": "smime"}),
    "as a ZIP": pane(asks(SLIP, encryption=OPEN_TO_ALL), {"shape": "zip"}),
    "no way": pane(
        asks(NO_KEY, verdict="block", encryption=BLIND | {"possible": False}), unable=True
    ),
    "unsealed": pane(asks(UNSEALED, encryption=BLIND | {"readers": READERS})),
    "words": {"kind": "words", "spoken": [{"people": [PRIYA], "passphrase": "a-b-c-d-e-f-g"}]},
    "countdown": {"kind": "countdown", "seconds": 10, "names": MANY_PEOPLE},
    **{f"silence, {reason}": silence(reason, sealing=False) for reason in SILENT},
    **{f"sealing, {one}": silence(one, True) for one in ("unreachable", "slow", "refused")},
    "refused in words": silence("refused", True, message="No room.", hint="Take a file out."),
}

PRESSED = {
    # Which button, where; and what is there then.
    "used": ("many", ".use", ".settled"),
    "moved to Bcc": ("exposed", ".bcc", ".settled"),
    "taken out": ("many", ".remove", ".settled"),
    "looked at again": ("look", ".use", ".lead"),
    "asked for a key": ("no key", ".way.ask", ".told"),
    "asked to allow": ("block", ".request", ".allow .told"),
    "sealed by choice": ("slip", "#seal", "#seal-told"),
    "copied": ("slip", ".reference .copy", ".copied"),
    "ZIP words noted": ("words", ".noted", "#title"),
    "ZIP words copied": ("words", ".copy", ".copied"),
    "stopped": ("countdown", ".stop", ".left"),
}
Open = Callable[..., Page]
Draw = Callable[[str], Page]


@pytest.fixture(scope="module")
def chromium(launch: Launch) -> Iterator[Browser]:
    with launch([]) as running:
        yield running


def answered(page: str) -> Callable[[Route], None]:
    """The files of the add-in, side by side as in the built one, with the made-up language in it."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        html = (MANIFEST / "thunderbird" / page).read_text(encoding="utf-8")
        made = {
            "/": html.replace("<script", '<script src="catalogue.js"></script><script', 1),
            "/catalogue.js": manifest_texts.script(manifest_texts.approved(MANIFEST)),
            "/review.js": SCENES,
        }
        name = path.removeprefix("/")
        folder = MANIFEST if path.startswith("/shared/") else MANIFEST / "thunderbird"
        body = made[path] if path in made else (folder / name).read_bytes()
        kind = mimetypes.guess_type(path)[0] or "text/html"
        route.fulfill(body=body, headers={"Content-Type": kind})

    return answer


@pytest.fixture(scope="module")
def opened(chromium: Browser) -> Iterator[Open]:
    """Opens a page of the add-in, with a script that runs before it; afterwards it has had no
    error.
    """
    texts = {"en": pseudo.catalogue()}
    with ExitStack() as stack:
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        patched.setattr(manifest_texts, "approved", lambda source: texts)
        errors: list[str] = []

        def show(name: str, script: str = "") -> Page:
            viewport: Any = {"width": WIDTHS[0], "height": 560}
            allowed = ["clipboard-read", "clipboard-write"]
            made = chromium.new_context(viewport=viewport, locale="en-US", permissions=allowed)
            stack.callback(made.close)
            page = made.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            made.route("**/*", answered(name))
            page.add_init_script(script)
            page.goto(f"{ORIGIN}/")
            return page

        yield show
        assert errors == []


@pytest.fixture(scope="module")
def review(opened: Open) -> Page:
    page = opened("review.html")
    page.wait_for_function("window.draw !== undefined")
    return page


@pytest.fixture
def reviewed(review: Page) -> Draw:
    """Shows one of the reviews, all unfolded."""

    def draw(name: str) -> Page:
        review.set_viewport_size({"width": WIDTHS[0], "height": 560})
        review.evaluate("scene => window.draw(scene)", SHOWN[name])
        unfold(review)
        return review

    return draw


def unfold(page: Page) -> None:
    page.evaluate(
        """() => {
            for (const one of document.querySelectorAll('.fold[aria-expanded="false"]')) one.click();
            for (const one of document.querySelectorAll("details")) one.open = true;
        }"""
    )


def is_told_and_fits(page: Page, words: Any) -> None:
    assert pseudo.untold(page, pseudo.said(words)) == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 560})
        assert pseudo.cut(page) == [], width


@pytest.mark.parametrize("name", SHOWN)
def test_all_of_a_review_is_told_and_finds_room(reviewed: Draw, name: str) -> None:
    is_told_and_fits(reviewed(name), SHOWN[name])


@pytest.mark.parametrize("name", PRESSED)
def test_what_is_told_after_a_press_is_told_and_finds_room(reviewed: Draw, name: str) -> None:
    begun, button, where = PRESSED[name]
    page = reviewed(begun)
    page.locator(button).first.click()
    expect(page.locator(where).filter(has_text="⟦").first).to_be_visible()
    is_told_and_fits(page, SHOWN[begun])


def test_the_last_word_of_a_countdown_is_told(reviewed: Draw) -> None:
    page = reviewed("countdown")
    page.evaluate("window.shown.going()")
    is_told_and_fits(page, SHOWN["countdown"])


def helped(code: str) -> Json:
    told = {"code": code, "message": "", "hint": ""}
    return given(areas=areas(session={"helperSaid": told}))


def learning(allowed: Json, **progress: Any) -> Json:
    local = {"learnAllowed": allowed, "learnProgress": progress}
    return given(areas=areas(local=local, session=PAIRED["session"]))


def looked(verdict: str) -> Json:
    look = {"at": 1790000000000, "verdict": verdict, "policy": "faf4e8f6fff1", "ms": 35}
    more = {"lastLook": look, "unreported": [UNREPORTED]}
    return given(areas=areas(local=more, session=PAIRED["session"]))


BOTH = {"sent": True, "book": True}
ABOUT_UNSEALED = ABOUT | {"sealing": False}
SENT = {"places": {"Sent": {"seen": 12, "total": 90, "top": 0, "down": 0, "done": False}}}
CONNECTIONS: dict[str, Json] = {
    **{state: handed for state, (handed, _) in STATES.items()},
    **{f"helper: {code}": helped(code) for code in ("broken", "access-ended", "odd")},
    **{f"last: {verdict}": looked(verdict) for verdict in ("allow", "block", "silence")},
    **{f"learning: {one}": learning(BOTH, trouble=one) for one in ("away", "old", "refused")},
    "learning": learning(BOTH, **SENT),
    "learned": learning(BOTH, **SENT, sentAt=1790000000000, bookAt=1, entries=40),
    "to be forgotten": learning({"forget": True}, trouble="away"),
    "tested, without GnuPG": given(areas=PAIRED, answers=WELL | {"/v1/about": ABOUT_UNSEALED}),
    "nonsense": given(areas=PAIRED, answers={"/v1/hello": 7}),
}


@pytest.mark.parametrize("state", CONNECTIONS)
def test_all_of_the_connections_page_is_told_and_finds_room(opened: Open, state: str) -> None:
    handed = json.dumps(CONNECTIONS[state])
    page = opened("options.html", f"window.given = {handed};{STAND_IN}")
    expect(page.locator("#learning")).to_be_visible()
    expect(page.locator("#facts dd").first).to_be_attached()
    if state.startswith("tested"):
        page.locator("#test").click()
        expect(page.locator("#report")).not_to_be_empty()
        page.locator("#copy").click()
        expect(page.locator("#copied")).not_to_be_empty()
    unfold(page)
    assert page.title().startswith("⟦")
    is_told_and_fits(page, CONNECTIONS[state])


def test_a_page_that_is_not_told_or_too_narrow_is_found(reviewed: Draw) -> None:
    page = reviewed("slip")
    page.evaluate(
        """() => {
            document.getElementById("title").textContent = "One question";
            const long = document.querySelector(".back");
            long.style = "width: 3rem; overflow: hidden; white-space: nowrap";
        }"""
    )
    assert pseudo.untold(page, pseudo.said(SHOWN["slip"])) == ["One question"]
    assert [one["element"] for one in pseudo.cut(page)] == ["BUTTON.back#"]
