"""Frames as Thunderbird writes them, in whatever pieces the pipe gives, and what is none."""

import json
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service.helper.conversation import converse
from addin_service.helper.frames import LIMIT_BYTES, Frames, Garbled, framed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def pieces_of(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in pairwise(places):
        yield data[begin:end]


@given(st.lists(VALUES, max_size=5), st.lists(st.integers(0, 10_000), max_size=12))
def test_whatever_the_pieces_the_values_are_the_same(values: list[Any], cuts: list[int]) -> None:
    frames = Frames()
    data = b"".join(map(framed, values))
    came = [value for piece in pieces_of(data, cuts) for value in frames.feed(piece)]
    assert came == values
    assert not frames.unfinished


@given(VALUES)
def test_a_frame_is_its_length_in_the_machines_order_and_json(value: Any) -> None:
    frame = framed(value)
    assert struct.unpack("=I", frame[:4])[0] == len(frame) - 4
    assert json.loads(frame[4:]) == value


@given(st.integers(LIMIT_BYTES + 1, 2**32 - 1))
def test_a_huge_length_is_refused_before_a_byte_of_it_is_held(length: int) -> None:
    with pytest.raises(Garbled):
        Frames().feed(struct.pack("=I", length))


@given(st.binary(max_size=60))
def test_what_is_no_json_is_garbled_and_nothing_else(content: bytes) -> None:
    data = struct.pack("=I", len(content)) + content
    try:
        expected = [json.loads(content.decode())]
    except ValueError:
        with pytest.raises(Garbled):
            Frames().feed(data)
    else:
        assert repr(Frames().feed(data)) == repr(expected)  # NaN is a value and unlike itself


def test_json_as_deep_as_a_frame_can_be_is_garbled() -> None:
    content = b"[" * LIMIT_BYTES
    with pytest.raises(Garbled):
        Frames().feed(struct.pack("=I", len(content)) + content)


def test_an_answer_is_never_larger_than_a_frame() -> None:
    with pytest.raises(ValueError):
        framed("x" * LIMIT_BYTES)


@given(st.lists(VALUES, max_size=3), st.integers(0, 200))
def test_a_line_that_ends_within_a_frame_was_garbled(values: list[Any], cut: int) -> None:
    data = b"".join(map(framed, values))
    ends = {0}
    for value in values:
        ends.add(max(ends) + len(framed(value)))
    cut = min(cut, len(data))
    line = iter([data[:cut]] if cut else [])
    answers: list[bytes] = []
    well = converse(lambda _: next(line, b""), answers.append, lambda value: value)
    assert well is (cut in ends)
    assert len(answers) == sum(0 < end <= cut for end in ends)
