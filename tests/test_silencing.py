"""What silences what: the rules of docs/design.md under that heading, through the real service."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from addin_service import addresses
from addin_service.installation import Installation
from addin_service.store import contacts, history
from addin_service.store.contacts import Entry
from addin_service.store.history import Mail
from tests.conftest import Live, draft_json

DIRECTORY = ("p.tann@chambers.example", "jo.bell@council.example", "m.okoro@trust.example")
SLIP = "p.tan@chambers.example"
SENSITIVE = "OFFICIAL-SENSITIVE\n\nHello,\n\nhere is what you asked for.\n"
SENDER = "ann.lee@council.example"


@pytest.fixture
def desk(live: Live) -> Live:
    """The service with a small directory."""
    with live.installation.store.write() as connection:
        contacts.put(connection, [Entry(one) for one in DIRECTORY], datetime.now(UTC))
    return live


def asked(answer: dict[str, Any], code: str) -> dict[str, Any] | None:
    """The finding of this code that asks something."""
    return next((f for f in answer["findings"] if f["code"] == code and f["ask"]), None)


def keep(
    desk: Live, draft: dict[str, Any], code: str, choice: str = "keep", value: Any = None
) -> Any:
    """Check, answer the question of this code, check again with the answer."""
    first = desk.check(draft)
    finding = asked(first, code)
    assert finding, first
    answer = {"finding": finding["id"], "choice": choice, "value": value}
    return desk.check(draft, review=first["review"], answers=[answer])


def was_sent(installation: Installation, to: str, times: int, direction: str = "sent") -> None:
    """History in which mail was exchanged with `to`."""
    now = datetime.now(UTC)
    mails = [
        Mail(f"{direction} {to} {number}", direction, ((addresses.parse(to), ""),), now)  # type: ignore[arg-type]
        for number in range(times)
    ]
    with installation.store.write() as connection:
        history.learn(connection, SENDER, mails)


NEAR = "recipient.near-known-address"


def test_a_kept_address_goes_and_is_not_asked_about_again(desk: Live) -> None:
    second = keep(desk, draft_json(SLIP), NEAR)
    assert second["verdict"] == "allow"
    assert desk.check(draft_json(SLIP, subject="Another"))["verdict"] == "allow"


def test_a_keep_holds_for_this_sender_alone(desk: Live) -> None:
    keep(desk, draft_json(SLIP), NEAR)
    other = desk.check(draft_json(SLIP, sender="tom.reid@council.example"))
    assert asked(other, NEAR)


def test_a_keep_expires(desk: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(desk, draft_json(SLIP), NEAR)
    reviewer = desk.installation.reviewer
    for days, silent in ((89, True), (91, False)):
        later = datetime.now(UTC) + timedelta(days)
        monkeypatch.setattr(reviewer, "now", lambda later=later: later)
        assert (asked(desk.check(draft_json(SLIP)), NEAR) is None) is silent


def test_a_keep_on_an_ordinary_mail_does_not_count_on_a_sensitive_one(desk: Live) -> None:
    keep(desk, draft_json(SLIP), NEAR)
    finding = asked(desk.check(draft_json(SLIP, text=SENSITIVE)), NEAR)
    assert finding
    assert finding["ask"] == "retype"


def test_a_retyped_keep_on_a_sensitive_mail_counts_on_the_next_sensitive_one(desk: Live) -> None:
    draft = draft_json(SLIP, text=SENSITIVE)
    wrong = keep(desk, draft, NEAR, "retype", "p.tann@chambers.example")
    assert asked(wrong, NEAR), "another address was typed"
    right = keep(desk, draft, NEAR, "retype", "  P.Tan@chambers.example ")
    assert not asked(right, NEAR)
    again = desk.check(draft_json(SLIP, text=SENSITIVE, subject="Another"))
    assert not asked(again, NEAR)
    assert not asked(desk.check(draft_json(SLIP)), NEAR)


def test_a_click_is_not_enough_where_the_address_must_be_typed_again(desk: Live) -> None:
    answer = keep(desk, draft_json(SLIP, text=SENSITIVE), NEAR, "keep")
    assert asked(answer, NEAR)


@pytest.mark.parametrize("times", [1, 11, 300])
def test_having_been_sent_to_silences_nothing_near_a_vouched_contact(
    desk: Live, times: int
) -> None:
    """Invariant 6. Stoke, 2011: eleven mails went to one wrong address."""
    was_sent(desk.installation, SLIP, times)
    finding = asked(desk.check(draft_json(SLIP)), NEAR)
    assert finding
    assert finding["suggestion"]["address"] == "p.tann@chambers.example"


def test_sending_eleven_times_through_the_service_changes_nothing(desk: Live) -> None:
    """Invariant 6, as it happened: each mail was really sent, against what was asked."""
    draft = draft_json(SLIP)
    for _ in range(11):
        answer = desk.check(draft)
        assert asked(answer, NEAR)
        told = {"review": answer["review"], "outcome": "sent", "draft": draft}
        assert desk.call("POST", "/v1/sent", told).status == 200


def test_received_mail_quiets_external_and_first_contact_only(desk: Live) -> None:
    stranger = "liam.cole@elsewhere.example"
    lookalike = "m.okoro@trusst.example"
    assert asked(desk.check(draft_json(stranger)), "recipient.external")
    was_sent(desk.installation, lookalike, 3, "heard")
    codes = {f["code"] for f in desk.check(draft_json(lookalike))["findings"] if f["ask"]}
    assert codes & {NEAR, "recipient.lookalike-domain"}


def test_an_outside_domain_is_asked_about_once(desk: Live) -> None:
    draft = draft_json("liam.cole@elsewhere.example")
    second = keep(desk, draft, "recipient.external", "acknowledge")
    assert second["verdict"] == "allow"
    third = desk.check(draft_json("ada.frost@elsewhere.example"))
    assert third["verdict"] == "allow"
    assert any(f["code"] == "recipient.external" for f in third["findings"]), "a quiet line"


def test_a_vouched_contact_of_an_outside_domain_is_never_asked_about(desk: Live) -> None:
    assert desk.check(draft_json("p.tann@chambers.example"))["verdict"] == "allow"


def test_a_long_used_address_is_not_questioned_because_a_neighbour_turned_up(desk: Live) -> None:
    used, neighbour = "kit.hale@supplier.example", "kit.hall@supplier.example"
    was_sent(desk.installation, used, 40)
    was_sent(desk.installation, neighbour, 3)
    assert not asked(desk.check(draft_json(used)), NEAR)


def test_an_address_used_once_beside_one_used_ten_times_as_often_stays_in_doubt(desk: Live) -> None:
    used, slip = "kit.hale@supplier.example", "kit.hales@supplier.example"
    was_sent(desk.installation, used, 12)
    was_sent(desk.installation, slip, 1)
    assert asked(desk.check(draft_json(slip)), NEAR)


def test_a_first_contact_with_sensitive_content_is_typed_again(desk: Live) -> None:
    inside = "new.person@council.example"
    quiet = desk.check(draft_json(inside))
    assert quiet["verdict"] == "allow"
    finding = asked(desk.check(draft_json(inside, text=SENSITIVE)), "recipient.first-contact")
    assert finding
    assert finding["ask"] == "retype"


def test_one_recipient_is_asked_about_once_however_many_checks_doubt_it(desk: Live) -> None:
    answer = desk.check(draft_json("p.tan@chamberz.example"))
    about = [f for f in answer["findings"] if f["ask"]]
    assert len(about) == 1, [f["code"] for f in about]


def test_an_answer_counts_only_for_the_finding_that_was_shown(desk: Live) -> None:
    first = desk.check(draft_json(SLIP))
    finding = asked(first, NEAR)
    assert finding
    answer = {"finding": finding["id"], "choice": "keep", "value": None}
    other = draft_json("p.tnn@chambers.example")
    assert asked(desk.check(other, review=first["review"], answers=[answer]), NEAR)


def test_answers_ride_in_the_review_token_and_need_not_be_given_again(desk: Live) -> None:
    draft = draft_json(SLIP, "liam.cole@elsewhere.example")
    first = desk.check(draft)
    one = asked(first, NEAR)
    assert one
    second = desk.check(
        draft, review=first["review"], answers=[{"finding": one["id"], "choice": "keep"}]
    )
    still = asked(second, "recipient.external")
    assert still
    third = desk.check(
        draft, review=second["review"],
        answers=[{"finding": still["id"], "choice": "acknowledge"}],
    )  # fmt: skip
    assert third["verdict"] == "allow"
    kept = next(f for f in third["findings"] if f["code"] == NEAR)
    assert kept["ask"] is None


def test_the_review_token_of_another_client_says_nothing(desk: Live) -> None:
    draft = draft_json(SLIP)
    answered = keep(desk, draft, NEAR)
    history_free = draft_json(SLIP, sender="tom.reid@council.example")
    assert asked(desk.check(history_free, review=answered["review"]), NEAR)


def test_what_a_command_changes_is_honoured_within_a_second(desk: Live, cli: Any) -> None:
    assert asked(desk.check(draft_json(SLIP)), NEAR)
    cli("contacts", "add", SLIP, "--reason", "counsel's clerk")
    assert desk.check(draft_json(SLIP))["verdict"] == "allow"


def test_the_organisation_folder_is_known_on_the_first_morning(desk: Live) -> None:
    folder: Path = desk.installation.settings.organisation
    (folder / "contacts.csv").write_text("name,email\nNia Rowe,nia.rowe@school.example\n")
    desk.installation.folder._looked = 0
    assert asked(desk.check(draft_json("nia.row@school.example")), NEAR)
