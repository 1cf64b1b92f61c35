"""`/v1/keys`: what staff can do about a key that is missing."""

from flask import Blueprint, Response, jsonify, request

from addin_service import addresses, keyring
from addin_service.language import say
from addin_service.web import access, wire
from addin_service.web.errors import Problem

blueprint = Blueprint("keys", __name__)


@blueprint.post("/v1/keys/ask")
def ask() -> Response:
    """A ready mail that asks somebody for their public key. Nothing is sent or stored."""
    access.may("send")
    asked = wire.parse(wire.AskIn, request.get_data())
    try:
        person = addresses.parse(asked.address)
        sender = addresses.parse(asked.from_.address) if asked.from_ else None
    except addresses.NotAnAddress:
        raise Problem(
            422, "bad-address", say("One of the two is not an e-mail address."),
            say("Correct it; a key can only be asked for where mail can go."),
        ) from None  # fmt: skip
    if sender:
        access.may_send_as(sender.key)
    asking = keyring.Asking(person, "", sender, asked.from_.name if asked.from_ else "")
    letter, _ = keyring.letter(access.installation().reviewer, asking)
    tell = access.language().tell
    return jsonify({"subject": tell(letter.subject), "text": tell(letter.text)})
