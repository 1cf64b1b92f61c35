"""Files of strangers on our disk: under harmless names, where we say, over nothing."""

import os
import stat
from pathlib import Path

import pytest

from addin_service.opening.inner import InnerFile
from addin_service.opening.saving import NotSaved, harmless, save


def file(name: str, data: bytes = b"x", kind: str = "application/pdf") -> InnerFile:
    return InnerFile(name, kind, data)


HOSTILE = [
    "../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "C:\\boot.ini", "C:boot.ini", "..",
    ".", "", " ", "...", ".bashrc", "-rf", "~root", "a/b", "a\\b", "a\x00.pdf", "a\nb", "a\x1b[2J",
    "invoice\u202efdp.exe", "con", "CON.txt", "nul.pdf", "com1", "LPT9.doc", "aux .txt", "a.",
    "a ", "a:stream", "desktop.ini:x", "a" * 5000 + ".pdf", "é" * 300 + ".pdf", "?*<>|\"",
    "\u2028", "conin$",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    (saved,) = save([file(name)], folder)
    assert saved.parent == folder
    assert saved.read_bytes() == b"x"
    assert [one.name for one in tmp_path.iterdir()] == ["here"]
    assert [one.name for one in folder.iterdir()] == [saved.name]
    assert not saved.name.startswith((".", "-", "~", " "))
    assert not saved.name.endswith((".", " "))
    assert saved.name.isprintable()
    assert not set(saved.name) & set('<>:"/\\|?*')
    reserved = {"con", "nul", "com1", "lpt9", "aux", "conin$"}
    assert saved.name.partition(".")[0].strip().casefold() not in reserved


def test_names_that_are_harmless_stay(tmp_path: Path) -> None:
    for name in ("notes.pdf", "Grüße.docx", "2026-11 list.csv", "console.txt", "日本.pdf"):
        assert harmless(file(name)) == name


def test_a_file_without_a_name_gets_one() -> None:
    assert harmless(file("")) == "attachment"
    assert harmless(file("", kind="message/rfc822")) == "attachment.eml"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"mine")
    saved = save([file("a.pdf", b"1"), file("a.pdf", b"2"), file("a", b"3"), file("a")], tmp_path)
    assert [one.name for one in saved] == ["a-2.pdf", "a-3.pdf", "a", "a-2"]
    assert (tmp_path / "a.pdf").read_bytes() == b"mine"


@pytest.mark.skipif(os.name != "posix", reason="rights of this kind are not there")
def test_only_the_user_may_read_them_and_nothing_runs_them(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        (saved,) = save([file("run.sh", b"#!/bin/sh\n")], tmp_path / "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert stat.S_IMODE(saved.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
@pytest.mark.parametrize("target", ["victim", "nowhere", "."])
def test_a_link_in_the_folder_is_not_followed(target: str, tmp_path: Path) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "here"
    victim.write_bytes(b"mine")
    folder.mkdir()
    (folder / "a.pdf").symlink_to(tmp_path / target)
    with pytest.raises(NotSaved):
        save([file("a.pdf")], folder)
    assert victim.read_bytes() == b"mine"
    assert not (tmp_path / "nowhere").exists()
    assert [one.name for one in folder.iterdir()] == ["a.pdf"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "no" / "such"):
        with pytest.raises(NotSaved):
            save([file("a.pdf")], folder)
