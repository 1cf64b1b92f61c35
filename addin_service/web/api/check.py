"""`POST /v1/check` and `POST /v1/sent`."""

from flask import Blueprint, Response, jsonify, request

from addin_service import sending
from addin_service.language import say
from addin_service.log import log
from addin_service.review import NotOffered
from addin_service.web import access, wire
from addin_service.web.errors import Problem
from addin_service.web.metrics import metrics

blueprint = Blueprint("check", __name__)


@blueprint.post("/v1/check")
def check() -> Response:
    """Is this going to the people it is meant for, and may they alone read it?"""
    access.may("send")
    asked = wire.parse(wire.CheckIn, request.get_data())
    draft = asked.draft.to_draft()
    access.may_send_as(draft.sender.key)
    try:
        answered = access.installation().reviewer.check(
            draft,
            access.client().id,
            asked.purpose,
            asked.review,
            [answer.to_answer() for answer in asked.answers],
            asked.seal,
            shape=asked.shape,
            carry=asked.carry,
        )
    except NotOffered:
        raise Problem(
            409, "not-offered", say("Your organisation does not offer this way of sealing."),
            say("Leave out `shape`, or ask your helpdesk which ways there are."),
        ) from None  # fmt: skip
    metrics().checked(answered)
    log.info(
        "reviewed",
        verdict=answered.verdict.word.value,
        codes=sorted({j.finding.code for j in answered.verdict.shown}),
        recipients=len(draft.recipients),
        reference=answered.reference or "",
    )
    return jsonify(wire.answer_out(answered, access.language()))


@blueprint.post("/v1/sent")
def sent() -> Response:
    """How a send ended. What history learns from; always recorded."""
    access.may("send")
    told = wire.parse(wire.SentIn, request.get_data())
    draft = told.draft.to_draft()
    access.may_send_as(draft.sender.key)
    reference = sending.record(
        access.installation().reviewer,
        draft,
        access.client().id,
        told.outcome,
        told.review,
        told.message_id,
    )
    metrics().sent(told.outcome)
    return jsonify({"recorded": True, "reference": reference})
