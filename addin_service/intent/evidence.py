"""How well a person fits a draft, by what this sender wrote before: five terms that add up.

Each term is a sum of weighted measures (`weights.toml`); the weights are those of a logistic
regression that tells who received a message from who did not, fitted on genuine mail alone.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import log, log1p

from addin_service.intent.weights import WEIGHTS
from addin_service.profile import Scene

TERMS = ("often", "lately", "company", "subject", "thread")
MEASURES = {
    "often": ("share", "share_of_200"),
    "lately": ("share_of_10", "share_of_50", "since"),
    "company": (
        "lift_most", "lift_mean", "lift_least", "rate_most", "never_share", "lift_recent",
        "lift_all", "in_last_such",
    ),
    "subject": ("lift_words", "lift_best_words"),
    "thread": ("lift_thread",),
}  # fmt: skip
"""What each term is made of, in the order in which `measures` gives them."""

IN_THREAD = 4.0
"""Log-odds for someone who took part in the mail that is answered. Our own judgement: no public
mail history says who wrote the answered mail."""
NOT_IN_THREAD = -1.5
"""The same for someone who did not, while the others of the draft did."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Log-odds (natural) that a person is meant by a draft, in its terms."""

    often: float = 0.0
    lately: float = 0.0
    company: float = 0.0
    subject: float = 0.0
    thread: float = 0.0

    @property
    def total(self) -> float:
        """All terms together, without the constant: only differences mean something."""
        return self.often + self.lately + self.company + self.subject + self.thread

    def less(self, other: "Evidence") -> "Evidence":
        """This evidence less another's, term by term."""
        return Evidence(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))


def evidence(scene: Scene, person: str, company: Sequence[str]) -> Evidence:
    """How well `person` (a normal form) fits, `company` being the other recipients.

    All zero where the sender has no history: nothing is known, nothing is said.
    """
    if not scene.profile.count:
        return Evidence()
    values = measures(scene, person, company)
    weights = WEIGHTS.evidence(situation(scene, company))
    terms = []
    at = 0
    for term in TERMS:
        size = len(MEASURES[term])
        terms.append(
            sum(w * v for w, v in zip(weights[at : at + size], values[at : at + size], strict=True))
        )
        at += size
    terms[-1] += _by_thread(scene, person, company)
    return Evidence(*terms)


def situation(scene: Scene, company: Sequence[str]) -> str:
    """Whether there is company that the sender has written to: other weights hold without."""
    return "together" if _known(scene, company) else "alone"


def measures(scene: Scene, person: str, company: Sequence[str]) -> list[float]:
    """The raw measures, in the order of `MEASURES`."""
    profile = scene.profile
    mask = profile.people.get(person, 0)
    total = max(profile.count, 1)
    share = (mask.bit_count() + 0.5) / (total + 1)
    since = profile.count - mask.bit_length() if mask else profile.count + 50
    found = [
        log(share),
        _share_of(mask, scene, 200),
        _share_of(mask, scene, 10),
        _share_of(mask, scene, 50),
        -log1p(since),
    ]
    found += _company(scene, mask, share, _known(scene, company))
    lifts = sorted(_lift(mask, word, share) for word in scene.words)
    best = lifts[-3:]
    found += [sum(lifts) / len(lifts) if lifts else 0.0, sum(best) / 3]
    found.append(_lift(mask, scene.thread, share) if scene.thread else 0.0)
    return found


def _share_of(mask: int, scene: Scene, newest: int) -> float:
    return log(((mask & scene.profile.newest(newest)).bit_count() + 0.5) / (newest + 0.5))


def _known(scene: Scene, company: Sequence[str]) -> list[int]:
    people = scene.profile.people
    return [mask for one in company if (mask := people.get(one, 0))]


def _company(scene: Scene, mask: int, share: float, others: Sequence[int]) -> list[float]:
    """How far this person goes with the other recipients whom the sender has written to."""
    if not others:
        return [0.0] * len(MEASURES["company"])
    rates = [_rate(mask, other, share) for other in others]
    lifts = [log(rate / share) for rate in rates]
    any_of, all_of = 0, -1
    for other in others:
        any_of |= other
        all_of &= other
    recent = any_of & scene.profile.newest(50)
    return [
        max(lifts),
        sum(lifts) / len(lifts),
        min(lifts),
        log(max(rates)),
        sum(1 for other in others if not mask & other) / len(others),
        _lift(mask, recent, share),
        _lift(mask, all_of, share) if all_of else 0.0,
        float(bool(mask >> (all_of.bit_length() - 1) & 1)) if all_of else 0.0,
    ]


def _rate(mask: int, other: int, share: float) -> float:
    """How often this person stands in the other's messages, two messages' worth of doubt added."""
    return ((mask & other).bit_count() + 2 * share) / (other.bit_count() + 2)


def _lift(mask: int, other: int, share: float) -> float:
    """How much more often than usual this person stands in these messages, as a logarithm."""
    return log(((mask & other).bit_count() + share) / (other.bit_count() + 1) / share)


def _by_thread(scene: Scene, person: str, company: Sequence[str]) -> float:
    if scene.took_part is None:
        return 0.0
    if person in scene.took_part:
        return IN_THREAD
    return NOT_IN_THREAD if company and scene.took_part.issuperset(company) else 0.0
