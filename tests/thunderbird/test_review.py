"""The review window: one window, every way through it, and every way out of it."""

from collections.abc import Callable

import pytest

from .harness import Compose, Page, Sink, Thunderbird, until
from .standin import Json, StandIn, answer, finding

TYPED = "p.tan@chambers.example"
KNOWN = "p.tann@chambers.example"

SLIP = finding(
    address=TYPED,
    suggestion=KNOWN,
    name="Priya Tann",
    message=f"You have not written to {TYPED}. Your organisation's directory has {KNOWN}.",
    facts={
        "alignment": [["p.tan", "p.tan"], ["", "n"], ["@chambers.example", "@chambers.example"]],
        "difference": "one n is missing",
    },
)


def sends(standin: StandIn) -> list[Json]:
    """What was asked because Send was pressed; the early help asks as well."""
    return [one for one in standin.questions() if one["purpose"] == "send"]


def asking(*findings: Json) -> Callable[[Json], Json]:
    """Asks until every finding was answered or its address is gone, as the service does."""
    answered: set[str] = set()

    def check(question: Json) -> Json:
        draft = question["draft"]
        readers = {one["address"] for field in ("to", "cc", "bcc") for one in draft[field]}
        answered.update(given["finding"] for given in question["answers"])
        left = []
        for one in findings:
            if one["about"] and one["about"]["address"] not in readers:
                continue
            left.append(one | {"ask": None} if one["id"] in answered else one)
        return answer("confirm" if any(one["ask"] for one in left) else "allow", *left)

    return check


def reviewed(
    thunderbird: Thunderbird, standin: StandIn, *findings: Json, to: str = TYPED
) -> tuple[Compose, Page]:
    standin.check = asking(*findings)
    compose = thunderbird.compose(to)
    compose.send()
    return compose, thunderbird.review()


def goes(compose: Compose, review: Page, sink: Sink) -> list[str]:
    recipients = sink.next().recipients
    compose.until_closed()
    review.until_closed()
    return recipients


def stays(compose: Compose, sink: Sink, before: dict[str, object]) -> None:
    compose.until_free()
    assert compose.draft() == before
    assert not sink.delivered


# What is shown.


def test_both_addresses_stand_one_above_the_other_with_the_difference_marked(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    _, review = reviewed(thunderbird, standin, SLIP)
    rows = review.run(
        """return [0, 1].map(row =>
             [...document.querySelectorAll(".column")].map(c => c.children[row].textContent)
               .join("").replaceAll(" ", ""));"""
    )
    assert rows == [TYPED, KNOWN]
    places = review.run(
        """return [...document.querySelectorAll(".column")].map(c =>
             [...c.children].map(e => Math.round(e.getBoundingClientRect().left)));"""
    )
    assert all(typed == known for typed, known in places), "the two are not aligned"
    assert review.labels(".known-apart") == ["n"]
    assert review.has(".typed-apart.absent")
    outlines = review.run(
        """return [".typed-apart", ".known-apart"].map(part =>
             getComputedStyle(document.querySelector(part)).outlineStyle);"""
    )
    assert outlines == ["dashed", "solid"], "marked by more than colour"
    spoken = review.run("return document.querySelector('.pair .spoken').textContent;")
    assert spoken == f"You typed {TYPED}. Priya Tann has {KNOWN}. The difference: one n is missing."
    assert review.run("return document.querySelector('.columns').ariaHidden;") == "true"
    assert "Priya Tann" in review.text
    assert "K7-Q2M" in review.text


def test_without_an_alignment_two_plain_lines_are_shown(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    _, review = reviewed(thunderbird, standin, SLIP | {"facts": {}})
    assert not review.has(".typed-apart, .known-apart")
    assert review.labels(".unmarked span") == [TYPED, KNOWN]


@pytest.mark.parametrize(
    "alignment", [[["x", "y"]], [["p.tan"]], "p.tan", [[1, 2]], [[TYPED, "n"]], None]
)
def test_an_alignment_that_does_not_spell_the_addresses_is_not_shown(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, alignment: object
) -> None:
    _, review = reviewed(thunderbird, standin, SLIP | {"facts": {"alignment": alignment}})
    assert not review.has(".typed-apart, .known-apart")
    assert review.labels(".unmarked span") == [TYPED, KNOWN]


def test_hidden_characters_and_markup_are_shown_as_what_they_are(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    sly = finding(message="Is \N{RIGHT-TO-LEFT OVERRIDE}<img src=x onerror=alert(1)> known?")
    _, review = reviewed(thunderbird, standin, sly)
    assert "‹U+202E›<img src=x onerror=alert(1)>" in review.text
    assert not review.has("img")


def test_the_gravest_comes_first_and_notes_come_last_and_quietly(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    note = finding(id="n", severity="note", ask=None, address=None, message="Goes outside.")
    warn = finding(id="w", address=None, ask="acknowledge", message="A name is greeted.")
    stop = finding(id="s", severity="stop", ask="reason", address=None, message="Marked secret.")
    _, review = reviewed(thunderbird, standin, note, warn, stop)
    assert review.labels(".card h2") == ["Marked secret.", "A name is greeted."]
    assert review.labels(".notes li") == ["Goes outside."]


def test_one_window_for_one_draft_however_often_send_is_pressed(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    compose.until_free()
    compose.send()
    until("the second question", lambda: len(sends(standin)) == 2)
    compose.until_free()
    assert thunderbird.review().window == review.window
    assert thunderbird.review_count() == 1


def test_nothing_opens_for_a_note_and_the_mail_goes(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.check = lambda _: answer("allow", finding(severity="note", ask=None))
    compose = thunderbird.compose(TYPED)
    compose.send()
    sink.next()
    compose.until_closed()
    assert thunderbird.no_review()


# Ways through.


def test_one_click_on_use_corrects_and_sends(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP, to=f"Bob <bob@b.example>, {TYPED}")
    assert review.labels(".use") == [f"Use {KNOWN}\nand send"]
    review.click(".use")
    assert goes(compose, review, sink) == ["bob@b.example", KNOWN]


def test_enter_right_away_takes_the_suggested_address(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    review.press("Enter")
    assert goes(compose, review, sink) == [KNOWN]
    assert all(question["answers"] == [] for question in sends(standin))


def test_a_second_press_of_the_send_key_answers_nothing(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    before = compose.draft()
    review.press("Enter", Control=True)
    assert review.enabled(".use")
    stays(compose, sink, before)


@pytest.mark.parametrize("ask", ["choose", "acknowledge", "retype", "reason"])
def test_enter_right_away_never_overrides(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, ask: str
) -> None:
    """Without a suggestion the safe choice is the draft; in a text field Enter does nothing."""
    compose, review = reviewed(thunderbird, standin, finding(ask=ask))
    before = compose.draft()
    review.press("Enter")
    if ask in ("retype", "reason"):
        assert review.is_open
        assert not review.enabled(".send")
    else:
        review.until_closed()
    stays(compose, sink, before)
    assert [question["answers"] for question in sends(standin)] == [[]]


def test_by_keyboard_alone_an_address_is_kept_on_purpose(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    assert review.focused() == "primary use"
    assert not review.enabled(".send")
    review.press("Tab")
    assert review.focused() == "keep"
    review.press("Enter")
    assert review.enabled(".send")
    after = []
    for _ in range(5):
        review.press("Tab")
        after.append(review.focused())
    assert after == ["remove plain", "summary", "send", "back", "copy plain"]
    for _ in range(2):
        review.press("Tab", Shift=True)
    review.press("Enter")
    assert goes(compose, review, sink) == [TYPED]
    given = [{"finding": "f1", "choice": "keep", "value": None}]
    assert [question["answers"] for question in sends(standin)] == [[], given]


def test_a_keep_can_be_taken_back(thunderbird: Thunderbird, standin: StandIn, sink: Sink) -> None:
    _, review = reviewed(thunderbird, standin, SLIP)
    review.click(".keep")
    assert review.enabled(".send")
    review.click(".keep")
    assert not review.enabled(".send")


def test_the_review_token_and_the_answers_ride_along(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    review.click(".keep")
    review.click(".send")
    goes(compose, review, sink)
    first, second = sends(standin)
    assert "review" not in first
    assert second["review"] == "a-review-token"


def test_an_address_is_typed_again_and_a_wrong_one_is_asked_for_again(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    def check(question: Json) -> Json:
        right = any(given["value"] == TYPED for given in question["answers"])
        return answer() if right else answer("confirm", finding(ask="retype"))

    standin.check = check
    compose = thunderbird.compose(TYPED)
    compose.send()
    review = thunderbird.review()
    assert review.focused() == "address"
    assert review.labels("label") == ["Type the address again, from the source"]
    review.type("p.tun@chambers.example")
    review.click(".send")
    review.until("the second question", "return !!document.querySelector('.again');")
    assert not review.enabled(".send")
    review.type(TYPED)
    review.click(".send")
    assert goes(compose, review, sink) == [TYPED]
    choices = [question["answers"] for question in sends(standin)]
    assert choices[1:] == [
        [{"finding": "f1", "choice": "retype", "value": "p.tun@chambers.example"}],
        [{"finding": "f1", "choice": "retype", "value": TYPED}],
    ]


def test_a_reason_and_an_acknowledgement_are_each_given_by_themselves(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    seen = finding(id="a", ask="acknowledge", address=None)
    why = finding(id="r", ask="reason", severity="stop", address=None)
    compose, review = reviewed(thunderbird, standin, seen, why)
    assert "2 questions are still open." in review.text
    review.type("Agreed by phone")
    assert not review.enabled(".send"), "one answer must not stand for two"
    review.click(".acknowledge")
    review.click(".send")
    goes(compose, review, sink)
    given = {one["finding"]: one for one in sends(standin)[-1]["answers"]}
    assert given["r"] == {"finding": "r", "choice": "reason", "value": "Agreed by phone"}
    assert given["a"] == {"finding": "a", "choice": "acknowledge", "value": None}


def test_a_correction_waits_for_the_other_questions_and_stands_in_the_draft(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    other = finding(id="o", ask="acknowledge", address=None)
    compose, review = reviewed(thunderbird, standin, SLIP, other)
    assert review.labels(".use") == [f"Use {KNOWN}"]
    review.click(".use")
    until("the corrected draft", lambda: KNOWN in compose.draft()["to"])
    assert not sink.delivered
    assert f"Changed to {KNOWN}." in review.text
    review.click(".acknowledge")
    review.click(".send")
    assert goes(compose, review, sink) == [KNOWN]


def test_after_a_correction_a_second_enter_answers_nothing(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    other = finding(id="o", ask="choose", address=None)
    compose, review = reviewed(thunderbird, standin, SLIP, other)
    review.press("Enter")
    until("the corrected draft", lambda: KNOWN in compose.draft()["to"])
    assert review.focused() == "card warn"
    review.press("Enter")
    assert not review.enabled(".send")
    review.press("Tab")
    assert review.focused() == "fold"
    review.press("Tab")
    assert review.focused() == "keep"


def test_what_was_answered_before_is_not_asked_again(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    """An answered stop stays in the list, asking nothing; the mail waits only for the rest."""
    before = finding(id="s", severity="stop", ask=None, address=None, message="Marked secret.")
    compose, review = reviewed(thunderbird, standin, before, finding(id="w", ask="acknowledge"))
    assert review.labels(".notes li") == ["Marked secret."]
    review.click(".acknowledge")
    review.click(".send")
    assert goes(compose, review, sink) == [TYPED]


def test_a_question_that_this_version_cannot_ask_stops_the_mail(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    _, review = reviewed(thunderbird, standin, finding(ask="confirm-key"))
    assert review.labels("footer button") == ["Back to the draft", "Copy"]


def test_what_is_blocked_has_no_send_button(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    stop = finding(severity="stop", ask=None, message="Nobody may write there.")
    standin.check = lambda _: answer("block", stop)
    compose = thunderbird.compose(TYPED)
    before = compose.draft()
    compose.send()
    review = thunderbird.review()
    assert "cannot go as it is" in review.text
    assert "Nobody may write there." in review.text
    assert not review.has(".send:not([hidden]), .keep")
    assert review.focused() == "back"
    review.press("Enter")
    review.until_closed()
    stays(compose, sink, before)


def test_an_allow_that_asks_for_sealing_does_not_leave_in_clear(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    sealing = {"required": True, "because": [], "possible": True, "readers": []}
    standin.check = lambda _: answer() | {"encryption": sealing}
    compose = thunderbird.compose(TYPED)
    before = compose.draft()
    compose.send()
    thunderbird.review()
    stays(compose, sink, before)


# Ways out.


@pytest.mark.parametrize("way", ["Escape", "the window's cross", "Back to the draft"])
def test_leaving_keeps_the_draft_as_it_was(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, way: str
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    before = compose.draft()
    if way == "Escape":
        review.press("Escape")
    elif way == "Back to the draft":
        review.click(".back")
    else:
        review.close()
    review.until_closed()
    stays(compose, sink, before)
    compose.type_text("One more line. ")
    assert "One more line." in compose.draft()["body"]
    compose.send()
    thunderbird.review().press("Enter")
    assert sink.next().recipients == [KNOWN]


def test_escape_forgets_what_was_answered_but_not_sent(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    review.click(".keep")
    review.press("Escape")
    review.until_closed()
    compose.until_free()
    compose.send()
    until("the second question", lambda: len(sends(standin)) == 2)
    assert sends(standin)[-1]["answers"] == []


def test_a_sleeping_background_page_does_not_stop_the_click(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    compose.until_free()
    thunderbird.suspend_extension()
    review.click(".keep")
    review.click(".send")
    assert goes(compose, review, sink) == [TYPED]


def test_the_review_closes_with_its_compose_window(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    compose.until_free()
    compose.close()
    review.until_closed()
    until("the report", lambda: standin.questions("/v1/sent"))
    assert standin.questions("/v1/sent")[0]["outcome"] == "cancelled"
    until("nothing is remembered", lambda: not thunderbird.storage("session").get("unreported"))
    assert not any(key.startswith("looked:") for key in thunderbird.storage("session"))


def test_an_edit_while_the_review_is_open_is_what_is_looked_at(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    compose.until_free()
    compose.type_text("Added later. ")
    review.click(".keep")
    review.click(".send")
    assert b"Added later." in sink.next().raw
    assert "Added later." in sends(standin)[-1]["draft"]["text"]


def test_two_drafts_have_two_reviews(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    first, review = reviewed(thunderbird, standin, SLIP)
    second = thunderbird.compose(TYPED, subject="Another")
    second.send()
    until("two windows", lambda: thunderbird.review_count() == 2)
    review.click(".use")
    first.until_closed()
    review.until_closed()
    assert sink.next().message["Subject"] == "Minutes"
    assert second.is_open
    assert thunderbird.review_count() == 1


def test_the_button_beside_send_leads_back_to_the_question(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose, review = reviewed(thunderbird, standin, SLIP)
    compose.until_free()
    review.press("Escape")
    review.until_closed()
    assert compose.badge() == "?"
    compose.click_action()
    assert "Is this the address you mean?" in thunderbird.review().text
    assert len(sends(standin)) == 1


def test_the_button_beside_send_looks_without_sending(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(TYPED)
    compose.click_action()
    assert "Nothing to ask about this mail" in thunderbird.review().text
    assert {question["purpose"] for question in standin.questions()} == {"typing"}
    assert not sink.delivered


def test_twice_as_large_everything_is_still_in_sight(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    others = [finding(id=str(n), address=None, ask="acknowledge") for n in range(4)]
    _, review = reviewed(thunderbird, standin, SLIP, *others)
    review.zoom(2)
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    review.until("no scrolling sideways", f"return {fits};")
    for _ in range(5):
        review.press("Tab")
    inside = review.run(
        """const focused = document.activeElement.getBoundingClientRect();
        const footer = document.querySelector("footer").getBoundingClientRect();
        return [focused.top >= 0, focused.bottom <= footer.top, document.activeElement.className];
        """
    )
    assert inside == [True, True, "fold"]


def test_every_control_has_a_name_and_says_what_it_is_about(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    others = [
        finding(id=ask, address=None, ask=ask, message=f"About {ask}.")
        for ask in ("acknowledge", "retype", "reason")
    ]
    _, review = reviewed(thunderbird, standin, SLIP, *others)
    told = review.run(
        """for (const fold of document.querySelectorAll('.fold[aria-expanded="false"]')) fold.click();
        return [...document.querySelectorAll(".body button, .body input")].map(control => [
             control.textContent.trim() || control.labels[0].textContent,
             document.getElementById(control.getAttribute("aria-describedby")).innerText]);"""
    )
    assert all(name for name, _ in told)
    assert [about for _, about in told[-3:]] == [
        "About acknowledge.",
        "About retype.",
        "About reason.",
    ]
    assert {about for _, about in told[:-3]} == {SLIP["message"]}
    assert review.run("return document.documentElement.lang;") == "en"


# What is collected.


def test_the_members_of_a_mailing_list_are_asked_about_and_can_be_corrected(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    thunderbird.mailing_list("Hearing", [("Joe Marsh", "joe.marsh@council.example"), ("", TYPED)])
    compose, review = reviewed(thunderbird, standin, SLIP, to="Hearing <Hearing>")
    asked = sends(standin)[0]["draft"]["to"]
    assert [one["address"] for one in asked] == ["joe.marsh@council.example", TYPED]
    review.click(".use")
    assert goes(compose, review, sink) == ["joe.marsh@council.example", KNOWN]


def test_what_is_asked_is_what_will_be_sent(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(
        '"Tann, Priya" <p.tann@chambers.example>, plain@b.example',
        cc='"evil@c.example" <real@d.example>',
        bcc="Zoë Ruß <zoe@e.example>",
        subject="Ärger – §4",
        body="Dear Priya,\nas promised\n",
        attach={"report.pdf": b"%PDF-1.7", "Zusage ö.txt": b"ja"},
    )
    compose.send()
    delivered = sink.next()
    draft = sends(standin)[0]["draft"]
    assert draft["from"] == {"address": "ann.lee@council.example", "name": "Ann Lee"}
    assert draft["to"] == [
        {"address": "p.tann@chambers.example", "name": "Tann, Priya"},
        {"address": "plain@b.example", "name": ""},
    ]
    assert draft["cc"] == [{"address": "real@d.example", "name": "evil@c.example"}]
    assert draft["bcc"] == [{"address": "zoe@e.example", "name": "Zoë Ruß"}]
    asked = [one["address"] for field in ("to", "cc", "bcc") for one in draft[field]]
    assert sorted(asked) == sorted(delivered.recipients)
    assert draft["subject"] == "Ärger – §4" == delivered.message["Subject"]
    assert "as promised" in draft["text"]
    assert [(one["name"], one["size"]) for one in draft["attachments"]] == [
        ("report.pdf", 8),
        ("Zusage ö.txt", 2),
    ]


def test_the_text_of_an_html_mail_is_asked_about_without_decoration(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    long = "one line of more than seventy-two characters stays one line, NHS 943 476 5919."
    quoted = '<blockquote type="cite">what <b>Bob</b> wrote</blockquote>'
    body = f"<p>Dear <b>Priya</b>,</p><p>{long}</p>{quoted}"
    compose = thunderbird.compose(TYPED, body=body, html=True)
    compose.send()
    sink.next()
    lines = sends(standin)[0]["draft"]["text"].splitlines()
    assert "Dear Priya," in lines
    assert long in lines
    assert "> what Bob wrote" in lines


def test_a_reply_says_who_wrote_and_who_took_part(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = thunderbird.reply(
        "From: Bob Miller <bob.miller@northwind.example>\r\n"
        "To: Ann Lee <ann.lee@council.example>, joe.marsh@council.example\r\n"
        "Cc: Alison <alison.webb@nhs.example>\r\n"
        "Subject: Hearing\r\nMessage-ID: <1@northwind.example>\r\n"
        "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\nWhen is it?\r\n"
    )
    compose.send()
    sink.next()
    assert sends(standin)[0]["draft"]["thread"] == {
        "wrote": ["bob.miller@northwind.example"],
        "took_part": [
            "ann.lee@council.example",
            "joe.marsh@council.example",
            "alison.webb@nhs.example",
        ],
    }


def test_send_later_is_looked_at_as_well(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(TYPED)
    compose.send_later()
    compose.until_closed()
    assert len(sends(standin)) == 1
    until("the report", lambda: standin.questions("/v1/sent"))
    assert not sink.delivered
