"""A payload read back by the standard library, as any reader of mail would."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass(frozen=True)
class Read:
    """What a reader sees. Files are name, type, bytes; pictures are content id to bytes."""

    root: EmailMessage
    text: str | None
    html: str | None
    files: list[tuple[str, str, bytes]]
    pictures: dict[str, bytes]


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def read(raw: bytes) -> Read:
    root = parsed(raw)
    text = html = None
    files = []
    pictures = {}
    parts = [*root.iter_parts()]
    for part in [one for body in parts[:1] for one in body.walk()]:
        assert not part.defects
        content = cast("bytes | None", part.get_payload(decode=True))
        kind = part.get_content_type()
        if kind == "text/plain":
            text = words(content)
        elif kind == "text/html":
            html = words(content)
        elif not part.is_multipart():
            assert part.get_content_disposition() == "inline"
            pictures[part["content-id"]] = content or b""
    for part in parts[1:]:
        assert part.get_content_disposition() == "attachment"
        kind = part.get_content_type()
        if kind == "message/rfc822":
            content = cast(EmailMessage, part.get_payload(0)).as_bytes(policy=policy.SMTP)
        else:
            content = cast(bytes, part.get_payload(decode=True))
        files.append((part.get_filename() or "", kind, content))
    return Read(root, text, html, files, pictures)


def words(content: bytes | None) -> str:
    return (content or b"").decode().replace("\r\n", "\n")


def unspaced(name: str) -> str:
    """Python 3.11 leaves blanks between two encoded words of a name, against RFC 2047."""
    return "".join(name.split())
