"""Is this one or two slips away from someone known?"""

import re
from collections.abc import Iterator

from addin_service import domains, names, similarity
from addin_service.checks import usual
from addin_service.model import Address, Contact, Context, Draft, Finding, Recipient, Standing

SHORT = 4
"""Local parts below this many characters are one letter apart by nature: hs@, sr@, wd@."""

_SCORES = {
    "one-slip": 0.8,
    "two-slips": 0.65,
    "often-heard": 0.45,
    "own-name": 0.4,
    "numbered": 0.35,
    "short": 0.35,
    "other-domain": 0.35,
}


def near_known_address(draft: Draft, context: Context) -> Iterator[Finding]:
    """A finding for each recipient with someone better known within two slips."""
    for recipient in draft.addressed:
        contact = context.contact(recipient)
        if recipient.address is None or (contact and contact.vouched):
            continue
        rated = [
            (_score(rule, candidate), rule, candidate)
            for candidate in context.near.get(recipient.key, ())
            if usual.worth_suggesting(candidate, contact)
            and (rule := _rule(recipient, recipient.address, candidate, context))
        ]
        if rated:
            score, rule, best = max(rated, key=_rank)
            yield _finding(recipient, recipient.address, contact, best, score, rule)


def _rank(rated: tuple[float, str, Contact]) -> tuple[float, int, str]:
    score, _, candidate = rated
    return score, candidate.sent + candidate.heard, candidate.key


def _score(rule: str, candidate: Contact) -> float:
    """How likely the candidate was meant; someone vouched a little more than someone used."""
    return _SCORES[rule] + (0.1 if candidate.vouched and _SCORES[rule] > 0.5 else 0.0)


def _rule(recipient: Recipient, typed: Address, candidate: Contact, context: Context) -> str:
    """Which rule explains the nearness; "" where it is the same mailbox or no slip."""
    ours, theirs = typed.untagged, candidate.address.untagged
    slips = similarity.distance(ours, theirs)
    if ours == theirs or slips > 2:
        return ""
    local, domain = ours.partition("@")[0], typed.domain
    other, other_domain = theirs.partition("@")[0], candidate.address.domain
    if domain != other_domain:
        if not _is_slip(domain, other_domain, context):
            return "other-domain"
    elif _numbered(local, other):
        return "numbered"
    elif _too_short(local, other, slips):
        return "short"
    elif _is_sibling(recipient, local, candidate):
        return "own-name"
    contact = context.contact(recipient)
    if not candidate.trusted and contact and contact.heard > candidate.sent + candidate.heard:
        return "often-heard"
    return "one-slip" if slips == 1 else "two-slips"


def _is_slip(typed: str, other: str, context: Context) -> bool:
    """Whether `typed` may be `other` mistyped rather than another organisation of a similar name.

    Short names are close to many others, so there the typed one must be unheard of as well.
    """
    if domains.registrable(typed) == domains.registrable(other):
        return True
    if domains.likeness(typed, other) is not None:
        return True
    unheard_of = context.domains.get(typed, Standing.UNKNOWN) is Standing.UNKNOWN
    return unheard_of and similarity.distance(typed, other, 1) == 1


def _too_short(a: str, b: str, slips: int) -> bool:
    """Whether two local parts are so short that others just as near are somebody else's.

    Swapped letters remain a slip: two people's initials are rarely each other's reverse.
    """
    length = max(len(a), len(b))
    if slips == 2:
        return length <= 5
    return length < SHORT and sorted(a) != sorted(b)


def _is_sibling(recipient: Recipient, local: str, candidate: Contact) -> bool:
    """Whether the recipient's own name makes this very address, and not the candidate's."""
    ours, theirs = names.words(recipient.name), names.words(candidate.name)
    if not _fits(recipient.name, local) or ours == theirs:
        return False
    if len(theirs) > 1 and not names.same_given(ours[0], theirs[0]):
        return True
    return not _fits(recipient.name, candidate.address.local)


def _numbered(a: str, b: str) -> bool:
    """Whether only numbers differ: team1 and team2 are both meant.

    Not where digits are swapped, nor where a long number has another length: staff numbers do not.
    """
    if re.sub(r"\d+", "#", a).rstrip("#") != re.sub(r"\d+", "#", b).rstrip("#"):
        return False
    ours, theirs = re.findall(r"\d+", a), re.findall(r"\d+", b)
    if sorted("".join(ours)) == sorted("".join(theirs)):
        return False
    pairs = list(zip(ours, theirs, strict=False))
    return not any(len(x) != len(y) and max(len(x), len(y)) > 3 for x, y in pairs)


def _fits(name: str, local: str) -> bool:
    """Whether a local part is built from this very name: steven.january of Steven January."""
    known = names.words(name)
    pieces = names.plain(local).split()
    if len(known) < 2 or not pieces:
        return False
    whole = "".join(pieces)
    first, last = known[0], known[-1]
    if whole in {first + last, last + first, first[0] + last, last + first[0], first + last[0]}:
        return True
    return all(piece in known for piece in pieces)


def _finding(
    recipient: Recipient,
    typed: Address,
    contact: Contact | None,
    best: Contact,
    score: float,
    rule: str,
) -> Finding:
    ours, theirs = typed.untagged, best.address.untagged
    difference = similarity.difference(ours, theirs)
    return Finding(
        "recipient.near-known-address",
        score,
        f"{usual.used_so_far(contact)} {usual.known_as(best)}",
        f"The difference: {difference}. Change it to {best.address}, or keep it if you are sure "
        "that this is somebody else.",
        about=recipient,
        suggestion=usual.suggestion(best),
        rule=rule,
        facts={
            "alignment": [list(piece) for piece in similarity.alignment(ours, theirs)],
            "difference": difference,
            "distance": similarity.distance(ours, theirs),
            "usual_count": best.sent,
            "known_as": usual.trust_of(best),
        },
        basis=(rule, usual.trust_of(best)),
    )
