"""What is sent around the ciphertext: ASCII armour, and the two parts of RFC 3156.

gpg's own armour takes it longer than encrypting does, so it is made here.
"""

from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from addin_service.pgp.crc24 import crc24
from addin_service.pgp.framing import is_one_message
from addin_service.sealing import streams

CRLF = b"\r\n"
_BEGIN = "-----BEGIN PGP MESSAGE-----\r\n\r\n"
_END = "\r\n={checksum}\r\n-----END PGP MESSAGE-----\r\n"
_FIRST_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Armored:
    """ASCII with CR LF, written a piece at a time: `head`, the message in Base64, `tail`.

    `message` is the ciphertext, in as many chunks as it came in. Nothing else is ever between the
    two: whatever a chunk holds becomes letters of Base64.
    """

    head: str
    message: Sequence[bytes]
    tail: str

    @property
    def size(self) -> int:
        """Bytes of all `pieces` together."""
        letters = streams.base64_size(sum(map(len, self.message)))
        return len(self.head) + letters + len(self.tail)

    def pieces(self) -> Iterator[bytes]:
        """All of it; as often as it is asked for."""
        yield self.head.encode("ascii")
        yield from self.letters(CRLF)
        yield self.tail.encode("ascii")

    def letters(self, line_end: bytes) -> Iterator[bytes]:
        """The message in Base64, with this between its lines and none at the end."""
        parts = (piece for chunk in self.message for piece in streams.of_bytes(chunk))
        return streams.base64_lines(parts, line_end)

    def __str__(self) -> str:
        return b"".join(self.pieces()).decode("ascii")


def armored(message: Sequence[bytes]) -> Armored:
    """The message in armour alone. Raises `ValueError` for anything but one encrypted message."""
    if not is_one_message(message):
        raise ValueError("not one OpenPGP message")
    checksum = b2a_base64(crc24(message).to_bytes(3, "big"), newline=False).decode("ascii")
    return Armored(_BEGIN, message, _END.format(checksum=checksum))


def encrypted_entity(message: Sequence[bytes]) -> Armored:
    """The whole entity: its Content-Type, a blank line, the two parts.

    It has no MIME-Version: the mail program that writes the other headers writes that one too. The
    boundary follows from the ciphertext, whose first bytes are never the same twice. Raises
    `ValueError` for anything but one encrypted message, so that nothing readable gets in.
    """
    inside = armored(message)
    boundary = f"sealed-{sha256(message[0][:_FIRST_BYTES]).hexdigest()[:32]}"
    head = (
        'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n'
        f' boundary="{boundary}"\r\n'
        "\r\n"
        f"--{boundary}\r\n"
        "Content-Type: application/pgp-encrypted\r\n"
        "Content-Description: PGP/MIME version identification\r\n"
        "\r\n"
        "Version: 1\r\n"
        "\r\n"
        f"--{boundary}\r\n"
        'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
        "Content-Description: OpenPGP encrypted message\r\n"
        'Content-Disposition: inline; filename="encrypted.asc"\r\n'
        "\r\n"
    )
    return Armored(head + inside.head, message, f"{inside.tail}--{boundary}--\r\n")
