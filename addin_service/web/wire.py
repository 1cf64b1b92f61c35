"""The JSON of the contract: bytes to typed values in one line, and verdicts back to JSON.

Strict, closed, and silent: a refusal says where and why, never what was sent.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from addin_service import addresses, drafts
from addin_service.catalogues import ENGLISH, Language
from addin_service.language import Words, say, template
from addin_service.model import (
    Answer,
    Attachment,
    Choice,
    Draft,
    Json,
    Judged,
    Reader,
    Thread,
)
from addin_service.review import Answered
from addin_service.shapes import Shape
from addin_service.web.errors import Problem

MAX_RECIPIENTS = 2000
MAX_ATTACHMENTS = 500

Short = Annotated[str, Field(max_length=1000)]
Token = Annotated[str, Field(max_length=200_000)]
Carry = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
ModelT = TypeVar("ModelT", bound="Wire")


class Wire(BaseModel):
    """A JSON object as it is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class MailboxIn(Wire):
    """One address with its display name."""

    address: Short
    name: Short = ""

    @property
    def given(self) -> drafts.Given:
        """Address and name as they were sent."""
        return self.address, self.name


class AttachmentIn(Wire):
    """What is known of an attachment; its content is not sent."""

    name: Short
    size: Annotated[int, Field(ge=0, le=2**53)] = 0
    type: Short = ""


class ThreadIn(Wire):
    """Who took part in the mail that is being answered."""

    wrote: Annotated[list[Short], Field(max_length=MAX_RECIPIENTS)] = []
    took_part: Annotated[list[Short], Field(max_length=MAX_RECIPIENTS)] = []

    def to_thread(self) -> Thread:
        """The normal forms of those that are addresses."""
        return Thread(drafts.keys(self.wrote), drafts.keys(self.took_part))


Recipients = Annotated[list[MailboxIn], Field(max_length=MAX_RECIPIENTS)]


class DraftIn(Wire):
    """What is about to be sent."""

    from_: Annotated[MailboxIn, Field(alias="from")]
    to: Recipients = []
    cc: Recipients = []
    bcc: Recipients = []
    subject: Annotated[str, Field(max_length=10_000)] = ""
    text: str = ""
    attachments: Annotated[list[AttachmentIn], Field(max_length=MAX_ATTACHMENTS)] = []
    thread: ThreadIn | None = None
    sensitivity: Short | None = None

    def to_draft(self) -> Draft:
        """The draft; raises `Problem` where the sender's own address is none."""
        try:
            return drafts.make(
                self.from_.given,
                [[mailbox.given for mailbox in field] for field in (self.to, self.cc, self.bcc)],
                self.subject,
                self.text,
                [Attachment(a.name, a.size, a.type) for a in self.attachments],
                self.thread.to_thread() if self.thread else None,
                self.sensitivity or "",
            )
        except addresses.NotAnAddress:
            raise Problem(
                422, "bad-sender", say("The sender's address is not an e-mail address."),
                say("Check the identity that the message is sent from."),
            ) from None  # fmt: skip


class AnswerIn(Wire):
    """What the sender said to one finding."""

    finding: Annotated[str, Field(min_length=1, max_length=64)]
    choice: Literal["keep", "acknowledge", "retype", "name", "confirm-key", "reason"]
    value: Annotated[str, Field(max_length=1000)] | None = None

    def to_answer(self) -> Answer:
        """The answer as the core knows it."""
        return Answer(self.finding, Choice(self.choice), self.value)


class ClientIn(Wire):
    """Which program asks; for the record of what is in use."""

    name: Short = ""
    version: Short = ""


class CheckIn(Wire):
    """`POST /v1/check`."""

    draft: DraftIn
    purpose: Literal["send", "typing"] = "send"
    review: Token | None = None
    answers: Annotated[list[AnswerIn], Field(max_length=5000)] = []
    client: ClientIn | None = None
    seal: bool = False
    """The sender wants it sealed, even where nothing demands it."""
    shape: Shape = "mime"
    """In which shape it would be sealed."""
    carry: Carry | None = None
    """The client's own number of this draft. A check without `review` takes up the newest one that
    was given under it: for clients whose parts cannot hand it to each other."""


class SentIn(Wire):
    """`POST /v1/sent`."""

    draft: DraftIn
    outcome: Literal["sent", "failed", "cancelled", "handed-over"]
    review: Token | None = None
    message_id: Short | None = None
    """As the mail program gave it: by this the mail is known again in Sent, and counted once."""


class FileIn(Wire):
    """An attachment with its content, for clients that cannot send forms."""

    name: Short
    type: Short = ""
    base64: str


class SealAttachmentIn(AttachmentIn):
    """An attachment as it was reviewed; its content may stand here as well."""

    base64: str | None = None


class SealDraftIn(DraftIn):
    """The draft as it was reviewed, with its HTML if there is one."""

    html: str = ""
    attachments: Annotated[list[SealAttachmentIn], Field(max_length=MAX_ATTACHMENTS)] = []  # type: ignore[assignment]


class SealIn(Wire):
    """`POST /v1/seal`. `for` is `visible`, or one Bcc address as the draft has it."""

    draft: SealDraftIn
    review: Token
    shape: Shape = "mime"
    for_: Annotated[Short, Field(alias="for")] = "visible"
    attachments: Annotated[list[FileIn], Field(max_length=MAX_ATTACHMENTS)] = []


class HelloIn(Wire):
    """`POST /v1/hello`."""

    client: Annotated[str, Field(min_length=1, max_length=64)]
    nonce: Annotated[str, Field(min_length=16, max_length=256, pattern=r"^[\x21-\x7e]+$")]


class PairIn(Wire):
    """`POST /v1/pair`."""

    code: Annotated[str, Field(min_length=1, max_length=32)]
    name: Annotated[str, Field(max_length=100)] = ""


class UnpairIn(Wire):
    """`POST /v1/unpair`."""

    client: Annotated[str, Field(min_length=1, max_length=64)]


class SearchIn(Wire):
    """`POST /v1/contacts/search`."""

    query: Annotated[str, Field(max_length=320)] = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class ContactIn(Wire):
    """`POST /v1/contacts`: an address or a whole domain."""

    address: Short | None = None
    domain: Short | None = None
    name: Short = ""
    organisation: Short = ""
    status: Literal["known", "blocked"] = "known"
    reason: Short = ""
    expires: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


class RequestIn(Wire):
    """`POST /v1/requests`: staff ask the helpdesk to allow an address."""

    address: Short
    from_: Annotated[Short | None, Field(alias="from")] = None
    """Whose mailbox asks, where the client says so."""
    reason: Annotated[str, Field(max_length=1000)] = ""


class AskIn(Wire):
    """`POST /v1/keys/ask`: whom to ask for a key, and who asks."""

    address: Short
    from_: Annotated[MailboxIn | None, Field(alias="from")] = None


class DecisionIn(Wire):
    """`POST /v1/requests/{id}`: what the helpdesk says."""

    state: Literal["granted", "refused"]
    reason: Short = ""
    expires: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


def parse(model: type[ModelT], body: bytes) -> ModelT:
    """The value in these bytes; raises `Problem` that says where it is wrong, not what is there."""
    try:
        value = model.model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from None
    try:
        # Only after the strict parser, which bounds depth: of two equal keys another reader of the
        # same bytes may take the other one.
        json.loads(body, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise Problem(
            400, "bad-request", say("The request names something twice."),
            say("Send each key of a JSON object once."),
        ) from None  # fmt: skip
    return value


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError


_SAID = {
    "extra_forbidden": template("In the request, {where} holds a key that is not known here."),
    "missing": template("In the request, {where} is missing."),
}
_OTHER_FORM = template("In the request, {where} is not of the form that the contract asks for.")


def _refusal(error: ValidationError) -> Problem:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return Problem(
            400, "bad-request", say("The request is not JSON."), say("Send UTF-8 JSON.")
        )  # fmt: skip
    # Names of unknown keys come from the caller: only steps that are ours are repeated.
    steps = [
        str(step) for step in first["loc"] if str(step) in _our_steps() or isinstance(step, int)
    ]
    where = ".".join(steps) or say("the object")
    said = _SAID.get(first["type"], _OTHER_FORM)
    return Problem(
        422, "bad-request", say(said, where=where),
        say("GET /v1/openapi.json describes the form of each request."),
    )  # fmt: skip


@cache
def _our_steps() -> frozenset[str]:
    """The names of all that requests hold."""
    models = list(Wire.__subclasses__())
    for model in models:
        models += model.__subclasses__()
    return frozenset(
        field.alias or name for model in models for name, field in model.model_fields.items()
    )


def answer_out(answered: Answered, language: Language = ENGLISH) -> dict[str, Json]:
    """The answer of `POST /v1/check`, in this language."""
    verdict = answered.verdict
    return {
        "reference": answered.reference,
        "review": answered.review,
        "verdict": verdict.word.value,
        "findings": [_finding_out(judged, language) for judged in verdict.shown],
        "encryption": {
            "required": verdict.sealing.required,
            "because": list(verdict.sealing.because),
            "possible": verdict.sealing.possible,
            "waived": verdict.sealing.waived,
            "readers": readers_out(verdict.readers),
        },
        "policy": verdict.policy,
        "unreachable": answered.policy.failure.unreachable,
        "undo": answered.undo,
    }


def readers_out(readers: Sequence[Reader] | None) -> list[dict[str, Json]] | None:
    """The people who could read it; null until the sender has said whom it is for."""
    if readers is None:
        return None
    return [
        {
            "address": str(reader.address),
            "name": reader.name,
            "organisation": reader.organisation,
            "outside": reader.outside,
            "fingerprint": reader.fingerprint,
            "state": reader.state,
            "sender": reader.is_sender,
            "archive": reader.is_archive,
        }
        for reader in readers
    ]


def _finding_out(judged: Judged, language: Language) -> Json:
    finding = judged.finding
    about, suggestion = finding.about, finding.suggestion
    facts = {
        name: language.tell(fact) if isinstance(fact, Words) else fact
        for name, fact in finding.facts.items()
    }
    return {
        "id": judged.id,
        "code": finding.code,
        "severity": judged.severity.value,
        "about": {"field": about.field, "address": about.given} if about else None,
        "message": language.tell(finding.message),
        "advice": language.tell(finding.advice),
        "ask": judged.ask.value if judged.ask else None,
        "suggestion": (
            {"address": suggestion.address, "name": suggestion.name} if suggestion else None
        ),
        "facts": facts,
    }
