"""F3. Everything the product does, with marked words in every field, and then: where are the words?

2026, a notebook server wrote its token into the log on a 500. Subject, text, attachment names and
tokens may be nowhere at all; addresses where the design says so, and never in receipts or logs.
"""

import ast
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import addin_service
from addin_service import log as log_module
from addin_service.log import FIELDS
from addin_service.settings import Settings
from tests.conftest import draft_json
from tests.durability.harness import Process, a_token, place, private, served

SUBJECT, BODY, FILE, MARKING = "qzsubject7391", "qzbody7391", "qzfile7391", "qzmarking7391"
NAME, LOCAL, DOMAIN, QUERY = "Qzname7391", "qzlocal7391", "qzdomain7391", "qzquery7391"
NOWHERE = (SUBJECT, BODY, FILE, MARKING, QUERY)
"""Of a mail: not on any disk, not in any log."""
PERSONAL = (NAME, LOCAL, DOMAIN)
ADDRESSES_IN = {
    "contacts", "contact_domains", "mailboxes", "correspondents", "messages", "keeps", "requests",
}  # fmt: skip
"""The tables that hold addresses, and names, because that is what they are for."""

STRANGER = f"{LOCAL}@{DOMAIN}.example"
DRAFT = draft_json(
    STRANGER,
    "p.tan@chambers.example",
    subject=SUBJECT,
    text=f"Dear {NAME},\n\n{BODY} is attached. NHS 943 476 5919\n",
    attachments=[{"name": f"{FILE}.pdf", "size": 1, "type": "application/pdf"}],
    sensitivity=f"OFFICIAL-SENSITIVE {MARKING}",
    bcc=[
        {"address": STRANGER, "name": NAME},
        {"address": f"{LOCAL}, not an address", "name": NAME},
    ],
    thread={"wrote": [STRANGER], "took_part": [STRANGER]},
)
EML = f"""From: Ann Lee <ann.lee@council.example>
To: {NAME} <{STRANGER}>
Subject: {SUBJECT}
Sensitivity: {MARKING}
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

{BODY}
--b
Content-Type: application/pdf; name={FILE}.pdf
Content-Disposition: attachment; filename={FILE}.pdf

x
--b--
"""
MBOX = f"""From {STRANGER} Mon Jun  1 10:00:00 2026
From: {NAME} <{STRANGER}>
To: ann.lee@council.example
Subject: {SUBJECT}
Message-ID: <{SUBJECT}@x.example>
Date: Mon, 1 Jun 2026 10:00:00 +0000

{BODY}
"""


@dataclass
class Traces:
    """What a session left behind."""

    settings: Settings
    temp: Path
    logs: str = ""
    answers: list[bytes] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    said: dict[str, str] = field(default_factory=dict)
    """What each command wrote to its standard error."""

    def tables(self) -> dict[str, str]:
        """Everything in the database, by table, deleted pages left aside."""
        connection = sqlite3.connect(self.settings.database_file)
        names = [
            n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        found = {
            name: repr(connection.execute(f"SELECT * FROM {name}").fetchall()) for name in names
        }
        connection.close()
        return found


def talk(process: Process, traces: Traces, sender: str, helpdesk: str) -> None:
    """Every path, well and badly used."""

    def call(method: str, path: str, body: Any = None, token: str = sender) -> Any:
        answer = process.call(method, path, body, token)
        traces.answers.append(answer.body if answer.status >= 400 else b"")
        traces.statuses.add(answer.status)
        return answer.json

    checked = call(
        "POST", "/v1/check", {"draft": DRAFT, "client": {"name": QUERY, "version": QUERY}}
    )
    asked = [
        {"finding": one["id"], "choice": choice, "value": value}
        for one in checked["findings"]
        for choice, value in (("retype", STRANGER), ("keep", BODY), ("acknowledge", BODY))
        if one["ask"]
    ]
    again = call(
        "POST", "/v1/check", {"draft": DRAFT, "review": checked["review"], "answers": asked}
    )
    call("POST", "/v1/check", {"draft": DRAFT, "purpose": "typing"})
    call("POST", "/v1/check", {"draft": DRAFT, "review": BODY})
    for outcome in ("cancelled", "failed", "sent", "handed-over"):
        call("POST", "/v1/sent", {"draft": DRAFT, "outcome": outcome, "review": again["review"]})
    call("POST", "/v1/sent", {"draft": DRAFT, "outcome": "sent"})
    handed = {"message": QUERY, "date": "2026-07-01T09:30:00Z", "from": "ann.lee@council.example",
              "to": [f"{NAME} <{STRANGER}>"], "subject": SUBJECT}  # fmt: skip
    call("POST", "/v1/history", {"mailbox": "ann.lee@council.example", "mails": [handed]})
    listed = {"entries": [{"address": STRANGER, "name": NAME}], "listing": "0" * 32}
    call("POST", "/v1/book", {"mailbox": "ann.lee@council.example", **listed})
    call("POST", "/v1/book", {"mailbox": "ann.lee@council.example", "forget": True})
    call("POST", "/v1/contacts/search", {"query": QUERY}, helpdesk)
    entry = {"address": STRANGER, "name": NAME, "organisation": NAME}
    added = call("POST", "/v1/contacts", entry, helpdesk)
    call("DELETE", f"/v1/contacts/{added['id']}", None, helpdesk)
    wanted = {"address": STRANGER, "from": "ann.lee@council.example", "reason": "new counsel"}
    request = call("POST", "/v1/requests", wanted)
    call("GET", "/v1/requests", None, helpdesk)
    call("POST", f"/v1/requests/{request['id']}", {"state": "granted"}, helpdesk)
    call("GET", "/v1/openapi.json")
    # Badly.
    for body in (
        BODY.encode(),
        b'{"' + BODY.encode() + b'": 1}',
        {"draft": {**DRAFT, BODY: SUBJECT}},
        {"draft": {**DRAFT, "from": {"address": BODY}}},
        {"draft": {**DRAFT, "subject": [SUBJECT]}},
        b'{"draft": "' + SUBJECT.encode() + b"\xff" + b'"}',
        b"[" * 100_000 + BODY.encode(),
    ):
        for path in (
            "/v1/check",
            "/v1/sent",
            "/v1/requests",
            "/v1/pair",
            "/v1/hello",
            "/v1/history",
        ):
            call("POST", path, body)
    call("POST", "/v1/pair", {"code": QUERY[:32], "name": QUERY})
    call("POST", "/v1/hello", {"client": QUERY, "nonce": QUERY * 2})
    call("POST", "/v1/contacts", entry)
    call("POST", "/v1/contacts", {"address": BODY}, helpdesk)
    call("GET", f"/v1/{QUERY}?subject={QUERY}")
    call("DELETE", f"/v1/contacts/{QUERY}", None, helpdesk)
    call("GET", "/v1/requests", None, QUERY)


def break_it(process: Process, traces: Traces, sender: str) -> None:
    """What only a fault brings up: 503, and a 500 whose exception holds an address."""
    for statement, undo in (
        ("CREATE TRIGGER no BEFORE INSERT ON receipts BEGIN SELECT RAISE(ABORT, 'no'); END", "DROP TRIGGER no"),
        (f"UPDATE settings SET value = '{LOCAL}' WHERE name = 'contacts.revision'",
         "UPDATE settings SET value = '99' WHERE name = 'contacts.revision'"),
    ):  # fmt: skip
        connection = sqlite3.connect(traces.settings.database_file, isolation_level=None)
        connection.execute(statement)
        answer = process.call("POST", "/v1/check", {"draft": DRAFT}, sender)
        traces.answers.append(answer.body)
        traces.statuses.add(answer.status)
        connection.execute(undo)
        connection.close()


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """One long session with the real product."""
    home = tmp_path_factory.mktemp("session")
    files, temp = home / "files", home / "temp"
    files.mkdir()
    temp.mkdir()
    left = Traces(private(home), temp)
    sender, helpdesk = a_token(left.settings), a_token(left.settings, "helpdesk")
    left.secrets += [sender.partition(".")[2], helpdesk.partition(".")[2]]
    (files / "mail.eml").write_text(EML, "utf-8")
    (files / "old.mbox").write_text(MBOX, "utf-8")
    csv = f"name,email\nPriya Tann,p.tann@chambers.example\n{NAME},{STRANGER}\n"
    (files / "some.csv").write_text(csv, "utf-8")
    (files / "bad.csv").write_text(f"{SUBJECT};{BODY}\n", "utf-8")
    (files / "bad.eml").write_bytes(b"\x1f\x8b" + BODY.encode())

    def command(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "addin_service", *place(left.settings), *arguments],
            capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, "TMPDIR": str(temp)},
        )  # fmt: skip
        left.said[" ".join(arguments[:2])] = done.stderr
        return done.stdout

    command("contacts", "import", str(files / "some.csv"))
    errors = home / "stderr.log"
    with errors.open("w") as log, served(left.settings, log, TMPDIR=str(temp)) as process:
        talk(process, left, sender, helpdesk)
        command("history", "import", str(files / "old.mbox"), "--owner", "ann.lee@council.example")
        command("check", str(files / "mail.eml"))
        command("contacts", "import", str(files / "bad.csv"))
        command("check", str(files / "bad.eml"))
        command("audit", "verify")
        command("doctor", "--port", process.base.rpartition(":")[2])
        code = command("client", "pair").strip()
        paired = process.call("POST", "/v1/pair", {"code": code, "name": "x"}, "none").json
        left.secrets += [paired["token"].partition(".")[2], code, code.replace("-", "")]
        break_it(process, left, sender)
        reference = process.call("POST", "/v1/check", {"draft": DRAFT}, sender).json["reference"]
        left.said["explained"] = command("explain", reference)
        command("audit", "export", str(files / "receipts.jsonl"))
        left.said["exported"] = (files / "receipts.jsonl").read_text("utf-8")
        process.child.terminate()
        left.logs = process.child.stdout.read() if process.child.stdout else ""
        process.child.wait(20)
    left.logs += errors.read_text("utf-8")
    return left


def found(words: tuple[str, ...] | list[str], where: str | bytes) -> list[str]:
    """The words that are in there, whatever their case and in the usual disguises."""
    data = where.encode("utf-8", "replace") if isinstance(where, str) else where
    data = data.lower()
    return [
        word for word in words
        if any(word.lower().encode(form) in data for form in ("utf-8", "utf-16-le"))
    ]  # fmt: skip


def test_the_session_saw_everything(traces: Traces) -> None:
    """Else the silence of the logs says nothing."""
    assert {200, 400, 401, 403, 404, 422, 500, 503} <= traces.statuses
    events = [json.loads(line) for line in traces.logs.splitlines() if line.startswith("{")]
    assert {"answered", "reviewed", "incident", "store-unavailable"} <= {e["event"] for e in events}
    tables = traces.tables()
    assert found([LOCAL, DOMAIN], tables["contacts"] + tables["correspondents"]) == [LOCAL, DOMAIN]
    assert "verdict" in traces.said["exported"]


def test_no_log_line_holds_anything_personal(traces: Traces) -> None:
    assert traces.logs.count("\n") > 50
    for line in traces.logs.splitlines():
        assert not found([*NOWHERE, *PERSONAL, *traces.secrets], line), line
        assert "Traceback" not in line
        if line.startswith("{"):
            assert set(json.loads(line)) <= FIELDS


def test_no_error_answer_repeats_anything(traces: Traces) -> None:
    for answer in traces.answers:
        assert not found([*NOWHERE, *PERSONAL, *traces.secrets], answer), answer


def test_the_data_folder_holds_nothing_of_a_mail_and_no_token(traces: Traces) -> None:
    files = [file for file in traces.settings.data.rglob("*") if file.is_file()]
    assert traces.settings.database_file in files
    for file in files:
        held = file.read_bytes()
        assert not found([*NOWHERE, *traces.secrets], held), file.name
        if file != traces.settings.database_file:
            assert not found(list(PERSONAL), held), file.name


def test_addresses_are_only_in_the_tables_that_are_for_them(traces: Traces) -> None:
    for name, rows in traces.tables().items():
        if name not in ADDRESSES_IN:
            assert not found(list(PERSONAL), rows), name


def test_receipts_hold_and_show_no_address(traces: Traces) -> None:
    assert not found([*NOWHERE, *PERSONAL, *traces.secrets], traces.said["exported"])
    assert not found([*NOWHERE, *PERSONAL, *traces.secrets], traces.said["explained"])


def test_nothing_is_left_in_the_folder_for_temporary_files(traces: Traces) -> None:
    assert list(traces.temp.rglob("*")) == []


def test_what_commands_say_on_errors_holds_nothing_of_a_mail(traces: Traces) -> None:
    """Their standard error ends in the logs of schedulers. Progress and hints are for people."""
    for command, said in traces.said.items():
        if command not in ("exported", "explained"):
            assert not found([*NOWHERE, *traces.secrets], said), command
            assert "Traceback" not in said, command


def test_a_command_that_breaks_says_where_and_not_on_what(tmp_path: Path) -> None:
    """An exception's text can hold an address; and exit code 1 would mean "a verdict says no"."""
    settings = private(tmp_path)
    a_token(settings)
    connection = sqlite3.connect(settings.database_file, isolation_level=None)
    connection.execute(
        "INSERT INTO contacts (id, entry, address, name, name_key, organisation, status, source, owner, reason,"
        " expires, created, hits) VALUES (1, ?, ?, '', '', '', 'known', 'directory', '', '', ?, '', 0)",
        (STRANGER, STRANGER, "9999qzbody"),
    )
    connection.close()
    done = subprocess.run(
        [sys.executable, "-m", "addin_service", *place(settings), "contacts", "list"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert "hint: " in done.stderr
    assert "ValueError" in done.stderr
    assert "Traceback" not in done.stderr
    assert not found(["qzbody", *PERSONAL], done.stdout + done.stderr)


# The rule in the source


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the package."""
    package = Path(addin_service.__file__).parent
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield f"{file.relative_to(package)}:{node.lineno}", node


def test_every_log_line_has_a_fixed_event_and_fields_of_the_list() -> None:
    seen = 0
    for where, call in calls():
        named = call.func
        if not (isinstance(named, ast.Attribute) and isinstance(named.value, ast.Name)):
            continue
        if named.value.id not in ("log", "logger", "logging"):
            continue
        if where.startswith("log.py"):
            continue
        seen += 1
        assert named.value.id == "log", f"{where}: only structlog's `log`, whose fields are listed"
        assert named.attr in {"info", "warning", "error"}, (
            f"{where}: `exception` would add its text"
        )
        [event] = call.args
        assert isinstance(event, ast.Constant), f"{where}: an event is a word, not made of anything"
        for keyword in call.keywords:
            assert keyword.arg in FIELDS, f"{where}: {keyword.arg} is not on the list of log fields"
            names = {n.id for n in ast.walk(keyword.value) if isinstance(n, ast.Name)}
            attributes = {n.attr for n in ast.walk(keyword.value) if isinstance(n, ast.Attribute)}
            assert not attributes & {"subject", "text", "own_words", "given", "address", "local"}, (
                where
            )
            # `log.place` gives file and line of a failure, nothing of its text.
            assert "error" not in names or "__name__" in attributes or "place" in names, (
                f"{where}: the kind, not its text"
            )
    assert seen > 5


def test_the_service_prints_nowhere_but_in_its_commands() -> None:
    for where, call in calls():
        if isinstance(call.func, ast.Name) and call.func.id == "print":
            pytest.fail(f"{where} prints")
        if isinstance(call.func, ast.Attribute) and call.func.attr == "print_exc":
            pytest.fail(f"{where} prints a traceback")


def test_a_field_that_is_not_on_the_list_does_not_get_in() -> None:
    given = {"event": "x", "subject": SUBJECT, "exception": BODY, "count": 1, "to": STRANGER}
    assert log_module._listed_only(None, "info", given) == {"event": "x", "count": 1}
