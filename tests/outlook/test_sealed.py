"""What leaves Outlook in place of a draft, made by the real service: only its readers can open it."""

import base64
import email
import html
import json
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from addin_service.store import receipts
from tests.conftest import Live
from tests.outlook.test_script import ask
from tests.test_sealing_http import (  # noqa: F401 - desk and people are fixtures
    BOB,
    PRIYA,
    TEXT,
    People,
    answered,
    desk,
    people,
    question,
    sensitive,
    spoken,
)

CARRY = "0123456789abcdef0123456789abcdef"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\r and so on").decode()
PAGE = f"<html><body><p>{html.escape(TEXT)}</p></body></html>"


def attached(name: str, content: bytes, **more: Any) -> dict[str, Any]:
    """A file as Outlook has it."""
    return {
        "name": name, "size": len(content), "attachmentType": "file", "isInline": False,
        "content": base64.b64encode(content).decode(), **more,
    }  # fmt: skip


def described(one: dict[str, Any]) -> dict[str, Any]:
    """The same as the check has it."""
    return {"name": one["name"], "size": one["size"], "type": "application/octet-stream"}


def clear(desk: Live, people: People, draft: dict[str, Any]) -> None:  # noqa: F811
    """What the pane does: every question of this draft is answered, under its number."""
    answer = desk.check(draft, carry=CARRY)
    while answer["verdict"] == "confirm":
        asks = {finding["ask"] for finding in answer["findings"]}
        ask = "name" if "name" in asks else "confirm-key"
        asked = question(answer, ask)
        value = "Tann"
        if ask == "confirm-key":
            key = people.keys[asked["about"]["address"]]
            value = f"phone {spoken(key, asked['facts']['positions'])}"
        said = [{"finding": asked["id"], "choice": ask, "value": value}]
        answer = desk.check(draft, review=answer["review"], answers=said, carry=CARRY)
    assert answer["verdict"] == "allow"


def sent(
    desk: Live,  # noqa: F811
    people: People,  # noqa: F811
    events_js: Path,
    files: list[dict[str, Any]],
    **more: Any,
) -> dict[str, Any]:
    """Press Send on a draft whose questions were answered; what Outlook then has."""
    beside = [described(one) for one in files if not one["isInline"]]
    clear(desk, people, sensitive(PRIYA, attachments=beside))
    headers = {"x-last-look-draft": CARRY}
    outlook = sensitive(PRIYA, attachments=files, headers=headers, **more)
    told = ask(desk, events_js, outlook)
    assert told["options"] == {"allowEvent": True}, told
    return told


def opened(people: People, told: dict[str, Any], only: str) -> EmailMessage | None:  # noqa: F811
    """The mail inside, read by this person with gpg; None where it does not open."""
    [one] = told["item"]["attachments"]
    assert one["name"] == "encrypted.asc"
    plain = people.reads(base64.b64decode(one["content"], validate=True), only)
    if plain is None:
        return None
    mail = email.message_from_bytes(plain, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


@pytest.mark.parametrize("kind", ["text", "html"])
def test_what_leaves_outlook_opens_for_its_reader_alone(
    kind: str,
    desk: Live,  # noqa: F811
    people: People,  # noqa: F811
    events_js: Path,
) -> None:
    files = [attached("order.pdf", b"%PDF-1.7 the order"), attached("plan.txt", "Elm Röw".encode())]
    more: dict[str, Any] = {}
    if kind == "html":
        shown = '<p><img src="cid:image001.png@01DC1E6F"></p></body>'
        picture = attached("image001.png", base64.b64decode(PNG), isInline=True)
        files.append({**picture, "contentId": "image001.png@01DC1E6F"})
        more |= {"html": PAGE.replace("</body>", shown), "text": ""}
    told = sent(desk, people, events_js, files, **more)
    item = told["item"]
    assert item["subject"] == "[...]"
    whole = json.dumps(item)
    for secret in ("Elm Row", "OFFICIAL", "child", "order.pdf", "plan.txt", "image001"):
        assert secret not in whole, secret
    assert opened(people, told, BOB) is None
    mail = opened(people, told, PRIYA)
    assert mail is not None
    assert mail["Subject"] == "Re K (a child)"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "4 Elm Row" in body.get_content()
    inside = {part.get_filename(): part for part in mail.walk() if part.get_filename()}
    order, plan = inside["order.pdf"], inside["plan.txt"]
    assert order.get_payload(decode=True) == b"%PDF-1.7 the order"
    assert order.get_content_type() == "application/pdf"
    assert plan.get_payload(decode=True) == "Elm Röw".encode()
    pictures = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == (kind == "html")
    assert all(part.get_payload(decode=True) == base64.b64decode(PNG) for part in pictures)
    if kind == "html":
        page = mail.get_body(("html",))
        assert page is not None
        assert f"cid:{pictures[0]['Content-ID'][1:-1]}" in page.get_content()


def test_the_record_holds_check_seal_and_send_in_this_order(
    desk: Live,  # noqa: F811
    people: People,  # noqa: F811
    events_js: Path,
) -> None:
    told = sent(desk, people, events_js, [])
    assert [one["path"] for one in told["answers"]] == ["/v1/check", "/v1/seal", "/v1/sent"]
    with desk.installation.store.read() as connection:
        rows = list(receipts.rows(connection))
    assert [row.kind for row in rows][-3:] == ["check", "seal", "sent"]
    last = json.loads(rows[-1].body)
    assert (last["outcome"], last["verdict"], last["changed"]) == ("handed-over", "allow", False)
    assert opened(people, told, PRIYA) is not None


def test_a_size_that_outlook_has_wrong_does_not_stop_the_sealing(
    desk: Live,  # noqa: F811
    people: People,  # noqa: F811
    events_js: Path,
) -> None:
    wrong = attached("plan.txt", b"Elm Row", size=9000)
    told = sent(desk, people, events_js, [wrong])
    assert [one["path"] for one in told["answers"]][:3] == ["/v1/check", "/v1/check", "/v1/seal"]
    mail = opened(people, told, PRIYA)
    assert mail is not None
    [part] = mail.iter_attachments()
    assert part.get_payload(decode=True) == b"Elm Row"


def test_without_an_answer_nothing_leaves(
    desk: Live,  # noqa: F811
    events_js: Path,
) -> None:
    told = ask(desk, events_js, sensitive(PRIYA, attachments=[attached("plan.txt", b"Elm Row")]))
    assert told["options"]["allowEvent"] is False
    assert told["options"]["commandId"] == "lastLookPane"
    assert told["item"]["text"] == TEXT
    assert [one["name"] for one in told["item"]["attachments"]] == ["plan.txt"]
