"""Is this outside the organisation?"""

from collections.abc import Iterator

from addin_service.addresses import readable_domain
from addin_service.checks import usual
from addin_service.domains import is_free_mail
from addin_service.language import say, say_n
from addin_service.model import Context, Draft, Finding, Recipient, Standing

_SCORES = {
    Standing.UNKNOWN: 1.0,
    Standing.USED: 1.0,
    Standing.ACKNOWLEDGED: 0.6,
    Standing.VOUCHED: 0.6,
    Standing.ALLOWED: 0.3,
    Standing.ASSURED: 0.2,
}
_IN_BOOK = 0.6
"""A domain that nobody vouches for, at which the sender's own address book has somebody."""

_ASKED = say(
    "You are asked once about each domain that is new to you. Check that this may go there."
)
_KNOWN = say("It is known, and nothing is asked.")


def external(draft: Draft, context: Context) -> Iterator[Finding]:
    """One finding per domain outside; `about` is its first recipient in alphabetical order."""
    outside: dict[str, list[Recipient]] = {}
    for recipient in usual.by_key(draft):
        if context.is_outside(recipient):
            outside.setdefault(usual.domain_of(recipient), []).append(recipient)
    for domain, recipients in outside.items():
        standing = context.standing(recipients[0])
        count = len(recipients)
        score = _SCORES.get(standing, 1.0)
        in_book = score == 1.0 and _is_in_book(domain, recipients, context)
        if in_book:
            score = _IN_BOOK
        yield Finding(
            "recipient.external",
            score,
            say_n(
                "{domain} is outside your organisation.",
                "{domain} is outside your organisation ({count} recipients).",
                count,
                domain=readable_domain(domain),
            ),
            _ASKED if score == 1.0 else _KNOWN,
            about=recipients[0],
            rule="in-book" if in_book else standing.value,
            facts={"domain": domain, "addresses": count, "standing": standing.value},
            basis=(domain,),
        )


def _is_in_book(domain: str, recipients: list[Recipient], context: Context) -> bool:
    """Whether the sender's own address book makes the domain known.

    At a free-mail provider it speaks for the very addresses that it has; elsewhere for the domain,
    unless that resembles a known one or a recipient is near somebody trusted.
    """
    if all(usual.stands_by_book(one, context) for one in recipients):
        return True
    if is_free_mail(domain) or domain not in context.book_domains:
        return False
    return not any(usual.is_near_trusted(one, context) for one in recipients)
