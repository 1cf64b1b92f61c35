"""The text of a draft: the sender's own words, whom they greet, what they promise. Pure."""

from addin_service.text.greetings import greeting
from addin_service.text.own import LONGEST_TEXT, own_words
from addin_service.text.promises import promises_attachment

__all__ = ("LONGEST_TEXT", "greeting", "own_words", "promises_attachment")
