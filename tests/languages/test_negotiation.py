"""Which language is answered in: what the browser asks for, as far as it is spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service.catalogues import ENGLISH, Language, Languages, wanted
from tests.languages.pseudo import PSEUDO

WELSH = Language("cy", PSEUDO.catalogue)
CHINESE = Language("zh-Hant", PSEUDO.catalogue)
SPOKEN = Languages({"en": ENGLISH, "cy": WELSH, "zh-hant": CHINESE})


@pytest.mark.parametrize(
    ("accept", "tag"),
    [
        ("", "en"),
        ("cy", "cy"),
        ("CY", "cy"),
        ("cy-GB", "cy"),
        ("cy-GB,cy;q=0.9,en;q=0.8", "cy"),
        ("en-GB,cy;q=0.8", "en"),
        ("en;q=0.5, cy;q=0.8", "cy"),
        ("de, fr;q=0.9, cy;q=0.1", "cy"),
        ("de", "en"),
        ("*", "en"),
        ("*, cy;q=0.5", "cy"),
        ("cy;q=0", "en"),
        ("cy;q=0.000, en", "en"),
        ("cy;q=1.000", "cy"),
        ("cy ; q=0.7", "cy"),
        ("cy;q=2", "en"),
        ("cy;q=nan", "en"),
        ("cy;q=1e3", "en"),
        ("cy;q=-1", "en"),
        ("cy;q=0.1234", "en"),
        ("cy;level=1", "en"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-TW", "en"),
        ("c", "en"),
        ("cyx", "en"),
        ("cy_GB", "en"),
        (";;;,,,=,q=1;cy", "en"),
        ("\u0661;q=\u0661", "en"),
        ("../../etc/passwd", "en"),
    ],
)
def test_the_first_wanted_language_that_is_spoken(accept: str, tag: str) -> None:
    assert SPOKEN.preferred(accept).tag == tag


def test_equally_wanted_ones_count_in_their_order() -> None:
    assert wanted("de;q=0.5, fr;q=0.5, cy, en;q=0.9") == ["cy", "en", "de", "fr"]


def test_a_huge_header_is_read_no_further_than_anybody_writes_one() -> None:
    assert SPOKEN.preferred("cy," + "x" * 10_000_000).tag == "cy"
    assert SPOKEN.preferred("de," * 1000 + "cy").tag == "en"
    assert SPOKEN.preferred("-" * 10_000_000).tag == "en"


@given(st.text(alphabet="cyenq=;,-*01. ", max_size=60) | st.text(max_size=60))
def test_no_header_breaks_anything(accept: str) -> None:
    assert SPOKEN.preferred(accept) in SPOKEN.spoken.values()
    assert Languages().preferred(accept) is ENGLISH
