"""What the measures of `addin_service/intent` are worth: fitted on replayed mail histories.

PATH is a set in the format of `docs/judging.md`. Two logistic regressions after each other: who
received a genuine message and who did not (the evidence), then which recipients were slips (one for
each channel). Each is tried on people it was not fitted on (five folds by sender) before the
weights of all are written. Needs scikit-learn, which nothing else here does.
"""

import argparse
import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from quality_data import Case, Mailbox, Message, read
from sklearn.linear_model import LogisticRegression

from addin_service import drafts, profile
from addin_service.contexts import DomainEntries, assemble
from addin_service.intent import evidence, picked, slips, typed
from addin_service.intent.weights import Weights
from addin_service.model import Contact, Context, Recipient
from addin_service.people import People

WEIGHTS_FILE = Path(evidence.__file__).with_name("weights.toml")
FOLDS = 5
SEED = 1
PER_SENDER = 150
"""Messages of one sender that the evidence is fitted on."""
OTHERS = 8
"""People who did not receive a message, for each who did."""

KINDS = {
    "same-first-name": {"auto_first": 1.0},
    "same-start": {"auto_prefix": 1.0},
    "near": {"typo_lands": 1.0},
    "other-account": {"wrong_account_known": 1.0},
    "stray": {"stray": 1.0},
    "typed": {
        "typo_local": 2.0, "typo_domain": 1.5, "typo_two": 1.0, "typo_tld": 0.5,
        "lookalike": 3.0, "wrong_account_new": 1.0, "real_typo": 3.0,
    },
}  # fmt: skip
"""Per channel the kinds of slip that it is fitted on, and how much of the rate each stands for."""
HARD = {"hard_numbered", "hard_same_local", "hard_sibling_dir"}
HARD_WEIGHT = 0.02
"""Genuine, but made up to look like slips: there are far more of them than in real mail."""
NEW = " new"
"""The same drafts on a new computer: no history, the directory knows whom the sender knows."""
RATE = 0.001
"""Slips of one channel per genuine draft that a likelihood assumes. Published counts of all wrong
recipients together run from 0.1 to 2.2 per 1,000 sends."""
PENALTY = 1.0
"""The inverse strength of the ridge, the weights of a draft being 1."""


@dataclass(frozen=True, slots=True)
class Row:
    """One recipient seen through one channel."""

    channel: str
    set: str
    case: str
    kind: str
    fold: int
    slip: bool
    measured: dict[str, float]


def main() -> None:
    """Fit, try on others, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", metavar="PATH", type=Path)
    parser.add_argument("--sets", default="git,uk")
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS_FILE.name}")
    options = parser.parse_args()
    mailboxes = read(options.place, frozenset(options.sets.split(",")))
    terms = _evidence(mailboxes)
    _use(Weights(terms, {}))
    rows: list[Row] = []
    with click.progressbar(mailboxes, label="replaying") as bar:
        for mailbox in bar:
            rows += _rows(mailbox)
    every = [(box.set + how, c) for box in mailboxes for c in box.cases for how in ("", NEW)]
    drafts_of = Counter(name for name, case in every if case.kind == "genuine")
    slips_of = Counter((name, case.kind) for name, case in every if case.slipped)
    channels = {}
    for channel in KINDS:
        names, weights, tried = _channel([r for r in rows if r.channel == channel], drafts_of)
        channels[channel] = dict(zip(("constant", *names), map(float, weights), strict=True))
        _report(channel, tried, drafts_of, slips_of)
    if options.write:
        WEIGHTS_FILE.write_text(_document(terms, channels, mailboxes), encoding="utf-8")
        print(f"written: {WEIGHTS_FILE.name}")


def _use(weights: Weights) -> None:
    """Let the package judge with these weights."""
    for module in (evidence, picked, typed):
        module.WEIGHTS = weights


def _evidence(mailboxes: Sequence[Mailbox]) -> dict[str, list[float]]:
    """The weights of the measures, from who received what in genuine mail."""
    chance = random.Random(SEED)
    rows: dict[str, list[tuple[list[float], bool]]] = {"together": [], "alone": []}
    for mailbox in mailboxes:
        messages = [_message(one) for one in mailbox.messages]
        later = range(20, len(messages))
        taken = set(chance.sample(later, min(PER_SENDER, len(later))))
        past, waiting = profile.Profile(), []
        for number, message in enumerate(messages):
            if number in taken:
                past, waiting = past.extended(waiting), []
                scene = past.scene(message.words, message.thread)
                known = [one for one in message.people if one in past.people]
                strangers = sorted(set(past.people) - set(message.people))
                for one in chance.sample(known, min(2, len(known))):
                    company = [other for other in message.people if other != one]
                    situation = evidence.situation(scene, company)
                    others = chance.sample(strangers, min(OTHERS, len(strangers)))
                    for person in (one, *others):
                        values = evidence.measures(scene, person, company)
                        rows[situation].append((values, person == one))
            waiting.append(message)
    found = {}
    for situation, those in rows.items():
        x, y = np.array([v for v, _ in those]), np.array([got for _, got in those])
        fitted = LogisticRegression(C=1, max_iter=3000).fit(x, y)
        found[situation] = [round(float(one), 4) for one in fitted.coef_[0]]
    return found


def _message(message: Message) -> profile.Message:
    return profile.Message(
        tuple(drafts.keys(address for address, _ in message.recipients)),
        tuple(sorted(profile.words_of(message.subject, message.words))),
        profile.thread_of(message.subject),
    )


def _rows(mailbox: Mailbox) -> Iterator[Row]:
    """Every recipient of every case of a mailbox, through every channel that is open."""
    sender = _sender(mailbox.sender)
    listed = [_contact(key, vouched=True) for key in drafts.keys(mailbox.directory)]
    directory, own, past = People(listed), People(()), profile.Profile()
    everybody = directory
    called: dict[str, str] = {}
    at, messages = 0, mailbox.messages
    for number, case in enumerate(mailbox.cases):
        learned = at
        while at < len(messages) and messages[at].seq < case.seq:
            for key, name in _named(messages[at].recipients):
                called[key] = name or called.get(key, "")
            at += 1
        if at > learned:
            past = past.extended(_message(one) for one in messages[learned:at])
            own = _used(past, called)
            everybody = _listed(directory, own)
        draft = drafts.make((sender, ""), (case.recipients, (), ()), case.subject, case.words)
        scene = past.scene(
            profile.words_of(case.subject, draft.own_words), profile.thread_of(case.subject)
        )
        here, there = directory, own
        if not case.plain:
            here = People([*listed, *(_contact(k, vouched=True) for k in drafts.keys(case.listed))])
            known = [(drafts.keys([a]), name, sent) for a, name, sent in case.known]
            there = People(
                [*own, *(_contact(k[0], name=name, sent=sent) for k, name, sent in known if k)]
            )
        entries = DomainEntries(own=frozenset({draft.sender.domain}))
        context = assemble(draft, here, there, entries, scene=scene)
        alone = everybody if case.plain else _listed(here, there)
        new = assemble(draft, alone, People(()), entries)
        bad, meant = drafts.keys([case.bad]), drafts.keys([case.intended])
        for recipient in draft.addressed:
            is_bad = recipient.key in bad or recipient.given.casefold() == case.bad.casefold()
            company = [one.key for one in draft.addressed if one is not recipient]
            seen = [(mailbox.set, one) for one in _seen(recipient, context, company, case, meant)]
            seen += [
                (mailbox.set + NEW, one)
                for one in _seen(recipient, new, company, case, meant)
                if one[0] == "typed"
            ]
            for name, (channel, right, measured) in seen:
                slip = case.slipped and is_bad and right and case.kind in KINDS[channel]
                yield Row(
                    channel, name, f"{mailbox.sender} {number}", case.kind,
                    _fold(mailbox.sender), slip, measured,
                )  # fmt: skip


def _listed(directory: People, own: People) -> People:
    """A new computer: no history, and the directory has everybody whom the sender knows."""
    return People([*directory, *(replace(one, vouched=True, sent=0) for one in own)])


def _seen(
    recipient: Recipient, context: Context, company: list[str], case: Case, meant: list[str]
) -> Iterator[tuple[str, bool, dict[str, float]]]:
    """(channel, whether it points at the person who was meant, the measures)."""
    for between in slips.betweens(recipient, context):
        scene = typed.views(context.scene, between)[0]
        fits = evidence.evidence(scene, between.known.key, company)
        measured = typed.measure(scene, between, company, fits)
        yield "typed", between.known.key in meant, measured
    contact = context.contact(recipient)
    if contact is None or "added" in case.tags:
        # "added" accounts were put in by whoever made the set, and could be learned as such.
        return
    for weighed in (
        *picked.picks(context.scene, contact, company, context.alike[recipient.key]),
        picked.stray(context.scene, contact, company),
    ):
        if weighed:
            yield weighed.channel, True, weighed.measured


def _used(past: profile.Profile, called: dict[str, str]) -> People:
    return People(
        _contact(key, name=called.get(key, ""), sent=mask.bit_count())
        for key, mask in past.people.items()
    )


def _contact(key: str, name: str = "", sent: int = 0, vouched: bool = False) -> Contact:
    address = drafts.make((key, ""), ((), (), ()), "", "").sender
    return Contact(address, name, vouched=vouched, sent=sent)


def _named(people: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for address, name in people:
        for key in drafts.keys([address]):
            yield key, name


def _sender(given: str) -> str:
    ways = (given, f"sender@{given.rpartition('@')[2]}", "sender@unknown.example")
    return drafts.keys(ways)[0]


def _fold(sender: str) -> int:
    """By person: the same one in two sets is in one fold."""
    person = sender.rpartition("@")[0].encode()
    return int.from_bytes(hashlib.sha256(person).digest()[:4], "big") % FOLDS


def _channel(
    rows: Sequence[Row], drafts_of: Counter[str]
) -> tuple[list[str], list[float], list[tuple[Row, float]]]:
    """(names, constant and weights, every row with its log-odds from a fit on other people)."""
    names = sorted({name for row in rows for name in row.measured})
    x = np.array([[row.measured.get(name, 0.0) for name in names] for row in rows])
    y = np.array([row.slip for row in rows])
    weight = _weights(rows, drafts_of)
    fold = np.array([row.fold for row in rows])
    tried = np.zeros(len(rows))
    for number in range(FOLDS):
        seen = (fold != number) & (weight > 0)
        constant, worth = _fit(x[seen], y[seen], weight[seen])
        tried[fold == number] = x[fold == number] @ worth + constant
    constant, worth = _fit(x[weight > 0], y[weight > 0], weight[weight > 0])
    return names, [constant, *worth], list(zip(rows, tried, strict=True))


def _weights(rows: Sequence[Row], drafts_of: Counter[str]) -> np.ndarray:
    """A genuine draft counts 1; the slips of a kind together as many as the rate says."""
    kinds = next(iter(KINDS[row.channel] for row in rows))
    count = Counter((row.set, row.kind) for row in rows if row.slip)
    found = np.zeros(len(rows))
    for place, row in enumerate(rows):
        if row.slip:
            rate = RATE * drafts_of[row.set] * kinds[row.kind] / sum(kinds.values())
            found[place] = rate / count[row.set, row.kind]
        elif row.kind == "genuine":
            found[place] = 1.0
        elif row.channel == "typed" and row.kind in HARD:
            found[place] = HARD_WEIGHT
    return found


def _fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray]:
    scale = x.std(0)
    scale[scale < 1e-6] = 1.0
    fitted = LogisticRegression(C=PENALTY, max_iter=8000).fit(x / scale, y, sample_weight=weight)
    return float(fitted.intercept_[0]), fitted.coef_[0] / scale


def _report(
    channel: str,
    tried: Sequence[tuple[Row, float]],
    drafts_of: Counter[str],
    slips_of: Counter[tuple[str, str]],
) -> None:
    """Recall at some rates of false alarms, this channel alone, on people it was not fitted on."""
    for name in drafts_of:
        best: dict[str, float] = defaultdict(lambda: -np.inf)
        kind = {}
        for row, odds in tried:
            if row.set == name and (row.slip or row.kind == "genuine"):
                best[row.case] = max(best[row.case], odds)
                kind[row.case] = row.kind
        alarms = sorted((best[case] for case in best if kind[case] == "genuine"), reverse=True)
        for budget in (0.5, 1, 2, 5, 10):
            place = int(budget * drafts_of[name] / 1000)
            if not any(row.set == name for row, _ in tried):
                break
            cut = alarms[place] if place < len(alarms) else -np.inf
            caught = Counter(kind[case] for case in best if best[case] > cut)
            shown = "  ".join(
                f"{one} {100 * caught[one] / slips_of[name, one]:.1f}"
                for one in KINDS[channel]
                if slips_of[name, one]
            )
            print(f"{channel:16} {name:6} at {budget:4} per 1,000 (from {_p(cut):.3f}): {shown}")


def _p(odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(odds, -50, 50))))


def _document(
    terms: dict[str, list[float]], channels: dict[str, dict[str, float]], boxes: Sequence[Mailbox]
) -> str:
    people = len({box.sender.rpartition("@")[0] for box in boxes})
    text = [
        "# Written by benchmarks/fit_intent.py; not to be changed by hand. What it means is said",
        f"# in docs/judging.md. Fitted on public mail histories of {people} people.",
        "",
        "[evidence]",
        *(f"{name} = {values}" for name, values in terms.items()),
    ]
    for channel, worth in channels.items():
        text += ["", f"[channels.{channel}]"]
        text += [f"{name} = {value:.4f}" for name, value in worth.items()]
    return "\n".join(text) + "\n"


if __name__ == "__main__":
    main()
