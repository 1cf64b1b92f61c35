"""What a cut costs and catches, in words and columns. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from addin_service.codes import NEVER, Code
from addin_service.model import Json
from addin_service.policy.rates import KINDS, Rate, Rates, Share

AROUND = 3
"""Cuts that are shown on each side of the one that is looked at."""
LIKELIHOODS = frozenset(
    f"recipient.{name}"
    for name in ("near-known-address", "lookalike-domain", "wrong-account", "unusual")
)
"""The codes whose score is a fitted likelihood; that of the others is our own judgement."""

ByName = Mapping[str, Mapping[str, Sequence[Rate]]]


def lines(rule: Code, asked: float | None, rates: Rates) -> Iterator[str]:
    """Everything that was measured about a rule in force, and about the cut `asked` if any."""
    found = rates.of(rule.name)
    if not found:
        yield "What this finding costs and catches has not been measured."
        return
    if rule.name in LIKELIHOODS:
        yield "The score is the likelihood of a slip, if one mail in 1,000 has one of this kind."
    else:
        yield "The score is a degree of our own judgement, not a likelihood."
    cut = rule.cut if asked is None else asked
    if rule.cut >= NEVER:
        yield "With the rule in force it never interrupts."
    for name, rows in found[rule.name].items():
        of = rates.sets[name]
        yield ""
        yield f"{name}: {of.about}; {of.people} people, {rows[0].alarms.n:,} ordinary mails"
        yield from _table(rows, cut, rule)
        told = {row.cut: row for one in (rule.cut, cut) for row in _beside(rows, one)}
        yield from map(sentence, told.values())
    yield from _by_rule({name: rows for name, rows in found.items() if name != rule.name}, cut)
    yield ""
    yield from _limits(rates, rule)


def sentence(row: Rate) -> str:
    """One row in words."""
    low, high = (1000 * bound for bound in row.alarms.interval)
    said = (
        f"At {row.cut:g}, {_per_thousand(row.alarms)} of 1,000 ordinary mails are interrupted "
        f"(95 % sure between {low:.1f} and {high:.1f})"
    )
    if row.remembered.hits < row.alarms.hits:
        said += f", {_per_thousand(row.remembered)} once answers are remembered"
    caught = [f"{_percent(share)} % of {KINDS[kind].words}" for kind, share in row.caught.items()]
    if not caught:
        return said + "."
    return f"{said}, and {_listed(caught)} are caught."


def in_vain(rule: Code, rates: Rates) -> Iterator[str]:
    """Per set how many of 1,000 ordinary mails the rule in force interrupts; "-" for not known."""
    for name in rates.sets:
        rows = rates.of(rule.name).get(rule.name, {}).get(name, ())
        beside = _beside(rows, rule.cut)[:1]
        yield next(map(_per_thousand, (row.alarms for row in beside)), "-")


def document(rule: Code, rates: Rates) -> Json:
    """The same for programs, with all cuts."""
    return {
        "measured": rates.measured.isoformat(),
        "command": rates.command,
        "sets": {
            name: {"about": s.about, "people": s.people, "drafts": s.drafts, "fitted": s.fitted}
            for name, s in rates.sets.items()
        },
        "rates": {
            name: {one: [_row(row) for row in rows] for one, rows in by_set.items()}
            for name, by_set in rates.of(rule.name).items()
        },
    }


def _table(rows: Sequence[Rate], cut: float, rule: Code) -> Iterator[str]:
    kinds = list(rows[0].caught)
    titles = "".join(f"{KINDS[kind].title:>13}" for kind in kinds)
    yield f"{'from':>6}  {'':10}{'in vain, of 1,000':>20}{'remembering':>13}{titles}"
    for row in _around(rows, cut, rule.cut):
        low, high = row.alarms.interval
        alarms = f"{_per_thousand(row.alarms)} [{1000 * low:.1f}-{1000 * high:.1f}]"
        shares = "".join(f"{_percent(row.caught[kind]) + ' %':>13}" for kind in kinds)
        yield (
            f"{row.cut:>6g}  {_mark(row.cut, cut, rule):10}{alarms:>20}"
            f"{_per_thousand(row.remembered):>13}{shares}"
        )


def _mark(cut: float, asked: float, rule: Code) -> str:
    if cut == rule.cut:
        return "in force"
    if cut == asked:
        return "asked for"
    if cut == rule.sensitive_cut:
        return "sensitive"
    return "note from" if cut == rule.note_cut else ""


def _around(rows: Sequence[Rate], cut: float, in_force: float) -> Sequence[Rate]:
    """The rows next to a cut, and the one in force."""
    place = next((n for n, row in enumerate(rows) if row.cut >= cut), len(rows) - 1)
    shown = {row.cut for row in rows[max(0, place - AROUND) : place + AROUND + 1]}
    return [row for row in rows if row.cut in shown or row.cut == in_force]


def _beside(rows: Sequence[Rate], cut: float) -> Sequence[Rate]:
    """The row of this very cut, else those that were measured next to it."""
    same = [row for row in rows if row.cut == cut]
    if same or cut >= NEVER:
        return same
    below, above = ([r for r in rows if r.cut < cut], [r for r in rows if r.cut > cut])
    return [*below[-1:], *above[:1]]


def _by_rule(found: ByName, cut: float) -> Iterator[str]:
    """What each rule of the code adds at this cut, or at the next lower one, set by set."""
    beside = {
        name: {one: _beside(rows, cut)[:1] for one, rows in by_set.items()}
        for name, by_set in found.items()
    }
    rows = [row for by_set in beside.values() for several in by_set.values() for row in several]
    if not rows:
        return
    yield ""
    yield f"Each rule alone at {rows[0].cut:g}: in vain of 1,000, and caught"
    yield f" {'':17}" + "".join(f"{one:>18}" for one in next(iter(beside.values())))
    for name, by_set in beside.items():
        cells = (f"{_cell(several[0]):>18}" for several in by_set.values() if several)
        yield f" {name.partition('/')[2]:17}" + "".join(cells)


def _cell(row: Rate) -> str:
    return ", ".join(
        [_per_thousand(row.alarms), *(f"{_percent(share)} %" for share in row.caught.values())]
    )


def _limits(rates: Rates, rule: Code) -> Iterator[str]:
    """Where the figures come from, and what they do not say."""
    yield (
        f"Measured on {rates.measured.isoformat()} with `{rates.command}`; docs/judging.md says "
        "how. Counted is this finding alone: what it leaves, another may catch."
    )
    if any(row.caught for rows in rates.rates[rule.name].values() for row in rows):
        yield "Slips were made by rule and put into real mails, except those really made."
    else:
        yield "What it catches was not measured: these mails have no slips of its kind."
    fitted = [name for name, one in rates.sets.items() if one.fitted]
    if fitted and rule.name in LIKELIHOODS:
        yield (
            f"The weights were fitted on the people of {_listed(fitted)}: with others the figures "
            "may be somewhat worse."
        )
    yield (
        "Your people write other mail than these. The mails of one person are alike, so the true "
        'range is wider. With mode = "observe" for this finding, yours is counted and nobody asked.'
    )


def _listed(words: Sequence[str]) -> str:
    """Such as "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _row(row: Rate) -> Json:
    return {
        "cut": row.cut,
        "false_alarms": row.alarms.as_json(),
        "false_alarms_remembering": row.remembered.as_json(),
        "caught": {kind: share.as_json() for kind, share in row.caught.items()},
    }


def _per_thousand(one: Share) -> str:
    return f"{1000 * one.value:.1f}"


def _percent(one: Share) -> str:
    return f"{100 * one.value:.1f}"
