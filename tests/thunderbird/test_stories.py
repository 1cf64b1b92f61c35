"""Ordinary days and bad ones, from the click on Send to the bytes at the mail server.

The real extension, force-installed by policy, asks the real service.
"""

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from .desk import Service
from .harness import Compose, Delivered, Page, Sink, Thunderbird, until

Figure = Callable[[str, float], None]

COUNSEL = "p.tann@chambers.example"
SLIP = "p.tan@chambers.example"
COLLEAGUE = "joe.marsh@council.example"

# Stoke-on-Trent, 2011: two slips in counsel's address, a stranger's live mailbox, eleven mails.
TWO_SLIPS = "p.tan@chamber.example"
CASE = (
    "OFFICIAL-SENSITIVE\n\nDear Ms Tann,\n\nthe child protection plan for the hearing.\n"
    "NHS number 943 476 5919, National Insurance QQ 12 34 56 C.\n"
)


def goes(compose: Compose, sink: Sink, count: int = 1) -> Delivered:
    delivered = sink.next(count)
    compose.until_closed()
    return delivered


def asked(thunderbird: Thunderbird, compose: Compose) -> Page:
    compose.send()
    review = thunderbird.review()
    compose.until_free()
    thunderbird.screenshot(f"asked-{compose.window}")
    return review


def without_what_always_differs(raw: bytes) -> list[bytes]:
    """Date, Message-ID and the boundaries, which Thunderbird makes anew for each mail."""
    for boundary in re.findall(rb'boundary="([^"]+)"', raw):
        raw = raw.replace(boundary, b"BOUNDARY")
    raw = re.sub(rb"^(Date|Message-ID): .*\r\n", rb"\1: -\r\n", raw, flags=re.M)
    return raw.split(b"\r\n")


@pytest.fixture
def plain(plain_thunderbird: Thunderbird) -> Iterator[Thunderbird]:
    yield plain_thunderbird
    plain_thunderbird.close_everything()


@pytest.mark.parametrize("html", [False, True], ids=["plain text", "html"])
def test_an_ordinary_mail_goes_unchanged_and_no_window_opens(
    thunderbird: Thunderbird, plain: Thunderbird, service: Service, sink: Sink, html: bool
) -> None:
    mail = {
        "to": f"Priya Tann <{COUNSEL}>",
        "cc": COLLEAGUE,
        "bcc": "alison.webb@nhs.example",
        "subject": "Hearing on Tuesday – room 4",
        "body": "<p>Dear Priya,</p><p>see <b>attached</b> – 10 £.</p>"
        if html
        else "Dear Priya,\n\nsee attached – 10 £.\n\n> what you wrote\n-- \nAnn\n",
    }
    attach = {"agenda.txt": b"1. Welcome\n", "plan.pdf": bytes(range(256)) * 40}
    bare = plain.compose(**mail, html=html, attach=attach)
    bare.send()
    expected = goes(bare, sink)

    compose = thunderbird.compose(**mail, html=html, attach=attach)
    compose.send()
    got = goes(compose, sink, 2)
    assert thunderbird.no_review()
    assert without_what_always_differs(got.raw) == without_what_always_differs(expected.raw)
    assert (got.sender, got.recipients) == (expected.sender, expected.recipients)


def test_a_slip_is_corrected_by_one_click_and_only_the_right_address_receives_it(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(f"Priya Tann <{SLIP}>, {COLLEAGUE}", subject="Hearing")
    review = asked(thunderbird, compose)
    assert review.labels(".pair .spoken") or review.has(".pair")
    assert not sink.delivered
    review.click(".use")
    got = goes(compose, sink)
    review.until_closed()
    assert got.recipients == [COUNSEL, COLLEAGUE]
    assert [one.addr_spec for one in got.message["To"].addresses] == [COUNSEL, COLLEAGUE]
    assert SLIP.encode() not in got.raw


def test_the_window_shows_both_addresses_and_marks_the_difference(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    review = asked(thunderbird, thunderbird.compose(SLIP))
    spoken = review.run("return document.querySelector('.pair .spoken').textContent;")
    assert spoken.startswith(f"You typed {SLIP}. Priya Tann has {COUNSEL}. ")
    assert review.labels(".known-apart") == ["n"], "the service sent no alignment"
    assert "Priya Tann" in review.text
    assert review.focused() == "primary use"


def test_what_is_said_beside_send_does_not_push_send_aside(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    """The sentence is the button's tooltip; its label stays the two words that it was."""
    compose = thunderbird.compose(SLIP)

    def send_width() -> int:
        found = "return win.document.getElementById('button-send').getBoundingClientRect().width;"
        return int(compose._run(found))

    before = send_width()
    asked(thunderbird, compose)
    until("the sentence", lambda: COUNSEL in compose.button("tooltiptext"))
    assert compose.button("label") == "Last Look"
    assert send_width() == before


def test_kept_on_purpose_it_goes_and_the_next_ordinary_one_is_not_asked_about(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(SLIP)
    review = asked(thunderbird, compose)
    review.click(".keep")
    review.click(".send")
    assert goes(compose, sink).recipients == [SLIP]
    review.until_closed()
    again = thunderbird.compose(SLIP, subject="Minutes of Wednesday")
    again.send()
    assert goes(again, sink, 2).recipients == [SLIP]
    assert thunderbird.no_review()


def test_stoke_never_leaves_from_the_first_to_the_eleventh_time(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(TWO_SLIPS, subject="Case 2011/0417", body=CASE)
    before = compose.draft()
    for time in range(1, 12):
        review = asked(thunderbird, compose)
        assert COUNSEL in review.text, f"time {time}"
        assert not review.has(".send:not([hidden], :disabled)")
        for key in ("Tab",) * (time % 4):
            review.press(key)
        review.press("Escape")
        review.until_closed()
        assert compose.draft() == before
    assert not sink.delivered


def test_stoke_kept_on_purpose_still_does_not_leave_in_clear(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    """Whoever insists on the wrong address is asked the next question, not let go."""
    compose = thunderbird.compose(TWO_SLIPS, subject="Case 2011/0417", body=CASE)
    before = compose.draft()
    review = asked(thunderbird, compose)
    if review.labels(".keep"):
        review.click(".keep")
        review.click(".send")
        review.until("the next question", "return !document.querySelector('.keep');")
        compose.until_free()
    assert not review.has(".send:not([hidden], :disabled)")
    assert compose.draft() == before
    assert not sink.delivered


def test_stoke_with_the_right_address_still_does_not_leave_in_clear(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(COUNSEL, subject="Case 2011/0417", body=CASE)
    before = compose.draft()
    review = asked(thunderbird, compose)
    assert "cannot go as it is" in review.text
    assert review.labels("footer .controls button") == ["Back to the draft"]
    review.press("Enter")
    review.until_closed()
    assert compose.draft() == before
    assert not sink.delivered


def test_the_service_may_restart_between_two_mails_and_during_a_review(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(SLIP)
    review = asked(thunderbird, compose)
    service.stop()
    review.click(".keep")
    review.click(".send")
    review.until_text("cannot be reached")
    assert not sink.delivered
    service.start()
    review.click(".again-button")
    assert goes(compose, sink).recipients == [SLIP]
    review.until_closed()


def test_a_mail_that_went_unchecked_is_in_the_record_afterwards(
    thunderbird: Thunderbird, service: Service, sink: Sink, tmp_path: Path
) -> None:
    thunderbird.hear("send-with-notice")
    service.stop()
    compose = thunderbird.compose(SLIP)
    compose.send()
    assert goes(compose, sink).recipients == [SLIP]
    until("the note of it", lambda: thunderbird.storage("local").get("unreported"))
    service.start()
    ordinary = thunderbird.compose(COLLEAGUE)
    ordinary.send()
    goes(ordinary, sink, 2)
    until("nothing left to tell", lambda: not thunderbird.storage("local").get("unreported"))
    service.command("audit", "export", str(tmp_path / "receipts.jsonl"))
    receipts = (tmp_path / "receipts.jsonl").read_text()
    assert "service.unchecked" in receipts


def test_the_record_holds_nothing_of_the_mail(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(COUNSEL, subject="Canary subject", body="Canary text\n")
    compose.send()
    got = goes(compose, sink)
    assert message_from_bytes(got.raw)["Subject"] == "Canary subject"
    for path in [*service.data.rglob("*"), service.log]:
        if path.is_file():
            assert b"Canary" not in path.read_bytes(), path.name
