"""G8. Thirty-two at once, two hundred receipts each: one chain, no row lost, nobody told "locked"."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, cast

import pytest

from addin_service import addresses, drafts, importing
from addin_service.installation import Installation, open_installation
from addin_service.store import contacts, history, receipts, times
from tests.conftest import Live, draft_json
from tests.durability.harness import assert_record

THREADS, EACH = 32, 200


def draft(number: int) -> drafts.Draft:
    return drafts.make(
        (f"sender{number}@council.example", "Ann Lee"), ([("jo@council.example", "Jo")], (), ())
    )


@pytest.mark.no_cover
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_many_threads_write_one_chain(installation: Installation) -> None:
    start = threading.Barrier(THREADS)

    def work(number: int) -> list[str]:
        mine, given = draft(number), []
        start.wait()
        for _ in range(EACH):
            given.append(str(installation.reviewer.check(mine, "test").reference))
        return given

    with ThreadPoolExecutor(THREADS) as pool:
        given = [done.result() for done in [pool.submit(work, n) for n in range(THREADS)]]
    noted = {reference for some in given for reference in some}
    assert assert_record(installation, noted) == THREADS * EACH
    with installation.store.read() as connection:
        mailboxes = [row.body.split('"mailbox":"')[1][:24] for row in receipts.rows(connection)]
    assert {mailboxes.count(one) for one in set(mailboxes)} == {EACH}


@pytest.mark.no_cover
@pytest.mark.slow
def test_many_clients_over_http_are_all_answered(live: Live) -> None:
    """Checks and sends at once, more clients than the service has threads."""
    start = threading.Barrier(THREADS)

    def work(number: int) -> list[str]:
        told = []
        body = draft_json("jo@council.example", sender=f"sender{number}@council.example")
        start.wait()
        for _ in range(10):
            answer = live.check(body)
            sent = {"draft": body, "outcome": "sent", "review": answer["review"]}
            reply = live.call("POST", "/v1/sent", sent)
            assert reply.status == 200, reply.body
            assert reply.json["reference"] == answer["reference"]
            told.append(answer["reference"])
        return told

    with ThreadPoolExecutor(THREADS) as pool:
        given = [done.result() for done in [pool.submit(work, n) for n in range(THREADS)]]
    noted = {reference for some in given for reference in some}
    assert assert_record(live.installation, noted) == THREADS * 20
    with live.installation.store.read() as connection:
        for number in range(THREADS):
            mailbox = f"sender{number}@council.example"
            assert [c.sent for c in history.correspondents_of(connection, mailbox)] == [10]


@pytest.mark.no_cover
@pytest.mark.slow
def test_two_programs_on_one_record_wait_for_each_other(installation: Installation) -> None:
    """The service and the command line, each with a lock of its own: the database's must do."""
    other = open_installation(installation.settings)
    start = threading.Barrier(4)

    def work(mine: Installation, number: int) -> None:
        start.wait()
        for _ in range(50):
            mine.reviewer.check(draft(number), "test")

    with ThreadPoolExecutor(4) as pool:
        pairs = [(installation, 0), (other, 1), (installation, 2), (other, 3)]
        for done in [pool.submit(work, *pair) for pair in pairs]:
            done.result()
    other.close()
    assert assert_record(installation, set()) == 200


def test_contacts_changed_by_many_are_seen_by_all(installation: Installation) -> None:
    """No change of the directory goes unnoticed by a reader who holds it in memory."""

    def add(number: int) -> None:
        with installation.store.write() as connection:
            contacts.put(connection, [contacts.Entry(f"p{number}@chambers.example")], times.now())

    reviewer, seen = installation.reviewer, set[int]()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(add, number) for number in range(64)]
        for number, done in enumerate(waiting):
            done.result()
            one = drafts.make(
                ("ann.lee@council.example", ""), ([(f"p{number}@chambers.example", "")], (), ())
            )
            context = reviewer.gatherer.gather(
                one, reviewer.policies.current(), times.now()
            ).context
            if f"p{number}@chambers.example" in context.contacts:
                seen.add(number)
    assert seen == set(range(64))


class Slow(io.RawIOBase):
    """A mailbox file that comes slowly: half of it, and the rest when it is allowed."""

    def __init__(self, mails: bytes) -> None:
        self.parts = [mails[: len(mails) // 2], mails[len(mails) // 2 :]]
        self.begun, self.go_on = threading.Event(), threading.Event()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if len(self.parts) == 1 and not self.begun.is_set():
            self.begun.set()
            assert self.go_on.wait(60)
        part = self.parts[0][: len(buffer)] if self.parts else b""
        buffer[: len(part)] = part
        if self.parts:
            self.parts[0] = self.parts[0][len(part) :]
            if not self.parts[0]:
                self.parts.pop(0)
        return len(part)


def test_a_long_import_keeps_nobody_waiting(live: Live) -> None:
    """The record is locked while the import is written, not while the file is read."""
    mail = (
        "From jo@chambers.example Mon Jun  1 10:00:00 2026\n"
        "From: jo@chambers.example\nTo: ann.lee@council.example\nMessage-ID: <{0}@x.example>\n"
        "Date: Mon, 1 Jun 2026 10:00:00 +0000\nSubject: x\n\ntext\n\n"
    )
    slow = Slow("".join(mail.format(n) for n in range(2000)).encode())
    stream = cast(BinaryIO, io.BufferedReader(slow, 4096))
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(
            importing.import_history,
            live.installation.reviewer, stream, addresses.parse("ann.lee@council.example"),
        )  # fmt: skip
        assert slow.begun.wait(30)
        try:
            assert live.check(draft_json("jo@council.example"))["verdict"] == "allow"
        finally:
            slow.go_on.set()
        assert done.result().added == 2000
