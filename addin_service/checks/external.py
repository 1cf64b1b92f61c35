"""Is this outside the organisation?"""

from collections.abc import Iterator

from addin_service.addresses import readable_domain
from addin_service.checks import usual
from addin_service.model import Context, Draft, Finding, Recipient, Standing

_SCORES = {
    Standing.UNKNOWN: 1.0,
    Standing.USED: 1.0,
    Standing.ACKNOWLEDGED: 0.6,
    Standing.VOUCHED: 0.6,
    Standing.ALLOWED: 0.3,
    Standing.ASSURED: 0.2,
}


def external(draft: Draft, context: Context) -> Iterator[Finding]:
    """One finding per domain outside; `about` is its first recipient in alphabetical order."""
    outside: dict[str, list[Recipient]] = {}
    for recipient in usual.by_key(draft):
        if context.is_outside(recipient):
            outside.setdefault(usual.domain_of(recipient), []).append(recipient)
    for domain, recipients in outside.items():
        standing = context.standing(recipients[0])
        count = len(recipients)
        yield Finding(
            "recipient.external",
            _SCORES.get(standing, 1.0),
            f"{readable_domain(domain)} is outside your organisation"
            + (f" ({count} recipients)." if count > 1 else "."),
            "You are asked once about each domain that is new to you. Check that this may go there."
            if _SCORES.get(standing, 1.0) == 1.0
            else "It is known, and nothing is asked.",
            about=recipients[0],
            rule=standing.value,
            facts={"domain": domain, "addresses": count, "standing": standing.value},
            basis=(domain,),
        )
