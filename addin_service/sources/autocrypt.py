"""The key in a message's own headers: Autocrypt, Level 1 (autocrypt.org/level1.html). Pure.

Such a header proves nothing about a person: whoever sends a mail under a name can write one.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from addin_service.addresses import NotAnAddress, parse
from addin_service.pgp.reading import LARGEST

LONGEST = LARGEST * 4 // 3 + 1000
"""Characters of a header; the specification advises against more than 10 kB."""

WHY = {
    "report": "this is a report from a mail system, whose headers are nobody's",
    "senders": "the mail does not name one sender",
    "other": "the header is for another address than the sender's",
    "unknown": "the header holds a rule that this program does not know",
    "damaged": "the header is incomplete or damaged",
    "long": "the header is longer than a key needs",
    "several": "the mail holds several such headers, and they cannot all be the sender's",
}
"""Why a header is not taken, in words that complete "not taken: …"."""


class NotTaken(ValueError):
    """There is a header, and it offers nothing; `reason` is a key of `WHY`."""

    def __init__(self, reason: str) -> None:
        super().__init__(WHY[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    """A valid header: for which address (normal form), the key's bytes, and whether its owner
    asks for sealed mail (`prefer-encrypt=mutual`)."""

    address: str
    data: bytes
    wants_sealed: bool


def offered(values: Sequence[str], sender: str, is_report: bool = False) -> Header:
    """The one valid header among `values`; raises `NotTaken`.

    `sender` is the normal form of the one address in From, empty where there is not exactly one.
    """
    if is_report:
        raise NotTaken("report")
    if not sender:
        raise NotTaken("senders")
    valid: list[Header] = []
    reason = "damaged"
    for value in values:
        try:
            valid.append(_header(value, sender))
        except NotTaken as refusal:
            reason = refusal.reason
    if len(valid) > 1:
        raise NotTaken("several")
    if not valid:
        raise NotTaken(reason)
    return valid[0]


def _header(value: str, sender: str) -> Header:
    if len(value) > LONGEST:
        raise NotTaken("long")
    attributes: dict[str, str] = {}
    for piece in value.rstrip("; \t\r\n").split(";"):
        name, equals, content = piece.partition("=")
        name = name.strip().lower()
        # `keydata` comes last: what follows it was not written by the sender's program.
        if not equals or name in attributes or "keydata" in attributes:
            raise NotTaken("damaged")
        if name not in ("addr", "prefer-encrypt", "keydata") and not name.startswith("_"):
            raise NotTaken("unknown")
        attributes[name] = content.strip()
    try:
        address = parse(attributes["addr"]).key
        keydata = re.sub(r"[ \t\r\n]+", "", attributes["keydata"])
        data = base64.b64decode(keydata, validate=True)
    except (KeyError, NotAnAddress, binascii.Error, ValueError):
        raise NotTaken("damaged") from None
    if not data:
        raise NotTaken("damaged")
    if address != sender:
        raise NotTaken("other")
    return Header(address, data, attributes.get("prefer-encrypt", "").lower() == "mutual")
