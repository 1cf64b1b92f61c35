"""From an unconfirmed key to a message that only the right person can open, over HTTP, real gpg."""

import base64
import email
import json
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from email import policy
from pathlib import Path
from typing import Any

import pytest

from addin_service import keyring
from addin_service.pgp.certificate import fingerprint, groups
from addin_service.store import contacts, receipts, times
from addin_service.store.contacts import Entry
from tests.conftest import Answer, Live, draft_json, needs

TEXT = "OFFICIAL-SENSITIVE\n\nHello Priya,\n\nwhat you asked for: the address is 4 Elm Row.\n"
PRIYA, BOB, ANN = (
    "p.tann@chambers.example",
    "bob.miller@northwind.example",
    "ann.lee@council.example",
)


class People:
    """Some people with secret keys of their own, in a gpg home that the service never sees."""

    def __init__(self) -> None:
        self.home = tempfile.mkdtemp(prefix="ll-")
        self.keys: dict[str, str] = {}

    def gpg(self, *arguments: str, data: bytes = b"") -> bytes:
        done = subprocess.run(
            ["gpg", "--batch", "--quiet", "--homedir", self.home, *arguments],
            input=data, capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        return done.stdout

    def make(self, name: str, address: str) -> str:
        """A key pair; answers the fingerprint."""
        self.gpg(
            "--passphrase",
            "",
            "--quick-gen-key",
            f"{name} <{address}>",
            "future-default",
            "default",
            "1y",
        )
        listed = self.gpg("--with-colons", "--list-keys", f"<{address}>").decode()
        self.keys[address] = next(
            x.split(":")[9] for x in listed.splitlines() if x.startswith("fpr")
        )
        return self.keys[address]

    def public(self, address: str) -> bytes:
        return self.gpg("--armor", "--export", self.keys[address])

    def reads(self, ciphertext: bytes, only: str) -> bytes | None:
        """The plaintext, read with the key of this person alone; None where it does not open."""
        lone = tempfile.mkdtemp(prefix="ll-")
        try:
            secret = self.gpg("--export-secret-keys", self.keys[only])
            base = ["gpg", "--batch", "--quiet", "--homedir", lone]
            subprocess.run([*base, "--import"], input=secret, capture_output=True, check=True)
            done = subprocess.run(
                [*base, "--decrypt"], input=ciphertext, capture_output=True, check=False
            )
            return done.stdout if done.returncode == 0 else None
        finally:
            subprocess.run(
                ["gpgconf", "--homedir", lone, "--kill", "all"], check=False, capture_output=True
            )
            shutil.rmtree(lone, ignore_errors=True)


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    needs("gpg", shutil.which("gpg") is not None)
    made = People()
    for name, address in (("Priya Tann", PRIYA), ("Bob Miller", BOB), ("Ann Lee", ANN)):
        made.make(name, address)
    yield made
    subprocess.run(
        ["gpgconf", "--homedir", made.home, "--kill", "all"], check=False, capture_output=True
    )
    shutil.rmtree(made.home, ignore_errors=True)


@pytest.fixture
def desk(live: Live, people: People) -> Live:
    """The service with a directory and everybody's public key, none of them confirmed."""
    with live.installation.store.write() as connection:
        known = [
            Entry(PRIYA, "Priya Tann", "Foxglove Chambers"),
            Entry(BOB, "Bob Miller", "Northwind"),
        ]
        contacts.put(connection, known, times.now())
    for address in (PRIYA, BOB, ANN):
        keyring.bring_in(live.installation.reviewer, people.public(address))
    return live


def question(answer: dict[str, Any], ask: str) -> dict[str, Any]:
    """The finding that asks this."""
    return next(finding for finding in answer["findings"] if finding["ask"] == ask)


def answered(desk: Live, draft: Any, before: Any, ask: str, value: str) -> dict[str, Any]:
    """Check again with one answer."""
    said = {"finding": question(before, ask)["id"], "choice": ask, "value": value}
    return desk.check(draft, review=before["review"], answers=[said])


def spoken(key: str, positions: list[int]) -> str:
    """What the owner reads aloud."""
    parts = groups(fingerprint(key))
    return " ".join(parts[n - 1].lower() for n in positions)


def cleared(
    desk: Live, people: People, draft: dict[str, Any], name: str = "Tann"
) -> dict[str, Any]:
    """The answer that allows it, all questions answered."""
    answer = answered(desk, draft, desk.check(draft), "name", name)
    while answer["verdict"] == "confirm":
        asked = question(answer, "confirm-key")
        key = people.keys[asked["about"]["address"]]
        value = f"phone {spoken(key, asked['facts']['positions'])}"
        answer = answered(desk, draft, answer, "confirm-key", value)
    return answer


def sealed(desk: Live, draft: dict[str, Any], review: str, **more: Any) -> Answer:
    body = {"draft": draft, "review": review, "shape": "mime", "for": "visible", **more}
    return desk.call("POST", "/v1/seal", body)


def opened(people: People, answer: Answer, only: str) -> Any:
    """The mail inside, read by this person; None where it does not open."""
    entity = email.message_from_bytes(answer.json["entity"].encode("ascii"), policy=policy.default)
    assert entity.get_content_type() == "multipart/encrypted"
    version, data = entity.iter_parts()
    assert version.get_payload(decode=True).strip() == b"Version: 1"
    plain = people.reads(data.get_payload(decode=True), only)
    return None if plain is None else email.message_from_bytes(plain, policy=policy.default)


def sensitive(*to: str, **more: Any) -> dict[str, Any]:
    return draft_json(*to, **{"text": TEXT, "subject": "Re K (a child)", **more})


def test_nobody_is_shown_before_the_sender_has_said_whom_it_is_for(
    desk: Live, people: People
) -> None:
    draft = sensitive(PRIYA)
    first = desk.check(draft)
    assert first["verdict"] == "confirm"
    asks = [f for f in first["findings"] if f["ask"]]
    assert [f["ask"] for f in asks] == ["name"]
    assert asks[0]["about"] is None
    assert first["encryption"]["readers"] is None
    assert not first["encryption"]["possible"]
    assert people.keys[PRIYA] not in json.dumps(first)
    assert "Tann" not in json.dumps(first)
    assert "chambers" not in json.dumps(first)

    second = answered(desk, draft, first, "name", "Ms Tann")
    reader = second["encryption"]["readers"][0]
    assert (reader["name"], reader["organisation"], reader["outside"]) == (
        "Priya Tann",
        "Foxglove Chambers",
        True,
    )
    assert (reader["state"], reader["fingerprint"]) == ("unverified", people.keys[PRIYA])
    assert [f["ask"] for f in second["findings"] if f["ask"]] == ["confirm-key"]
    assert len(question(second, "confirm-key")["facts"]["positions"]) == 5


def test_a_message_meant_for_stoke_and_addressed_to_bob_is_not_sealed_for_bob(desk: Live) -> None:
    draft = sensitive(BOB)
    answer = desk.check(draft)
    for tries in range(3):
        assert question(answer, "name"), tries
        answer = answered(desk, draft, answer, "name", "Stoke")
        assert answer["encryption"]["readers"] is None
        assert "Miller" not in json.dumps(answer)
    assert question(answer, "reason")
    after = answered(desk, draft, answer, "reason", "he is called so by everybody here")
    assert question(after, "confirm-key")


@pytest.mark.parametrize(
    ("typed", "matches"),
    [("Tann", True), ("tann, priya", True), ("Foxglove", True), ("PRIYA TANN", True), ("Miller", False),
     ("", False), ("T", False), ("Priya Miller", False), ("p.tann@chambers.example", False), ("*", False)],
)  # fmt: skip
def test_what_names_the_reader(desk: Live, typed: str, matches: bool) -> None:
    draft = sensitive(PRIYA)
    answer = answered(desk, draft, desk.check(draft), "name", typed)
    assert (answer["encryption"]["readers"] is not None) is matches


def test_the_right_groups_confirm_and_the_wrong_ones_do_not(desk: Live, people: People) -> None:
    draft = sensitive(PRIYA)
    named = answered(desk, draft, desk.check(draft), "name", "Tann")
    positions = question(named, "confirm-key")["facts"]["positions"]
    right = spoken(people.keys[PRIYA], positions)
    for wrong in (
        "",
        "phone",
        spoken(people.keys[BOB], positions),
        right[:-1],
        right[5:],
        f"officer {right}",
    ):
        assert question(answered(desk, draft, named, "confirm-key", wrong), "confirm-key")
    allowed = answered(desk, draft, named, "confirm-key", f"in-person {right}")
    assert allowed["verdict"] == "allow"
    assert allowed["encryption"]["possible"]


def test_the_sealed_mail_opens_for_its_reader_alone(desk: Live, people: People) -> None:
    files = [{"name": "Prüfung – Übersicht.pdf", "size": 11, "type": "application/pdf"}]
    draft = sensitive(PRIYA, attachments=files)
    allowed = cleared(desk, people, draft)
    given = [{**files[0], "base64": base64.b64encode(b"hello world").decode()}]
    del given[0]["size"]
    answer = sealed(desk, {**draft, "html": f"<p>{TEXT}</p>"}, allowed["review"], attachments=given)
    assert answer.status == 200, answer.body
    assert answer.json["outer"] == {"subject": "[...]"}
    for secret in (b"child", b"Priya", b"Tann", b"Elm Row", "Prüfung".encode(), b"pdf"):
        assert secret not in answer.body
    inside = opened(people, answer, PRIYA)
    assert inside["Subject"] == "Re K (a child)"
    assert inside.get_content_type() == "multipart/mixed"
    assert "4 Elm Row" in inside.get_body(("plain",)).get_content()
    attachment = next(inside.iter_attachments())
    assert (attachment.get_filename(), attachment.get_content()) == (
        files[0]["name"],
        b"hello world",
    )
    assert opened(people, answer, BOB) is None


def test_the_sender_reads_a_copy_once_the_own_key_is_confirmed(desk: Live, people: People) -> None:
    draft = sensitive(PRIYA)
    allowed = cleared(desk, people, draft)
    assert opened(people, sealed(desk, draft, allowed["review"]), ANN) is None
    own = fingerprint(people.keys[ANN])
    from addin_service import addresses

    keyring.confirm(desk.installation.reviewer, addresses.parse(ANN), own, "officer", "test", "")
    again = cleared(desk, people, draft)
    states = {r["address"]: r["state"] for r in again["encryption"]["readers"]}
    assert states == {PRIYA: "verified", ANN: "verified"}
    assert opened(people, sealed(desk, draft, again["review"]), ANN) is not None


@pytest.mark.parametrize("field", ["cc", "bcc"])
def test_a_sender_who_is_a_reader_too_needs_a_confirmed_key(
    field: str, desk: Live, people: People
) -> None:
    """The review used to allow it, and sealing then refused it, again and again."""
    with desk.installation.store.write() as connection:
        contacts.put(connection, [Entry(ANN, "Ann Lee", "Council")], times.now())
    draft = sensitive(PRIYA, **{field: [{"address": ANN, "name": ""}]})
    answer = answered(desk, draft, desk.check(draft), "name", "Tann")
    asked = {f["about"]["address"] for f in answer["findings"] if f["ask"] == "confirm-key"}
    assert asked == {PRIYA, ANN}
    assert not answer["encryption"]["possible"]
    assert [r["address"] for r in answer["encryption"]["readers"]] == [PRIYA, ANN]
    allowed = cleared(desk, people, draft)
    visible = sealed(desk, draft, allowed["review"])
    assert opened(people, visible, PRIYA) is not None
    own = visible if field == "cc" else sealed(desk, draft, allowed["review"], **{"for": ANN})
    assert opened(people, own, ANN) is not None


def test_sending_eleven_times_asks_for_the_key_once(desk: Live, people: People) -> None:
    asked = 0
    for number in range(11):
        draft = sensitive(PRIYA, subject=f"Re K, {number}")
        answer = answered(desk, draft, desk.check(draft), "name", "Tann")
        if answer["verdict"] == "confirm":
            asked += 1
            positions = question(answer, "confirm-key")["facts"]["positions"]
            value = spoken(people.keys[PRIYA], positions)
            answer = answered(desk, draft, answer, "confirm-key", value)
        assert sealed(desk, draft, answer["review"]).status == 200
    assert asked == 1


def test_a_confirmation_holds_for_this_sender_alone(desk: Live, people: People) -> None:
    cleared(desk, people, sensitive(PRIYA))
    other = sensitive(PRIYA, sender="tom.reid@council.example")
    answer = answered(desk, other, desk.check(other), "name", "Tann")
    assert question(answer, "confirm-key")


def test_each_bcc_reader_gets_a_message_of_their_own(desk: Live, people: People) -> None:
    draft = sensitive(PRIYA, bcc=[{"address": BOB, "name": "Bob"}])
    allowed = cleared(desk, people, draft)
    visible = sealed(desk, draft, allowed["review"])
    blind = sealed(desk, draft, allowed["review"], **{"for": BOB})
    assert opened(people, visible, PRIYA) is not None
    assert opened(people, visible, BOB) is None
    inside = opened(people, blind, BOB)
    assert opened(people, blind, PRIYA) is None
    assert "Bob" not in inside.as_string()
    assert "miller" not in inside.as_string()


def test_the_shape_inline_is_for_a_text_alone(desk: Live, people: People) -> None:
    draft = sensitive(PRIYA)
    allowed = cleared(desk, people, draft)
    answer = sealed(desk, draft, allowed["review"], shape="inline")
    assert answer.status == 200
    assert answer.json["text"].startswith("-----BEGIN PGP MESSAGE-----")
    plain = people.reads(answer.json["text"].encode(), PRIYA)
    assert plain is not None
    assert "4 Elm Row" in plain.decode()
    files = [{"name": "a.pdf", "size": 1, "type": "application/pdf"}]
    with_file = sensitive(PRIYA, attachments=files)
    allowed = cleared(desk, people, with_file)
    given = [{"name": "a.pdf", "type": "application/pdf", "base64": "YQ=="}]
    refused = sealed(desk, with_file, allowed["review"], shape="inline", attachments=given)
    assert (refused.status, refused.json["error"]["code"]) == (409, "shape-refused")


@pytest.mark.parametrize("inside", [True, False])
def test_the_content_stands_beside_the_draft_or_in_it(
    desk: Live, people: People, inside: bool
) -> None:
    draft = sensitive(PRIYA, attachments=[{"name": "a.txt", "size": 5, "type": "text/plain"}])
    review = cleared(desk, people, draft)["review"]
    given = [{"name": "a.txt", "type": "text/plain", "base64": "aGVsbG8="}]
    answer = (
        sealed(desk, {**draft, "attachments": given}, review)
        if inside
        else sealed(desk, draft, review, attachments=given)
    )
    assert answer.status == 200, answer.body
    assert next(opened(people, answer, PRIYA).iter_attachments()).get_content() == "hello"


def test_attachments_come_as_a_form_too(desk: Live, people: People) -> None:
    data = os.urandom(1_200_000)
    files = [{"name": "große Datei.bin", "size": len(data), "type": "application/octet-stream"}]
    draft = sensitive(PRIYA, attachments=files)
    allowed = cleared(desk, people, draft)
    request = {"draft": draft, "review": allowed["review"], "shape": "mime", "for": "visible"}
    mark = uuid.uuid4().hex.encode()
    body = (
        b"".join(
            b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="x"\r\nContent-Type: %s\r\n\r\n%s\r\n'
            % (mark, name, kind, content)
            for name, kind, content in (
                (b"request", b"application/json", json.dumps(request).encode()),
                (b"attachment", b"application/octet-stream", data),
            )
        )
        + b"--%s--\r\n" % mark
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={mark.decode()}"}
    answer = desk.call("POST", "/v1/seal", body, headers=headers)
    assert answer.status == 200, answer.body
    inside = opened(people, answer, PRIYA)
    assert next(inside.iter_attachments()).get_content() == data


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("another subject", {"subject": "Other"}),
    ("another text", {"text": TEXT + "."}),
    ("one more reader", {"cc": [{"address": BOB, "name": ""}]}),
    ("another reader", {"to": [{"address": BOB, "name": ""}]}),
    ("a hidden reader", {"bcc": [{"address": BOB, "name": ""}]}),
    ("another sender", {"from": {"address": "tom.reid@council.example", "name": ""}}),
    ("an attachment", {"attachments": [{"name": "a", "size": 0, "type": ""}]}),
]


@pytest.mark.parametrize(("story", "change"), CHANGES, ids=[c[0] for c in CHANGES])
def test_whatever_differs_from_what_was_reviewed_is_refused(
    desk: Live, people: People, story: str, change: dict[str, Any]
) -> None:
    draft = sensitive(PRIYA)
    review = cleared(desk, people, draft)["review"]
    refused = sealed(desk, {**draft, **change}, review)
    assert refused.status == 409, story
    assert refused.json["error"]["hint"]
    assert b"PGP" not in refused.body
    assert sealed(desk, draft, review).status == 200, "and what was reviewed is still sealed"


def test_what_was_not_cleared_is_refused(desk: Live, people: People) -> None:
    draft = sensitive(PRIYA)
    open_question = desk.check(draft)
    for review in ("", "forged", open_question["review"]):
        refused = sealed(desk, draft, review)
        assert refused.status == 409
    with desk.installation.store.read() as connection:
        assert not [r for r in receipts.rows(connection) if r.kind == "seal"]


def test_a_key_that_turns_up_after_the_review_stops_the_sealing(desk: Live, people: People) -> None:
    draft = sensitive(PRIYA)
    review = cleared(desk, people, draft)["review"]
    impostor = People()
    try:
        impostor.make("Priya Tann", PRIYA)
        keyring.bring_in(desk.installation.reviewer, impostor.public(PRIYA))
    finally:
        shutil.rmtree(impostor.home, ignore_errors=True)
    refused = sealed(desk, draft, review)
    assert (refused.status, refused.json["error"]["code"]) == (409, "not-confirmed")
    again = desk.check(draft)
    assert again["verdict"] == "block"
    assert [f["code"] for f in again["findings"] if f["severity"] == "stop"] == ["key.changed"]


def test_a_changed_policy_voids_the_review(desk: Live, people: People) -> None:
    draft = sensitive(PRIYA)
    review = cleared(desk, people, draft)["review"]
    desk.installation.settings.policy_files[0].write_text("[recipients]\nkeep_days = 5\n")
    refused = sealed(desk, draft, review)
    assert (refused.status, refused.json["error"]["code"]) == (409, "policy-changed")


def test_without_gpg_nothing_leaves(desk: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.installation.reviewer.sealer, "available", lambda: False)
    answer = desk.check(sensitive(PRIYA))
    assert answer["verdict"] == "block"
    assert [f["code"] for f in answer["findings"] if f["severity"] == "stop"] == [
        "content.sensitive"
    ]


def test_sealing_can_be_asked_for_where_nothing_demands_it(desk: Live, people: People) -> None:
    draft = draft_json(PRIYA)
    assert desk.check(draft)["verdict"] == "allow"
    first = desk.check(draft, seal=True)
    assert first["encryption"]["required"]
    assert question(first, "name")


def test_the_folder_of_the_organisation_confirms_for_everyone(live: Live, people: People) -> None:
    folder: Path = live.installation.settings.organisation
    (folder / "keys").mkdir()
    (folder / "keys" / "priya.asc").write_bytes(people.public(PRIYA))
    (folder / "keys" / "broken.asc").write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxx\n")
    (folder / "bindings.csv").write_text(f"address,fingerprint\n{PRIYA},{people.keys[PRIYA]}\n,x\n")
    (folder / "contacts.csv").write_text(f"name,email\nPriya Tann,{PRIYA}\n")
    live.installation.folder._looked = live.installation.folder_keys._looked = 0
    draft = sensitive(PRIYA)
    answer = answered(live, draft, live.check(draft), "name", "Tann")
    assert answer["verdict"] == "allow"
    assert len(live.installation.folder_keys.problems) == 2
    (folder / "bindings.csv").write_text("address,fingerprint\n")
    live.installation.folder_keys._looked = 0
    answer = answered(live, draft, live.check(draft), "name", "Tann")
    assert question(answer, "confirm-key")


def test_no_text_of_the_message_reaches_the_disk(
    desk: Live, people: People, tmp_path: Path
) -> None:
    draft = sensitive(PRIYA, text=TEXT + "canary-5f1c " * 200_000)
    allowed = cleared(desk, people, draft)
    assert sealed(desk, draft, allowed["review"]).status == 200
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"canary-5f1c" not in file.read_bytes(), file


def test_a_file_of_an_unsaid_type_has_the_one_its_name_tells(desk: Live, people: People) -> None:
    files = [{"name": "notes.pdf", "size": 1, "type": "application/octet-stream"}]
    draft = sensitive(PRIYA, attachments=files)
    allowed = cleared(desk, people, draft)
    given = [{"name": "notes.pdf", "type": "application/octet-stream", "base64": "YQ=="}]
    answer = sealed(desk, draft, allowed["review"], attachments=given)
    part = next(opened(people, answer, PRIYA).iter_attachments())
    assert part.get_content_type() == "application/pdf"
