"""C8, for those without a key. Passwords on ZIP files were cracked for decades (ZipCrypto, 1994),
and the names of the files in one tell the story by themselves: `Dismissal - J Smith.docx`.
"""

import gc
import io
import re
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import pyzipper

from addin_service.sealing import archive, archive_files, stored
from addin_service.sealing.archive import archived, notice_text
from addin_service.sealing.content import Content, File
from addin_service.sealing.passphrases import Passphrase, generate
from tests.conftest import needs
from tests.sealing.test_structure import CASES, SECRETS

ANN = ("ann.lee@council.example", "Ann Lee")
TAN = ("p.tan@chambers.example", "Priya Tan")
WORDS = Passphrase("abide-ability-abolish-above-abroad-absent-absorb")
SUBJECT = "Dismissal of J Smith"
PLAIN = Content(ANN, (TAN,), (ANN,), SUBJECT, "Dear Priya,\nas agreed.\n")


def opened(data: bytes, passphrase: str = WORDS) -> zipfile.ZipFile:
    """What is inside the inner archive, as pyzipper reads the outer one."""
    with pyzipper.AESZipFile(io.BytesIO(data)) as outer:
        outer.setpassword(passphrase.encode())
        return zipfile.ZipFile(io.BytesIO(outer.read(archive.INNER_NAME)))


def names(content: Content) -> list[str]:
    return opened(archived(content, WORDS)).namelist()


def read(content: Content, name: str) -> bytes:
    return opened(archived(content, WORDS)).read(name)


def test_the_message_is_a_text_with_who_and_what() -> None:
    assert read(PLAIN, "message.txt") == (
        b"From: Ann Lee <ann.lee@council.example>\r\n"
        b"To: Priya Tan <p.tan@chambers.example>\r\n"
        b"Cc: Ann Lee <ann.lee@council.example>\r\n"
        b"Subject: Dismissal of J Smith\r\n"
        b"\r\n"
        b"Dear Priya,\r\nas agreed.\r\n"
    )
    assert names(PLAIN) == ["message.txt"]


def test_a_subject_or_a_name_cannot_write_a_line_of_its_own() -> None:
    sender = (ANN[0], "Ann\r\nTo: <eve@evil.example>")
    content = Content(sender, (TAN,), (), "One\nFrom: Two\u2028Three", "x")
    lines = read(content, "message.txt").decode().split("\r\n")
    assert [line.partition(":")[0] for line in lines] == ["From", "To", "Subject", "", "x"]


def test_other_letters_are_marked_for_old_editors() -> None:
    content = Content(ANN, (TAN,), (), "Größe", "日本語")
    assert read(content, "message.txt").startswith(b"\xef\xbb\xbfFrom: ")
    assert read(content, "message.txt").decode("utf-8-sig").endswith("Größe\r\n\r\n日本語")
    assert not read(PLAIN, "message.txt").startswith(b"\xef")


@pytest.mark.parametrize("name", CASES)
def test_one_neutral_file_and_nothing_around_it(name: str) -> None:
    content = CASES[name]
    data = archived(content, WORDS)
    # Three letters are found in any ciphertext that is long enough: a picture begins with eight bytes.
    told = [one for one in SECRETS if len(one) > 3 and one.encode() in data.lower()]
    assert not told
    assert b"\x89PNG\r\n\x1a\n" not in data
    with pyzipper.AESZipFile(io.BytesIO(data)) as outer:
        (member,) = outer.infolist()
        assert outer.comment == b""
    assert (member.filename, member.date_time) == ("message.zip", (1980, 1, 1, 0, 0, 0))
    assert (member.wz_aes_strength, member.wz_aes_version, member.CRC) == (3, 2, 0)
    assert member.compress_type == pyzipper.ZIP_STORED
    inner = opened(data)
    assert inner.testzip() is None
    assert inner.namelist()[0] == "message.txt"
    assert all(one.date_time == (1980, 1, 1, 0, 0, 0) for one in inner.infolist())
    words = inner.read("message.txt").decode("utf-8-sig")
    if content.text.strip():
        assert words.endswith(re.sub("\r\n|\r|\n", "\r\n", content.text))
    page = inner.read("message.html") if "message.html" in inner.namelist() else b""
    rest = [inner.read(one) for one in inner.namelist() if not one.startswith("message.")]
    shown = [file for file in content.files if file.inline]
    assert sorted(rest) == sorted(file.data for file in content.files if not file.inline)
    assert not shown or b"data:image/png;base64,iVBORw==" in page


def test_no_two_archives_are_alike() -> None:
    assert archived(PLAIN, WORDS) != archived(PLAIN, WORDS)


def test_equally_long_content_gives_equally_long_archives() -> None:
    def of(data: bytes) -> Content:
        return Content(ANN, (TAN,), files=(File("a", "", data),))

    sizes = {len(archived(of(data), WORDS)) for data in (b"\0" * 5_000, b"abcde" * 1_000)}
    assert len(sizes) == 1


@pytest.mark.parametrize(
    "wrong", ["", "x", WORDS.upper(), WORDS + " ", WORDS.replace("-", " "), WORDS[:-1]]
)
def test_a_wrong_passphrase_opens_nothing(wrong: str) -> None:
    with pytest.raises(RuntimeError):
        opened(archived(PLAIN, WORDS), wrong)


def test_without_a_passphrase_there_is_no_archive() -> None:
    with pytest.raises(ValueError):
        archived(PLAIN, Passphrase(""))


def test_a_flipped_byte_is_noticed() -> None:
    data = archived(PLAIN, WORDS)
    start = data.index(archive.INNER_NAME.encode()) + len(archive.INNER_NAME)
    end = data.index(b"PK\x01\x02")
    for at in range(start + 20, end):
        spoilt = bytearray(data)
        spoilt[at] ^= 1
        with pytest.raises((pyzipper.BadZipFile, RuntimeError)):
            opened(bytes(spoilt))


def seven_zip() -> str:
    found = shutil.which("7zz") or shutil.which("7z")
    needs("7-Zip", found is not None)
    return found or ""


def bsdtar() -> str:
    needs("bsdtar", shutil.which("bsdtar") is not None)
    return "bsdtar"


OTHERS: dict[str, Callable[[Path, str], list[str]]] = {
    "7-Zip": lambda file, words: [seven_zip(), "x", "-so", f"-p{words}", str(file)],
    "bsdtar": lambda file, words: [bsdtar(), "--passphrase", words, "-xOf", str(file)],
}


@pytest.mark.parametrize("program", OTHERS)
def test_programs_of_others_open_it(program: str, tmp_path: Path) -> None:
    content = CASES["everything"]
    passphrase = generate()
    outer = tmp_path / "outer.zip"
    outer.write_bytes(archived(content, passphrase))

    def run(file: Path, words: str) -> subprocess.CompletedProcess[bytes]:
        command = OTHERS[program](file, words)
        return subprocess.run(command, capture_output=True, timeout=60, check=False)

    inner = tmp_path / "inner.zip"
    inner.write_bytes(run(outer, passphrase).stdout)
    with zipfile.ZipFile(inner) as made:
        whole = b"".join(made.read(name) for name in made.namelist())
    found = run(inner, "x")
    assert found.returncode == 0
    assert found.stdout == whole
    assert run(outer, "wrong").returncode != 0
    spoilt = bytearray(outer.read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    outer.write_bytes(spoilt)
    assert run(outer, passphrase).returncode != 0


def test_the_mail_around_it_tells_nothing() -> None:
    text = notice_text() + archive.ARCHIVE_SUBJECT + archive.ARCHIVE_NAME
    assert text.isascii()
    assert not [secret for secret in SECRETS if secret in text.lower()]
    for said in ("7-Zip", "phone", "message.txt", archive.ARCHIVE_NAME, archive.INNER_NAME):
        assert said in text
    assert max(map(len, notice_text().splitlines())) <= 76


def test_a_large_file_is_not_copied_around() -> None:
    size = 8_000_000
    block = bytes(range(256)) * (size // 256)
    content = Content(ANN, (TAN,), files=(File("a", "application/pdf", block),))
    gc.collect()
    tracemalloc.start()
    try:
        assert archived(content, WORDS)
        assert tracemalloc.get_traced_memory()[1] / size < 1.2
    finally:
        tracemalloc.stop()


def test_what_no_zip_file_can_hold_is_refused() -> None:
    file = stored.Entry("a", stored.LARGEST, 0, lambda: ())
    with pytest.raises(ValueError):
        next(stored.written([file]))
    with pytest.raises(ValueError):
        next(stored.written([stored.entry("a", lambda: ())] * (stored.MOST_FILES + 1)))


def test_the_size_is_known_before_anything_is_written() -> None:
    for content in CASES.values():
        files = archive_files.entries(content)
        assert sum(map(len, stored.written(files))) == stored.size(files)
