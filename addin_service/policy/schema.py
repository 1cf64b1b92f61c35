"""What an organisation may decide: the policy document and what each key means.

The document is TOML (see `template.py` for the commented one that is written at first start).
"""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from addin_service import addresses, identifiers
from addin_service.codes import CODES, NEVER, Code, Override
from addin_service.model import ContentRules, Severity
from addin_service.pgp.certificate import fingerprint
from addin_service.shapes import Format, Way

Mode = Literal["observe", "enforce"]
Direction = Literal["open", "closed"]


def _domain(text: str) -> str:
    """A domain of two labels or more: `uk` or `*` would quietly cover half the world."""
    try:
        domain = addresses.ascii_domain(text.removeprefix("@"))
    except addresses.NotAnAddress:
        raise ValueError("is not a domain; write it as council.example") from None
    if "." not in domain:
        raise ValueError("must have at least two labels, such as council.example")
    return domain


def _address(text: str) -> str:
    try:
        return addresses.parse(text).key
    except addresses.NotAnAddress:
        raise ValueError("is not an e-mail address") from None


def _pattern(text: str) -> str:
    """A regular expression that cannot run for ever, and that does not match nothing at all."""
    try:
        compiled = identifiers.case_reference(text)
    except identifiers.UnsafePattern as problem:
        raise ValueError(f"cannot be used: {problem}") from None
    if compiled.match(""):
        raise ValueError("matches nothing at all, so it would be found in every mail")
    return text


def _term(text: str) -> str:
    if len(text.strip()) < 3:
        raise ValueError("is shorter than three letters and would be found everywhere")
    return text.strip()


def _known_code(name: str) -> str:
    if name not in CODES:
        raise ValueError("is not the code of a finding; `addin-service policy show` lists them")
    return name


def _fingerprint(text: str) -> str:
    try:
        return fingerprint(text)
    except ValueError:
        raise ValueError("is not a fingerprint; give all 40 digits of the key") from None


Domain = Annotated[str, AfterValidator(_domain)]
AddressKey = Annotated[str, AfterValidator(_address)]
Pattern = Annotated[str, AfterValidator(_pattern)]
KeyFingerprint = Annotated[str, AfterValidator(_fingerprint)]
CodeName = Annotated[str, AfterValidator(_known_code)]
Term = Annotated[str, AfterValidator(_term)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Organisation(_Section):
    """Who we are."""

    name: str = ""
    own_domains: tuple[Domain, ...] = ()
    """Inside. Empty: the sender's own domain, unless it is a free-mail provider's."""
    assured_routes: tuple[Domain, ...] = ()
    """Reached over a channel that is protected already: sealing is not demanded there."""


class Recipients(_Section):
    """How recipients are judged."""

    external: Literal["note", "ask-once", "ask"] = "ask-once"
    exposed_from: Annotated[int, Field(ge=2)] = 10
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 90


class Content(_Section):
    """What makes a message sensitive."""

    markings: tuple[Term, ...] = (
        "OFFICIAL-SENSITIVE", "OFFICIAL SENSITIVE", "SECRET", "TOP SECRET",
    )  # fmt: skip
    terms: tuple[Term, ...] = (
        "child protection", "care proceedings", "safeguarding referral", "looked after child",
        "special category data",
    )  # fmt: skip
    identifiers: tuple[Literal["nhs", "ni", "iban", "card"], ...] = ("nhs", "ni", "iban", "card")
    case_references: tuple[Pattern, ...] = ()


class SealingRules(_Section):
    """When a message may only leave sealed."""

    required_for: tuple[CodeName, ...] = ("content.sensitive",)
    applies_to: Literal["outside", "everyone"] = "outside"

    without_key: tuple[Way, ...] = ("ask", "zip", "smime")
    """The ways that are offered for a reader without a usable key."""
    sign: bool = False
    """Sealed mail is signed with the sender's own key as well."""
    archive: Annotated[str, AfterValidator(lambda text: text and _address(text))] = ""
    """Whose key every sealed message is also made for; shown to the sender as a reader."""


class Keys(_Section):
    """How keys come in, and how long a comparison lasts."""

    stale_after_days: Annotated[int, Field(ge=1, le=36500)] = 365
    wkd: bool = False
    """Whether `keys find` and `keys refresh` may ask a recipient's domain for its key."""
    officers: tuple[KeyFingerprint, ...] = ()
    """If there are any: bindings.csv counts only with a signature of one of them."""


class Failure(_Section):
    """Which way to fall when something breaks."""

    check_failed: Direction = "closed"
    """A check broke: `closed` asks the sender for a reason, `open` only notes it."""
    unreachable: Literal["hold", "send-with-notice"] = "hold"
    """What a mail client does when it cannot reach the service."""
    unpaired: Literal["hold", "send-with-notice", "send"] = "send-with-notice"
    """What an Outlook does that was not paired yet. It cannot ask: `manifest build` tells it."""


class Undo(_Section):
    """Whether a mail that may go waits for some seconds, so that it can be taken back."""

    seconds: Annotated[int, Field(ge=0, le=60)] = 0
    """0: it goes at once."""
    when: Literal["doubts", "outside"] = "doubts"
    """`doubts`: after a question that was answered; `outside`: and to anybody outside."""


class Rule(_Section):
    """What one code does. Anything left out stays as `codes.py` has it."""

    severity: Severity | None = Field(default=None, strict=False)
    cut: Annotated[float, Field(ge=0, le=NEVER, strict=False)] | None = None
    note_cut: Annotated[float, Field(ge=0, le=NEVER, strict=False)] | None = None
    mode: Mode | None = None
    override: Override | None = None


class Policy(_Section):
    """The whole document."""

    mode: Mode = "enforce"
    """`observe` turns everything to watching: all is recorded, nothing is shown."""
    pilot: tuple[AddressKey, ...] = ()
    """Senders for whom everything is enforced, even while it is only observed for the others."""
    organisation: Organisation = Organisation()
    recipients: Recipients = Recipients()
    content: Content = Content()
    sealing: SealingRules = SealingRules()
    keys: Keys = Keys()
    failure: Failure = Failure()
    undo: Undo = Undo()
    rules: dict[Annotated[str, AfterValidator(lambda name: _known_code(name))], Rule] = Field(
        default_factory=dict
    )

    @property
    def version(self) -> str:
        """Twelve hex digits that change whenever the effective policy does."""
        return hashlib.sha256(self.document.encode()).hexdigest()[:12]

    @property
    def document(self) -> str:
        """The effective policy as canonical JSON."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    @property
    def content_rules(self) -> ContentRules:
        """The part that the content checks need."""
        content = self.content
        return ContentRules(
            content.markings, content.terms, content.identifiers,
            content.case_references, self.recipients.exposed_from,
        )  # fmt: skip

    def rule(self, code: Code) -> Code:
        """The code with this policy's changes applied."""
        return effective(code, self.rules.get(code.name), self)

    def offers(self, format: Format) -> bool:
        """Whether a message may be sealed in this format.

        An archive has no passphrase: where everything is sealed for one, a ZIP is not.
        """
        if format == "zip" and self.sealing.archive:
            return False
        return format == "openpgp" or format in self.sealing.without_key

    def observes(self, code: str, sender: str) -> bool:
        """Whether findings of this code are only recorded for this sender."""
        if sender in self.pilot:
            return False
        rule = self.rules.get(code)
        return self.mode == "observe" or (rule is not None and rule.mode == "observe")


EXTERNAL_CUTS = {"note": NEVER, "ask-once": 0.9, "ask": 0.5}
"""`recipient.external` scores an unknown domain 1.0 and an acknowledged one 0.6."""


def effective(code: Code, rule: Rule | None, policy: Policy) -> Code:
    """`code` as this policy wants it."""
    changed: dict[str, object] = {}
    if code.name == "recipient.external":
        changed["cut"] = EXTERNAL_CUTS[policy.recipients.external]
    if rule:
        changed |= {
            name: value
            for name in ("severity", "cut", "note_cut", "override")
            if (value := getattr(rule, name)) is not None
        }
        if rule.cut is not None:
            changed["sensitive_cut"] = min(rule.cut, code.sensitive_cut or rule.cut)
    if not changed:
        return code
    fields = {name: getattr(code, name) for name in Code.__dataclass_fields__}
    return Code(**(fields | changed))
