"""A large draft is not copied around."""

import base64
import gc
import tracemalloc
from collections.abc import Callable

import pytest

from addin_service.pgp.crc24 import CHUNK
from addin_service.sealer import Sealed
from addin_service.sealing import attached
from addin_service.sealing.mime import Content, File, encrypted_entity, payload, payload_pieces
from addin_service.web.api import seal

ANN = ("ann.lee@council.example", "")
SIZE = 8_000_000
BLOCK = bytes(range(256)) * (SIZE // 256)


def a_message() -> tuple[bytes, ...]:
    """Something of `SIZE` that has the form of an encrypted message, in chunks."""
    data = b"\xd2\xff" + (SIZE - 6).to_bytes(4, "big") + bytes(SIZE - 6)
    return tuple(data[at : at + CHUNK] for at in range(0, SIZE, CHUNK))


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


def test_a_payload_in_pieces_takes_next_to_nothing() -> None:
    content = Content(ANN, (ANN,), files=(File("a", "application/pdf", BLOCK),))
    assert peak(lambda: sum(map(len, payload_pieces(content)))) < 0.2


def test_an_entity_in_pieces_takes_next_to_nothing() -> None:
    """Beside the ciphertext: the checksum looks at a mebibyte, and a piece is written at a time."""
    message = a_message()
    assert peak(lambda: sum(map(len, encrypted_entity(message).pieces()))) < 0.7


def test_answering_takes_next_to_nothing() -> None:
    message = a_message()
    for sealed in (
        Sealed("[...]", entity=encrypted_entity(message)),
        Sealed("[...]", attachments=attached.as_parts(message)),
    ):
        assert peak(lambda: sum(map(len, seal.answer(sealed)))) < 0.7  # noqa: B023
