"""The add-in's texts in a made-up language, and what of a page is not in it or is cut off."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from playwright.sync_api import Page

from addin_service import manifest_texts, manifests
from tests.languages.pseudo import accented

from .standin import Json

# What the pages need to know about the language, and nobody reads.
KEPT = {"approved", "language"}

PEOPLES = {
    "message", "advice", "hint", "difference", "address", "suggestion", "name", "names", "people",
    "organisation", "reference", "passphrase", "service", "policy",
}  # fmt: skip
"""Where an answer of the service holds its own words, or those of people."""

EXCEPTIONS = [
    # Dates are the browser's, in the language that the texts say they are in.
    r"\b[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d\d\s[AP]M",
    # Each language is named in its own words, by the browser.
    r"(?m)(?:^|(?<=: ))English$",
    # The mail program says its own name and version.
    r"Thunderbird 153\.7\.0",
    # Where the service is looked for if nobody said otherwise.
    r"http://127\.0\.0\.1:8025",
    # What this Thunderbird is called among others: the first digits of its number.
    r"\b3f3f\b",
]
ADDRESSES = ".columns"
"""Two addresses, letter by letter. Those who listen are told them in a sentence."""

NAMES = '.pair .names [title]:not([title=""])'
"""A person's name may be as long as it likes. It is cut with dots, and whole in its `title`."""

_NAMED = re.compile(r"\$(\w+)\$")
_BRACED = re.compile(r"\{(\w+)\}")
_LETTER = re.compile("[A-Za-z]")
_UNSEEN = ("Cc", "Cf", "Zl", "Zp")


def catalogue() -> manifest_texts.Catalogue:
    """The English one with every message in brackets, accented and two fifths longer."""

    def told(entry: dict[str, Any]) -> dict[str, Any]:
        message = accented(_NAMED.sub(r"{\1}", entry["message"]))
        return entry | {"message": _BRACED.sub(r"$\1$", message)}

    english = manifest_texts.catalogues(manifests.source())["en"]
    return {name: entry if name in KEPT else told(entry) for name, entry in english.items()}


def said(value: Any, theirs: bool = False) -> Iterator[str]:
    """All words in an answer, or in what a test stands in with, that are not the add-in's."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from said(one, name in PEOPLES)
    elif isinstance(value, list):
        for one in value:
            yield from said(one, theirs)
    elif isinstance(value, str) and theirs:
        yield value


def visible(text: str) -> str:
    """With a number in the place of each character that is not seen, as pages show it."""
    return "".join(
        f"‹U+{ord(one):04X}›" if unicodedata.category(one) in _UNSEEN else one for one in text
    )


def untold(page: Page, words: Iterable[str]) -> list[str]:
    """What somebody could read or hear on the page that neither is in the made-up language nor
    among the `words` of others.
    """
    shown: list[str] = page.evaluate(
        """(addresses) => {
            const all = [document.documentElement, ...document.querySelectorAll("body, body *")];
            const named = ["title", "aria-label", "placeholder", "alt", "aria-valuetext"];
            const said = all.flatMap(one => named.map(name => one.getAttribute(name)));
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                if (!walker.currentNode.parentElement.closest(addresses)) {
                    said.push(walker.currentNode.data);
                }
            }
            return said.filter(one => one?.trim());
        }""",
        ADDRESSES,
    )
    longest = sorted({visible(one) for one in words if one.strip()}, key=len, reverse=True)
    left = []
    for text in shown:
        rest = text.strip()
        for pattern in EXCEPTIONS:
            rest = re.sub(pattern, "", rest)
        for one in longest:
            rest = rest.replace(one, "")
        if _LETTER.search(rest):
            left.append(text)
    assert shown, "there is nothing on the page"
    return left


def cut(page: Page) -> list[Json]:
    """Elements whose content is wider, or hidden and higher, than they are; and the page itself."""
    found: list[Json] = page.evaluate(
        """(names) => {
            const wide = document.scrollingElement.scrollWidth > innerWidth;
            const page = wide ? [{ element: "the page", wide: innerWidth }] : [];
            const told = one => ({
                element: `${one.tagName}.${one.className}#${one.id}`, text: one.innerText,
                wide: [one.scrollWidth, one.clientWidth], high: [one.scrollHeight, one.clientHeight],
            });
            const cuts = one => {
                const { display, overflowX, overflowY } = getComputedStyle(one);
                if (display === "inline" || !one.checkVisibility()) return false;
                const high = one.scrollHeight > one.clientHeight + 1;
                const hides = ["hidden", "clip"].some(way => [overflowX, overflowY].includes(way));
                return one.scrollWidth > one.clientWidth + 1 || (hides && high)
                    || one.getBoundingClientRect().right > innerWidth + 1;
            };
            return [...page, ...[...document.querySelectorAll("body *")]
                .filter(one => one.innerText?.trim() && !one.closest(`.spoken, ${names}`))
                .filter(cuts).map(told)];
        }""",
        NAMES,
    )
    return found
