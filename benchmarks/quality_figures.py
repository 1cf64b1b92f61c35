"""What the judged cases add up to: shares with their intervals, false alarms, recall. Pure."""

import math
from collections.abc import Callable, Iterable, Sequence

from quality_replay import GREETING, Looked, Seen

from addin_service.codes import CODES
from addin_service.policy.rates import Share

EXTERNAL = "recipient.external"
FIRST_CONTACT = "recipient.first-contact"
UNSENDABLE = "recipient.unsendable"
EXPOSED = "recipient.exposed"

DOUBTS = frozenset(name for name, code in CODES.items() if code.doubt and name != FIRST_CONTACT) | {
    GREETING
}
"""The codes that say that a recipient may be the wrong one: of these the joint score is made.

`unsendable` finds slips too, but is certain and not swept: archives hold addresses that are none.
"""

JOINT = "joint"
BUDGETS = (1, 2, 5, 10)
"""False alarms per 1,000 genuine drafts at which recall is read off."""


def share(cases: Iterable[Looked], is_hit: Callable[[Looked], bool]) -> Share:
    """In how many of the cases it holds."""
    holds = [is_hit(case) for case in cases]
    return Share(sum(holds), len(holds))


def asks(case: Looked, remembering: bool = False) -> bool:
    """Whether a question came up; `external` and what is no address are counted apart.

    With `remembering` what an earlier keep covers is not asked again.
    """
    return bool(_held(case, remembering) - {EXTERNAL, UNSENDABLE})


def asks_but_exposed(case: Looked) -> bool:
    """As `asks`, and that many outsiders see each other does not count either."""
    return bool(_held(case, remembering=False) - {EXTERNAL, UNSENDABLE, EXPOSED})


def asks_external(case: Looked, remembering: bool = False) -> bool:
    """Whether "this is outside" was all that was asked."""
    return _held(case, remembering) == {EXTERNAL}


def unsendable(case: Looked) -> bool:
    """Whether a recipient was refused as no address."""
    return UNSENDABLE in _held(case, remembering=False)


def _held(case: Looked, remembering: bool) -> set[str]:
    return {s.code for s in case.seen if s.asked and not (remembering and s.again)}


def notes(case: Looked) -> bool:
    """Whether a quiet line was shown, first contacts and `external` apart."""
    return any(s.outcome == "noted" and s.code not in (EXTERNAL, FIRST_CONTACT) for s in case.seen)


def notes_first_contact(case: Looked) -> bool:
    """Whether a quiet line said that somebody is new."""
    return any(s.outcome == "noted" and s.code == FIRST_CONTACT for s in case.seen)


def found(case: Looked, with_notes: bool = False) -> bool:
    """Whether the slip was asked about (or shown in a note)."""
    return any(s.asked or (with_notes and s.outcome == "noted") for s in _about_slip(case))


def put_right(case: Looked) -> bool:
    """Whether the intended person was suggested, in a question or a note."""
    return any(s.right and (s.asked or s.outcome == "noted") for s in case.seen)


def _about_slip(case: Looked) -> Iterable[Seen]:
    telling = DOUBTS | {UNSENDABLE}
    return (s for s in case.seen if s.code in telling and s.tells)


def score(case: Looked, detector: str) -> float:
    """How sure the detector is (a code, a code and its rule, or `JOINT`): 0.0 for no finding.

    Of a slip, only findings about it count.
    """
    code, _, rule = detector.partition("/")
    return max(
        (
            s.score
            for s in case.seen
            if (s.code in DOUBTS if detector == JOINT else s.code == code and rule in ("", s.rule))
            and (s.tells or not case.slipped)
        ),
        default=0.0,
    )


def cut_at(genuine: Sequence[float], per_thousand: float) -> float:
    """The score that has to be exceeded so that the false alarms stay within the budget.

    Ties are all in or all out: a score that many genuine drafts share is not split.
    """
    allowed = math.floor(per_thousand * len(genuine) / 1000)
    ranked = sorted(genuine, reverse=True)
    return ranked[allowed] if allowed < len(ranked) else 0.0


def recall_at(genuine: Sequence[float], slips: Sequence[float], per_thousand: float) -> Share:
    """The slips above that cut. A score of 0 is no finding, and is never above it."""
    cut = max(0.0, cut_at(genuine, per_thousand))
    return Share(sum(one > cut for one in slips), len(slips))
