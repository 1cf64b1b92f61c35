"""`addin-service contacts`: files of every kind, one person's accounts, receipts of both."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from addin_service.cli import main

VCARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Priya Tann\r\nORG:Foxglove\r\n"
    "EMAIL;TYPE=pref:p.tann@chambers.example\r\nEMAIL:priya@home.example\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nFN:Bo\r\nnonsense\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nFN:Al\r\nEMAIL:al@chambers.example\r\nEND:VCARD\r\n"
)
LDIF = "version: 1\n\ndn: cn=a\ncn: Priya Tann\nmail: p.tann@chambers.example\n"


class Run:
    """The commands on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *given: str, code: int = 0) -> Result:
        done = CliRunner().invoke(main, ["contacts", *given, "--data", str(self.folder / "data")])
        assert done.exit_code == code, done.output
        return done

    def contacts(self) -> dict[str, dict[str, Any]]:
        return {one["entry"]: one for one in json.loads(self("list", "--json").stdout)}

    def file(self, name: str, text: str, encoding: str = "utf-8") -> str:
        file = self.folder / name
        file.write_bytes(text.encode(encoding))
        return str(file)

    def receipts(self) -> list[dict[str, Any]]:
        file = self.folder / "receipts.json"
        done = CliRunner().invoke(
            main, ["audit", "export", str(file), "--data", str(self.folder / "data")]
        )
        assert done.exit_code == 0, done.output
        lines = file.read_text().splitlines()
        return [json.loads(one) for one in lines if '"admin"' in one]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_a_vcard_file_is_known_by_its_content(run: Run) -> None:
    file = run.file("people.txt", VCARD)
    dry = run("import", file, "--dry-run")
    assert "Would have: 3 contacts added" in dry.stdout
    assert run.contacts() == {}
    report = json.loads(run("import", file, "--json").stdout)
    assert report["added"] == 3
    assert report["refused"] == [{"line": 10, "why": "a line in it is no property"}]
    assert json.loads(run("import", file, "--json").stdout)["unchanged"] == 3
    found = run.contacts()
    assert found["al@chambers.example"]["person"] == ""
    persons = {found[f"{one}.example"]["person"] for one in ("p.tann@chambers", "priya@home")}
    assert len(persons) == 1
    assert persons != {""}


def test_the_line_that_was_left_out_is_told_on_standard_error(run: Run) -> None:
    done = run("import", run.file("a.vcf", VCARD))
    assert "line 10 left out, a line in it is no property" in done.stderr
    assert "3 contacts added, 0 changed, 0 already there, 1 left out." in done.stdout


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_ldif_file_whatever_it_is_called(run: Run, encoding: str) -> None:
    run("import", run.file("export.csv", LDIF, encoding))
    assert run.contacts()["p.tann@chambers.example"]["name"] == "Priya Tann"


def test_the_format_can_be_said(run: Run) -> None:
    file = run.file("a.vcf", "hello\r\n" + VCARD)
    wrong = run("import", file, code=2)
    assert "hint:" in wrong.stderr
    run("import", file, "--format", "vcard")
    assert len(run.contacts()) == 3
    assert "empty" in run("import", run.file("b", ""), "--format", "vcard", code=2).stderr
    run("import", file, "--format", "word", code=2)


def test_what_cannot_be_read_changes_nothing(run: Run) -> None:
    done = run("import", run.file("a.ldif", LDIF.replace("1", "2", 1)), code=2)
    assert "another version" in done.stderr
    assert run.contacts() == {}


def test_one_persons_accounts_go_round_through_a_file(run: Run, tmp_path: Path) -> None:
    run("import", run.file("a.vcf", VCARD))
    out = tmp_path / "out.csv"
    run("export", str(out))
    with out.open(encoding="utf-8-sig", newline="") as stream:
        persons = {row["email"]: row["person"] for row in csv.DictReader(stream)}
    assert persons["priya@home.example"] == persons["p.tann@chambers.example"] != ""
    before = run.contacts()
    assert json.loads(run("import", str(out), "--json").stdout)["unchanged"] == 3
    other = Run(tmp_path / "other")
    other.folder.mkdir()
    other("import", str(out))
    assert {e: c["person"] for e, c in other.contacts().items()} == {
        e: c["person"] for e, c in before.items()
    }


def test_the_helpdesk_says_that_two_are_one_person(run: Run) -> None:
    run("import", run.file("a.csv", "email\nbo@x.example\nbo@y.example\n"))
    assert "one person's accounts" in run("same-person", "BO@x.example", "bo@y.example").stdout
    found = run.contacts()
    assert found["bo@x.example"]["person"] == found["bo@y.example"]["person"] != ""
    assert "already" in run("same-person", "bo@y.example", "bo@x.example").stdout
    run("import", run.file("a.csv", "email\nbo@x.example\nbo@y.example\n"))
    assert run.contacts() == found
    assert "stands alone" in run("same-person", "--undo", "bo@y.example").stdout
    again = run.contacts()
    assert again["bo@x.example"]["person"] != again["bo@y.example"]["person"]


def test_saying_so_leaves_a_receipt_without_an_address(run: Run) -> None:
    run("import", run.file("a.csv", "email\nbo@x.example\nbo@y.example\n"))
    for given in (["bo@x.example", "bo@y.example"], ["bo@x.example", "bo@y.example"],
                  ["--undo", "bo@x.example"]):  # fmt: skip
        run("same-person", *given)
    actions = [one["body"] for one in run.receipts()]
    assert [body["action"] for body in actions] == [
        "contacts-imported", "contacts-same-person", "contacts-apart",
    ]  # fmt: skip
    assert len(actions[1]["others"]) == 1
    assert actions[1]["about"] == actions[2]["about"] != actions[1]["others"][0]
    assert "@" not in json.dumps(actions)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["bo@x.example"], "one address"),
        (["bo@x.example", "BO@X.example"], "one address"),
        (["bo@x.example", "al@x.example"], "1 of these addresses"),
        (["bo@x.example", "@x.example"], "whole domain"),
        (["bo@x.example", "nonsense"], "not an address"),
        (["--undo", "al@x.example"], "1 of these addresses"),
    ],
)
def test_what_cannot_be_one_person_is_refused_with_the_way_out(
    run: Run, given: list[str], message: str
) -> None:
    run("import", run.file("a.csv", "email\nbo@x.example\n"))
    done = run("same-person", *given, code=2)
    assert message in done.stderr
    assert "hint:" in done.stderr
    assert "@x" not in done.stderr.replace("name@chambers", "")
