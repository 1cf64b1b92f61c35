"""Somebody new was typed: how likely is it that a known person was meant? Pure.

A scorecard of log-odds: what lies between the two addresses (`rule`), who the other one is, and how
well that person fits the draft. The weights are those of a logistic regression on mistyped and
genuine recipients (`benchmarks/fit_intent.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from math import log1p

from addin_service import domains, roles, similarity
from addin_service.domains import Likeness
from addin_service.intent.evidence import TERMS, Evidence, evidence
from addin_service.intent.slips import SELDOM, SLIP_RULES, Between, betweens
from addin_service.intent.weights import WEIGHTS, probability
from addin_service.model import Contact, Context, Draft, Recipient, Standing
from addin_service.profile import NOTHING, Scene

OUR_OWN = {"often-heard": -3.5, "own-name": -2.5}
"""Log-odds by rule that no public mail history can teach.

More mail came from the typed address than ever passed with the known person: such sets hold sent
mail alone. The address is made of the very name that is shown beside it: whoever made the slips of
such sets left the names out.
"""
OFFICE = -6.0
"""Log-odds for an office at a domain that is neither a slip nor a deception away: everybody has an
info@. Our own judgement as well."""
DECEPTIVE = (Likeness.LETTERS, Likeness.ONE_SLIP, Likeness.INSIDE)
SHORT = 3
"""Letters of a local part up to which every other one is near by nature."""


@dataclass(frozen=True, slots=True)
class Likely:
    """That the known person was meant, how likely, and why (log-odds by term)."""

    likelihood: float
    between: Between
    reasons: Mapping[str, float]

    @property
    def known(self) -> Contact:
        """Who was probably meant."""
        return self.between.known


def likelies(recipient: Recipient, draft: Draft, context: Context) -> list[Likely]:
    """Everyone known who may have been meant by an address that nobody has vouched for."""
    company = [one.key for one in draft.addressed if one.key != recipient.key]
    return [likely(context.scene, one, company) for one in betweens(recipient, context)]


def likely(scene: Scene, between: Between, company: Sequence[str]) -> Likely:
    """How likely it is that the known person was meant."""
    found = (_seen(view, between, company) for view in views(scene, between))
    return max(found, key=lambda one: one.likelihood)


def views(scene: Scene, between: Between) -> tuple[Scene, ...]:
    """The histories by which the known person is judged.

    Nobody is less likely for being written to for the first time: then history has no say. Where
    it has one, somebody vouched is judged without it too, since mails to the wrong address crowd
    out the right one.
    """
    if not between.known.exchanged:
        return (NOTHING,)
    return (scene, NOTHING) if between.known.vouched else (scene,)


def _seen(scene: Scene, between: Between, company: Sequence[str]) -> Likely:
    fits = evidence(scene, between.known.key, company)
    measured = measure(scene, between, company, fits)
    odds = WEIGHTS.odds("typed", measured) + _our_own(between)
    weights = WEIGHTS.channels["typed"]
    fit = sum(weights.get(term, 0.0) * measured[term] for term in (*TERMS, "fit", "fit_over_0"))
    return Likely(probability(odds), between, {"fit": fit, "slip": odds - fit})


def measure(
    scene: Scene, between: Between, company: Sequence[str], fits: Evidence
) -> dict[str, float]:
    """What the likelihood is made of, by name; names that are absent count as 0."""
    ours, theirs = between.typed.untagged, between.known.address.untagged
    local, domain = ours.rpartition("@")[0], between.typed.domain
    other, other_domain = theirs.rpartition("@")[0], between.known.address.domain
    slips = similarity.distance(ours, theirs)
    where = "here" if domain == other_domain else "elsewhere"
    used, standing = _use_that_counts(between)
    length = max(len(local), len(other))
    like = between.like.name.lower() if between.like is not None else "none"
    measured = {
        f"rule_{_slip(between, slips)}": 1.0,
        f"like_{like}": 1.0,
        f"slips_{where}_{slips}": float(slips <= 2),
        "same_local": float(local == other),
        "unlike_twin": float(local == other and between.like is None and not between.rule),
        "same_local_slip": float(local == other and bool(between.rule)),
        "same_local_length": float(min(length, 12)) if local == other else 0.0,
        "shorter": float(len(ours) < len(theirs)),
        "longer": float(len(ours) > len(theirs)),
        "length": float(min(length, 12)),
        "short": float(length <= SHORT),
        "short_slip": float(length <= SHORT and where == "here" and slips == 1),
        "short_swap": float(length <= SHORT and sorted(local) == sorted(other)),
        "short_two": float(length <= SHORT + 2 and where == "here" and slips == 2),
        "free_mail": float(domains.is_free_mail(domain)),
        "free_mail_twin": float(domains.is_free_mail(domain) and local == other),
        "known_free_mail": float(domains.is_free_mail(other_domain)),
        "vouched": float(between.known.vouched),
        "their_sent": log1p(between.known.sent),
        "no_history": float(scene.profile.count == 0),
        f"domain_{standing.value}": 1.0,
        "sent": log1p(used),
        "used": float(used > 0),
        "fit": fits.total,
        "fit_over_0": max(0.0, fits.total),
        "in_draft": float(between.known.key in company),
        "same_name": float(between.same_name and not between.rule),
        "own_name": float(between.own_name),
        "in_company": float(bool(company)),
    }
    return measured | dict(zip(TERMS, astuple(fits), strict=True))


def _use_that_counts(between: Between) -> tuple[int, Standing]:
    """How often the typed address was used, and how its domain stands, where that says anything.

    Beside somebody vouched it does not, and a slip away from somebody used far more once or twice
    does not either: an address does not become right by being used wrongly.
    """
    used = between.typed_contact.sent if between.typed_contact else 0
    slipped = between.rule in SLIP_RULES and used <= SELDOM
    if between.known.vouched or slipped:
        own = (Standing.USED, Standing.ACKNOWLEDGED)
        alone = between.standing in own and not between.others_there
        return 0, Standing.UNKNOWN if alone else between.standing
    return used, between.standing


def _our_own(between: Between) -> float:
    """What we add to the fitted weights."""
    local = between.typed.untagged.rpartition("@")[0]
    told = between.rule in SLIP_RULES or between.like in DECEPTIVE
    elsewhere = between.typed.domain != between.known.address.domain and not told
    return OUR_OWN.get(between.rule, 0.0) + OFFICE * (elsewhere and roles.is_role(local))


def _slip(between: Between, slips: int) -> str:
    """The rule by which the weights go."""
    if between.rule in OUR_OWN:
        return "one-slip" if slips == 1 else "two-slips"
    return between.rule or "none"
