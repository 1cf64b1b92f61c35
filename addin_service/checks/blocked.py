"""Does the organisation forbid this recipient?"""

from collections.abc import Iterator

from addin_service.domains import is_within
from addin_service.language import say, template
from addin_service.model import Context, Draft, Finding, Recipient

_SAID = {
    ("address", False): template("Your organisation does not allow mail to this address."),
    ("address", True): template("Your organisation does not allow mail to this address: {reason}."),
    ("domain", False): template("Your organisation does not allow mail to this domain."),
    ("domain", True): template("Your organisation does not allow mail to this domain: {reason}."),
}
"""By what is blocked, and whether there is a reason."""


def blocked(draft: Draft, context: Context) -> Iterator[Finding]:
    """A finding for each recipient whose address or domain is blocked; a block always wins."""
    for recipient in draft.addressed:
        found = _block(recipient, context)
        if found is None:
            continue
        rule, reason = found
        yield Finding(
            "recipient.blocked",
            1.0,
            say(_SAID[rule, bool(reason)], reason=reason.rstrip(".")),
            say("Take the recipient out, or ask your helpdesk."),
            about=recipient,
            rule=rule,
            facts={"rule": rule},
            basis=(rule, reason),
        )


def _block(recipient: Recipient, context: Context) -> tuple[str, str] | None:
    """(rule, reason) of the block that applies; the address itself goes before its domain."""
    if recipient.address is None:
        return None
    for key in (recipient.key, recipient.address.untagged):
        contact = context.contacts.get(key)
        if contact and contact.blocked:
            return "address", contact.reason
    for domain in sorted(context.blocked_domains, key=len, reverse=True):
        if is_within(recipient.address.domain, domain):
            return "domain", context.blocked_domains[domain]
    return None
