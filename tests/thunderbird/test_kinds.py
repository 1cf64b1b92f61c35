"""All kinds of sends: what is asked about is what leaves, whatever was opened and however it is sent."""

import base64
import threading
from collections.abc import Callable, Iterator

import pytest

from .desk import Service
from .harness import Compose, Delivered, Sink, Thunderbird, until
from .standin import NEVER, Json, StandIn, answer, as_json, finding
from .test_sealing import png

Figure = Callable[[str, float], None]

COLLEAGUE = "joe.marsh@council.example"
COUNSEL = "p.tann@chambers.example"
SLIP = "p.tan@chambers.example"
BOB = "bob.miller@northwind.example"

PICTURE = base64.b64encode(png()).decode()
RECEIVED = (
    f"From: Bob Miller <{BOB}>\r\n"
    f"To: Ann Lee <ann.lee@council.example>, {COLLEAGUE}\r\n"
    "Cc: Alison <alison.webb@nhs.example>\r\n"
    "Subject: Hearing\r\nMessage-ID: <{id}@northwind.example>\r\n"
    "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    "--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>When is <b>it</b>?</p>\r\n"
    '--x\r\nContent-Type: application/pdf; name="plan.pdf"\r\n'
    'Content-Disposition: attachment; filename="plan.pdf"\r\n'
    "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjc=\r\n--x--\r\n"
)
THREAD = {
    "wrote": [BOB],
    "took_part": ["ann.lee@council.example", COLLEAGUE, "alison.webb@nhs.example"],
}
KINDS: dict[str, tuple[dict[str, list[str]], list[str], bool]] = {
    # What it goes to by itself, its files, and whether it belongs to a conversation.
    "Reply": ({"to": [BOB]}, [], True),
    "ReplyAll": ({"to": [BOB, COLLEAGUE], "cc": ["alison.webb@nhs.example"]}, [], True),
    "ForwardInline": ({}, ["plan.pdf"], False),
    "ForwardAsAttachment": ({}, ["Hearing.eml"], False),
    "EditAsNew": (
        {"to": ["ann.lee@council.example", COLLEAGUE], "cc": ["alison.webb@nhs.example"]},
        ["plan.pdf"],
        False,
    ),
    "Template": (
        {"to": ["ann.lee@council.example", COLLEAGUE], "cc": ["alison.webb@nhs.example"]},
        ["plan.pdf"],
        False,
    ),
}


def drafts(standin: StandIn) -> list[Json]:
    """What was asked about at Send, oldest first."""
    return [one["draft"] for one in standin.questions() if one["purpose"] == "send"]


def addresses(draft: Json, *fields: str) -> list[str]:
    return [one["address"] for field in fields or ("to", "cc", "bcc") for one in draft[field]]


def goes(compose: Compose, sink: Sink, count: int = 1) -> Delivered:
    delivered = sink.next(count)
    compose.until_closed()
    return delivered


def part_names(got: Delivered) -> list[str | None]:
    return [part.get_filename() for part in got.message.iter_attachments()]


@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_of_another_mail_is_asked_about_as_it_leaves(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, kind: str, html: bool
) -> None:
    people, files, answers = KINDS[kind]
    compose = thunderbird.compose_from(RECEIVED.replace("{id}", f"{kind}{html}"), kind, html=html)
    if not people:
        people = {"to": [COUNSEL]}
        compose.fill("To", [COUNSEL])
    compose.send()
    got = goes(compose, sink)
    (draft,) = drafts(standin)
    assert {field: addresses(draft, field) for field in people} == people
    assert sorted(addresses(draft)) == sorted(got.recipients)
    assert draft["subject"] == got.message["Subject"]
    assert ("When is" in draft["text"]) == (kind != "ForwardAsAttachment")
    assert [one["name"] for one in draft["attachments"]] == files == part_names(got)
    assert draft.get("thread") == (THREAD if answers else None)
    assert thunderbird.no_review()


def test_an_answer_goes_where_reply_to_says_and_who_wrote_is_still_told(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    desk = "clerk@chambers.example"
    received = RECEIVED.replace("Cc: ", f"Reply-To: The Clerk <{desk}>\r\nCc: ")
    compose = thunderbird.compose_from(received.replace("{id}", "reply-to"), "Reply")
    compose.send()
    assert goes(compose, sink).recipients == [desk]
    (draft,) = drafts(standin)
    assert draft["to"] == [{"address": desk, "name": "The Clerk"}]
    assert draft["thread"] == THREAD


def test_a_picture_in_the_text_leaves_with_it_and_is_not_asked_about_as_words(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    body = f'<p>See <img src="data:image/png;base64,{PICTURE}" alt="the map"> here.</p>'
    compose = thunderbird.compose(COLLEAGUE, body=body, html=True)
    compose.send()
    got = goes(compose, sink)
    pictures = [one for one in got.message.walk() if one.get_content_type() == "image/png"]
    assert [one.get_content() for one in pictures] == [png()]
    (draft,) = drafts(standin)
    assert "See" in draft["text"]
    assert PICTURE[:40] not in draft["text"]
    assert draft["attachments"] == []


SEALED = (
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
    "--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--b--\r\n"
)
REQUIRED = {"required": True, "because": ["content.sensitive"], "possible": True, "readers": None}


def seals(standin: StandIn) -> None:
    standin.check = lambda _: answer("allow", encryption=REQUIRED)
    standin.replies["/v1/seal"] = lambda: as_json(
        200, {"outer": {"subject": "[...]"}, "entity": SEALED}
    )


def outbox(thunderbird: Thunderbird) -> list[str]:
    """The messages that wait there, whole."""
    return list(
        thunderbird.run(
            """
            const root = MailServices.accounts.localFoldersServer.rootFolder;
            const folder = root.getFolderWithFlags(Ci.nsMsgFolderFlags.Queue);
            const { NetUtil } = ChromeUtils.importESModule("resource://gre/modules/NetUtil.sys.mjs");
            return [...(folder?.messages ?? [])].map(header => NetUtil.readInputStreamToString(
              folder.getMsgInputStream(header, {}), header.messageSize));
            """
        )
    )


@pytest.mark.parametrize("sealed", [False, True], ids=["clear", "sealed"])
def test_send_later_is_asked_about_and_waits_in_the_outbox(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, sealed: bool
) -> None:
    if sealed:
        seals(standin)
    compose = thunderbird.compose(COLLEAGUE, body="the child protection plan\n")
    compose.send_later()
    compose.until_closed()
    until("the mail in the Outbox", lambda: outbox(thunderbird))
    (waiting,) = outbox(thunderbird)
    assert ("multipart/encrypted" in waiting) == sealed
    assert ("child protection" in waiting) != sealed
    assert not sink.delivered
    until("the report", lambda: standin.questions("/v1/sent"))


@pytest.mark.parametrize("sealed", [False, True], ids=["clear", "sealed"])
def test_offline_a_mail_is_asked_about_and_waits_in_the_outbox(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, sealed: bool
) -> None:
    if sealed:
        seals(standin)
    compose = thunderbird.compose(COLLEAGUE, body="the child protection plan\n")
    thunderbird.run("Services.io.offline = true;")
    try:
        compose.send()
        compose.until_closed()
        until("the mail in the Outbox", lambda: outbox(thunderbird))
    finally:
        thunderbird.run("Services.io.offline = false;")
    (waiting,) = outbox(thunderbird)
    assert ("multipart/encrypted" in waiting) == sealed
    assert ("child protection" in waiting) != sealed
    assert len(drafts(standin)) == 1
    assert not sink.delivered


@pytest.fixture
def office(thunderbird: Thunderbird) -> Iterator[str]:
    """A second identity, in an account of its own: office@council.example."""
    key = thunderbird.run(
        """
        const identity = MailServices.accounts.createIdentity();
        identity.fullName = "The Office";
        identity.email = "office@council.example";
        identity.smtpServerKey = "smtp1";
        identity.composeHtml = false;
        identity.fccFolderURI = MailServices.accounts.getIdentity("id1").fccFolderURI;
        const server = MailServices.accounts.createIncomingServer("office", "127.0.0.1", "none");
        const account = MailServices.accounts.createAccount();
        account.incomingServer = server;
        account.addIdentity(identity);
        return identity.key;
        """
    )
    yield str(key)
    thunderbird.run(
        """
        const account = MailServices.accounts.accounts.find(
          a => a.identities.some(i => i.key === given[0]));
        MailServices.accounts.removeAccount(account, true);
        """,
        key,
    )


def test_each_identity_is_asked_about_as_itself(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, office: str
) -> None:
    compose = thunderbird.compose(COLLEAGUE, identity=office)
    compose.send()
    assert goes(compose, sink).sender == "office@council.example"
    compose = thunderbird.compose(COLLEAGUE)
    compose.send()
    assert goes(compose, sink, 2).sender == "ann.lee@council.example"
    assert [draft["from"] for draft in drafts(standin)] == [
        {"address": "office@council.example", "name": "The Office"},
        {"address": "ann.lee@council.example", "name": "Ann Lee"},
    ]


def test_what_was_kept_in_one_mailbox_is_asked_about_in_another(
    thunderbird: Thunderbird, service: Service, sink: Sink, office: str
) -> None:
    """Whoever's mailbox is sent from, history is that mailbox's."""
    compose = thunderbird.compose(SLIP)
    compose.send()
    review = thunderbird.review()
    review.click(".keep")
    review.click(".send")
    goes(compose, sink)
    review.until_closed()
    compose = thunderbird.compose(SLIP, subject="Again")
    compose.send()
    goes(compose, sink, 2)
    compose = thunderbird.compose(SLIP, identity=office)
    compose.send()
    assert COUNSEL in thunderbird.review().text
    compose.until_free()
    assert len(sink.delivered) == 2


def test_a_list_of_the_address_book_is_asked_about_by_its_members(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    members = [("Joe Marsh", COLLEAGUE), ("", COUNSEL), ('Ro "Bob" Miller', BOB)]
    thunderbird.mailing_list("Panel (first)", members)
    compose = thunderbird.compose(cc='"Panel (first)" <"Panel (first)">, alison.webb@nhs.example')
    compose.send()
    got = goes(compose, sink)
    (draft,) = drafts(standin)
    assert addresses(draft, "cc") == [COLLEAGUE, COUNSEL, BOB, "alison.webb@nhs.example"]
    assert sorted(got.recipients) == sorted(addresses(draft))


def test_two_hundred_recipients_are_asked_about_in_one_question(
    thunderbird: Thunderbird, service: Service, sink: Sink, figure: Figure
) -> None:
    people = [f"person{number}@council.example" for number in range(200)]
    compose = thunderbird.compose(", ".join(people[:100]), cc=", ".join(people[100:]))
    clicked = compose.send()
    got = goes(compose, sink)
    figure("200 recipients, click to sink", got.at - clicked)
    assert sorted(got.recipients) == sorted(people)
    assert thunderbird.no_review()


def test_a_large_file_is_asked_about_by_its_name_and_leaves_whole(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, figure: Figure
) -> None:
    content = bytes(range(256)) * 100_000
    compose = thunderbird.compose(COLLEAGUE, attach={"scan.bin": content})
    clicked = compose.send()
    until("the question", standin.questions)
    figure("25 MB, click to question", standin.at("/v1/check") - clicked)
    got = goes(compose, sink)
    figure("25 MB, click to sink", got.at - clicked)
    (draft,) = drafts(standin)
    assert draft["attachments"] == [
        {"name": "scan.bin", "size": len(content), "type": "application/octet-stream"}
    ]
    (part,) = got.message.iter_attachments()
    assert part.get_content() == content
    assert all(len(asked.body) < 10_000 for asked in standin.asked)


def test_two_windows_at_once_each_get_their_own_answer(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    both = threading.Barrier(2)

    def check(question: Json) -> Json:
        to = addresses(question["draft"])
        if question.get("review") is None:
            both.wait(10)
        return answer("confirm", finding(address=SLIP)) if SLIP in to else answer()

    standin.check = check
    asks, clear = thunderbird.compose(SLIP), thunderbird.compose(COLLEAGUE)
    asks.send()
    clear.send()
    assert goes(clear, sink).recipients == [COLLEAGUE]
    review = thunderbird.review()
    asks.until_free()
    assert thunderbird.review_count() == 1
    assert SLIP in review.text
    assert len(sink.delivered) == 1


def test_a_window_that_is_closed_while_its_question_is_open_sends_nothing(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.replies["/v1/check"] = NEVER
    compose = thunderbird.compose(COLLEAGUE)
    compose.send()
    until("the question", standin.questions)
    assert compose.is_locked
    compose.close()
    compose.until_closed()
    standin.replies.clear()
    # Another one's way is not blocked by it, and nothing is left open.
    other = thunderbird.compose(COUNSEL)
    other.send()
    assert goes(other, sink).recipients == [COUNSEL]
    until("no review window", thunderbird.no_review)
    assert [draft["to"][0]["address"] for draft in drafts(standin)] == [COLLEAGUE, COUNSEL]


def test_a_background_page_that_was_put_to_sleep_while_the_mail_left_still_reports_it(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    sink.holding = True
    compose = thunderbird.compose(COLLEAGUE)
    compose.send()
    until("the question", standin.questions)
    until("the send is on its way", lambda: thunderbird.storage("session"))
    thunderbird.suspend_extension()
    sink.holding = False
    goes(compose, sink)
    until("the report", lambda: standin.questions("/v1/sent"))
    (report,) = standin.questions("/v1/sent")
    assert (report["outcome"], report["review"]) == ("sent", "a-review-token")


def test_a_background_page_that_sleeps_as_soon_as_it_may_loses_nothing(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.check = lambda question: (
        answer() if question["answers"] else answer("confirm", finding(address=SLIP))
    )
    thunderbird.run("Services.prefs.setIntPref('extensions.background.idle.timeout', 50);")
    # It heeds that from its next start on.
    thunderbird.suspend_extension()
    try:
        for count in (1, 2):
            compose = thunderbird.compose(SLIP)
            compose.send()
            review = thunderbird.review()
            thunderbird.suspend_extension()
            assert thunderbird.extension_sleeps()
            review.click(".keep")
            review.click(".send")
            goes(compose, sink, count)
            review.until_closed()
            until("the report", lambda c=count: len(standin.questions("/v1/sent")) == c)
    finally:
        thunderbird.run("Services.prefs.clearUserPref('extensions.background.idle.timeout');")


@pytest.mark.parametrize(
    ("field", "written", "asked"),
    [
        ("to", "Zoë Ruß <zoe@e.example>", ["zoe@e.example"]),
        ("to", '"a b"@quoted.example', ['"a b"@quoted.example']),
        ("to", "Panel: joe@a.example, ann@b.example;", ["joe@a.example", "ann@b.example"]),
        ("to", "zoe@bücher.example", ["zoe@bücher.example"]),
        ("bcc", COUNSEL, [COUNSEL]),
        ("cc", COUNSEL, [COUNSEL]),
    ],
    ids=["umlauts in a name", "quoted", "a group", "a domain with umlauts", "bcc only", "cc only"],
)
def test_odd_recipients_are_asked_about_as_they_are_sent_to(
    thunderbird: Thunderbird,
    standin: StandIn,
    sink: Sink,
    field: str,
    written: str,
    asked: list[str],
) -> None:
    compose = thunderbird.compose(**{field: written})
    compose.send()
    got = goes(compose, sink)
    (draft,) = drafts(standin)
    assert addresses(draft, field) == addresses(draft) == asked
    as_sent = [one.replace("bücher", "xn--bcher-kva") for one in asked]
    assert [one.replace("bücher", "xn--bcher-kva") for one in got.recipients] == as_sent
    if field == "bcc":
        assert COUNSEL.encode() not in got.raw


def test_beside_a_newsgroup_people_are_asked_about(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.check = lambda _: answer("confirm", finding(address=SLIP))
    compose = thunderbird.compose(SLIP, newsgroups="council.hearings")
    compose.send()
    thunderbird.review()
    (draft,) = drafts(standin)
    assert addresses(draft) == [SLIP]
    compose.until_free()
    assert not sink.delivered


def test_a_mail_without_subject_and_words_is_asked_about(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = thunderbird.compose(COLLEAGUE, subject="", body="")
    compose.send()
    until("Thunderbird's own reminder", thunderbird.alerts)
    thunderbird.dismiss_alerts()
    goes(compose, sink)
    (draft,) = drafts(standin)
    assert (draft["subject"], draft["text"].strip(), draft["attachments"]) == ("", "", [])
