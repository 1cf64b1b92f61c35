"""The figures of one run, as data for `--json` and as text. No name and no address in either."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from quality_baselines import BASELINES
from quality_figures import (
    BUDGETS,
    DOUBTS,
    JOINT,
    asks,
    asks_but_exposed,
    asks_external,
    found,
    notes,
    notes_first_contact,
    put_right,
    recall_at,
    score,
    share,
    unsendable,
)
from quality_rates import SLIPS
from quality_replay import FORGIVEN, Looked

from addin_service.policy.rates import Share

ORDER = (
    "typo_local",
    "typo_domain",
    "typo_two",
    "typo_tld",
    "syntax",
    "lookalike",
    "wrong_account_new",
    "real_typo",
    "typo_lands",
    "auto_first",
    "auto_prefix",
    "stray",
    "wrong_account_known",
)
NOT_FORGIVEN = "syntax, another mailbox"


@dataclass(frozen=True, slots=True)
class Recall:
    """How many slips of one kind one detector finds at each budget."""

    detector: str
    at: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of slip in one set."""

    name: str
    asked: Share
    shown: Share
    right: Share
    best: tuple[tuple[str, Share], ...]
    """Per budget the code that alone finds most, and how many."""
    joint: Recall
    apart: tuple[Recall, ...]
    """Each code and each rule that is for this kind, by itself."""
    baselines: dict[str, Share]


@dataclass(frozen=True, slots=True)
class Alarms:
    """Genuine drafts of one kind: on how many something was asked or noted."""

    name: str
    shares: dict[str, Share]
    codes: Counter[str]
    baselines: dict[str, Share]


@dataclass(frozen=True, slots=True)
class SetFigures:
    """Everything about one set."""

    name: str
    alarms: tuple[Alarms, ...]
    kinds: tuple[Kind, ...]
    failed: int
    """Drafts in which a check broke."""


MEASURES: dict[str, Callable[[Looked], bool]] = {
    "ask": asks,
    "ask, without exposed": asks_but_exposed,
    "ask, remembering": lambda c: asks(c, remembering=True),
    "ask again": lambda c: asks(c) and not asks(c, remembering=True),
    "external only": asks_external,
    "external only, remembering": lambda c: asks_external(c, remembering=True),
    "note only": lambda c: notes(c) and not asks(c),
    "ask or note": lambda c: notes(c) or asks(c),
    "first contact": notes_first_contact,
    "no address": unsendable,
}


def figures(name: str, cases: Sequence[Looked]) -> SetFigures:
    """All figures of one set."""
    genuine = [case for case in cases if case.kind == "genuine"]
    detectors = {*DOUBTS, *(name for name, kinds in SLIPS.items() if kinds), JOINT}
    curves = {one: [score(case, one) for case in genuine] for one in sorted(detectors)}
    kinds = {case.kind for case in cases if case.slipped}
    named = [
        (kind, [case for case in cases if case.slipped and case.kind == kind])
        for kind in sorted(kinds, key=lambda k: (ORDER.index(k) if k in ORDER else 99, k))
    ]
    parts = {
        NOT_FORGIVEN: [c for c in cases if c.kind == "syntax" and FORGIVEN not in c.tags],
    }
    named += [(part, slips) for part, slips in parts.items() if slips]
    untouched = ["genuine", *sorted({c.kind for c in cases if not c.slipped} - {"genuine"})]
    return SetFigures(
        name,
        tuple(_alarms(kind, [c for c in cases if c.kind == kind]) for kind in untouched),
        tuple(_kind(kind, slips, curves) for kind, slips in named),
        sum(any(s.code == "service.check-failed" for s in case.seen) for case in cases),
    )


def _alarms(kind: str, cases: Sequence[Looked]) -> Alarms:
    codes: Counter[str] = Counter()
    for case in cases:
        held = {(s.code, s.rule, "asked" if s.asked else s.outcome) for s in case.seen}
        codes.update(f"{c} {r} {o}" for c, r, o in held if o in ("asked", "noted"))
    return Alarms(
        kind,
        {name: share(cases, measure) for name, measure in MEASURES.items()},
        codes,
        {one: share(cases, lambda c, one=one: one in c.flagged) for one in BASELINES},  # type: ignore[misc]
    )


def _kind(name: str, slips: Sequence[Looked], curves: dict[str, list[float]]) -> Kind:
    recalls = [_recall(detector, slips, genuine) for detector, genuine in curves.items()]
    joint = next(one for one in recalls if one.detector == JOINT)
    best = []
    for place in range(len(BUDGETS)):
        alone = [(one.detector, one.at[place]) for one in recalls if one.detector in DOUBTS]
        best.append(max(alone, key=lambda pair: pair[1].hits, default=("-", Share(0, len(slips)))))
    return Kind(
        name,
        share(slips, found),
        share(slips, lambda c: found(c, with_notes=True)),
        share(slips, put_right),
        tuple(best),
        joint,
        tuple(r for r in recalls if name.partition(",")[0] in SLIPS.get(r.detector, ())),
        {one: share(slips, lambda c, one=one: one in c.hit) for one in BASELINES},  # type: ignore[misc]
    )


def _recall(detector: str, slips: Sequence[Looked], genuine: Sequence[float]) -> Recall:
    scores = [score(case, detector) for case in slips]
    return Recall(detector, tuple(recall_at(genuine, scores, budget) for budget in BUDGETS))


def as_json(sets: Sequence[SetFigures]) -> dict[str, Any]:
    """The same for programs: every share as hits, n, value and interval."""
    return {
        one.name: {
            "failed": one.failed,
            "genuine": {
                a.name: {
                    "shares": _plain(a.shares),
                    "codes": dict(a.codes.most_common()),
                    "baselines": _plain(a.baselines),
                }
                for a in one.alarms
            },
            "slips": {
                k.name: {
                    "asked": k.asked.as_json(),
                    "asked or noted": k.shown.as_json(),
                    "right": k.right.as_json(),
                    "joint": _at_budgets(k.joint),
                    "apart": {one.detector: _at_budgets(one) for one in k.apart},
                    "best": {
                        str(budget): {"code": code, **value.as_json()}
                        for budget, (code, value) in zip(BUDGETS, k.best, strict=True)
                    },
                    "baselines": _plain(k.baselines),
                }
                for k in one.kinds
            },
        }
        for one in sets
    }


def _at_budgets(recall: Recall) -> dict[str, Any]:
    return _plain(dict(zip(map(str, BUDGETS), recall.at, strict=True)))


def _plain(shares: dict[str, Share]) -> dict[str, Any]:
    return {name: value.as_json() for name, value in shares.items()}


def per_thousand(one: Share) -> str:
    """Such as "2.4 [1.5-3.6]": per 1,000, with the interval."""
    low, high = one.interval
    return f"{1000 * one.value:.1f} [{1000 * low:.1f}-{1000 * high:.1f}]"


def percent(one: Share) -> str:
    """Such as "98 [96-99]", with the interval."""
    low, high = one.interval
    return f"{100 * one.value:.1f} [{100 * low:.0f}-{100 * high:.0f}]"


def lines(sets: Sequence[SetFigures]) -> Iterator[str]:
    """All of it as text, the summary last."""
    for one in sets:
        yield from _set_lines(one)
    yield from _summary(sets)


def _set_lines(one: SetFigures) -> Iterator[str]:
    yield f"\n== {one.name}: genuine drafts, per 1,000 [95 %] =="
    for alarms in one.alarms:
        n = alarms.shares["ask"].n
        yield f"{alarms.name}, n = {n}"
        for name, value in alarms.shares.items():
            yield f"    {name:28}{value.hits:6}  {per_thousand(value)}"
        for name, count in alarms.codes.most_common():
            yield f"      {count:6}  {name}"
        for name, value in alarms.baselines.items():
            yield f"    baseline {value.hits:6}  {per_thousand(value):24} {name}"
    if one.failed:
        yield f"    a check broke in {one.failed} drafts"
    yield f"\n== {one.name}: slips found at the default cuts, % [95 %] =="
    yield f"{'':30}{'n':>6}  {'asked':20}{'asked or noted':20}{'the right one named':20}"
    for kind in one.kinds:
        shares = "".join(f"{percent(s):20}" for s in (kind.asked, kind.shown, kind.right))
        yield f"{kind.name:30}{kind.asked.n:6}  {shares}"
    yield f"\n== {one.name}: recall in % where false alarms are held to so many per 1,000 =="
    yield f"{'':40}" + "".join(f"{budget:>18}" for budget in BUDGETS)
    for kind in one.kinds:
        yield f"{kind.name:40}" + "".join(f"{percent(s):>18}" for s in kind.joint.at)
        for recall in kind.apart:
            yield f"    {recall.detector:36}" + "".join(f"{percent(s):>18}" for s in recall.at)
        for place, (code, value) in enumerate(kind.best):
            if value.hits:
                yield f"    best alone at {BUDGETS[place]:2}: {percent(value):18} {code}"
    yield f"\n== {one.name}: the simple alternatives, recall in % =="
    for name in BASELINES:
        yield name
        for kind in one.kinds:
            if kind.baselines[name].hits:
                yield f"    {kind.name:30}{percent(kind.baselines[name])}"


def _summary(sets: Sequence[SetFigures]) -> Iterator[str]:
    """The page that is looked at first."""
    yield "\n== summary =="
    yield f"{'':{LABEL}}" + "".join(f"{one.name:>27}" for one in sets)
    for label, name in (
        ("ask, all but external, per 1,000", "ask"),
        ("  the same without exposed", "ask, without exposed"),
        ("  the same, remembering", "ask, remembering"),
        ("external alone, per 1,000", "external only"),
        ("  the same, remembering", "external only, remembering"),
        ("ask and note together, external and first-contact apart", "ask or note"),
        ("  first contact, a note", "first contact"),
        ("no address, apart", "no address"),
    ):
        cells = (per_thousand(one.alarms[0].shares[name]) for one in sets)
        yield f"{label:{LABEL}}" + "".join(f"{cell:>27}" for cell in cells)
    by_name = [{kind.name: kind for kind in one.kinds} for one in sets]
    for label, kind, value in ROWS:
        cells = (value(kinds[kind]) if kind in kinds else "-" for kinds in by_name)
        yield f"{label:{LABEL}}" + "".join(f"{cell:>27}" for cell in cells)
    yield f"recall in % at {', '.join(map(str, BUDGETS))} false alarms per 1,000"
    for label, kind, channel in CHANNELS:
        for name in (JOINT, channel):
            values = (_of(kinds.get(kind), name) for kinds in by_name)
            row = f"{label}, {'all codes' if name == JOINT else name.partition('.')[2]}"
            yield f"{row:{LABEL}}" + "".join(f"{cell:>27}" for cell in values)


LABEL = 58


def _of_n(one: Share) -> str:
    return f"{one.hits} of {one.n}"


def _of(kind: Kind | None, detector: str) -> str:
    """The recall of one detector at each budget; "-" where there are no such slips."""
    recalls = [r for r in (kind.joint, *kind.apart) if r.detector == detector] if kind else []
    return " ".join(f"{100 * one.value:.1f}" for one in recalls[0].at) if recalls else "-"


def _asked(kind: Kind) -> str:
    return percent(kind.asked)


def _shown(kind: Kind) -> str:
    return percent(kind.shown)


ROWS: tuple[tuple[str, str, Callable[[Kind], str]], ...] = (
    ("one slip, local part: asked, %", "typo_local", _asked),
    ("one slip, domain: asked, %", "typo_domain", _asked),
    ("two slips: asked, %", "typo_two", _asked),
    ("another suffix: asked, %", "typo_tld", _asked),
    ("syntax: asked, %", "syntax", _asked),
    ("  where another mailbox results: asked, %", NOT_FORGIVEN, _asked),
    ("lookalike: asked, %", "lookalike", _asked),
    ("own free-mail twin: asked, %", "wrong_account_new", _asked),
    ("real typos: asked", "real_typo", lambda kind: _of_n(kind.asked)),
    ("real typos: asked or noted", "real_typo", lambda kind: _of_n(kind.shown)),
    ("lands on another contact: asked, %", "typo_lands", _asked),
    ("lands on another contact: asked or noted, %", "typo_lands", _shown),
    ("same first name: asked, %", "auto_first", _asked),
    ("same start: asked, %", "auto_prefix", _asked),
    ("stray: asked, %", "stray", _asked),
    ("another account: asked, %", "wrong_account_known", _asked),
)
CHANNELS = (
    ("same first name", "auto_first", "recipient.unusual/same-first-name"),
    ("same start", "auto_prefix", "recipient.unusual/same-start"),
    ("lands on another contact", "typo_lands", "recipient.unusual/near"),
    ("stray", "stray", "recipient.unusual/stray"),
    ("another account", "wrong_account_known", "recipient.wrong-account/other-account"),
    ("own free-mail twin", "wrong_account_new", "recipient.wrong-account/same-mailbox"),
    ("one slip, local part", "typo_local", "recipient.near-known-address"),
    ("one slip, domain", "typo_domain", "recipient.near-known-address"),
    ("lookalike", "lookalike", "recipient.lookalike-domain"),
)
"""The way in which each kind goes wrong, with the code and rule that look for it."""
