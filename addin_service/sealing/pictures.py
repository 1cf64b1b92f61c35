"""Pictures that stand in the HTML itself (`data:`), as composers write them, to parts beside it.

Readers of mail show a part that the HTML names by `cid:`; many show nothing for `data:`. One pass,
and every repeat in the expressions is bounded or over one class of characters.
"""

import re
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from urllib.parse import unquote

from addin_service.sealing import streams

_PICTURE = re.compile(
    r"""<img\b[^<>]{0,4000}?[\s"'/]src\s{0,9}=\s{0,9}(["'])
    (data:(image/[a-z0-9.+-]{1,40})([^"'<>,]{0,300}?);base64,)""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_LETTERS = re.compile(r"[A-Za-z0-9+/=\s]*", re.ASCII)
_NAMED = re.compile(r";(?:file)?name=([^;]{1,300})", re.IGNORECASE)
_ID = re.compile(r"[!#-&*-;=?-~]{1,200}")
_CITED = re.compile(r"""cid:([^"'\s<>)]{1,200})""", re.IGNORECASE)
_MOST_PADDING = 16


@dataclass(frozen=True, slots=True)
class Picture:
    """One part beside the HTML. `pieces` gives its bytes, as often as they are asked for."""

    name: str
    type: str
    content_id: str
    size: int
    pieces: Callable[[], Iterable[bytes]]


def taken_out(html: str) -> tuple[str, tuple[Picture, ...]]:
    """The HTML with `cid:` for each picture in it, and the pictures, each once.

    What is not a picture in the `src` of an `<img>`, or not sound Base64, stays as it is.
    """
    kept: list[str] = []
    pictures: dict[str, Picture] = {}
    done = start = 0
    while found := _PICTURE.search(html, start):
        letters = _LETTERS.match(html, found.end())
        start = letters.end() if letters else found.end()
        if html[start : start + 1] != found[1]:
            continue
        pieces = partial(_decoded, html, found.end(), start)
        picture = _picture(found, len(pictures) + 1, pieces)
        if not picture.size:
            continue
        pictures.setdefault(picture.content_id, picture)
        kept += (html[done : found.start(2)], f"cid:{picture.content_id}")
        done = start
    return ("".join(kept) + html[done:] if kept else html), tuple(pictures.values())


def content_id(given: str) -> str:
    """The id of a part without its brackets; "" for one that cannot stand in a header."""
    given = given.removeprefix("<").removesuffix(">")
    return given if _ID.fullmatch(given) else ""


def cited(html: str) -> frozenset[str]:
    """The ids of parts that the HTML shows."""
    return frozenset(_CITED.findall(html))


def _picture(found: re.Match[str], number: int, pieces: Callable[[], Iterable[bytes]]) -> Picture:
    """The picture that the tag shows; of no size where its Base64 is damaged."""
    digest, size = sha256(), 0
    try:
        for piece in pieces():
            digest.update(piece)
            size += len(piece)
    except ValueError:
        size = 0
    content_id = f"{digest.hexdigest()[:32]}@picture.invalid"
    return Picture(_name(found, number), found[3], content_id, size, pieces)


def _decoded(html: str, start: int, end: int) -> Iterator[bytes]:
    """The bytes of the Base64 between the two; raises `ValueError` where it is damaged."""
    padding = html.find("=", start, end)
    if 0 <= padding < end - _MOST_PADDING:
        raise ValueError("letters after the padding")
    rest = ""
    for at in range(start, end, streams.PIECE):
        rest += "".join(html[at : min(at + streams.PIECE, end)].split()).rstrip("=")
        whole = len(rest) // 4 * 4
        yield a2b_base64(rest[:whole], strict_mode=True)
        rest = rest[whole:]
    if rest:
        yield a2b_base64(rest + "=" * (-len(rest) % 4), strict_mode=True)


def _name(found: re.Match[str], number: int) -> str:
    if named := _NAMED.search(found[4]):
        return unquote(named[1])
    kind = found[3].partition("/")[2].partition("+")[0].lower()
    return f"picture{number}.{'jpg' if kind == 'jpeg' else kind}"
