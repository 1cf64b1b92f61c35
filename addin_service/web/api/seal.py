"""`POST /v1/seal`: the draft again with its content, to something only the readers can open."""

import base64
from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, Response, jsonify, request

from addin_service import seal as use_case
from addin_service.log import log
from addin_service.model import Attachment
from addin_service.pgp.gpg import Refused
from addin_service.sealer import ShapeRefused
from addin_service.sealing.content import File
from addin_service.web import access, wire
from addin_service.web.errors import Problem

blueprint = Blueprint("seal", __name__)


@blueprint.post("/v1/seal")
def seal() -> Response:
    """Seal a cleared draft for the readers who were confirmed."""
    asked, files = _read()
    # A client that sends the content need not say its size again.
    described = tuple(Attachment(file.name, len(file.data), file.type) for file in files)
    draft = replace(asked.draft.to_draft(), attachments=described)
    wanted = use_case.Wanted(
        draft, asked.draft.html, tuple(files), asked.review, asked.shape, asked.for_
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
    """The request and its files: a form whose first part is the JSON, or JSON alone."""
    if request.mimetype == "application/json":
        asked = wire.parse(wire.SealIn, request.get_data())
        return asked, [
            _decoded(one.name, one.type, one.base64 or "")
            for one in asked.attachments or asked.draft.attachments
        ]
    parts = [part for _, part in request.files.items(multi=True)]
    if not parts:
        raise Problem(
            400, "bad-request", "The form has no file parts.",
            "Send the JSON as the first file part, then each attachment as one.",
        )  # fmt: skip
    asked = wire.parse(wire.SealIn, parts[0].read())
    described, data = asked.draft.attachments, [part.read() for part in parts[1:]]
    if len(data) != len(described):
        raise Problem(
            409, "draft-changed", "The attachments are not those that were described.",
            "Send each attachment of the draft once, in its order.",
        )  # fmt: skip
    return asked, [
        File(one.name, one.type, content) for one, content in zip(described, data, strict=True)
    ]


def _decoded(name: str, kind: str, text: str) -> File:
    try:
        return File(name, kind, base64.b64decode(text, validate=True))
    except ValueError:  # letters outside ASCII are one as well
        raise Problem(
            422, "bad-request", "An attachment is not base64.", "Encode it without line breaks."
        ) from None
