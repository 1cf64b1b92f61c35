"""People of a department: as whom they may send, what they may do, when that ends. Invariant 9."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from addin_service import addresses, membership
from addin_service.installation import Installation, open_installation
from addin_service.membership import Vouched
from addin_service.model import Address
from addin_service.receipts import verify
from addin_service.settings import Settings
from addin_service.store import clients, people, receipts, times
from addin_service.store.clients import ROLES
from addin_service.store.people import Bound, Kind, Person
from tests.conftest import Answer, Live, draft_json, serving

ISSUER = "https://login.council.example"
ANN, BOB, TEAM = "ann.lee@council.example", "bob.hall@council.example", "team@council.example"
Cli = Callable[..., subprocess.CompletedProcess[str]]


def own(text: str) -> Address:
    """The parsed address."""
    return addresses.parse(text)


def enter(installation: Installation, *mailboxes: str) -> Person:
    """Somebody whose own mailbox is the first of these; the others are shared."""
    with installation.store.write() as connection:
        person, _ = membership.enter(installation, connection, own(mailboxes[0]), "")
        for more in mailboxes[1:]:
            membership.bind(installation, connection, person, own(more).key, "shared")
    return person


def token_of(installation: Installation, person: Person | None, role: str = "sender") -> str:
    """A token of this person."""
    with installation.store.write() as connection:
        whose = person.id if person else None
        return clients.add(connection, "x", role, times.now(), whose)[1]


def vouched(*mailboxes: str, subject: str = "s-1", **more: Any) -> Vouched:
    """What a sign-in says."""
    return Vouched(ISSUER, subject, "Ann Lee", tuple(own(m).key for m in mailboxes), **more)


def bound(installation: Installation, person: Person) -> list[tuple[str, str, str]]:
    """The mailboxes of somebody."""
    with installation.store.read() as connection:
        found = people.mailboxes(connection, person.id)
    return [(b.mailbox, b.kind, b.source) for b in found]


def asked_as(live: Live, sender: str, token: str) -> dict[str, Answer]:
    """Every route that names a sender, asked as this one."""
    draft = draft_json("jo@council.example", sender=sender)
    bodies: dict[str, Any] = {
        "/v1/check": {"purpose": "send", "draft": draft},
        "/v1/check typing": {"purpose": "typing", "draft": draft},
        "/v1/sent": {"outcome": "sent", "draft": draft},
        "/v1/seal": {"draft": draft, "review": "none"},
        "/v1/keys/ask": {"address": "jo@council.example", "from": {"address": sender}},
        "/v1/requests": {"address": "jo@council.example", "from": sender},
        "/v1/history": {"mailbox": sender, "mails": []},
    }
    return {
        path: live.call("POST", path.partition(" ")[0], body, token)
        for path, body in bodies.items()
    }


def rows(installation: Installation) -> tuple[int, str]:
    """The newest receipt: what is still the same when nothing was recorded."""
    with installation.store.read() as connection:
        return receipts.head(connection)


def test_a_person_sends_as_their_own_mailboxes_and_as_no_other(live: Live) -> None:
    token = token_of(live.installation, enter(live.installation, ANN, TEAM))
    for sender in (ANN, TEAM, "ann.lee@COUNCIL.example"):
        for path, answer in asked_as(live, sender, token).items():
            assert answer.status == (409 if path == "/v1/seal" else 200), (path, answer.body)
    before = rows(live.installation)
    for sender in (BOB, "ann.lee@elsewhere.example", "ann.lee+x@council.example"):
        for path, answer in asked_as(live, sender, token).items():
            assert answer.status == 403, path
            assert answer.json["error"]["code"] == "not-your-mailbox"
            assert answer.json["error"]["hint"]
            assert sender.partition("@")[0] not in answer.body.decode()
    assert rows(live.installation) == before


def test_somebody_with_no_mailbox_sends_as_nobody(live: Live) -> None:
    person = membership.signed_in(live.installation, vouched())
    answers = asked_as(live, ANN, token_of(live.installation, person))
    assert {answer.status for answer in answers.values()} == {403}


def test_a_client_of_nobody_sends_as_any_mailbox_as_on_a_desk(live: Live) -> None:
    for path, answer in asked_as(live, BOB, live.token).items():
        assert answer.status == (409 if path == "/v1/seal" else 200)


def test_an_unbound_mailbox_is_gone_with_the_next_request(live: Live) -> None:
    person = enter(live.installation, ANN, TEAM)
    token = token_of(live.installation, person)
    assert asked_as(live, TEAM, token)["/v1/check"].status == 200
    with live.installation.store.write() as connection:
        assert membership.unbind(live.installation, connection, person, own(TEAM).key)
    assert {answer.status for answer in asked_as(live, TEAM, token).values()} == {403}


def test_a_disabled_person_is_out_with_all_tokens_and_back_when_that_is_undone(live: Live) -> None:
    person = enter(live.installation, ANN)
    tokens = [token_of(live.installation, person) for _ in range(2)]
    other = token_of(live.installation, enter(live.installation, BOB))
    with live.installation.store.write() as connection:
        code = clients.new_code(connection, "", "sender", times.now(), person.id)
        membership.disable(live.installation, connection, person)
    for token in tokens:
        assert {a.status for a in asked_as(live, ANN, token).values()} == {401}
        said = {"client": token.partition(".")[0], "nonce": "n" * 16}
        assert live.call("POST", "/v1/hello", said, None).status == 404
    assert live.call("POST", "/v1/pair", {"code": code}, None).status == 403
    assert asked_as(live, BOB, other)["/v1/check"].status == 200
    with live.installation.store.write() as connection:
        membership.disable(live.installation, connection, person, undo=True)
    assert asked_as(live, ANN, tokens[0])["/v1/check"].status == 200


def test_a_code_of_a_person_makes_a_client_of_that_person(live: Live) -> None:
    person = enter(live.installation, ANN)
    with live.installation.store.write() as connection:
        code = clients.new_code(connection, "", "sender", times.now(), person.id)
    token = live.call("POST", "/v1/pair", {"code": code, "name": "laptop"}, None).json["token"]
    assert asked_as(live, ANN, token)["/v1/check"].status == 200
    assert asked_as(live, BOB, token)["/v1/check"].status == 403


MATRIX: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/v1/openapi.json"): ROLES,
    ("POST", "/v1/check"): ("sender", "helpdesk", "key-officer", "admin"),
    ("POST", "/v1/sent"): ("sender", "helpdesk", "key-officer", "admin"),
    ("POST", "/v1/seal"): ("sender", "helpdesk", "key-officer", "admin"),
    ("POST", "/v1/keys/ask"): ("sender", "helpdesk", "key-officer", "admin"),
    ("POST", "/v1/requests"): ("sender", "helpdesk", "key-officer", "admin"),
    ("POST", "/v1/history"): ("sender", "helpdesk", "key-officer", "admin"),
    ("POST", "/v1/book"): ("sender", "helpdesk", "key-officer", "admin"),
    ("GET", "/v1/requests"): ("helpdesk", "admin"),
    ("POST", "/v1/requests/<request_id>"): ("helpdesk", "admin"),
    ("POST", "/v1/contacts"): ("helpdesk", "admin"),
    ("POST", "/v1/contacts/search"): ("helpdesk", "admin"),
    ("DELETE", "/v1/contacts/<contact_id>"): ("helpdesk", "admin"),
    ("GET", "/metrics"): ("auditor", "admin"),
    ("GET", "/v1/ready"): ROLES,
    ("GET", "/v1/about"): ROLES,
    ("POST", "/v1/unpair"): ROLES,
}
"""Written down here a second time: who may do what has to be meant."""
PUBLIC = {("GET", "/v1/health"), ("POST", "/v1/hello"), ("POST", "/v1/pair")}


def url_map(live: Live) -> list[tuple[str, str]]:
    """Every route of the service."""
    from tests.security.raw import routes

    return [(route.method, route.rule) for route in routes(live.installation)]


@pytest.mark.parametrize("of_a_person", [False, True])
def test_each_role_may_do_what_the_table_says_and_nothing_else(
    live: Live, of_a_person: bool
) -> None:
    person = enter(live.installation, ANN) if of_a_person else None
    if person:
        with live.installation.store.write() as connection:
            membership.give_roles(live.installation, connection, person, ROLES)
    tokens = {role: token_of(live.installation, person, role) for role in ROLES}
    for method, rule in url_map(live):
        if (method, rule) in PUBLIC:
            continue
        path = rule.replace("<request_id>", "0" * 32).replace("<contact_id>", "0" * 32)
        for role, token in tokens.items():
            answer = live.call(method, path, {} if method == "POST" else None, token)
            refused = answer.status == 403 and answer.json["error"]["code"] == "wrong-role"
            assert refused is (role not in MATRIX[method, rule]), (method, rule, role)


def test_a_role_taken_back_is_gone_with_the_next_request(live: Live) -> None:
    person = enter(live.installation, ANN)
    token = token_of(live.installation, person, "helpdesk")
    assert live.call("GET", "/v1/requests", token=token).status == 403
    for roles, status in ((["helpdesk"], 200), (["auditor"], 403), ([], 403)):
        with live.installation.store.write() as connection:
            membership.give_roles(live.installation, connection, person, roles)
        assert live.call("GET", "/v1/requests", token=token).status == status


def test_one_person_never_learns_from_a_verdict_what_another_did(live: Live) -> None:
    """Invariant 9, in a department: two people, the same co-workers, one of them sends much."""
    ann, bob = (token_of(live.installation, enter(live.installation, m)) for m in (ANN, BOB))
    to = ["r.marsh@northwind.example", "jo@council.example"]

    def verdict(sender: str, token: str) -> Any:
        said = {"purpose": "typing", "draft": draft_json(*to, sender=sender)}
        found = live.call("POST", "/v1/check", said, token).json
        return [(f["code"], f["message"], f["ask"], f["facts"]) for f in found["findings"]]

    before = verdict(BOB, bob)
    for _ in range(12):
        sent = {"outcome": "sent", "draft": draft_json(*to, sender=ANN)}
        assert live.call("POST", "/v1/sent", sent, ann).status == 200
        posing = {"outcome": "sent", "draft": draft_json(*to, sender=BOB)}
        assert live.call("POST", "/v1/sent", posing, ann).status == 403
    assert verdict(ANN, ann) != before, "the sends are counted for the one who sent"
    assert verdict(BOB, bob) == before
    answer = live.call("POST", "/v1/check", {"draft": draft_json(*to, sender=ANN)}, bob)
    assert answer.status == 403


def test_a_shared_mailbox_has_one_history_whoever_sends(live: Live) -> None:
    ann, bob = (token_of(live.installation, enter(live.installation, m, TEAM)) for m in (ANN, BOB))
    draft = draft_json("r.marsh@northwind.example", sender=TEAM)
    first = live.call("POST", "/v1/check", {"draft": draft, "purpose": "typing"}, bob).json
    assert live.call("POST", "/v1/sent", {"outcome": "sent", "draft": draft}, ann).status == 200
    second = live.call("POST", "/v1/check", {"draft": draft, "purpose": "typing"}, bob).json
    assert first["findings"] != second["findings"]


def test_what_the_sign_in_says_is_taken_over_anew_each_time(installation: Installation) -> None:
    person = membership.signed_in(installation, vouched(ANN, TEAM, roles=frozenset({"helpdesk"})))
    with installation.store.write() as connection:
        membership.bind(installation, connection, person, own(BOB).key, "delegated")
    again = membership.signed_in(installation, vouched(ANN, roles=frozenset({"auditor"})))
    assert again.id == person.id
    assert bound(installation, person) == [
        (own(ANN).key, "own", "sign-in"), (own(BOB).key, "delegated", "admin"),
    ]  # fmt: skip
    with installation.store.read() as connection:
        assert people.roles(connection, person.id) == {"auditor"}
    more = membership.signed_in(installation, vouched(TEAM, complete=False))
    assert [b[0] for b in bound(installation, more) if b[2] == "sign-in"] == [ANN, TEAM]
    with installation.store.read() as connection:
        assert people.roles(connection, person.id) == {"auditor"}, "nothing was said of roles"


def test_the_same_sign_in_again_writes_nothing(installation: Installation) -> None:
    membership.signed_in(installation, vouched(ANN, roles=frozenset({"helpdesk"})))
    before = rows(installation)
    membership.signed_in(installation, vouched(ANN, roles=frozenset({"helpdesk"})))
    assert rows(installation) == before


def test_whoever_was_entered_by_hand_is_recognised_at_the_first_sign_in(
    installation: Installation,
) -> None:
    entered = enter(installation, ANN, TEAM)
    signed = membership.signed_in(installation, vouched(ANN))
    assert signed.id == entered.id
    assert (signed.issuer, signed.name) == (ISSUER, "Ann Lee")
    # The mailbox alone makes nobody else this person from then on.
    other = membership.signed_in(installation, vouched(ANN, subject="s-2"))
    assert other.id != entered.id
    assert (TEAM, "shared", "admin") not in bound(installation, other)


def test_a_disabled_person_stays_so_at_a_sign_in_also_one_entered_by_hand(
    installation: Installation,
) -> None:
    entered = enter(installation, ANN)
    with installation.store.write() as connection:
        membership.disable(installation, connection, entered)
    for _ in range(2):
        signed = membership.signed_in(installation, vouched(ANN, TEAM))
        assert signed.id == entered.id
        assert signed.disabled
    assert [b[0] for b in bound(installation, entered)] == [ANN]


def test_an_address_given_to_somebody_else_is_its_former_owners_no_longer(
    installation: Installation,
) -> None:
    former = membership.signed_in(installation, vouched(ANN))
    new = membership.signed_in(installation, vouched(ANN, subject="s-2"))
    assert bound(installation, former) == []
    assert bound(installation, new) == [(ANN, "own", "sign-in")]


def test_each_change_leaves_a_receipt_that_names_nobody(installation: Installation) -> None:
    person = enter(installation, ANN, TEAM)
    membership.signed_in(installation, vouched(ANN))
    with installation.store.write() as connection:
        membership.give_roles(installation, connection, person, ["helpdesk"])
        membership.unbind(installation, connection, person, own(TEAM).key)
        membership.disable(installation, connection, person)
    with installation.store.read() as connection:
        found = [row for row in receipts.rows(connection) if row.kind == "people"]
        head = receipts.head(connection)
        every = list(receipts.rows(connection))
    assert [json.loads(row.body)["action"] for row in found] == [
        "person-added", "mailbox-bound", "person-recognised", "person-roles", "mailbox-unbound",
        "person-disabled",
    ]  # fmt: skip
    assert "council" not in "".join(row.body for row in found)
    assert verify(installation.reviewer.chain_key, every, head) is None


@pytest.mark.parametrize("kind", people.KINDS)
def test_the_kind_of_a_binding_can_change(installation: Installation, kind: Kind) -> None:
    person = enter(installation, ANN)
    with installation.store.write() as connection:
        people.bind(connection, person.id, TEAM, "shared", "admin", times.now())
        people.bind(connection, person.id, TEAM, kind, "admin", times.now())
        assert Bound(TEAM, kind, "admin") in people.mailboxes(connection, person.id)


def test_people_by_command(cli: Cli) -> None:
    new = cli("person", "add", ANN, "--name", "Ann Lee").stdout.strip()
    assert cli("person", "add", ANN).stdout.strip() == new
    cli("person", "bind", ANN, TEAM)
    cli("person", "bind", new, BOB, "--kind", "delegated")
    cli("person", "unbind", ANN, BOB)
    assert cli("person", "unbind", ANN, BOB, check=False).returncode == 1
    cli("person", "role", ANN, "helpdesk")
    shown = json.loads(cli("person", "show", ANN, "--json").stdout)
    assert shown["id"] == new
    assert [(b["mailbox"], b["kind"]) for b in shown["mailboxes"]] == [
        (ANN, "own"), (TEAM, "shared")
    ]  # fmt: skip
    assert shown["roles"] == ["helpdesk"]
    assert json.loads(cli("person", "list", "--json").stdout) == [shown]
    assert TEAM in cli("person", "show", ANN).stdout
    assert ANN in cli("person", "list").stdout
    token = cli("client", "add", "x", "--person", ANN, "--role", "helpdesk").stdout.strip()
    assert "." in token
    refused = cli("client", "add", "x", "--person", ANN, "--role", "auditor", check=False)
    assert refused.returncode == 1
    assert "hint:" in refused.stderr
    assert len(cli("client", "pair", "--person", new).stdout.strip()) == 9
    listed = json.loads(cli("client", "list", "--json").stdout)
    assert [one["person"] for one in listed] == [new]
    cli("person", "role", ANN, "helpdesk", "--remove")
    cli("person", "disable", ANN)
    assert cli("person", "disable", ANN, check=False).returncode == 1
    assert "revoked" not in cli("client", "list").stdout
    cli("person", "disable", ANN, "--undo")
    for wrong in (["show", BOB], ["show", "nobody"], ["disable", "x" * 32]):
        assert cli("person", *wrong, check=False).returncode == 1
    assert cli("person", "add", "no address", check=False).returncode == 2
    assert cli("audit", "verify").returncode == 0


def test_a_list_of_people_is_taken_over_but_for_its_wrong_lines(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "person,mailbox,kind\n"
        f"{ANN},{ANN},own\n"
        f"{ANN},{TEAM},shared\n"
        f"{BOB},{TEAM},Shared\n"
        f"{BOB},{ANN},friend\n"
        f"no address,{ANN},own\n"
        "\n"
        f"{BOB},,\n"
        f"{BOB},{BOB},shared\n"
        f"{BOB},{TEAM},shared,more\n"
        f'{BOB},"{TEAM},shared\n',
        encoding="utf-8",
    )
    done = cli("person", "import", str(file), check=False)
    assert done.returncode == 1
    assert "2 people entered, 2 mailboxes bound, 5 lines left out." in done.stdout
    assert [line.split()[1] for line in done.stderr.splitlines()] == ["5", "6", "9", "10", "11"]
    found = json.loads(cli("person", "list", "--json").stdout)
    assert [[b["mailbox"] for b in one["mailboxes"]] for one in found] == [[ANN, TEAM], [BOB, TEAM]]
    before = cli("audit", "verify").stdout
    cli("person", "import", str(file), check=False)
    assert cli("audit", "verify").stdout == before, "the same again changes nothing"
    file.write_text("name,email\nAnn,ann@council.example\n", encoding="utf-8")
    refused = cli("person", "import", str(file), check=False)
    assert refused.returncode == 2
    assert "person,mailbox,kind" in refused.stderr


def test_in_a_department_a_client_that_is_nobodys_sends_for_nobody(settings: Settings) -> None:
    settings.data.mkdir()
    opened = open_installation(settings)
    with opened.store.write() as connection:
        _, old = clients.add(connection, "from the desk", "sender", times.now())
    body = {"purpose": "send", "draft": draft_json("ben.roe@council.example")}
    with serving(opened) as desk:
        assert desk.call("POST", "/v1/check", body, old).status == 200
    opened.close()
    settings.department_file.write_text('public = "https://lastlook.council.example"\n')
    opened = open_installation(settings)
    with serving(opened) as department:
        answer = department.call("POST", "/v1/check", body, old)
        assert (answer.status, answer.json["error"]["code"]) == (403, "not-your-mailbox")
        assert "connect this program anew" in answer.json["error"]["hint"]
    opened.close()
