"""A saved mail (.eml) to what a mail client would have told us about the draft.

Bytes in, data out; nothing in a mail makes it stumble.
"""

from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import BytesParser

from addin_service.contacts import parts
from addin_service.contacts.headers import (
    STUMBLES,
    Mailbox,
    decoded,
    mailboxes,
    printable,
    scrubbed,
    unfolded,
    words,
)
from addin_service.contacts.report import NotReadable, refuse_compressed
from addin_service.htmltext import html_to_text
from addin_service.model import Attachment
from addin_service.sealing.content import File

MOST_BYTES = 50_000_000
MOST_HEADER_LENGTH = 500_000
DEEPEST = 20
"""Parts within parts that are still looked into."""

_MARKINGS = (
    "x-protective-marking",
    "protective-marking",
    "x-classification",
    "classification",
    "sensitivity",
)
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature")
_HINT = "Save the message from the mail program as .eml, and give that file."


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A mail as it was saved. Addresses are as given, also those that are none.

    `sensitivity` is the text of the headers that mark a mail as sensitive. `wrote` is who wrote the
    mail that is answered; a file does not say, so it is None, which means unknown.
    """

    from_address: str
    from_name: str
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    sensitivity: str = ""
    html: str = ""
    files: tuple[File, ...] = ()
    """The content: the attachments in their order, then pictures that the HTML shows."""
    wrote: tuple[str, ...] | None = None


def read_draft(raw: bytes, most_bytes: int = MOST_BYTES) -> DraftFile:
    """The draft in a saved mail; raises `NotReadable`, and only where the file is not a mail.

    Whatever is malformed inside a mail is read as far as it goes: see `headers.mailboxes` for
    addresses. Of two headers of the same name both count.
    """
    if len(raw) > most_bytes:
        raise NotReadable(
            f"This mail is larger than {most_bytes:,} bytes.",
            "Take the attachments out of it, and try again.",
        )
    refuse_compressed(raw[:8], _HINT)
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    try:
        message = BytesParser(policy=policy.default).parsebytes(raw)
    except STUMBLES:
        raise NotReadable("This mail cannot be taken apart.", _HINT) from None
    headers = _headers(message)
    if any(len(value) > MOST_HEADER_LENGTH for value in headers.values()):
        raise NotReadable("A header of this mail is too long.", _HINT)
    if not headers.keys() & {"from", "to", "cc", "bcc", "subject"}:
        raise NotReadable("This is not a mail: it has no From, no To and no Subject.", _HINT)
    body: list[str] = []
    found = _Found()
    _take(message, 0, body, found)
    from_address, from_name = next(mailboxes(headers.get("from", "")), ("", ""))
    return DraftFile(
        from_address,
        from_name,
        to=tuple(mailboxes(headers.get("to", ""))),
        cc=tuple(mailboxes(headers.get("cc", ""))),
        bcc=tuple(mailboxes(headers.get("bcc", ""))),
        subject=words(headers.get("subject", "")),
        text="\n".join(body).strip("\n"),
        attachments=tuple(Attachment(f.name, len(f.data), f.type) for f in found.files),
        html="\n".join(found.html),
        files=(*found.files, *found.pictures),
        sensitivity="; ".join(words(headers[name]) for name in _MARKINGS if headers.get(name)),
    )


def _headers(message: Message) -> dict[str, str]:
    """Header names in lower case to their unfolded text; repeated ones joined by a comma."""
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        name, value = name.lower(), unfolded(str(value))
        headers[name] = f"{headers[name]}, {value}" if headers.get(name) else value
    return headers


@dataclass
class _Found:
    """What a mail holds besides its plain text."""

    html: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    pictures: list[File] = field(default_factory=list)


def _take(part: Message, depth: int, body: list[str], found: _Found) -> None:
    """Adds what stands in this part to the text, or to what is found besides."""
    kind = parts.content_type(part)
    inside = parts.children(part)
    if kind.startswith("multipart/") and inside is not None:
        texts: list[list[str]] = []
        for child in inside if depth < DEEPEST else []:
            texts.append([])
            _take(child, depth + 1, texts[-1], found)
        if kind == "multipart/alternative":
            # The plainest stands first; programs put a blank one there if they have nothing to say.
            texts = [text for text in texts if any(line.strip() for line in text)][:1]
        body.extend(line for text in texts for line in text)
        return
    name = parts.file_name(part)
    attached = parts.is_attached(part)
    if kind in ("text/plain", "text/html") and not attached and not name:
        text = _text(part)
        body.append(html_to_text(text) if kind == "text/html" else text)
        if kind == "text/html":
            found.html.append(text)
    elif attached or (not _is_trimming(part, kind) and (name or not kind.startswith("text/"))):
        found.files.append(File(printable(scrubbed(name)), kind, parts.data(part)))
    elif shown := _headers(part).get("content-id"):
        identity = shown.strip("<> ")
        found.pictures.append(File("", kind, parts.data(part), content_id=identity, inline=True))


def _is_trimming(part: Message, kind: str) -> bool:
    """Whether a part belongs to the message: a picture in its text, a signature over it."""
    return kind in _SIGNATURES or "content-id" in _headers(part) or kind.startswith("multipart/")


def _text(part: Message) -> str:
    text = decoded(parts.content(part), parts.ask(part.get_content_charset, None))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
