"""Sentences that remember how they were made, so that they can be told in another language. Pure.

The code says everything in English, through `say`. What comes out is that English text, a `str`
like any other, which also knows its template and the values in it. The edge that knows the
reader's language tells it from that language's catalogue; nobody else need know of languages.
Values (names, addresses, file names) are never translated and never read as templates.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, reduce
from typing import Any, Protocol, TypeAlias

Value: TypeAlias = str | int


class Catalogue(Protocol):
    """The templates of one language, as the standard library's `gettext` reads them."""

    def gettext(self, message: str, /) -> str:
        """The template in this language; the same again where it has none."""

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        """The template for so many."""


class Words(str):
    """An English text that can be told in another language. Made by the functions below.

    A text that was cut, joined with `+` or formatted is a mere `str`, and stays English.
    """

    __slots__ = ("many", "number", "template", "values")
    template: str
    values: Mapping[str, Value]
    many: str
    number: int

    def __new__(
        cls,
        english: str,
        template: str = "",
        values: Mapping[str, Value] | None = None,
        many: str = "",
        number: int = 0,
    ) -> "Words":
        """`english` as it stands; `many` is the template for other numbers than one."""
        self = super().__new__(cls, english)
        self.template, self.values = template, values or {}
        self.many, self.number = many, number
        return self

    def told(self, catalogue: Catalogue) -> str:
        """The text in the language of this catalogue; English where that has no such template."""
        if not self.template:  # under "" a catalogue has what it says of itself
            return str(self)
        if self.many:
            template = catalogue.ngettext(self.template, self.many, self.number)
        else:
            template = catalogue.gettext(self.template)
        if not self.values:
            return template
        values = {name: told(value, catalogue) for name, value in self.values.items()}
        try:
            return template.format_map(values)
        except (AttributeError, LookupError, TypeError, ValueError):
            # A translation that names what is not there leaves nobody without an answer.
            return str(self)


NOTHING = Words("")
"""No text."""


def told(value: Any, catalogue: Catalogue) -> Any:
    """`Words` in the language of this catalogue; anything else as it is."""
    return value.told(catalogue) if isinstance(value, Words) else value


def template(text: str) -> str:
    """Marks a template that is said elsewhere: the catalogues are made from such marks."""
    return text


def template_n(one: str, many: str) -> tuple[str, str]:
    """Marks a pair of templates, for one and for more, that is said elsewhere."""
    return one, many


def say(template: str, /, **values: Value) -> Words:
    """A text from its English template, in which `{name}` stands for the value of that name."""
    return Words(template.format_map(values) if values else template, template, values)


def say_n(one: str, many: str, count: int, /, **values: Value) -> Words:
    """The same, by number: `{count}` stands for it. English has a form for one and one for more."""
    values["count"] = count
    return Words((one if count == 1 else many).format_map(values), one, values, many, count)


def beside(parts: Iterable[str], between: str = "") -> Words:
    """Texts one after the other; what is empty is left out."""
    present = [part for part in parts if part]
    if len(present) == 1 and isinstance(only := present[0], Words):
        return only
    values = {f"p{number}": part for number, part in enumerate(present)}
    return Words(between.join(present), _row(len(present), between), values)


@cache
def _row(count: int, between: str) -> str:
    """The template of so many texts: nothing in it to be translated."""
    plain = between.replace("{", "{{").replace("}", "}}")
    return plain.join(f"{{p{number}}}" for number in range(count))


def paragraph(*sentences: str) -> Words:
    """Sentences with a blank between them; what is empty is left out."""
    return beside(sentences, " ")


def list_of(parts: Iterable[str]) -> Words:
    """ "a, b and c"."""
    *others, last = parts
    if not others:
        return beside([last])
    first = reduce(lambda one, two: say("{first}, {second}", first=one, second=two), others)
    return say("{first} and {last}", first=first, last=last)


_DAYS = (
    template("{day} January {year}"),
    template("{day} February {year}"),
    template("{day} March {year}"),
    template("{day} April {year}"),
    template("{day} May {year}"),
    template("{day} June {year}"),
    template("{day} July {year}"),
    template("{day} August {year}"),
    template("{day} September {year}"),
    template("{day} October {year}"),
    template("{day} November {year}"),
    template("{day} December {year}"),
)


def day(of: date) -> Words:
    """ "3 May 2025"."""
    return say(_DAYS[of.month - 1], day=of.day, year=of.year)
