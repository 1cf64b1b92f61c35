"""A message for somebody without a key: an AES-256 ZIP, and the mail that it is attached to.

The names of files in a ZIP can be read without its passphrase, so it has one file with a neutral
name: a plain ZIP with everything else. Written as AE-2, which has no checksum of the content
outside the encryption (AE-1 has one, and it gives small files away). Nothing is compressed, for the
size of compressed text tells of the text. Whoever changes a byte is noticed (HMAC-SHA1, 80 bits).
"""

from io import BytesIO

import pyzipper  # type: ignore[import-untyped]

from addin_service.sealing import stored
from addin_service.sealing.archive_files import entries
from addin_service.sealing.content import Content
from addin_service.sealing.passphrases import Passphrase

ARCHIVE_NAME = "protected-message.zip"
"""What the attachment is called."""
ARCHIVE_TYPE = "application/zip"
ARCHIVE_SUBJECT = "Protected message"
"""What stands outside for the subject: its reader is a person, not a program (see RFC 9788)."""
INNER_NAME = "message.zip"

NOTICE = f"""\
This mail brings you a protected message. It is in the attached file
{ARCHIVE_NAME}, and opens with a passphrase.

1. The sender will phone you with the passphrase: seven words. Write them
   down in small letters with a hyphen between them, like one-two-three.
   If nobody calls, phone the sender, at a number that you had before this
   mail came and not at one that stands in a mail.
2. Save the attached file.
3. Open it with a program that knows AES ZIP files. On Windows: 7-Zip or
   WinZip; what comes with Windows shows the file but cannot open it. On a
   Mac: Keka or The Unarchiver. On Linux: 7-Zip. If you have none of these,
   ask your IT department.
4. Type the passphrase. Inside is {INNER_NAME}; open that in turn. The
   message is in message.txt, with any other files beside it.

If you did not expect this, do not open the file: phone the sender first.
Do not write the passphrase into a mail, not even to the sender.
"""


def notice_text() -> str:
    """The mail around the archive: the same for every message, so that it can tell nothing."""
    return NOTICE


def archived(content: Content, passphrase: Passphrase) -> bytes:
    """The archive, made in memory; raises `ValueError` for an empty passphrase or too much content.

    No two are the same, for each has a salt of its own.
    """
    if not passphrase:
        raise ValueError("an archive needs a passphrase")
    files = entries(content)
    out = BytesIO()
    # Room for all of it at once: growing on the way can take the size of it a second time.
    out.seek(stored.size(files) + 1_000)
    out.write(b"\0")
    out.seek(0)
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_STORED) as archive:
        archive.setpassword(passphrase.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        with archive.open(_member(stored.size(files)), "w") as member:
            for piece in stored.written(files):
                member.write(piece)
    out.truncate()
    return out.getvalue()


def _member(size: int) -> pyzipper.zipfile_aes.AESZipInfo:
    """The one file: the same on every system, and of no date."""
    info = pyzipper.zipfile_aes.AESZipInfo(INNER_NAME, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = pyzipper.ZIP_STORED
    info.file_size = size
    info.create_system = 3
    info.external_attr = 0o600 << 16
    return info
