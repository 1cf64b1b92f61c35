"""From the click on Send to the mail server, in a real Thunderbird with and without the extension.

Run: python benchmarks/thunderbird_send.py [--sends 50] [--sealed] [--large 5]

The two take turns, so that whatever else the machine does meets both alike. After the sends: what
the extension holds in memory, and how much more the whole program does.

`--sealed` measures a mail that has to be sealed as well: from the answer to "Whom is it for?" to
the sealed message at the server, with a confirmed key, bare and with 1 MB attached. `--large N`
sends a file of 25 MB N times: sealed, and the same file by the Thunderbird without the extension.
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
LARGE = 25_000_000
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


def one_send(thunderbird: Thunderbird, sink: Sink, attached: int = 0) -> float:
    """Milliseconds from the click to the whole message at the server."""
    sink.delivered.clear()
    compose = thunderbird.compose(
        TO, subject="Minutes", body="Here are the minutes.\n" * 20, attach=file_of(attached)
    )
    clicked = compose.send()
    milliseconds = (sink.next().at - clicked) * 1000
    compose.until_closed()
    return milliseconds


def one_sealed_send(thunderbird: Thunderbird, sink: Sink, attached: int) -> tuple[float, float]:
    """Milliseconds from Send to the question, and from its answer to the whole message."""
    sink.delivered.clear()
    compose = thunderbird.compose(
        COUNSEL, subject="The hearing", body=SENSITIVE, attach=file_of(attached)
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


def file_of(size: int) -> dict[str, bytes] | None:
    """One attachment of so many bytes that nothing can make smaller; none for 0."""
    return {"plan.pdf": os.urandom(size)} if size else None


def memory(thunderbird: Thunderbird) -> dict[str, float]:
    """MB that the program's processes hold alone, by their kind, after a collection of garbage."""
    held = thunderbird.run(
        """for (let turn = 0; turn < 3; turn++) {
          await new Promise(resolve => Cc["@mozilla.org/memory-reporter-manager;1"]
            .getService(Ci.nsIMemoryReporterManager).minimizeMemoryUsage(resolve));
        }
        const whole = await ChromeUtils.requestProcInfo();
        return [whole, ...whole.children].map(({ type, memory }) => [type, memory]);"""
    )
    kinds: dict[str, float] = {}
    for kind, size in held:
        kinds[kind] = kinds.get(kind, 0) + size / 1e6
    return kinds


def quantile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def in_turns(
    thunderbirds: dict[str, Thunderbird], sink: Sink, sends: int, attached: int = 0
) -> dict[str, list[float]]:
    """Times of `sends` sends of each, after two that warm up."""
    times: dict[str, list[float]] = {name: [] for name in thunderbirds}
    for turn in range(sends + 2):
        for name, thunderbird in thunderbirds.items():
            taken = one_send(thunderbird, sink, attached)
            if turn >= 2:
                times[name].append(taken)
    return times


def sealed_sends(
    thunderbird: Thunderbird, sink: Sink, sends: int, attached: int
) -> tuple[list[float], list[float]]:
    """Send to question, and answer to sink."""
    pairs = [one_sealed_send(thunderbird, sink, attached) for _ in range(sends + 2)][2:]
    return [asked for asked, _ in pairs], [taken for _, taken in pairs]


def row(name: str, times: list[float]) -> None:
    p50, p95 = quantile(times, 50), quantile(times, 95)
    print(f"{name:44} {p50:7.0f} {p95:7.0f} {max(times):7.0f} {len(times):5}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sends", type=int, default=50)
    parser.add_argument("--sealed", action="store_true", help="sealed mails as well")
    parser.add_argument("--large", type=int, default=0, metavar="N", help="25 MB, N times each")
    given = parser.parse_args()
    if reason := missing():
        raise SystemExit(f"cannot measure: {reason}")
    sink = Sink()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        sealing = given.sealed or given.large > 0
        thunderbirds = stack.enter_context(both(Path(folder), sink, sealing))
        print(f"{'click to sink, ms':44} {'p50':>7} {'p95':>7} {'max':>7} {'sends':>5}")
        clean = in_turns(thunderbirds, sink, given.sends)
        for name, times in clean.items():
            row(f"{name} the extension", times)
        added = [quantile(clean["with"], n) - quantile(clean["without"], n) for n in (50, 95)]
        print(f"{'added, p50 and p95':44} {added[0]:7.0f} {added[1]:7.0f}")
        if given.sealed:
            for name, size in (("sealed", 0), ("sealed, 1 MB", 1_000_000)):
                asked, taken = sealed_sends(thunderbirds["with"], sink, given.sends, size)
                row(f"{name}: Send to question", asked)
                row(f"{name}: answer to sink", taken)
        if given.large:
            plain = {"without": thunderbirds["without"]}
            own = in_turns(plain, sink, given.large, LARGE)["without"]
            row("25 MB in clear, without the extension", own)
            _, taken = sealed_sends(thunderbirds["with"], sink, given.large, LARGE)
            row("25 MB sealed: answer to sink", taken)
            print(f"{'ratio of the p50':44} {quantile(taken, 50) / quantile(own, 50):7.2f}")
        held = {name: memory(thunderbird) for name, thunderbird in thunderbirds.items()}
        print("\nMB held alone, by kind of process")
        for name, kinds in held.items():
            listed = ", ".join(f"{kind} {size:.0f}" for kind, size in sorted(kinds.items()))
            print(f"{name + ' the extension':28} {sum(kinds.values()):6.0f}   ({listed})")
    sink.stop()


if __name__ == "__main__":
    main()
