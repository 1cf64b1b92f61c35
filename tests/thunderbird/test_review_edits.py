"""The review window changes the draft with one click, asks the helpdesk, and lets the sender seal."""

import json
from collections.abc import Callable

import pytest

from .desk import Service
from .harness import Compose, Page, Sink, Thunderbird, until
from .standin import Json, StandIn, answer, as_json, finding
from .test_review import KNOWN, SLIP, TYPED, asking, goes, reviewed, sends, stays

BOB = "bob.miller@northwind.example"
CHOICE = {"required": False, "because": [], "possible": True, "readers": None}

STRANGER = finding(
    "recipient.external",
    id="x",
    address=BOB,
    ask="acknowledge",
    message="northwind.example is new.",
)
FORGOTTEN = finding(
    "attachment.forgotten", id="a", address=None, ask="acknowledge", message="Gone?"
)


def exposing(people: list[str], *, sealing: bool = False) -> Callable[[Json], Json]:
    """Asks while these people stand in To or Cc."""
    facts = {"addresses": len(people), "people": people}

    def check(question: Json) -> Json:
        draft = question["draft"]
        seen = {one["address"] for field in ("to", "cc") for one in draft[field]}
        if not seen & set(people) or question["answers"]:
            return answer()
        doubt = finding("recipient.exposed", address=None, ask="acknowledge", facts=facts)
        encryption = CHOICE | {"required": sealing, "because": ["content.sensitive"][:sealing]}
        return answer("confirm", doubt, encryption=encryption)

    return check


# Out, or hidden.


def test_who_is_in_doubt_is_removed_wherever_they_stand_and_the_others_get_it(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.check = asking(SLIP)
    compose = thunderbird.compose(f"Bob Miller <{BOB}>, Priya <{TYPED}>", cc=TYPED.upper())
    compose.send()
    review = thunderbird.review()
    assert review.labels(".remove") == [f"Remove {TYPED} and send"]
    review.click(".remove")
    assert goes(compose, review, sink) == [BOB]
    assert sink.delivered[0].message["To"] == f"Bob Miller <{BOB}>"
    assert sink.delivered[0].message["Cc"] is None


def test_a_member_of_a_list_is_removed_and_the_others_stay(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    thunderbird.mailing_list("Hearing", [("Joe Marsh", "joe.marsh@council.example"), ("", TYPED)])
    compose, review = reviewed(thunderbird, standin, SLIP, to="Hearing <Hearing>")
    review.click(".remove")
    assert goes(compose, review, sink) == ["joe.marsh@council.example"]


def test_removing_the_only_recipient_leads_back_to_the_draft(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    review.click(".remove")
    review.until_closed()
    compose.until_free()
    draft = compose.draft()
    assert (draft["to"], draft["cc"], draft["bcc"]) == ("", "", "")
    assert "Here are the minutes" in draft["body"]
    assert not sink.delivered


def test_a_blocked_recipient_is_removed_by_one_click(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    def check(question: Json) -> Json:
        people = {one["address"] for one in question["draft"]["to"]}
        blocked = finding("recipient.blocked", severity="stop", ask=None, message="Not there.")
        return answer("block", blocked) if TYPED in people else answer()

    standin.check = check
    compose = thunderbird.compose(f"{BOB}, {TYPED}")
    compose.send()
    review = thunderbird.review()
    review.click(".remove")
    assert goes(compose, review, sink) == [BOB]


def test_what_else_was_asked_about_somebody_is_settled_when_they_are_gone(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    other = finding("recipient.name-mismatch", id="n", ask="choose", message="Another name.")
    compose, review = reviewed(thunderbird, standin, SLIP, FORGOTTEN, other, to=f"{BOB}, {TYPED}")
    assert review.labels(".card h2") == [SLIP["message"], "Another name.", "Gone?"]
    review.click(".remove")
    until("the corrected draft", lambda: TYPED not in compose.draft()["to"])
    review.until_text("One question is still open.")
    assert review.labels(".settled") == ["Removed.", "Corrected above."]
    assert not sink.delivered
    review.click(".acknowledge")
    review.click(".send")
    assert goes(compose, review, sink) == [BOB]


def test_those_who_would_see_each_other_are_moved_to_bcc(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    people = [f"resident.{n}@home-{n}.example" for n in range(40)]
    standin.check = exposing(people)
    written = ", ".join(f'"Resident, {n}" <{one}>' for n, one in enumerate(people[:30]))
    compose = thunderbird.compose(
        f"joe.marsh@council.example, {written}", cc=", ".join(people[28:]), bcc=people[0]
    )
    compose.send()
    review = thunderbird.review()
    assert review.labels(".bcc") == ["Move all 40 to Bcc\nand send"]
    review.press("Enter")
    assert sorted(goes(compose, review, sink)) == sorted(["joe.marsh@council.example", *people])
    message = sink.delivered[0].message
    assert message["To"] == "joe.marsh@council.example"
    assert message["Cc"] is None
    assert b"resident." not in sink.delivered[0].raw
    hidden = [one["address"] for one in sends(standin)[-1]["draft"]["bcc"]]
    assert sorted(hidden) == sorted(people)


def test_where_it_is_sealed_nobody_is_moved_to_bcc(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.check = exposing([TYPED, KNOWN], sealing=True)
    compose = thunderbird.compose(f"{TYPED}, {KNOWN}")
    compose.send()
    review = thunderbird.review()
    assert review.labels(".card button") == ["I have seen this"]


def test_without_knowing_who_is_exposed_nobody_is_moved(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    doubt = finding("recipient.exposed", address=None, ask="acknowledge", facts={"people": "all"})
    _, review = reviewed(thunderbird, standin, doubt)
    assert review.labels(".card button") == ["I have seen this"]


# Several questions.


def test_of_several_questions_the_gravest_is_open_and_an_answer_opens_the_next(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    stop = finding(id="s", severity="stop", ask="reason", address=None, message="Marked secret.")
    compose, review = reviewed(thunderbird, standin, SLIP, FORGOTTEN, stop, to=f"{BOB}, {TYPED}")
    folded = "return [...document.querySelectorAll('.fold')].map(one => one.ariaExpanded);"
    assert review.labels(".card h2")[0] == "Marked secret."
    assert review.run(folded) == ["true", "false", "false"]
    review.type("Agreed by phone")
    assert review.run(folded) == ["true", "true", "false"]
    assert review.focused() == "reason"
    review.click(".keep")
    assert review.run(folded) == ["true", "true", "true"]
    review.click(".acknowledge")
    review.click(".send")
    assert goes(compose, review, sink) == [BOB, TYPED]


def test_unfolding_a_question_answers_nothing(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    _, review = reviewed(thunderbird, standin, SLIP, FORGOTTEN)
    for _ in range(4):
        review.press("Tab")
    assert review.focused() == "fold"
    review.press("Enter")
    assert review.labels(".acknowledge") == ["I have seen this"]
    assert "2 questions are still open." in review.text
    review.press(" ")
    assert review.labels(".acknowledge") == []


# The helpdesk.


def opened_request(review: Page) -> None:
    review.run("then(() => document.querySelector('.allow summary').click());")
    review.until("the form", "return document.querySelector('.allow').open;")


def test_the_helpdesk_is_asked_and_the_mail_waits(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    before = compose.draft()
    opened_request(review)
    assert "The mail is not sent; it waits in its window." in review.text
    review.run("document.querySelector('.why').focus();")
    review.type("Counsel has moved")
    review.press("Enter")
    assert standin.questions("/v1/requests") == []
    review.press("Tab")
    review.press("Enter")
    review.until_text("Your helpdesk has the request.")
    assert standin.questions("/v1/requests") == [
        {"address": TYPED, "from": "ann.lee@council.example", "reason": "Counsel has moved"}
    ]
    assert not review.enabled(".send")
    stays(compose, sink, before)


def test_a_request_that_does_not_arrive_can_be_made_again(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    problem = {"error": {"code": "busy", "message": "The record is full.", "hint": ""}}
    standin.replies["/v1/requests"] = lambda: as_json(503, problem)
    _, review = reviewed(thunderbird, standin, SLIP)
    opened_request(review)
    review.click(".request")
    review.until_text("The record is full.")
    del standin.replies["/v1/requests"]
    review.click(".request")
    review.until_text("Your helpdesk has the request.")


@pytest.mark.parametrize(
    ("code", "facts", "offered"),
    [
        ("recipient.blocked", {"rule": "address"}, True),
        ("recipient.blocked", {"rule": "domain"}, False),
        ("recipient.external", {}, True),
        ("recipient.lookalike-domain", {}, True),
        ("recipient.unusual", {}, False),
        ("recipient.unsendable", {}, False),
    ],
)
def test_the_helpdesk_is_offered_where_it_can_help(
    thunderbird: Thunderbird,
    standin: StandIn,
    sink: Sink,
    code: str,
    facts: Json,
    offered: bool,
) -> None:
    _, review = reviewed(thunderbird, standin, finding(code, facts=facts))
    assert review.has(".allow") is offered


def test_the_reference_is_copied_by_keyboard(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    _, review = reviewed(thunderbird, standin, SLIP)
    review.run("document.querySelector('.copy').focus();")
    review.press("Enter")
    review.until_text("Copied.")
    copied = thunderbird.run(
        """const held = Cc["@mozilla.org/widget/transferable;1"].createInstance(Ci.nsITransferable);
        held.init(null);
        held.addDataFlavor("text/plain");
        Services.clipboard.getData(held, Ci.nsIClipboard.kGlobalClipboard);
        const value = {};
        held.getTransferData("text/plain", value);
        return value.value.QueryInterface(Ci.nsISupportsString).data;"""
    )
    assert copied == "K7-Q2M"


# Sealing by choice.


def test_a_mail_is_sealed_because_the_sender_wants_it(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    def check(question: Json) -> Json:
        if not question.get("seal"):
            return answer("confirm", SLIP, encryption=CHOICE)
        named = finding("recipient.intended", id="i", address=None, ask="name", message="Who?")
        chosen = CHOICE | {"required": True, "because": ["sender"]}
        return answer("confirm", named, encryption=chosen)

    standin.check = check
    compose = thunderbird.compose(TYPED)
    compose.send()
    review = thunderbird.review()
    assert review.labels(".send") == ["Send now"]
    review.click(".seal")
    assert review.labels(".send") == ["Seal and send"]
    assert not review.enabled(".send"), "the switch must not answer anything"
    assert len(sends(standin)) == 1
    review.click(".keep")
    review.click(".send")
    review.until_text("Who?")
    assert sends(standin)[-1]["seal"] is True
    assert review.run("return document.querySelector('.seal').checked;")
    assert not review.enabled(".send")
    # And taken back: what was asked for the sake of sealing is not asked any more.
    standin.check = lambda _: answer()
    review.click(".seal")
    assert review.labels(".send") == ["Send now"]
    review.click(".send")
    assert goes(compose, review, sink) == [TYPED]
    assert "seal" not in sends(standin)[-1]


@pytest.mark.parametrize(
    "encryption",
    [
        CHOICE | {"possible": False},
        CHOICE | {"required": True, "because": ["content.sensitive"]},
    ],
)
def test_where_the_policy_leaves_no_choice_there_is_no_switch(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, encryption: Json
) -> None:
    standin.check = lambda _: answer("confirm", SLIP, encryption=encryption)
    compose = thunderbird.compose(TYPED)
    compose.send()
    assert not thunderbird.review().has(".seal")


# A look without sending.


def looked(
    thunderbird: Thunderbird, standin: StandIn, *findings: Json, to: str = TYPED
) -> tuple[Compose, Page]:
    standin.check = asking(*findings)
    compose = thunderbird.compose(to)
    compose.click_action()
    return compose, thunderbird.review()


def test_a_look_shows_what_would_be_asked_and_sends_nothing(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = looked(thunderbird, standin, SLIP, FORGOTTEN)
    assert "2 things to look at before you send" in review.text
    assert "Nothing is sent from here." in review.text
    assert review.labels(".send, .keep, .acknowledge") == []
    assert {question["purpose"] for question in standin.questions()} == {"typing"}
    review.press("Escape")
    review.until_closed()
    assert compose.is_open
    assert not sink.delivered


def test_a_correction_in_a_look_is_looked_at_again(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = looked(thunderbird, standin, SLIP, FORGOTTEN)
    review.click(".use")
    review.until_text("One thing to look at before you send")
    assert KNOWN in compose.draft()["to"]
    assert not sink.delivered
    last = standin.questions()[-1]
    assert last["purpose"] == "typing"
    assert [one["address"] for one in last["draft"]["to"]] == [KNOWN]


def test_a_look_that_finds_nothing_says_so(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    _, review = looked(thunderbird, standin, SLIP, to=f"{BOB}, {TYPED}")
    review.click(".remove")
    review.until_text("Nothing to ask about this mail")
    assert review.focused() == "back"


def test_nothing_of_the_draft_is_written_to_disk(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    _, review = looked(thunderbird, standin, SLIP)
    review.click(".use")
    until("the second look", lambda: len(standin.questions()) >= 2)
    assert TYPED not in json.dumps(thunderbird.storage("local"))


# With the real service.


def test_strangers_who_would_see_each_other_leave_hidden_from_each_other(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    people = [
        f"resident.{n}@{place}.example" for n in range(8) for place in ("east", "mid", "west")
    ]
    compose = thunderbird.compose(", ".join(people), subject="Newsletter", body="Hello all,\n")
    compose.send()
    review = thunderbird.review()
    review.click(".bcc")
    review.until_text("Moved to Bcc: they do not see each other.")
    for _ in range(3):
        review.run("document.querySelector('.card:not(.done) .acknowledge').click();")
    review.click(".send")
    assert sorted(goes(compose, review, sink)) == sorted(people)
    assert b"resident." not in sink.delivered[0].raw


def test_the_helpdesk_finds_the_request_that_was_made_in_the_window(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose("clerk@magistrates-west.example")
    compose.send()
    review = thunderbird.review()
    opened_request(review)
    review.run("document.querySelector('.why').focus();")
    review.type("A new court")
    review.click(".request")
    review.until_text("Your helpdesk has the request.")
    listed = service.command("requests", "list")
    for words in ("clerk@magistrates-west.example", "ann.lee@council.example", "A new court"):
        assert words in listed
    assert compose.is_open
    assert not sink.delivered
