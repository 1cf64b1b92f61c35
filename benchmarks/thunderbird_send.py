"""From the click on Send to the mail server, in a real Thunderbird with and without the extension.

Run: python benchmarks/thunderbird_send.py [--sends 30]
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from addin_service import manifests
from tests.thunderbird.desk import Desk, Service
from tests.thunderbird.harness import Sink, Thunderbird, free_port, missing, running, until

TO = "Priya Tann <p.tann@chambers.example>, joe.marsh@council.example"


@contextmanager
def both(folder: Path, sink: Sink) -> Iterator[dict[str, Thunderbird]]:
    """Two Thunderbirds side by side: one plain, one that asks the real service."""
    port = free_port()
    desk = Desk.make(folder)
    _, written = manifests.build(f"http://127.0.0.1:{port}", folder / "built", token=desk.token)
    policies = json.loads(written.read_text())
    with ExitStack() as stack:
        stack.enter_context(Service.started(desk, port, folder / "live"))
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


def quantile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sends", type=int, default=30)
    sends = parser.parse_args().sends
    if reason := missing():
        raise SystemExit(f"cannot measure: {reason}")
    sink = Sink()
    with tempfile.TemporaryDirectory() as folder, both(Path(folder), sink) as thunderbirds:
        times: dict[str, list[float]] = {name: [] for name in thunderbirds}
        for turn in range(sends + 2):
            # By turns, so that whatever else the machine does meets both alike.
            for name, thunderbird in thunderbirds.items():
                taken = one_send(thunderbird, sink)
                if turn >= 2:
                    times[name].append(taken)
    sink.stop()
    print(f"{'click to sink, ms':20} {'p50':>6} {'p95':>6} {'max':>6}   ({sends} sends each)")
    for name, taken_all in times.items():
        p50, p95 = quantile(taken_all, 50), quantile(taken_all, 95)
        print(f"{name + ' the extension':20} {p50:6.0f} {p95:6.0f} {max(taken_all):6.0f}")


if __name__ == "__main__":
    main()
