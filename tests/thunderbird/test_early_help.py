"""Quiet help while a mail is written: a mark on the button, and a look without sending."""

import time
from pathlib import Path
from typing import Any

import pytest

from .desk import Service
from .harness import Compose, Sink, Thunderbird, until
from .standin import NEVER, StandIn, answer, finding

TAN, TANN = "p.tan@chambers.example", "p.tann@chambers.example"
SETTLED_S = 2.5
"""Longer than the pause after which a change is asked about, and the asking."""

TYPE = """
const tip = Cc["@mozilla.org/text-input-processor;1"].createInstance(Ci.nsITextInputProcessor);
tip.beginInputTransactionForTests(win);
const press = key => {
  const keyCode = key === "Enter" ? 13 : 0;
  const event = new win.KeyboardEvent("", { key, keyCode, bubbles: true });
  tip.keydown(event);
  tip.keyup(event);
};
"""


def run(compose: Compose, script: str, *arguments: Any) -> Any:
    return compose._run(script, *arguments)


def type_recipient(compose: Compose, address: str) -> None:
    """Letter by letter, and Enter, which makes a pill of it."""
    run(
        compose,
        f"""{TYPE}
        win.document.getElementById("toAddrInput").focus();
        for (const letter of given[1]) press(letter);
        press("Enter");""",
        address,
    )


def type_subject(compose: Compose, words: str) -> None:
    run(
        compose,
        f"""{TYPE}
        win.document.getElementById("msgSubject").focus();
        for (const letter of given[1]) press(letter);""",
        words,
    )


def remove_pill(compose: Compose, address: str) -> None:
    run(
        compose,
        """const area = win.document.getElementById("recipientsContainer");
        const pill = [...area.querySelectorAll("mail-address-pill")]
          .find(one => one.emailAddress === given[1]);
        area.removeRecipients ? area.removeRecipients([pill]) : pill.remove();
        win.onRecipientsChanged();""",
        address,
    )


def title(compose: Compose) -> str:
    return str(
        run(
            compose,
            """const button = win.document.querySelector('[id$="-composeAction-toolbarbutton"]');
            return button.getAttribute("tooltiptext") || button.getAttribute("label");""",
        )
    )


def asked_for(standin: StandIn, count: int) -> list[dict[str, Any]]:
    until(f"{count} questions", lambda: len(standin.questions()) >= count)
    time.sleep(SETTLED_S)
    questions = standin.questions()
    assert len(questions) == count, [q["purpose"] for q in questions]
    return questions


def test_a_slip_shows_before_send_and_goes_when_it_is_put_right(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose()
    type_recipient(compose, TAN)
    until("the mark", lambda: compose.badge() == "?")
    until("what it is about", lambda: TANN in title(compose))
    assert thunderbird.no_review(), "nobody is interrupted"
    remove_pill(compose, TAN)
    until("no mark", lambda: compose.badge() == "")
    type_recipient(compose, TANN)
    time.sleep(SETTLED_S)
    assert compose.badge() == ""


def test_only_what_changed_is_asked_about_and_a_pause_is_awaited(
    thunderbird: Thunderbird, standin: StandIn
) -> None:
    compose = thunderbird.compose("joe.marsh@council.example")
    asked_for(standin, 1)
    type_subject(compose, " of the meeting on Tuesday")
    last = asked_for(standin, 2)[-1]
    assert last["purpose"] == "typing"
    assert last["draft"]["subject"].endswith("on Tuesday"), "one question for all these keys"
    compose.type_text("Words of the letter alone are not a reason to ask.")
    asked_for(standin, 2)
    type_recipient(compose, "alison.webb@nhs.example")
    last = asked_for(standin, 3)[-1]
    assert [one["address"] for one in last["draft"]["to"]] == [
        "joe.marsh@council.example", "alison.webb@nhs.example",
    ]  # fmt: skip


def test_a_file_that_comes_and_goes_is_asked_about(
    thunderbird: Thunderbird, standin: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "plan.pdf").write_bytes(b"the plan")
    compose = thunderbird.compose("joe.marsh@council.example")
    asked_for(standin, 1)
    run(
        compose,
        """const attachment = Cc["@mozilla.org/messengercompose/attachment;1"]
          .createInstance(Ci.nsIMsgAttachment);
        Object.assign(attachment, { url: given[1], name: "plan.pdf", size: 8 });
        await win.AddAttachments([attachment]);""",
        (tmp_path / "plan.pdf").as_uri(),
    )
    assert [one["name"] for one in asked_for(standin, 2)[-1]["draft"]["attachments"]] == [
        "plan.pdf"
    ]
    run(compose, "await win.RemoveAllAttachments();")
    assert asked_for(standin, 3)[-1]["draft"]["attachments"] == []


def test_send_itself_asks_once(thunderbird: Thunderbird, standin: StandIn, sink: Sink) -> None:
    compose = thunderbird.compose("joe.marsh@council.example")
    asked_for(standin, 1)
    before = [one.path for one in standin.asked]
    compose.send()
    compose.until_closed()
    sink.next()
    during = [one.path for one in standin.asked][len(before) :]
    assert sorted(during[:2]) == ["/v1/check", "/v1/hello"]
    assert "/v1/check" not in during[2:]
    assert [q["purpose"] for q in standin.questions()] == ["typing", "send"]


def test_a_newer_question_ends_an_older_one(thunderbird: Thunderbird, standin: StandIn) -> None:
    standin.replies["/v1/check"] = NEVER
    compose = thunderbird.compose(TAN)
    until("the first question", lambda: standin.questions())
    del standin.replies["/v1/check"]
    standin.check = lambda question: (
        answer() if question["draft"]["subject"] != "Minutes" else answer("confirm", finding())
    )
    type_subject(compose, "!")
    asked_for(standin, 2)
    assert compose.badge() == ""


def test_silence_is_silent_and_send_does_not_suffer(
    thunderbird: Thunderbird, port: int, sink: Sink
) -> None:
    compose = thunderbird.compose(TAN)
    time.sleep(SETTLED_S)
    assert compose.badge() == ""
    assert thunderbird.no_review()
    assert not compose.is_locked


def test_a_send_ends_early_help_that_hangs(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.replies["/v1/check"] = NEVER
    compose = thunderbird.compose("joe.marsh@council.example")
    until("the question", lambda: standin.questions())
    del standin.replies["/v1/check"]
    compose.send()
    compose.until_closed()
    sink.next()


def test_a_background_page_that_slept_hears_of_a_new_recipient(
    thunderbird: Thunderbird, standin: StandIn
) -> None:
    standin.check = lambda question: answer("block", finding(severity="stop", ask=None))
    compose = thunderbird.compose()
    time.sleep(SETTLED_S)
    thunderbird.suspend_extension()
    type_recipient(compose, TAN)
    until("the mark", lambda: compose.badge() == "!")


def test_the_button_opens_a_look_that_cannot_send(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.check = lambda question: answer(
        *(("confirm", finding(suggestion=TANN)) if TAN in str(question["draft"]["to"]) else ())
    )
    compose = thunderbird.compose(TAN)
    compose.click_action()
    review = thunderbird.review()
    review.until_text(TANN)
    assert not any("send" in label.lower() for label in review.labels() if label)
    assert [q["purpose"] for q in standin.questions()][-1] == "typing"
    assert compose.is_open
    assert not compose.is_locked
    assert sink.delivered == []


def test_a_look_says_that_nobody_answers_and_looks_again(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.replies["/v1/hello"] = lambda: (500, "text/plain", b"no")
    compose = thunderbird.compose(TAN)
    compose.click_action()
    review = thunderbird.review()
    review.until("a way out", "return !!document.querySelector('.again-button');")
    del standin.replies["/v1/hello"]
    standin.check = lambda question: answer("confirm", finding(suggestion=TANN))
    review.click(".again-button")
    review.until_text(TANN)
    assert compose.is_open
    assert sink.delivered == []
    assert {q["purpose"] for q in standin.questions()} == {"typing"}


@pytest.mark.parametrize("required", [True, False], ids=["to be sealed", "in clear"])
def test_what_was_said_to_be_sealed_does_not_go_in_clear_when_nobody_answers_at_send(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, required: bool
) -> None:
    """Mail may go unchecked here; what is known to be confidential may not."""
    sealed = {"required": required, "because": [], "possible": True, "readers": []}
    standin.check = lambda question: answer(encryption=sealed)
    thunderbird.hear("send-with-notice")
    compose = thunderbird.compose("joe.marsh@council.example")
    asked_for(standin, 1)
    standin.stop()
    compose.send()
    if required:
        thunderbird.review().until_text("is not running, or is out of reach")
        assert sink.delivered == []
    else:
        compose.until_closed()
        sink.next()


def test_what_will_be_sealed_is_said_once_where_drafts_lie_on_a_server(
    thunderbird: Thunderbird, standin: StandIn
) -> None:
    sealed = {"required": True, "because": ["content.sensitive"], "possible": True, "readers": []}
    standin.check = lambda question: answer(encryption=sealed)
    thunderbird.run(
        """Services.prefs.setStringPref("mail.identity.id1.draft_folder",
          "imap://ann@mail.council.example/Drafts");"""
    )
    try:
        compose = thunderbird.compose("joe.marsh@council.example")
        foot = """return win.document.getElementById("statusText").textContent;"""
        until("the line", lambda: "unsealed" in run(compose, foot))
        until("what it is about", lambda: "sealed" in title(compose))
        run(compose, 'win.document.getElementById("statusText").textContent = "";')
        type_subject(compose, "!")
        asked_for(standin, 2)
        assert run(compose, foot) == "", "once is enough"
    finally:
        thunderbird.run(
            """Services.prefs.setStringPref("mail.identity.id1.draft_folder",
              "mailbox://nobody@Local%20Folders/Drafts");"""
        )


def test_nobody_is_asked_before_this_thunderbird_is_introduced(
    unpaired_thunderbird: Thunderbird, port: int, squatter: StandIn
) -> None:
    compose = unpaired_thunderbird.compose(TAN)
    time.sleep(SETTLED_S)
    assert squatter.asked == []
    assert compose.badge() == ""


@pytest.mark.parametrize("reply", ["hello", "check"])
def test_a_service_that_is_away_is_asked_less_and_less(
    thunderbird: Thunderbird, standin: StandIn, reply: str
) -> None:
    standin.replies[f"/v1/{reply}"] = lambda: (500, "text/plain", b"no")
    compose = thunderbird.compose(TAN)
    until("a question", lambda: standin.asked)
    time.sleep(SETTLED_S)
    before = len(standin.asked)
    type_subject(compose, "!")
    time.sleep(SETTLED_S)
    assert len(standin.asked) == before
    assert compose.badge() == ""
