"""Text to `Address`: the one parser and the one normal form.

The only user of email-validator and idna. Syntax only: nothing is looked up in any network.
"""

import re
import unicodedata

import email_validator
import idna
from email_validator import EmailNotValidError, validate_email

from addin_service.language import say
from addin_service.model import Address, FieldName, Recipient

LONGEST = 320
"""Characters of an address: 64 + @ + 255, RFC 3696 erratum 1690 rounded up as everybody does."""

PROBLEMS = {
    "empty": say("there is no address"),
    "no-at": say("it has no @"),
    "two-at": say("it has more than one @"),
    "comma": say("it has a comma where a dot belongs"),
    "space": say("it has a space in it"),
    "no-suffix": say("the part after the @ has no ending such as .org or .uk"),
    "dots": say("a dot is doubled after the @, or stands where a part begins or ends"),
    "long": say("it is too long to be an address"),
    "hidden": say("it contains characters that cannot be seen"),
    "list": say("it names a list or group whose addresses are not known here"),
    "syntax": say("it is not written as an address"),
}
"""Why something cannot be sent to; the words complete "This cannot be an address: …"."""

# Whether a domain exists is not asked here: mail inside a network does go to names like `.local`.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

# Cf: invisible formatting (bidi overrides, zero-width), Cc: control, Zl/Zp: line separators.
_HIDDEN = {"Cf", "Cc", "Zl", "Zp", "Cs", "Co", "Cn"}
# Letters and marks that show nothing: fillers, joiners, selectors of variants, blank Braille.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")
_BLANK_PLANES = range(0xE0000, 0xE1000)
# An encoded word in an address is read by some mail servers, and is then another address.
_ENCODED_WORD = re.compile(r"=\?.*\?=")

# Dots in a row or before the @: against RFC 5321, and yet there are such mailboxes, in old
# directories ("surname..first") and at some providers. Whether a dot too many was typed is for the
# checks to say, which know the people.
_DOUBLED = re.compile(r"(?<=[^.])(?:\.{2,}(?=[^.])|\.+$)")

# What nearly all addresses are, and what needs no further look: words of letters and digits with
# single signs between them, up to a last label of letters.
_PLAIN = re.compile(
    r"[A-Za-z0-9_]+(?:[.+'-][A-Za-z0-9_]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,63}",
    re.ASCII,
)


class NotAnAddress(ValueError):
    """The text is not an address; `problem` is a key of `PROBLEMS`. Never repeats the text."""

    def __init__(self, problem: str) -> None:
        super().__init__(PROBLEMS[problem])
        self.problem = problem


def parse(text: str) -> Address:
    """The normal form of `text`; raises `NotAnAddress`.

    Surrounding blanks, one pair of angle brackets and one trailing dot of the domain are forgiven.
    """
    text = text.strip(" \t\r\n")
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    if _is_plain(text):
        local, _, domain = text.partition("@")
        return Address(local, domain)
    if not text:
        raise NotAnAddress("empty")
    if len(text) > LONGEST:
        raise NotAnAddress("long")
    if any(is_hidden(character) for character in text):
        raise NotAnAddress("hidden")
    text = text.removesuffix(".")
    local, _, domain = text.rpartition("@")
    doubled = not local.startswith('"') and _DOUBLED.search(local) is not None
    try:
        valid = validate_email(
            f"{_DOUBLED.sub('.', local).rstrip('.')}@{domain}" if doubled else text,
            check_deliverability=False,
            allow_quoted_local=True,
            allow_smtputf8=True,
            allow_empty_local=False,
            allow_domain_literal=False,
            test_environment=True,
            globally_deliverable=False,
        )
    except EmailNotValidError:
        raise NotAnAddress(_problem(text)) from None
    domain = ascii_domain(valid.domain)
    if "." not in domain or domain.rpartition(".")[2].isdigit():
        raise NotAnAddress("no-suffix")
    if _ENCODED_WORD.search(valid.local_part):
        raise NotAnAddress("syntax")
    if valid.local_part.startswith('"'):
        # Allowed by RFC 5321 and used by nobody; everything after it would have to unquote.
        raise NotAnAddress("syntax")
    local = local if doubled else valid.local_part
    address = Address(unicodedata.normalize("NFC", local), domain)
    if len(address.key) > LONGEST:  # some letters become two without their case
        raise NotAnAddress("long")
    return address


def recipient(field: FieldName, given: str, name: str = "") -> Recipient:
    """A recipient from what the mail client passed, good or not; never raises."""
    try:
        return Recipient(field, given, name, parse(given))
    except NotAnAddress as refusal:
        return Recipient(field, given, name, None, refusal.problem)


def ascii_domain(domain: str) -> str:
    """A domain in lower-case A-labels (UTS 46, then IDNA 2008); raises `NotAnAddress`."""
    domain = domain.strip().removesuffix(".").lower()
    if not domain:
        raise NotAnAddress("syntax")
    if domain.isascii() and "xn--" not in domain:
        if not re.fullmatch(r"[a-z0-9_](?:[a-z0-9_.-]{0,252})", domain) or ".." in domain:
            raise NotAnAddress("syntax")
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise NotAnAddress("syntax") from None


def readable_domain(domain: str) -> str:
    """An ASCII domain as people read it; unchanged where it cannot be decoded."""
    try:
        return idna.decode(domain) if "xn--" in domain else domain
    except (idna.IDNAError, UnicodeError):
        return domain


def _is_plain(text: str) -> bool:
    """Whether `text` is an address in its normal form, as most are: no part too long."""
    if len(text) > 128 or not _PLAIN.fullmatch(text):
        return False
    local, _, domain = text.partition("@")
    return len(local) <= 64 and all(len(label) <= 63 for label in domain.split("."))


def is_hidden(character: str) -> bool:
    """Whether nothing, or something else than itself, is seen where this character stands."""
    if character <= "~":
        return character < " "
    return (
        unicodedata.category(character) in _HIDDEN
        or _BLANK.match(character) is not None
        or ord(character) in _BLANK_PLANES
    )


def _problem(text: str) -> str:
    """Which of `PROBLEMS` explains best why `text` is refused."""
    local, at, domain = text.rpartition("@")
    if not at:
        # A mailing list of the address book arrives as its bare name.
        return "list" if re.fullmatch(r"[^<>@]*<[^<>@]*>?", text) else "no-at"
    if "@" in local and '"' not in local:
        return "two-at"
    if "," in text or ";" in text:
        return "comma"
    if re.search(r"\s", text):
        return "space"
    if "." not in domain:
        return "no-suffix"
    if ".." in text or local.startswith(".") or local.endswith(".") or domain.startswith("."):
        return "dots"
    return "syntax"
