"""The commented policy file that is written at first start: every setting with its default."""

from addin_service.codes import CODES
from addin_service.policy.schema import Policy


def _array(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def commented() -> str:
    """The text of a fresh `policy.toml`; loading it gives the defaults."""
    policy = Policy()
    rules = "\n".join(f'# [rules."{code.name}"]   # {code.question}' for code in CODES.values())
    return f"""\
# The policy of Last Look. Lines that begin with # are comments; what they show is the default.
# `addin-service policy check` says whether this file is right, `policy show` what is in force.
# An organisation folder with a policy.toml of its own overrides what stands here.

# "observe" records everything and shows nothing: a way to begin.
# mode = "{policy.mode}"
# Senders for whom everything is enforced, even while it is only observed for the others.
# pilot = []

[organisation]
# name = ""
# Domains that are inside. Empty: the sender's own, unless it is a free-mail provider's.
# own_domains = []
# Domains reached over a protected channel: sealing is not demanded there.
# assured_routes = []

[recipients]
# A domain outside: "note" a quiet line, "ask-once" per sender and domain, "ask" every time.
# external = "{policy.recipients.external}"
# From how many outsiders in To and Cc on the sender is told that they see each other.
# exposed_from = {policy.recipients.exposed_from}
# For how many days "keep this address" is remembered.
# keep_days = {policy.recipients.keep_days}

[content]
# markings = {_array(policy.content.markings)}
# terms = {_array(policy.content.terms)}
# Numbers whose check digits are verified: nhs, ni (National Insurance), iban, card.
# identifiers = {_array(policy.content.identifiers)}
# Regular expressions, for example ['\\bCASE-\\d{{4}}/\\d{{4}}\\b'].
# case_references = []

[sealing]
# The findings that make sealing required, and for whom: "outside" or "everyone".
# required_for = {_array(policy.sealing.required_for)}
# applies_to = "{policy.sealing.applies_to}"

# For readers without a usable key: "ask" for one, "zip" (a protected ZIP, its words read out by
# phone), "smime" (where they have such a certificate). Empty: none of these is offered.
# without_key = {_array(policy.sealing.without_key)}
# Also sign what is sealed, with the sender's own key.
# sign = false
# An address whose key every sealed message is also made for, such as "archive@council.example";
# the sender sees it as a reader. Empty: none.
# archive = ""

[keys]
# After so many days a key is compared anew before sensitive mail is sealed to it.
# stale_after_days = {policy.keys.stale_after_days}
# May `keys find` and `keys refresh` ask the recipient's domain for its key (WKD)?
# wkd = false
# Fingerprints of key officers: bindings.csv then needs a signature of one of them.
# officers = []

[failure]
# A check broke: "closed" asks the sender for a reason, "open" only notes it.
# check_failed = "{policy.failure.check_failed}"
# The mail client cannot reach this service: "hold" or "send-with-notice".
# unreachable = "{policy.failure.unreachable}"
# An Outlook that nobody has paired yet: "hold", "send-with-notice" or "send". `manifest build`
# writes it into what Outlook loads: build and put it in place again after a change.
# unpaired = "{policy.failure.unpaired}"

[undo]
# Thunderbird: for so many seconds (at most 60) a mail that may go waits in its window, with a
# button that stops it. 0: it goes at once.
# seconds = {policy.undo.seconds}
# "doubts": after a question that the sender answered; "outside": and to anybody outside.
# when = "{policy.undo.when}"

# Per finding: severity ("note", "warn", "stop"), cut (score from which it interrupts; 2 is never),
# note_cut (score from which it is a quiet line), mode ("observe", "enforce"),
# override ("never", "reason", "second-person").
{rules}
"""
