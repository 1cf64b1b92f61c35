"""The pane and the handler of Send, two programs on one message, with the real service and real gpg.

What the pane was answered counts at Send, through the number that the message carries.
"""

import base64
import json
from typing import Any

import pytest
from playwright.sync_api import Frame, expect

from addin_service.store import clients, times
from tests.conftest import Live
from tests.test_sealing_http import BOB, PRIYA, TEXT, People, desk, people, spoken  # noqa: F401

from .panes import Json, Reply, Service, Site, person

pytestmark = [pytest.mark.browser]

SLIP = "p.tan@chambers.example"


def through(live: Live) -> Service:
    """The real service, as the proxy of a department leads to it."""

    def asked(path: str, question: Json, headers: Json) -> Reply:
        _, _, bearer = headers.get("authorization", "").partition(" ")
        answer = live.call("POST", path, question, token=bearer or None)
        return answer.status, answer.body.decode()

    return asked


def message(live: Live, *to: str, **more: Any) -> Json:
    draft = {"to": [person(address) for address in to]} | more
    return {"draft": draft, "settings": {"last-look-token": live.token}}


def title(frame: Frame, text: str) -> None:
    frame.locator("#title", has_text=text).wait_for()


def test_the_slip_is_held_corrected_in_the_pane_and_goes(site: Site, desk: Live) -> None:  # noqa: F811
    with site.open(through(desk), path="/frames", given=message(desk, SLIP)) as outlook:
        told = outlook.send()
        assert told["allowEvent"] is False
        pane = outlook.take_action(told)
        title(pane, "Is this the address you mean?")
        pane.get_by_role("button", name=f"Use {PRIYA}").click()
        title(pane, "All set")
        assert outlook.recipients() == [PRIYA]
        assert outlook.send() == {"allowEvent": True}


def test_what_was_kept_in_the_pane_counts_at_send_and_only_there(site: Site, desk: Live) -> None:  # noqa: F811
    with site.open(through(desk), path="/frames", given=message(desk, SLIP)) as outlook:
        pane = outlook.take_action(outlook.send())
        pane.get_by_role("button", name=f"Keep {SLIP}").click()
        pane.get_by_role("button", name="Continue").click()
        title(pane, "All set")
        carries = {question["carry"] for question in outlook.questions()}
        assert len(carries) == 1
        assert outlook.send() == {"allowEvent": True}
        assert outlook.recipients() == [SLIP]
    (report,) = outlook.questions("/v1/sent")
    assert report["outcome"] == "handed-over"


def test_what_is_put_in_after_the_pane_was_left_is_asked_about_at_send(
    site: Site,
    desk: Live,  # noqa: F811
) -> None:
    promise = {"text": "Hello,\n\nplease see the attached report.\n"}
    with site.open(through(desk), path="/frames", given=message(desk, BOB, **promise)) as outlook:
        pane = outlook.take_action(outlook.send())
        pane.get_by_role("button", name="I have seen this").click()
        pane.get_by_role("button", name="Continue").click()
        title(pane, "All set")
        outlook.outlook("outlook.draft.to.push(given);", person(SLIP))
        told = outlook.send()
        assert told["allowEvent"] is False
        assert SLIP in told["errorMessage"]
        title(outlook.take_action(told), "Is this the address you mean?")


def test_it_is_said_for_whom_the_key_is_compared_and_only_the_reader_can_open_it(
    site: Site,
    desk: Live,  # noqa: F811
    people: People,  # noqa: F811
) -> None:
    secret = b"the plan for the hearing"
    file = {
        "id": "1", "name": "plan.txt", "size": len(secret), "attachmentType": "file",
        "isInline": False, "base64": base64.b64encode(secret).decode(),
    }  # fmt: skip
    given = message(desk, PRIYA, subject="Elm Row", text=TEXT, attachments=[file])
    with site.open(through(desk), path="/frames", given=given) as outlook:
        told = outlook.send()
        assert told["allowEvent"] is False
        pane = outlook.take_action(told)
        title(pane, "Before it is sealed")
        assert "Tann" not in pane.content()
        pane.locator("input.name").fill("Tann")
        pane.get_by_role("button", name="Continue").click()
        title(pane, "Is this their key?")
        labels = pane.locator(".group span").all_inner_texts()
        positions = [int(label.split()[-1]) for label in labels]
        pane.get_by_label("By phone").check()
        pane.locator(".group input").first.focus()
        outlook.page.keyboard.type(spoken(people.keys[PRIYA], positions).replace(" ", ""))
        pane.get_by_role("button", name="Continue").click()
        title(pane, "All set. Press Send.")
        expect(pane.locator(".reader strong")).to_have_text("Priya Tann")
        assert outlook.send() == {"allowEvent": True}

        left = outlook.outlook("return outlook.draft;")
        assert "Elm" not in left["subject"] + left["text"]
        (sealed,) = left["attachments"]
        assert sealed["name"] == "encrypted.asc"
        opened = people.reads(base64.b64decode(sealed["base64"]), PRIYA)
        assert opened
        assert b"4 Elm Row" in opened
        assert base64.b64encode(secret) in opened

        pane = outlook.take_action({"commandId": "lastLookPane", "contextData": None})
        title(pane, "It is sealed. Press Send.")
        assert outlook.send() == {"allowEvent": True}


def test_a_new_outlook_is_introduced_and_looks_and_a_revoked_one_is_told(
    site: Site,
    desk: Live,  # noqa: F811
) -> None:
    with desk.installation.store.write() as connection:
        code = clients.new_code(connection, "outlook", "sender", times.now())
    given = message(desk, SLIP) | {"settings": {}}
    with site.open(through(desk), path="/frames", given=given) as outlook:
        told = outlook.send()
        assert told["allowEvent"] is False
        pane = outlook.take_action(told)
        title(pane, "Before your first mail")
        pane.get_by_label("Your code").fill(code.lower())
        pane.get_by_role("button", name="Connect").click()
        title(pane, "Is this the address you mean?")
        token = str(outlook.outlook("return outlook.saved['last-look-token'];"))
        with desk.installation.store.write() as connection:
            assert clients.revoke(connection, token.partition(".")[0], times.now())
        pane.get_by_role("button", name="Check again").click()
        title(pane, "This Outlook’s access has ended")
        assert outlook.send()["allowEvent"] is False


def test_the_pane_begins_with_what_the_handler_named(site: Site, desk: Live) -> None:  # noqa: F811
    with site.open(through(desk), path="/frames", given=message(desk, SLIP)) as outlook:
        told = outlook.send()
        pane = outlook.take_action(told)
        named = json.loads(told["contextData"])["finding"]
        title(pane, "Is this the address you mean?")
        focused = pane.evaluate("document.activeElement.closest('.card').dataset.finding")
        assert focused == named
