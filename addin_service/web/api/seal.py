"""`POST /v1/seal`: the draft again with its content, to something only the readers can open."""

import io
import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from addin_service import seal as use_case
from addin_service.language import say
from addin_service.log import log
from addin_service.model import Attachment
from addin_service.pgp.gpg import Refused
from addin_service.sealer import Sealed, ShapeRefused
from addin_service.sealing.armor import Armored
from addin_service.sealing.content import Attached, File
from addin_service.web import access, wire
from addin_service.web.errors import Problem
from addin_service.web.metrics import metrics

blueprint = Blueprint("seal", __name__)


@blueprint.post("/v1/seal")
def seal() -> Response:
    """Seal a cleared draft for the readers who were confirmed."""
    access.may("send")
    wanted = _wanted()
    access.may_send_as(wanted.draft.sender.key)
    try:
        sealed = use_case.seal(access.installation().reviewer, wanted, access.client().id)
    except use_case.NotCleared as refusal:
        metrics().sealed(wanted.shape, "refused")
        raise Problem(409, refusal.code, refusal.message, refusal.hint) from None
    except ShapeRefused as refusal:
        metrics().sealed(wanted.shape, "refused")
        raise Problem(
            409, "shape-refused", refusal.message, say("Ask for the shape `mime` instead.")
        ) from None
    except Refused as refusal:
        log.error("not-sealed", kind=refusal.reason)
        metrics().sealed(wanted.shape, "failed")
        raise _problem(refusal) from None
    metrics().sealed(wanted.shape, "sealed")
    return Response(answer(sealed), content_type="application/json")


def _problem(refusal: Refused) -> Problem:
    """What to do about it."""
    if refusal.reason == "not-signed":
        return Problem(
            503, "not-signed", say("It could not be signed with your key, and nothing was sent."),
            say(
                "Try again, and give your passphrase when you are asked for it. Your secret key "
                "must be on this computer: `gpg --list-secret-keys` shows it."
            ),
        )  # fmt: skip
    return Problem(
        503, "not-sealed", say("It could not be sealed, and nothing was sent."),
        say("Try again; `addin-service doctor` says what is wrong with gpg."),
    )  # fmt: skip


def answer(sealed: Sealed) -> Iterator[bytes]:
    """The JSON, a piece at a time: a large message is never held a second time."""
    yield b'{"outer":' + json.dumps({"subject": sealed.subject}).encode()
    if sealed.entity is not None:
        yield b',"entity":"'
        yield from _escaped(sealed.entity)
        yield b'"}'
        return
    yield b',"text":' + json.dumps(sealed.text).encode() + b',"attachments":['
    for number, file in enumerate(sealed.attachments):
        about = json.dumps({"name": file.name, "type": file.type}).removesuffix("}")
        yield ("," if number else "").encode() + about.encode() + b',"base64":"'
        yield from _base64(file)
        yield b'"}'
    if sealed.passphrase:
        yield b'],"passphrase":' + json.dumps(sealed.passphrase).encode() + b"}"
    else:
        yield b"]}"


def _escaped(text: Armored) -> Iterator[bytes]:
    """What stands in JSON between the quotation marks; letters of Base64 need no escape."""
    yield json.dumps(text.head)[1:-1].encode()
    yield from text.letters(rb"\r\n")
    yield json.dumps(text.tail)[1:-1].encode()


def _base64(file: Attached) -> Iterator[bytes]:
    """One line, in whole groups until the end."""
    rest = b""
    for piece in file.pieces():
        piece = rest + piece
        whole = len(piece) - len(piece) % 3
        rest = piece[whole:]
        yield b2a_base64(piece[:whole], newline=False)
    yield b2a_base64(rest, newline=False)


def _wanted() -> use_case.Wanted:
    """The request, which is a form whose first part is the JSON, or JSON alone."""
    asked, files = _of_json() if request.mimetype == "application/json" else _of_form()
    # A client that sends the content need not say its size again.
    described = tuple(Attachment(file.name, len(file.data), file.type) for file in files)
    draft = replace(asked.draft.to_draft(), attachments=described)
    return use_case.Wanted(
        draft, asked.draft.html, tuple(files), asked.review, asked.shape, asked.for_
    )


def _of_json() -> tuple[wire.SealIn, Sequence[File]]:
    asked = wire.parse(wire.SealIn, _body())
    files = [
        _decoded(one.name, one.type, one.base64 or "")
        for one in asked.attachments or asked.draft.attachments
    ]
    return asked, files


def _body() -> bytes:
    """The JSON, which is then nowhere else."""
    received = request.environ["wsgi.input"]
    if not isinstance(received, io.BytesIO):
        return request.get_data(cache=False)
    data = received.getvalue()
    _forget_body()
    return data


def _of_form() -> tuple[wire.SealIn, Sequence[File]]:
    parts = [part for _, part in request.files.items(multi=True)]
    _forget_body()
    if not parts:
        raise Problem(
            400, "bad-request", say("The form has no file parts."),
            say("Send the JSON as the first file part, then each attachment as one."),
        )  # fmt: skip
    asked = wire.parse(wire.SealIn, _taken(parts[0]))
    described, data = asked.draft.attachments, [_taken(part) for part in parts[1:]]
    if len(data) != len(described):
        raise Problem(
            409, "draft-changed", say("The attachments are not those that were described."),
            say("Send each attachment of the draft once, in its order."),
        )  # fmt: skip
    return asked, [
        File(one.name, one.type, content) for one, content in zip(described, data, strict=True)
    ]


def _taken(part: FileStorage) -> bytes:
    """The content of the part, which gives it up: it is not held twice."""
    stream = part.stream
    data = stream.getvalue() if isinstance(stream, io.BytesIO) else stream.read()
    part.close()
    return data


def _forget_body() -> None:
    """Let go of the request as it arrived: it has been read to its end."""
    received = request.environ["wsgi.input"]
    if isinstance(received, io.BytesIO):
        received.seek(0)
        received.truncate()


def _decoded(name: str, kind: str, text: str) -> File:
    try:
        return File(name, kind, a2b_base64(text, strict_mode=True))
    except ValueError:  # letters outside ASCII are one as well
        raise Problem(
            422,
            "bad-request",
            say("An attachment is not base64."),
            say("Encode it without line breaks."),
        ) from None
