"""An LDIF file (RFC 2849) to its directory entries. One that is wrong costs itself and no other."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from addin_service.contacts.folded import Unfolded, unfolded
from addin_service.contacts.lines import RawLine
from addin_service.contacts.report import NotReadable, Refused

MOST_ATTRIBUTES = 20_000
"""Values of one entry: a group lists each of its members."""
MOST_ATTRIBUTES_READ = 1_000
MOST_LINES = 1_000_000

NAMES = {
    "displayname": "displayname",
    "cn": "cn",
    "commonname": "cn",
    "givenname": "givenname",
    "sn": "sn",
    "surname": "sn",
    "o": "organisation",
    "organizationname": "organisation",
    "company": "organisation",
    "mail": "mail",
    "rfc822mailbox": "mail",
    "mozillasecondemail": "mail",
    "xmozillasecondemail": "mail",
    "proxyaddresses": "proxy",
    "entryuuid": "uuid",
    "objectguid": "guid",
    "objectclass": "class",
}
"""What is taken out of an entry, and as what: Thunderbird's attributes and Active Directory's."""

_LINE = re.compile(rb"([A-Za-z0-9.-]{1,200}+)(?:;[A-Za-z0-9;._-]{0,200}+)?(::|:<|:)[ ]*")
_AFTER_A_SEARCH = frozenset({"search", "result", "ref", "control"})
"""What ldapsearch writes below the entries."""


@dataclass(slots=True)
class Entry:
    """One directory entry: the line on which it begins, and its values as bytes by kind."""

    line: int
    values: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    count: int = 0
    read: int = 0
    refused: Refused | None = None
    has_name: bool = False

    def refuse(self, line: int, why: str) -> None:
        """Leave it out; nothing more of it is kept."""
        if self.refused is None:
            self.refused = Refused(line, why)
            self.values.clear()


def entries(lines: Iterator[RawLine], hint: str) -> Iterator[Entry | Refused]:
    """The entries of a file, and each one that was left out. Raises `NotReadable`."""
    entry: Entry | None = None
    is_first = True
    for line in unfolded(lines, lambda raw: False):
        raw = line.raw
        if raw[:1] == b"#":
            continue
        found = _LINE.match(raw)
        name = found[1].decode("ascii").lower() if found else ""
        if is_first and name == "version" and found:
            if raw[found.end() :].strip() != b"1":
                raise NotReadable("This is LDIF of another version than 1.", hint)
            is_first = False
            continue
        is_blank = not raw.strip() and not line.problem
        if entry and (is_blank or name == "dn"):
            yield from _finished(entry)
            entry = None
        if is_blank:
            continue
        is_first = False
        if entry is None:
            entry = Entry(line.line)
        _add(entry, line, name, found)
    if entry:
        yield from _finished(entry)


def _finished(entry: Entry) -> Iterator[Entry | Refused]:
    if entry.refused:
        yield entry.refused
    elif entry.has_name:
        yield entry


def _add(entry: Entry, line: Unfolded, name: str, found: re.Match[bytes] | None) -> None:
    entry.count += 1
    if entry.count > MOST_ATTRIBUTES:
        entry.refuse(line.line, f"it has more than {MOST_ATTRIBUTES:,} values")
    if line.last - entry.line > MOST_LINES:
        entry.refuse(line.line, f"it has more than {MOST_LINES:,} lines")
    if entry.refused:
        return
    if found is None:
        if line.raw != b"-":  # between the parts of a change, which is refused by its changetype
            entry.refuse(line.line, line.problem or "a line in it is no attribute")
        return
    if name == "dn":
        entry.has_name = True
    elif not entry.has_name and name not in _AFTER_A_SEARCH:
        entry.refuse(line.line, "it does not begin with dn:")
    elif name == "changetype":
        _refuse_change(entry, line, found)
    elif name in NAMES:
        _keep(entry, line, NAMES[name], found)


def _refuse_change(entry: Entry, line: Unfolded, found: re.Match[bytes]) -> None:
    word = line.raw[found.end() :].strip().lower()
    if found[2] == b"::":
        word = b"" if (plain := _base64(word)) is None else plain.strip().lower()
    if word != b"add":
        entry.refuse(line.line, "it changes or removes an entry; only whole entries are read")


def _keep(entry: Entry, line: Unfolded, kind: str, found: re.Match[bytes]) -> None:
    value: bytes | None = line.raw[found.end() :].rstrip(b" ")
    if line.problem:
        entry.refuse(line.line, line.problem)
    elif entry.read >= MOST_ATTRIBUTES_READ:
        entry.refuse(line.line, f"it has more than {MOST_ATTRIBUTES_READ:,} names and addresses")
    elif found[2] == b":<":
        # What it points at may be any file of this computer or any server.
        entry.refuse(line.line, "a value is given as a URL, which is never opened")
    else:
        if found[2] == b"::":
            value = _base64(value or b"")
        if value is None:
            entry.refuse(line.line, "a value is not in base64, as it says")
        else:
            entry.read += 1
            entry.values.setdefault(kind, []).append((line.line, value))


def _base64(value: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(value.replace(b" ", b""), strict_mode=True) if value else b""
    except binascii.Error:
        return None
