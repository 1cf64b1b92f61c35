"""What a file, a pasted text or a saved mail offers as keys. Bytes in, data out; nothing raises.

OpenPGP keys and S/MIME certificates. Nothing here is believed: each offer is read by `pgp.gpg` or
`smime.reading`, and then a person decides.
"""

from typing import Literal

from addin_service.sources import mails, splitting
from addin_service.sources.offer import Found, Left, Offer, Source

__all__ = ["MOST_OFFERS", "Found", "Left", "Offer", "Source", "found"]

MOST_OFFERS = 50
"""Keys of one file or mail."""


def found(data: bytes, source: Literal["file", "paste"] = "file") -> Found:
    """The keys in a file or a pasted text, or those of a saved mail."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    left: list[Left] = []
    offers = mails.offered(data, left) if mails.is_mail(data) else _keys(data, source)
    if len(offers) > MOST_OFFERS:
        left.append(
            Left("rest", f"there are more than {MOST_OFFERS} keys", "import them in smaller parts")
        )
    return Found(tuple(offers[:MOST_OFFERS]), tuple(left))


def _keys(data: bytes, source: Literal["file", "paste"]) -> list[Offer]:
    keys = splitting.each(data)
    where = "file" if source == "file" else "text"
    if len(keys) == 1:
        return [Offer(keys[0], source, where)]
    return [Offer(key, source, f"{where}, key {number}") for number, key in enumerate(keys, 1)]
