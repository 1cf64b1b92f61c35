"""The codes of the findings: the one table from which policy, documents and clients follow.

A code says what is asked when its finding interrupts, what an answer to it is remembered for, and
the rule that applies where the organisation's policy says nothing.
"""

from dataclasses import dataclass
from typing import Literal

from addin_service.model import Ask, Severity

NEVER = 2.0
"""A cut above every score: such a finding never interrupts (or is never shown)."""

Override = Literal["never", "reason", "second-person"]


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding and its default rule.

    A finding interrupts with `severity` from score `cut` on (`sensitive_cut` on sensitive mail),
    is a quiet note from `note_cut` on, and is only recorded below. `remembers` is what a kept
    answer is remembered for; `doubt` marks doubts about who is meant: of several about one
    recipient the gravest is shown, and on sensitive mail its address has to be typed again.
    """

    name: str
    question: str
    severity: Severity
    ask: Ask | None = None
    cut: float = 0.5
    note_cut: float = 0.0
    sensitive_cut: float | None = None
    override: Override | None = None
    remembers: Literal["recipient", "domain"] | None = None
    doubt: bool = False


_WARN, _STOP, _NOTE = Severity.WARN, Severity.STOP, Severity.NOTE

CODES: dict[str, Code] = {
    code.name: code
    for code in (
        Code("recipient.unsendable", "Is this an address at all?", _STOP, override="never"),
        Code(
            "recipient.blocked",
            "Does the organisation forbid this recipient?",
            _STOP,
            override="never",
        ),
        Code(
            "recipient.near-known-address",
            "Is this one or two slips away from someone known?",
            _WARN,
            Ask.CHOOSE,
            cut=0.08,
            note_cut=0.02,
            sensitive_cut=0.02,
            remembers="recipient",
            doubt=True,
        ),
        Code(
            "recipient.lookalike-domain",
            "Does the domain resemble a known one?",
            _WARN,
            Ask.CHOOSE,
            cut=0.05,
            note_cut=0.02,
            sensitive_cut=0.02,
            remembers="recipient",
            doubt=True,
        ),
        Code(
            "recipient.wrong-account",
            "Is this another account of somebody than the usual one?",
            _WARN,
            Ask.CHOOSE,
            cut=0.3,
            note_cut=0.15,
            remembers="recipient",
            doubt=True,
        ),
        Code(
            "recipient.name-mismatch",
            "Does the display name contradict the address?",
            _WARN,
            Ask.CHOOSE,
            note_cut=0.3,
            remembers="recipient",
            doubt=True,
        ),
        Code(
            "recipient.unusual",
            "Is this the wrong one of two people, or somebody astray?",
            _WARN,
            Ask.CHOOSE,
            cut=0.7,
            note_cut=0.2,
            remembers="recipient",
            doubt=True,
        ),
        Code(
            "recipient.external",
            "Is this outside the organisation?",
            _WARN,
            Ask.ACKNOWLEDGE,
            cut=0.9,
            remembers="domain",
        ),
        Code(
            "recipient.first-contact",
            "Has nobody answered for this address, and was it never written to?",
            _WARN,
            Ask.CHOOSE,
            cut=NEVER,
            sensitive_cut=0.0,
            remembers="recipient",
            doubt=True,
        ),
        Code(
            "recipient.greeting-mismatch",
            "Does the text greet someone who is not among the readers?",
            _WARN,
            Ask.ACKNOWLEDGE,
            note_cut=0.3,
        ),
        Code(
            "recipient.exposed",
            "Do many outsiders see each other's addresses?",
            _WARN,
            Ask.ACKNOWLEDGE,
        ),
        Code("recipient.hidden-reader", "Is there a Bcc on a message to be sealed?", _NOTE),
        Code(
            "attachment.forgotten",
            "Does the text promise an attachment that is not there?",
            _WARN,
            Ask.ACKNOWLEDGE,
        ),
        Code(
            "attachment.other-person",
            "Does a file name mention someone known who is not a recipient?",
            _WARN,
            Ask.ACKNOWLEDGE,
        ),
        Code(
            "recipient.intended",
            "Whom is this message for?",
            _WARN,
            Ask.NAME,
        ),
        Code(
            "recipient.passphrase",
            "Is this the address of the person to whom the passphrase will be read out?",
            _WARN,
            Ask.RETYPE,
        ),
        Code("key.missing", "Has a reader no key?", _STOP, override="never"),
        Code(
            "key.unconfirmed",
            "Has nobody compared a reader's key with its owner?",
            _WARN,
            Ask.CONFIRM_KEY,
            sensitive_cut=0.3,
        ),
        Code(
            "key.stale",
            "Was a reader's key compared long ago, or before its owner moved?",
            _WARN,
            Ask.CONFIRM_KEY,
            sensitive_cut=0.3,
        ),
        Code(
            "key.updated",
            "Has a reader's confirmed key a new part?",
            _NOTE,
            note_cut=0.2,
        ),
        Code("key.changed", "Did another key turn up for a reader?", _STOP, override="never"),
        Code("key.conflict", "Do several keys claim a reader's address?", _STOP, override="never"),
        Code("key.expired", "Has a reader's key run out?", _STOP, override="never"),
        Code("key.revoked", "Was a reader's key withdrawn?", _STOP, override="never"),
        Code("key.rejected", "Did somebody say no to a reader's key?", _STOP, override="never"),
        Code("key.unusable", "Can a reader's key not be used?", _STOP, override="never"),
        Code("content.sensitive", "Must this message not leave in clear?", _NOTE),
        Code("service.check-failed", "Could something not be looked at?", _NOTE),
    )
}
"""Every code that a check can find, in the order in which equally grave findings are shown."""
