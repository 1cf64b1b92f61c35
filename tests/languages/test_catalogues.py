"""Catalogues are up to date, complete, and count only when somebody has approved them."""

import ast
import gettext
import re
import shutil
from pathlib import Path

import pytest

from addin_service import catalogues
from addin_service.catalogues import LOCALE
from addin_service.language import say, say_n
from tests.languages import catalogues as tool
from tests.languages.pseudo import PLACE, accented

FILES = tool.files()
TAGS = [tool.tag_of(file) for file in FILES]


@pytest.fixture(params=FILES, ids=TAGS)
def file(request: pytest.FixtureRequest) -> Path:
    """The PO file of each language."""
    found: Path = request.param
    return found


def test_there_is_a_catalogue() -> None:
    assert TAGS == ["cy"]


def test_a_catalogue_has_what_the_code_says_and_nothing_else(file: Path) -> None:
    text = file.read_text("utf-8")
    assert tool.updated(text, tool.tag_of(file), tool.extracted()) == text, "run `make catalogues`"


def test_what_is_compiled_is_what_is_written(file: Path) -> None:
    text = file.read_text("utf-8")
    assert file.with_suffix(".mo").read_bytes() == tool.compiled(text, tool.tag_of(file)), (
        "run `make catalogues`"
    )


MOST_NEW = 20
"""Texts that may be new: they are said in English until somebody has translated them."""


def test_hardly_anything_is_left_untranslated(file: Path) -> None:
    catalog = tool.read(file.read_text("utf-8"), tool.tag_of(file))
    new = [one.id for one in catalog if one.id and not tool.translations(one)]
    assert len(new) <= MOST_NEW, new


def test_each_translation_has_the_places_of_its_text(file: Path) -> None:
    """One of several forms may leave the number out: "somebody", "one minute"."""
    for message in tool.read(file.read_text("utf-8"), tool.tag_of(file)):
        if not message.id:
            continue
        plural = not isinstance(message.id, str)
        wanted = set(PLACE.findall(" ".join(message.id) if plural else message.id))
        for text in tool.translations(message):
            assert re.sub(PLACE, "", text).count("{") == 0 == re.sub(PLACE, "", text).count("}")
            found = set(PLACE.findall(text))
            assert found == wanted or (plural and found == wanted - {"{count}"}), text


def test_commands_paths_and_examples_stay_as_they_are_typed(file: Path) -> None:
    typed = re.compile(r"`[^`]+`|(?:GET|POST) /v1/\S+|https?://\S+|@?\w*@?chambers\.example")
    for message in tool.read(file.read_text("utf-8"), tool.tag_of(file)):
        if isinstance(message.id, str):
            for one in typed.findall(message.id):
                assert one.rstrip(".,") in str(message.string), message.id


# What is said.


def sources() -> list[tuple[str, ast.Module]]:
    return [
        (file.relative_to(tool.PACKAGE).as_posix(), ast.parse(file.read_text("utf-8")))
        for file in sorted(tool.PACKAGE.rglob("*.py"))
    ]


def _calls(tree: ast.Module, *names: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names
    ]


def test_no_text_is_put_together_before_it_is_said() -> None:
    """A text with its values in it already is another text each time, and in no catalogue."""
    for name, tree in sources():
        for call in _calls(tree, *tool.MARKS):
            for one in call.args:
                assert not isinstance(one, ast.JoinedStr | ast.BinOp), (name, call.lineno)


def test_no_error_is_told_in_mere_english() -> None:
    for name, tree in sources():
        if not name.startswith("web/"):
            continue
        for call in _calls(tree, "Problem"):
            for one in call.args[2:4]:
                assert not isinstance(one, ast.JoinedStr | ast.BinOp), (name, call.lineno)
                assert not (isinstance(one, ast.Constant) and one.value), (name, call.lineno)


def test_the_same_words_have_one_form_for_one_and_more() -> None:
    ids = [one.id for one in tool.extracted() if one.id]
    single = {one for one in ids if isinstance(one, str)}
    paired = {one[0] for one in ids if not isinstance(one, str)}
    assert not single & paired


def test_marks_are_found_wherever_they_stand() -> None:
    source = """
A = {"a": template("One " "text.")}
def f():
    return say(A["a"], name=say("Another {x}.", x=1)), say_n("a", "b", 2), other("no"), say(x)
"""
    assert [one.id for one in tool.said_in(source, "x.py")] == [
        "One text.",
        "Another {x}.",
        ("a", "b"),
    ]


# Who approves.

SAID = say("Whom is this message for?")


def shipped_as(folder: Path, approved: str) -> catalogues.Languages:
    """The Welsh catalogue, with this in its line of approval."""
    text = (LOCALE / "cy" / "LC_MESSAGES" / "messages.po").read_text("utf-8")
    text, found = re.subn(r'"X-Approved: .*\\n"', f'"X-Approved: {approved}\\\\n"', text)
    assert found == 1
    place = folder / "cy" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "messages.mo").write_bytes(tool.compiled(text, "cy"))
    return catalogues.load(folder)


def test_only_what_somebody_has_approved_is_spoken() -> None:
    approved = {
        tool.tag_of(file)
        for file in FILES
        if re.search(r'"X-Approved: *[^ \\]', file.read_text("utf-8"))
    }
    assert set(catalogues.shipped().spoken) == {"en"} | approved
    for draft in set(TAGS) - approved:
        language = catalogues.shipped().preferred(f"{draft}-GB, {draft};q=0.9")
        assert language.tag == "en"
        assert language.tell(SAID) is SAID


@pytest.mark.parametrize("nobody", ["", " "])
def test_an_empty_approval_is_none(nobody: str, tmp_path: Path) -> None:
    assert set(shipped_as(tmp_path, nobody).spoken) == {"en"}


def test_once_approved_it_is_welsh(tmp_path: Path) -> None:
    language = shipped_as(tmp_path, "A Reader, 2027-03-01").preferred("cy-GB")
    assert language.tag == "cy"
    assert language.tell(SAID) == "Ar gyfer pwy mae'r neges hon?"
    assert language.tell("Whom is this message for?") == "Whom is this message for?"


@pytest.mark.parametrize(
    ("count", "form"), [(0, 0), (1, 1), (2, 2), (3, 3), (6, 4), (4, 5), (12, 5)]
)
def test_welsh_has_six_forms(count: int, form: int, tmp_path: Path) -> None:
    catalog = tool.read((LOCALE / "cy/LC_MESSAGES/messages.po").read_text("utf-8"), "cy")
    message = catalog.get("{count} minute")
    assert message is not None
    expected = message.string[form].format(count=count)
    language = shipped_as(tmp_path, "A Reader").preferred("cy")
    assert language.tell(say_n("{count} minute", "{count} minutes", count)) == expected


def test_a_file_without_approval_of_another_kind_is_english_too(tmp_path: Path) -> None:
    shutil.copytree(LOCALE, tmp_path / "locale")
    assert set(catalogues.load(tmp_path / "locale").spoken) == {"en"}
    assert set(catalogues.load(tmp_path / "nowhere").spoken) == {"en"}


# The tool.


def test_an_update_keeps_translations_and_the_approval_and_drops_what_is_gone() -> None:
    begun = tool.updated(tool.new("de"), "de", _said("Old.", "Kept."))
    text = begun.replace('msgid "Kept."\nmsgstr ""', 'msgid "Kept."\nmsgstr "Bleibt."')
    text = text.replace("X-Approved: ", "X-Approved: A Reader, 2027-03-01")
    after = tool.updated(text, "de", _said("Kept.", "New."))
    assert "A Reader, 2027-03-01" in after
    assert "Bleibt." in after
    assert "Old." not in after
    assert 'msgid "New."\nmsgstr ""' in after
    assert tool.updated(after, "de", _said("Kept.", "New.")) == after


def test_what_is_new_is_english_until_it_is_translated(tmp_path: Path) -> None:
    text = tool.updated(tool.new("de"), "de", _said("Kept.", "New."))
    text = text.replace('msgid "Kept."\nmsgstr ""', 'msgid "Kept."\nmsgstr "Bleibt: {a}ß"')
    file = tmp_path / "messages.mo"
    file.write_bytes(tool.compiled(text, "de"))
    with file.open("rb") as opened:
        read = gettext.GNUTranslations(opened)
    assert read.gettext("Kept.") == "Bleibt: {a}ß"
    assert read.gettext("New.") == "New."
    assert read.info()["language"] == "de"


def test_a_guess_is_no_translation() -> None:
    text = tool.new("de") + '\n#, fuzzy\nmsgid "Kept."\nmsgstr "Bleibt?"\n'
    assert b"Bleibt" not in tool.compiled(text, "de")


def _said(*texts: str) -> tool.Catalog:
    catalog = tool.Catalog()
    for text in texts:
        catalog.add(text, locations=[("addin_service/x.py", 0)])
    return catalog


def test_the_made_up_language_leaves_places_alone() -> None:
    assert accented("Ask {who} now.") == "⟦Åšķ {who} ñöŵ.~~~⟧"
