"""Sealing a mail with a file, against bare `gpg --encrypt`; its memory; several senders at once.

Sealing is all from the draft to the bytes of the entity, as they are written to the mail client.
Bare gpg is one process with the key in its home that reads bytes from a pipe and whose output is
read: the bytes of the file alone, and those of the payload, in ASCII armour and, for the payload,
binary, each without compression as we do it; and the file with gpg's own settings. All are run in
turn, so that a noisy machine troubles all alike; what counts is the ratio of the medians.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from addin_service.pgp.certificate import Certificate
from addin_service.pgp.gpg import Gpg
from addin_service.sealing.mime import Content, File, encrypted_entity, payload, payload_pieces

READER = "p.tan@chambers.example"
SIZES = {"2 kB": 2_000, "20 kB": 20_000, "1 MB": 1_000_000, "25 MB": 25_000_000,
         "100 MB": 100_000_000}  # fmt: skip
AS_WE_DO = ("--compress-algo", "none", "--no-random-seed-file")


class Keys:
    """A home with one throwaway key."""

    def __init__(self, home: Path) -> None:
        self.environment = {**os.environ, "GNUPGHOME": str(home)}
        new = ("--passphrase", "", "--quick-gen-key", f"<{READER}>", "future-default", "default")
        self.run(*new, "2d")
        self.public = self.run("--export", READER)

    def run(self, *arguments: str, given: bytes = b"") -> bytes:
        """What gpg prints."""
        command = ("gpg", "--batch", "--quiet", "--no-options", "--trust-model", "always")
        return subprocess.run(
            (*command, *arguments), input=given, env=self.environment, check=True,
            stdout=subprocess.PIPE,
        ).stdout  # fmt: skip

    def encrypt(self, plain: bytes, *options: str) -> bytes:
        """Bare `gpg --encrypt`."""
        return self.run(*options, "--recipient", READER, "--encrypt", given=plain)


@contextmanager
def keys() -> Iterator[Keys]:
    """The key, for as long as it is needed."""
    home = tempfile.mkdtemp(prefix="llb", dir=None if os.name == "nt" else "/tmp")
    try:
        yield Keys(Path(home))
    finally:
        environment = {**os.environ, "GNUPGHOME": home}
        subprocess.run(("gpgconf", "--kill", "all"), env=environment, check=False)
        shutil.rmtree(home, ignore_errors=True)


def mail(size: int) -> Content:
    """A short text and one file that does not compress."""
    file = File("Vergleichsbetrag März.pdf", "application/pdf", os.urandom(size))
    return Content(
        ("ann.lee@council.example", "Ann Lee"), ((READER, "Priya Tan"),), (),
        "Stoke: the claim", "Dear Priya,\n\nhere it is.\n\nAnn\n", files=(file,),
    )  # fmt: skip


def seal(gpg: Gpg, content: Content, certificate: Certificate) -> int:
    """All that the service does between the draft and the answer; how many bytes that has."""
    message = gpg.seal(payload_pieces(content), [certificate], datetime.now(UTC))
    return sum(map(len, encrypted_entity(message).pieces()))


def took(action: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def p95(values: list[float]) -> float:
    """The value below which 95 of 100 lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def ratios(found: Keys, gpg: Gpg, certificate: Certificate, rounds: int) -> None:
    """The table of times."""
    columns = ("sealing", "gpg, file", "gpg, payload", "payload, binary", "gpg by default")
    print(f"{'median ms':10}" + "".join(f"{name:>16}" for name in columns))
    for name, size in SIZES.items():
        content = mail(size)
        data, whole = content.files[0].data, payload(content)
        runs: list[Callable[[], object]] = [
            lambda: seal(gpg, content, certificate),  # noqa: B023
            lambda: found.encrypt(data, "--armor", *AS_WE_DO),  # noqa: B023
            lambda: found.encrypt(whole, "--armor", *AS_WE_DO),  # noqa: B023
            lambda: found.encrypt(whole, *AS_WE_DO),  # noqa: B023
            lambda: found.encrypt(data),  # noqa: B023
        ]
        times: list[list[float]] = [[] for _ in runs]
        for _ in range(max(3, rounds // 3) if size > 50_000_000 else rounds):
            for number, run in enumerate(runs):
                times[number].append(took(run))
        medians = [statistics.median(values) for values in times]
        print(f"{name:10}" + "".join(f"{median:16.1f}" for median in medians))
        print(
            f"{'  ratio':10}" + f"{'':16}" + "".join(f"{medians[0] / m:16.2f}" for m in medians[1:])
        )


def at_once(gpg: Gpg, certificate: Certificate, rounds: int) -> None:
    """The table of several senders who begin at the same moment, round after round."""
    print(
        f"{'at once':10}{'senders':>8}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'p95/p95 alone':>15}"
    )
    for name in ("2 kB", "1 MB"):
        content = mail(SIZES[name])
        alone = 0.0
        for senders in (1, 2, 8):
            values = burst(lambda: seal(gpg, content, certificate), senders, rounds)  # noqa: B023
            alone = alone or p95(values)
            print(
                f"{name:10}{senders:8}{statistics.median(values):9.1f}{p95(values):9.1f}"
                f"{max(values):9.1f}{p95(values) / alone:9.1f}"
            )


def burst(action: Callable[[], object], senders: int, rounds: int) -> list[float]:
    """Milliseconds for each: in every round all of them start together."""
    barrier = threading.Barrier(senders)
    values: list[float] = []

    def sender() -> None:
        for _ in range(rounds):
            barrier.wait()
            values.append(took(action))

    threads = [threading.Thread(target=sender) for _ in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return values


def peak_bytes() -> int:
    """The most memory that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count the process that started this one
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def memory_of(size: int) -> None:
    """In a process of its own: print the peak above the idle service, after each step."""
    gpg = Gpg()
    certificate = gpg.read(sys.stdin.buffer.read())
    seal(gpg, mail(1_000), certificate)
    idle = peak_bytes()
    content = mail(size)
    peaks = [peak_bytes()]
    message = gpg.seal(payload_pieces(content), [certificate], datetime.now(UTC))
    peaks.append(peak_bytes())
    sum(map(len, encrypted_entity(message).pieces()))
    peaks.append(peak_bytes())
    print(" ".join(f"{(peak - idle) / size:.2f}" for peak in peaks))


def memory(found: Keys) -> None:
    """The table of memory."""
    for name in ("1 MB", "25 MB", "100 MB"):
        command = (sys.executable, __file__, "--memory-of", str(SIZES[name]))
        done = subprocess.run(command, input=found.public, check=True, stdout=subprocess.PIPE)
        body, message, entity = done.stdout.decode().split()
        print(
            f"{name}: peak memory, in sizes of the file: {body} with the draft, {message} after "
            f"gpg, {entity} after the entity"
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        memory_of(options.memory_of)
        return
    with keys() as found:
        gpg = Gpg()
        certificate = gpg.read(found.public)
        seal(gpg, mail(1_000), certificate)
        ratios(found, gpg, certificate, options.rounds)
        at_once(gpg, certificate, 4 * options.rounds)
        memory(found)


if __name__ == "__main__":
    main()
