"""The checks: pure functions from a draft and its context to findings.

A check states facts and a score; what becomes of them is the policy's word. Adding one is a file
here, a story file in `tests/cases`, an entry in `codes.CODES`, and a line below.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from addin_service.checks.attachment_forgotten import attachment_forgotten
from addin_service.checks.attachment_other_person import attachment_other_person
from addin_service.checks.blocked import blocked
from addin_service.checks.content_sensitive import content_sensitive
from addin_service.checks.exposed import exposed
from addin_service.checks.external import external
from addin_service.checks.first_contact import first_contact
from addin_service.checks.greeting_mismatch import greeting_mismatch
from addin_service.checks.hidden_reader import hidden_reader
from addin_service.checks.intended import intended
from addin_service.checks.lookalike_domain import lookalike_domain
from addin_service.checks.name_mismatch import name_mismatch
from addin_service.checks.near_known_address import near_known_address
from addin_service.checks.passphrase import passphrase
from addin_service.checks.reader_keys import reader_keys
from addin_service.checks.unsendable import unsendable
from addin_service.checks.unusual import unusual
from addin_service.checks.wrong_account import wrong_account
from addin_service.model import Context, Draft, Finding

Check: TypeAlias = Callable[[Draft, Context], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    unsendable,
    blocked,
    near_known_address,
    lookalike_domain,
    wrong_account,
    name_mismatch,
    unusual,
    external,
    first_contact,
    greeting_mismatch,
    exposed,
    hidden_reader,
    attachment_forgotten,
    attachment_other_person,
    content_sensitive,
    intended,
    passphrase,
    reader_keys,
)
