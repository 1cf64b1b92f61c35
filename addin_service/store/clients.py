"""Clients and the codes that pair them: tokens are stored hashed and compared in constant time."""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from addin_service.store import sets, times, upsert
from addin_service.store.tables import clients, pairing_codes, people

ROLES = ("sender", "helpdesk", "key-officer", "auditor", "admin")
CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that reads like something else
_BY_ID = """
    SELECT c.id, c.name, c.role, c.created, coalesce(c.revoked, p.disabled), c.person, c.token_hash
    FROM clients c LEFT JOIN people p ON p.id = c.person WHERE c.id = ?
"""
CODE_LIFE = timedelta(minutes=2)
CODE_TRIES = 5


@dataclass(frozen=True, slots=True)
class Client:
    """A program that may ask: one add-in of one person, or the console."""

    id: str
    name: str
    role: str
    created: str
    revoked: str | None
    person: str | None = None
    """Whose it is, in a department; None on a desk."""


def add(
    connection: Connection, name: str, role: str, now: datetime, person: str | None = None
) -> tuple[Client, str]:
    """A new client and its token, which is `<client id>.<256 random bits>` and not kept here."""
    client_id = uuid.uuid4().hex
    token = f"{client_id}.{secrets.token_urlsafe(32)}"
    connection.execute(
        clients.insert().values(
            id=client_id, name=name, role=role, token_hash=token_hash(token).hex(),
            created=times.text(now), person=person,
        )
    )  # fmt: skip
    return Client(client_id, name, role, times.text(now), None, person), token


def ensure(connection: Connection, client_id: str, name: str, person: str, now: datetime) -> None:
    """The client, of role sender, of a person who brings tokens of their own; made once.

    The hash that is stored belongs to no token: nothing but the person's own tokens is this client.
    """
    connection.execute(
        upsert.insert(connection, clients)
        .values(
            id=client_id, name=name, role="sender", token_hash=secrets.token_hex(32),
            created=times.text(now), person=person,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def introduce(connection: Connection, client_id: str, token: str, name: str, now: datetime) -> None:
    """A client of role sender whose id and token were derived elsewhere; entered once."""
    connection.execute(
        upsert.insert(connection, clients)
        .values(
            id=client_id, name=name, role="sender", token_hash=token_hash(token).hex(),
            created=times.text(now),
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def token_hash(token: str) -> bytes:
    """SHA-256: enough for 256 random bits, and what the proof of `hello` is keyed with."""
    return hashlib.sha256(token.encode()).digest()


def holder(connection: Connection, token: str) -> Client | None:
    """The client whose token this is; None for a wrong or revoked one, or a disabled person's."""
    client_id, _, _ = token.partition(".")
    wanted = client_id if client_id.isalnum() else ""  # what no client's id is, no driver gets
    found = sets.rows(connection, sets.spelled(connection, _BY_ID), wanted)
    *values, stored = found[0] if found else (*("",) * 6, "00" * 32)
    client = Client(*values)
    same = hmac.compare_digest(bytes.fromhex(stored), token_hash(token))
    return client if found and same and not client.revoked else None


def by_id(connection: Connection, client_id: str) -> Client | None:
    """The client of this id whose access has not ended: for whoever was known by other means."""
    found = sets.rows(connection, sets.spelled(connection, _BY_ID), client_id)
    return Client(*found[0][:-1]) if found and not found[0][4] else None


def exists(connection: Connection, client_id: str) -> bool:
    """Whether there is, or ever was, a client of this id."""
    return bool(sets.rows(connection, sets.spelled(connection, _BY_ID), client_id))


def proof(connection: Connection, client_id: str, nonce: str) -> str | None:
    """What only the service that paired this client can say about a nonce; None if unknown.

    HMAC-SHA256, keyed with the SHA-256 of the token, over a fixed line, client and nonce.
    """
    row = connection.execute(
        select(clients.c.token_hash)
        .outerjoin(people, people.c.id == clients.c.person)
        .where(clients.c.id == client_id, clients.c.revoked.is_(None), people.c.disabled.is_(None))
    ).one_or_none()
    if row is None:
        return None
    message = f"addin-service hello v1\n{client_id}\n{nonce}".encode()
    return hmac.new(bytes.fromhex(row.token_hash), message, hashlib.sha256).hexdigest()


def everyone(connection: Connection) -> list[Client]:
    """All clients, the oldest first."""
    return [_client(row) for row in connection.execute(select(clients).order_by(clients.c.created))]


def revoke(connection: Connection, client_id: str, now: datetime) -> bool:
    """End a client's access; False where it has none."""
    statement = update(clients).where(clients.c.id == client_id, clients.c.revoked.is_(None))
    return bool(connection.execute(statement.values(revoked=times.text(now))).rowcount)


def new_code(
    connection: Connection, name: str, role: str, now: datetime, person: str | None = None
) -> str:
    """A pairing code, good once and for two minutes: eight letters, about 39 bits."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    connection.execute(
        pairing_codes.insert().values(
            code_hash=_code_hash(letters), name=name, role=role,
            expires=times.text(now + CODE_LIFE), wrong_tries=0, person=person,
        )
    )  # fmt: skip
    return f"{letters[:4]}-{letters[4:]}"


def redeem(
    connection: Connection, code: str, name: str, now: datetime, closing: bool = True
) -> tuple[Client, str] | None:
    """Exchange a code for a client and token; None where it is wrong, used or too old.

    A wrong code counts against every open one: after five, none is good any more. Not where
    `closing` is false: a department limits who asks instead, for else anybody on its network could
    close the codes of all the others.
    """
    typed = code.upper().replace("-", "").replace(" ", "")
    is_open = (
        pairing_codes.c.used.is_(None)
        & (pairing_codes.c.expires > times.text(now))
        & (pairing_codes.c.wrong_tries < CODE_TRIES)
    )
    row = connection.execute(
        select(pairing_codes)
        .outerjoin(people, people.c.id == pairing_codes.c.person)
        .where(pairing_codes.c.code_hash == _code_hash(typed), is_open, people.c.disabled.is_(None))
    ).one_or_none()
    if row is None:
        if closing:
            missed = update(pairing_codes).where(is_open)
            connection.execute(missed.values(wrong_tries=pairing_codes.c.wrong_tries + 1))
        return None
    taken = connection.execute(
        update(pairing_codes)
        .where(pairing_codes.c.code_hash == row.code_hash, pairing_codes.c.used.is_(None))
        .values(used=times.text(now))
    ).rowcount
    return add(connection, row.name or name, row.role, now, row.person) if taken else None


def _code_hash(letters: str) -> str:
    return hashlib.sha256(b"pairing " + letters.encode("utf-8", "replace")).hexdigest()


def _client(row: object) -> Client:
    values = dict(row._mapping)  # type: ignore[attr-defined]
    values.pop("token_hash")
    return Client(**values)
