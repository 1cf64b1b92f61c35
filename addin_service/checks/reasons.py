"""Why somebody else was probably meant, in one sentence that is true by the counts. Pure."""

from collections.abc import Callable, Sequence

from addin_service.checks import usual
from addin_service.intent.picked import Weighed, sent
from addin_service.language import NOTHING, Words, say, template
from addin_service.model import Contact
from addin_service.profile import Scene

_WRITTEN = template("You have written to {address} {theirs}, to this one {ours}.")
_TOGETHER = template(
    "Together with others of this mail you have written to {address} {theirs}, to this one {ours}."
)
_ABOUT = template("Mails with words of this one went to {address} {theirs}, to this one {ours}.")
_UNDER = template("Mails under this subject went to {address} {theirs}, to this one {ours}.")


def why(scene: Scene, picked: Contact, company: Sequence[str], best: Weighed) -> Words:
    """The strongest of the reasons that can be told; "" where there is none."""
    other = best.instead
    if other is None:
        return NOTHING
    told = sorted(best.reasons, key=lambda term: -best.reasons[term])
    sentences = (_SENTENCES[term](scene, picked, other, company) for term in told)
    return next(filter(None, sentences), NOTHING)


def _often(scene: Scene, picked: Contact, other: Contact, _: Sequence[str]) -> Words:
    counts = sent(scene, other), sent(scene, picked)
    return _more(*counts, _WRITTEN, other)


def _lately(scene: Scene, picked: Contact, other: Contact, _: Sequence[str]) -> Words:
    last = [scene.profile.people.get(one.key, 0).bit_length() for one in (other, picked)]
    later = last[0] > last[1] > 0
    if not later:
        return NOTHING
    return say(
        "Your last mail to {address} is newer than that to this one.", address=str(other.address)
    )


def _company(scene: Scene, picked: Contact, other: Contact, company: Sequence[str]) -> Words:
    masks = scene.profile.people
    theirs = 0
    for one in company:
        theirs |= masks.get(one, 0)
    return _more(*_in(scene, picked, other, theirs), _TOGETHER, other)


def _subject(scene: Scene, picked: Contact, other: Contact, _: Sequence[str]) -> Words:
    about = 0
    for mask in scene.words:
        about |= mask
    counts = _in(scene, picked, other, about)
    return _more(*counts, _ABOUT, other)


def _thread(scene: Scene, picked: Contact, other: Contact, _: Sequence[str]) -> Words:
    took_part = scene.took_part or frozenset()
    if other.key in took_part and picked.key not in took_part:
        return say(
            "{person} takes part in this conversation, this one does not.",
            person=usual.named(other),
        )
    counts = _in(scene, picked, other, scene.thread)
    return _more(*counts, _UNDER, other)


def _in(scene: Scene, picked: Contact, other: Contact, among: int) -> tuple[int, int]:
    """How many of these messages went to the other one, and how many to the one who was picked."""
    masks = scene.profile.people
    theirs, ours = ((masks.get(one.key, 0) & among).bit_count() for one in (other, picked))
    return theirs, ours


def _more(theirs: int, ours: int, template: str, other: Contact) -> Words:
    if theirs <= ours:
        return NOTHING
    counts = {"theirs": usual.times(theirs), "ours": usual.times(ours)}
    return say(template, address=str(other.address), **counts)


_Sentence = Callable[[Scene, Contact, Contact, Sequence[str]], Words]
_SENTENCES: dict[str, _Sentence] = {
    "often": _often,
    "lately": _lately,
    "company": _company,
    "subject": _subject,
    "thread": _thread,
}
