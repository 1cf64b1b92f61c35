"""The pane beside a message in Outlook: every way through it, in a real browser."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from addin_service import manifests

from .panes import ENTRA_TOKEN, NEVER, ORIGIN, TOKEN, Json, Open, Site, person
from .scripted import (
    BLOCKED,
    FORGOTTEN,
    KEY,
    KNOWN,
    NAME,
    NO_KEY,
    NOTE,
    READERS,
    REASON,
    RETYPE,
    SLIP,
    STRANGER,
    TYPED,
    Scripted,
    problem,
)

pytestmark = [pytest.mark.browser]


# Connecting.


def test_a_new_outlook_is_connected_with_a_code_and_looks_at_the_message(opened: Open) -> None:
    pane = opened(Scripted(), paired=False)
    pane.title("Before your first mail")
    assert pane.asked == []
    assert pane.focused() == "address"
    pane.page.keyboard.type(" abcd efgh")
    pane.page.keyboard.press("Enter")
    pane.title("All set. Press Send.")
    assert pane.questions("/v1/pair") == [{"code": "ABCD-EFGH", "name": "Outlook"}]
    assert pane.outlook("return outlook.saved['last-look-token'];") == TOKEN
    assert TOKEN in pane.outlook("return Object.values(outlook.storage);")


def test_the_code_comes_from_the_sign_in_of_the_department(opened: Open) -> None:
    pane = opened(Scripted(), paired=False)
    link = pane.page.get_by_role("link", name="Get a code")
    assert link.get_attribute("href") == f"{ORIGIN}/sign-in"
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in (link.get_attribute("rel") or "")


def test_an_outlook_that_has_a_browser_to_offer_is_asked_for_it(opened: Open) -> None:
    pane = opened(Scripted(), paired=False, given={"opensBrowser": True})
    pane.page.get_by_role("link", name="Get a code").click()
    assert pane.outlook("return outlook.browsed;") == [f"{ORIGIN}/sign-in"]


def test_half_a_code_is_not_sent(opened: Open) -> None:
    pane = opened(Scripted(), paired=False)
    pane.page.get_by_label("Your code").fill("ABCD")
    pane.page.get_by_role("button", name="Connect").click()
    expect(pane.page.get_by_role("alert")).to_have_text(
        "A code has eight letters, such as ABCD-EFGH."
    )
    assert pane.asked == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((403, problem("wrong-code", "no")), "This code is not right, or it was used already"),
        ((429, problem("too-many", "Too many tries.", "Wait a minute.")), "Too many tries. Wait"),
        ((200, {"client": "a", "token": "b.c"}), "What answered was not understood."),
        ((200, "not json"), "What answered was not understood."),
        (None, "not running, or is out of reach"),
    ],
)
def test_what_went_wrong_with_the_code_is_said_and_another_can_be_typed(
    opened: Open, reply: Any, words: str
) -> None:
    pane = opened(Scripted(replies={"/v1/pair": [reply]}), paired=False)
    code = pane.page.get_by_label("Your code")
    code.fill("abcdefgh")
    code.press("Enter")
    expect(pane.page.get_by_role("alert")).to_contain_text(words)
    assert pane.outlook("return outlook.settings['last-look-token'] ?? null;") is None
    code.press("Enter")
    pane.title("All set")


def test_a_connection_that_outlook_cannot_keep_is_none(opened: Open) -> None:
    broken = {"broken": {"roamingSettings.saveAsync": "fail"}}
    pane = opened(Scripted(), paired=False, given=broken)
    pane.outlook("OfficeRuntime.storage.setItem = () => Promise.reject(new Error('full'));")
    pane.page.get_by_label("Your code").fill("ABCD-EFGH")
    pane.page.get_by_role("button", name="Connect").click()
    expect(pane.page.get_by_role("alert")).to_contain_text("could not keep the connection")


def test_after_its_access_was_ended_it_says_so_and_can_be_connected_again(opened: Open) -> None:
    ended = (401, problem("no-token", "This client is not paired."))
    pane = opened(Scripted(replies={"/v1/check": [ended]}))
    pane.title("This Outlook’s access has ended")
    pane.page.get_by_label("Your code").fill("ABCD-EFGH")
    pane.page.keyboard.press("Enter")
    pane.title("All set")


def test_disconnecting_forgets_the_token_everywhere(opened: Open) -> None:
    pane = opened(Scripted())
    pane.title("All set")
    pane.page.get_by_text("Connection").click()
    pane.page.get_by_role("button", name="Disconnect").click()
    pane.title("Before your first mail")
    assert pane.outlook("return outlook.saved['last-look-token'] ?? null;") is None
    assert pane.outlook("return Object.keys(outlook.storage);") == []


# Looking.


def test_an_ordinary_mail_is_all_set_and_asked_about_as_at_send(opened: Open) -> None:
    pane = opened(Scripted([NOTE]), KNOWN)
    pane.title("All set. Press Send.")
    (question,) = pane.questions()
    assert question["purpose"] == "send"
    assert question["answers"] == []
    assert re.fullmatch("[0-9a-f]{32}", question["carry"])
    assert pane.outlook("return outlook.headers['x-last-look-draft'];") == question["carry"]
    assert question["client"]["name"] == "outlook"
    assert question["draft"]["to"] == [{"address": KNOWN, "name": ""}]
    assert question["draft"]["text"].startswith("Hello,")
    assert "review" not in question
    assert pane.page.evaluate("document.activeElement.id") == "title"


def test_what_was_noted_is_said_quietly(opened: Open) -> None:
    note = NOTE | {"about": {"field": "to", "address": KNOWN}}
    pane = opened(Scripted([note]), KNOWN)
    pane.title("All set")
    expect(pane.page.get_by_text("chambers.example is outside your organisation.")).to_be_visible()


def test_one_click_puts_the_right_person_in_and_leaves_the_others(opened: Open) -> None:
    people = [person("joe@council.example", "Joe Marsh"), person(TYPED), person("x@b.example", "X")]
    pane = opened(Scripted([SLIP]), draft={"to": people})
    pane.title("Is this the address you mean?")
    assert pane.focused() == "primary use"
    pane.page.get_by_role("button", name=f"Use {KNOWN}").click()
    pane.title("All set. Press Send.")
    assert pane.recipients() == ["joe@council.example", KNOWN, "x@b.example"]
    names = pane.outlook("return outlook.draft.to.map(one => one.displayName);")
    assert names == ["Joe Marsh", "Priya Tann", "X"]
    assert pane.outlook("return [outlook.draft.cc, outlook.draft.bcc];") == [[], []]


def test_the_right_address_stands_there_once(opened: Open) -> None:
    pane = opened(Scripted([SLIP]), KNOWN.upper(), TYPED, "x@b.example")
    pane.page.get_by_role("button", name=f"Use {KNOWN}").click()
    pane.title("All set")
    assert pane.recipients() == [KNOWN.upper(), "x@b.example"]


@pytest.mark.parametrize(
    ("how", "words"),
    [("fail", "Outlook did not take the correction."), ("throw", "Outlook did not take the")],
)
def test_a_correction_that_outlook_refuses_is_said_and_asked_again(
    opened: Open, how: str, words: str
) -> None:
    pane = opened(Scripted([SLIP]), given={"broken": {"to.setAsync": how}})
    pane.page.get_by_role("button", name=f"Use {KNOWN}").click()
    alert = pane.page.get_by_role("alert")
    expect(alert).to_contain_text(words)
    expect(alert).to_contain_text(f"take out {TYPED} and put in {KNOWN}")
    assert pane.recipients() == [TYPED]
    expect(pane.page.get_by_role("button", name=f"Keep {TYPED}")).to_be_enabled()


def test_more_people_than_outlook_changes_at_once_are_left_to_the_sender(opened: Open) -> None:
    many = [f"p{n}@council.example" for n in range(100)]
    pane = opened(Scripted([SLIP]), *many, TYPED)
    pane.page.get_by_role("button", name=f"Use {KNOWN}").click()
    expect(pane.page.get_by_role("alert")).to_contain_text("There are too many recipients here.")
    assert len(pane.recipients()) == 101


def test_an_address_is_kept_on_purpose_by_keyboard_alone(opened: Open) -> None:
    pane = opened(Scripted([SLIP]))
    pane.title("Is this the address you mean?")
    keyboard = pane.page.keyboard
    keyboard.press("Tab")
    assert pane.focused() == "keep"
    keyboard.press("Space")
    keyboard.press("Tab")
    assert pane.focused() == "send"
    keyboard.press("Enter")
    pane.title("All set")
    first, second = pane.questions()
    assert second["answers"] == [{"finding": "f1", "choice": "keep", "value": None}]
    assert second["review"] == "review-1"
    assert second["carry"] == first["carry"]
    assert pane.recipients() == [TYPED]


@pytest.mark.parametrize("finding", [SLIP | {"suggestion": None}, FORGOTTEN, RETYPE, REASON])
def test_enter_never_overrides(opened: Open, finding: Json) -> None:
    pane = opened(Scripted([finding]), TYPED, KNOWN)
    pane.page.locator(".card").wait_for()
    pane.page.keyboard.press("Enter")
    pane.page.keyboard.press("Control+Enter")
    assert len(pane.questions()) == 1
    assert not pane.page.locator(".send").is_enabled()


def test_a_reason_and_something_seen_are_given_together(opened: Open) -> None:
    pane = opened(Scripted([FORGOTTEN, REASON]))
    pane.title("2 questions before this mail goes")
    assert pane.page.locator(".card h2").all_inner_texts() == [
        REASON["message"], FORGOTTEN["message"],
    ]  # fmt: skip
    pane.page.get_by_label("Your reason, for the record").fill("The court asked for it.")
    expect(pane.page.locator(".open")).to_have_text("One question is still open.")
    pane.page.get_by_role("button", name="I have seen this").click()
    pane.page.get_by_role("button", name="Continue").click()
    pane.title("All set")
    assert {one["finding"]: one["value"] for one in pane.questions()[1]["answers"]} == {
        "f6": "The court asked for it.", "f7": None,
    }  # fmt: skip


def test_an_address_is_typed_again_until_it_is_the_one(opened: Open) -> None:
    pane = opened(Scripted([RETYPE], expected={"f3": KNOWN}), KNOWN)
    field = pane.page.get_by_label("Type the address again, from the source")
    for typed in (TYPED, KNOWN):
        field.fill(typed)
        pane.page.get_by_role("button", name="Continue").click()
        if typed == TYPED:
            expect(pane.page.get_by_role("alert")).to_contain_text("was not this address")
    pane.title("All set")


def test_by_keyboard_alone_it_is_said_for_whom_and_the_key_compared_and_the_readers_stand_there(
    opened: Open,
) -> None:
    service = Scripted([NAME], readers=READERS, expected={"f4": "Tann"})
    pane = opened(service, KNOWN)
    pane.title("Before it is sealed")
    assert KNOWN not in pane.page.content()
    assert "Priya" not in pane.page.content()
    pane.page.keyboard.type("Miller")
    pane.page.keyboard.press("Tab")
    pane.page.keyboard.press("Enter")
    expect(pane.page.get_by_role("alert")).to_contain_text("Nobody who could open it is called")
    service.findings.append(KEY)
    assert pane.focused() == "name"
    pane.page.keyboard.type("Tann")
    pane.page.keyboard.press("Tab")
    pane.page.keyboard.press("Enter")
    pane.title("Is this their key?")
    expect(pane.page.locator(".reader")).to_have_count(2)
    assert pane.focused() == ""
    assert pane.page.evaluate("document.activeElement.value") == "phone"
    pane.page.keyboard.press("Space")
    pane.page.keyboard.press("Tab")
    pane.page.keyboard.type("1A2B3C4D5E6F708192A3")
    pane.page.keyboard.press("Tab")
    pane.page.keyboard.press("Enter")
    pane.title("All set. Press Send.")
    compared = pane.questions()[-1]["answers"][0]["value"]
    assert compared == "phone 1A2B 3C4D 5E6F 7081 92A3"
    expect(pane.page.get_by_role("heading", name="Only these people can read it")).to_be_visible()
    readers = pane.page.locator(".reader strong").all_inner_texts()
    assert readers == ["Priya Tann", "Joe Marsh"]


def test_what_may_not_go_says_how_it_may_and_looks_again(opened: Open) -> None:
    pane = opened(Scripted([BLOCKED]))
    pane.title("This mail cannot go as it is")
    assert not pane.page.locator(".send").is_visible()
    pane.page.get_by_role("button", name=f"Use {KNOWN}").click()
    pane.title("All set")
    assert pane.recipients() == [KNOWN]


def test_somebody_without_a_key_is_asked_for_it_in_a_mail_of_its_own(opened: Open) -> None:
    pane = opened(Scripted([NO_KEY], readers=READERS), KNOWN)
    pane.title("This mail cannot go as it is")
    assert pane.page.locator(".way").count() == 1
    expect(pane.page.get_by_text("but not from Outlook")).to_be_visible()
    pane.page.get_by_role("button", name="Ask them for their key").click()
    expect(pane.page.locator(".letter .text")).to_contain_text("please send me your key")
    (form,) = pane.outlook("return outlook.opened;")
    assert form["toRecipients"] == [KNOWN]
    assert form["htmlBody"] == "Dear Priya,<br><br>please send me your key."
    asked = pane.questions("/v1/keys/ask")
    assert asked == [
        {"address": KNOWN, "from": {"address": "ann.lee@council.example", "name": "Ann Lee"}}
    ]


def test_where_outlook_opens_no_mail_the_words_are_there_to_copy(opened: Open) -> None:
    broken = {"broken": {"displayNewMessageForm": "throw"}}
    pane = opened(Scripted([NO_KEY], readers=READERS), KNOWN, given=broken)
    pane.page.get_by_role("button", name="Ask them for their key").click()
    expect(pane.page.locator(".letter")).to_contain_text("Write them a new message with this text.")


# Opened for something.


@pytest.mark.parametrize("as_text", [True, False])
def test_it_begins_with_the_finding_that_outlook_was_pressed_for(
    opened: Open, as_text: bool
) -> None:
    context = '{"finding":"f7"}' if as_text else {"finding": "f7"}
    pane = opened(Scripted([SLIP, FORGOTTEN]), given={"context": context})
    pane.title("2 questions")
    assert pane.page.evaluate("document.activeElement.dataset.finding") == "f7"


@pytest.mark.parametrize("context", ["{", '{"finding":"gone"}', '{"finding":7}', "null", None])
def test_a_finding_that_is_none_changes_nothing(opened: Open, context: str | None) -> None:
    pane = opened(Scripted([SLIP, FORGOTTEN]), given={"context": context})
    pane.title("2 questions")
    assert pane.focused() == "primary use"


# Without an answer.


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (None, "not running, or is out of reach"),
        ((200, "<html>"), "What answered was not understood."),
        ((200, {"verdict": "allow"}), "What answered was not understood."),
        ((502, "<html>"), "What answered was not understood."),
        (
            (503, problem("busy", "The record is full.", "Tell your helpdesk.")),
            "The record is full.",
        ),
        (
            (403, problem("not-your-mailbox", "This mailbox is not one of yours.")),
            "This mailbox is not one of yours.",
        ),
    ],
)
def test_without_an_answer_it_says_why_and_tries_again(
    opened: Open, reply: Any, words: str
) -> None:
    pane = opened(Scripted(replies={"/v1/check": [reply]}))
    expect(pane.page.locator(".card")).to_contain_text(words)
    expect(pane.page.locator("#review")).to_contain_text("Nothing has been sent.")
    assert pane.focused() == "primary again-button"
    pane.page.keyboard.press("Enter")
    pane.title("All set")


def test_a_service_that_does_not_answer_is_waited_for_no_longer_than_ten_seconds(
    opened: Open,
) -> None:
    pane = opened(Scripted(replies={"/v1/check": [NEVER]}))
    pane.title("Last Look cannot be reached")
    expect(pane.page.locator(".card")).to_contain_text("did not answer in time")


@pytest.mark.parametrize("call", ["to.getAsync", "subject.getAsync", "body.getAsync"])
@pytest.mark.parametrize("how", ["fail", "throw", "hang"])
def test_what_outlook_does_not_show_is_not_taken_for_nothing(
    opened: Open, call: str, how: str
) -> None:
    pane = opened(Scripted(), given={"broken": {call: how}}, clock=True)
    if how == "hang":
        pane.until("Outlook is asked", lambda: call in pane.outlook("return outlook.calls;"))
        pane.page.clock.fast_forward(5_000)
    pane.title("This message was not looked at")
    expect(pane.page.locator(".card")).to_contain_text("Outlook did not let Last Look see")
    assert pane.questions() == []


def test_a_contact_list_is_to_be_opened_first(opened: Open) -> None:
    pane = opened(Scripted(), draft={"to": [person("", "The whole team")]})
    pane.title("Not everything can be seen yet")
    expect(pane.page.locator(".card")).to_contain_text("“The whole team”")
    pane.outlook("outlook.edit({to: given}, 'recipients');", [person(KNOWN)])
    pane.title("All set")


def broken_at(*calls: str) -> Json:
    return {"broken": dict.fromkeys(calls, "fail")}


def test_a_draft_whose_number_cannot_be_kept_is_looked_at_all_the_same(opened: Open) -> None:
    broken = broken_at(
        "internetHeaders.setAsync", "sessionData.setAsync", "sessionData.getAllAsync"
    )
    pane = opened(Scripted(), given=broken)
    pane.title("All set")


def test_where_nobody_can_tell_whether_it_is_sealed_already_it_is_not_looked_at(
    opened: Open,
) -> None:
    broken = broken_at("internetHeaders.getAsync", "sessionData.getAllAsync")
    pane = opened(Scripted(), given=broken)
    pane.title("This message was not looked at")
    assert pane.questions() == []


def test_a_message_that_was_sealed_and_is_still_here_is_not_asked_about(opened: Open) -> None:
    stamped = "stampOf(await collect(true))"
    pane = opened(Scripted())
    pane.title("All set")
    pane.outlook(f"outlook.headers['x-last-look-sealed'] = {stamped};")
    pane.page.get_by_role("button", name="Check again").click()
    pane.title("It is sealed. Press Send.")
    assert len(pane.questions()) == 1
    pane.outlook("outlook.edit({subject: 'Changed'}, 'recipients');")
    pane.title("This message cannot go any more")
    expect(pane.page.locator("#review")).to_contain_text("Start a new message")
    assert len(pane.questions()) == 1


def test_where_outlook_signs_people_in_it_asks_here_once_and_needs_no_code(
    site: Site, tmp_path: Path
) -> None:
    manifests.build(ORIGIN, tmp_path, entra="5e1cdc6b-1a6c-4d0e-8d68-9d04a5ad8e0e")
    signed_in = Site(site.browser, tmp_path)
    draft = {"draft": {"to": [person(KNOWN)]}}
    with signed_in.open(Scripted(), paired=False, given=draft | {"entra": ENTRA_TOKEN}) as pane:
        pane.title("All set")
        asked = pane.outlook("return outlook.signIns;")
        assert [one["allowSignInPrompt"] for one in asked] == [False, True]
        expect(pane.page.get_by_text("Connection")).to_be_hidden()
        pane.page.get_by_role("button", name="Check again").click()
        expect(pane.page.locator(".reference code")).to_have_text("K7-Q2")
    with signed_in.open(Scripted(), paired=False, given=draft) as pane:
        pane.title("Before your first mail")


def test_without_microsofts_office_js_it_says_that_it_could_not_start(opened: Open) -> None:
    pane = opened(Scripted(), office=False)
    pane.title("Last Look could not start")
    assert pane.questions() == []


# Changes while it is open.


def test_a_recipient_who_is_added_is_looked_at(opened: Open) -> None:
    pane = opened(Scripted([SLIP]), KNOWN)
    pane.title("All set")
    pane.outlook("outlook.edit({to: given}, 'recipients');", [person(KNOWN), person(TYPED)])
    pane.title("Is this the address you mean?")
    expect(pane.page.locator("#said")).to_contain_text("The message has changed. Is this")


def test_what_was_typed_stays_when_something_else_changes(opened: Open) -> None:
    pane = opened(Scripted([REASON, STRANGER, KEY]), TYPED, KNOWN)
    pane.page.get_by_role("button", name=KEY["message"]).click()
    pane.page.get_by_label("In person").check()
    pane.page.get_by_label("Group 3, four letters or digits").fill("1A2B")
    reason = pane.page.get_by_label("Your reason, for the record")
    reason.fill("The court asked")
    more = [person(TYPED), person(KNOWN), person("bob.miller@northwind.example")]
    pane.outlook("outlook.edit({to: given}, 'recipients');", more)
    pane.title("3 questions")
    assert reason.input_value() == "The court asked"
    assert pane.page.evaluate("document.activeElement.className") == "reason"
    assert pane.page.get_by_label("In person").is_checked()
    assert pane.page.get_by_label("Group 3, four letters or digits").input_value() == "1A2B"
    pane.page.keyboard.type(" for it")
    assert reason.input_value() == "The court asked for it"
    expect(pane.page.locator(".open")).to_have_text("2 questions are still open.")


def test_what_was_pressed_stays_pressed(opened: Open) -> None:
    pane = opened(Scripted([SLIP, STRANGER]))
    keep = pane.page.get_by_role("button", name=f"Keep {TYPED}")
    keep.click()
    more = [person(TYPED), person("bob.miller@northwind.example")]
    pane.outlook("outlook.edit({to: given}, 'recipients');", more)
    pane.title("2 questions")
    assert keep.get_attribute("aria-pressed") == "true"
    pane.page.get_by_role("button", name="Keep bob.miller").click()
    pane.page.get_by_role("button", name="Continue").click()
    pane.title("All set")


def test_where_nothing_is_asked_anew_the_page_stays_as_it_is(opened: Open) -> None:
    pane = opened(Scripted([SLIP]))
    card = pane.page.locator(".card").element_handle()
    pane.outlook("outlook.edit({attachments: []}, 'attachments');")
    expect(pane.page.locator(".reference code")).to_have_text("K7-Q2")
    assert card.evaluate("card => card.isConnected")
    assert pane.focused() == "primary use"


def test_a_look_that_nobody_asked_for_and_that_fails_leaves_the_page(opened: Open) -> None:
    service = Scripted([SLIP])
    pane = opened(service)
    pane.title("Is this")
    service.replies["/v1/check"] = [None]
    pane.outlook("outlook.edit({}, 'recipients');")
    pane.until("the second look", lambda: len(pane.questions()) == 2)
    pane.outlook("outlook.edit({}, 'recipients');")
    expect(pane.page.locator(".reference code")).to_have_text("K7-Q2")
    expect(pane.page.locator("#title")).to_contain_text("Is this the address")


def test_several_changes_in_a_row_are_one_look(opened: Open) -> None:
    service = Scripted([SLIP])
    pane = opened(service)
    pane.title("Is this")
    pane.outlook("for (let n = 0; n < 9; n += 1) outlook.edit({}, 'recipients');")
    expect(pane.page.locator(".reference code")).to_have_text("K7-Q2")
    assert service.rounds == 2


def test_the_text_has_no_event_and_is_looked_at_again_on_request(opened: Open) -> None:
    service = Scripted()
    pane = opened(service)
    pane.title("All set")
    service.findings.append(FORGOTTEN)
    pane.outlook("outlook.draft.text = 'The report is attached.';")
    pane.page.get_by_role("button", name="Check again").click()
    pane.title("One question before this mail goes")
    assert pane.questions()[-1]["draft"]["text"] == "The report is attached."


def test_looking_again_on_request_loses_nothing_that_was_typed(opened: Open) -> None:
    service = Scripted([REASON])
    pane = opened(service)
    reason = pane.page.get_by_label("Your reason, for the record")
    reason.fill("The court asked")
    again = pane.page.get_by_role("button", name="Check again")
    again.click()
    expect(pane.page.locator("#said")).to_have_text("Nothing has changed.")
    assert reason.input_value() == "The court asked"
    service.findings.append(FORGOTTEN)
    again.click()
    pane.title("2 questions")
    assert reason.input_value() == "The court asked"
    expect(again).to_be_focused()


def test_an_answer_that_is_given_during_a_look_is_not_lost(opened: Open) -> None:
    service = Scripted([SLIP])
    pane = opened(service)
    pane.title("Is this")

    def answers() -> None:
        service.between = None
        pane.page.get_by_role("button", name=f"Keep {TYPED}").click()
        pane.page.get_by_role("button", name="Continue").click()

    service.between = answers
    pane.outlook("outlook.edit({}, 'recipients');")
    pane.title("All set")
    assert [len(question["answers"]) for question in pane.questions()] == [0, 0, 1]


@pytest.mark.parametrize("field", ["cc", "bcc"])
def test_the_right_person_is_put_into_the_field_where_the_wrong_one_stood(
    opened: Open, field: str
) -> None:
    slip = SLIP | {"about": {"field": field, "address": TYPED}}
    pane = opened(Scripted([slip]), "x@b.example", draft={field: [person(TYPED)]})
    pane.page.get_by_role("button", name=f"Use {KNOWN}").click()
    pane.title("All set")
    assert pane.recipients(field) == [KNOWN]
    assert pane.recipients("to") == ["x@b.example"]


def test_another_message_is_looked_at_from_the_beginning(opened: Open) -> None:
    pane = opened(Scripted([SLIP]))
    pane.page.get_by_role("button", name=f"Keep {TYPED}").click()
    pane.outlook("outlook.edit({to: given, subject: 'Other'}, 'item');", [person(KNOWN)])
    pane.title("All set")
    last = pane.questions()[-1]
    assert "review" not in last
    assert last["draft"]["subject"] == "Other"


def test_an_outlook_without_events_still_looks_at_the_message(opened: Open) -> None:
    pane = opened(Scripted([SLIP]), given={"sets": "1.5"})
    pane.title("Is this")
    assert pane.outlook("return outlook.listeners.recipients ?? [];") == []
