"""One mail as history counts it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from addin_service.model import Address


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that passed: `message` is a keyed hash by which it is counted once, as are `also`.

    `words` and `thread` are keyed hashes too (`profile.hashed_words`); of heard mail they are not
    kept. `nameless`: it was reported without its Message-ID, so its headers may come as another.
    """

    message: str
    direction: Literal["sent", "heard"]
    people: tuple[tuple[Address, str], ...]
    at: datetime
    words: tuple[str, ...] = ()
    thread: str = ""
    also: tuple[str, ...] = ()
    nameless: bool = False
