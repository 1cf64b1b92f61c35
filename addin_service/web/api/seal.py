"""`POST /v1/seal`: the draft again with its content, to something only the readers can open."""

import base64
from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request

from addin_service import seal as use_case
from addin_service.log import log
from addin_service.pgp.gpg import Refused
from addin_service.sealer import ShapeRefused
from addin_service.sealing.content import File
from addin_service.web import access, wire
from addin_service.web.errors import Problem

blueprint = Blueprint("seal", __name__)

REQUEST_PART = "request"
"""Name of the form's JSON part; every other part is an attachment, in the draft's order."""


@blueprint.post("/v1/seal")
def seal() -> Response:
    """Seal a cleared draft for the readers who were confirmed."""
    asked, files = _read()
    wanted = use_case.Wanted(
        asked.draft.to_draft(),
        asked.draft.html,
        tuple(files),
        asked.review,
        asked.shape,
        asked.for_,
    )
    try:
        sealed = use_case.seal(access.installation().reviewer, wanted, access.client().id)
    except use_case.NotCleared as refusal:
        raise Problem(409, refusal.code, str(refusal), refusal.hint) from None
    except ShapeRefused as refusal:
        raise Problem(
            409, "shape-refused", str(refusal), "Ask for the shape `mime` instead."
        ) from None
    except Refused as refusal:
        log.error("not-sealed", kind=refusal.reason)
        raise Problem(
            503, "not-sealed", "It could not be sealed, and nothing was sent.",
            "Try again; `addin-service doctor` says what is wrong with gpg.",
        ) from None  # fmt: skip
    outer = {"subject": sealed.subject}
    if asked.shape == "mime":
        return jsonify({"outer": outer, "entity": sealed.entity})
    return jsonify({"outer": outer, "text": sealed.text, "attachments": []})


def _read() -> tuple[wire.SealIn, Sequence[File]]:
    """The request and its files, from a form or from JSON alone."""
    if request.mimetype == "application/json":
        asked = wire.parse(wire.SealIn, request.get_data())
        return asked, [_decoded(one) for one in asked.attachments]
    parts = list(request.files.items(multi=True))
    texts = [part for name, part in parts if name == REQUEST_PART]
    if len(texts) != 1:
        raise Problem(
            400, "bad-request", "The form has no part named request, or several.",
            "Send the JSON as a file part named request, then the attachments as file parts.",
        )  # fmt: skip
    asked = wire.parse(wire.SealIn, texts[0].read())
    described = asked.draft.attachments
    data = [part.read() for name, part in parts if name != REQUEST_PART]
    if len(data) != len(described):
        raise Problem(
            409, "draft-changed", "The attachments are not those that were described.",
            "Send each attachment of the draft once, in its order.",
        )  # fmt: skip
    return asked, [
        File(one.name, one.type, content) for one, content in zip(described, data, strict=True)
    ]


def _decoded(one: wire.FileIn) -> File:
    try:
        return File(one.name, one.type, base64.b64decode(one.base64, validate=True))
    except ValueError:  # letters beyond ASCII as well
        raise Problem(
            422, "bad-request", "An attachment is not base64.", "Encode it without line breaks."
        ) from None
