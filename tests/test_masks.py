"""Keys under which near texts meet: what is promised, on texts of every alphabet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service import masks

ALPHABET = "aeiou.nrstl-1290zéñжшλ漢"
TEXT = st.text(alphabet=ALPHABET, min_size=1, max_size=14)
LETTER = st.sampled_from(ALPHABET)
EDITS = st.tuples(st.sampled_from(("drop", "add", "swap")), st.integers(0, 99), LETTER)


def edited(text: str, edit: tuple[str, int, str]) -> str:
    """One slip; nothing happens where the text is too short for it."""
    kind, at, letter = edit
    at %= len(text) or 1
    if kind == "add":
        return text[:at] + letter + text[at:]
    if kind == "swap":
        return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
    return text[:at] + (letter if kind == "replace" else "") + text[at + 1 :]


def meet(known: str, typed: str, slips: int) -> bool:
    return bool(set(masks.stored(known, "p")) & masks.asked(typed, "p", slips))


@given(TEXT, EDITS, st.booleans())
def test_one_slip_always_meets(known: str, edit: tuple[str, int, str], replaces: bool) -> None:
    typed = edited(known, ("replace", *edit[1:]) if replaces else edit)
    assert meet(known, typed, 1)
    assert meet(known, typed, 2)


@given(TEXT, EDITS, EDITS, st.booleans())
def test_two_slips_meet_unless_both_replace_a_letter(
    known: str, one: tuple[str, int, str], other: tuple[str, int, str], replaces: bool
) -> None:
    typed = edited(edited(known, one), ("replace", *other[1:]) if replaces else other)
    assert meet(known, typed, 2)


@pytest.mark.parametrize(
    ("known", "typed"),
    [("p.tann", "q.tonn"), ("ambleford", "anbleforb"), ("kelham", "zelhan"), ("a1", "b2")],
)
def test_two_replaced_letters_meet_where_they_can(known: str, typed: str) -> None:
    assert meet(known, typed, 2)


def test_a_text_far_away_does_not_meet() -> None:
    assert not meet("priya.tann", "john.marsh", 2)


def test_equal_texts_at_other_places_do_not_meet() -> None:
    assert not set(masks.stored("tann", "a.example")) & masks.asked("tann", "b.example")


@given(st.text(max_size=40), st.text(max_size=20))
def test_keys_are_the_same_everywhere_and_fit_an_integer(text: str, place: str) -> None:
    keys = masks.stored(text, place)
    assert len(keys) == masks.COUNT
    assert all(masks.LOWEST <= key < -masks.LOWEST for key in keys)
    assert keys == masks.stored(text, place)


def test_keys_never_change() -> None:
    """They are stored: another way to make them needs a migration that makes them all anew."""
    assert sorted(masks.stored("p.tann", "chambers.example"))[:2] == [-2064597001, -2023961254]
