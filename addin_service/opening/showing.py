"""Text of a mail as it may stand on a terminal: nothing that moves, hides or turns round. Pure."""

import unicodedata

_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}
_JOINERS = "\u200c\u200d"
"""They join letters of Persian and Indian scripts, and turn nothing round."""


def text(given: str) -> str:
    """Lines and tabs kept; every other character that cannot be seen written as its number."""
    return "\n".join(_line(line) for line in given.split("\n"))


def one_line(given: str, longest: int = 300) -> str:
    """The same for a name or a subject: one line, not endless."""
    given = given.replace("\t", " ")
    return "".join(map(_visible, given if len(given) <= longest else given[: longest - 1] + "…"))


def _line(line: str) -> str:
    return line if line.isprintable() else "".join(c if c == "\t" else _visible(c) for c in line)


def _visible(character: str) -> str:
    if unicodedata.category(character) in _UNSEEN and character not in _JOINERS:
        return f"\\u{{{ord(character):x}}}"
    return character
