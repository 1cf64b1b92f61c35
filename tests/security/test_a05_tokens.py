"""Jupyter Server, 2026: when a request failed, the address of the page it came from went into the
log, and with it the token that opens the server.
"""

import ast
import base64
import hmac
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import addin_service
from addin_service import addresses, membership
from addin_service.store import clients, people, tables, times
from tests.conftest import Live
from tests.security.raw import Line, Target, in_shape, message, state

PUBLIC = {"/v1/health", "/v1/hello", "/v1/pair"}
PACKAGE = Path(addin_service.__file__).parent
SECRET_WORDS = ("token", "secret", "hash", "proof", "nonce", "code", "signature", "hmac")

GUARDIANS = {
    "store/clients.py", "web/guard.py", "web/access.py", "web/api/pairing.py", "tokens.py",
    "secrets.py", "web/identity.py", "web/sign_in.py", "web/provider.py", "web/limits.py",
}  # fmt: skip
COMPARED_WITH_CARE = {
    # Only the hash of what was typed is looked up: how long that takes tells nothing about a code.
    ("store/clients.py", "pairing_codes.c.code_hash == _code_hash(typed)"),
    ("store/clients.py", "pairing_codes.c.code_hash == row.code_hash"),
    ("store/clients.py", "people.c.id == pairing_codes.c.person"),  # no secret: whose code it is
    ("web/guard.py", "token.count('.') == 2"),  # of which kind it is
    # No secrets: what was answered, and whether there is such a claim.
    ("web/provider.py", "answer.status_code != 200"),
    ("web/identity.py", "'nonce' in claims"),
}


def other_client(live: Live) -> tuple[clients.Client, str]:
    """Another paired client, of role sender."""
    with live.installation.store.write() as connection:
        return clients.add(connection, "other", "sender", times.now())


def revoked_token(live: Live) -> str:
    """The token of a client whose access was ended."""
    gone, token = other_client(live)
    with live.installation.store.write() as connection:
        assert clients.revoke(connection, gone.id, times.now())
    return token


def wrong_authorizations(live: Live) -> list[tuple[tuple[str, str], ...]]:
    """Headers that come near to letting somebody in."""
    token = live.helpdesk
    holder, _, secret = token.partition(".")
    mate, mates_token = other_client(live)
    with live.installation.store.read() as connection:
        stored = connection.execute(select(tables.clients.c.token_hash)).scalars().all()
    basic = base64.b64encode(f"{holder}:{secret}".encode()).decode()
    values = [
        "", "Bearer", "Bearer ", f"Bearer {token[:-1]}", f"Bearer {token}A", f"Bearer {token[1:]}",
        f"Bearer {holder}", f"Bearer {holder}.", f"Bearer .{secret}", f"Bearer {secret}",
        f"Bearer {holder}.{secret.swapcase()}", f"Bearer {holder.upper()}.{secret}",
        f"Bearer {holder}.{mates_token.partition('.')[2]}", f"Bearer {mate.id}.{secret}",
        f"Bearer {revoked_token(live)}", f"Bearer {'A' * 43}", f"Bearer {holder}.{'0' * 43}",
        *(f"Bearer {holder}.{one}" for one in stored[:1]), *(f"Bearer {one}" for one in stored),
        f"Bearer  {token}", f"Bearer {token} x", f"Bearer\t{token}", f'Bearer "{token}"',
        f"Bearer token={token}", f"Bearer,{token}", f"Bearer:{token}", f"Token {token}", token,
        f"Basic {basic}", f"Basic {token}", f"Digest {token}", f"Bearer {holder} {secret}",
        f"Bearer {token}, Bearer {token}", f"Bearer {mates_token[:-1]}, Bearer {token}",
        f"Bearer {'A' * 5000}", f"Bearer {token}\xe9", "Bearer null", "Bearer undefined",
        f"Bearer %s{token}", f"Bearer {holder}.{secret}%00", f"xBearer {token}",
    ]  # fmt: skip
    bearer = f"Bearer {token}"
    return [
        *((("Authorization", value),) for value in values),
        (),
        (("Authorization", bearer), ("Authorization", bearer)),
        (("Authorization", f"Bearer {mates_token}"), ("Authorization", bearer)),
        (("Cookie", f"token={token}; Authorization=Bearer {token}; session={token}"),),
        (("Proxy-Authorization", bearer),),
        (("X-Authorization", bearer),),
        (("X-Api-Key", token),),
        (("Authorization_", bearer),),
        (("Sec-WebSocket-Protocol", token),),
    ]


def test_nothing_but_the_right_token_in_the_right_place_lets_anybody_in(target: Target) -> None:
    cases = wrong_authorizations(target.live)
    assert len(cases) >= 30
    kind = ("Content-Type", "application/json")
    asked = [route for route in target.routes if route.rule not in PUBLIC]
    with target.unharmed(), Line(target.port) as line:
        for headers in cases:
            for route in asked:
                path = target.path(route)
                body = target.body(path) if route.method == "POST" else b""
                sent = message(route.method, path, target.host, kind, *headers, body=body)
                in_shape(line.ask(sent), 401, 400)


def test_a_token_in_the_url_is_no_token(target: Target) -> None:
    token = target.live.helpdesk
    queries = (
        f"token={token}", f"access_token={token}", f"Authorization=Bearer%20{token}",
        f"api_key={token}", f"authorization=Bearer+{token}",
    )  # fmt: skip
    with target.unharmed(), Line(target.port) as line:
        for query in queries:
            sent = message("GET", f"/v1/requests?{query}", target.host)
            in_shape(line.ask(sent), 401)
            userinfo = message("GET", f"http://{token}@{target.host[1]}/v1/requests", target.host)
            in_shape(line.ask(userinfo), 421)


def test_the_scheme_has_no_case_and_the_token_has(target: Target) -> None:
    with Line(target.port) as line:
        for scheme in ("Bearer", "bearer", "BEARER"):
            allowed = ("Authorization", f"{scheme} {target.live.helpdesk}")
            assert line.ask(message("GET", "/v1/requests", target.host, allowed)).status == 200


def test_an_ended_access_is_ended_at_once(target: Target) -> None:
    client, token = other_client(target.live)
    asked = message("GET", "/v1/openapi.json", target.host, ("Authorization", f"Bearer {token}"))
    with Line(target.port) as line:
        assert line.ask(asked).status == 200
        with target.live.installation.store.write() as connection:
            clients.revoke(connection, client.id, times.now())
        with target.unharmed():
            in_shape(line.ask(asked), 401)
            hello = message(
                "POST", "/v1/hello", target.host, ("Content-Type", "application/json"),
                body=f'{{"client": "{client.id}", "nonce": "{"n" * 16}"}}'.encode(),
            )  # fmt: skip
            in_shape(line.ask(hello), 404)


def person_with(live: Live, mailbox: str) -> people.Person:
    """Somebody of a department."""
    with live.installation.store.write() as connection:
        return membership.enter(live.installation, connection, addresses.parse(mailbox), "")[0]


def test_a_disabled_persons_tokens_open_no_door_from_then_on(target: Target) -> None:
    live = target.live
    person = person_with(live, "ann.lee@council.example")
    with live.installation.store.write() as connection:
        membership.give_roles(live.installation, connection, person, clients.ROLES)
        tokens = [
            clients.add(connection, "own", role, times.now(), person.id)[1]
            for role in clients.ROLES
        ]  # fmt: skip
    kind = ("Content-Type", "application/json")
    with Line(target.port) as line:
        for token in tokens:
            allowed = ("Authorization", f"Bearer {token}")
            asked = message("GET", "/v1/openapi.json", target.host, allowed)
            assert line.ask(asked).status == 200
        with live.installation.store.write() as connection:
            membership.disable(live.installation, connection, person)
        with target.unharmed():
            for token in tokens:
                allowed = ("Authorization", f"Bearer {token}")
                for route in target.routes:
                    if route.rule not in PUBLIC:
                        path = target.path(route)
                        body = target.body(path) if route.method == "POST" else b""
                        sent = message(route.method, path, target.host, kind, allowed, body=body)
                        in_shape(line.ask(sent), 401)


def test_another_persons_token_sends_as_nobody_but_that_person(target: Target) -> None:
    live = target.live
    ann = person_with(live, "ann.lee@council.example")
    bob = person_with(live, "bob.hall@council.example")
    with live.installation.store.write() as connection:
        tokens = [clients.add(connection, "x", "sender", times.now(), p.id)[1] for p in (ann, bob)]
    kind = ("Content-Type", "application/json")
    senders = ("/v1/check", "/v1/seal", "/v1/sent", "/v1/requests", "/v1/history", "/v1/book")
    with Line(target.port) as line:
        for path in senders:  # what each of these bodies says is sent by the first of the two
            sent = [
                message(
                    "POST", path, target.host, kind, ("Authorization", f"Bearer {token}"),
                    body=target.body(path),
                )
                for token in tokens
            ]  # fmt: skip
            assert line.ask(sent[0]).status in (200, 409)
            with target.unharmed():
                in_shape(line.ask(sent[1]), 403)


def test_an_unknown_client_takes_the_same_comparison_as_a_known_one(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def counted(one: Any, other: Any) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    known, _, _ = target.live.token.partition(".")
    with target.live.installation.store.read() as connection:
        for token in (target.live.token, f"{known}.wrong", "nobody.wrong", ""):
            clients.holder(connection, token)
    assert compared == [(32, 32)] * 4


def test_no_secret_is_compared_byte_by_byte() -> None:
    """In the sources: `==` stops at the first difference, and the time tells where that is."""
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and any(
                isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for op in node.ops
            ):
                named = [ast.unparse(side).lower() for side in (node.left, *node.comparators)]
                if any(word in name for word in SECRET_WORDS for name in named):
                    found.add((path.relative_to(PACKAGE).as_posix(), ast.unparse(node)))
    in_charge = {one for one in found if one[0] in GUARDIANS}
    assert in_charge == COMPARED_WITH_CARE


def test_a_token_is_in_no_log_answer_or_file(target: Target, tmp_path: Path) -> None:
    port, token = target.port, target.live.helpdesk
    with Line(port) as line:
        said = [line.ask(target.valid(route)) for route in target.routes]
        for route in target.routes:
            said.append(line.ask(target.valid(route, ("Referer", f"http://x/?t={token}"))))
            said.append(
                line.ask(message("GET", f"/v1/{token}?{token}", target.host, target.allowed))
            )
            said.append(line.ask(message("PUT", target.path(route), target.host, target.allowed)))
    for reply in said:
        for secret in target.secrets()[:2]:
            assert secret not in reply.body.decode() + str(reply.headers)
    target.says_nothing_personal()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not [one for one in target.secrets() if one.encode() in content], file
    assert token.partition(".")[2] not in str(state(target.live.installation)["rows"])


def test_a_token_has_256_random_bits(target: Target) -> None:
    secrets = {other_client(target.live)[1].partition(".")[2] for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(base64.urlsafe_b64decode(one + "=")) == 32 for one in secrets)
