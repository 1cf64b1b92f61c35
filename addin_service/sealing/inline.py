"""The words alone, for a mail program that can send nothing but text; and when that is too little.

What `inline` loses: files, pictures, tables, text that is struck out, hidden or moved by a style.
Bold words and links survive as words, so they do not stand in the way.
"""

import re

from addin_service.language import NOTHING, Words, say
from addin_service.sealing import streams
from addin_service.sealing.content import Content

FILES = say("This message has files, and text alone cannot carry them.")
RICH = say("This message has pictures, tables or formatting that text alone would lose.")
EMPTY = say("This message has no plain text that could be sealed alone.")

_WORDS_ALONE_TAGS = """
    a address b big blockquote body br center cite code dd dfn div dl dt em font h1 h2 h3 h4 h5 h6
    head hr html i kbd li meta ol p pre q samp small span strong style title tt u ul var
"""
_WORDS_ALONE = frozenset(_WORDS_ALONE_TAGS.split())
_TAG = re.compile(r"<([a-z][a-z0-9]{0,20})", re.IGNORECASE)
_STYLED = re.compile(r"line-through|display\s?:\s?none|visibility\s?:\s?hidden", re.IGNORECASE)


def inline_text(text: str) -> bytes:
    """The text to encrypt: UTF-8, lines ended by CR LF, the last one too."""
    lines = b"".join(streams.crlf(streams.of_text(text)))
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def inline_refusal(content: Content) -> Words:
    """Why this cannot be sealed as text alone, as a sentence; "" where it can."""
    if content.files:
        return FILES
    if content.html and not content.text.strip():
        return EMPTY
    if any(tag.lower() not in _WORDS_ALONE for tag in _TAG.findall(content.html)):
        return RICH
    return RICH if _STYLED.search(content.html) else NOTHING
