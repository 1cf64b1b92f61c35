"""People's names: one key for all spellings, and whether an address or a first name can be theirs.

Pure. Titles, order, accents, case and organisations in brackets never make another person.
"""

from addin_service.names.keys import in_file_name, name_key, name_keys
from addin_service.names.local_parts import built_from, could_be, local_fits
from addin_service.names.mentions import greeted, mentioned
from addin_service.names.nicknames import same_given
from addin_service.names.words import LONGEST, TITLES, comparable, plain, words

__all__ = (
    "LONGEST",
    "TITLES",
    "built_from",
    "comparable",
    "could_be",
    "greeted",
    "in_file_name",
    "local_fits",
    "mentioned",
    "name_key",
    "name_keys",
    "plain",
    "same_given",
    "words",
)
