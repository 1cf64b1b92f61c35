"""Every page of the pane for everybody: by axe-core, in the dark, in high contrast, and enlarged."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import needs

from . import scripted as s
from .panes import Json, Open, Pane, person
from .scripted import Scripted

pytestmark = [pytest.mark.browser]

AXE = Path(__file__).parents[1] / "tools" / "node_modules" / "axe-core" / "axe.min.js"

NOBODY_SEEN = [person("", "The whole team")]

PAGES: dict[str, tuple[Scripted, str, Json]] = {
    "connect": (Scripted(), "Before your first mail", {"paired": False}),
    "one slip": (Scripted([s.SLIP]), "Is this the address", {}),
    "many": (Scripted([s.SLIP, s.REASON, s.FORGOTTEN, s.NOTE]), "3 questions", {}),
    "retype": (Scripted([s.RETYPE], readers=s.READERS), "One question", {}),
    "for whom": (Scripted([s.NAME], readers=s.READERS), "Before it is sealed", {}),
    "key": (Scripted([s.KEY], readers=s.READERS), "Is this their key?", {}),
    "no key": (Scripted([s.NO_KEY], readers=s.READERS), "This mail cannot go", {}),
    "blocked": (Scripted([s.BLOCKED]), "This mail cannot go", {}),
    "all set": (Scripted([s.NOTE]), "All set", {}),
    "all set, sealed": (Scripted(readers=s.READERS), "All set", {}),
    "silence": (Scripted(replies={"/v1/check": [None]}), "Last Look cannot be reached", {}),
    "unseen": (Scripted(), "Not everything can be", {"draft": {"to": NOBODY_SEEN}}),
}


def shown(opened: Open, name: str, **more: Any) -> Pane:
    service, title, how = PAGES[name]
    pane = opened(copy.deepcopy(service), s.TYPED, s.KNOWN, **how, **more)
    pane.title(title)
    if name == "no key":
        pane.page.get_by_role("button", name="Ask them for their key").click()
        pane.page.locator(".letter").wait_for()
    if name == "connect":
        pane.page.keyboard.press("Enter")
    return pane


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(opened: Open, name: str, scheme: str) -> None:
    needs("axe-core", AXE.exists(), "`npm ci` in tests/tools installs it")
    pane = shown(opened, name, color_scheme=scheme, reduced_motion="reduce")
    pane.page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found = pane.page.evaluate(
        """async () => {
            const {violations, incomplete, passes} = await axe.run(document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
            const told = one => one.id + ": " + one.nodes.map(node => node.html).join(" | ");
            return {violations: violations.map(told), passes: passes.length,
                    unsure: incomplete.filter(one => one.id === "color-contrast").map(told)};
        }"""
    )
    assert found["violations"] == []
    assert found["unsure"] == []
    assert found["passes"] > 20


@pytest.mark.parametrize("width", [320, 160, 80])
@pytest.mark.parametrize("name", PAGES)
def test_enlarged_to_twice_and_four_times_nothing_is_cut_off(
    opened: Open,
    name: str,
    width: int,
) -> None:
    """A pane of 320 points has 160 when enlarged twice, and 80 when enlarged four times."""
    pane = shown(opened, name, size=(width, 480))
    cut = pane.page.evaluate(
        """() => [...document.querySelectorAll("body, body *")].filter(one => {
            const box = one.getBoundingClientRect();
            return box.right > innerWidth + 1 && !one.closest(".spoken");
        }).map(one => one.tagName + "." + one.className)"""
    )
    assert cut == []
    assert pane.page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_letters_of_twice_the_size_stay_on_the_page(opened: Open, name: str) -> None:
    pane = shown(opened, name)
    pane.page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert pane.page.evaluate("document.scrollingElement.scrollWidth") <= 320


@pytest.mark.parametrize(
    ("theme", "scheme", "ground"),
    [
        ("#1f1f1f", "light", "rgb(27, 31, 34)"),
        ("#ffffff", "dark", "rgb(251, 250, 247)"),
        (None, "dark", "rgb(27, 31, 34)"),
        (None, "light", "rgb(251, 250, 247)"),
        ("nonsense", "light", "rgb(251, 250, 247)"),
    ],
)
def test_it_is_as_dark_as_outlook(
    opened: Open,
    theme: str | None,
    scheme: str,
    ground: str,
) -> None:
    pane = opened(Scripted(), color_scheme=scheme, given={"theme": theme})
    pane.title("All set")
    assert pane.page.evaluate("getComputedStyle(document.body).backgroundColor") == ground


def test_outlook_may_change_its_theme_while_the_pane_is_open(opened: Open) -> None:
    pane = opened(Scripted(), given={"theme": "#ffffff"})
    pane.title("All set")
    pane.outlook("outlook.theme = '#000000'; outlook.edit({}, 'theme');")
    ground = pane.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(27, 31, 34)"


def test_in_high_contrast_the_difference_is_still_marked(opened: Open) -> None:
    pane = opened(Scripted([s.SLIP]), forced_colors="active")
    pane.title("Is this")
    marks = pane.page.evaluate(
        """() => [".typed-apart", ".known-apart"].map(part => {
            const {outlineStyle, outlineWidth} = getComputedStyle(document.querySelector(part));
            return [outlineStyle, outlineWidth];
        })"""
    )
    assert marks == [["dashed", "2px"], ["solid", "2px"]]
    assert (
        pane.page.evaluate("getComputedStyle(document.querySelector('.use')).borderWidth") == "3px"
    )


def test_every_control_has_a_name_and_says_what_it_is_about(opened: Open) -> None:
    pane = shown(opened, "many")
    pane.page.get_by_role("button", name=s.SLIP["message"]).click()
    spoken = pane.page.locator("#review").aria_snapshot()
    assert f'button "Use {s.KNOWN}"' in spoken
    assert f'button "Keep {s.TYPED}"' in spoken
    assert "The difference: one n is missing." in spoken
    about = pane.page.evaluate(
        """() => [...document.querySelectorAll("#review .body :is(button, input)")].map(
            one => document.getElementById(one.getAttribute("aria-describedby")).textContent)"""
    )
    assert about == [
        s.REASON["message"],
        s.SLIP["message"],
        s.SLIP["message"],
        s.FORGOTTEN["message"],
    ]


def test_all_of_it_can_be_reached_by_tab_and_in_the_order_of_the_page(opened: Open) -> None:
    pane = shown(opened, "many")
    seen = []
    for _ in range(7):
        seen.append(pane.page.evaluate(
            "document.activeElement.className || document.activeElement.id || "
            "document.activeElement.tagName"
        ))  # fmt: skip
        pane.page.keyboard.press("Tab")
    assert seen == ["reason", "fold", "fold", "copy plain", "again", "SUMMARY", "BODY"]
