"""The languages that the service speaks: those whose catalogue somebody has approved.

A catalogue lies in `locale/LANGUAGE/LC_MESSAGES/`, as `messages.po` to be read and written by
people, and compiled as `messages.mo`. docs/languages.md says how both are made, and who approves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from addin_service.language import Catalogue, Words

LOCALE = Path(__file__).parent / "locale"
APPROVED = "x-approved"
"""The line of a catalogue's header that says who has approved it; while it is empty, nobody has."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language by its tag (BCP 47). Without a catalogue it is the English of the code."""

    tag: str
    catalogue: Catalogue | None = None

    def tell(self, text: str) -> str:
        """A text in this language, where it is `Words`; any other as it is."""
        if self.catalogue is None or not isinstance(text, Words):
            return text
        return text.told(self.catalogue)


ENGLISH = Language("en")


@dataclass(frozen=True, slots=True)
class Languages:
    """All that are spoken, by their tags in small letters."""

    spoken: Mapping[str, Language] = field(default_factory=lambda: {"en": ENGLISH})

    def preferred(self, accept: str) -> Language:
        """The first language of an Accept-Language header that is spoken; else English."""
        for tag in wanted(accept):
            # RFC 4647, section 3.4: what is not there is looked up by its beginning.
            while tag:
                if found := self.spoken.get(tag):
                    return found
                tag = tag.rpartition("-")[0]
        return ENGLISH


MOST_ASKED = 1000
"""Characters of a header that are looked at."""
_QUALITY = re.compile(r"[01](?:\.\d{0,3})?", re.ASCII)


def wanted(accept: str) -> list[str]:
    """The tags of an Accept-Language header in small letters, the most wanted first.

    What is not written as RFC 9110 has it, and what is not wanted (`q=0`), is left out; so is `*`,
    which anything answers.
    """
    found: list[tuple[float, str]] = []
    for one in accept[:MOST_ASKED].lower().split(","):
        tag, _, more = one.partition(";")
        name, _, said = more.partition("=")
        tag, quality = tag.strip(), _quality(said.strip()) if more.strip() else 1.0
        readable = not more.strip() or name.strip() == "q"
        if readable and quality > 0 and tag.replace("-", "").isalnum() and tag.isascii():
            found.append((quality, tag))
    return [tag for _, tag in sorted(found, key=lambda one: -one[0])]


def _quality(said: str) -> float:
    """From 0 to 1; 0 for what is no such number."""
    return min(1.0, float(said)) if _QUALITY.fullmatch(said) else 0.0


def load(folder: Path) -> Languages:
    """English, and each language in this folder whose catalogue is approved."""
    spoken = {"en": ENGLISH}
    for file in sorted(folder.glob("*/LC_MESSAGES/messages.mo")):
        with file.open("rb") as compiled:
            catalogue = GNUTranslations(compiled)
        tag = file.parent.parent.name.replace("_", "-")
        if catalogue.info().get(APPROVED, "").strip():
            spoken[tag.lower()] = Language(tag, catalogue)
    return Languages(spoken)


@cache
def shipped() -> Languages:
    """What comes with the service; read once."""
    return load(LOCALE)
