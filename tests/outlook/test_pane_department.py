"""The pane as a department serves it: real nginx with TLS and its headers, workers, PostgreSQL, gpg.

Only Outlook itself, and Microsoft's office.js with it, is a stand-in.
"""

import base64

import pytest
from playwright.sync_api import Frame

from addin_service import keyring
from addin_service.store import clients, contacts, people, times
from addin_service.store.contacts import Entry
from tests.browser import NO_QUESTION, Launch
from tests.department.fixture import Department, department, own_postgres  # noqa: F401
from tests.test_sealing_http import PRIYA, TEXT, People, spoken
from tests.test_sealing_http import people as owners  # noqa: F401

from .panes import Pane, Site, person

pytestmark = [pytest.mark.browser, pytest.mark.postgresql]

SLIP = "p.tan@chambers.example"
ANN = "ann.lee@council.example"
NAMED = "--host-resolver-rules=MAP lastlook.council.example 127.0.0.1"


def introduced(department: Department, owners: People) -> str:  # noqa: F811
    """The organisation knows counsel and has her key; the code that Ann gets when she signs in."""
    now = times.now()
    with department.installation.store.write() as connection:
        contacts.put(connection, [Entry(PRIYA, "Priya Tann", "Foxglove Chambers")], now)
        ann = people.add(connection, "https://login.council.example", "ann", "Ann Lee", now)
        people.bind(connection, ann.id, ANN, "own", "sign-in", now)
        code = clients.new_code(connection, "outlook", "sender", now, ann.id)
    for address in (PRIYA, ANN):
        keyring.bring_in(department.installation.reviewer, owners.public(address))
    return code


def title(frame: Frame, text: str) -> None:
    frame.locator("#title", has_text=text).wait_for()


def sealed_for_counsel(outlook: Pane, owners: People, code: str) -> None:  # noqa: F811
    told = outlook.send()
    assert told["allowEvent"] is False
    pane = outlook.take_action(told)
    title(pane, "Before your first mail")
    pane.get_by_label("Your code").fill(code)
    pane.get_by_role("button", name="Connect").click()
    title(pane, "Is this the address you mean?")
    pane.get_by_role("button", name=f"Use {PRIYA}").click()
    title(pane, "Before it is sealed")
    pane.locator("input.name").fill("Tann")
    pane.get_by_role("button", name="Continue").click()
    title(pane, "Is this their key?")
    positions = [int(one.split()[-1]) for one in pane.locator(".group span").all_inner_texts()]
    pane.get_by_label("By phone").check()
    pane.locator(".group input").first.focus()
    outlook.page.keyboard.type(spoken(owners.keys[PRIYA], positions).replace(" ", ""))
    pane.get_by_role("button", name="Continue").click()
    title(pane, "All set. Press Send.")
    assert outlook.send() == {"allowEvent": True}


def test_from_the_first_code_to_a_message_that_only_counsel_can_open(
    launch: Launch,
    department: Department,  # noqa: F811
    owners: People,  # noqa: F811
) -> None:
    code = introduced(department, owners)
    with launch([NO_QUESTION, NAMED]) as browser:
        real = Site(browser, department.home / "built", department.url)
        given = {"draft": {"to": [person(SLIP)], "subject": "Elm Row", "text": TEXT}}
        with real.open(
            None, path="/frames", paired=False, given=given, ignore_https_errors=True
        ) as outlook:
            sealed_for_counsel(outlook, owners, code)
            left = outlook.outlook("return outlook.draft;")
    assert [one["emailAddress"] for one in left["to"]] == [PRIYA]
    assert "Elm" not in left["subject"] + left["text"]
    (sealed,) = left["attachments"]
    opened = owners.reads(base64.b64decode(sealed["base64"]), PRIYA)
    assert opened
    assert b"4 Elm Row" in opened
