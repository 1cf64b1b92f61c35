"""What staff can do where a reader has no key: a protected ZIP, S/MIME, a reason, a mail that asks."""

import base64
import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import pyzipper  # type: ignore[import-untyped]

from addin_service import addresses, keyring
from addin_service.smime import reading
from addin_service.store import contacts, receipts, times
from addin_service.store.contacts import Entry
from tests.conftest import Answer, Live, draft_json
from tests.smime import making
from tests.test_sealing_http import answered, question

ANN, PRIYA, KIM = "ann.lee@council.example", "p.tan@chambers.example", "kim@school.example"
TEXT = "Dear Ms Tan,\n\nNHS number 943 476 5919 is the child's.\n"
FILE = {"name": "report.txt", "size": 6, "type": "text/plain"}


def draft(*to: str, **more: Any) -> dict[str, Any]:
    return draft_json(*to, **{"text": TEXT, "subject": "Re K (a child)", **more})


@pytest.fixture
def desk(live: Live) -> Live:
    with live.installation.store.write() as connection:
        known = [Entry(PRIYA, "Priya Tan", "Foxglove Chambers"), Entry(KIM, "Kim Poe", "School")]
        contacts.put(connection, known, times.now())
    return live


def policy(desk: Live, text: str) -> None:
    desk.installation.settings.policy_files[0].write_text(text)
    desk.installation.policies._looked = -100


def say(desk: Live, what: dict[str, Any], before: Any, ask: str, value: str) -> dict[str, Any]:
    """Check again in the same shape, with one answer."""
    said = {"finding": question(before, ask)["id"], "choice": ask, "value": value}
    return desk.check(what, review=before["review"], answers=[said], shape=shape_of(before))


def shape_of(before: Any) -> str:
    return str(before.get("shape", "zip"))


def sealed(desk: Live, what: dict[str, Any], review: str, shape: str, **more: Any) -> Answer:
    body = {"draft": what, "review": review, "shape": shape, "for": "visible", **more}
    return desk.call("POST", "/v1/seal", body)


def cleared(desk: Live, what: dict[str, Any]) -> dict[str, Any]:
    """A draft to Priya alone, cleared to go as a ZIP."""
    first = desk.check(what, shape="zip")
    named = say(desk, what, first, "name", "Tan")
    return say(desk, what, named, "retype", PRIYA)


def opened(data: bytes, words: str) -> dict[str, bytes]:
    with pyzipper.AESZipFile(io.BytesIO(data)) as outer:
        outer.setpassword(words.encode())
        (name,) = outer.namelist()
        inner = outer.read(name)
    with zipfile.ZipFile(io.BytesIO(inner)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_missing_key_stops_and_names_the_ways(desk: Live) -> None:
    answer = desk.check(draft(PRIYA))
    assert answer["verdict"] == "block"
    (missing,) = [f for f in answer["findings"] if f["code"] == "key.missing"]
    assert missing["facts"]["ways"] == ["ask", "zip"]
    assert "protected ZIP" in missing["advice"]
    assert "S/MIME" not in missing["advice"]


def test_a_protected_zip_leaves_after_the_address_was_typed_again(desk: Live) -> None:
    what = draft(PRIYA, attachments=[FILE])
    first = desk.check(what, shape="zip")
    assert first["verdict"] == "confirm"
    assert [f["ask"] for f in first["findings"] if f["ask"]] == ["name"]
    assert PRIYA not in str(first["findings"]), "asked blind"
    named = say(desk, what, first, "name", "Tan")
    assert [f["code"] for f in named["findings"] if f["ask"]] == ["recipient.passphrase"]
    wrong = say(desk, what, named, "retype", "p.tann@chambers.example")
    assert wrong["verdict"] == "confirm"
    allowed = say(desk, what, wrong, "retype", PRIYA)
    assert allowed["verdict"] == "allow"
    assert allowed["encryption"]["possible"]
    assert {r["state"] for r in allowed["encryption"]["readers"]} == {"passphrase"}
    file = {
        "name": "report.txt",
        "type": "text/plain",
        "base64": base64.b64encode(b"secret").decode(),
    }
    done = sealed(desk, what, allowed["review"], "zip", attachments=[file])
    assert done.status == 200, done.body
    answer = done.json
    words = answer["passphrase"]
    (attached,) = answer["attachments"]
    assert words.count("-") == 6
    assert words not in answer["text"]
    assert "Re K" not in answer["outer"]["subject"] + answer["text"]
    inside = opened(base64.b64decode(attached["base64"]), words)
    assert inside["report.txt"] == b"secret"
    assert b"943 476 5919" in inside["message.txt"]
    assert b"Re K (a child)" in inside["message.txt"]
    assert b"943 476" not in done.body
    again = sealed(desk, what, allowed["review"], "zip", attachments=[file])
    assert again.json["passphrase"] != words, "never the same twice, and never stored"


def test_the_words_and_the_text_are_nowhere_on_the_disk(desk: Live) -> None:
    what = draft(PRIYA)
    words = sealed(desk, what, cleared(desk, what)["review"], "zip").json["passphrase"]
    for file in desk.installation.settings.data.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert words.encode() not in data, file.name
            assert b"943 476 5919" not in data, file.name


def test_everybody_who_gets_the_zip_is_typed_again(desk: Live) -> None:
    what = draft(PRIYA, KIM)
    named = say(desk, what, desk.check(what, shape="zip"), "name", "Tan")
    asked = [f["about"]["address"] for f in named["findings"] if f["ask"] == "retype"]
    assert sorted(asked) == sorted([PRIYA, KIM])
    one = question(named, "retype")
    said = {"finding": one["id"], "choice": "retype", "value": one["about"]["address"]}
    half = desk.check(what, review=named["review"], answers=[said], shape="zip")
    assert half["verdict"] == "confirm"
    assert sealed(desk, what, half["review"], "zip").status == 409


def test_an_address_typed_again_for_another_doubt_is_not_typed_twice(desk: Live) -> None:
    stranger = "counsel@unknown.example"
    what = draft(stranger, text="Dear counsel,\n\nNHS number 943 476 5919.\n")
    first = desk.check(what, shape="zip")
    assert "recipient.first-contact" in [
        f["code"] for f in first["findings"] if f["ask"] == "retype"
    ]
    answers = [
        {
            "finding": f["id"],
            "choice": f["ask"] if f["ask"] != "choose" else "keep",
            "value": stranger if f["ask"] == "retype" else None,
        }
        for f in first["findings"]
        if f["ask"]
    ]
    typed = desk.check(what, review=first["review"], answers=answers, shape="zip")
    asked = [f for f in typed["findings"] if f["ask"]]
    assert [f["ask"] for f in asked] == ["name"]
    done = say(desk, what, typed, "name", "unknown")
    assert done["verdict"] == "allow", done["findings"]


@pytest.mark.parametrize("shape", ["mime", "inline", "smime"])
def test_what_was_cleared_as_a_zip_is_sealed_as_nothing_else(shape: str, desk: Live) -> None:
    what = draft(PRIYA)
    refused = sealed(desk, what, cleared(desk, what)["review"], shape)
    assert (refused.status, refused.json["error"]["code"]) == (409, "shape-changed")


def test_what_was_not_cleared_as_a_zip_is_not_sealed_as_one(desk: Live) -> None:
    what = draft_json(PRIYA, text="Lunch?")
    plain = desk.check(what)
    assert plain["verdict"] == "allow"
    refused = sealed(desk, what, plain["review"], "zip")
    assert (refused.status, refused.json["error"]["code"]) == (409, "shape-changed")


def test_where_nothing_had_to_be_sealed_no_address_was_typed_and_there_is_no_zip(
    desk: Live,
) -> None:
    what = draft_json(PRIYA, text="Lunch?")
    plain = desk.check(what, shape="zip")
    assert plain["verdict"] == "allow"
    refused = sealed(desk, what, plain["review"], "zip")
    assert (refused.status, refused.json["error"]["code"]) == (409, "not-confirmed")
    wanted = desk.check(what, shape="zip", seal=True)
    assert wanted["verdict"] == "confirm"


@pytest.mark.parametrize(
    "text",
    ['[sealing]\nwithout_key = ["ask"]\n', '[sealing]\narchive = "archive@council.example"\n'],
    ids=["forbidden", "an archive reads along"],
)
def test_policy_may_forbid_the_zip(text: str, desk: Live) -> None:
    policy(desk, text)
    refused = desk.call("POST", "/v1/check", {"draft": draft(PRIYA), "shape": "zip"})
    assert (refused.status, refused.json["error"]["code"]) == (409, "not-offered")
    missing = [f for f in desk.check(draft(PRIYA))["findings"] if f["code"] == "key.missing"]
    assert all("zip" not in f["facts"].get("ways", ()) for f in missing)


def test_policy_may_let_a_sender_say_why_it_goes_in_clear(desk: Live) -> None:
    policy(desk, '[rules."key.missing"]\noverride = "reason"\n')
    what = draft(PRIYA)
    named = answered(desk, what, desk.check(what), "name", "Tan")
    assert named["verdict"] == "confirm"
    allowed = answered(desk, what, named, "reason", "counsel is in court without a computer")
    assert allowed["verdict"] == "allow"
    assert allowed["encryption"]["required"] is False
    assert allowed["encryption"]["waived"] is True
    with desk.installation.store.read() as connection:
        body = list(receipts.rows(connection))[-1].body
    assert '"waived":true' in body
    assert "counsel is in court" in body
    assert sealed(desk, what, allowed["review"], "mime").status == 409


def test_smime_is_bound_confirmed_and_sealed_like_a_key(desk: Live, tmp_path: Path) -> None:
    made = making.Made().addressed(PRIYA.encode())
    certificate = reading.read(made.der)
    keyring.store(desk.installation.reviewer, certificate, "file", kind="smime")
    what = draft(PRIYA)
    stopped = desk.check(what)
    assert stopped["verdict"] == "block"
    (missing,) = [f for f in stopped["findings"] if f["code"] == "key.missing"]
    assert missing["facts"]["ways"] == ["ask", "zip", "smime"]
    first = desk.check(what, shape="smime")
    said = {"finding": question(first, "name")["id"], "choice": "name", "value": "Tan"}
    asked = desk.check(what, review=first["review"], answers=[said], shape="smime")
    assert question(asked, "confirm-key")["code"] == "key.unconfirmed"
    assert sealed(desk, what, asked["review"], "smime").status == 409
    keyring.confirm(
        desk.installation.reviewer, addresses.parse(PRIYA), certificate.fingerprint, "officer",
        "test", "",
    )  # fmt: skip
    allowed = desk.check(what, review=asked["review"], answers=[], shape="smime")
    assert allowed["verdict"] == "allow"
    done = sealed(desk, what, allowed["review"], "smime")
    assert done.status == 200, done.body
    message, key = tmp_path / "message.eml", tmp_path / "owner.pem"
    message.write_bytes(b"MIME-Version: 1.0\r\n" + done.json["entity"].encode())
    key.write_bytes(making.pem(made.der) + making.pem_key(making.rsa_key()))
    plain = subprocess.run(
        ["openssl", "cms", "-decrypt", "-in", message, "-recip", key],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert b"Re K (a child)" in plain
    assert b"943 476" not in done.body
    assert sealed(desk, what, allowed["review"], "mime").status == 409


def test_the_archive_reads_along_and_is_shown(desk: Live) -> None:
    policy(desk, '[sealing]\narchive = "archive@council.example"\n')
    what = draft(PRIYA)
    stopped = desk.check(what)
    assert stopped["verdict"] == "block"
    assert any("What is sealed is also sealed for" in f["message"] for f in stopped["findings"])


def test_a_ready_mail_asks_for_a_key(desk: Live) -> None:
    body = {"address": PRIYA, "from": {"address": ANN, "name": "Ann Lee"}}
    answer = desk.call("POST", "/v1/keys/ask", body)
    assert answer.status == 200
    assert answer.json["text"].startswith("Dear Priya Tan,")
    assert "Ann Lee" in answer.json["text"]
    assert answer.json["subject"]
    bad = desk.call("POST", "/v1/keys/ask", {"address": "not an address"})
    assert (bad.status, bad.json["error"]["code"]) == (422, "bad-address")
