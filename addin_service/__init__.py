"""Last Look: the last look before Send. Product words are defined in docs/design.md."""

__version__ = "0.1.0"
