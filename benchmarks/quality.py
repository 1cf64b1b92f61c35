"""How good the judging is: real histories replayed, every draft judged at its moment.

PATH holds `history.jsonl.xz`, `directory.json.xz` and `cases.jsonl.xz`; `docs/judging.md` says what
is in them, what is counted and why. Prints figures only, never an address, a name or a subject.
"""

import argparse
import gc
import json
import multiprocessing
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from quality_data import Mailbox, read
from quality_figures import asks, found
from quality_rates import FITTED, document
from quality_replay import Looked, replay_all
from quality_table import as_json, figures, lines

from addin_service.policy.schema import Policy

SHARES_PER_WORKER = 8
"""Enough that no worker is alone at the end, few enough that each database serves many senders."""


def main() -> None:
    """Replay, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", metavar="PATH", type=Path)
    parser.add_argument("--sets", default="", help="such as git,enron; all where left out")
    parser.add_argument("--senders", type=int, default=0, help="so many of each set; 0 for all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument(
        "--rates",
        type=Path,
        metavar="FILE",
        help="write there what each cut costs and catches, for `addin-service policy explain`",
    )
    parser.add_argument(
        "--fitted",
        default=",".join(sorted(FITTED)),
        metavar="SETS",
        help="the sets on whose people the weights were fitted, which the rates then say",
    )
    parser.add_argument(
        "--show-misses",
        type=Path,
        metavar="FILE",
        help="write there, with addresses, every slip not found and every false alarm",
    )
    options = parser.parse_args()
    began = time.monotonic()
    sets = frozenset(filter(None, options.sets.split(",")))
    mailboxes = read(options.place, sets, options.senders)
    if not mailboxes:
        raise SystemExit("No sender of these sets has cases.")
    cases = replayed(mailboxes, options.workers, options.show_misses is not None)
    by_set = {box.set: [c for c in cases if c.set == box.set] for box in mailboxes}
    every = [figures(name, found_there) for name, found_there in by_set.items()]
    for line in lines(every):
        print(line)
    if options.show_misses:
        options.show_misses.write_text("".join(missed(cases)), encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(as_json(every), indent=1) + "\n", encoding="utf-8")
    if options.rates:
        options.rates.write_text(rates_of(cases, options), encoding="utf-8")
    took = time.monotonic() - began
    print(
        f"\n{len(mailboxes)} senders, {len(cases)} drafts, {took:.0f} s, {options.workers} workers"
    )


def rates_of(cases: Sequence[Looked], options: argparse.Namespace) -> str:
    """The text of the file of rates, with the command that writes it again."""
    command = "benchmarks/quality.py PATH"
    for name in ("sets", "senders"):
        if value := getattr(options, name):
            command += f" --{name} {value}"
    fitted = frozenset(filter(None, options.fitted.split(",")))
    keep_days = Policy().recipients.keep_days
    today = datetime.now(UTC).date()
    return document(cases, keep_days, fitted, f"{command} --rates FILE", today)


def replayed(mailboxes: Sequence[Mailbox], workers: int, details: bool) -> list[Looked]:
    """Every case of every mailbox, in the order of the mailboxes whatever the workers."""
    judge = partial(replay_all, policy=Policy(), details=details)
    portions = list(_portions(mailboxes, max(1, workers) * SHARES_PER_WORKER))
    sizes = [sum(len(box.cases) for box in portion) for portion in portions]
    results: dict[int, list[Looked]] = {}
    with click.progressbar(length=sum(sizes), label="drafts") as bar:
        for place, found_there in _each(judge, portions, workers):
            results[place] = found_there
            bar.update(sizes[place])
    return [case for place in sorted(results) for case in results[place]]


def _each(
    judge: "partial[list[Looked]]", portions: Sequence[Sequence[Mailbox]], workers: int
) -> Iterator[tuple[int, list[Looked]]]:
    if workers < 2:
        for place, portion in enumerate(portions):
            yield place, judge(portion)
        return
    fresh = multiprocessing.get_context("spawn")  # alike on every system
    with ProcessPoolExecutor(workers, fresh, _collect_seldom) as pool:
        running = {pool.submit(judge, portion): n for n, portion in enumerate(portions)}
        for done in as_completed(running):
            yield running[done], done.result()


def _collect_seldom() -> None:
    """Whole mail histories stay in memory: to look through them for garbage costs a seventh."""
    gc.set_threshold(200_000, 50, 100)


def _portions(mailboxes: Iterable[Mailbox], count: int) -> Iterator[list[Mailbox]]:
    """About equal portions of work, the largest mailboxes dealt out first."""
    dealt: list[tuple[int, list[Mailbox]]] = [(0, []) for _ in range(count)]
    for box in sorted(mailboxes, key=lambda one: -len(one.cases)):
        place = min(range(count), key=lambda n: dealt[n][0])
        weight, portion = dealt[place]
        portion.append(box)
        dealt[place] = (weight + len(box.cases), portion)
    return (portion for _, portion in dealt if portion)


def missed(cases: Iterable[Looked]) -> Iterator[str]:
    """A line for each slip that was not asked about, and for each genuine draft that was."""
    for case in cases:
        wrong = not found(case) if case.slipped else asks(case)
        if wrong:
            tags = ",".join(sorted(case.tags))
            yield f"{case.set}\t{case.kind}\t{tags}\t{case.details}\n"


if __name__ == "__main__":
    main()
