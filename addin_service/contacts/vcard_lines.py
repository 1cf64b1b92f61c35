"""One line of a vCard: group, name, parameters, value. Versions 2.1, 3.0 and 4.0."""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from addin_service.contacts.headers import decoded

# With the group that some programs put before it: item1.EMAIL.
_NAME = re.compile(rb"\s*([A-Za-z0-9.-]{1,120}+)\s*[:;]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# Quoted parts of a parameter may hold colons and semicolons. Possessive, so that it is linear.
_HEADER = re.compile(rb'(?:[^":]|"[^"]*+")*+:')
_PARAMETER = re.compile(r';((?:[^";]|"[^"]*+"|")*+)')
_IN_TEXT = {"n": " ", "N": " "}


@dataclass(frozen=True, slots=True)
class Property:
    """A line taken apart. `name` is in capitals; so are the names of the parameters."""

    line: int
    name: str
    parameters: Mapping[str, tuple[str, ...]]
    raw: bytes

    def text(self) -> str:
        """The value in its character set, escapes left in; raises `ValueError`.

        What decodes it (quoted-printable, base64) is only ever undone once, and no line that shows
        up then begins a property.
        """
        charset = next(iter(self.parameters.get("CHARSET", ())), None)
        encoding = {given.upper() for given in self.parameters.get("ENCODING", ())}
        raw = self.raw
        if "QUOTED-PRINTABLE" in encoding:
            raw = binascii.a2b_qp(raw)
        elif encoding & {"B", "BASE64"}:
            raw = binascii.a2b_base64(raw.replace(b" ", b""), strict_mode=True)
        return decoded(raw, charset)

    @property
    def kinds(self) -> frozenset[str]:
        """The words of TYPE, in capitals."""
        words = ",".join(self.parameters.get("TYPE", ())).upper()
        return frozenset(word.strip() for word in words.split(","))

    @property
    def preference(self) -> int:
        """From 1 (preferred) to 100 (as good as any other)."""
        for given in self.parameters.get("PREF", ()):
            if re.fullmatch(r"[0-9]{1,3}", given):
                return int(given)
        return 1 if "PREF" in self.kinds else 100


def name_of(raw: bytes) -> str:
    """The name of the property on this line, in capitals; empty where there is none."""
    name = _NAME.match(raw)
    return name[1].rpartition(b".")[2].decode("ascii").upper() if name else ""


def taken_apart(line: int, raw: bytes) -> Property | None:
    """The property on an unfolded line; None where it is none."""
    name = name_of(raw)
    if not name:
        return None
    header = _HEADER.match(raw) or re.match(rb"[^:]*:", raw)
    if header is None:
        return None
    parameters: dict[str, list[str]] = {}
    for given in _PARAMETER.findall(decoded(header.group()[:-1])):
        key, equals, value = given.partition("=")
        key = key.strip().upper()
        if not equals:  # vCard 2.1 leaves the name of the parameter out
            key, value = _key_of(key), key
        parameters.setdefault(key, []).append(value.strip().strip('"'))
    return Property(
        line, name, {key: tuple(values) for key, values in parameters.items()}, raw[header.end() :]
    )


def unescaped(text: str) -> str:
    r"""Text without its backslashes; `\n` becomes a blank."""
    return _ESCAPED.sub(lambda match: _IN_TEXT.get(match[1], match[1]), text)


def components(text: str) -> list[str]:
    """The parts of a value that semicolons separate, each unescaped."""
    parts = re.findall(r"((?:[^;\\]|\\.|\\\Z)*+)(?:;|\Z)", text, re.DOTALL)
    return [unescaped(part).strip() for part in parts]


def _key_of(value: str) -> str:
    return "ENCODING" if value in ("QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT") else "TYPE"
