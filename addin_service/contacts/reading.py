"""A file of contacts, whatever its kind: told from what is in it, not from its name.

For the command that imports, a process of its own: the service reads CSV files of the organisation
folder and nothing else (`.importlinter` holds it to that).
"""

import re
import time
from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias, get_args

from addin_service.contacts.csv_in import read_csv
from addin_service.contacts.ldif_in import read_ldif
from addin_service.contacts.lines import Readable, marked_encoding
from addin_service.contacts.metered import MOST_ENTRIES, SPLIT, Metered
from addin_service.contacts.report import NotReadable, Refused
from addin_service.contacts.rows import Row
from addin_service.contacts.vcard_in import read_vcard

Format: TypeAlias = Literal["csv", "vcard", "ldif"]
FORMATS: tuple[Format, ...] = get_args(Format)

_READERS: dict[Format, Callable[[Readable], Iterator[Row | Refused]]] = {
    "csv": read_csv,
    "vcard": read_vcard,
    "ldif": read_ldif,
}
_BEGINNING = 16_384
_VCARD = re.compile(r"\s*BEGIN\s*:\s*VCARD\b", re.IGNORECASE)
_LDIF = re.compile(
    r"(?:[ \t]*[\r\n]|[# ][^\r\n]*+[\r\n])*+(?:dn::?|version:)[ ]*[^\s,;]", re.IGNORECASE
)


def read_contacts(
    stream: Readable,
    form: Format | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Row | Refused]:
    """The entries of a file in its order, and whatever was left out.

    `form` says what it is where that is not to be told from its content. Raises `NotReadable` where
    the file is not of that kind, or larger than the budgets of `metered`.
    """
    metered = Metered(stream, clock)
    reader = _READERS[form or format_of(metered.beginning(_BEGINNING))]
    for number, one in enumerate(reader(metered), start=1):
        if number > MOST_ENTRIES:
            raise NotReadable(f"This file has more than {MOST_ENTRIES:,} entries.", SPLIT)
        yield one


def format_of(start: bytes) -> Format:
    """What kind of file begins with these bytes; CSV where it looks like nothing else."""
    text = start.decode(marked_encoding(start), "replace").removeprefix("\ufeff")
    if _VCARD.match(text):
        return "vcard"
    return "ldif" if _LDIF.match(text) else "csv"
