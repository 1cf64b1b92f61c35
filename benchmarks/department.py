"""A department's service at work: throughput, where the time goes, how soon an edit holds.

nginx with TLS, workers and PostgreSQL (which waits for the disk) run as they do in a department,
all on this machine, and so do the mail programs that ask: their share of the processors is printed.
What is compared is asked in turn in the same run, so that a noisy machine troubles all alike.
"""

import argparse
import itertools
import json
import random
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parents[1]))

from addin_service import addresses, log, sending
from addin_service.store import building, clients, contacts, history, receipts, times
from addin_service.store.engine import Store
from addin_service.store.history import Mail
from addin_service.web import wire
from addin_service.web.server import make_server
from benchmarks import invented
from tests.conftest import SENDER, person_with
from tests.department import fixture
from tests.department.fixture import Department
from tests.store import server as postgresql

CLOCK_TICKS = 100
"""Of /proc, a second: on every Linux there is."""


def draft(sender: str, to: list[str]) -> dict[str, Any]:
    """An ordinary mail."""
    return {
        "from": {"address": sender, "name": "Ann Lee"},
        "to": [{"address": one, "name": ""} for one in to],
        "subject": "Minutes of Monday",
        "text": "Hello all,\n\nhere are the minutes of Monday's meeting.\n\nAnn\n" * 10,
        "attachments": [{"name": "minutes.pdf", "size": 20_000, "type": "application/pdf"}],
    }


class Asking:
    """One mail program: a kept connection, and the bytes of its requests, over and over."""

    def __init__(self, department: Department, path: str, token: str, bodies: list[bytes]) -> None:
        self._department = department
        self._requests = itertools.cycle(
            (
                f"POST {path} HTTP/1.1\r\nHost: {department.host}\r\n"
                f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode()
            + body
            for body in bodies
        )
        self._line: ssl.SSLSocket | None = None

    def ask(self) -> float:
        """Milliseconds until the whole answer is here."""
        self._line = self._line or self._department.line()
        began = time.perf_counter()
        self._line.sendall(next(self._requests))
        found = self._line.recv(65536)
        while b"\r\n\r\n" not in found:
            found += self._line.recv(65536)
        head, _, body = found.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode("latin-1"))
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        while len(body) < length:
            body += self._line.recv(65536)
        if b"connection: close" in head.lower():
            self.close()
        return (time.perf_counter() - began) * 1000

    def close(self) -> None:
        """Hang up."""
        if self._line:
            self._line.close()
        self._line = None


@dataclass(frozen=True)
class Load:
    """What several mail programs got in a closed loop: each asks again once it is answered."""

    ms: list[float]
    seconds: float

    @property
    def a_second(self) -> float:
        """Requests answered in a second."""
        return len(self.ms) / self.seconds


def closed_loop(askers: list[Asking], seconds: float) -> Load:
    """All of them at once, for so long."""
    found: list[list[float]] = [[] for _ in askers]
    began = time.perf_counter()

    def run(number: int) -> None:
        while time.perf_counter() - began < seconds:
            found[number].append(askers[number].ask())

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(askers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load([ms for each in found for ms in each], time.perf_counter() - began)


def p(values: list[float], share: float) -> float:
    """The value below which this share of the sample lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def both(values: list[float]) -> str:
    """The median and the slowest but for one in a hundred."""
    return f"p50 {statistics.median(values):.1f}  p99 {p(values, 0.99):.1f}"


def processor_s(parents: dict[str, int]) -> dict[str, float]:
    """Seconds of processor that each of these processes has used, its children included."""
    stats = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        # From the third field on: state, parent, ...; 14 to 17 are the times, also of the ended.
        stats[int(file.parent.name)] = int(fields[1]), sum(int(n) for n in fields[11:15])
    used: dict[str, float] = {}
    for name, pid in parents.items():
        family, grows = {pid}, True
        while grows:
            more = {child for child, (parent, _) in stats.items() if parent in family} - family
            family, grows = family | more, bool(more)
        used[name] = sum(stats[one][1] for one in family if one in stats) / CLOCK_TICKS
    return used


class Waiting:
    """Looks again and again what the sessions of PostgreSQL wait for."""

    def __init__(self, department: Department) -> None:
        self._session = department.postgres.session()
        self._ended = threading.Event()
        self.looks = 0
        self.seen: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Waiting":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._session.close()

    def _run(self) -> None:
        while not self._ended.wait(0.02):
            rows = self._session.execute(
                "SELECT state, wait_event_type, wait_event FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchall()
            self.looks += 1
            for state, kind, event in rows:
                if kind == "Lock":
                    self.seen["turn to write"] += 1
                elif event in ("WALSync", "WALWrite", "WalSync", "WalWrite"):
                    self.seen["the disk"] += 1
                elif state == "idle in transaction":
                    self.seen["the worker"] += 1
                elif state == "active":
                    self.seen["at work"] += 1

    def ms_each(self, load: Load) -> dict[str, float]:
        """Milliseconds of each request that went there: Little's law."""
        return {
            what: 1000 * count / self.looks / load.a_second for what, count in self.seen.items()
        }


def serve_inserts(database: str) -> None:
    """The named alternative: a request in, one row durable, an answer out. Prints its port."""
    store = Store(database)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        with store.engine.begin() as connection:
            connection.execute(text("INSERT INTO benchmark (body) VALUES (:body)"),
                               {"body": str(len(body))})  # fmt: skip
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "13")])
        return [b'{"done":true}']

    server = make_server(app, "127.0.0.1", 0)
    print(server.effective_port, flush=True)
    server.run()


@contextmanager
def department(workers: int, options: argparse.Namespace) -> Iterator[Department]:
    """A running department with contacts, and the other endpoint behind the same nginx."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(postgresql.running(durable=True))

        def edit(site: str) -> str:
            for limit in ("rate=500r/s", "rate=50r/s"):
                site = site.replace(limit, "rate=100000r/s")
            ours = f"location = /insert {{ proxy_pass http://127.0.0.1:{insert_port}; }}"
            return site.replace(
                "    location = /v1/pair {", f"    {ours}\n    location = /v1/pair {{"
            )

        with subprocess.Popen(
            [sys.executable, __file__, "--serve-inserts", database.url()],
            stdout=subprocess.PIPE, text=True,
        ) as inserting:  # fmt: skip
            stack.callback(inserting.kill)
            with database.session() as session:
                session.execute("CREATE TABLE benchmark (id bigserial PRIMARY KEY, body text)")
            assert inserting.stdout
            insert_port = int(inserting.stdout.readline())
            started = stack.enter_context(fixture.running(place, database, workers, edit=edit))
            fill(started, options)
            yield started
            inserting.kill()


def fill(started: Department, options: argparse.Namespace) -> None:
    """Contacts, and what each sender has written before."""
    store = started.installation.store
    people = list(invented.people(options.contacts))
    with store.write() as connection:
        contacts.put(connection, people, times.now())
    building.build(store)
    chance = random.Random(invented.SEED)
    for number in range(options.callers):
        mails = [
            Mail(f"{number}.{n}", "sent", ((addresses.parse(chance.choice(people).entry), ""),),
                 times.now())
            for n in range(300)
        ]  # fmt: skip
        with store.write() as connection:
            history.learn(connection, f"sender{number}@council.example", mails)
    with started.postgres.session() as session:
        session.execute("VACUUM ANALYZE")


def asking(started: Department, options: argparse.Namespace, what: str) -> list[Asking]:
    """Each sender's mail program: it asks at Send, or while writing, or reports what was sent."""
    chance = random.Random(1)
    entries = [entry.entry for entry in invented.people(1000)]
    found = []
    for number in range(options.callers):
        to = chance.sample(entries, options.recipients)
        mail = draft(f"sender{number}@council.example", to)
        bodies: list[dict[str, Any]] = [
            {"purpose": "typing" if what == "typing" else "send", "draft": mail}
        ]
        if what == "sent":  # each is another mail: history learns from it
            bodies = [
                {"outcome": "sent", "draft": mail | {"subject": f"Minutes {n}"}}
                for n in range(1000)
            ]
        own = person_with(started.installation, f"sender{number}@council.example")
        with started.installation.store.write() as connection:
            _, token = clients.add(connection, f"bench{number}", "sender", times.now(), own)
        path = "/v1/sent" if what == "sent" else "/v1/check"
        found.append(Asking(started, path, token, [json.dumps(body).encode() for body in bodies]))
    return found


def size(started: Department) -> tuple[int, int]:
    """Bytes of the database, and of everything that was ever written to PostgreSQL's log."""
    with started.postgres.session() as session:
        found = session.execute(
            "SELECT pg_database_size(current_database()), pg_current_wal_lsn() - '0/0'"
        ).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def throughput(started: Department, options: argparse.Namespace, what: str) -> None:
    """The closed loop of one kind of request, and where its time went."""
    askers = asking(started, options, what)
    closed_loop(askers, 1)
    parents = {f"worker {n + 1}": w.process.pid for n, w in enumerate(started.workers) if w.process}
    parents["nginx"] = started.nginx.process.pid
    pid_file = Path(started.postgres.socket, "data/postmaster.pid")
    parents["PostgreSQL"] = int(pid_file.read_text().split()[0])
    before, size_before, own = processor_s(parents), size(started), time.process_time()
    with Waiting(started) as waiting:
        load = closed_loop(askers, options.seconds)
    own = time.process_time() - own
    used = {name: s - before[name] for name, s in processor_s(parents).items()}
    kept, logged = (b - a for a, b in zip(size_before, size(started), strict=True))
    for asker in askers:
        asker.close()
    count = len(load.ms)
    said = {"check": "checks at Send", "typing": "checks while writing", "sent": "reports of sends"}
    print(f"\n{said[what]}, {len(started.workers)} worker(s), {options.callers} programs at once")
    print(f"  answered in a second {load.a_second:40.0f}")
    print(f"  ms until the answer {both(load.ms):>41}")
    for name, s in (*used.items(), ("the mail programs", own)):
        print(f"  processor, ms each: {name:34}{1000 * s / count:7.2f}")
    for name, ms in sorted(waiting.ms_each(load).items()):
        print(f"  session of PostgreSQL, ms each: {name:22}{ms:7.2f}")
    print(f"  bytes each: kept {kept / count:44.0f}")
    print(f"  bytes each: PostgreSQL's log {logged / count:32.0f}")


def ratio(started: Department, options: argparse.Namespace) -> None:
    """A check against one durable insert, asked in turn."""
    check = asking(started, options, "check")[0]
    insert = Asking(started, "/insert", "none", [b"x" * 1000])
    checked, inserted = [], []
    for number in range(options.rounds + 20):
        one, other = check.ask(), insert.ask()
        if number >= 20:
            checked.append(one)
            inserted.append(other)
    print(f"\none mail program, {options.rounds} rounds in turn, {len(started.workers)} workers")
    print(f"{'':34}{'p50 ms':>10}{'p99 ms':>10}")
    for name, values in (("POST /v1/check", checked), ("one durable insert", inserted)):
        print(f"{name:34}{statistics.median(values):10.2f}{p(values, 0.99):10.2f}")
    medians = statistics.median(checked) / statistics.median(inserted)
    print(f"{'ratio':34}{medians:10.2f}{p(checked, 0.99) / p(inserted, 0.99):10.2f}")


def chain(started: Department, options: argparse.Namespace) -> None:
    """What is written one after the other by all workers together, and so cannot be more often."""
    installation = started.installation
    reviewer, store = installation.reviewer, installation.store
    entries = [entry.entry for entry in invented.people(1000)][: options.recipients]
    took: dict[str, list[float]] = {"a receipt": [], "what a check writes": [], "a report": []}
    for number in range(options.rounds):
        now = times.text(times.now())
        mail = draft("sender0@council.example", entries) | {"subject": f"Minutes, again {number}"}
        one = wire.DraftIn.model_validate(mail).to_draft()
        began = time.perf_counter()
        with store.write() as connection:
            receipts.append(connection, reviewer.chain_key, now, "check", {"filler": "x" * 600})
        alone = time.perf_counter()
        reviewer.check(one, "bench", "typing")  # takes in what the last report taught
        ready = time.perf_counter()
        reviewer.check(one, "bench", "typing")
        typed = time.perf_counter()
        reviewer.check(one, "bench", "send")
        checked = time.perf_counter()
        sending.record(reviewer, one, "bench", "sent", None)
        reported = time.perf_counter()
        took["a receipt"].append((alone - began) * 1000)
        took["what a check writes"].append((checked - typed - (typed - ready)) * 1000)
        took["a report"].append((reported - checked) * 1000)
    print("\none after another, in one program, ms")
    for what, values in took.items():
        each = statistics.median(values)
        print(f"  {what:22}{both(values):>22}   at most {1000 / each:5.0f} a second")


def edits(started: Department, options: argparse.Namespace) -> None:
    """How long an edit takes, and how soon each worker goes by it."""
    helpdesk, token = started.token("helpdesk"), started.token()
    edit_ms, held = [], 0
    later_ms = []
    for number in range(options.edits):
        address = f"edited{number}@chambers.example"
        began = time.perf_counter()
        told = {"address": address, "status": "blocked", "reason": "left"}
        answer = started.call("POST", "/v1/contacts", told, helpdesk)
        assert answer.status == 200, answer.body
        edit_ms.append((time.perf_counter() - began) * 1000)
        for worker in started.workers:
            later, verdict = on_worker(worker.base, token, address)
            later_ms.append(later)
            held += verdict == "block"
    print(f"\n{options.edits} edits by the helpdesk, each looked at on every worker at once")
    print(f"  the edit itself, ms {both(edit_ms):>30}")
    print(f"  the next check on a worker, ms {both(later_ms):>19}")
    print(f"  next checks that went by it {f'{held} of {len(later_ms)}':>22}")


def on_worker(base: str, token: str, address: str) -> tuple[float, str]:
    """Milliseconds and verdict of a check on the port of one worker."""
    import urllib.request

    body = json.dumps({"purpose": "send", "draft": draft(SENDER, [address])})
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{base}/v1/check", body.encode(), headers)
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=20) as answer:
        said = json.load(answer)
    return (time.perf_counter() - began) * 1000, said["verdict"]


def loop(what: str) -> Callable[[Department, argparse.Namespace], None]:
    """`throughput` of this kind of request."""
    return lambda started, options: throughput(started, options, what)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve-inserts", metavar="DATABASE", help=argparse.SUPPRESS)
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--recipients", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--edits", type=int, default=30)
    options = parser.parse_args()
    if options.serve_inserts:
        serve_inserts(options.serve_inserts)
        return
    log.configure()
    log.silence()
    measures: dict[int, list[Callable[..., None]]] = {
        1: [loop("check")],
        2: [loop("check"), loop("typing"), loop("sent"), ratio, chain, edits],
    }
    print(f"{options.contacts:,} contacts, {options.recipients} recipients")
    for workers, measured in measures.items():
        with department(workers, options) as started:
            for measure in measured:
                measure(started, options)


if __name__ == "__main__":
    main()
