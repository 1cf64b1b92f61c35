"""Known, but not for this: the wrong one of two similar names, somebody astray, another's case."""

from collections.abc import Iterator

from addin_service.checks import usual
from addin_service.checks.reasons import why
from addin_service.intent.picked import Weighed
from addin_service.language import Words, paragraph, say
from addin_service.model import Contact, Context, Draft, Finding, Recipient

CHANNELS = ("same-first-name", "same-start", "near", "stray")
CASE_SEEN = 3
"""Mails about a case before it says who belongs to it."""
_OTHERS_CASE, _FOREIGN_CASE = 0.3, 0.9
"""Somebody new among those who had the case before, and a mail about it to none of them. Our own
judgement: no public mail history has case references."""


def unusual(draft: Draft, context: Context) -> Iterator[Finding]:
    """The likeliest doubt about each known recipient, and one about cases."""
    for recipient in draft.addressed:
        contact = context.contact(recipient)
        weighed = usual.weighed(recipient, draft, context, CHANNELS)
        best = max(weighed, key=lambda one: one.likelihood, default=None)
        if contact and best:
            company = [one.key for one in draft.addressed if one.key != recipient.key]
            reason = why(context.scene, contact, company, best)
            yield _finding(recipient, contact, best, reason)
    yield from _foreign_case(draft, context)


def _finding(recipient: Recipient, contact: Contact, best: Weighed, reason: Words) -> Finding:
    other = best.instead
    if other is None:
        message = say(
            "You have never written to {person} together with anybody else here.",
            person=usual.named(contact),
        )
        advice = say("Check that this mail is for them too, or take the address out.")
    else:
        message = paragraph(say("Did you mean {person}?", person=usual.named(other)), reason)
        advice = say(
            "Change it to {address}, or keep it if {given} is right.",
            address=str(other.address),
            given=str(contact.address),
        )
    return Finding(
        "recipient.unusual",
        best.likelihood,
        message,
        advice,
        about=recipient,
        suggestion=usual.suggestion(other) if other else None,
        rule=best.channel,
        facts={"usual_count": other.sent if other else 0},
        basis=(best.channel, other.key if other else ""),
        reasons=best.reasons,
    )


def _foreign_case(draft: Draft, context: Context) -> Iterator[Finding]:
    """A case reference that stood before only in mails to other people."""
    people = context.scene.profile.people
    recipients = usual.by_key(draft)
    for reference, mask in sorted(context.scene.cases.items()):
        if mask.bit_count() < CASE_SEEN:
            continue
        strange = [one for one in recipients if not people.get(one.key, 0) & mask]
        if strange:
            nobody = len(strange) == len(recipients)
            yield Finding(
                "recipient.unusual",
                _FOREIGN_CASE if nobody else _OTHERS_CASE,
                say(
                    "Your mails about {reference} went to other people so far, not to {person}.",
                    reference=reference,
                    person=usual.person(strange[0], context) or strange[0].key,
                ),
                say("Check the reference, and that these are the people of this case."),
                about=strange[0] if len(recipients) == 1 else None,
                rule="case-of-others",
                facts={"reference": reference},
                basis=("case-of-others", reference, *(one.key for one in strange)),
            )
            return
