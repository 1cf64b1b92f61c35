"""Outlook brings its provider's own tokens in place of ours."""

import io
import json
import threading
import time
from typing import Any

import pytest
from sqlalchemy import func, select

from addin_service import membership
from addin_service.store import clients, people, tables, times
from addin_service.web import identity
from addin_service.web import provider as providers
from tests.conftest import Answer, Live, draft_json
from tests.web.conftest import OUTLOOK, SIGN_IN, Browser, Started
from tests.web.idp import AUDIENCE, CLIENT, KEYS, Idp, new_key
from tests.web.test_sign_in import ANN, FORGED, SUBJECTS, WRONG_CLAIMS

pytestmark = pytest.mark.slow
ENTRA: dict[str, Any] = {
    "oid": "0b9f5b36-ann", "sub": "pairwise-1", "name": "Ann Lee", "preferred_username": ANN,
    "ver": "2.0", "scp": "access_as_user", "azp": "the-add-in",
}  # fmt: skip


@pytest.fixture
def outlook(started: Started, provider: Idp) -> Live:
    """A department in which Outlook brings its tokens, and nothing else is configured."""
    provider.person = dict(ENTRA)
    return started(OUTLOOK)


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that nobody knows are asked for each time."""
    monkeypatch.setattr(providers, "RETRY_S", -1)


def check(live: Live, token: str, sender: str = ANN) -> Answer:
    """A check as this sender."""
    said = {"draft": draft_json("jo@council.example", sender=sender), "purpose": "typing"}
    return live.call("POST", "/v1/check", said, token)


def counted(live: Live) -> dict[str, int]:
    """How many people and clients there are."""
    with live.installation.store.read() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (tables.people, tables.clients, tables.receipts)
        }


def test_a_token_of_outlook_is_a_client_of_its_person(outlook: Live, provider: Idp) -> None:
    before = counted(outlook)["clients"]
    for _ in range(3):
        assert check(outlook, provider.token()).status == 200
    assert counted(outlook)["clients"] == before + 1
    assert counted(outlook)["people"] == 1
    assert check(outlook, provider.token(), "bob.hall@council.example").status == 403
    assert outlook.call("GET", "/v1/requests", token=provider.token()).status == 403
    with outlook.installation.store.read() as connection:
        person = people.everyone(connection)[0]
        client = clients.everyone(connection)[-1]
    assert (person.issuer, person.subject) == (provider.base, "0b9f5b36-ann")
    assert (client.name, client.role, client.person) == ("Outlook", "sender", person.id)


def test_the_client_of_outlook_has_no_token_of_ours(outlook: Live, provider: Idp) -> None:
    assert check(outlook, provider.token()).status == 200
    with outlook.installation.store.read() as connection:
        rows = connection.execute(select(tables.clients)).all()
    client = next(row for row in rows if row.name == "Outlook")
    for guess in ("", "0" * 43, client.token_hash, provider.token().replace(".", "")):
        assert check(outlook, f"{client.id}.{guess}").status == 401


def test_a_token_that_was_checked_is_known_again_and_a_disabled_person_is_not(
    outlook: Live, provider: Idp
) -> None:
    token = provider.token()
    assert check(outlook, token).status == 200
    asked = list(provider.asked)
    provider.published = []
    assert check(outlook, token).status == 200
    assert provider.asked == asked
    installation = outlook.installation
    with installation.store.write() as connection:
        person = people.everyone(connection)[0]
        membership.disable(installation, connection, person)
    assert check(outlook, token).status == 401
    assert check(outlook, provider.token(jti="another")).status == 401
    with installation.store.write() as connection:
        membership.disable(installation, connection, person, undo=True)
    assert check(outlook, token).status == 200
    with installation.store.write() as connection:
        clients.revoke(connection, clients.everyone(connection)[-1].id, times.now())
    assert check(outlook, token).status == 401
    assert check(outlook, provider.token(jti="a third")).status == 401


def test_a_token_ends_when_it_says_so_also_one_that_was_known(
    outlook: Live, provider: Idp, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(time.time())
    token = provider.token(exp=now + 100)
    assert check(outlook, token).status == 200
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 155)
    assert check(outlook, token).status == 200, "a minute is allowed for clocks that differ"
    monkeypatch.setattr(time, "time", lambda: real() + 170)
    assert check(outlook, token).status == 401


@pytest.mark.parametrize("case", sorted(set(FORGED) - {"empty", "header is not text"}))
def test_a_forged_token_is_no_token(
    outlook: Live, provider: Idp, log: io.StringIO, case: str
) -> None:
    before = counted(outlook)
    provider.forge = FORGED[case]
    token = provider.token()
    answer = check(outlook, token)
    if case == "very long":
        assert answer.status == 431, "the server itself reads no more"
    else:
        assert (answer.status, answer.json["error"]["code"]) == (401, "no-token")
    assert counted(outlook) == before
    assert not [one for one in (*SUBJECTS, token) if one in log.getvalue()]


@pytest.mark.parametrize("case", sorted(c for c in WRONG_CLAIMS if "nonce" not in WRONG_CLAIMS[c]))
def test_a_token_for_somebody_or_something_else_is_no_token(
    outlook: Live, provider: Idp, case: str
) -> None:
    if "azp" in WRONG_CLAIMS[case]:
        assert check(outlook, provider.token(azp="another add-in")).status == 200
        return
    before = counted(outlook)
    provider.claims = {
        name: value.replace(CLIENT, AUDIENCE).replace("{issuer}", provider.base)
        if isinstance(value, str)
        else value
        for name, value in WRONG_CLAIMS[case].items()
    }
    if case == "audience in a row":
        provider.claims["aud"] = [AUDIENCE, "somebody-else"]
    if "sub" in provider.claims:
        del provider.person["oid"]
    assert check(outlook, provider.token()).status == 401
    assert counted(outlook) == before


def test_a_program_that_is_nobody_is_nobody_here(outlook: Live, provider: Idp) -> None:
    assert check(outlook, provider.token(idtyp="app")).status == 401
    assert counted(outlook)["people"] == 0


def test_a_token_of_another_issuer_with_the_same_key_id_is_no_token(
    outlook: Live, provider: Idp
) -> None:
    assert check(outlook, provider.token()).status == 200
    provider.key = KEYS[1]
    provider.header["kid"] = KEYS[0].kid
    assert check(outlook, provider.token()).status == 401


PROVEN = {"email": "c@council.example", "email_verified": True}


@pytest.mark.parametrize(
    ("claims", "sender"),
    [
        ({"preferred_username": ANN, "upn": "b@council.example"}, ANN),
        ({"preferred_username": "no address", "upn": "b@council.example"}, "b@council.example"),
        (PROVEN | {"preferred_username": None}, "c@council.example"),
        (PROVEN | {"preferred_username": ["x"]}, "c@council.example"),
        ({"preferred_username": "Ann.Lee@COUNCIL.example"}, "Ann.Lee@council.example"),
        ({"preferred_username": None}, ""),
        ({"preferred_username": None, "email": ANN, "email_verified": False}, ""),
        ({"preferred_username": None, "email": ANN}, ""),
        ({"preferred_username": None, "email": ANN, "xms_edov": 0}, ""),
        ({"preferred_username": None, "email": ANN, "xms_edov": 1}, ANN),
    ],
)
def test_the_first_claim_that_is_an_address_is_the_mailbox(
    outlook: Live, provider: Idp, claims: dict[str, Any], sender: str
) -> None:
    provider.person |= claims
    token = provider.token()
    for one in (ANN, "b@council.example", "c@council.example", "Ann.Lee@council.example"):
        # The part before the @ keeps its case where somebody means it; see `Address.key`.
        same = identity.mailboxes({"upn": one}, ("upn",)) == identity.mailboxes(
            {"upn": sender}, ("upn",)
        )
        assert check(outlook, token, one).status == (200 if same and sender else 403), one


def test_a_new_address_takes_the_place_of_the_old_one(outlook: Live, provider: Idp) -> None:
    assert check(outlook, provider.token()).status == 200
    provider.person["preferred_username"] = "ann.marsh@council.example"
    token = provider.token()
    assert check(outlook, token, "ann.marsh@council.example").status == 200
    assert check(outlook, token).status == 403


def test_outlook_takes_nothing_back_that_the_sign_in_gave(
    department: Live, provider: Idp, authority: Any
) -> None:
    provider.person |= {"others": ["team@council.example"], "roles": ["LL-Helpdesk"]}
    assert Browser(department, provider, authority).sign_in().status == 200
    provider.person["preferred_username"] = ANN
    token = provider.token()
    assert check(department, token).status == 200
    assert check(department, token, "team@council.example").status == 200
    with department.installation.store.read() as connection:
        (person,) = people.everyone(connection)
        assert people.roles(connection, person.id) == {"helpdesk"}


def test_the_token_of_a_sign_in_is_none_for_the_service(
    department: Live, provider: Idp, authority: Any
) -> None:
    assert Browser(department, provider, authority).sign_in().status == 200
    assert check(department, provider.token(CLIENT, nonce="n" * 20)).status == 401
    # Also not where the provider names both by one name.
    assert check(department, provider.token(nonce="n" * 20)).status == 401
    assert check(department, provider.token(nonce="n" * 20, scp="access_as_user")).status == 200


def test_keys_that_are_known_go_on_while_the_provider_is_down(
    outlook: Live, provider: Idp, monkeypatch: pytest.MonkeyPatch, anew: None
) -> None:
    assert check(outlook, provider.token()).status == 200
    provider.answer = lambda _: (500, {}, b"")
    monkeypatch.setattr(providers, "FRESH_S", -1)
    for number in range(3):
        assert check(outlook, provider.token(jti=f"{number}")).status == 200


def test_an_outage_is_no_reason_to_think_that_one_is_not_paired(
    outlook: Live, provider: Idp, anew: None
) -> None:
    provider.answer = lambda _: (500, {}, b"")
    answer = check(outlook, provider.token())
    assert answer.status == 503
    assert answer.json["error"]["code"] == "sign-in-unavailable"
    assert answer.headers["Retry-After"] == "10"
    assert outlook.call("GET", "/v1/openapi.json").status == 200, "tokens of ours go on"
    provider.answer = lambda _: None
    assert check(outlook, provider.token()).status == 200
    # A key that nobody has heard of, and nobody can be asked about.
    provider.answer = lambda _: (500, {}, b"")
    provider.key = new_key("key-new")
    assert check(outlook, provider.token()).status == 503
    provider.answer = lambda _: None
    provider.published = [KEYS[0], provider.key]
    assert check(outlook, provider.token()).status == 200


def test_a_made_up_key_id_does_not_make_us_ask_again_and_again(
    outlook: Live, provider: Idp
) -> None:
    assert check(outlook, provider.token()).status == 200
    asked = provider.asked.count("/jwks")
    for number in range(20):
        provider.header["kid"] = f"made-up-{number}"
        assert check(outlook, provider.token()).status == 401
    assert provider.asked.count("/jwks") == asked


def test_where_outlook_has_no_provider_its_tokens_are_none(started: Started, provider: Idp) -> None:
    live = started(SIGN_IN)
    assert check(live, provider.token()).status == 401
    assert check(live, provider.token(CLIENT)).status == 401


def shapes() -> list[str]:
    """What is nearly a token."""
    good = KEYS[0]
    header = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0wIn0"
    return [
        "..", "a.b.c", f"{header}..", f"{header}.e30.", f"{header}.e30.AAAA", f"{header}.W10.AAAA",
        f"{header}.!!!.???", f"{'A' * 11_990}.B.C", f"{header}.{'A' * 11_000}.AA",
        "eyJhbGciOiJSUzI1NiJ9.e30.AAAA", "bnVsbA.e30.AAAA", "e30.e30.AAAA",
        "eyJhbGciOlsiUlMyNTYiXX0.e30.AAAA", "eyJhbGciOiJSUzI1NiIsImtpZCI6bnVsbH0.e30.AAAA",
        f"{header}.e30.{good.kid}", "%2e.%2e.%2e", "=.=.=", "\x7f.\x7f.\x7f",
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(len(shapes())))
def test_what_is_nearly_a_token_is_refused_in_our_shape(outlook: Live, number: int) -> None:
    token = shapes()[number]
    if not token.isprintable():
        return
    answer = check(outlook, token)
    assert answer.status == 401
    assert set(answer.json["error"]) == {"code", "message", "hint"}


def test_many_first_tokens_at_once_make_one_person_and_one_client(
    outlook: Live, provider: Idp
) -> None:
    found: list[int] = []
    tokens = [provider.token(jti=str(number)) for number in range(8)]
    threads = [
        threading.Thread(target=lambda token=token: found.append(check(outlook, token).status))
        for token in tokens
    ]
    before = counted(outlook)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 8
    assert counted(outlook)["people"] == before["people"] + 1
    assert counted(outlook)["clients"] == before["clients"] + 1
    with outlook.installation.store.read() as connection:
        bodies = connection.scalars(select(tables.receipts.c.body)).all()
    assert len([body for body in bodies if json.loads(body).get("action") == "person-added"]) == 1
