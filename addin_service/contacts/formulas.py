r"""Cells that a spreadsheet would run: marked on the way out, unmarked on the way in.

An apostrophe before it makes text of a formula in every spreadsheet. It goes to the start of the
cell, and behind each separator inside it: opened with another separator than it was written with
(a comma here, a semicolon there), a quoted cell falls apart, and its parts are cells.

    >>> marked("=1+1"), marked("Priya; @SUM(A1)"), marked("O'Hara")
    ("'=1+1", "Priya;' @SUM(A1)", "O'Hara")

`unmarked(marked(cell)) == cell` for every cell, because what decides about a mark is the same with
and without one.
"""

import re

# Begins a cell, or a part of one; a spreadsheet skips blanks and quotes; then: the ASCII
# characters, their full-width forms and the minus sign, TAB and CR.
_PART = r"(?:\A|(?<=[,;|\t\r\n]))"
_SKIPPED = r"""(?:[^\S\t\r\n]|["'`\u2018\u2019\u201c\u201d])*+"""
_FORMULA = r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20\u2212]"

_UNMARKED = re.compile(f"{_PART}(?={_SKIPPED}{_FORMULA})")
_MARKED = re.compile(f"{_PART}'(?={_SKIPPED}{_FORMULA})")


def marked(cell: str) -> str:
    """The cell as it is safe to write; an ordinary cell stays as it is."""
    return _UNMARKED.sub("'", cell)


def unmarked(cell: str) -> str:
    """The cell as it was before `marked`; one that was never marked stays as it is."""
    return _MARKED.sub("", cell)
