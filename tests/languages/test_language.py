"""A text remembers how it was made; names in it are never translated, nor read as templates."""

import calendar
import copy
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service import language
from addin_service.catalogues import ENGLISH, Language
from addin_service.language import NOTHING, Words, beside, day, list_of, paragraph, say, say_n


class Other:
    """A catalogue of a few templates."""

    def __init__(self, **templates: str) -> None:
        self.templates = templates

    def gettext(self, message: str, /) -> str:
        if message.startswith("{p0}"):  # texts that merely stand beside each other
            return message
        return self.templates.get(message, f"<{message}>")

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        return self.gettext(one if count == 1 else many)


OTHER = Other()


def test_a_text_is_its_english_and_can_be_told_otherwise() -> None:
    said = say("Did you mean {person}?", person="Priya Tann")
    assert said == "Did you mean Priya Tann?"
    assert isinstance(said, str)
    assert json.loads(json.dumps({"message": said})) == {"message": "Did you mean Priya Tann?"}
    assert said.told(OTHER) == "<Did you mean Priya Tann?>"
    assert ENGLISH.tell(said) is said


def test_texts_within_texts_are_told_too() -> None:
    inner = say("one {sign} is missing", sign=say("dot"))
    said = say("The difference: {difference}.", difference=inner)
    assert said == "The difference: one dot is missing."
    assert said.told(OTHER) == "<The difference: <one <dot> is missing>.>"


def test_what_is_no_text_of_ours_is_left_as_it_is() -> None:
    assert Language("xx", OTHER).tell("p.tann@chambers.example") == "p.tann@chambers.example"
    assert NOTHING.told(OTHER) == ""


@given(st.text(), st.text())
def test_a_value_is_never_a_template(name: str, address: str) -> None:
    said = say("{name} is {address}", name=name, address=address)
    assert said == f"{name} is {address}"
    assert said.told(OTHER) == f"<{name} is {address}>"


@pytest.mark.parametrize("name", ["{x}", "{address}", "{0}", "{", "}", "{name.__class__}", "%s"])
def test_braces_in_a_display_name_stay_as_they_are(name: str) -> None:
    said = paragraph(say("You know {name}.", name=name), say("{address} is new.", address=name))
    assert said == f"You know {name}. {name} is new."
    assert said.told(OTHER) == f"<You know {name}.> <{name} is new.>"
    assert list_of([name, name]).told(OTHER) == f"<{name} and {name}>"


@pytest.mark.parametrize("wrong", ["{nobody}", "{", "{0}", "{name.given}", "{name[x]}"])
def test_a_translation_that_cannot_be_filled_in_leaves_the_english(wrong: str) -> None:
    said = say("You know {name}.", name="Jo")
    assert said.told(Other(**{"You know {name}.": wrong})) == "You know Jo."


def test_each_number_has_its_form() -> None:
    one, two = (say_n("{count} line", "{count} lines", n) for n in (1, 2))
    assert (one, two) == ("1 line", "2 lines")
    assert (one.told(OTHER), two.told(OTHER)) == ("<1 line>", "<2 lines>")


def test_lists_sentences_and_days() -> None:
    assert list_of(["a"]) == "a"
    assert list_of(["a", "b"]) == "a and b"
    assert list_of(["a", "b", "c"]) == "a, b and c"
    assert list_of(["a", "b", "c"]).told(OTHER) == "<<a, b> and c>"
    assert paragraph(say("A."), NOTHING, say("B.")) == "A. B."
    assert paragraph(NOTHING) == ""
    assert beside(["a", "b"], "{}") == "a{}b" == beside(["a", "b"], "{}").told(OTHER)
    assert [day(date(2025, month, 3)) for month in (5, 12)] == ["3 May 2025", "3 December 2025"]
    assert day(date(2025, 5, 3)).told(Other(**{"{day} May {year}": "{day} Mai {year}"})) == (
        "3 Mai 2025"
    )


def test_every_month_has_its_own_name() -> None:
    assert [day(date(2025, n, 1)) for n in range(1, 13)] == [
        f"1 {calendar.month_name[n]} 2025" for n in range(1, 13)
    ]


def test_a_copy_can_be_told_as_well() -> None:
    said = say("You know {name}.", name=say("somebody"))
    for one in (copy.copy(said), copy.deepcopy(said)):
        assert one == said
        assert one.told(OTHER) == "<You know <somebody>.>"


def test_what_was_cut_or_joined_is_no_longer_known() -> None:
    said = say("You know {name}.", name="Jo")
    for one in (said + "", f"{said}", said.strip(), str(said)):
        assert not isinstance(one, Words)
    assert language.told(7, OTHER) == 7
