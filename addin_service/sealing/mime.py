"""The mail that is encrypted: a MIME entity that carries the real headers (RFC 9788).

Marked twice. `hp="cipher"` with one HP-Outer line for each header that can be seen outside is the
standard; `protected-headers="v1"` is its predecessor, and what Thunderbird and K-9 look at. As
every reader of OpenPGP mail knows one of the two, the subject is not repeated in the text for those
that know neither ("legacy display"). The wrapping multipart is there even around a text alone:
older Thunderbirds find the subject nowhere else.

The same content and date give the same bytes.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from hashlib import sha256
from io import BytesIO

from addin_service.sealing import headers, parts, pictures, streams
from addin_service.sealing.armor import encrypted_entity
from addin_service.sealing.content import Content, File, Person
from addin_service.sealing.pictures import Picture

__all__ = [
    "OUTER_SUBJECT", "Content", "File", "Person",
    "encrypted_entity", "outer", "outer_head", "payload", "payload_pieces",
]  # fmt: skip

OUTER_SUBJECT = "[...]"
"""What RFC 9788 has everybody write outside, in any language."""


def outer(content: Content, date: datetime | None = None) -> tuple[tuple[str, str], ...]:
    """The headers that may be seen, names and values; whoever sends the mail must write these.

    Addresses without names, and no subject. Raises `NotAnAddress`.
    """
    found = _headers(content, date, hidden=True)
    return tuple((name, value.replace(headers.FOLD, " ")) for name, value in found)


def outer_head(
    content: Content, date: datetime | None = None, subject: str = OUTER_SUBJECT
) -> bytes:
    """`outer` as the lines of a message: folded, with CR LF, in UTF-8 where ASCII cannot do.

    `subject` is what stands outside instead of the real one.
    """
    found = [
        (name, subject if name == "Subject" else value)
        for name, value in _headers(content, date, hidden=True)
    ]
    return "".join(f"{name}: {value}\r\n" for name, value in found).encode()


def payload(content: Content, date: datetime | None = None) -> bytes:
    """`payload_pieces` as one: for whom needs all of it at once."""
    whole = BytesIO()
    whole.writelines(payload_pieces(content, date))
    return whole.getvalue()


def payload_pieces(content: Content, date: datetime | None = None) -> Iterator[bytes]:
    """The entity to encrypt, with CR LF. Raises `NotAnAddress` for somebody who has none.

    Give a `date` only where the same one is written outside. All of it is ASCII, but for letters
    before the @ of an address, which have no other form.
    """
    protected = _headers(content, date, hidden=False)
    visible = _headers(content, date, hidden=True)
    inner = [f"{name}: {value}" for name, value in protected]
    inner += [f"HP-Outer: {name}: {value}" for name, value in visible]
    body, rest = _body(content)
    whole = parts.Multi(
        "mixed",
        (body, *map(parts.attached, rest)),
        f';{headers.FOLD}hp="cipher"; protected-headers="v1"',
        tuple(inner),
    )
    return parts.written(("MIME-Version: 1.0",), whole, _boundary(content, inner))


def _headers(
    content: Content, date: datetime | None, *, hidden: bool
) -> tuple[tuple[str, str], ...]:
    written = headers.bare_mailboxes if hidden else headers.mailboxes
    return tuple(
        (name, value)
        for name, value in (
            ("From", written((content.sender,))),
            ("To", written(content.to)),
            ("Cc", written(content.cc)),
            ("Subject", OUTER_SUBJECT if hidden else headers.words(content.subject)),
            ("Date", format_datetime(date) if date else ""),
        )
        if value or name == "Subject"
    )


def _body(content: Content) -> tuple[parts.Part, tuple[File, ...]]:
    """The words in every form there is, and the files that do not belong to them."""
    plain = parts.text("plain", content.text)
    if not content.html:
        return plain, content.files
    html, found = pictures.taken_out(content.html)
    beside, rest = _pictures(html, content.files)
    rich: parts.Part = parts.text("html", html)
    if found or beside:
        shown = tuple(map(parts.shown, (*found, *beside)))
        rich = parts.Multi("related", (rich, *shown), f';{headers.FOLD}type="text/html"')
    if not content.text:
        return rich, rest
    return parts.Multi("alternative", (plain, rich)), rest


def _pictures(html: str, files: Iterable[File]) -> tuple[list[Picture], tuple[File, ...]]:
    """The files that the HTML shows, and the others; nothing is hidden in a part nobody sees."""
    cited = pictures.cited(html) if files else frozenset()
    shown: dict[str, Picture] = {}
    rest: list[File] = []
    for file in files:
        content_id = pictures.content_id(file.content_id)
        picture = file.inline and headers.file_type(file.type).startswith("image/")
        if picture and content_id in cited and content_id not in shown:
            pieces = partial(streams.of_bytes, file.data)
            shown[content_id] = Picture(file.name, file.type, content_id, len(file.data), pieces)
        else:
            rest.append(file)
    return list(shown.values()), tuple(rest)


def _boundary(content: Content, lines: Iterable[str]) -> str:
    """Known to nobody who wrote only a part of the content, and the same at every attempt."""
    digest = sha256()
    for text in (*lines, content.text, content.html):
        digest.update(f"{len(text)} ".encode())
        for piece in streams.of_text(text):
            digest.update(piece)
    for file in content.files:
        about = (file.name, file.type, file.content_id, file.inline, len(file.data))
        digest.update(repr(about).encode())
        digest.update(file.data)
    return digest.hexdigest()[:32]
