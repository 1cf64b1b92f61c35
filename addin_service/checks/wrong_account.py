"""Is this another account of somebody than the one that this sender uses?"""

from collections.abc import Iterator

from addin_service.checks import usual
from addin_service.checks.reasons import why
from addin_service.intent.typed import Likely
from addin_service.language import paragraph, say
from addin_service.model import Context, Draft, Finding, Recipient


def wrong_account(draft: Draft, context: Context) -> Iterator[Finding]:
    """A finding for each recipient whose other account is the likelier one."""
    for recipient in draft.addressed:
        finding = _picked(recipient, draft, context) or _typed(recipient, draft, context)
        if finding:
            yield finding


def _picked(recipient: Recipient, draft: Draft, context: Context) -> Finding | None:
    """Two accounts of one person are known, and the other one goes with this draft."""
    weighed = usual.weighed(recipient, draft, context, ("other-account",))
    best = max(weighed, key=lambda one: one.likelihood, default=None)
    contact = context.contact(recipient)
    if best is None or best.instead is None or contact is None:
        return None
    company = [one.key for one in draft.addressed if one.key != recipient.key]
    reason = why(context.scene, contact, company, best)
    return Finding(
        "recipient.wrong-account",
        best.likelihood,
        paragraph(
            say("Did you mean the other account, {person}?", person=usual.named(best.instead)),
            reason,
        ),
        say(
            "Change it to {address}, or keep it if this account is the right one.",
            address=str(best.instead.address),
        ),
        about=recipient,
        suggestion=usual.suggestion(best.instead),
        rule="other-account",
        facts={"usual_count": best.instead.sent, "known_as": usual.trust_of(best.instead)},
        basis=("other-account", best.instead.key),
        reasons=best.reasons,
    )


def _typed(recipient: Recipient, draft: Draft, context: Context) -> Finding | None:
    """An account that is new here, of somebody who is known under another one."""
    contact = context.contact(recipient)
    others = [one for one in usual.likelies(recipient, draft, context) if _is_account(one)]
    if not others:
        return None
    best = max(others, key=usual.by_likelihood)
    return Finding(
        "recipient.wrong-account",
        best.likelihood,
        paragraph(usual.used_so_far(contact), usual.known_as(best.known)),
        say(
            "Both may be accounts of one person. Change it to {address}, or keep it if you are "
            "sure that this one is theirs and the right one for this mail.",
            address=str(best.known.address),
        ),
        about=recipient,
        suggestion=usual.suggestion(best.known),
        rule="same-name" if best.between.same_name else "same-mailbox",
        facts={"usual_count": best.known.sent, "known_as": usual.trust_of(best.known)},
        basis=("new-account", usual.trust_of(best.known)),
        reasons=best.reasons,
    )


def _is_account(likely: Likely) -> bool:
    """Whether the two are one person's by name, and neither a slip nor a lookalike explains it."""
    between = likely.between
    if between.rule or between.like is not None:
        return False
    return between.same_local or between.same_name
