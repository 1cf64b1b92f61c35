"""Does the domain resemble a known one?"""

from collections.abc import Iterator

from addin_service import similarity
from addin_service.addresses import readable_domain
from addin_service.checks import usual
from addin_service.roles import is_role
from addin_service.domains import Likeness, label, likeness
from addin_service.model import Contact, Context, Draft, Finding, Recipient, Standing

_KNOWN = {Standing.OWN, Standing.ASSURED, Standing.ALLOWED, Standing.VOUCHED}

_WITH_PERSON = {
    Likeness.LETTERS: 0.95,
    Likeness.ONE_SLIP: 0.9,
    Likeness.INSIDE: 0.9,
    Likeness.TWO_SLIPS: 0.8,
    Likeness.ENDING: 0.75,
    Likeness.AFFIX: 0.7,
}
_ALONE = {Likeness.LETTERS: 0.6, Likeness.ONE_SLIP: 0.6, Likeness.INSIDE: 0.6}
_WEAK = 0.35
_BOTH_USED = 0.2
"""Both domains were only ever written to: not worth a line, but worth a record."""
_TELLING = {Likeness.ENDING: 3, Likeness.AFFIX: 5}
"""Letters that a name needs before another ending or an affix says anything by itself."""

_LIKE = {
    Likeness.LETTERS: "which looks almost the same",
    Likeness.ONE_SLIP: "which differs by one slip",
    Likeness.TWO_SLIPS: "which differs by two slips",
    Likeness.INSIDE: "but this one belongs to somebody else",
    Likeness.ENDING: "which has another ending",
    Likeness.AFFIX: "which has a similar name",
}


def lookalike_domain(draft: Draft, context: Context) -> Iterator[Finding]:
    """A finding for each recipient at an unknown domain that resembles a known one."""
    for recipient in draft.addressed:
        contact = context.contact(recipient)
        domain = usual.domain_of(recipient)
        if (contact and contact.vouched) or context.standing(recipient) in _KNOWN:
            continue
        like = [
            (kind, known)
            for known in context.near_domains.get(domain, ())
            if (kind := likeness(domain, known)) is not None
        ]
        people = [
            (_with_person(kind, candidate), candidate)
            for kind, known in like
            for candidate in context.at_near_domains.get(recipient.key, ())
            if candidate.address.domain == known and usual.worth_suggesting(candidate, contact)
        ]
        if people:
            score, best = max(people, key=lambda rated: (rated[0], rated[1].sent, rated[1].key))
            yield _person(recipient, contact, best, score)
        elif telling := [
            (kind, known) for kind, known in like if len(label(known)) >= _TELLING.get(kind, 0)
        ]:
            yield _domain(recipient, context, *telling[0])


def _with_person(kind: Likeness, candidate: Contact) -> float:
    """The score where somebody with the same local part is known: everybody has an info@."""
    return _ALONE.get(kind, _WEAK) if is_role(candidate.address.local) else _WITH_PERSON[kind]


def _person(recipient: Recipient, contact: Contact | None, best: Contact, score: float) -> Finding:
    """The same local part is known at the other domain: that person is probably meant."""
    domain = usual.domain_of(recipient)
    kind = likeness(domain, best.address.domain)
    rule = kind.name.lower().replace("_", "-") if kind is not None else ""
    typed = f"{recipient.address.local}@{readable_domain(domain)}" if recipient.address else ""
    difference = similarity.difference(typed.casefold(), best.address.key)
    return Finding(
        "recipient.lookalike-domain",
        score,
        f"{usual.used_so_far(contact)} {usual.known_as(best)}",
        f"The part after the @ differs: {difference}. Change it to {best.address}, or keep "
        "it if you are sure that it belongs to the person you mean.",
        about=recipient,
        suggestion=usual.suggestion(best),
        rule=f"{rule}-person",
        facts={
            "known_domain": best.address.domain,
            "alignment": [list(p) for p in similarity.alignment(typed.casefold(), best.key)],
            "difference": difference,
            "usual_count": best.sent,
            "known_as": usual.trust_of(best),
        },
        basis=(rule, usual.trust_of(best)),
    )


def _domain(recipient: Recipient, context: Context, kind: Likeness, known: str) -> Finding:
    """Only the domain is known: nobody can be suggested."""
    domain = readable_domain(usual.domain_of(recipient))
    rule = kind.name.lower().replace("_", "-")
    score = _ALONE.get(kind, _WEAK)
    if context.standing(recipient) is not Standing.UNKNOWN and (
        context.domains.get(known, Standing.USED) not in _KNOWN
    ):
        # A domain in use is not questioned because another one was used as well.
        score = _BOTH_USED
    return Finding(
        "recipient.lookalike-domain",
        score,
        f"This address is at {domain}. You know {readable_domain(known)}, {_LIKE[kind]}.",
        "Compare the part after the @ with where you have the address from, and keep it only if "
        "it is right.",
        about=recipient,
        rule=rule,
        facts={
            "known_domain": known,
            "alignment": [list(p) for p in similarity.alignment(domain, readable_domain(known))],
            "difference": similarity.difference(domain, readable_domain(known)),
        },
        basis=(rule, known),
    )
