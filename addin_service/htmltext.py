"""The text of an HTML mail as somebody reads it: lines, and `> ` before what is quoted."""

import re
from html.parser import HTMLParser

DEEPEST_QUOTE = 10

# Taken out beforehand, each in one pass to its end: the parser goes back and forth over them.
_UNREAD = re.compile(
    r"<!--.*?(?:-->|\Z) | <(script|style|title|template)\b.*?(?:</\1\s*>|\Z) | <[!?][^>]*(?:>|\Z)",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_LINES = re.compile(
    "address|article|blockquote|br|dd|div|dl|dt|figure|footer|form|h[1-6]|header|hr|li"
    "|ol|p|pre|section|table|tr|ul"
)
_CELLS = frozenset(("td", "th"))


def html_to_text(html: str) -> str:
    """HTML, however malformed, to plain text."""
    html = _UNREAD.sub(" ", html)
    end = html.rfind(">") + 1
    reader = _Reader()
    reader.feed(html[:end] + html[end:].replace("<", "&lt;"))
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _LINES.fullmatch(tag):
            self._break(always=tag == "br")
        elif tag in _CELLS:
            self._line.append(" ")
        self._quotes += tag == "blockquote"

    def handle_endtag(self, tag: str) -> None:
        if _LINES.fullmatch(tag):
            self._break()
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        elif tag == "p":
            self._lines.append("")

    def handle_data(self, data: str) -> None:
        self._line.append(data)

    def text(self) -> str:
        self._break()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

    def _break(self, *, always: bool = False) -> None:
        """Ends the line; an empty one only where it was asked for."""
        line = " ".join("".join(self._line).split())
        self._line.clear()
        if line or always:
            self._lines.append("> " * min(self._quotes, DEEPEST_QUOTE) + line)
