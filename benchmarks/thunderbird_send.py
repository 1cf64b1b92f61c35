"""From the click on Send to the mail server, in a real Thunderbird with and without the extension.

Run: python benchmarks/thunderbird_send.py [--sends 30] [--sealed]

`--sealed` measures a mail that has to be sealed as well: from the answer to "Whom is it for?" to
the sealed message at the server, with a confirmed key, bare and with 1 MB attached.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from addin_service import manifests
from tests.pgp.keys import owner
from tests.thunderbird.desk import Desk, Service
from tests.thunderbird.harness import Sink, Thunderbird, free_port, missing, running, until

COUNSEL = "p.tann@chambers.example"
TO = f"Priya Tann <{COUNSEL}>, joe.marsh@council.example"
SENSITIVE = "OFFICIAL-SENSITIVE\n\nthe child protection plan, NHS number 943 476 5919\n"


@contextmanager
def both(folder: Path, sink: Sink, sealed: bool) -> Iterator[dict[str, Thunderbird]]:
    """Two Thunderbirds side by side: one plain, one that asks the real service."""
    port = free_port()
    desk = Desk.make(folder)
    _, written = manifests.build(f"http://127.0.0.1:{port}", folder / "built", token=desk.token)
    policies = json.loads(written.read_text())
    with ExitStack() as stack:
        service = stack.enter_context(Service.started(desk, port, folder / "live"))
        if sealed:
            priya = stack.enter_context(owner())
            key = priya.make(f"Priya Tann <{COUNSEL}>")
            (folder / "key.pgp").write_bytes(priya.public(key))
            service.command("keys", "import", str(folder / "key.pgp"))
            service.command("keys", "confirm", COUNSEL, key, "--method", "phone")
        plain = Thunderbird(folder / "plain", smtp_port=sink.port)
        stack.enter_context(running(plain))
        asking = Thunderbird(folder / "asking", smtp_port=sink.port, policies=policies)
        stack.enter_context(running(asking))
        until("the extension", asking.extension_is_ready)
        yield {"without": plain, "with": asking}


def one_send(thunderbird: Thunderbird, sink: Sink) -> float:
    """Milliseconds from the click to the whole message at the server."""
    sink.delivered.clear()
    compose = thunderbird.compose(TO, subject="Minutes", body="Here are the minutes.\n" * 20)
    clicked = compose.send()
    milliseconds = (sink.next().at - clicked) * 1000
    compose.until_closed()
    return milliseconds


def one_sealed_send(thunderbird: Thunderbird, sink: Sink, attached: int) -> tuple[float, float]:
    """Milliseconds from Send to the question, and from its answer to the whole message."""
    sink.delivered.clear()
    compose = thunderbird.compose(
        COUNSEL,
        subject="The hearing",
        body=SENSITIVE,
        attach={"plan.pdf": os.urandom(attached)} if attached else None,
    )
    clicked = compose.send()
    review = thunderbird.review()
    review.until("the question", "return !!document.querySelector('input.name');")
    asked = (time.monotonic() - clicked) * 1000
    review.type("Tann")
    answered = review.click(".send")
    milliseconds = (sink.next().at - answered) * 1000
    compose.until_closed()
    review.until_closed()
    return asked, milliseconds


def quantile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sends", type=int, default=30)
    parser.add_argument("--sealed", action="store_true", help="sealed mails as well")
    given = parser.parse_args()
    sends = given.sends
    if reason := missing():
        raise SystemExit(f"cannot measure: {reason}")
    sink = Sink()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        thunderbirds = stack.enter_context(both(Path(folder), sink, given.sealed))
        times: dict[str, list[float]] = {f"{name} the extension": [] for name in thunderbirds}
        for turn in range(sends + 2):
            # By turns, so that whatever else the machine does meets both alike.
            for name, thunderbird in thunderbirds.items():
                taken = one_send(thunderbird, sink)
                if turn >= 2:
                    times[f"{name} the extension"].append(taken)
        if given.sealed:
            for turn in range(sends + 2):
                for name, attached in (("sealed", 0), ("sealed, 1 MB", 1_000_000)):
                    asked, taken = one_sealed_send(thunderbirds["with"], sink, attached)
                    if turn >= 2:
                        times.setdefault(name, []).append(taken)
                        times.setdefault(f"{name}: Send to question", []).append(asked)
    sink.stop()
    print(f"{'click to sink, ms':32} {'p50':>6} {'p95':>6} {'max':>6}   ({sends} sends each)")
    for name, taken_all in times.items():
        p50, p95 = quantile(taken_all, 50), quantile(taken_all, 95)
        print(f"{name:32} {p50:6.0f} {p95:6.0f} {max(taken_all):6.0f}")


if __name__ == "__main__":
    main()
