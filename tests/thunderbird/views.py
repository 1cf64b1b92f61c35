"""Reviews as they come up, for the pages that show them: people and findings are invented."""

from typing import Any

from .standin import Json, answer, finding

TYPED = "p.tan@fountain-chambers.example"
KNOWN = "p.tann@fountain-chambers.example"
BOB = "b.miller@northwind.example"
OUTSIDE = [f"resident.{n}@home-{n}.example" for n in range(187)]

CHOICE = {"required": False, "because": [], "possible": True, "readers": None}

SLIP = finding(
    address=TYPED, suggestion=KNOWN, name="Priya Tann",
    message=f"You have not written to this address. Your organisation's directory has {KNOWN}.",
    advice=f"The difference: one n is missing. Change it to {KNOWN}, or keep it if you are sure.",
    facts={
        "alignment": [["p.tan", "p.tan"], ["", "n"], ["@fountain-chambers.example"] * 2],
        "difference": "one n is missing",
    },
)  # fmt: skip
KEY = finding(
    "key.unconfirmed", id="key", address=BOB, ask="confirm-key",
    message="Nobody has compared the key for Bob Miller with Bob Miller yet.",
    advice="Phone Bob Miller on a number that you have from elsewhere.",
    facts={"positions": [1, 3, 4, 7, 10], "methods": ["phone", "in-person"]},
)  # fmt: skip
SENSITIVE = finding(
    "content.sensitive", id="sensitive", severity="note", address=None, ask=None, advice="",
    message="This looks sensitive: a case reference and an NHS number.",
)  # fmt: skip
EXPOSED = finding(
    "recipient.exposed", id="exposed", address=None, ask="acknowledge",
    message="187 people outside your organisation would see each other's addresses.",
    advice="If they do not know each other, move them to Bcc.",
    facts={"addresses": 187, "people": OUTSIDE},
)  # fmt: skip
DOMAINS = finding(
    "recipient.external", id="domains", severity="note", address=None, ask=None, advice="",
    message="93 domains of this mail are outside your organisation.",
)  # fmt: skip
BLOCKED = finding(
    "recipient.blocked", id="blocked", severity="stop", address="records@old-registry.example",
    ask=None, facts={"rule": "address"}, advice="Take the recipient out, or ask your helpdesk.",
    message="Your organisation does not allow mail to this address: closed, use the new registry.",
)  # fmt: skip
STRANGER = finding(
    "recipient.external", id="stranger", address="clerk@magistrates-west.example",
    ask="acknowledge", message="magistrates-west.example is outside your organisation.",
    advice="You are asked once about each domain that is new to you.",
)  # fmt: skip
FORGOTTEN = finding(
    "attachment.forgotten", id="forgotten", address=None, ask="acknowledge",
    message="You write “I attach the bundle”, and nothing is attached.",
    advice="Attach it, or send it without.",
)  # fmt: skip
REASON = finding(
    "content.sensitive", id="reason", severity="stop", address=None, ask="reason",
    message="This is marked OFFICIAL-SENSITIVE.", advice="Say why it has to go by mail.",
)  # fmt: skip
NAME = finding(
    "recipient.intended", id="name", address=None, ask="name", message="Whom is it for?",
    advice="It will be sealed. Say it from memory or from the file.",
)  # fmt: skip
NO_KEY = finding(
    "key.missing", id="no-key", severity="stop", address=BOB, ask=None,
    message="There is no key for Bob Miller.", advice="Take one of these ways.",
    facts={"ways": ["ask", "zip", "smime"], "name": "Bob Miller"},
)  # fmt: skip

STRANGERS = [
    finding(
        "recipient.external", id=f"domain-{n}", address=one, ask="acknowledge",
        message=f"{one.partition('@')[2]} is outside your organisation.",
    )
    for n, one in enumerate(OUTSIDE[:30])
]  # fmt: skip
UNKNOWN = [
    finding(
        "recipient.first-contact", id=f"first-{n}", address=one, severity="note", ask=None,
        message="You have not written to this address before.",
    )
    for n, one in enumerate(OUTSIDE[:30])
]  # fmt: skip

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley the Third of Stoke"
LONG_ADDRESS = f"{'a-very-long-local-part-' * 2}@{'an-even-longer-domain-' * 4}of.council.example"
HARD = [
    SLIP | {"about": {"field": "to", "address": LONG_ADDRESS}, "id": "long",
            "suggestion": {"address": KNOWN, "name": LONG_NAME}},
    SLIP | {"id": "right", "suggestion": {"address": KNOWN, "name": "פריה טן"}},
    FORGOTTEN | {"message": "<img src=x onerror=alert(1)> \N{RIGHT-TO-LEFT OVERRIDE}gnp.exe"},
    finding("recipient.wrong-account", id="second", ask="choose", address=TYPED),
    finding("attachment.other-person", id="third", ask="acknowledge", address=None),
]  # fmt: skip


def reader(address: str, name: str, organisation: str, state: str, **more: Any) -> Json:
    """Somebody who could open it."""
    outside = not address.endswith("council.example")
    person = {"address": address, "name": name, "organisation": organisation, "outside": outside}
    return person | {"state": state, "sender": False} | more


READERS = [
    reader(BOB, "Bob Miller", "Northwind Traders", "unverified"),
    reader("joe.marsh@council.example", "Joe Marsh", "The Council", "verified"),
    reader("m.ali@clinic.example", "محمد علي", LONG_NAME, "tofu"),
    reader("ann.lee@council.example", "Ann Lee", "The Council", "verified", sender=True),
]
SEALED = {"required": True, "because": ["content.sensitive"], "possible": True, "readers": READERS}
BLIND = SEALED | {"readers": None}
CHOSEN = BLIND | {"because": ["sender"]}


def asks(*findings: Json, encryption: Json | None = None, verdict: str = "confirm") -> Json:
    """An answer of the service that leaves the sender the choice to seal, if nothing else is said."""
    return answer(verdict, *findings, encryption=encryption or CHOICE, reference="K7-Q2M-9F")


LOOK = {"look": True, "draftsOnServer": True}

REVIEWS: dict[str, tuple[Json, Json]] = {
    "slip": (asks(SLIP), {}),
    "slip, sensitive, a key": (
        asks(SLIP | {"ask": "retype"}, KEY, SENSITIVE, encryption=SEALED),
        {},
    ),
    "exposed": (asks(EXPOSED, DOMAINS), {}),
    "a newsletter": (asks(*STRANGERS, EXPOSED, *UNKNOWN), {}),
    "block": (asks(BLOCKED, verdict="block"), {}),
    "many": (asks(REASON, SLIP, STRANGER, FORGOTTEN, DOMAINS), {}),
    "key": (asks(KEY, encryption=SEALED), {}),
    "for whom": (asks(NAME, encryption=CHOSEN), {"seal": True}),
    "no key": (asks(NO_KEY, verdict="block", encryption=SEALED), {}),
    "hard": (asks(*HARD, encryption=SEALED), {}),
    "look": (asks(SLIP, EXPOSED, encryption=BLIND), LOOK),
    "look at nothing": (asks(verdict="allow"), LOOK),
}
"""What the service answered, and the situation that the pane is told."""
