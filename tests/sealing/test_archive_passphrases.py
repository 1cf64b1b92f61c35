"""The words of a passphrase can be heard, written down and typed; and nobody guesses them."""

import re
from collections import Counter
from itertools import pairwise

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from addin_service.sealing import passphrases
from addin_service.sealing.passphrases import generate
from addin_service.sealing.words import WORDS

# Spellings of one sound, roughly, and vowels not told apart: nearer than a bad line brings them.
SOUNDS = [
    ("^kn|^gn", "n"), ("^wr", "r"), ("^ps", "s"), ("^wh", "w"), ("m[bn]$", "m"), ("igh", "i"),
    ("ough|augh", "o"), ("tch|ch", "C"), ("sh", "S"), ("th", "T"), ("ph", "f"), ("ck", "k"),
    ("qu", "kw"), ("x", "ks"), ("dge|g(?=[eiy])", "j"), ("c(?=[eiy])", "s"), ("c", "k"),
    ("z", "s"), ("[ts]ion", "Sn"), ("(?<=[aeiou])r(?![aeiouy])", ""), ("e$", ""),
    ("[aeiouy]+w?", "a"), ("h", ""), (r"(.)\1+", r"\1"),
]  # fmt: skip


def sound(word: str) -> str:
    for spelled, heard in SOUNDS:
        word = re.sub(spelled, heard, word)
    return word


def test_each_word_is_worth_eleven_bits() -> None:
    assert len(WORDS) == len(set(WORDS)) == 2_048
    assert list(WORDS) == sorted(WORDS)
    assert all(re.fullmatch(r"[a-z]{4,8}", word) for word in WORDS)


def test_no_word_is_the_beginning_of_another() -> None:
    # In a sorted list a beginning stands right before what it begins.
    assert not [a for a, b in pairwise(WORDS) if b.startswith(a)]


def test_no_word_is_one_slip_from_another() -> None:
    for word in WORDS:
        near = extract(word, WORDS, scorer=OSA.distance, score_cutoff=1)
        assert [found for found, _, _ in near] == [word]


def test_no_two_words_sound_alike() -> None:
    heard = Counter(map(sound, WORDS))
    assert [s for s, times in heard.items() if times > 1] == []
    assert sound("flower") == sound("flour")
    assert sound("knight") == sound("nite")


def test_a_passphrase_has_seventy_seven_bits() -> None:
    assert passphrases.BITS == 77
    made = generate().split("-")
    assert len(made) == passphrases.LENGTH == 7
    assert set(made) <= set(WORDS)


def test_every_word_is_drawn_equally_often_and_for_itself() -> None:
    rounds = 6_000
    made = [generate().split("-") for _ in range(rounds)]
    # Chi-squared over 64 equal groups of words, at each place: 63 degrees of freedom, and more than
    # 150 comes about once in 10^8 runs.
    for place in range(passphrases.LENGTH):
        groups = Counter(WORDS.index(words[place]) // 32 for words in made)
        expected = rounds / 64
        assert sum((groups[g] - expected) ** 2 / expected for g in range(64)) < 150
    assert len({tuple(words) for words in made}) == rounds
    # Two places hold the same word as often as chance has it: 21 pairs in 2,048, 61 expected.
    same = sum(len(words) - len(set(words)) for words in made)
    assert 15 < same < 130
