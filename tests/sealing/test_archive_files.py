"""Names that every system takes, and HTML that a browser may open."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service.sealing import archive_files, page
from addin_service.sealing.content import Content, File
from tests.sealing.test_any_content import CONTENTS, NAMES

ANN = ("ann.lee@council.example", "Ann Lee")
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def named(*given: str) -> list[str]:
    files = tuple(File(name, "", name.encode("utf-8", "replace")) for name in given)
    made = archive_files.entries(Content(ANN, (ANN,), (), "s", "t", "", files))
    return [entry.name for entry in made[1:]]


def html(content: Content) -> str:
    made = {entry.name: entry for entry in archive_files.entries(content)}
    return b"".join(made["message.html"].pieces()).decode()


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (["a.pdf", "a.pdf", "A.PDF"], ["a.pdf", "a (2).pdf", "A (3).PDF"]),
        (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
        (["a (2).pdf", "a.pdf", "a.pdf"], ["a (2).pdf", "a.pdf", "a (3).pdf"]),
        (["message.txt", "Message.HTML"], ["message (2).txt", "Message.HTML"]),
        (["CON", "con.txt", "Com1.pdf", "lpt¹", "nul .a.b"],
         ["_CON", "_con.txt", "_Com1.pdf", "_lpt¹", "_nul .a.b"]),
        (["console.txt", "com10.pdf", "auxiliary"], ["console.txt", "com10.pdf", "auxiliary"]),
        (["report.", "report. .", "x "], ["report", "report (2)", "x"]),
        (["../../etc/passwd", r"C:\Windows\win.ini", "/a"], ["passwd", "win.ini", "a"]),
        (["", "..", "\0"], ["attachment", "attachment (2)", "attachment (3)"]),
        (["caf\u00e9.txt", "cafe\u0301.txt"], ["caf\u00e9.txt", "caf\u00e9 (2).txt"]),
        (["gpj.\u202eexe"], ["gpj.exe"]),
    ],
)  # fmt: skip
def test_names_that_every_system_takes(given: list[str], made: list[str]) -> None:
    assert named(*given) == made


def test_a_long_name_keeps_its_ending() -> None:
    first, second = named("日" * 300 + ".docx", "日" * 300 + ".docx")
    assert first.endswith("日.docx")
    assert second.endswith("日 (2).docx")
    assert max(len(name.encode()) for name in (first, second)) <= 220


def test_thousands_of_equal_names_are_told_apart_quickly() -> None:
    assert len(set(named(*["a.pdf"] * 5_000))) == 5_000


@given(st.lists(NAMES, max_size=6))
def test_any_names(given: list[str]) -> None:
    made = named(*given)
    assert len({name.casefold() for name in made} | {"message.txt"}) == len(given) + 1
    for name in made:
        assert name
        assert len(name.encode()) <= 230
        assert not re.search(r'[/\\<>:"|?*\x00-\x1f]|[ .]$', name)
        assert not DEVICES.fullmatch(name)


@given(CONTENTS)
def test_nothing_is_lost(content: Content) -> None:
    made = archive_files.entries(content)
    files = [b"".join(one.pieces()) for one in made if not one.name.startswith("message")]
    lost = [file for file in content.files if file.data not in files]
    assert not [file for file in lost if not file.inline]
    assert len(made) >= 1 + len(content.files) - sum(file.inline for file in content.files)


@pytest.mark.parametrize(
    ("text", "markup", "needed"),
    [
        ("words", "", False),
        ("words", "<p>words</p>", False),
        ("words", "<b>words</b> <a href='https://x.example'>link</a>", False),
        ("words", "<table><tr><td>words</table>", True),
        ("words", "<p style='text-decoration: line-through'>words</p>", True),
        ("words", "<img src='cid:a@b'>", True),
        (" ", "<p>words</p>", True),
    ],
)
def test_html_goes_along_only_where_text_would_lose_something(
    text: str, markup: str, needed: bool
) -> None:
    files = (File("a.pdf", "application/pdf", b"x"),)
    made = archive_files.entries(Content(ANN, (ANN,), (), "s", text, markup, files))
    assert [one.name for one in made] == [
        "message.txt", *(["message.html"] if needed else []), "a.pdf",
    ]  # fmt: skip
    words = b"".join(made[0].pieces()).decode()
    assert words.endswith("words" if text.strip() else "beside this file.\r\n")


def test_a_picture_that_no_html_shows_is_a_file() -> None:
    picture = File("a.png", "image/png", b"x", "a@b", inline=True)
    made = archive_files.entries(Content(ANN, (ANN,), (), "s", "t", "<p>cid:a@b</p>", (picture,)))
    assert [one.name for one in made] == ["message.txt", "a.png"]


def test_pictures_stand_in_the_html_itself() -> None:
    data = bytes(range(256)) * 3_000
    picture = File("a.png", "image/png", data, "<a@b>", inline=True)
    other = File("b.png", "image/png", b"other", "c@d", inline=True)
    made = html(
        Content(
            ANN, (ANN,), (), "s", "t", "<img src='cid:a@b'><img src=cid:none>", (picture, other)
        )
    )
    assert f"src='data:image/png;base64,{base64.b64encode(data).decode()}'>" in made
    assert "cid:none" in made
    assert base64.b64encode(b"other").decode() not in made


def test_a_large_picture_is_written_once_however_often_it_is_shown() -> None:
    large = File("a.png", "image/png", b"x" * (page.ROOM_FOR_REPEATS + 1), "a@b", inline=True)
    small = File("b.png", "image/png", b"y" * 1_000, "c@d", inline=True)
    made = html(
        Content(
            ANN, (ANN,), (), "s", "t", "<img src='cid:a@b'><img src='cid:c@d'>" * 50, (large, small)
        )
    )
    assert len(made) < 7_200_000
    assert made.count("data:image") == 51


@pytest.mark.parametrize(
    "hostile",
    [
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<META HTTP-EQUIV=refresh>", "<link rel=preconnect href=https://evil.example>",
        "<LiNk rel='dns-prefetch' href=//evil.example>", "<base href=https://evil.example>",
        "<meta\nhttp-equiv=refresh>", "<link/rel=prefetch>",
    ],
)  # fmt: skip
def test_no_directive_of_the_page_is_left(hostile: str) -> None:
    """EFAIL, 2018: a reader's program that fetched what a mail named told others of the mail."""
    made = html(Content(ANN, (ANN,), (), "s", "", hostile))
    assert made.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in made
    body = made.partition('no-referrer">\r\n')[2]
    assert not re.search(r"<(meta|link|base)\b", body, re.IGNORECASE)
    assert body.replace("<x-", "<") == hostile
