"""With consent a Thunderbird hands over Sent and its address book; and a slip is caught at once."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from addin_service import manifests

from .desk import Service
from .harness import Page, Sink, Thunderbird, running, until

Figure = Callable[[str, float], None]

SUPPLIER, SLIP = "kit.hale@supplier.example", "kit.hale@suplier.example"
COUNSEL_AT_HOME, HER_SLIP = "mo.okoro@hearings.example", "mo.okoro@hearing.example"
MAILS = 2_000
MANY = 3_000
"""So many that something can happen while they are read."""

FILL_SENT = """
const [count, first, supplier] = given;
const root = MailServices.accounts.localFoldersServer.rootFolder;
if (!root.containsChildNamed("Sent")) root.createSubfolder("Sent", null);
const folder = await until("Sent", () => root.containsChildNamed("Sent")
  && root.getChildNamed("Sent"));
folder.setFlag(Ci.nsMsgFolderFlags.SentMail);
folder.QueryInterface(Ci.nsIMsgLocalMailFolder);
const mails = [];
for (let n = first; n < first + count; n++) {
  const to = n % 100 === 0 ? `Kit Hale <${supplier}>` : `Person ${n % 37} <p${n % 37}@farm.example>`;
  const date = new Date(Date.now() - n * 3_600_000).toUTCString().replace("GMT", "+0000");
  mails.push(`From - Mon Mar  2 09:00:00 2026\\r\\nFrom: Ann Lee <ann.lee@council.example>\\r\\n` +
    `To: ${to}\\r\\nCc: "Low, Sam" <sam.low@council.example>\\r\\nSubject: Order ${n}\\r\\n` +
    `Date: ${date}\\r\\nMessage-ID: <m${n}@council.example>\\r\\n\\r\\nThank you.\\r\\n`);
}
folder.addMessageBatch(mails);
return [...folder.messages].length;
"""

EMPTY = """
const root = MailServices.accounts.localFoldersServer.rootFolder;
if (root.containsChildNamed("Sent")) {
  const folder = root.getChildNamed("Sent");
  const listener = { onStopCopy() {} };
  folder.deleteMessages([...folder.messages], null, true, false, null, false);
}
for (const book of MailServices.ab.directories) book.deleteCards(book.childCards.filter(c => !c.isMailList));
"""

PUT_CARD = """
const [uri, email, name] = given;
const book = MailServices.ab.getDirectory(uri);
const card = Cc["@mozilla.org/addressbook/cardproperty;1"].createInstance(Ci.nsIAbCard);
card.displayName = name;
card.primaryEmail = email;
book.addCard(card);
"""
PERSONAL, COLLECTED = "jsaddrbook://abook.sqlite", "jsaddrbook://history.sqlite"


@pytest.fixture
def ann(thunderbird: Thunderbird) -> Iterator[Thunderbird]:
    """Her Thunderbird, whose Sent and address book are empty afterwards."""
    yield thunderbird
    allow_nothing(thunderbird)
    thunderbird.run(EMPTY)


def allow_nothing(ann: Thunderbird) -> None:
    ann._in_background("(await local.remove(['learnAllowed', 'learnProgress']), null)")


def learn_now(ann: Thunderbird) -> None:
    """What the alarm does in a while."""
    ann._in_background(
        "(await content.wrappedJSObject.messenger.alarms.create("
        "'learn', Cu.cloneInto({ when: Date.now(), periodInMinutes: 2 }, content)), null)"
    )


def options(ann: Thunderbird) -> Page:
    ann._in_background("(content.wrappedJSObject.messenger.runtime.openOptionsPage(), null)")
    page = ann.options()
    page.until("what may be learned", "return !document.getElementById('learning').hidden;")
    return page


def row(what: str) -> str:
    return f".learn[data-what={what}]"


def says(page: Page, what: str) -> str:
    return str(page.run(f"return document.querySelector('{row(what)} [role=status]').textContent;"))


def progress(ann: Thunderbird) -> dict[str, Any]:
    found: dict[str, Any] = ann.storage("local").get("learnProgress") or {}
    return found


def known(service: Service) -> dict[str, int]:
    """How often mail was sent to whom, by the record."""
    connection = sqlite3.connect(f"file:{service.data / 'record.db'}?mode=ro", uri=True)
    try:
        return dict(connection.execute("SELECT address, sent FROM correspondents"))
    finally:
        connection.close()


def book(service: Service) -> dict[str, str]:
    connection = sqlite3.connect(f"file:{service.data / 'record.db'}?mode=ro", uri=True)
    try:
        return dict(connection.execute("SELECT address, name FROM book"))
    finally:
        connection.close()


def test_nothing_is_handed_over_unasked(ann: Thunderbird, service: Service) -> None:
    ann.run(FILL_SENT, 5, 0, SUPPLIER)
    ann.run(PUT_CARD, PERSONAL, COUNSEL_AT_HOME, "Mo Okoro")
    page = options(ann)
    assert [says(page, what) for what in ("sent", "book")] == ["Not allowed."] * 2
    learn_now(ann)
    until("the alarm is cleared", lambda: not alarms(ann))
    assert (known(service), book(service)) == ({}, {})


def until_begun(ann: Thunderbird, page: Page) -> None:
    """Some of the many mails are read, and some are not."""
    counted = until("some are read", lambda: int(progress(ann).get("counted", 0)), 90)
    assert counted < MANY, says(page, "sent")


def alarms(ann: Thunderbird) -> list[str]:
    found = ann._in_background(
        "JSON.stringify((await content.wrappedJSObject.messenger.alarms.getAll()).map(a => a.name))"
    )
    return [name for name in json.loads(found) if name == "learn"]


def test_two_thousand_mails_of_sent_are_learned_and_a_slip_is_caught_right_afterwards(
    ann: Thunderbird, service: Service, sink: Sink, figure: Figure
) -> None:
    assert ann.run(FILL_SENT, MAILS, 0, SUPPLIER) == MAILS
    page = options(ann)
    began = time.monotonic()
    page.click(f"{row('sent')} .allow")
    until("all is read", lambda: progress(ann).get("sentAt"), 120)
    figure(f"{MAILS} mails of Sent learned", time.monotonic() - began)
    assert progress(ann)["counted"] == MAILS
    assert f"Read: {MAILS} mails" in says(page, "sent")
    assert known(service)[SUPPLIER] == MAILS // 100
    compose = ann.compose(SLIP)
    compose.send()
    review = ann.review()
    assert SUPPLIER in review.text
    assert "Kit Hale" in review.text
    review.press("Escape")
    review.until_closed()
    assert not sink.delivered
    # Nothing of it stands in the profile.
    kept = json.dumps(ann.storage("local"))
    assert "@" not in kept.replace(json.dumps(ann.storage("local").get("token")), "")


def test_later_only_what_is_new_is_handed_over(ann: Thunderbird, service: Service) -> None:
    ann.run(FILL_SENT, 300, 50, SUPPLIER)
    page = options(ann)
    page.click(f"{row('sent')} .allow")
    until("all is read", lambda: progress(ann).get("sentAt"), 90)
    ann.run(FILL_SENT, 40, 0, SUPPLIER)  # newer than all of them
    forget_when(ann)
    learn_now(ann)
    until("the new ones", lambda: progress(ann)["counted"] == 340, 90)
    until("all is read", lambda: progress(ann).get("sentAt"), 90)
    assert sum(known(service).values()) == 2 * 340


def forget_when(ann: Thunderbird) -> None:
    """As if the last reading were yesterday's."""
    ann._in_background(
        """(await (async () => {
          const { learnProgress } = await local.get("learnProgress");
          await local.set(Cu.cloneInto({ learnProgress: {
            ...JSON.parse(JSON.stringify(learnProgress)), sentAt: null } }, content));
        })(), null)"""
    )


def test_it_goes_on_where_it_was_when_the_service_is_back(
    ann: Thunderbird, service: Service
) -> None:
    ann.run(FILL_SENT, MANY, 0, SUPPLIER)
    page = options(ann)
    page.click(f"{row('sent')} .allow")
    until_begun(ann, page)
    service.stop()
    until("it is said", lambda: "cannot be reached" in says(page, "sent"), 90)
    assert progress(ann)["counted"] < MANY
    service.start()
    ann.suspend_extension()
    learn_now(ann)
    until("all is read", lambda: progress(ann).get("sentAt"), 90)
    assert sum(known(service).values()) == 2 * MANY


def test_consent_withdrawn_in_the_middle_ends_it_there(ann: Thunderbird, service: Service) -> None:
    ann.run(FILL_SENT, MANY, 0, SUPPLIER)
    page = options(ann)
    page.click(f"{row('sent')} .allow")
    until_begun(ann, page)
    page.click(f"{row('sent')} .stop")
    until("the alarm is cleared", lambda: not alarms(ann), 90)
    counted = sum(known(service).values())
    assert 0 < counted < 2 * MANY
    assert says(page, "sent") == "Not allowed."
    learn_now(ann)
    until("the alarm is cleared", lambda: not alarms(ann), 90)
    assert sum(known(service).values()) == counted


def test_the_address_book_is_learned_followed_and_forgotten(
    ann: Thunderbird, service: Service, sink: Sink
) -> None:
    ann.run(PUT_CARD, PERSONAL, COUNSEL_AT_HOME, "Mo Okoro")
    ann.run(PUT_CARD, COLLECTED, "stranger@elsewhere.example", "Only Written To")
    ann.mailing_list("Team", [("Joe Marsh", "joe.marsh@council.example")])
    page = options(ann)
    page.click(f"{row('book')} .allow")
    until("it is known", lambda: progress(ann).get("bookAt"), 90)
    assert book(service)[COUNSEL_AT_HOME] == "Mo Okoro"
    assert not {"stranger@elsewhere.example", "Team"} & set(book(service))
    assert "is known: " in says(page, "book")
    compose = ann.compose(HER_SLIP)
    compose.send()
    review = ann.review()
    assert f"Your address book has {COUNSEL_AT_HOME} (Mo Okoro)." in review.text
    review.press("Escape")
    review.until_closed()

    ann.run(PUT_CARD, PERSONAL, "new.one@supplier.example", "New One")
    until("the new one", lambda: "new.one@supplier.example" in book(service), 90)
    ann.run(
        """const book = MailServices.ab.getDirectory(given[0]);
        book.deleteCards([book.cardForEmailAddress(given[1])]);""",
        PERSONAL,
        COUNSEL_AT_HOME,
    )
    until("she is out of it", lambda: COUNSEL_AT_HOME not in book(service), 90)

    page.click(f"{row('book')} .stop")
    until("it is forgotten", lambda: not book(service), 90)
    until("it is said", lambda: says(page, "book") == "Not allowed.", 90)
    assert not sink.delivered


def test_a_large_address_book_is_handed_over_in_parts(
    ann: Thunderbird, service: Service, figure: Figure
) -> None:
    ann.run(
        """const book = MailServices.ab.getDirectory(given[0]);
        const cards = Array.from({ length: 1_200 }, (_, n) => {
          const card = Cc["@mozilla.org/addressbook/cardproperty;1"].createInstance(Ci.nsIAbCard);
          card.displayName = `Xavier Number${n}`;
          card.primaryEmail = `x${n}@mill.example`;
          return card;
        });
        for (const card of cards) book.addCard(card);""",
        PERSONAL,
    )
    page = options(ann)
    began = time.monotonic()
    page.click(f"{row('book')} .allow")
    until("it is known", lambda: progress(ann).get("bookAt"), 90)
    figure("1,200 addresses learned", time.monotonic() - began)
    assert len(book(service)) == 1_200
    assert "is known: 1200 addresses." in says(page, "book")


def test_forgetting_waits_for_the_service(ann: Thunderbird, service: Service) -> None:
    ann.run(PUT_CARD, PERSONAL, COUNSEL_AT_HOME, "Mo Okoro")
    page = options(ann)
    page.click(f"{row('book')} .allow")
    until("it is known", lambda: progress(ann).get("bookAt"), 90)
    service.stop()
    page.click(f"{row('book')} .stop")
    until("it is said", lambda: "as soon as" in says(page, "book"), 90)
    service.start()
    assert book(service)
    learn_now(ann)
    until("it is forgotten", lambda: not book(service), 90)


def test_a_mail_goes_while_sent_is_read(ann: Thunderbird, service: Service, sink: Sink) -> None:
    ann.run(FILL_SENT, MANY, 0, SUPPLIER)
    page = options(ann)
    page.click(f"{row('sent')} .allow")
    until_begun(ann, page)
    compose = ann.compose("joe.marsh@council.example")
    compose.send()
    compose.until_closed()
    assert sink.next().recipients == ["joe.marsh@council.example"]
    assert ann.no_review()
    until("all is read", lambda: progress(ann).get("sentAt"), 90)
    # The mail just sent was reported, and is in Sent as well.
    until("its copy", lambda: ann.run(FILL_SENT, 0, 0, SUPPLIER) == MANY + 1)
    forget_when(ann)
    learn_now(ann)
    until("all is read again", lambda: progress(ann).get("sentAt"), 90)
    assert known(service)["joe.marsh@council.example"] == 1


def test_where_the_organisation_forbids_it_nobody_is_asked_and_nothing_is_learned(
    needs_thunderbird: None, service: Service, sink: Sink, tmp_path: Path
) -> None:
    host = f"http://127.0.0.1:{service.port}"
    token = service.desk.token
    _, policies = manifests.build(host, tmp_path / "built", token=token, learn="never")
    with running(
        Thunderbird(
            tmp_path / "thunderbird",
            smtp_port=sink.port,
            policies=json.loads(policies.read_text()),
        )
    ) as ann:
        until("the extension", ann.extension_is_ready)
        ann.run(PUT_CARD, PERSONAL, COUNSEL_AT_HOME, "Mo Okoro")
        ann._in_background(
            """(await local.set(Cu.cloneInto(
              { learnAllowed: { sent: true, book: true, forget: false } }, content)), null)"""
        )
        ann._in_background("(content.wrappedJSObject.messenger.runtime.openOptionsPage(), null)")
        page = ann.options()
        learn_now(ann)
        until("the alarm is cleared", lambda: not alarms(ann), 90)
        assert page.run("return document.getElementById('learning').hidden;")
        assert book(service) == {}
