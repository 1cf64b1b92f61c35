"""The short way to read a plain address says what the long one says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service import addresses
from addin_service.model import Address

PIECE = st.text(alphabet="aZ0_.+'- @x", max_size=12)
LABEL = st.text(alphabet="az0-.X_", max_size=10)


def read(text: str, monkeypatch: pytest.MonkeyPatch, short: bool) -> Address | str:
    with monkeypatch.context() as patch:
        if not short:
            patch.setattr(addresses, "_is_plain", lambda _: False)
        try:
            return addresses.parse(text)
        except addresses.NotAnAddress as refusal:
            return refusal.problem


@given(st.builds(lambda local, domain: f"{local}@{domain}.example", PIECE, LABEL))
def test_both_ways_agree(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert read(text, patch, True) == read(text, patch, False)


@pytest.mark.parametrize(
    "text",
    [
        "p.tann@chambers.example", "P.Tann+x@chambers.example", "o'hara@a-b.gov.uk", "_@a.xx",
        f"{'a' * 64}@b.example", f"{'a' * 65}@b.example", f"a@{'b' * 63}.example",
        f"a@{'b' * 64}.example", f"a@{'b.' * 50}example", "a@b.c", "a@b.12", "a@ab--c.example",
        "a@xn--bcher-kva.example", "a..b@c.example", ".a@c.example", "a.@c.example", "a-@c.example",
        "a@b.example\n", "<a@b.example>", "a@B.example", "a@b.example.", "a@1.2.3.4", "a@b.local",
        "a@b.test", "a@b.invalid", "a@b.onion", "a@b.arpa",
    ],
)  # fmt: skip
def test_both_ways_agree_at_the_edges(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(text, monkeypatch, True) == read(text, monkeypatch, False)


def test_the_short_way_is_taken() -> None:
    assert addresses._is_plain("p.tann@chambers.example")
    assert not addresses._is_plain("p.tann@Chambers.example")
