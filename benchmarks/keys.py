"""Looking up whose keys they are, and encrypting to them, as the certificates grow in number.

One draft with five readers, each with a confirmed key: `bindings.known` and the state of each
reader, then 2 kB encrypted to all five. The certificates are made by Sequoia and stored as they
are, without the reading by gpg that an import does (20 ms each, whatever their number; it is timed
beside). The sizes are asked in turn, so that a noisy machine troubles all alike; what counts is the
ratio to the smallest.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysequoia

sys.path.insert(0, str(Path(__file__).parents[1]))

from addin_service.pgp import packets
from addin_service.pgp.bindings import CONFIRMED, Decided
from addin_service.pgp.certificate import Certificate, Subkey, fingerprint
from addin_service.pgp.gpg import Gpg
from addin_service.pgp.userids import user_id
from addin_service.store import bindings, keys, schema
from addin_service.store.engine import Store, sqlite_url

SIZES = (100, 2_000, 20_000)
READERS = 5
BODY = os.urandom(2_000)
ECDH = 18
SENDER = "ann.lee@council.example"


def certificate(number: int) -> Certificate:
    """One person's certificate, its facts read off its packets."""
    made = pysequoia.Tsk.generate(
        user_ids=[f"Person {number} <{address(number)}>"], profile=pysequoia.Profile.RFC4880
    )
    data = bytes(made.extract_certificate())
    names, found = [], []
    for part in packets.walk(data):
        if part.tag == packets.USER_ID:
            names.append(user_id(part.body, revoked=False))
        elif part.tag in (packets.PUBLIC_KEY, packets.PUBLIC_SUBKEY):
            created = datetime.fromtimestamp(int.from_bytes(part.body[1:5], "big"), UTC)
            digits = fingerprint(packets.key_fingerprint(part.body))
            found.append(Subkey(digits, created, None, False, part.body[5] == ECDH))
    first = found[0]
    return Certificate(first.fingerprint, first.created, None, "", tuple(names), tuple(found), data)


def address(number: int) -> str:
    """Whose it is."""
    return f"person.{number}@firm-{number % 997}.example"


def fill(store: Store, made: list[Certificate], now: datetime) -> None:
    """Each certificate, confirmed for everyone."""
    with store.write() as connection:
        for each in made:
            keys.put(connection, each, "file", now)
            (person,) = each.addresses()
            subkeys = frozenset(key.fingerprint for key in each.subkeys if key.encrypts)
            said = Decided(person, each.fingerprint, "verified", "phone", now, True, subkeys)
            bindings.decide(connection, said, "", "benchmark")


@contextmanager
def stores(url: str) -> Iterator[Callable[[int], Store]]:
    """Gives an empty database for a size: a file each, or the one at `url`."""
    with ExitStack() as held, tempfile.TemporaryDirectory() as place:

        def empty(size: int) -> Store:
            store = Store(url or sqlite_url(Path(place) / f"{size}.db"))
            held.callback(store.close)
            schema.upgrade(store)
            return store

        yield empty


def looked_up(store: Store, people: list[str], now: datetime) -> tuple[float, list[Certificate]]:
    """Milliseconds, and the keys of these readers."""
    began = time.perf_counter()
    with store.read() as connection:
        known = bindings.known(connection, [*people, SENDER], SENDER, now, 365)
        bound = [known.bound(person) for person in people]
    took = (time.perf_counter() - began) * 1000
    found = [one.certificate for one in bound if one.state in CONFIRMED and one.certificate]
    if len(found) != len(people):
        raise SystemExit("a key is missing")
    return took, found


def timed(action: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def measure(
    filled: dict[int, Store], rounds: int, gpg: Gpg
) -> dict[int, tuple[list[float], list[float]]]:
    """Milliseconds of each look-up and of each encryption, for each size."""
    now = datetime.now(UTC) + timedelta(seconds=5)
    chance = random.Random(5)
    times: dict[int, tuple[list[float], list[float]]] = {size: ([], []) for size in filled}
    for turn in range(rounds + 2):
        for size, store in filled.items():
            people = [address(n) for n in chance.sample(range(size), READERS)]
            took, found = looked_up(store, people, now)
            encrypting = timed(lambda: gpg.encrypt(BODY, found, now))  # noqa: B023
            if turn >= 2:  # the first ones open connections and fill caches
                times[size][0].append(took)
                times[size][1].append(encrypting)
    return times


def p95(values: list[float]) -> float:
    """The value below which 95 of 100 lie."""
    return sorted(values)[int(len(values) * 0.95)]


def report(times: dict[int, tuple[list[float], list[float]]]) -> None:
    """The table."""
    print(f"{'certificates':>12}{'look-up p50':>14}{'p95 ms':>9}{'ratio':>7}", end="")
    print(f"{'encrypt p50':>14}{'p95 ms':>9}{'ratio':>7}")
    first = next(iter(times.values()))
    for size, both in times.items():
        line = f"{size:12,}"
        for values, least in zip(both, first, strict=True):
            median = statistics.median(values)
            line += f"{median:14.2f}{p95(values):9.2f}{median / statistics.median(least):7.2f}"
        print(line)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest number of keys")
    parser.add_argument("--url", action="append", default=[], help="an empty database per size")
    options = parser.parse_args()
    sizes = [size for size in SIZES if size <= options.most]
    urls = [*options.url, *[""] * len(sizes)]
    gpg = Gpg()
    began = time.perf_counter()
    made = [certificate(number) for number in range(sizes[-1])]
    print(f"{sizes[-1]:,} certificates made by Sequoia in {time.perf_counter() - began:.1f} s")
    reading = [timed(lambda: gpg.read(one.data)) for one in made[:20]]  # noqa: B023
    print(f"one read by gpg at import: {statistics.median(reading):.1f} ms")
    with ExitStack() as held:
        filled = {}
        for size, url in zip(sizes, urls, strict=False):
            filled[size] = held.enter_context(stores(url))(size)
            took = timed(lambda: fill(filled[size], made[:size], datetime.now(UTC)))  # noqa: B023
            print(f"{size:,} stored and confirmed in {took / 1000:.1f} s")
        report(measure(filled, options.rounds, gpg))


if __name__ == "__main__":
    main()
