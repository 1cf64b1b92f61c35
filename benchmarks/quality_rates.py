"""What each cut of each code costs and catches, as a file for the package.

`addin_service/policy/rates.py` reads it; `addin-service policy explain` shows it. Counts alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from quality_replay import Looked, Seen

from addin_service.codes import CODES, NEVER

_SPREAD = (
    0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
    0.95,
)  # fmt: skip
_IN_USE = (c for code in CODES.values() for c in (code.cut, code.note_cut, code.sensitive_cut or 0))
CUTS = tuple(sorted({*_SPREAD, *(cut for cut in _IN_USE if 0 < cut < NEVER)}))
"""The cuts that are measured: the default ones always among them."""

_TYPED = ("typo_local", "typo_domain", "typo_two", "typo_tld", "real_typo")
_PICKED = ("auto_first", "auto_prefix", "typo_lands", "stray")
SLIPS: dict[str, tuple[str, ...]] = {
    "recipient.near-known-address": _TYPED,
    "recipient.lookalike-domain": ("lookalike", "typo_domain", "typo_tld"),
    "recipient.wrong-account": ("wrong_account_known", "wrong_account_new"),
    "recipient.wrong-account/other-account": ("wrong_account_known",),
    "recipient.wrong-account/same-mailbox": ("wrong_account_new",),
    "recipient.wrong-account/same-name": ("wrong_account_new",),
    "recipient.name-mismatch": (),
    "recipient.unusual": _PICKED,
    "recipient.unusual/same-first-name": ("auto_first",),
    "recipient.unusual/same-start": ("auto_prefix",),
    "recipient.unusual/near": ("typo_lands",),
    "recipient.unusual/stray": ("stray",),
    "recipient.greeting-mismatch": (),
    "recipient.external": (),
    "recipient.exposed": (),
    "attachment.forgotten": (),
}
"""The codes, and rules of codes, that are measured, and the kinds of slip that each is for.

None where no set has any: nobody in them is greeted wrongly, and no display name is another's.
"""
NEED_TEXT = frozenset({"recipient.greeting-mismatch", "attachment.forgotten"})
"""Codes for which only drafts count whose text is there."""

FITTED = frozenset({"git", "uk", "enron"})
"""The sets on whose people `fit_intent.py` fits the weights: those of `enron` are those of `uk`."""
ABOUT = {
    "git": "mail with patches of open-source developers",
    "enron": "sent mail of Enron's staff, 1999 to 2002",
    "uk": "Enron's mail with the addresses moved to British public bodies",
}


def document(
    cases: Sequence[Looked], keep_days: int, fitted: frozenset[str], command: str, today: date
) -> str:
    """The text of the file.

    An answer is remembered for `keep_days` days; `fitted` are the sets on whose people the weights
    were fitted.
    """
    by_set = {name: [c for c in cases if c.set == name] for name in sorted({c.set for c in cases})}
    lines = [
        f"# Written by `{command}`; not to be changed by hand.",
        "# Counts of drafts at each of the cuts, for each code (or rule of it) by itself.",
        f"measured = {today.isoformat()}",
        f'command = "{command}"',
        f"cuts = {list(CUTS)}",
    ]
    for name, found in by_set.items():
        lines += [
            "",
            f"[sets.{name}]",
            f'about = "{ABOUT.get(name, "a set of your own")}"',
            f"people = {len({case.sender for case in found})}",
            f"drafts = {len(_genuine(found))}",
            f"fitted = {str(name in fitted).lower()}",
        ]
    for detector in SLIPS:
        for name, found in by_set.items():
            told = [case for case in found if case.has_text or detector not in NEED_TEXT]
            if told:
                lines += ["", f'[rates."{detector}".{name}]', *_rates(detector, told, keep_days)]
    return "\n".join(lines) + "\n"


def _rates(detector: str, cases: Sequence[Looked], keep_days: int) -> Iterator[str]:
    genuine = _genuine(cases)
    yield f"drafts = {len(genuine)}"
    yield f"alarms = {_reached(genuine, detector)}"
    remembers = CODES[detector.partition("/")[0]].remembers is not None
    days = keep_days if remembers else 0
    yield f"remembered = {[_asked_in_vain(genuine, detector, cut, days) for cut in CUTS]}"
    caught = []
    for kind in SLIPS[detector]:
        if slips := [case for case in cases if case.slipped and case.kind == kind]:
            caught.append(f"{kind} = {{n = {len(slips)}, found = {_reached(slips, detector)}}}")
    yield f"caught = {{{', '.join(caught)}}}"


def _genuine(cases: Iterable[Looked]) -> list[Looked]:
    return [case for case in cases if case.kind == "genuine"]


def _reached(cases: Iterable[Looked], detector: str) -> list[int]:
    """At each cut, on how many of the cases it asks; of a slip only what is about it counts."""
    best = [
        max((s.score for s in _by(detector, case) if s.tells or not case.slipped), default=-1.0)
        for case in cases
    ]
    return [sum(one >= cut for one in best) for cut in CUTS]


def _asked_in_vain(genuine: Iterable[Looked], detector: str, cut: float, keep_days: int) -> int:
    """On how many genuine drafts it asks, had every sender kept everybody who was asked about.

    The drafts of a sender come in order.
    """
    kept: dict[tuple[int, int], datetime] = {}
    count = 0
    for case in genuine:
        new = [
            s
            for s in _by(detector, case)
            if s.score >= cut
            and (not s.kept_as or _days(kept.get((case.sender, s.kept_as)), case) >= keep_days)
        ]
        count += bool(new)
        if keep_days:
            kept |= {(case.sender, s.kept_as): case.at for s in new if s.kept_as}
    return count


def _days(since: datetime | None, case: Looked) -> float:
    return (case.at - since).total_seconds() / 86_400 if since else float("inf")


def _by(detector: str, case: Looked) -> Iterator[Seen]:
    code, _, rule = detector.partition("/")
    return (s for s in case.seen if s.code == code and rule in ("", s.rule))
