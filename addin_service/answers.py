"""What settles a question: the one place that compares an answer with what was asked. Pure."""

import re

from addin_service import addresses
from addin_service.model import Answer, Ask, Choice, Finding
from addin_service.pgp.certificate import fingerprint
from addin_service.pgp.display import typed_groups_match
from addin_service.recall import names_one_of

SHORTEST_REASON = 4
"""Letters of a reason; a single key is not one."""

BY_SENDER = ("phone", "in-person", "signed-mail")
"""How a sender may have compared a key; the other methods are an officer's."""


def settles(answer: Answer, ask: Ask, finding: Finding) -> bool:
    """Whether this answer is one to this question about this finding."""
    if answer.settled:
        # What was typed was compared when it was typed; a retyped address settles a mere "keep".
        return answer.choice.value == ask.value or (
            ask is Ask.CHOOSE and answer.choice in (Choice.KEEP, Choice.RETYPE)
        )
    if answer.choice.value != ("keep" if ask is Ask.CHOOSE else ask.value):
        return False
    value = answer.value or ""
    if ask is Ask.RETYPE:
        return _is_address_of(value, finding)
    if ask is Ask.REASON:
        return len(re.sub(r"\W", "", value)) >= SHORTEST_REASON
    if ask is Ask.NAME:
        return names_one_of(value, finding.expects)
    if ask is Ask.CONFIRM_KEY:
        return _confirms(value, finding)
    return True


def method_in(value: str) -> tuple[str, str]:
    """Method and typed groups of a `confirm-key` answer such as `phone 1A2B 3C4D …`."""
    first, _, rest = value.strip().partition(" ")
    return (first, rest) if first in BY_SENDER else ("phone", value)


def _is_address_of(value: str, finding: Finding) -> bool:
    try:
        return finding.about is not None and addresses.parse(value).key == finding.about.key
    except addresses.NotAnAddress:
        return False


def _confirms(value: str, finding: Finding) -> bool:
    positions, methods = finding.facts.get("positions"), finding.facts.get("methods")
    if not (finding.expects and isinstance(positions, list) and isinstance(methods, list)):
        return False
    method, typed = method_in(value)
    if method not in methods:
        return False
    wanted = tuple(int(str(position)) for position in positions)
    return typed_groups_match(typed, fingerprint(finding.expects[0]), wanted)
