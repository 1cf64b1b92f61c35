"""The sender's own words, whom they greet, and what they promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service import text

OWN = "Dear Priya,\n\nthe order is signed."


@pytest.mark.parametrize(
    "rest",
    [
        "-- \nAnn Lee\nLegal",
        "On Monday, 3 March 2025, Priya Tann <p.tann@chambers.example> wrote:\n> secret",
        "On Monday, 3 March 2025 at 10:00,\nPriya Tann <p.tann@chambers.example>\nwrote:\n\nsecret",
        "-----Original Message-----\nFrom: Priya\nsecret",
        "---------- Forwarded message ---------\nFrom: Priya\nsecret",
        "Begin forwarded message:\n\nsecret",
        "From: Priya Tann\nSent: Monday\nTo: Ann Lee\nSubject: x\n\nsecret",
        "________________________________\nFrom: Priya Tann\nSent: Monday\n\nsecret",
        "*From:* Priya Tann\n*Sent:* Monday\n*To:* Ann Lee\n\nsecret",
        "> secret\n> more",
        "Sent from my telephone",
        "This email and any attachments are confidential and intended solely for the addressee.",
        "Confidentiality notice: if you are not the intended recipient you must not disclose it.",
        "Am Montag schrieb Priya Tann <p.tann@chambers.example>:\n> secret",
    ],
)
def test_quoted_mail_signature_and_disclaimer_are_not_own_words(rest: str) -> None:
    assert text.own_words(f"{OWN}\n\n{rest}\n") == OWN


@pytest.mark.parametrize(
    "body",
    [
        "The plan is confidential.",
        "On Monday I wrote to the school.",
        "From: the station take the bus.",
        "I wrote:\nnothing",
        "This email is late, sorry.",
        "5 > 3, she says.",
    ],
)
def test_own_words_that_look_like_something_else_stay(body: str) -> None:
    assert text.own_words(body) == body


def test_answers_between_quoted_lines_stay() -> None:
    body = "On Monday Priya wrote:\n> Is it signed?\n\nYes.\n\n> And sent?\n\nNo."
    assert text.own_words(body) == "Yes.\n\nNo."


@pytest.mark.parametrize(
    ("body", "greeted"),
    [
        ("Dear Priya,\n\nx", "Priya"),
        ("Dear Ms Tann\n\nx", "Ms Tann"),
        ("Good morning Dr. Tann,\nx", "Dr Tann"),
        ("Hi Priya and Tom,\nx", "Priya and Tom"),
        ("Dear Priya, Tom and Ann\nx", "Priya, Tom and Ann"),
        ("Hi Priya - quick one", "Priya"),
        ("hi priya, see below", "priya"),
        ("Hi Priya can you call", "Priya"),
        ("Priya,\n\nx", "Priya"),
        ("Morning Tom! How are you", "Tom"),
        ("Anne-Marie -\n\nx", "Anne-Marie"),
        ("Some of these, which we promised long ago and then forgot,\nx", ""),
        ("Currently, I think,\nx", ""),
        ("Priya and Tom McDonald,\n\nx", "Priya and Tom McDonald"),
        ("Hi Priya and all,", "Priya"),
        ("Dear Priya and colleagues,", "Priya"),
        ("Hi Tom, Thanks.", "Tom"),
        ("Hi Tom, Brilliant.", "Tom"),
        ("hi priya and tom, see below", "priya and tom"),
        ("Dear Mr and Mrs Tann,", "Mr and Mrs Tann"),
        ("Hi all", ""),
        ("Hi team,", ""),
        ("Dear Head Teacher,", ""),
        ("Dear Hiring Manager,", ""),
        ("Dear Parent/Carer,", ""),
        ("Dear Oak Solicitors LLP,", ""),
        ("To whom it may concern,", ""),
        ("Dear Mum,", ""),
        ("Hi hope you are well, quick question", ""),
        ("Hi Quick question about Monday", ""),
        ("Evening classes start on Monday", ""),
        ("Morning Star readers know this", ""),
        ("Congratulations,\nAnn", ""),
        ("Unfortunately,\nit is late", ""),
        ("Hallo zusammen,", ""),
        ("Bonjour,", ""),
        ("Guten Tag Frau Tann,", ""),
        ("Dear colleagues,", ""),
        ("Dear Sir or Madam,", ""),
        ("Hi both,", ""),
        ("Hi, just a line", ""),
        ("Hello there!", ""),
        ("Thanks,\nAnn", ""),
        ("Many thanks,\nAnn", ""),
        ("Further to my mail,", ""),
        ("Hi Just a quick one", ""),
        ("The order is signed.", ""),
        ("", ""),
    ],
)
def test_whom_the_first_lines_greet(body: str, greeted: str) -> None:
    assert text.greeting(body) == greeted


@pytest.mark.parametrize(
    "body",
    [
        "Please find attached the order.",
        "I attach the order.",
        "I've attached it.",
        "We have enclosed the form",
        "The order is attached.",
        "See attached",
        "As per the attached letter",
        "Attached: the order",
        "It is in the attachment.",
        "I'm attaching the form now",
        "The attached signed order is the last one.",
        "Please see the attached.",
        "The report that you asked for is attached.",
        "When you have a moment, the form is attached.",
    ],
)
def test_a_promise_is_found(body: str) -> None:
    assert text.promises_attachment(body)


@pytest.mark.parametrize(
    "body",
    [
        "The garage is attached to the house.",
        "He is attached to the ward.",
        "Could you attach the order?",
        "Thanks for the attachment you sent.",
        "There is no attachment.",
        "The order is not attached.",
        "It was attached to my last mail.",
        "An attachment order was made.",
        "We discussed attachment theory.",
        "I'll attach it tomorrow.",
        "It is set when a card is attached (see below).",
        "The sensor is attached only to the first port.",
        "The code is enclosed in a conditional.",
        "Use the native mode of the attached monitor.",
        "The controller attached the bus is slow.",
        "The shed is permanently attached to the wall.",
        "",
    ],
)
def test_what_is_no_promise_is_left_alone(body: str) -> None:
    assert text.promises_attachment(body) == ""


@given(st.text(max_size=300))
def test_any_text_is_borne(body: str) -> None:
    own = text.own_words(body)
    assert len(own) <= len(body) + 1
    text.greeting(own)
    text.promises_attachment(own)


def test_own_words_of_own_words_change_nothing() -> None:
    assert text.own_words(text.own_words(f"{OWN}\n-- \nAnn")) == OWN
