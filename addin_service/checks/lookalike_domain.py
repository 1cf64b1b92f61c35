"""Does the domain resemble a known one?"""

from collections.abc import Iterator

from addin_service import similarity
from addin_service.addresses import readable_domain
from addin_service.checks import usual
from addin_service.domains import Likeness, label, likeness
from addin_service.intent.slips import KNOWN_DOMAINS
from addin_service.intent.typed import Likely
from addin_service.language import paragraph, say, template
from addin_service.model import Context, Draft, Finding, Recipient, Standing

_ALONE = {Likeness.LETTERS: 0.2, Likeness.ONE_SLIP: 0.2, Likeness.INSIDE: 0.2}
_WEAK = 0.03
_BOTH_USED = 0.01
"""Both domains were only ever written to: not worth a line, but worth a record. These three are our
own judgement, on the scale of the likelihoods that are fitted where a person is known."""
_TELLING = {Likeness.ENDING: 3, Likeness.AFFIX: 5}
"""Letters that a name needs before another ending or an affix says anything by itself."""

_LIKE = {
    Likeness.LETTERS: template(
        "This address is at {domain}. You know {known}, which looks almost the same."
    ),
    Likeness.ONE_SLIP: template(
        "This address is at {domain}. You know {known}, which differs by one slip."
    ),
    Likeness.TWO_SLIPS: template(
        "This address is at {domain}. You know {known}, which differs by two slips."
    ),
    Likeness.INSIDE: template(
        "This address is at {domain}. You know {known}, but this one belongs to somebody else."
    ),
    Likeness.ENDING: template(
        "This address is at {domain}. You know {known}, which has another ending."
    ),
    Likeness.AFFIX: template(
        "This address is at {domain}. You know {known}, which has a similar name."
    ),
}


def lookalike_domain(draft: Draft, context: Context) -> Iterator[Finding]:
    """A finding for each recipient at an unknown domain that resembles a known one."""
    for recipient in draft.addressed:
        contact = context.contact(recipient)
        if (contact and contact.vouched) or context.standing(recipient) in KNOWN_DOMAINS:
            continue
        people = [
            one for one in usual.likelies(recipient, draft, context) if one.between.like is not None
        ]
        if people:
            yield _person(recipient, max(people, key=_by_closeness))
            continue
        domain = usual.domain_of(recipient)
        telling = [
            (kind, known)
            for known in context.near_domains.get(domain, ())
            if (kind := likeness(domain, known)) is not None
            and len(label(known)) >= _TELLING.get(kind, 0)
        ]
        if telling:
            yield _domain(recipient, context, *telling[0])


def _by_closeness(likely: Likely) -> tuple[int, float, str]:
    """For choosing among people of one name: the domain that looks most like the typed one."""
    typed, known = likely.between.typed.domain, likely.known.address.domain
    return -similarity.distance(typed, known, 20), likely.likelihood, likely.known.key


def _person(recipient: Recipient, likely: Likely) -> Finding:
    """The same local part is known at the other domain: that person is probably meant."""
    best, kind = likely.known, likely.between.like
    domain = usual.domain_of(recipient)
    rule = kind.name.lower().replace("_", "-") if kind is not None else ""
    typed = f"{recipient.address.local}@{readable_domain(domain)}" if recipient.address else ""
    difference = similarity.difference(typed.casefold(), best.address.key)
    return Finding(
        "recipient.lookalike-domain",
        likely.likelihood,
        paragraph(usual.used_so_far(likely.between.typed_contact), usual.known_as(best)),
        say(
            "The part after the @ differs: {difference}. Change it to {address}, or keep it if you "
            "are sure that it belongs to the person you mean.",
            difference=difference,
            address=str(best.address),
        ),
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
        reasons=likely.reasons,
    )


def _domain(recipient: Recipient, context: Context, kind: Likeness, known: str) -> Finding:
    """Only the domain is known: nobody can be suggested."""
    domain = readable_domain(usual.domain_of(recipient))
    rule = kind.name.lower().replace("_", "-")
    score = _ALONE.get(kind, _WEAK)
    if context.domains.get(known, Standing.USED) not in KNOWN_DOMAINS:
        if context.standing(recipient) is not Standing.UNKNOWN:
            # A domain in use is not questioned because another one was used as well.
            score = _BOTH_USED
        elif domain.replace("-", "") == readable_domain(known).replace("-", ""):
            # Whoever has a name with a hyphen mostly has it without one too.
            score = _WEAK
    return Finding(
        "recipient.lookalike-domain",
        score,
        say(_LIKE[kind], domain=domain, known=readable_domain(known)),
        say(
            "Compare the part after the @ with where you have the address from, and keep it only "
            "if it is right."
        ),
        about=recipient,
        rule=rule,
        facts={
            "known_domain": known,
            "alignment": [list(p) for p in similarity.alignment(domain, readable_domain(known))],
            "difference": similarity.difference(domain, readable_domain(known)),
        },
        basis=(rule, known),
    )
