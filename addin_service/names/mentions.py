"""Whom a draft names: its recipients, those whom the text greets, those in file names. Pure."""

import re

from addin_service import text
from addin_service.model import Draft
from addin_service.names.keys import in_file_name, name_keys
from addin_service.names.words import LONGEST, TITLES, words

MOST = 600
"""Names that one draft may have looked up."""


def greeted(greeting: str) -> list[tuple[str, ...]]:
    """The people of a greeting, each as words: "Priya and Dr Tom Lee" gives two.

    "Dear Ms Tann" greets Tann; "Dear Professor" nobody by name.
    """
    people = re.split(r",|&|/|\band\b|\bund\b|\+", greeting[:LONGEST], flags=re.IGNORECASE)
    named = (words(person) for person in people)
    untitled = (tuple(word for word in found if word not in TITLES) for found in named)
    return [found for found in untitled if found]


def mentioned(draft: Draft) -> frozenset[str]:
    """The keys of all names in the draft that are worth looking up.

    Display names of the recipients, full names greeted, and neighbouring words of file names.
    """
    found: set[str] = set()
    for recipient in draft.recipients:
        found |= name_keys(words(recipient.name))
    for person in greeted(text.greeting(draft.own_words)):
        found |= name_keys(person)
    for attachment in draft.attachments:
        if len(found) < MOST:
            found |= in_file_name(attachment.name)
    return frozenset(sorted(found - {""})[:MOST])
