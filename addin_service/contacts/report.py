"""What reading a file may say of it: what was refused and why, and what came of the rest."""

from dataclasses import dataclass


class NotReadable(ValueError):
    """The file as a whole is not what it was taken for; `hint` says what to do instead.

    Neither sentence repeats anything out of the file.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Refused:
    """A line (counted from 1) that was left out, and why in plain English.

    `why` can be logged. `given` is the text that was refused, shortened: it is for the person who
    imports the file, and for nobody else.
    """

    line: int
    why: str
    given: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or in a dry run would do. `read` counts entries, also refused ones."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: tuple[Refused, ...] = ()


COMPRESSED = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive",
    b"PK\x05\x06": "an empty ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\xd0\xcf\x11\xe0": "a file of an older Office program, or Outlook's .msg",
    b"!BDN": "an Outlook data file (.pst)",
    b"%PDF": "a PDF",
}
"""How files begin that are often given by mistake."""


def refuse_compressed(start: bytes, hint: str) -> None:
    """Raises `NotReadable` where the first bytes of a file show that it is not text at all."""
    for magic, what in COMPRESSED.items():
        if start.startswith(magic):
            raise NotReadable(f"This is {what}.", hint)
