"""A service that follows a script: it asks until its findings are answered or their people are gone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.thunderbird.standin import answer, finding

from .panes import ENTRA_TOKEN, TOKEN, Json, Reply

TYPED = "p.tan@chambers.example"
KNOWN = "p.tann@chambers.example"
SENDER = "ann.lee@council.example"

SLIP = finding(
    address=TYPED, suggestion=KNOWN, name="Priya Tann",
    message=f"You have not written to {TYPED}. Your organisation's directory has {KNOWN}.",
    advice="Look at where you have the address from, letter by letter.",
    facts={
        "alignment": [["p.tan", "p.tan"], ["", "n"], ["@chambers.example", "@chambers.example"]],
        "difference": "one n is missing",
    },
)  # fmt: skip

STRANGER = finding(
    "recipient.external", id="f2", address="bob.miller@northwind.example", ask="choose",
    message="Nobody in your organisation has written to northwind.example before.",
    advice="Is it meant to leave your organisation?",
)  # fmt: skip

RETYPE = finding(
    "recipient.first-contact", id="f3", address=KNOWN, ask="retype",
    message="This looks sensitive, and you have not written to this person before.",
    advice="Take the address from the letter, the file or the card, not from this page.",
)  # fmt: skip

NAME = finding(
    "recipient.intended", id="f4", address=None, ask="name",
    message="Whom is this message for?",
    advice="It will be sealed. Say it from memory or from the file.",
)  # fmt: skip

KEY = finding(
    "key.unconfirmed", id="f5", address=KNOWN, ask="confirm-key",
    message="Nobody has checked yet that this key belongs to Priya Tann.",
    advice="Phone Priya Tann on a number that you have from elsewhere.",
    facts={"positions": [1, 3, 4, 7, 10], "methods": ["phone", "in-person"]},
)  # fmt: skip

REASON = finding(
    "content.sensitive", id="f6", address=None, ask="reason", severity="stop",
    message="This is marked OFFICIAL-SENSITIVE.", advice="Say why it has to go by mail.",
)  # fmt: skip

FORGOTTEN = finding(
    "attachment.forgotten", id="f7", address=None, ask="acknowledge",
    message="You write of an attachment, and none is here.", advice="Attach it, or send without.",
)  # fmt: skip

BLOCKED = finding(
    "recipient.blocked", id="f8", address=TYPED, ask=None, severity="stop", suggestion=KNOWN,
    name="Priya Tann", message=f"Your organisation does not allow mail to {TYPED}.",
    advice="Use the address in the directory, or ask your helpdesk.",
)  # fmt: skip

NO_KEY = finding(
    "key.missing", id="f9", address=KNOWN, ask=None, severity="stop",
    message="There is no key for Priya Tann, so this cannot be sealed for her.",
    advice="Ask for her key, or take another way that your organisation allows.",
    facts={"ways": ["ask", "zip", "smime"], "name": "Priya Tann"},
)  # fmt: skip

NOTE = finding(
    "recipient.external", id="f10", severity="note", ask=None,
    message="chambers.example is outside your organisation.", advice="",
)  # fmt: skip


def reader(address: str, name: str, state: str, **more: Any) -> Json:
    """Somebody who could open it."""
    outside = not address.endswith("council.example")
    organisation = "Fountain Chambers" if outside else "The Council"
    given = {"address": address, "name": name, "organisation": organisation, "outside": outside}
    return given | {"state": state, "sender": False} | more


READERS = [
    reader(KNOWN, "Priya Tann", "verified"),
    reader("joe.marsh@council.example", "Joe Marsh", "tofu"),
    reader(SENDER, "Ann Lee", "verified", sender=True),
]


@dataclass
class Scripted:
    """Answers `/v1/check` by `findings`; `replies` change what a path says, in turn."""

    findings: list[Json] = field(default_factory=list)
    readers: list[Json] | None = None
    """Who could open it: where given, it is sealed."""
    expected: dict[str, str] = field(default_factory=dict)
    """What settles a finding that is typed: another value does not."""
    answered: set[str] = field(default_factory=set)
    replies: dict[str, list[Reply | None]] = field(default_factory=dict)
    rounds: int = 0
    between: Callable[[], None] | None = None

    def __call__(self, path: str, question: Json, headers: Json) -> Reply | None:
        if self.replies.get(path):
            return self.replies[path].pop(0)
        if path == "/v1/pair":
            return 200, {"client": TOKEN.partition(".")[0], "token": TOKEN}
        if headers.get("authorization") not in (f"Bearer {TOKEN}", f"Bearer {ENTRA_TOKEN}"):
            return 401, problem("no-token", "This client is not paired.")
        if path == "/v1/keys/ask":
            return 200, {"subject": "Your key", "text": "Dear Priya,\n\nplease send me your key."}
        if self.between:
            self.between()
        return 200, self.judged(question)

    def judged(self, question: Json) -> Json:
        self.rounds += 1
        draft = question["draft"]
        people = {one["address"] for name in ("to", "cc", "bcc") for one in draft[name]}
        for given in question["answers"]:
            id, value = given["finding"], given["value"]
            if self.expected.get(id) in (None, value):
                self.answered.add(id)
        left = [
            one | {"ask": None} if one["id"] in self.answered else one
            for one in self.findings
            if one["about"] is None or one["about"]["address"] in people
        ]
        stopped = any(one["severity"] == "stop" and not one["ask"] for one in left)
        verdict = "confirm" if any(one["ask"] for one in left) else "block" if stopped else "allow"
        stopped &= not all(one["id"] in self.answered for one in left if one["severity"] == "stop")
        if verdict == "block" and not stopped:
            verdict = "allow"
        sealing = self.readers is not None
        readers = None if any(one["ask"] == "name" for one in left) else self.readers
        encryption = {"required": sealing, "because": [], "possible": True, "readers": readers}
        reference = {"reference": f"K7-Q{self.rounds}", "review": f"review-{self.rounds}"}
        return answer(verdict, *left) | reference | {"encryption": encryption}


def problem(code: str, message: str, hint: str = "") -> Json:
    """The one shape of an error."""
    return {"error": {"code": code, "message": message, "hint": hint}}
