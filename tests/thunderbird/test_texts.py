"""The add-in's texts: all in catalogues, none missing, none unused, none for drafts' sake shown."""

import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin_service import manifest_texts, manifests

SOURCE = Path(str(manifests.source()))
ENGLISH = manifest_texts.catalogues(manifests.source())["en"]
CODE = [
    path
    for folder in ("shared", "thunderbird")
    for path in sorted((SOURCE / folder).rglob("*"))
    if path.suffix in (".js", ".html", ".json") and path.name != "schema.json"
]
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*|<!--.*?-->", re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
PLURAL = re.compile(r"_(zero|one|two|few|many|other)$")
META = {"approved", "language"}


def code() -> Iterator[tuple[str, str]]:
    for path in CODE:
        yield path.name, COMMENT.sub("", path.read_text(encoding="utf-8"))


def literals(text: str) -> Iterator[str]:
    for found in LITERAL.finditer(text):
        yield found[1] if found[1] is not None else found[2]


def test_every_text_is_used() -> None:
    said = {name for _, text in code() for name in re.findall(r'"(\w+)"', text)}
    said |= {name for _, text in code() for name in re.findall(r"__MSG_(\w+)__", text)}
    unused = [n for n in ENGLISH if n not in said and PLURAL.sub("", n) not in said]
    assert not [name for name in unused if name not in META]


def test_every_text_that_is_asked_for_is_there() -> None:
    """Also where one of two is asked for, as in `text(one ? "a" : "b")`."""
    stems = {PLURAL.sub("", name) for name in ENGLISH if PLURAL.search(name)}
    missing = []
    for file, text in code():
        for call in re.finditer(r"\b(text|counted)\(([^()]*)", text):
            known = set(ENGLISH) if call[1] == "text" else stems
            first = call[2].split(",")[0].partition("?")[2] or call[2].split(",")[0]
            missing += [(file, n) for n in re.findall(r'"(\w+)"', first) if n not in known]
        named = re.findall(r'data-text(?:-label|-title)?="(\w+)"', text)
        named += re.findall(r"__MSG_(\w+)__", text)
        missing += [(file, name) for name in named if name not in ENGLISH]
    assert not missing


def test_no_sentence_stands_in_the_code() -> None:
    """What somebody could read begins with a capital and has a space; a header or CSS has none."""
    sentence = re.compile(r"^[A-Z][a-z]+[,.…]? [A-Za-z].*")
    allowed = re.compile(r"^(Content-|Bearer |[A-Z][\w-]+: )")
    found = [
        (file, literal)
        for file, text in code()
        if file.endswith(".js")
        for literal in literals(text)
        if sentence.match(literal) and not allowed.match(literal)
    ]
    assert not found


@pytest.mark.parametrize("path", [p for p in CODE if p.suffix == ".html"], ids=lambda p: p.name)
def test_no_words_stand_in_a_page(path: Path) -> None:
    """The language comes with the texts, so a page has words only by their names."""
    page = COMMENT.sub("", path.read_text(encoding="utf-8"))
    page = re.sub(r"<(style|script|title)\b.*?</\1>", "", page, flags=re.DOTALL)
    words = re.sub(r"<[^>]*>", " ", page).strip(string.whitespace)
    assert not words
    assert not re.findall(r'(?:title|aria-label|placeholder|alt)="[^"]*[A-Za-z]{3}[^"]*"', page)


@pytest.mark.parametrize("language", sorted(manifest_texts.catalogues(manifests.source())))
def test_a_catalogue_is_whole(language: str) -> None:
    texts = manifest_texts.catalogues(manifests.source())[language]
    stems = {PLURAL.sub("", name) for name in ENGLISH}
    assert {PLURAL.sub("", name) for name in texts} == stems
    for name, entry in texts.items():
        used = {place.lower() for place in re.findall(r"\$(\w+)\$", entry["message"])}
        assert used == set(entry.get("placeholders", {})), name
        original = ENGLISH.get(name) or ENGLISH[f"{PLURAL.sub('', name)}_other"]
        assert entry.get("placeholders", {}).items() <= original.get("placeholders", {}).items()
        if not PLURAL.search(name):
            assert entry.get("placeholders", {}) == original.get("placeholders", {}), name
        assert name == "approved" or entry["message"].strip(), name


def test_a_draft_that_nobody_approved_is_not_built_in(tmp_path: Path) -> None:
    drafts = {
        language
        for language, texts in manifest_texts.catalogues(manifests.source()).items()
        if not texts["approved"]["message"].strip()
    }
    assert "cy" in drafts
    xpi, *_ = manifests.build("https://mail.council.example", tmp_path)
    names = manifest_texts.approved(manifests.source())
    assert set(names).isdisjoint(drafts)
    import zipfile

    with zipfile.ZipFile(xpi) as archive:
        inside = {n.split("/")[1] for n in archive.namelist() if n.startswith("_locales/")}
    assert inside == set(names)
    script = (tmp_path / "outlook/shared/catalogue.js").read_text(encoding="utf-8")
    carried = json.loads(script.removeprefix("globalThis.lastLookTexts = ").rstrip(";\n"))
    assert set(carried) == set(names)
    assert all("$" not in re.sub(r"\$\d", "", one) for one in carried["en"].values())
