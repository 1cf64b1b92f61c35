"""Fingerprints as people read, hear and type them."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service.pgp.certificate import fingerprint, groups
from addin_service.pgp.display import confirm_positions, grouped, qr, typed_groups_match

KEY = fingerprint("D699 2F65 ADD5 8726 CE98  B8B0 8E92 849E 2AB4 7221")
ASKED = (1, 3, 4, 8, 10)
TYPED = "D699ADD58726849E7221"


def test_a_fingerprint_is_read_in_ten_groups() -> None:
    assert grouped(KEY) == "D699 2F65 ADD5 8726 CE98  B8B0 8E92 849E 2AB4 7221"
    assert fingerprint(grouped(KEY)) == KEY


@given(st.binary(max_size=40))
def test_five_different_groups_are_asked_for(seed: bytes) -> None:
    asked = confirm_positions(seed, KEY)
    assert len(asked) == len(set(asked)) == 5
    assert asked == tuple(sorted(asked)) == confirm_positions(seed, KEY)
    assert set(asked) <= set(range(1, 11))


def test_of_sixteen_groups_five_are_asked_for_too() -> None:
    long = fingerprint(KEY + "0123456789ABCDEF01234567")
    assert len(grouped(long).split()) == 16
    seen = {n for seed in range(200) for n in confirm_positions(str(seed).encode(), long)}
    assert seen == set(range(1, 17))


def test_over_many_seeds_every_choice_is_asked_for() -> None:
    seen = {confirm_positions(str(n).encode(), KEY) for n in range(5_000)}
    assert seen == set(combinations(range(1, 11), 5))


@pytest.mark.parametrize(
    "typed",
    [
        TYPED, TYPED.lower(), "D699 ADD5 8726 849E 7221", "d699-add5-8726-849e-7221",
        "  d699\tadd5\n8726\u00a0849e 7221  ", "D6 99 AD D5 87 26 84 9E 72 21", "D699,ADD5,8726,849E,7221",
    ],
)  # fmt: skip
def test_typing_is_forgiven_what_does_not_matter(typed: str) -> None:
    assert typed_groups_match(typed, KEY, ASKED)


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", TYPED[:-1], TYPED + "0", TYPED[4:], "D699", KEY, TYPED[::-1],
        TYPED.replace("D699", "D698"), "ADD5D6998726849E7221", TYPED.replace("0", "O") + "O",
        "D699 2F65 ADD5 8726 CE98", "".join(groups(KEY)[n] for n in (0, 2, 3, 7)),
        TYPED.replace("7221", "७२२१"), TYPED.replace("7221", "７２２１"), TYPED + ";",
    ],
)  # fmt: skip
def test_anything_else_does_not_match(typed: str) -> None:
    assert not typed_groups_match(typed, KEY, ASKED)


@given(st.integers(0, 19), st.sampled_from("0123456789ABCDEF"))
def test_every_one_of_the_twenty_digits_counts(place: int, digit: str) -> None:
    typed = TYPED[:place] + digit + TYPED[place + 1 :]
    assert typed_groups_match(typed, KEY, ASKED) is (typed == TYPED)


def test_nothing_asked_matches_nothing() -> None:
    assert not typed_groups_match("", KEY, ())


def test_the_picture_is_square_text_and_differs_by_key() -> None:
    drawn = qr(KEY)
    lines = drawn.rstrip("\n").split("\n")
    assert len({len(line) for line in lines}) == 1
    assert set(drawn) <= set("█▀▄ \n")
    assert abs(len(lines[0]) - 2 * len(lines)) <= 1
    assert qr(fingerprint("0" * 40)) != drawn == qr(KEY)
