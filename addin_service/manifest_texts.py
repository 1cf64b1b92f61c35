"""The texts of the add-ins: one catalogue for each language, in the format of web extensions.

A catalogue says in `approved` who has read it as a native speaker. One where that is empty is a
draft: it lies beside the others, and is not built in.
"""

import json
import re
from importlib.resources.abc import Traversable
from typing import Any, TypeAlias

Catalogue: TypeAlias = dict[str, dict[str, Any]]
"""Entries by name: `message`, and `placeholders` that name what is put in."""

APPROVED = "approved"
_PLACE = re.compile(r"\$([A-Za-z0-9_@]+)\$")


def catalogues(source: Traversable) -> dict[str, Catalogue]:
    """All of them, drafts too, by the name of their language's folder under `source/_locales`."""
    folders = sorted((source / "_locales").iterdir(), key=lambda folder: folder.name)
    return {
        folder.name: json.loads((folder / "messages.json").read_text(encoding="utf-8"))
        for folder in folders
        if folder.is_dir()
    }


def approved(source: Traversable) -> dict[str, Catalogue]:
    """Those that staff may see."""
    return {
        language: texts
        for language, texts in catalogues(source).items()
        if texts.get(APPROVED, {}).get("message", "").strip()
    }


def flat(entry: dict[str, Any]) -> str:
    """A text with $1 to $9 in the place of the names."""
    places = {
        name.lower(): place["content"] for name, place in entry.get("placeholders", {}).items()
    }
    return _PLACE.sub(lambda found: places[found[1].lower()], entry["message"])


def script(languages: dict[str, Catalogue]) -> str:
    """The texts as `shared/texts.js` reads them where a mail program has no look-up of its own."""
    texts = {
        language: {name: flat(entry) for name, entry in catalogue.items()}
        for language, catalogue in languages.items()
    }
    return f"globalThis.lastLookTexts = {json.dumps(texts, ensure_ascii=False, indent=1)};\n"
