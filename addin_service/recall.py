"""Does what the sender typed name the person who would read the message? Pure."""

from collections.abc import Iterable

from addin_service import names
from addin_service.model import Reader

SHORTEST = 2
"""Letters of a name that says something."""


def known_as(reader: Reader) -> str:
    """Everything by which a person may be called: name, organisation, the address's own words."""
    local, _, domain = reader.key.rpartition("@")
    written = reader.name if reader.name else local
    where = reader.organisation if reader.organisation else domain.partition(".")[0]
    return f"{written} {where}"


def names_one_of(typed: str, people: Iterable[str]) -> bool:
    """Whether every word typed belongs to one of these people (as `known_as` calls them)."""
    said = {
        word
        for word in names.plain(typed).split()
        if len(word) >= SHORTEST and word not in names.TITLES
    }
    return bool(said) and any(said <= set(names.plain(person).split()) for person in people)
