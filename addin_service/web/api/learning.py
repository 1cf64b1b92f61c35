"""`POST /v1/history` and `POST /v1/book`: what a mail program knows, with its user's consent."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from addin_service import addresses, learning
from addin_service.language import say
from addin_service.log import log
from addin_service.model import Address
from addin_service.web import access, wire, wire_learning
from addin_service.web.errors import Problem

blueprint = Blueprint("learning", __name__)


@blueprint.post("/v1/history")
def history() -> Response:
    """Learn whom a mailbox wrote to, from the headers of its sent mail."""
    access.may("send")
    told = wire.parse(wire_learning.HistoryIn, request.get_data())
    owner = _owner(told.mailbox)
    access.may_send_as(owner.key)
    learned = learning.learn_headers(
        access.installation().reviewer,
        owner,
        access.client().id,
        [one.to_headers() for one in told.mails],
    )
    log.info("history-learned", count=learned.counted)
    return jsonify(asdict(learned))


@blueprint.post("/v1/book")
def book() -> Response:
    """Learn whom the address book of a mailbox's owner has, or forget it."""
    access.may("send")
    told = wire.parse(wire_learning.BookIn, request.get_data())
    owner = _owner(told.mailbox)
    access.may_send_as(owner.key)
    access.must_own(owner.key)
    listed = learning.learn_book(
        access.installation().reviewer, owner, access.client().id, told.to_pages()
    )
    log.info("book-learned", count=listed.changed)
    return jsonify(asdict(listed))


def _owner(mailbox: str) -> Address:
    try:
        return addresses.parse(mailbox)
    except addresses.NotAnAddress:
        raise Problem(
            422, "bad-mailbox", say("The mailbox is not an e-mail address."),
            say("Name the address that the mail was sent from."),
        ) from None  # fmt: skip
