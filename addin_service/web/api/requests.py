"""`/v1/requests`: staff ask the helpdesk to allow an address; the helpdesk decides."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from addin_service import addresses, allowlist
from addin_service.language import say
from addin_service.store import requests, times
from addin_service.web import access, wire
from addin_service.web.errors import Problem

blueprint = Blueprint("requests", __name__)


@blueprint.post("/v1/requests")
def ask() -> Response:
    """Ask for an address to be allowed; asking twice is asking once."""
    access.may("send")
    asked = wire.parse(wire.RequestIn, request.get_data())
    try:
        wanted = addresses.parse(asked.address)
        mailbox = addresses.parse(asked.from_).key if asked.from_ else ""
    except addresses.NotAnAddress:
        raise Problem(
            422, "bad-address", say("One of the two is not an e-mail address."),
            say("Correct it; the helpdesk can only allow addresses that mail can go to."),
        ) from None  # fmt: skip
    if mailbox:
        access.may_send_as(mailbox)
    with access.installation().store.write() as connection:
        request_id = requests.ask(
            connection, wanted, mailbox, access.client().id, asked.reason, times.now()
        )
    return jsonify({"id": request_id})


@blueprint.get("/v1/requests")
def listed() -> Response:
    """The requests that wait for an answer."""
    access.may("curate")
    with access.installation().store.read() as connection:
        found = requests.listed(connection, "open")
    return jsonify({"requests": [asdict(one) for one in found]})


@blueprint.post("/v1/requests/<request_id>")
def decide(request_id: str) -> Response:
    """Grant a request, which allows the address, or refuse it."""
    access.may("curate")
    asked = wire.parse(wire.DecisionIn, request.get_data())
    try:
        done = allowlist.decide_request(
            access.installation(), request_id, asked.state, asked.reason, asked.expires,
            access.client().id, access.client().name,
        )  # fmt: skip
    except allowlist.NotAnEntry as refusal:
        raise Problem(422, "bad-contact", refusal.message, refusal.hint) from None
    if not done:
        raise Problem(
            404, "no-such-request", say("There is no open request of this id."),
            say("GET /v1/requests lists those that are open."),
        )  # fmt: skip
    return jsonify({"state": asked.state})
