"""`/v1/contacts`: the allowlist, for the role helpdesk."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from addin_service import allowlist
from addin_service.language import say
from addin_service.model import Json
from addin_service.store import contacts
from addin_service.store.contacts import Entry
from addin_service.web import access, wire
from addin_service.web.errors import Problem

blueprint = Blueprint("contacts", __name__)


@blueprint.post("/v1/contacts/search")
def search() -> Response:
    """Entries by address, name or organisation."""
    access.may("curate")
    asked = wire.parse(wire.SearchIn, request.get_data())
    with access.installation().store.read() as connection:
        found = contacts.search(connection, asked.query, asked.limit)
    return jsonify({"contacts": [_out(entry) for entry in found]})


@blueprint.post("/v1/contacts")
def add() -> Response:
    """Allow or block an address or a whole domain; the same again changes the entry."""
    access.may("curate")
    asked = wire.parse(wire.ContactIn, request.get_data())
    if (asked.address is None) == (asked.domain is None):
        raise Problem(
            422, "bad-request", say("Either an address or a domain is wanted."),
            say('Send "address" for one mailbox, or "domain" for everybody there.'),
        )  # fmt: skip
    given = asked.address if asked.address is not None else f"@{(asked.domain or '').lstrip('@')}"
    try:
        entry = allowlist.entry(
            given, asked.name, asked.organisation, asked.status, asked.reason, asked.expires,
            owner=access.client().name,
        )  # fmt: skip
    except allowlist.NotAnEntry as refusal:
        raise Problem(422, "bad-contact", refusal.message, refusal.hint) from None
    contact_id = allowlist.put(access.installation(), entry, access.client().id)
    return jsonify({"id": contact_id})


@blueprint.delete("/v1/contacts/<contact_id>")
def remove(contact_id: str) -> Response:
    """Remove an entry."""
    access.may("curate")
    if not allowlist.remove(access.installation(), contact_id, access.client().id):
        raise Problem(
            404, "no-such-contact",
            say("There is no such entry, or the organisation folder owns it."),
            say("POST /v1/contacts/search lists the entries with their ids."),
        )  # fmt: skip
    return jsonify({"removed": True})


def _out(entry: Entry) -> Json:
    values: dict[str, Json] = asdict(entry)
    values["expires"] = entry.expires.isoformat() if entry.expires else None
    values["domain"] = entry.domain
    return values
