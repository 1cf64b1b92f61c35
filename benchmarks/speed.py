"""How quickly an unknown address finds its neighbours among many contacts, beside a plain scan.

A query is a slip on a contact that is not itself in the directory: the worst case. The directory is
a real record on disk, asked by a process that has just opened it; the scan is rapidfuzz over all
addresses in memory, in the same run. "found" is the share of slips whose contact was found.
"""

import argparse
import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

sys.path.insert(0, str(Path(__file__).parents[1]))

from addin_service.store import building, contacts, directory, schema
from addin_service.store.engine import Store, sqlite_url
from benchmarks import invented

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
QUERIES = 2_000
COLUMNS = (
    "p50", "p99", "x scan", "found", "write s", "build s", "disk", "open", "memory", "process",
    "exact",
)  # fmt: skip
SCAN_S = 25.0
"""Scans are asked as many of the queries as fit into this time."""


def private_mb() -> float:
    """Memory of this process that it shares with no other; 0 where the system does not say."""
    status = Path("/proc/self/smaps_rollup")
    if not status.exists():
        return 0.0
    lines = [line.split() for line in status.read_text().splitlines() if "Private_" in line]
    return sum(int(words[1]) for words in lines) / 1024


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say on the terminal what is under way."""
    if sys.stderr.isatty():
        print(what, end="\r", file=sys.stderr, flush=True)
    yield
    if sys.stderr.isatty():
        print(" " * len(what), end="\r", file=sys.stderr, flush=True)


def quantiles(seconds: list[float]) -> tuple[float, float]:
    """p50 and p99 in milliseconds."""
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000


def asked(place: str) -> None:
    """In a process of its own: open the record, ask the queries, print the figures as JSON."""
    queries = json.loads(sys.stdin.read())
    before = private_mb()
    began = time.perf_counter()
    store = Store(place)
    with store.read() as connection:
        seen = directory.overview(connection, NOW.date())
        seen.people.near("nobody.example")
    opened = time.perf_counter() - began
    near, exact, found = [], [], 0
    with store.read() as connection:
        for meant, typed in queries:
            began = time.perf_counter()
            close = directory.Directory(connection, seen).near(typed)
            near.append(time.perf_counter() - began)
            found += any(contact.key == meant for contact in close)
        for meant, _ in queries:
            began = time.perf_counter()
            known = directory.Directory(connection, seen).exact(meant)
            exact.append(time.perf_counter() - began)
            if known is None:
                raise SystemExit("a contact is missing")
    figures = {
        "p50": quantiles(near)[0], "p99": quantiles(near)[1], "found": found / len(queries),
        "open": opened * 1000, "memory": private_mb() - before, "process": private_mb(),
        "exact": quantiles(exact)[0],
    }  # fmt: skip
    print(json.dumps(figures))


def scanned(entries: list[str], queries: list[tuple[str, str]]) -> dict[str, float]:
    """The plain scan: every address compared."""
    times, found = [], 0
    until = time.perf_counter() + SCAN_S
    for meant, typed in queries:
        began = time.perf_counter()
        close = process.extract(
            typed, entries, scorer=OSA.distance, processor=None, limit=None, score_cutoff=2
        )
        times.append(time.perf_counter() - began)
        found += any(entry == meant for entry, _, _ in close)
        if time.perf_counter() > until:
            break
    p50, p99 = quantiles(times)
    return {"p50": p50, "p99": p99, "found": found / len(times)}


def measured(size: int, url: str) -> tuple[dict[str, float], dict[str, float]]:
    """The figures of the index and of the scan for this many contacts."""
    entries = list(invented.people(size))
    chance = random.Random(invented.SEED)
    known = {entry.entry for entry in entries}
    queries: list[tuple[str, str]] = []
    while len(queries) < QUERIES:
        meant = chance.choice(entries).entry
        typed = invented.slip(chance, meant)
        if typed not in known:
            queries.append((meant, typed))
    # As a program has them that reads a list: one beside the other in memory.
    addresses: list[str] = json.loads(json.dumps(sorted(known)))
    del known
    store = Store(url)
    schema.upgrade(store)
    with told(f"{size:,} contacts: writing them"):
        began = time.perf_counter()
        with store.write() as connection:
            contacts.put(connection, entries, NOW)
        written = time.perf_counter() - began
        del entries
        gc.collect()
    with told(f"{size:,} contacts: making the index"):
        began = time.perf_counter()
        building.build(store)
        built = time.perf_counter() - began
    store.close()
    with told(f"{size:,} contacts: asking"):
        done = subprocess.run(
            [sys.executable, __file__, "--ask", url],
            input=json.dumps(queries).encode(), check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        index: dict[str, float] = json.loads(done.stdout)
        scan = scanned(addresses, queries)
    index |= {"written": written, "built": built}
    return index, scan


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="contacts, by commas")
    parser.add_argument("--database", help="the URL of an empty database instead of SQLite files")
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        asked(options.ask)
        return
    print("an unknown address; a known one stands under exact; times in ms, sizes in MB")
    print(f"{'contacts':>9} {'':5}" + "".join(f"{name:>9}" for name in COLUMNS))
    for size in (int(size) for size in options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "record.db"
            index, scan = measured(size, options.database or sqlite_url(file))
            disk = file.stat().st_size / 2**20 if file.exists() else 0.0
        shown = (
            f"{index['p50']:.3f}", f"{index['p99']:.3f}", f"{scan['p50'] / index['p50']:.0f}",
            f"{index['found']:.2%}", f"{index['written']:.1f}", f"{index['built']:.1f}",
            f"{disk:.0f}", f"{index['open']:.0f}", f"{index['memory']:.1f}",
            f"{index['process']:.1f}", f"{index['exact']:.3f}",
        )  # fmt: skip
        print(f"{size:>9,} index" + "".join(f"{value:>9}" for value in shown))
        shown = (f"{scan['p50']:.3f}", f"{scan['p99']:.3f}", "1", f"{scan['found']:.2%}")
        print(f"{'':9} scan " + "".join(f"{value:>9}" for value in shown), flush=True)


if __name__ == "__main__":
    main()
