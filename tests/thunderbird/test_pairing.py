"""How a user's own Thunderbird is introduced to the service, and what it does before that."""

from collections.abc import Iterator

import pytest

from .desk import Service
from .harness import Page, Sink, Thunderbird, until
from .standin import StandIn, as_json

COLLEAGUE = "joe.marsh@council.example"


@pytest.fixture
def user(unpaired_thunderbird: Thunderbird) -> Iterator[Thunderbird]:
    yield unpaired_thunderbird
    unpaired_thunderbird.close_everything()


def settings_page(user: Thunderbird) -> Page:
    """As a user gets there: from the window that says why the mail has not gone."""
    compose = user.compose(COLLEAGUE)
    compose.send()
    review = user.review()
    assert "has not been introduced" in review.text
    compose.until_free()
    review.click(".connect")
    return user.options()


def enter(page: Page, port: int, code: str) -> None:
    page.run(
        f"""document.getElementById("service").value = "http://127.0.0.1:{port}";
        document.getElementById("code").focus();"""
    )
    page.type(code)
    page.press("Enter")


def test_before_pairing_no_draft_is_shown_to_anyone(
    user: Thunderbird, squatter: StandIn, port: int, sink: Sink
) -> None:
    page = settings_page(user)
    assert page.labels("#state") == ["Not connected"]
    assert squatter.asked == []
    assert not sink.delivered


def test_a_code_from_the_console_pairs_and_the_waiting_mail_goes(
    user: Thunderbird, service: Service, sink: Sink
) -> None:
    page = settings_page(user)
    code = service.command("client", "pair").split()[0]
    enter(page, service.port, code.lower())
    page.until_text("has proven itself")
    assert page.labels("#state") == ["Connected"]
    assert not page.labels("#pairing")
    user.review().click(".again-button")
    assert sink.next().recipients == [COLLEAGUE]
    until("the review window closes", user.no_review)

    page.click("#forget")
    page.until_text("Not connected")
    assert set(user.storage("local")) <= {"unreachable", "profile", "lastLook", "disconnected"}


def test_a_wrong_code_is_explained_and_changes_nothing(
    user: Thunderbird, service: Service, sink: Sink
) -> None:
    page = settings_page(user)
    enter(page, service.port, "AAAA-AAAA")
    page.until("an explanation", "return document.getElementById('outcome').textContent;")
    assert "token" not in user.storage("local")
    assert page.labels("#state") == ["Not connected"]


def test_a_stranger_that_gives_itself_as_the_service_cannot_pair_by_nonsense(
    user: Thunderbird, squatter: StandIn, port: int, sink: Sink
) -> None:
    squatter.replies["/v1/pair"] = lambda: as_json(200, {"client": "a", "token": "b.c"})
    page = settings_page(user)
    enter(page, port, "ABCD-EFGH")
    page.until_text("is not Last Look, or is another version")
    assert "token" not in user.storage("local")
    assert [asked.path for asked in squatter.asked] == ["/v1/pair"]
