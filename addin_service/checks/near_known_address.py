"""Is this one or two slips away from someone known?"""

from collections.abc import Iterator

from addin_service import similarity
from addin_service.checks import usual
from addin_service.intent.typed import Likely
from addin_service.language import paragraph, say
from addin_service.model import Context, Draft, Finding, Recipient


def near_known_address(draft: Draft, context: Context) -> Iterator[Finding]:
    """A finding for each recipient with someone better known within two slips."""
    for recipient in draft.addressed:
        near = [one for one in usual.likelies(recipient, draft, context) if one.between.rule]
        if near:
            yield _finding(recipient, context, max(near, key=usual.by_likelihood))


def _finding(recipient: Recipient, context: Context, likely: Likely) -> Finding:
    best, between = likely.known, likely.between
    ours, theirs = between.typed.untagged, best.address.untagged
    difference = similarity.difference(ours, theirs)
    return Finding(
        "recipient.near-known-address",
        likely.likelihood,
        paragraph(usual.used_so_far(between.typed_contact), usual.known_as(best)),
        say(
            "The difference: {difference}. Change it to {address}, or keep it if you are sure that "
            "this is somebody else.",
            difference=difference,
            address=str(best.address),
        ),
        about=recipient,
        suggestion=usual.suggestion(best),
        rule=between.rule,
        facts={
            "alignment": [list(piece) for piece in similarity.alignment(ours, theirs)],
            "difference": difference,
            "distance": similarity.distance(ours, theirs),
            "usual_count": best.sent,
            "known_as": usual.trust_of(best),
        },
        basis=(between.rule, usual.trust_of(best)),
        reasons=likely.reasons,
    )
