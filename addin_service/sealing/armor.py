"""What is sent around the ciphertext: the two parts of RFC 3156, and nothing else."""

import re
from hashlib import sha256

from addin_service.sealing import streams

_START = re.compile(rb"-----BEGIN PGP MESSAGE-----\r?\n\r?\n(?=[A-Za-z0-9+/])")
_END = re.compile(rb"\r?\n-----END PGP MESSAGE-----(?:\r?\n)?")
_LONGEST_END = 40
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n"
_FIRST_BYTES = 4_096


def encrypted_entity(armored: bytes) -> str:
    """The whole entity, ASCII with CR LF: its Content-Type, a blank line, the two parts.

    It has no MIME-Version: the mail program that writes the other headers writes that one too. The
    boundary follows from the ciphertext, whose first bytes are never the same twice. Raises
    `ValueError` for anything but one armored message without a comment, so that nothing readable
    gets in beside it.
    """
    start = _START.match(armored)
    end = _END.search(armored, max(0, len(armored) - _LONGEST_END))
    if not start or not end or end.end() != len(armored):
        raise ValueError("not one armored OpenPGP message")
    boundary = f"sealed-{sha256(armored[:_FIRST_BYTES]).hexdigest()[:32]}"
    entity = (
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
        "-----BEGIN PGP MESSAGE-----\r\n"
        "\r\n"
    )
    for piece in streams.of_bytes(memoryview(armored)[start.end() : end.start()]):
        if piece.translate(None, _LETTERS):
            raise ValueError("not one armored OpenPGP message")
        # In place where it can be: a string that only this name holds is grown, not copied.
        entity += piece.replace(b"\r", b"").replace(b"\n", b"\r\n").decode("ascii")
    entity += f"\r\n-----END PGP MESSAGE-----\r\n--{boundary}--\r\n"
    return entity
