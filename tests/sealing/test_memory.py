"""A large draft is not copied around."""

import base64
import gc
import sys
import tracemalloc
from collections.abc import Callable

import pytest

from addin_service.sealing.mime import Content, File, encrypted_entity, payload

ANN = ("ann.lee@council.example", "")
SIZE = 8_000_000
BLOCK = bytes(range(256)) * (SIZE // 256)


def peak(make: Callable[[], object]) -> float:
    """Bytes taken on top of what was there, in parts of `SIZE`."""
    gc.collect()
    tracemalloc.start()
    try:
        made = make()
        assert made
        return tracemalloc.get_traced_memory()[1] / SIZE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "most"),
    [
        (Content(ANN, (ANN,), files=(File("a", "application/pdf", BLOCK),)), 1.6),
        (Content(ANN, (ANN,), html="<p>Hello, this is long.</p>\n" * (SIZE // 28)), 1.3),
        (Content(ANN, (ANN,), text="x" * SIZE), 1.6),
        (
            Content(
                ANN, (ANN,), html=f'<img src="data:image/gif;base64,{base64.b64encode(BLOCK).decode()}">'
            ),
            1.6,
        ),
        (Content(ANN, (ANN,), files=(File("a", "message/rfc822", b"a: b\r\n" * (SIZE // 6)),)), 1.3),
    ],
    ids=["a file", "html", "a line", "a picture", "a mail"],
)  # fmt: skip
def test_a_payload_takes_little_more_than_its_own_size(content: Content, most: float) -> None:
    assert peak(lambda: payload(content)) < most


def test_an_entity_takes_little_more_than_its_own_size() -> None:
    letters = (b"A" * 64 + b"\n") * (SIZE // 65)
    armored = b"-----BEGIN PGP MESSAGE-----\n\n" + letters + b"-----END PGP MESSAGE-----\n"
    # A tracer, such as coverage, keeps Python from growing a string in place.
    most = 1.3 if sys.gettrace() is None else 3
    assert peak(lambda: encrypted_entity(armored)) < most
