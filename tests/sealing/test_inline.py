"""Text alone, and what is too much for it."""

from dataclasses import replace

import pytest

from addin_service.sealing.inline import EMPTY, FILES, RICH, inline_refusal, inline_text
from addin_service.sealing.mime import Content, File

TEXT = Content(("ann.lee@council.example", ""), (), (), "s", "Hello\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "\r\n"),
        ("Zoë", "Zoë\r\n"),
        ("a\nb\n", "a\r\nb\r\n"),
        ("a\r\nb\rc\n\n", "a\r\nb\r\nc\r\n\r\n"),
        ("a\r", "a\r\n"),
    ],
)
def test_lines_end_as_in_a_mail(text: str, expected: str) -> None:
    assert inline_text(text) == expected.encode()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (TEXT, ""),
        (replace(TEXT, text=""), ""),
        (replace(TEXT, html="<html><body><p>Hello<br></p></body></html>"), ""),
        (replace(TEXT, html='<p><b>Hello</b> <a href="https://x.example">x</a></p>'), ""),
        (replace(TEXT, html="<blockquote><pre>> Hello</pre></blockquote>"), ""),
        (replace(TEXT, html="<ul><li>Hello</li></ul>"), ""),
        (replace(TEXT, html="<p>a < b</p>"), ""),
        (replace(TEXT, html="<TABLE><tr><td>Hello"), RICH),
        (replace(TEXT, html='<img src="cid:x">'), RICH),
        (replace(TEXT, html="<svg><text>x</text></svg>"), RICH),
        (replace(TEXT, html="<p>pay <s>1,000</s></p>"), RICH),
        (replace(TEXT, html="<p>pay <del>1,000</del></p>"), RICH),
        (replace(TEXT, html='<p style="text-decoration: line-through">x</p>'), RICH),
        (replace(TEXT, html='<p style="display : none">x</p>'), RICH),
        (replace(TEXT, html="<p>Hello</p>", text=" \n"), EMPTY),
        (replace(TEXT, files=(File("a.pdf", "application/pdf", b""),)), FILES),
        (replace(TEXT, html="<img>", files=(File("a.pdf", "application/pdf", b""),)), FILES),
    ],
)
def test_what_text_alone_would_lose_is_refused(content: Content, refusal: str) -> None:
    assert inline_refusal(content) == refusal
