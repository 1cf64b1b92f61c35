"""The chain of receipts: each row's hash covers the one before it. Pure.

What the chain proves and what it does not is said in docs/design.md, "What the record proves".
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from addin_service.model import Json

GENESIS = "0" * 64
VERSION = 1
"""The form of `body`; later replay reads it to know which keys to expect."""


@dataclass(frozen=True, slots=True)
class Row:
    """One receipt as it is stored."""

    seq: int
    at: str
    kind: str
    reference: str | None
    body: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first row at which the record is not what was written."""

    seq: int
    why: str


def encode(body: Mapping[str, Json]) -> str:
    """The body of a receipt as the one text that is hashed and stored."""
    return json.dumps({"v": VERSION, **body}, sort_keys=True, separators=(",", ":"))


def link(
    key: bytes, before: str, seq: int, at: str, kind: str, reference: str | None, body: str
) -> str:
    """The hash of a row: HMAC-SHA256 over the hash before it and every field."""
    fields = json.dumps([before, seq, at, kind, reference, body])
    return hmac.new(key, fields.encode(), sha256).hexdigest()


def verify(
    key: bytes, rows: Iterable[Row], head: tuple[int, str], anchors: Mapping[int, str] | None = None
) -> Break | None:
    """The first break in `rows` (ordered by seq), or None.

    `head` is what the database says is the newest row; `anchors` are seq → hash pairs noted
    earlier outside the database: without one, a cut tail with a matching head goes unseen.
    """
    seq, before = 0, GENESIS
    wanted = dict(anchors or {})
    for row in rows:
        if row.seq != seq + 1:
            return Break(seq + 1, "this receipt is missing")
        seq = row.seq
        expected = link(key, before, seq, row.at, row.kind, row.reference, row.body)
        if not hmac.compare_digest(expected.encode(), row.hash.encode()):
            return Break(seq, "this receipt is not what was written, or follows another one")
        if (noted := wanted.pop(seq, None)) is not None and noted != row.hash:
            return Break(seq, "this receipt is not the one that was noted outside")
        before = row.hash
    if head != (seq, before):
        return Break(seq + 1, "receipts at the end are missing, or were added past the record")
    if wanted:
        return Break(min(wanted), "this receipt was noted outside and is gone")
    return None
