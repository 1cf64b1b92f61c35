"""`POST /v1/check` against an endpoint on the same server that does one durable insert, no more.

Of ten recipients six are known contacts, two are new at known domains, two are slips. They are
asked in turn, in the same process, so that a noisy machine troubles all alike. What counts is the
ratio. The same check with the token of a person, as in a department, shows what it costs to look
whose mailbox the sender's is.
"""

import argparse
import http.client
import json
import random
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, request

sys.path.insert(0, str(Path(__file__).parents[1]))

from addin_service import addresses, log, membership
from addin_service.installation import Installation, open_installation
from addin_service.settings import Settings
from addin_service.store import building, clients, contacts, history, times
from addin_service.store.history import Mail
from addin_service.store.tables import settings as facts_table
from addin_service.web.app import create_app
from addin_service.web.server import make_server
from benchmarks import invented

SENDER = "ann.lee@council.example"


def recipients(entries: list[str], count: int) -> list[str]:
    """Known ones, new ones inside, slips: always the same."""
    chance = random.Random(invented.SEED)
    chosen = []
    for number in range(count):
        entry = chance.choice(entries)
        if number % 10 in (3, 7):
            chosen.append(f"somebody.new{number}@{entry.partition('@')[2]}")
        elif number % 10 in (4, 9):
            chosen.append(invented.slip(chance, entry))
        else:
            chosen.append(entry)
    return chosen


def draft(to: list[str]) -> dict[str, Any]:
    """An ordinary mail to these."""
    return {
        "from": {"address": SENDER, "name": "Ann Lee"},
        "to": [{"address": one, "name": ""} for one in to],
        "subject": "Minutes of Monday",
        "text": "Hello all,\n\nhere are the minutes of Monday's meeting.\n\nAnn\n" * 5,
        "attachments": [{"name": "minutes.pdf", "size": 20_000, "type": "application/pdf"}],
    }


def one_insert(installation: Installation) -> Flask:
    """The named alternative: JSON in, one row durable, JSON out."""
    app = Flask("one_insert", static_folder=None)

    @app.post("/insert")
    def insert() -> Any:
        body = request.get_data()
        with installation.store.write() as connection:
            connection.execute(
                facts_table.insert().values(name=uuid.uuid4().hex, value=str(len(body)))
            )
        return jsonify({"done": True})

    return app


def started(app_for: Callable[[int], Any]) -> int:
    """Serve this application with the same server; answers its port."""
    app: list[Any] = []
    server = make_server(lambda *call: app[0](*call), "127.0.0.1", 0)
    port: int = server.effective_port
    app.append(app_for(port))
    threading.Thread(target=server.run, daemon=True).start()
    return port


def ask(connection: http.client.HTTPConnection, path: str, body: bytes, token: str) -> float:
    """Milliseconds until the whole answer is here."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    began = time.perf_counter()
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return (time.perf_counter() - began) * 1000


def p(values: list[float], share: float) -> float:
    """The value below which this share of the sample lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--recipients", type=int, default=10)
    options = parser.parse_args()
    log.configure()
    log.silence()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        installation = open_installation(Settings(place / "data", place / "organisation"))
        print(f"writing {options.contacts:,} contacts", file=sys.stderr)
        with installation.store.write() as connection:
            contacts.put(connection, invented.people(options.contacts), times.now())
        building.build(installation.store)
        entries = [entry.entry for entry in invented.people(options.contacts)]
        to = recipients(entries, options.recipients)
        with installation.store.write() as connection:
            mails = [
                Mail(str(n), "sent", ((addresses.parse(entries[n % 300]), ""),), times.now())
                for n in range(900)
            ]
            history.learn(connection, SENDER, mails)
            _, token = clients.add(connection, "bench", "sender", times.now())
            person, _ = membership.enter(installation, connection, addresses.parse(SENDER), "")
            _, own = clients.add(connection, "bench", "sender", times.now(), person.id)
        check_port = started(lambda port: create_app(installation, "127.0.0.1", port))
        insert_port = started(lambda _: one_insert(installation))
        body = json.dumps({"purpose": "send", "draft": draft(to)}).encode()
        check = http.client.HTTPConnection("127.0.0.1", check_port)
        insert = http.client.HTTPConnection("127.0.0.1", insert_port)
        for _ in range(20):
            ask(check, "/v1/check", body, token)
            ask(insert, "/insert", body, token)
        checked, of_person, inserted = [], [], []
        for _ in range(options.rounds):
            checked.append(ask(check, "/v1/check", body, token))
            of_person.append(ask(check, "/v1/check", body, own))
            inserted.append(ask(insert, "/insert", body, token))
        print(
            f"{options.rounds} rounds, SQLite, {options.contacts:,} contacts, {len(to)} recipients"
        )
        print(f"{'':24}{'p50 ms':>10}{'p99 ms':>10}")
        rows = (
            ("POST /v1/check", checked), ("of a person", of_person),
            ("one durable insert", inserted),
        )  # fmt: skip
        for name, values in rows:
            print(f"{name:24}{statistics.median(values):10.2f}{p(values, 0.99):10.2f}")
        medians = statistics.median(checked) / statistics.median(inserted)
        print(f"{'ratio':24}{medians:10.2f}{p(checked, 0.99) / p(inserted, 0.99):10.2f}")


if __name__ == "__main__":
    main()
