"""Distances between addresses, and how a difference is shown and said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service import similarity

SHORT = st.text(alphabet="abn.@-1é", max_size=14)


@pytest.mark.parametrize(
    ("typed", "suggested", "slips"),
    [
        ("p.tann@chambers.example", "p.tann@chambers.example", 0),
        ("p.tan@chambers.example", "p.tann@chambers.example", 1),
        ("p.tnan@chambers.example", "p.tann@chambers.example", 1),
        ("p.tan@chmbers.example", "p.tann@chambers.example", 2),
        ("p.tern@chmbers.example", "p.tann@chambers.example", 3),
        ("someone@else.example", "p.tann@chambers.example", 3),
    ],
)
def test_slips_are_counted_up_to_one_more_than_the_limit(
    typed: str, suggested: str, slips: int
) -> None:
    assert similarity.distance(typed, suggested) == slips


def test_the_nearest_come_first_and_equal_ones_are_left_out() -> None:
    known = ["zzz", "abcd", "abc", "ab", "acb", "axyz"]
    assert similarity.nearest("abc", known) == [(1, 1), (3, 1), (4, 1)]
    assert similarity.nearest("abc", known, limit=3)[-1] == (5, 3)
    assert similarity.nearest("abc", []) == []


KEYS = st.builds(
    lambda local, domain: f"{local}@{domain}",
    st.text(alphabet="ab.", min_size=1, max_size=5),
    st.text(alphabet="cd.", min_size=1, max_size=5),
)


@given(KEYS, st.lists(KEYS, max_size=20), st.integers(0, 2))
def test_neighbours_are_those_of_a_plain_comparison(key: str, known: list[str], limit: int) -> None:
    local, _, domain = key.partition("@")
    expected = {
        other
        for other in known
        if other != key
        and similarity.distance(local, other.partition("@")[0], 9)
        + similarity.distance(domain, other.partition("@")[2], 9)
        <= limit
    }
    found = similarity.Neighbours(known).near(key, limit)
    assert set(found) == expected
    assert expected <= {known[index] for index, _ in similarity.nearest(key, known, limit)}


@pytest.mark.parametrize(
    ("typed", "suggested", "words"),
    [
        ("p.tan@c.example", "p.tann@c.example", "one n is missing"),
        ("p.tannn@c.example", "p.tann@c.example", "a doubled n"),
        ("willliam@c.example", "william@c.example", "a doubled l"),
        ("alison.wbeb@c.example", "alison.webb@c.example", "b and e are swapped"),
        ("ptann@c.example", "p.tann@c.example", "one dot is missing"),
        ("p-tann@c.example", "p.tann@c.example", "hyphen instead of dot"),
        ("p.tanx@c.example", "p.tan@c.example", "one x too many"),
        ("pau1@c.example", "paul@c.example", "the digit 1 instead of the letter l"),
        ("p\u0430ul@c.example", "paul@c.example", "a letter of another alphabet instead of a"),
        ("a@farm.org", "a@farm.org.uk", ".org instead of .org.uk"),
        ("a@farm.co.uk", "a@farm.org.uk", ".co.uk instead of .org.uk"),
        ("a@farm.exmaple", "a@farm.example", ".exmaple instead of .example"),
        (
            "p.tan@chmbers.example",
            "p.tann@chambers.example",
            "one n is missing and one a is missing",
        ),
        ("a@b.example", "completely.other@place.example", "several letters differ"),
        ("a@b.example", "a@b.example", "no difference"),
    ],
)
def test_a_difference_is_said_in_words(typed: str, suggested: str, words: str) -> None:
    assert similarity.difference(typed, suggested) == words


def test_pieces_that_agree_are_the_same_on_both_sides() -> None:
    assert similarity.alignment("p.tan@chmabers", "p.tann@chambers") == [
        ["p.tan", "p.tan"],
        ["", "n"],
        ["@ch", "@ch"],
        ["ma", "am"],
        ["bers", "bers"],
    ]


@given(SHORT, SHORT)
def test_an_alignment_holds_both_strings_and_no_more_than_they_differ(
    typed: str, suggested: str
) -> None:
    pieces = similarity.alignment(typed, suggested)
    assert "".join(left for left, _ in pieces) == typed
    assert "".join(right for _, right in pieces) == suggested
    differing = sum(max(len(left), len(right)) for left, right in pieces if left != right)
    # A swap of neighbours is one slip and two letters.
    assert differing <= 2 * similarity.distance(typed, suggested, 99)
    assert similarity.difference(typed, suggested)


def test_very_different_long_strings_are_one_piece() -> None:
    assert similarity.alignment("a" * 5000, "b" * 5000) == [["a" * 5000, "b" * 5000]]
