"""The words of the project as types: what is sent, to whom, what was found, what was decided.

Frozen, without input or output. Every other module speaks in these.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from addin_service.language import NOTHING as UNSAID
from addin_service.language import Words
from addin_service.profile import NOTHING, Scene
from addin_service.shapes import Format, Way

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
FieldName: TypeAlias = Literal["to", "cc", "bcc"]


class Severity(StrEnum):
    """How grave a finding is: a quiet line, a question, or a halt."""

    NOTE = "note"
    WARN = "warn"
    STOP = "stop"

    @property
    def rank(self) -> int:
        """0 for a note, 2 for a stop; larger is graver."""
        return ("note", "warn", "stop").index(self.value)


class Ask(StrEnum):
    """What the sender is asked to do about a finding."""

    CHOOSE = "choose"
    ACKNOWLEDGE = "acknowledge"
    RETYPE = "retype"
    NAME = "name"
    CONFIRM_KEY = "confirm-key"
    REASON = "reason"


class Choice(StrEnum):
    """What the sender answered."""

    KEEP = "keep"
    ACKNOWLEDGE = "acknowledge"
    RETYPE = "retype"
    NAME = "name"
    CONFIRM_KEY = "confirm-key"
    REASON = "reason"


class VerdictWord(StrEnum):
    """Go, answer first, or change the draft."""

    ALLOW = "allow"
    CONFIRM = "confirm"
    BLOCK = "block"


def lowered(local: str) -> str:
    """A local part without its case. Not `casefold`, which makes strasse@ of straße@."""
    low = local.lower()
    return low if low.isascii() else unicodedata.normalize("NFC", low)


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox address in the one normal form (made only by `addresses.parse`).

    `local` keeps its case and is in Unicode NFC; `domain` is lower-case and ASCII (A-labels).
    """

    local: str
    domain: str
    key: str = field(init=False, repr=False, compare=False)
    """The form in which two spellings of one mailbox are equal: case ignored."""
    untagged: str = field(init=False, repr=False, compare=False)
    """`key` without a `+tag`, which names the same mailbox."""

    def __post_init__(self) -> None:
        """Work out both forms once: a check asks for them thousands of times."""
        low = lowered(self.local)
        plain, plus, _ = low.partition("+")
        object.__setattr__(self, "key", f"{low}@{self.domain}")
        untagged = f"{plain}@{self.domain}" if plus and plain else self.key
        object.__setattr__(self, "untagged", untagged)

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address in one field. `address` is None where `given` is none: see `problem`."""

    field: FieldName
    given: str
    name: str
    address: Address | None
    problem: str = ""
    """Why it cannot be sent to, as a code of `addresses.PROBLEMS`; empty for a good address."""

    @property
    def key(self) -> str:
        """The normal form, or what was typed where there is none."""
        return self.address.key if self.address else self.given


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is known of an attachment before it is sent; the content is not looked at."""

    name: str
    size: int
    type: str


@dataclass(frozen=True, slots=True)
class Thread:
    """Who took part in the mail that is being answered: normal forms."""

    wrote: tuple[str, ...] = ()
    took_part: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What is about to be sent. Never stored.

    `recipients` holds each mailbox once, in the order To, Cc, Bcc. `own_words` is the sender's own
    text: no quoted mail, signature or disclaimer. `thread` is None where the client does not know.
    """

    sender: Address
    sender_name: str
    recipients: tuple[Recipient, ...]
    subject: str
    text: str
    own_words: str
    attachments: tuple[Attachment, ...] = ()
    thread: Thread | None = None
    sensitivity: str = ""

    @property
    def addressed(self) -> tuple[Recipient, ...]:
        """The recipients whose address is one."""
        return tuple(r for r in self.recipients if r.address)


@dataclass(frozen=True, slots=True)
class Contact:
    """Someone known, as this sender sees them.

    `vouched`: in the organisation's directory or folder, or entered by the helpdesk. `answered`:
    this sender has answered for the address, and that answer still counts. `booked`: this sender
    has it in an address book of their own, which may hold a wrong one. `sent` and `heard`: mails
    from this sender's mailbox to it, and received from it.
    """

    address: Address
    name: str = ""
    organisation: str = ""
    vouched: bool = False
    blocked: bool = False
    answered: bool = False
    booked: bool = False
    sent: int = 0
    heard: int = 0
    reason: str = ""
    person: str = ""
    """The same for all addresses of one person, where that is known; else empty."""

    @property
    def key(self) -> str:
        """The normal form of the address."""
        return self.address.key

    @property
    def exchanged(self) -> bool:
        """Mail has passed between this sender and the address."""
        return self.sent > 0 or self.heard > 0

    @property
    def trusted(self) -> bool:
        """Somebody has answered for this address: the organisation or this sender."""
        return (self.vouched or self.answered) and not self.blocked

    @property
    def only_booked(self) -> bool:
        """Nothing but this sender's own address book speaks for it."""
        return self.booked and not (self.vouched or self.answered or self.exchanged)


class Standing(StrEnum):
    """What is known of a domain, from the nearest to the most foreign."""

    OWN = "own"
    ASSURED = "assured"
    ALLOWED = "allowed"
    VOUCHED = "vouched"
    ACKNOWLEDGED = "acknowledged"
    USED = "used"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reader:
    """One person who would be able to read the sealed message.

    `state` is a word of `pgp.bindings.State`; `fingerprint` the key that it is about, if there is
    one. `organisation` is empty where it is not known.
    """

    address: Address
    state: str
    fingerprint: str | None = None
    name: str = ""
    organisation: str = ""
    outside: bool = True
    is_sender: bool = False
    is_archive: bool = False
    """The organisation's archive, which reads what is sealed and is no recipient."""
    why: str = ""
    """Which rule of `pgp.states` gave the state."""
    since: date | None = None
    """The day of the confirmation that counts."""
    noticed: bool = False
    """Whether this sender was told of what is new about the key."""
    successors: int = 0
    """Other keys that claim the address."""

    @property
    def key(self) -> str:
        """The normal form of the address."""
        return self.address.key

    @property
    def called(self) -> str:
        """The name, or the address where no name is known."""
        return self.name or str(self.address)


@dataclass(frozen=True, slots=True)
class ContentRules:
    """What the organisation calls sensitive, and how many strangers may see each other."""

    markings: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    case_references: tuple[str, ...] = ()
    exposed_from: int = 10


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that the checks may know, read beforehand by `gather`.

    Keys of `contacts`, `near` are `Address.key`; of `domains`, `near_domains` ASCII domains; of
    `named` are `names.name_key` values. A missing key means: nothing known.
    """

    contacts: Mapping[str, Contact] = field(default_factory=dict)
    """The recipients themselves, where known (also under the form without `+tag`)."""
    near: Mapping[str, tuple[Contact, ...]] = field(default_factory=dict)
    """Known people whose address is at most two slips from this one, this one excepted."""
    domains: Mapping[str, Standing] = field(default_factory=dict)
    near_domains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Known domains that resemble this one, nearest first."""
    at_near_domains: Mapping[str, tuple[Contact, ...]] = field(default_factory=dict)
    """Per recipient: people with the same local part at one of the resembling domains."""
    named: Mapping[str, tuple[Contact, ...]] = field(default_factory=dict)
    """Known people by the names that the draft mentions (display names, greeting, file names)."""
    blocked_domains: Mapping[str, str] = field(default_factory=dict)
    """Domains that the organisation forbids, with the reason given."""
    scene: Scene = NOTHING
    """What this sender's earlier mails say about the draft."""
    alike: Mapping[str, Mapping[str, tuple[Contact, ...]]] = field(default_factory=dict)
    """Per recipient and channel: known people whom the sender could have meant instead."""
    correspondents_at: Mapping[str, int] = field(default_factory=dict)
    """How many people this sender has exchanged mail with, by the recipients' domains."""
    book_domains: frozenset[str] = frozenset()
    """Those of the recipients' domains at which this sender's own address book has somebody."""
    content: ContentRules = ContentRules()
    readers: tuple[Reader, ...] = ()
    format: Format = "openpgp"
    """In what the message would be sealed."""
    ways: tuple[Way, ...] = ()
    """What the policy offers for readers without a usable key, as far as it can be done."""
    """Everyone who would read the message, the sender too, with the state of their keys."""

    def contact(self, recipient: Recipient) -> Contact | None:
        """The contact behind a recipient, whatever the `+tag`; None where nothing is known."""
        if recipient.address is None:
            return None
        return self.contacts.get(recipient.key) or self.contacts.get(recipient.address.untagged)

    def standing(self, recipient: Recipient) -> Standing:
        """What is known of the recipient's domain."""
        if recipient.address is None:
            return Standing.UNKNOWN
        return self.domains.get(recipient.address.domain, Standing.UNKNOWN)

    def is_outside(self, recipient: Recipient) -> bool:
        """Whether the recipient is not of the sender's organisation."""
        return self.standing(recipient) is not Standing.OWN


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The address that was probably meant."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact worth showing. What becomes of it is the policy's word, not the check's.

    `score` runs from 0 (hardly) to 1 (certain). `rule` names the rule inside the check, for
    `explain`. `facts` go to the client; `basis` is whatever else was read to find it: an answer
    counts only while code, address, suggestion and basis stay the same.
    """

    code: str
    score: float
    message: Words
    advice: Words = UNSAID
    about: Recipient | None = None
    suggestion: Suggestion | None = None
    rule: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)
    basis: tuple[str, ...] = ()
    reasons: Mapping[str, float] = field(default_factory=dict)
    """What the score is made of, as log-odds by term: numbers alone, kept in the receipt."""
    expects: tuple[str, ...] = ()
    """What a right answer is compared with. Never leaves the service."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender said to the finding with this id; `value` is what was typed, if anything.

    `settled`: it was accepted in an earlier check of this review, what was typed is no longer here.
    """

    finding: str
    choice: Choice
    value: str | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Keep:
    """An answer that is remembered: this sender keeps this recipient (or knows this domain)."""

    kind: Literal["recipient", "domain"]
    key: str
    sensitive: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The sender compared this key with its owner by this method."""

    address: str
    fingerprint: str
    method: str
    shown: Mapping[str, Json] = field(default_factory=dict)
    """What was on the screen."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with what the policy made of it."""

    id: str
    finding: Finding
    severity: Severity
    ask: Ask | None
    shown: bool
    outcome: str
    """One of asked, noted, stopped, answered, kept-before, below-cut, observed, covered, waits
    (for another answer), not-needed (nothing is sealed)."""
    cut: float
    answer: Choice | None = None
    said: str = ""
    """The reason or the method that was given with the answer."""
    wrong: int = 0
    """Wrong answers so far, where they are counted."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """Whether the message must be sealed, why, and whether it can be."""

    required: bool = False
    because: tuple[str, ...] = ()
    possible: bool = False
    waived: bool = False
    """It was required, and the policy let the sender say why it goes in clear all the same."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one draft, with everything that led to it."""

    word: VerdictWord
    judged: tuple[Judged, ...]
    sealing: Sealing
    policy: str
    sensitive: bool = False
    remember: tuple[Keep, ...] = ()
    """Answers of this very check that are to be remembered."""
    confirmed: tuple[Confirmation, ...] = ()
    """Keys that the sender confirmed in this very check."""
    readers: tuple[Reader, ...] | None = None
    """Who could read it; None where it is not sealed, or while "whom is it for?" is open."""
    tries: Mapping[str, int] = field(default_factory=dict)
    """Wrong answers so far, by finding, where they are counted."""

    @property
    def shown(self) -> tuple[Judged, ...]:
        """What the sender sees, gravest first."""
        return tuple(j for j in self.judged if j.shown)
