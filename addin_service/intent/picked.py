"""Somebody known was picked: how likely is it that another known person was meant, or nobody? Pure.

The channels are the ways in which a known address gets into a draft by mistake.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from math import log, log1p

from addin_service.intent.evidence import TERMS, Evidence, evidence
from addin_service.intent.weights import WEIGHTS, probability
from addin_service.model import Contact
from addin_service.profile import Scene

BY_NAME = ("same-first-name", "same-start")
"""Channels with many alternatives, of which only those used more than the recipient count."""

ENOUGH_MESSAGES = 30
"""Messages below which a sender's history says nothing of what is unusual: a new starter's every
mail is."""
MOST_CHOICES = 5
"""Alternatives of one channel that are weighed, the likeliest by plain counts."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One way in which a recipient may have come in by mistake, with everything measured about it.

    `instead` is who would have been meant (None for a stray); `more` how much better than the
    recipient that person fits, for a stray how badly the recipient does.
    """

    channel: str
    instead: Contact | None
    more: Evidence
    measured: Mapping[str, float]

    @property
    def likelihood(self) -> float:
        """The probability that it happened."""
        return probability(WEIGHTS.odds(self.channel, self.measured))

    @property
    def reasons(self) -> Mapping[str, float]:
        """`more`, by term."""
        return dict(zip(TERMS, astuple(self.more), strict=True))


def picks(
    scene: Scene,
    picked: Contact,
    company: Sequence[str],
    alternatives: Mapping[str, Sequence[Contact]],
) -> Iterator[Weighed]:
    """For each channel the likeliest person who would have been meant instead.

    `company` are the other recipients (normal forms); `alternatives` the people with whom this one
    could have been confused, by channel. Nothing where the history is too short to say anything.
    """
    if scene.profile.count < ENOUGH_MESSAGES:
        return
    fits = evidence(scene, picked.key, company)
    used = sent(scene, picked) > 0
    for channel, people in alternatives.items():
        if not used and channel != "near":
            continue
        rated = [(evidence(scene, other.key, company), other) for other in people]
        if rated:
            theirs, best = max(rated, key=lambda one: (one[0].total, one[1].key))
            measured = measure_pick(scene, picked, company, fits, best, theirs, len(people))
            yield Weighed(channel, best, theirs.less(fits), measured)


def stray(scene: Scene, picked: Contact, company: Sequence[str]) -> Weighed | None:
    """That nobody was meant: this one never went with any of the others. None as for `picks`."""
    absent = absences(scene, picked.key, company)
    if scene.profile.count < ENOUGH_MESSAGES or absent is None:
        return None
    fits = evidence(scene, picked.key, company)
    measured = measure_stray(scene, picked, company, fits, absent)
    return Weighed("stray", None, Evidence().less(fits), measured)


def likeliest(
    scene: Scene,
    picked: Contact,
    company: Sequence[str],
    people: Sequence[Contact],
    used_more: bool,
) -> list[Contact]:
    """The few alternatives worth weighing, by plain counts.

    With `used_more` only those who are used more than the recipient with this company, lately, or
    at all.
    """
    masks = scene.profile.people
    theirs = 0
    for one in company:
        theirs |= masks.get(one, 0)
    lately = scene.profile.newest(200)

    def counts(contact: Contact) -> tuple[int, int, int]:
        mask = masks.get(contact.key, 0)
        return (mask & theirs).bit_count(), (mask & lately).bit_count(), sent(scene, contact)

    least = counts(picked)
    ranked = [(counts(contact), contact.key, contact) for contact in people]
    if used_more:
        ranked = [one for one in ranked if any(a > b for a, b in zip(one[0], least, strict=True))]
    ranked.sort(key=lambda one: one[:2], reverse=True)
    return [contact for _, _, contact in ranked[:MOST_CHOICES]]


def measure_pick(
    scene: Scene,
    picked: Contact,
    company: Sequence[str],
    fits: Evidence,
    other: Contact,
    theirs: Evidence,
    choices: int,
) -> dict[str, float]:
    """What the likelihood of a wrong pick is made of, by name."""
    more = theirs.less(fits)
    measured = _measure(scene, picked, company, fits)
    for term, value in zip(TERMS, astuple(more), strict=True):
        measured[f"more_{term}"] = max(-6.0, min(6.0, value))
    total = more.total
    measured |= {
        "more": max(-9.0, min(9.0, total)),
        "more_than_0": max(0.0, total),
        "more_than_3": max(0.0, total - 3),
        "their_sent": log1p(sent(scene, other)),
        "choices": log1p(choices),
    }
    return measured


def absences(scene: Scene, person: str, company: Sequence[str]) -> list[int] | None:
    """How telling it is that this person never went with any of the others.

    For each other recipient who was written to, the smaller of the two counts of mails; None where
    the question does not arise: they did go together, or one side was never written to.
    """
    masks = scene.profile.people
    mask = masks.get(person, 0)
    others = [theirs for one in company if (theirs := masks.get(one, 0))]
    if not mask or not others or any(mask & theirs for theirs in others):
        return None
    return [min(mask.bit_count(), theirs.bit_count()) for theirs in others]


def measure_stray(
    scene: Scene, picked: Contact, company: Sequence[str], fits: Evidence, absent: Sequence[int]
) -> dict[str, float]:
    """What the likelihood of a stray is made of, by name."""
    count = log1p(sent(scene, picked))
    mask = scene.profile.people.get(picked.key, 0)
    since = log1p(scene.profile.count - mask.bit_length())
    coherence = _coherence(scene, company)
    return _measure(scene, picked, company, fits) | {
        "once": float(sent(scene, picked) == 1),
        "sent_over_2": max(0.0, count - 1.1),
        "sent_over_10": max(0.0, count - 2.4),
        "since": since,
        "since_over_20": max(0.0, since - 3),
        "since_over_150": max(0.0, since - 5),
        "absent_most": log1p(max(absent)),
        "absent_least": log1p(min(absent)),
        "absent_sum": sum(log1p(count) for count in absent),
        "others_known": log1p(len(absent)),
        "coherent": 0.5 if coherence is None else coherence,
        "coherence_known": float(coherence is not None),
        "all_together": float(coherence == 1.0),
    }


def _measure(
    scene: Scene, picked: Contact, company: Sequence[str], fits: Evidence
) -> dict[str, float]:
    masks = scene.profile.people
    everyone = (1 << scene.profile.count) - 1
    for one in (picked.key, *company):
        everyone &= masks.get(one, 0)
    return dict(zip(TERMS, astuple(fits), strict=True)) | {
        "sent": log1p(sent(scene, picked)),
        "used": float(sent(scene, picked) > 0),
        "vouched": float(picked.vouched),
        "in_company": float(bool(company)),
        "never_with_any": float(absences(scene, picked.key, company) is not None),
        "whole_seen": log1p(everyone.bit_count()),
        "history": log(scene.profile.count + 1),
    }


def sent(scene: Scene, contact: Contact) -> int:
    """Mails that went to a contact: as remembered one by one, or as counted before that."""
    return max(contact.sent, scene.profile.people.get(contact.key, 0).bit_count())


def _coherence(scene: Scene, company: Sequence[str]) -> float | None:
    """The share of pairs among the others that went together before; None for fewer than two."""
    masks = [mask for one in company if (mask := scene.profile.people.get(one, 0))]
    pairs = [bool(a & b) for at, a in enumerate(masks) for b in masks[:at]]
    return sum(pairs) / len(pairs) if pairs else None
