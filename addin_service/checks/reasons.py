"""Why somebody else was probably meant, in one sentence that is true by the counts. Pure."""

from collections.abc import Callable, Sequence

from addin_service.checks import usual
from addin_service.intent.picked import Weighed, sent
from addin_service.model import Contact
from addin_service.profile import Scene


def why(scene: Scene, picked: Contact, company: Sequence[str], best: Weighed) -> str:
    """The strongest of the reasons that can be told; "" where there is none."""
    other = best.instead
    if other is None:
        return ""
    told = sorted(best.reasons, key=lambda term: -best.reasons[term])
    sentences = (_SENTENCES[term](scene, picked, other, company) for term in told)
    return next(filter(None, sentences), "")


def _often(scene: Scene, picked: Contact, other: Contact, _: Sequence[str]) -> str:
    counts = sent(scene, other), sent(scene, picked)
    return _more(*counts, f"You have written to {other.address}")


def _lately(scene: Scene, picked: Contact, other: Contact, _: Sequence[str]) -> str:
    last = [scene.profile.people.get(one.key, 0).bit_length() for one in (other, picked)]
    later = last[0] > last[1] > 0
    return f"Your last mail to {other.address} is newer than that to this one." if later else ""


def _company(scene: Scene, picked: Contact, other: Contact, company: Sequence[str]) -> str:
    masks = scene.profile.people
    theirs = 0
    for one in company:
        theirs |= masks.get(one, 0)
    return _more(
        *_in(scene, picked, other, theirs),
        f"Together with others of this mail you have written to {other.address}",
    )


def _subject(scene: Scene, picked: Contact, other: Contact, _: Sequence[str]) -> str:
    about = 0
    for mask in scene.words:
        about |= mask
    counts = _in(scene, picked, other, about)
    return _more(*counts, f"Mails with words of this one went to {other.address}")


def _thread(scene: Scene, picked: Contact, other: Contact, _: Sequence[str]) -> str:
    took_part = scene.took_part or frozenset()
    if other.key in took_part and picked.key not in took_part:
        return f"{usual.named(other)} takes part in this conversation, this one does not."
    counts = _in(scene, picked, other, scene.thread)
    return _more(*counts, f"Mails under this subject went to {other.address}")


def _in(scene: Scene, picked: Contact, other: Contact, among: int) -> tuple[int, int]:
    """How many of these messages went to the other one, and how many to the one who was picked."""
    masks = scene.profile.people
    theirs, ours = ((masks.get(one.key, 0) & among).bit_count() for one in (other, picked))
    return theirs, ours


def _more(theirs: int, ours: int, beginning: str) -> str:
    if theirs <= ours:
        return ""
    return f"{beginning} {usual.times(theirs)}, to this one {usual.times(ours)}."


_Sentence = Callable[[Scene, Contact, Contact, Sequence[str]], str]
_SENTENCES: dict[str, _Sentence] = {
    "often": _often,
    "lately": _lately,
    "company": _company,
    "subject": _subject,
    "thread": _thread,
}
