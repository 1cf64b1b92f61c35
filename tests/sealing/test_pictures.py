"""Pictures within the HTML become parts beside it; everything else stays what it was."""

import base64
import time

import pytest

from addin_service.sealing.mime import Content, payload
from addin_service.sealing.pictures import taken_out
from tests.sealing.reading import read

ANN = ("ann.lee@council.example", "")
DOT = b"\x89PNG\r\n\x1a\n and what follows"
LETTERS = base64.b64encode(DOT).decode()
URL = f"data:image/png;base64,{LETTERS}"


def found_in(html: str) -> tuple[str, list[tuple[str, str, bytes]]]:
    rest, pictures = taken_out(html)
    return rest, [(one.name, one.type, b"".join(one.pieces())) for one in pictures]


@pytest.mark.parametrize(
    "tag",
    [
        f'<img src="{URL}">',
        f"<img src='{URL}'>",
        f'<IMG SRC = "{URL}"/>',
        f'<img\nalt="a"\nsrc="{URL}" width="3">',
        f'<p>a</p><img class="x" data-src="y" src="{URL}" alt="b">c',
        f'<img src="data:image/png;charset=utf-8;base64,{LETTERS}">',
        f'<img src="DATA:IMAGE/PNG;BASE64,{LETTERS}">',
        f'<img src="data:image/png;base64,{LETTERS[:20]}\n {LETTERS[20:]}">',
        f'<img src="data:image/png;base64,{LETTERS.rstrip("=")}">',
    ],
)
def test_a_picture_is_taken_out(tag: str) -> None:
    rest, pictures = found_in(tag)
    assert "data:" not in rest.lower()
    assert rest.count("cid:") == 1
    assert [data for _, _, data in pictures] == [DOT]
    content = Content(ANN, (ANN,), (), "s", "text", tag)
    seen = read(payload(content))
    assert list(seen.pictures.values()) == [DOT]
    assert f"cid:{next(iter(seen.pictures))[1:-1]}" in (seen.html or "")


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>data:image/png;base64,AAAA</p>",
        f"<p>{URL}</p>",
        f'<img data-src="{URL}">',
        f'<img src="{URL}',
        f"<img src=\"{URL}'>",
        f"<img src={URL}>",
        '<img src="data:image/png;base64,">',
        '<img src="data:image/png;base64,AAA*">',
        '<img src="data:image/png;base64,A">',
        '<img src="data:image/png;base64,AA==AAAA">',
        '<img src="data:image/png;base64,====">',
        '<img src="data:image/png;base64,' + "=" * 100 + '">',
        '<img src="data:image/svg+xml,<svg/>">',
        f'<img src="data:text/html;base64,{LETTERS}">',
        f'<iframe src="data:text/html;base64,{LETTERS}"></iframe>',
        f'<a href="{URL}">x</a>',
        f'<div style="background: url({URL})">',
        '<img src="https://x.example/a.png">',
        '<img src="cid:part1@x">',
        f'<img {"a" * 5_000} src="{URL}">',
    ],
)
def test_anything_else_stays(html: str) -> None:
    assert taken_out(html) == (html, ())


def test_the_same_picture_twice_is_one_part() -> None:
    rest, pictures = found_in(f'<img src="{URL}">and<img src="{URL}">')
    assert len(pictures) == 1
    assert rest.count("cid:") == 2


def test_pictures_have_names_and_types() -> None:
    kinds = ("image/jpeg", "image/svg+xml", "image/png;filename=Lageplan%20Mitte.png")
    html = "".join(
        f'<img src="data:{kind};base64,{base64.b64encode(kind.encode()).decode()}">'
        for kind in kinds
    )
    assert found_in(html)[1] == [
        ("picture1.jpg", "image/jpeg", kinds[0].encode()),
        ("picture2.svg", "image/svg+xml", kinds[1].encode()),
        ("Lageplan Mitte.png", "image/png", kinds[2].encode()),
    ]


def test_a_large_picture_among_text_in_lines() -> None:
    data = bytes(range(256)) * 4_000
    letters = base64.encodebytes(data).decode()
    rest, pictures = found_in(f'<p>é</p><img src="data:image/gif;base64,{letters}"><p>z</p>')
    assert pictures == [("picture1.gif", "image/gif", data)]
    assert rest.startswith('<p>é</p><img src="cid:')
    assert rest.endswith('"><p>z</p>')


@pytest.mark.parametrize(
    "piece",
    [
        "<img ",
        '<img src="data:image/png;base64,',
        "<img src='data:image/png;base64,AAAA\"",
        ' src="data:image/png;base64,',
        '<img src="data:image/',
        "<img " + " src=" * 700,
        "<img " + ' src="data:image/x' * 200,
        "=",
        "cid:",
        "A",
    ],
)
def test_hostile_html_takes_no_longer_than_its_length(piece: str) -> None:
    html = f'<img src="{URL}">' + piece * (1_000_000 // len(piece))
    start = time.perf_counter()
    payload(Content(ANN, (ANN,), (), "s", "text", html))
    assert time.perf_counter() - start < 10
    html = '<img src="data:image/png;base64,' + piece * (1_000_000 // len(piece))
    start = time.perf_counter()
    taken_out(html)
    assert time.perf_counter() - start < 10
