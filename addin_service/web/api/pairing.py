"""`GET /v1/health`, `POST /v1/hello` and `POST /v1/pair`: what may be asked without a token."""

from flask import Blueprint, Response, jsonify, request

from addin_service.language import say
from addin_service.store import clients, times
from addin_service.web import access, wire
from addin_service.web.errors import Problem
from addin_service.web.limits import peer

blueprint = Blueprint("pairing", __name__)


@blueprint.get("/v1/health")
def health() -> Response:
    """Alive, and nothing more: no version, no state."""
    return jsonify({"alive": True})


@blueprint.post("/v1/hello")
def hello() -> Response:
    """The service proves that it is the one that paired this client."""
    asked = wire.parse(wire.HelloIn, request.get_data())
    with access.installation().store.read() as connection:
        proof = clients.proof(connection, asked.client, asked.nonce)
    if proof is None:
        access.limits().failed("hello", peer(request.environ))
        raise Problem(
            404, "unknown-client",
            say("This client is not paired here, or its access has ended."),
            say("Pair it with the code that `addin-service client pair` prints."),
        )  # fmt: skip
    return jsonify({"proof": proof})


@blueprint.post("/v1/pair")
def pair() -> Response:
    """A one-time code for a client id and token."""
    asked = wire.parse(wire.PairIn, request.get_data())
    limits, who = access.limits(), peer(request.environ)
    limits.require("pairing", who)
    limits.require("all-pairing", "")
    with access.installation().store.write() as connection:
        # Where tries are limited by who makes them, they close nobody else's code.
        paired = clients.redeem(
            connection, asked.code, asked.name, times.now(), closing=not limits.active
        )
    if paired is None:
        limits.failed("pairing", who)
        limits.failed("all-pairing", "")
        raise Problem(
            403, "wrong-code", say("This pairing code is not right, or it is used or too old."),
            say(
                "A code is good once, for two minutes: `addin-service client pair` prints a new "
                "one."
            ),
        )  # fmt: skip
    client, token = paired
    return jsonify({"client": client.id, "token": token})
