"""What goes wrong on a machine on an ordinary day, while people send."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from addin_service.store.tables import correspondents, receipts
from tests.conftest import draft_json
from tests.department.fixture import Department
from tests.department.stream import ALLOWED, Stream, prepare
from tests.department.worker import Worker

pytestmark = pytest.mark.postgresql


def a_worker_is_killed(department: Department) -> None:
    """kill -9, and the supervisor starts it again."""
    first = department.workers[0]
    first.kill()
    first.start()


def workers_are_replaced(department: Department) -> None:
    """One after the other, as for an update."""
    for worker in department.workers:
        assert worker.replace() == 0


def the_certificate_is_replaced(department: Department) -> None:
    department.roll_certificate()


def the_database_is_restarted(department: Department) -> None:
    department.postgres.restart("fast")


def the_database_crashes(department: Department) -> None:
    department.postgres.restart("immediate")


def connections_are_cut(department: Department) -> None:
    """All of the workers', five times, whatever they are at."""
    for _ in range(5):
        with department.postgres.session() as session:
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        time.sleep(0.1)


DRILLS: dict[Callable[[Department], None], bool] = {
    a_worker_is_killed: True,
    workers_are_replaced: True,
    the_certificate_is_replaced: True,
    connections_are_cut: False,
    the_database_is_restarted: False,
    the_database_crashes: False,
}
"""Whether each send must have its answer at the second try at the latest."""


def command(department: Department, *words: str) -> "subprocess.CompletedProcess[str]":
    """`addin-service` on the department's data folder."""
    settings = department.installation.settings
    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
    return subprocess.run(
        [sys.executable, "-m", "addin_service", *place, *words],
        env={**os.environ, "ADDIN_SERVICE_DATABASE": settings.database},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def all_is_whole(department: Department, stream: Stream) -> None:
    """Every answer was right and has its receipt, the chain is whole, no mail went to a file."""
    assert [one for one in stream.answered if one[1] != one[2]] == []
    with department.installation.store.read() as connection:
        kept = set(connection.scalars(select(receipts.c.reference)))
    assert {reference for reference, *_ in stream.answered} <= kept
    every_mail_is_counted_once(department, stream)
    verified = command(department, "audit", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(verified.stdout)["receipts"] >= len(stream.answered)
    assert "temporary" not in (department.home / "last-look.error.log").read_text()


def every_mail_is_counted_once(department: Department, stream: Stream) -> None:
    """Also where a report was lost, asked again, or answered by another worker than the first."""
    with department.installation.store.read() as connection:
        sent = set(
            connection.scalars(select(receipts.c.reference).where(receipts.c.kind == "sent"))
        )
        counted = dict(
            connection.execute(
                select(correspondents.c.mailbox, func.sum(correspondents.c.sent))
                .where(correspondents.c.mailbox.in_(stream.gone))
                .group_by(correspondents.c.mailbox)
            ).all()
        )
    assert stream.reported
    assert set(stream.reported) <= sent
    unanswered = stream.gone.total() - len(stream.reported)
    assert stream.gone.total() - unanswered <= sum(counted.values()) <= stream.gone.total()
    assert all(counted[one] <= stream.gone[one] for one in counted)


def test_two_thousand_sends_on_the_worst_of_days(
    department: Department, record_property: Callable[[str, object], None]
) -> None:
    prepare(department)
    with Stream(department) as stream:
        for drill in DRILLS:
            with stream.during(drill.__name__, more=200):
                drill(department)
            before = len(stream.answered)
            stream.go_on(30)
            assert len(stream.answered) >= before + 30, "all is answered again"
        stream.go_on(max(100, 2000 - stream.asked))
    for drill, without_fail in DRILLS.items():
        name = drill.__name__
        record_property(name, f"{stream.retried[name]} retried, {stream.failed[name]} failed")
        assert not (without_fail and stream.failed[name]), name
    assert not stream.failed["quiet"]
    unanswered = stream.asked - len(stream.answered)
    unreported = stream.gone.total() - len(stream.reported)
    assert stream.failed.total() == unanswered + unreported
    assert len(stream.answered) >= 1900
    all_is_whole(department, stream)


def verdict_on(worker: Worker, token: str, address: str) -> str:
    """What this worker says, asked on its own port."""
    body = json.dumps({"purpose": "send", "draft": draft_json(address)}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(worker.base + "/v1/check", body, headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        said: dict[str, Any] = json.load(answer)
    return str(said["verdict"])


def test_what_the_helpdesk_changes_holds_on_every_worker_at_the_next_check(
    department: Department,
) -> None:
    prepare(department)
    token, helpdesk = department.token(), department.token("helpdesk")
    for number in range(10):
        address = f"person{number}@chambers.example"
        assert [verdict_on(one, token, address) for one in department.workers] != ["block"] * 2
        edit = {"address": address, "status": "blocked", "reason": "left"}
        done = department.call("POST", "/v1/contacts", edit, helpdesk)
        assert done.status == 200, done.body
        assert [verdict_on(one, token, address) for one in department.workers] == ["block"] * 2
        gone = department.call("DELETE", f"/v1/contacts/{done.json['id']}", token=helpdesk)
        assert gone.status == 200
        assert "block" not in [verdict_on(one, token, address) for one in department.workers]


def test_what_a_command_changes_holds_on_every_worker_at_the_next_check(
    department: Department,
) -> None:
    prepare(department)
    token = department.token()
    assert [verdict_on(one, token, ALLOWED) for one in department.workers] == ["confirm"] * 2
    done = command(department, "contacts", "allow", ALLOWED, "--reason", "he writes it so")
    assert done.returncode == 0, done.stderr
    assert [verdict_on(one, token, ALLOWED) for one in department.workers] == ["allow"] * 2


def test_a_frozen_worker_holds_up_nobody_for_long(department: Department) -> None:
    prepare(department)
    department.workers[0].tell(signal.SIGSTOP)
    try:
        for _ in range(4):
            body = {"purpose": "send", "draft": draft_json("kit.moor@council.example")}
            answer = department.call("POST", "/v1/check", body)
            assert answer.status == 200, "the other one answers within the time that Outlook has"
    finally:
        department.workers[0].tell(signal.SIGCONT)
