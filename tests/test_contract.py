"""The HTTP contract, through the real server: shapes, roles, pairing, contacts, requests, sent."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from addin_service.store import clients, receipts, times
from tests.conftest import Live, draft_json

ANSWER = {
    "reference", "review", "verdict", "findings", "encryption", "policy", "unreachable", "undo",
}  # fmt: skip
FINDING = {
    "id", "code", "severity", "about", "message", "advice", "ask", "suggestion", "facts",
}  # fmt: skip


def is_error(answer: Any, status: int, code: str) -> None:
    """The one shape of every error."""
    assert answer.status == status, answer.body
    said = answer.json
    assert set(said) == {"error"}
    assert set(said["error"]) == {"code", "message", "hint"}
    assert said["error"]["code"] == code
    assert said["error"]["message"]
    assert said["error"]["hint"]
    assert answer.headers["Content-Type"] == "application/json"


def test_health_says_alive_and_nothing_more(live: Live) -> None:
    answer = live.call("GET", "/v1/health", token=None)
    assert (answer.status, answer.json) == (200, {"alive": True})
    assert "Server" not in answer.headers


def test_a_check_answers_in_the_form_of_the_contract(live: Live) -> None:
    answer = live.check(
        draft_json("kit@supplier.example", attachments=[{"name": "a.pdf", "size": 3, "type": ""}])
    )
    assert set(answer) == ANSWER
    assert answer["verdict"] == "confirm"
    assert all(set(finding) == FINDING for finding in answer["findings"])
    assert set(answer["encryption"]) == {"required", "because", "possible", "waived", "readers"}


def test_typing_leaves_no_receipt_and_gives_no_token(live: Live) -> None:
    with live.installation.store.read() as connection:
        before = receipts.head(connection)
    answer = live.check(draft_json("kit@supplier.example"), purpose="typing")
    assert (answer["reference"], answer["review"]) == (None, None)
    assert answer["verdict"] == "confirm"
    with live.installation.store.read() as connection:
        assert receipts.head(connection) == before


def test_an_address_that_is_none_is_a_finding_and_not_an_error(live: Live) -> None:
    answer = live.check(draft_json("p.tann@chambers,example"))
    assert answer["verdict"] == "block"
    assert answer["findings"][0]["code"] == "recipient.unsendable"
    assert answer["findings"][0]["about"]["address"] == "p.tann@chambers,example"


def test_a_sender_that_is_no_address_is_an_error(live: Live) -> None:
    body = {"draft": draft_json("a@b.example", sender="ann")}
    is_error(live.call("POST", "/v1/check", body), 422, "bad-sender")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 422), (b"null", 422), (b"{}", 422), (b"\xff\xfe", 400),
        (b'{"draft": 1}', 422), (b'{"draft": {}, "secret-word": 1}', 422),
        (b'{"draft": {"from": {"address": "a@b.example"}, "to": "secret-word"}}', 422),
        (b'{"draft": {"from": {"address": "a@b.example"}}, "draft": {"from": {"address": "c@d.example"}}}', 400),
    ],
)  # fmt: skip
def test_a_wrong_body_is_refused_without_repeating_it(live: Live, body: bytes, status: int) -> None:
    answer = live.call("POST", "/v1/check", body)
    is_error(answer, status, "bad-request")
    assert b"secret-word" not in answer.body


def test_paths_and_methods_that_are_not_there(live: Live) -> None:
    is_error(live.call("GET", "/v2/check"), 404, "not-found")
    is_error(live.call("GET", "/v1/check"), 405, "method-not-allowed")
    is_error(live.call("DELETE", "/v1/health"), 405, "method-not-allowed")


def test_the_openapi_document_is_valid_and_names_every_route(live: Live) -> None:
    document = live.call("GET", "/v1/openapi.json").json
    validate(document)
    assert document["openapi"].startswith("3.1")
    for path in ("/v1/check", "/v1/sent", "/v1/hello", "/v1/pair", "/v1/contacts/search"):
        assert path in document["paths"]


def test_hello_proves_the_token_without_saying_it(live: Live) -> None:
    client, nonce = live.token.partition(".")[0], "ab" * 16
    answer = live.call("POST", "/v1/hello", {"client": client, "nonce": nonce}, token=None)
    key = hashlib.sha256(live.token.encode()).digest()
    message = f"addin-service hello v1\n{client}\n{nonce}".encode()
    assert answer.json == {"proof": hmac.new(key, message, "sha256").hexdigest()}
    unknown = live.call("POST", "/v1/hello", {"client": "x" * 32, "nonce": nonce}, token=None)
    is_error(unknown, 404, "unknown-client")


def test_a_code_pairs_once(live: Live) -> None:
    with live.installation.store.write() as connection:
        code = clients.new_code(connection, "", "sender", times.now())
    body = {"code": code.lower().replace("-", " "), "name": "thunderbird"}
    paired = live.call("POST", "/v1/pair", body, token=None)
    assert paired.status == 200
    assert paired.json["token"].startswith(paired.json["client"] + ".")
    again = live.call(
        "POST", "/v1/check", {"draft": draft_json("jo@council.example")}, paired.json["token"]
    )
    assert again.status == 200
    is_error(live.call("POST", "/v1/pair", body, token=None), 403, "wrong-code")


def test_contacts_are_the_helpdesks(live: Live) -> None:
    body = {"address": "Nia.Rowe@School.example", "name": "Nia Rowe", "reason": "new school"}
    is_error(live.call("POST", "/v1/contacts", body), 403, "wrong-role")
    made = live.call("POST", "/v1/contacts", body, live.helpdesk)
    assert set(made.json) == {"id"}
    same = live.call("POST", "/v1/contacts", body, live.helpdesk)
    assert same.json == made.json
    found = live.call("POST", "/v1/contacts/search", {"query": "nia"}, live.helpdesk).json
    assert [c["entry"] for c in found["contacts"]] == ["nia.rowe@school.example"]
    assert found["contacts"][0]["reason"] == "new school"
    assert found["contacts"][0]["owner"] == "desk"
    assert live.check(draft_json("nia.rowe@school.example"))["verdict"] == "allow"
    path = f"/v1/contacts/{made.json['id']}"
    is_error(live.call("DELETE", path), 403, "wrong-role")
    assert live.call("DELETE", path, token=live.helpdesk).json == {"removed": True}
    is_error(live.call("DELETE", path, token=live.helpdesk), 404, "no-such-contact")
    assert live.check(draft_json("nia.rowe@school.example"))["verdict"] == "confirm"


@pytest.mark.parametrize(
    "body",
    [
        {}, {"address": "a@b.example", "domain": "b.example"}, {"address": "nobody"},
        {"domain": "uk"}, {"domain": "*"}, {"domain": ""}, {"address": "a@b.example", "expires": "2026-02-31"},
    ],
)  # fmt: skip
def test_what_cannot_be_an_entry_is_refused(live: Live, body: dict[str, Any]) -> None:
    answer = live.call("POST", "/v1/contacts", body, live.helpdesk)
    assert answer.status == 422
    assert answer.json["error"]["hint"]


def test_a_whole_domain_is_allowed_with_its_subdomains_and_no_more(live: Live) -> None:
    live.call("POST", "/v1/contacts", {"domain": "chambers.example"}, live.helpdesk)
    verdicts = {
        address: live.check(draft_json(address))["verdict"]
        for address in (
            "x@chambers.example", "x@mail.chambers.example", "x@notchambers.example",
            "x@chambers.example.elsewhere.example",
        )
    }  # fmt: skip
    assert list(verdicts.values()) == ["allow", "allow", "confirm", "confirm"], verdicts


def test_a_blocked_address_and_a_blocked_domain(live: Live) -> None:
    for entry in ({"address": "old@supplier.example"}, {"domain": "rival.example"}):
        live.call(
            "POST", "/v1/contacts", {**entry, "status": "blocked", "reason": "left"}, live.helpdesk
        )
    for address in (
        "old@supplier.example",
        "Old@Supplier.example",
        "x@rival.example",
        "x@a.rival.example",
    ):
        answer = live.check(draft_json(address))
        assert answer["verdict"] == "block", address
        assert answer["findings"][0]["code"] == "recipient.blocked"


def test_an_entry_ends_with_its_last_day(live: Live) -> None:
    for day, verdict in (("2020-01-01", "confirm"), ("2099-12-31", "allow")):
        body = {"address": "nia@school.example", "expires": day}
        live.call("POST", "/v1/contacts", body, live.helpdesk)
        assert live.check(draft_json("nia@school.example"))["verdict"] == verdict


def test_a_request_arrives_and_is_granted(live: Live) -> None:
    body = {
        "address": "nia@school.example",
        "from": "ann.lee@council.example",
        "reason": "new head",
    }
    made = live.call("POST", "/v1/requests", body)
    assert live.call("POST", "/v1/requests", body).json == made.json, "asking twice is asking once"
    is_error(live.call("GET", "/v1/requests"), 403, "wrong-role")
    bare = live.call("POST", "/v1/requests", {"address": "kit@school.example"})
    assert bare.status == 200
    refuse = f"/v1/requests/{bare.json['id']}"
    live.call("POST", refuse, {"state": "refused"}, live.helpdesk)
    listed = live.call("GET", "/v1/requests", token=live.helpdesk).json["requests"]
    assert [(r["address"], r["reason"], r["state"]) for r in listed] == [
        ("nia@school.example", "new head", "open")
    ]
    path = f"/v1/requests/{made.json['id']}"
    is_error(live.call("POST", path, {"state": "granted"}), 403, "wrong-role")
    assert live.call("POST", path, {"state": "granted"}, live.helpdesk).json == {"state": "granted"}
    assert live.check(draft_json("nia@school.example"))["verdict"] == "allow"
    is_error(live.call("POST", path, {"state": "refused"}, live.helpdesk), 404, "no-such-request")


@pytest.mark.parametrize(
    ("reviewed", "outcome", "change", "expected"),
    [
        (True, "sent", False, {"code": None, "against": True, "changed": False}),
        (True, "sent", True, {"code": None, "against": True, "changed": True}),
        (True, "cancelled", False, {"code": None, "against": False, "changed": False}),
        (True, "failed", False, {"code": None, "against": False, "changed": False}),
        (False, "sent", False, {"code": "service.unchecked", "against": False, "changed": False}),
        (False, "handed-over", False, {"code": "service.unchecked", "against": False}),
    ],
)
def test_every_send_is_recorded(
    live: Live, reviewed: bool, outcome: str, change: bool, expected: dict[str, Any]
) -> None:
    draft = draft_json("kit@supplier.example")
    review = live.check(draft)["review"] if reviewed else None
    told = {"review": review, "outcome": outcome, "draft": draft}
    if change:
        told["draft"] = {**draft, "subject": "Another"}
    reference = live.call("POST", "/v1/sent", told).json["reference"]
    with live.installation.store.read() as connection:
        row = receipts.by_reference(connection, reference)[-1]
    body = json.loads(row.body)
    assert row.kind == "sent"
    assert {name: body[name] for name in expected} == expected
    assert body["outcome"] == outcome


@pytest.mark.parametrize(
    ("outcome", "known"),
    [("sent", True), ("handed-over", True), ("failed", False), ("cancelled", False)],
)
def test_history_learns_from_what_left(live: Live, outcome: str, known: bool) -> None:
    draft = draft_json("kit@council.example")
    for _ in range(2):  # a retry is counted once
        review = live.check(draft)["review"]
        told = {"review": review, "outcome": outcome, "draft": draft}
        for _ in range(2):
            assert live.call("POST", "/v1/sent", told).status == 200
    codes = {f["code"] for f in live.check(draft)["findings"]}
    assert ("recipient.first-contact" not in codes) is known
    with live.installation.store.read() as connection:
        from addin_service.store import history

        people = history.correspondents_of(connection, "ann.lee@council.example")
    assert [p.sent for p in people] == ([2] if known else [])


def test_a_revoked_client_is_refused_at_once(live: Live) -> None:
    with live.installation.store.write() as connection:
        clients.revoke(connection, live.token.partition(".")[0], times.now())
    body = {"draft": draft_json("jo@council.example")}
    is_error(live.call("POST", "/v1/check", body), 401, "no-token")
