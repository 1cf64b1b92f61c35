"""The script in a strict stand-in for Outlook, and against the real service."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from addin_service import manifest_outlook, manifests
from tests.conftest import Live, draft_json, needs

HERE = Path(__file__).parent
TOOLS = HERE / "tools"
MODULES = HERE.parent / "tools" / "node_modules"
INSTALLED = MODULES / ".package-lock.json"
SUITES = {"decrypt": 3, "language": 50, "matrix": 150, "seal": 20, "send": 170, "typing": 10}
"""How many cases each has at least, so that none is lost unnoticed."""


def node(file: Path, events_js: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "EVENTS_JS": str(events_js)}
    environment.pop("NODE_OPTIONS", None)
    return subprocess.run(
        ["node", str(file)],
        env=environment, input=given, capture_output=True, encoding="utf-8", timeout=400, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("suite", SUITES)
def test_the_script_stands_in_outlook(suite: str, events_js: Path) -> None:
    if suite == "language":
        needs("ESLint", INSTALLED.exists())
    done = node(HERE / f"{suite}.test.cjs", events_js)
    print(done.stdout)
    print(done.stderr)
    assert done.returncode == 0
    passed = re.search(r"^\S+ pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed
    assert int(passed[1]) >= SUITES[suite]


def test_every_suite_is_run() -> None:
    assert {file.name.removesuffix(".test.cjs") for file in HERE.glob("*.test.cjs")} == set(SUITES)


def compiled(folder: Path) -> subprocess.CompletedProcess[str]:
    """What TypeScript says of the parts in this folder, with Office's types and no browser's."""
    needs("TypeScript", INSTALLED.exists())
    parts = [str(folder / f"{part}.js") for part in manifest_outlook.PARTS]
    project = folder / "tsconfig.json"
    settings = {
        "extends": str(TOOLS / "tsconfig.json"),
        "compilerOptions": {
            "typeRoots": [str(MODULES / "@types")], "types": ["office-js"],
        },
        "files": [str(TOOLS / "engine.d.ts"), *parts],
    }  # fmt: skip
    project.write_text(json.dumps(settings), encoding="utf-8")
    tsc = MODULES / "typescript" / "bin" / "tsc"
    return subprocess.run(
        ["node", str(tsc), "--project", str(project)],
        capture_output=True, encoding="utf-8", timeout=200, check=False,
    )  # fmt: skip


def test_the_script_fits_the_types_of_office(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    shutil.copytree(str(manifests.source() / "outlook" / "events"), folder)
    done = compiled(folder)
    assert done.returncode == 0, done.stdout


def test_a_misspelt_name_does_not_fit(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    shutil.copytree(str(manifests.source() / "outlook" / "events"), folder)
    broken = {
        "dialog.js": ("options.cancelLabel =", "options.cancelLable ="),
        "draft.js": ('"getAttachmentsAsync"', '"getAttachmentAsync"'),
        "outlook.js": ("local.removeItem(", "local.remove("),
        "service.js": ("request.ontimeout =", "request.onTimeout ="),
        "swap.js": ("squashed(html)", "squashed(html.at(0))"),
    }
    for name, (old, new) in broken.items():
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    said = compiled(folder).stdout
    for name in broken:
        assert f"{name}(" in said, said


def ask(
    live: Live, events_js: Path, draft: dict[str, Any], event: str = "onMessageSendHandler"
) -> dict[str, Any]:
    """What Outlook is told about this draft by the real service."""

    def shown(mailbox: dict[str, str]) -> dict[str, str]:
        return {"emailAddress": mailbox["address"], "displayName": mailbox["name"]}

    outlook = {"attachments": [], **draft, "from": shown(draft["from"])}
    for field in ("to", "cc", "bcc"):
        outlook[field] = [shown(mailbox) for mailbox in draft.get(field, [])]
    given = {"base": live.base, "token": live.token, "draft": outlook, "event": event}
    done = node(HERE / "live.cjs", events_js, json.dumps(given))
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert {answer["status"] for answer in told["answers"]} == {200}
    return told


@pytest.fixture
def counsel(live: Live) -> Live:
    """The service of an organisation that knows counsel."""
    contact = {"address": "p.tann@chambers.example", "name": "Priya Tann"}
    assert live.call("POST", "/v1/contacts", contact, token=live.helpdesk).status in (200, 201)
    return live


def test_the_real_service_lets_an_ordinary_mail_go(counsel: Live, events_js: Path) -> None:
    told = ask(counsel, events_js, draft_json("p.tann@chambers.example"))
    assert told["options"] == {"allowEvent": True}
    kept = json.loads(told["item"]["session"]["last-look"])
    assert kept["unreachable"] in ("hold", "send-with-notice")
    assert [answer["path"] for answer in told["answers"]] == ["/v1/check", "/v1/sent"]


def test_the_real_service_stops_the_slip_and_names_the_right_person(
    counsel: Live, events_js: Path
) -> None:
    told = ask(counsel, events_js, draft_json("p.tan@chambers.example"))
    options = told["options"]
    assert options["allowEvent"] is False
    assert "p.tan@chambers.example: " in options["errorMessage"]
    assert "p.tann@chambers.example" in options["errorMessage"]
    assert "Reference for your helpdesk: " in options["errorMessage"]
    assert len(options["errorMessage"]) <= 500
    assert "sendModeOverride" not in options
    slip = json.loads(options["contextData"])["finding"]
    findings = told["answers"][0]["body"]["findings"]
    assert [f["code"] for f in findings if f["id"] == slip] == ["recipient.near-known-address"]


def test_the_real_service_helps_while_the_mail_is_written(counsel: Live, events_js: Path) -> None:
    draft = draft_json("p.tan@chambers.example")
    told = ask(counsel, events_js, draft, "onMessageRecipientsChangedHandler")
    assert told["options"] is None
    assert len(told["notices"]) == 1
    assert "chambers.example" in told["notices"][0]


def test_what_must_be_sealed_does_not_leave_before_its_questions_are_answered(
    counsel: Live, events_js: Path
) -> None:
    text = "OFFICIAL-SENSITIVE\n\nChild protection. NHS number 943 476 5919.\n"
    told = ask(counsel, events_js, draft_json("p.tann@chambers.example", text=text))
    assert told["options"]["allowEvent"] is False
    assert told["options"]["commandId"] == "lastLookPane"
    assert "sendModeOverride" not in told["options"]
    assert told["item"]["text"] == text
