"""`GET /v1/about` and `POST /v1/unpair`: what a mail program's page about its connection asks."""

from flask import Blueprint, Response, jsonify, request

import addin_service
from addin_service.language import say
from addin_service.pgp.gpg import Refused
from addin_service.store import clients, times
from addin_service.web import access, wire
from addin_service.web.errors import Problem

blueprint = Blueprint("connection", __name__)


@blueprint.get("/v1/about")
def about() -> Response:
    """What this service is: its version, its policy's, and whether it can seal."""
    installation = access.installation()
    try:
        installation.reviewer.sealer.gpg.version()
        sealing = True
    except Refused:
        sealing = False
    return jsonify(
        {
            "version": addin_service.__version__,
            "kind": "desk" if installation.department is None else "department",
            "policy": installation.policies.current().version,
            "sealing": sealing,
        }
    )


@blueprint.post("/v1/unpair")
def unpair() -> Response:
    """A client gives its own access up. It names itself: what went astray ends nobody's."""
    asked = wire.parse(wire.UnpairIn, request.get_data())
    asking = access.client()
    token = request.headers.get("Authorization", "").partition(" ")[2]
    with access.installation().store.write() as connection:
        # A provider's token is not ours to end: its person would be shut out for good.
        own = clients.holder(connection, token)
        if own is None or asked.client != asking.id:
            raise Problem(
                409, "not-paired-here", say("Only a client that was paired here can be unpaired."),
                say("`addin-service client revoke` ends the access of any client."),
            )  # fmt: skip
        clients.revoke(connection, asking.id, times.now())
    return jsonify({"ended": True})
