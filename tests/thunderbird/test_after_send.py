"""Send Later stays Send Later, and what the record and the sender are told once a mail has left."""

import time
from collections.abc import Iterator
from email import message_from_string

import pytest

from .desk import Service
from .harness import Compose, Page, Sink, Thunderbird, until
from .standin import Json, StandIn, answer, as_json, finding
from .test_kinds import REQUIRED, SEALED, outbox, seals

JOE = "joe.marsh@council.example"
READER = {
    "address": JOE, "name": "Joe Marsh", "organisation": "The Council", "outside": False,
    "fingerprint": "A" * 40, "state": "verified", "sender": False,
}  # fmt: skip
SMIME = (
    'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\r\n'
    "Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
)
INLINE = "-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n"
FREE: Json = {"required": False, "because": [], "possible": False, "readers": []}
FOOT = """const foot = all("mail:3pane")[0].document.getElementById("statusText");
return foot.value ?? foot.textContent;"""


@pytest.fixture(autouse=True)
def _empty_outbox(request: pytest.FixtureRequest) -> Iterator[None]:
    thunderbird: Thunderbird = request.getfixturevalue("thunderbird")
    yield
    thunderbird.run(
        """
        const root = MailServices.accounts.localFoldersServer.rootFolder;
        const folder = root.getFolderWithFlags(Ci.nsMsgFolderFlags.Queue);
        if (folder) folder.deleteMessages([...folder.messages], null, true, false, null, false);
        await until("an empty Outbox", () => ![...(folder?.messages ?? [])].length);
        """
    )


def reports(standin: StandIn) -> list[Json]:
    until("the report", lambda: standin.questions("/v1/sent"))
    return standin.questions("/v1/sent")


def asks_once(standin: StandIn, undo: int = 0, sealed: bool = False) -> None:
    """A question at the first look, and the way is free once it is answered."""
    encryption = REQUIRED if sealed else FREE

    def check(question: Json) -> Json:
        if question["purpose"] != "send" or question.get("review"):
            return answer("allow", undo=undo, encryption=encryption)
        return answer("confirm", finding(address=JOE), undo=undo, encryption=encryption)

    standin.check = check
    standin.replies["/v1/seal"] = lambda: as_json(
        200, {"outer": {"subject": "[...]"}, "entity": SEALED}
    )


def answered(thunderbird: Thunderbird) -> Page:
    """Keep it, and go on."""
    review = thunderbird.review()
    review.until("the question", "return !!document.querySelector('.keep');")
    review.click(".keep")
    review.click(".send")
    return review


@pytest.mark.parametrize("undo", [0, 2], ids=["at once", "after some seconds"])
@pytest.mark.parametrize("sealed", [False, True], ids=["clear", "sealed"])
def test_send_later_stays_send_later_through_a_question(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, sealed: bool, undo: int
) -> None:
    asks_once(standin, undo, sealed)
    compose = thunderbird.compose(JOE, body="the child protection plan\n")
    compose.send_later()
    answered(thunderbird)
    compose.until_closed()
    until("the mail in the Outbox", lambda: outbox(thunderbird))
    (waiting,) = outbox(thunderbird)
    assert ("multipart/encrypted" in waiting) == sealed
    assert ("child protection" in waiting) != sealed
    time.sleep(1)
    assert sink.delivered == []
    (report,) = reports(standin)
    assert report["outcome"] == "sent"
    named = message_from_string(waiting)["Message-ID"]
    assert f"<{report['message_id']}>" == named


def test_a_send_after_a_send_later_is_a_send(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    asks_once(standin)
    compose = thunderbird.compose(JOE)
    compose.send_later()
    review = thunderbird.review()
    review.press("Escape")
    review.until_closed()
    standin.check = lambda question: answer()
    compose.send()
    compose.until_closed()
    sink.next()
    assert outbox(thunderbird) == []


@pytest.mark.parametrize("sealed", [False, True], ids=["clear", "sealed"])
def test_the_record_learns_by_which_name_the_mail_has_left(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, sealed: bool
) -> None:
    if sealed:
        seals(standin)
    compose = thunderbird.compose(JOE)
    compose.send()
    compose.until_closed()
    got = sink.next()
    (report,) = reports(standin)
    assert f"<{report['message_id']}>" == got.message["Message-ID"]


def test_a_service_of_before_is_told_without_the_name(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    def old() -> tuple[int, str, bytes]:
        last = standin.questions("/v1/sent")[-1]
        if "message_id" in last:
            said = {"code": "bad-request", "message": "not known", "hint": ""}
            return as_json(422, {"error": said})
        return as_json(200, {"recorded": True, "reference": "K7"})

    standin.replies["/v1/sent"] = old
    compose = thunderbird.compose(JOE)
    compose.send()
    compose.until_closed()
    sink.next()
    until("both ways", lambda: len(reports(standin)) == 2)
    time.sleep(1)
    assert ["message_id" in one for one in reports(standin)] == [True, False]


def test_the_real_service_takes_the_name(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(JOE)
    compose.send()
    compose.until_closed()
    sink.next()
    until("nothing left to tell", lambda: not thunderbird.storage("session").get("unreported"))
    lines = service.log.read_text().splitlines()
    sent = [line for line in lines if '"/v1/sent"' in line]
    assert len(sent) == 1
    assert '"status": 200' in sent[0]


SHAPES = {
    "mime": {"outer": {"subject": "[...]"}, "entity": SEALED},
    "smime": {"outer": {"subject": "[...]"}, "entity": SMIME},
    "inline": {"outer": {"subject": "[...]"}, "text": INLINE, "attachments": []},
}


@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
@pytest.mark.parametrize("shape", SHAPES)
def test_what_the_mail_server_refuses_is_there_as_it_was_written(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, shape: str, html: bool
) -> None:
    standin.check = lambda question: answer("allow", encryption=REQUIRED)
    standin.replies["/v1/seal"] = lambda: as_json(200, SHAPES[shape])
    compose = thunderbird.compose(JOE, body="<p>the plan</p>" if html else "the plan\n", html=html)
    before = compose.draft()
    sink.refusing = True
    if shape == "inline":
        with thunderbird.without("sealedSend.probe"):
            refused(thunderbird, compose)
    else:
        choose(thunderbird, shape)
        refused(thunderbird, compose)
    until("the sender's own words", lambda: compose.draft() == before)
    assert not compose.is_locked
    assert [one["outcome"] for one in reports(standin)] == ["failed"]
    assert sink.delivered == []


def choose(thunderbird: Thunderbird, shape: str) -> None:
    """As the review window notes how the sender wants it sealed."""
    if shape == "mime":
        return
    tab = thunderbird.run(
        """const { ExtensionParent } = ChromeUtils.importESModule(
             "resource://gre/modules/ExtensionParent.sys.mjs");
        return ExtensionParent.apiManager.global.tabTracker.getId(all("msgcompose")[0]);"""
    )
    thunderbird.keep("session", {f"looked:{tab}": {"shape": shape}})


def refused(thunderbird: Thunderbird, compose: Compose) -> None:
    compose.send()
    until("Thunderbird's own words", thunderbird.alerts)
    thunderbird.dismiss_alerts()
    until("an end", lambda: not compose.is_locked)


def test_a_line_at_the_foot_says_whom_it_was_sealed_for(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    seals(standin)
    standin.check = lambda question: answer("allow", encryption=REQUIRED | {"readers": [READER]})
    compose = thunderbird.compose(JOE)
    compose.send()
    until("the line", lambda: thunderbird.run(FOOT) == "Sealed for Joe Marsh")
    compose.until_closed()
    sink.next()
    until("the words that stay", lambda: thunderbird.main_title() == "Sealed for Joe Marsh")


def test_without_the_experiment_that_tells_more_all_goes_as_before(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    seals(standin)
    standin.check = lambda question: answer("allow", encryption=REQUIRED | {"readers": [READER]})
    with thunderbird.without("composeFlow.modeOf"), thunderbird.without("composeFlow.say"):
        compose = thunderbird.compose(JOE)
        compose.send()
        compose.until_closed()
        assert "multipart/encrypted" in sink.next().raw.decode()
        until("the words", lambda: thunderbird.main_title() == "Sealed for Joe Marsh")


def test_a_send_that_thunderbird_gives_up_is_no_mail_that_left(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    """It was looked at and let go; then Thunderbird asked about the subject, and was told no."""
    compose = thunderbird.compose(JOE, subject="")
    compose.send()
    until("Thunderbird's own words", thunderbird.alerts)
    thunderbird.run(
        """for (const w of all(null).filter(w => w.location.href.endsWith("/commonDialog.xhtml")))
          w.document.querySelector("dialog").cancelDialog();"""
    )
    (report,) = reports(standin)
    assert report["outcome"] == "failed"
    assert "message_id" not in report
    assert compose.is_open
    assert not compose.is_locked
    assert sink.delivered == []
