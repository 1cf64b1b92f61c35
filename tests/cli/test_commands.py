"""The commands, each as a process of its own: what they print, and their exit codes."""

import csv
import json
import os
import re
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from addin_service.cli import COMMANDS, main
from addin_service.settings import Settings

pytestmark = pytest.mark.slow  # some sixty processes

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

MAIL = """From: Ann Lee <ann.lee@council.example>
To: {to}
Subject: Minutes
Content-Type: text/plain

Hello,

here are the minutes.
"""


@pytest.fixture
def mail(tmp_path: Path) -> Callable[[str], str]:
    """A saved mail to this address."""

    def write(to: str) -> str:
        file = tmp_path / "mail.eml"
        file.write_text(MAIL.format(to=to))
        return str(file)

    return write


def test_every_command_has_help() -> None:
    listed = CliRunner().invoke(main, ["--help"]).output
    for command in COMMANDS:
        assert f"  {command} " in listed
        assert "Usage:" in CliRunner().invoke(main, [command, "--help"]).output


def test_the_data_folder_can_be_named_after_the_command_too(cli: Cli, tmp_path: Path) -> None:
    other = tmp_path / "other"
    cli("client", "add", "x", "--data", str(other))
    assert (other / "record.db").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("client", "list", "--json"),
        ("client", "revoke", "nobody"),
        ("check", "nowhere.eml"),
        ("audit", "verify", "--json"),
        ("explain", "0000-0000"),
        ("no-such-command",),
        ("policy", "show"),
        ("--version",),
    ],
    ids=" ".join,
)
def test_a_process_of_its_own_says_the_same(cli: Cli, process: Cli, words: tuple[str, ...]) -> None:
    """Most tests give commands within their own process."""
    alone, within = process(*words, check=False), cli(*words, check=False)
    assert (alone.returncode, alone.stdout) == (within.returncode, within.stdout)
    assert alone.stderr.replace("python -m addin_service", "addin-service") == within.stderr


def test_a_token_is_printed_alone(cli: Cli) -> None:
    done = cli("client", "add", "thunderbird")
    assert re.fullmatch(r"[0-9a-f]{32}\.[\w-]{43}\n", done.stdout)


def test_clients_are_listed_and_revoked(cli: Cli) -> None:
    client = cli("client", "add", "thunderbird", "--role", "helpdesk").stdout.partition(".")[0]
    listed = json.loads(cli("client", "list", "--json").stdout)
    assert [(c["id"], c["role"], c["revoked"]) for c in listed] == [(client, "helpdesk", None)]
    cli("client", "revoke", client)
    assert "revoked" in cli("client", "list").stdout
    again = cli("client", "revoke", client, check=False)
    assert again.returncode == 1
    assert "hint:" in again.stderr
    cli("client", "add", "old laptop")
    cli("client", "revoke", "old laptop")
    for _ in range(2):
        cli("client", "add", "same name")
    assert cli("client", "revoke", "same name", check=False).returncode == 1


def test_check_exits_0_for_allow_and_1_otherwise(cli: Cli, mail: Any) -> None:
    assert cli("check", mail("jo@council.example")).stdout.startswith("This may go.")
    assert cli("check", mail("kit@supplier.example"), check=False).returncode == 1
    blocked = cli("check", mail("p.tann@chambers,example"), "--json", check=False)
    assert blocked.returncode == 1
    assert json.loads(blocked.stdout)["verdict"] == "block"
    assert cli("check", "/nowhere.eml", check=False).returncode == 2


def test_check_refuses_a_mail_without_a_sender(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "x.eml"
    file.write_text("To: a@b.example\n\nhello\n")
    done = cli("check", str(file), check=False)
    assert done.returncode == 2
    assert "hint:" in done.stderr


def test_explain_tells_every_check_and_no_content(cli: Cli, mail: Any) -> None:
    said = json.loads(cli("check", mail("kit@supplier.example"), "--json", check=False).stdout)
    told = cli("explain", said["reference"].lower().replace("-", "")).stdout
    assert "recipient.external" in told
    for check in ("near_known_address", "exposed", "content_sensitive"):
        assert check in told
    for secret in ("kit@", "supplier.example", "Minutes", "minutes"):
        assert secret not in told
    assert cli("explain", "0000-0000", check=False).returncode == 1
    assert json.loads(cli("explain", said["reference"], "--json").stdout)[0]["verdict"] == "confirm"


def test_contacts_go_round(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(
        "name,email,organisation\nPriya Tann,P.Tann@chambers.example,Foxglove\n"
        "No Address,,Nowhere\nJo Bell,jo.bell@council.example,=cmd()\n"
    )
    dry = cli("contacts", "import", str(file), "--dry-run")
    assert "Would have: 2 contacts added" in dry.stdout
    assert json.loads(cli("contacts", "list", "--json").stdout) == []
    first = cli("contacts", "import", str(file))
    assert "2 contacts added" in first.stdout
    assert "line 3 left out" in first.stderr
    second = json.loads(cli("contacts", "import", str(file), "--json").stdout)
    assert (second["added"], second["updated"], second["unchanged"]) == (0, 0, 2)
    cli(
        "contacts",
        "allow",
        "@chambers.example",
        "--reason",
        "=our chambers",
        "--expires",
        "2099-01-01",
    )
    cli("contacts", "block", "old@supplier.example", "--reason", "left")
    out = tmp_path / "out.csv"
    cli("contacts", "export", str(out))
    rows = list(csv.reader(out.read_text("utf-8-sig").splitlines()))
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    again = json.loads(cli("contacts", "import", str(out), "--dry-run", "--json").stdout)
    assert again["refused"] == []
    assert again["read"] == 4


def test_a_file_that_is_none_is_refused_and_loses_nothing(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"PK\x03\x04 not a csv")
    done = cli("contacts", "import", str(file), check=False)
    assert done.returncode == 2
    assert "hint:" in done.stderr
    wrong = cli("contacts", "allow", "@uk", check=False)
    assert wrong.returncode == 2
    assert "hint:" in wrong.stderr


def test_ten_thousand_contacts_take_seconds(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    lines = (f"Person {n},person.{n}@org{n % 97}.example,Org {n % 97}" for n in range(10_000))
    file.write_text("name,email,organisation\n" + "\n".join(lines))
    report = json.loads(cli("contacts", "import", str(file), "--json").stdout)
    assert report["added"] == 10_000
    assert json.loads(cli("contacts", "import", str(file), "--json").stdout)["unchanged"] == 10_000


def test_history_is_imported_once(cli: Cli, tmp_path: Path, mail: Any) -> None:
    file = tmp_path / "sent.mbox"
    message = (
        "From ann Mon Nov 23 09:00:00 2026\nFrom: ann.lee@council.example\n"
        "To: kit@council.example\nMessage-ID: <{n}@x.example>\nSubject: s\n"
        "Date: Mon, 23 Nov 2026 09:00:00 +0000\n\nbody\n\n"
    )
    file.write_text("".join(message.format(n=n) for n in range(3)))
    options = ("history", "import", str(file), "--owner", "Ann.Lee@council.example", "--json")
    assert json.loads(cli(*options, "--dry-run").stdout)["added"] == 3
    assert json.loads(cli(*options).stdout)["added"] == 3
    assert json.loads(cli(*options).stdout)["unchanged"] == 3
    codes = {
        f["code"]
        for f in json.loads(cli("check", mail("kit@council.example"), "--json").stdout)["findings"]
    }
    assert "recipient.first-contact" not in codes


def test_requests_are_listed_and_granted(cli: Cli, settings: Settings) -> None:
    assert cli("requests", "list").stdout == ""
    done = cli("requests", "grant", "nothing", check=False)
    assert done.returncode == 1
    assert "hint:" in done.stderr


def test_the_record_verifies_and_exports(cli: Cli, mail: Any, tmp_path: Path) -> None:
    cli("check", mail("jo@council.example"))
    said = json.loads(cli("audit", "verify", "--json").stdout)
    assert said["valid"]
    assert said["receipts"] == 1
    anchor = f"{said['receipts']}:{said['head']}"
    cli("audit", "verify", "--anchor", anchor)
    assert cli("audit", "verify", "--anchor", f"9:{said['head']}", check=False).returncode == 1
    assert cli("audit", "verify", "--anchor", "x", check=False).returncode == 2
    out = tmp_path / "out.jsonl"
    cli("audit", "export", str(out))
    assert json.loads(out.read_text())["body"]["verdict"] == "allow"


def test_doctor_says_what_is_wrong_and_what_to_do(cli: Cli, settings: Settings) -> None:
    well = cli("doctor", "--port", "1", check=False)
    assert "0 contacts" in well.stdout
    assert "contacts import" in well.stdout
    settings.policy_files[0].write_text("mode = 'loud'\n")
    ill = cli("doctor", "--port", "1", check=False)
    assert ill.returncode == 1
    assert "policy.toml, line 1: mode" in ill.stdout
    looked = json.loads(cli("doctor", "--port", "1", "--json", check=False).stdout)
    assert any(not one["well"] for one in looked)


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files are not modes there")
def test_secret_and_record_are_the_users_alone(cli: Cli, settings: Settings) -> None:
    cli("client", "list")
    for file in (settings.secret_file, settings.database_file, settings.policy_files[0]):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    settings.secret_file.chmod(0o644)
    assert "others can read the secret" in cli("doctor", check=False).stdout


def test_a_damaged_record_is_never_served(process: Cli, settings: Settings) -> None:
    process("client", "list")
    data = bytearray(settings.database_file.read_bytes())
    data[4096:12288] = os.urandom(8192)
    settings.database_file.write_bytes(data)
    done = process("serve", "--port", "0", check=False)
    assert done.returncode == 3
    assert "hint:" in done.stderr


def test_serve_starts_once_and_says_where(settings: Settings) -> None:
    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
    command = [sys.executable, "-m", "addin_service", *place, "serve", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as first:
        try:
            assert first.stdout
            base = first.stdout.readline().split()[-1]
            with urllib.request.urlopen(base + "/v1/health", timeout=5) as answer:
                assert json.load(answer) == {"alive": True}
            second = subprocess.run(
                command, capture_output=True, text=True, timeout=60, check=False
            )
            assert second.returncode == 3
            assert "already running" in second.stderr
            first.terminate()
            began = time.monotonic()
            assert first.wait(timeout=20) == 0
            assert time.monotonic() - began < 10
            assert "client pair" in first.stdout.read()
        finally:
            first.kill()


def test_a_taken_port_is_said_loudly(process: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = process("serve", "--port", str(taken.getsockname()[1]), check=False)
    assert done.returncode == 3
    assert "Another program holds it" in done.stderr


def test_the_demo_tells_the_story_and_leaves_nothing(tmp_path: Path) -> None:
    place = {**os.environ, "TMPDIR": str(tmp_path), "ADDIN_SERVICE_DATA": str(tmp_path / "none")}
    done = subprocess.run(
        [sys.executable, "-m", "addin_service", "demo"],
        capture_output=True, text=True, timeout=120, check=False, env=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "p.tann@chambers.example" in done.stdout
    assert "all as they were written" in done.stdout
    assert list(tmp_path.iterdir()) == []
