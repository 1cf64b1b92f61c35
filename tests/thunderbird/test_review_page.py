"""The review page for everybody, in Chromium: by axe-core, by night, enlarged, by keyboard alone."""

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

from .standin import Json
from .views import BOB, EXPOSED, HARD, KNOWN, LONG_NAME, OUTSIDE, REVIEWS, SLIP, TYPED

pytestmark = [pytest.mark.browser]

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "manifest"
AXE = ROOT / "tests" / "tools" / "node_modules" / "axe-core" / "axe.min.js"
ORIGIN = "https://review.example"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"

MOUNT = """
import { Pane } from "./shared/pane.js";
import { showCountdown } from "./shared/countdown.js";
import { showPassphrases } from "./shared/passphrases.js";
import { showSilence } from "./shared/silence.js";
const root = document.getElementById("review");
const { view, review, situation, countdown } = window.given;
window.done = [];
const note = (name) => async (...given) => { window.done.push([name, ...given]); };
if (view === "countdown") {
  window.shown = showCountdown(root, { ...countdown, stop: note("stop") });
} else if (view === "silence") {
  const ways = ["again-button", "back"].map(name => ({ name, label: name, act: note(name) }));
  showSilence(root, { reason: "unreachable", title: "Last Look cannot be reached", lead: "It is here.",
    cause: "The service is not running.", why: "Mail waits.", message: "", hint: "" }, ways);
} else if (view === "words") {
  const people = [{ name: "Priya Tann", address: "p.tann@fountain-chambers.example" }];
  showPassphrases(root, [{ people, passphrase: "a-b-c-d-e-f-g" }],
    { send: note("send"), keys: note("keys"), leave: note("leave") });
} else {
  const names = ["replace", "remove", "toBcc", "allow", "seal", "send", "look", "take", "useKeys"];
  const host = Object.fromEntries([...names, "leave"].map(name => [name, note(name)]));
  window.pane = new Pane(root, host);
  window.pane.show(review, [], { shape: "mime", can: () => true, ...situation });
}
"""

COUNTDOWN = {"seconds": 10, "names": ["Priya Tann", *[f"Resident {n}" for n in range(20)]]}
EVERY = [*REVIEWS, "countdown", "silence", "words"]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium(launch: Launch) -> Iterator[Browser]:
    with launch([]) as running:
        yield running


def answered(route: Route) -> None:
    """The files of the add-in as Thunderbird has them, with a page that mounts one view."""
    path = urlsplit(route.request.url).path
    kind = mimetypes.guess_type(path)[0] or "text/html"
    made = {
        "/": (MANIFEST / "thunderbird" / "review.html").read_text(encoding="utf-8")
        .replace('<script', '<script src="catalogue.js"></script><script', 1),
        "/review.js": MOUNT,
        "/catalogue.js": manifest_texts.script(manifest_texts.approved(MANIFEST)),
    }  # fmt: skip
    body = made[path] if path in made else (MANIFEST / path.lstrip("/")).read_bytes()
    headers = {"Content-Type": kind, "Content-Security-Policy": POLICY}
    route.fulfill(body=body, headers=headers)


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Open]:
    """Opens one view; afterwards the page has had no error."""
    with ExitStack() as stack:
        errors: list[str] = []

        def show(view: str, *, size: tuple[int, int] = (660, 560), **context: Any) -> Page:
            width, height = size
            made = chromium.new_context(viewport={"width": width, "height": height}, **context)
            stack.callback(made.close)
            page = made.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda said: errors.append(said.text))
            made.route("**/*", answered)
            review, situation = REVIEWS.get(view, ({}, {}))
            given: Json = {"view": view, "review": review, "situation": situation}
            given["countdown"] = COUNTDOWN
            page.add_init_script(f"window.given = {json.dumps(given)};")
            page.goto(f"{ORIGIN}/")
            page.locator("#title").wait_for()
            return page

        yield show
        assert errors == []


def unfold(page: Page) -> None:
    page.evaluate(
        """() => {
            for (const one of document.querySelectorAll('.fold[aria-expanded="false"]')) one.click();
            for (const one of document.querySelectorAll(".allow")) one.open = true;
        }"""
    )


def done(page: Page) -> list[Any]:
    return list(page.evaluate("window.done"))


@pytest.mark.parametrize("view", EVERY)
def test_axe_finds_nothing_by_day_and_by_night(opened: Open, view: str) -> None:
    needs("axe-core", AXE.exists(), "`npm ci` in tests/tools installs it")
    # As high as it gets: what lies under the foot is not judged.
    page = opened(view, size=(660, 16_000), reduced_motion="reduce")
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for state in ("as it opens", "all unfolded"):
            if state == "all unfolded":
                unfold(page)
            found = page.evaluate(
                """async () => {
                    const {violations, incomplete, passes} = await axe.run(document, {runOnly: [
                        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
                    const told = one => one.id + ": " + one.nodes.map(node => node.html).join(" | ");
                    return {violations: violations.map(told), passes: passes.length,
                        unsure: incomplete.filter(one => one.id === "color-contrast").map(told)};
                }"""
            )
            assert found["violations"] == [], (scheme, state)
            assert found["unsure"] == [], (scheme, state)
            assert found["passes"] > 15


@pytest.mark.parametrize("view", EVERY)
def test_narrow_and_enlarged_nothing_is_cut_off(opened: Open, view: str) -> None:
    """A window of 660 points has 330 when enlarged twice, and 165 when enlarged four times."""
    page = opened(view)
    unfold(page)
    for width, height in ((320, 560), (330, 280), (165, 140)):
        page.set_viewport_size({"width": width, "height": height})
        cut = page.evaluate(
            """() => [...document.querySelectorAll("body, body *")].filter(one => {
                const box = one.getBoundingClientRect();
                return box.right > innerWidth + 1 && !one.closest(".spoken");
            }).map(one => one.tagName + "." + one.className)"""
        )
        assert cut == [], width
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("view", EVERY)
def test_letters_of_twice_the_size_stay_on_the_page(opened: Open, view: str) -> None:
    page = opened(view)
    unfold(page)
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 660


@pytest.mark.parametrize("view", EVERY)
def test_everything_is_reached_by_tab_and_the_focus_is_seen(opened: Open, view: str) -> None:
    page = opened(view)
    unfold(page)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("button, input, summary")]
            .filter(one => one.checkVisibility() && !one.disabled)
            .filter(one => one.type !== "radio" || one === document.querySelector("[type=radio]"))
            .map((one, place) => { one.dataset.tab = place; return String(place); })"""
    )
    seen, hidden = [], []
    for _ in [*wanted, "the window itself"]:
        page.keyboard.press("Tab")
        where, outline, inside = page.evaluate(
            """() => { const one = document.activeElement, box = one.getBoundingClientRect();
                return [one.dataset.tab, getComputedStyle(one).outlineStyle,
                    box.bottom > 0 && box.top < innerHeight]; }"""
        )
        if where is None:
            continue
        seen.append(where)
        hidden += [where] if outline == "none" or not inside else []
    first = seen.index("0")
    assert (seen[first:] + seen[:first])[: len(wanted)] == wanted
    assert hidden == []


@pytest.mark.parametrize("view", EVERY)
def test_enter_right_away_and_whatever_it_meets_never_overrides(opened: Open, view: str) -> None:
    page = opened(view)
    page.keyboard.press("Enter")
    told = {name for name, *_ in done(page)}
    assert told <= {"replace", "toBcc", "leave", "stop", "again-button", "send", "look"}
    for name, *given in done(page):
        assert name != "send" or given == [[]], "nothing was answered"
    if "send" in told:
        assert told & {"replace", "toBcc"}, "it goes corrected, or not at all"


@pytest.mark.parametrize("view", REVIEWS)
def test_nothing_on_the_page_answers_more_than_one_question(opened: Open, view: str) -> None:
    page = opened(view)
    pressed, most = page.evaluate(
        """async () => {
            const fresh = () => {
                const { review, situation } = window.given;
                window.pane.show(review, [], { shape: "mime", can: () => true, ...situation });
                for (const one of document.querySelectorAll(".fold")) {
                    if (one.ariaExpanded === "false") one.click();
                }
                return [...document.querySelectorAll("h2, button, input, label, summary")];
            };
            let most = 0;
            const count = fresh().length;
            for (let place = 0; place < count; place += 1) {
                fresh()[place].click();
                most = Math.max(most, window.pane.answers.size);
            }
            return [count, most];
        }"""
    )
    assert pressed > 3
    assert most <= 1


def test_the_difference_is_marked_by_more_than_colour_and_told_in_words(opened: Open) -> None:
    page = opened("slip", forced_colors="active")
    outlines = page.evaluate(
        """[".typed-apart", ".known-apart"].map(part =>
            getComputedStyle(document.querySelector(part)).outlineStyle)"""
    )
    assert outlines == ["dashed", "solid"]
    spoken = page.locator("#review").aria_snapshot()
    assert f"You typed {TYPED}. Priya Tann has {KNOWN}. The difference: one n is missing." in spoken
    assert spoken.count("The difference") == 1
    expect(page.locator(".difference")).to_have_text("The difference: one n is missing.")
    assert SLIP["advice"] not in page.locator("#review").inner_text()


def test_without_motion_nothing_moves(opened: Open) -> None:
    page = opened("many", reduced_motion="reduce")
    moving = page.evaluate(
        """[...document.querySelectorAll("*")].filter(one => {
            const { transitionDuration, animationName } = getComputedStyle(one);
            return animationName !== "none" || !/^0s(, 0s)*$/.test(transitionDuration);
        }).length"""
    )
    assert moving == 0


def test_names_are_shown_as_they_are_and_turn_nothing_around(opened: Open) -> None:
    page = opened("hard")
    unfold(page)
    assert page.locator("img").count() == 0
    text = page.locator("#review").inner_text()
    assert "<img src=x onerror=alert(1)> ‹U+202E›gnp.exe" in text
    assert page.locator(".reader bdi", has_text="محمد علي").count() == 1
    assert page.locator(".pair bdi", has_text="פריה טן").count() == 1
    assert page.locator(f'.names [title="{LONG_NAME}"]').count() == 1


def test_what_is_about_one_person_stands_together(opened: Open) -> None:
    page = opened("hard")
    ids = page.evaluate("[...document.querySelectorAll('.card')].map(one => one.dataset.finding)")
    assert ids == [
        "long",
        "f1-right" if "f1-right" in ids else "right",
        "second",
        "forgotten",
        "third",
    ]
    assert [one["id"] for one in HARD] != ids


def test_of_many_strangers_the_exposure_comes_first_and_equal_notes_are_one_line(
    opened: Open,
) -> None:
    page = opened("a newsletter")
    questions = page.locator(".card h2").all_inner_texts()
    assert questions[0] == EXPOSED["message"]
    assert len(questions) == 31
    assert page.locator(".fold[aria-expanded=true]").count() == 1
    assert page.evaluate("document.activeElement.className") == "primary bcc"
    (note,) = page.locator(".notes li").all_inner_texts()
    assert note.split("\n")[0] == "You have not written to this address before."
    assert note.endswith(f"{OUTSIDE[2]}, and 27 others")


def test_a_choice_about_sealing_is_the_senders_and_sends_nothing(opened: Open) -> None:
    page = opened("slip")
    switch = page.get_by_role("switch", name="Seal it, so that only its readers can open it")
    switch.focus()
    page.keyboard.press("Enter")
    assert done(page) == []
    page.keyboard.press(" ")
    expect(switch).to_be_checked()
    assert done(page) == [["seal", True]]
    expect(page.locator(".send")).to_be_disabled()
    expect(page.locator(".send")).to_have_text("Seal and send")
    expect(page.locator("#seal-told")).to_have_text(
        "The next step asks whom it is for and whose key is whose."
    )


def test_who_is_in_doubt_about_sealing_keeps_the_readers_in_sight(opened: Open) -> None:
    page = opened("slip, sensitive, a key")
    people = page.locator(".reader").all_inner_texts()
    assert len(people) == 3
    assert BOB in people[0]
    assert "outside your organisation" in people[0]


# The seconds before it goes.


@pytest.mark.parametrize("key", ["Enter", " ", "Escape"])
@pytest.mark.parametrize("focus", ["as it opens", "elsewhere"])
def test_every_key_of_a_hurry_stops_it_once(opened: Open, key: str, focus: str) -> None:
    page = opened("countdown")
    assert page.evaluate("document.activeElement.className") == "primary stop"
    if focus == "elsewhere":
        page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)
    page.keyboard.press(key)
    assert done(page) == [["stop"]]


def test_a_key_that_was_held_from_before_and_the_key_for_send_stop_nothing(opened: Open) -> None:
    page = opened("slip")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.down("Enter")
    page.evaluate(
        """async () => { const { showCountdown } = await import("/shared/countdown.js");
        window.shown = showCountdown(document.getElementById("review"),
            { seconds: 9, names: [], stop: () => window.done.push(["stop"]) });
        document.activeElement.blur(); }"""
    )
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.press("Control+Enter")
    assert done(page) == []
    page.keyboard.press("Enter")
    assert done(page) == [["stop"]]


def test_the_second_half_of_a_double_click_is_not_a_click_on_stop(opened: Open) -> None:
    page = opened("countdown")
    page.evaluate(
        """document.querySelector(".stop").dispatchEvent(
            new MouseEvent("click", { bubbles: true, detail: 2 }))"""
    )
    assert done(page) == []
    page.locator(".stop").click()
    assert done(page) == [["stop"]]


def test_the_seconds_are_seen_each_and_told_seldom(opened: Open) -> None:
    page = opened("countdown")
    seen, told = [], []
    for left in (10, 9.2, 8, 7, 6, 5, 4, 3, 2, 1, 0.4):
        page.evaluate("left => window.shown.show(left)", left)
        seen.append(page.locator(".left").inner_text())
        told.append(page.locator("[role=status]").inner_text())
    assert seen[:2] == ["10 seconds", "10 seconds"]
    assert seen[-3:] == ["2 seconds", "1 second", "1 second"]
    assert list(dict.fromkeys(told)) == [
        "This mail goes in 10 seconds. Press Enter to stop it.",
        "5 seconds",
    ]
    page.evaluate("window.shown.going()")
    expect(page.locator("[role=status]")).to_have_text("Sending …")
    expect(page.locator(".stop")).to_be_disabled()
    page.keyboard.press("Enter")
    assert done(page) == []


def test_all_who_get_it_are_named_or_counted(opened: Open) -> None:
    page = opened("countdown")
    named = page.locator(".going-to li").all_inner_texts()
    assert named[0] == "Priya Tann"
    assert named[-1] == "and 15 others"
    assert len(named) == 7
