"""The colours of the add-in can be read, by day and by night."""

import re

import pytest

from addin_service import manifests

READ_TOGETHER = [
    ("ink", "paper"), ("ink", "card"), ("quiet", "paper"), ("quiet", "card"),
    ("accent-ink", "accent"), ("typed", "typed-ground"), ("known", "known-ground"),
    ("typed", "card"), ("known", "card"),
]  # fmt: skip
SEEN_TOGETHER = [("focus", "paper"), ("focus", "card"), ("quiet", "card"), ("accent", "card")]


def palettes() -> dict[str, dict[str, str]]:
    found = {}
    for theme, file in (("light", "words.css"), ("dark", "dark.css")):
        css = (manifests.source() / "shared" / file).read_text(encoding="utf-8")
        (block,) = re.findall(r":root \{([^}]*)\}", css)
        found[theme] = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [(*pair, 4.5) for pair in READ_TOGETHER] + [(*pair, 3.0) for pair in SEEN_TOGETHER],
)
def test_there_is_enough_contrast(theme: str, front: str, back: str, least: float) -> None:
    colours = palettes()[theme]
    assert contrast(colours[front], colours[back]) >= least
