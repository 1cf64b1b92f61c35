"""Without a key: asking for one, a protected ZIP, S/MIME; from the click to whoever opens it."""

import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import pyzipper  # type: ignore[import-untyped]

from addin_service import addresses, keyring, manifests
from addin_service.installation import open_installation
from addin_service.settings import Settings
from addin_service.smime.reading import certificate
from tests.conftest import needs
from tests.smime import making

from .desk import Desk, Service
from .harness import Compose, Delivered, Page, Sink, Thunderbird, running, until
from .standin import StandIn, answer, as_json, finding
from .test_sealing import HTML

COUNSEL = "p.tann@chambers.example"
SURGERY = "alison.webb@nhs.example"
SENDER = "ann.lee@council.example"
NAMES = {COUNSEL: "Priya Tann", SURGERY: "Alison Webb", SENDER: "Ann Lee"}
SUBJECT = "Case 2011/0417 – the hearing"
TEXT = (
    "OFFICIAL-SENSITIVE\n\nDear Ms Tann,\n\nthe child protection plan for the hearing.\n"
    "NHS number 943 476 5919, National Insurance QQ 12 34 56 C.\n"
)
MARKED = "The hearing, OFFICIAL-SENSITIVE"
FILES = {"Übersicht – plan.pdf": bytes(range(256)) * 70, "notes.txt": b"1. Welcome\n"}
HIDDEN = ("Case", "hearing", "child", "OFFICIAL", "bersicht", "notes", "Welcome", "943 476")


def blocked(thunderbird: Thunderbird, compose: Compose) -> Page:
    """Send, and the review that says that there is no key."""
    compose.send()
    review = thunderbird.review()
    compose.until_free()
    review.until_text("What you can do")
    return review


def names_them(review: Page, name: str) -> None:
    review.until("the question", "return !!document.querySelector('.typed input.name');")
    review.run("document.querySelector('.typed input').focus();")
    review.type(name)
    review.click(".send")


def types_again(review: Page, *people: str) -> None:
    """The address of each, where it is asked for."""
    review.until("the fields", "return !!document.querySelector('.typed input.address');")
    for address in people:
        assert address not in review.text
        review.run(
            f"""const card = [...document.querySelectorAll(".card")].find(card =>
              card.querySelector("h2").innerText.includes({json.dumps(NAMES[address])}));
            card.querySelector('.fold[aria-expanded="false"]')?.click();
            card.querySelector("input.address").focus();"""
        )
        review.type(address)
    review.click(".send")


def as_zip(thunderbird: Thunderbird, compose: Compose, *people: str, name: str = "Tann") -> Page:
    """All the way to the window with the words."""
    review = blocked(thunderbird, compose)
    review.click(".way.zip")
    names_them(review, name)
    types_again(review, *people)
    review.until("the words", "return !!document.querySelector('.secret');")
    compose.until_free()
    return review


def goes(compose: Compose, sink: Sink, count: int = 1) -> Delivered:
    delivered = sink.next(count)
    compose.until_closed()
    return delivered


def ticks(review: Page) -> None:
    for place in range(len(review.labels(".passphrase"))):
        review.run(f"document.querySelectorAll('.noted')[{place}].click();")


def inside(got: Delivered, words: str) -> dict[str, bytes]:
    """What somebody finds who was phoned: the files in the ZIP in the ZIP."""
    (attached,) = got.message.iter_attachments()
    data = attached.get_content()
    with pyzipper.AESZipFile(io.BytesIO(data)) as outer:
        assert outer.namelist() == ["message.zip"]
        outer.setpassword(words.encode())
        plain = outer.read("message.zip")
    with zipfile.ZipFile(io.BytesIO(plain)) as inner:
        return {name: inner.read(name) for name in inner.namelist()}


def outside(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=policy.default)
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    return headers + raw.decode("latin-1")


def everything_kept(thunderbird: Thunderbird) -> str:
    return json.dumps([thunderbird.storage("local"), thunderbird.storage("session")])


# A protected ZIP.


def test_without_a_key_a_protected_zip_is_opened_by_the_words_that_were_read_out(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(
        f"Priya Tann <{COUNSEL}>", subject=SUBJECT, body=TEXT, attach=FILES
    )
    before = compose.draft()
    review = as_zip(thunderbird, compose, COUNSEL)
    assert not sink.delivered
    assert compose.draft() == before
    assert review.labels(".passphrase h2") == ["For Priya Tann"]
    assert "Read these words out on the phone." in review.text
    (words,) = review.labels(".secret")
    assert len(words.split("-")) == 7
    # Nothing goes before they are written down, from nowhere.
    assert not review.enabled(".send")
    compose.send()
    compose.until_free()
    assert review.labels(".secret") == [words]
    assert not sink.delivered
    assert words not in everything_kept(thunderbird)
    ticks(review)
    review.click(".send")
    got = goes(compose, sink)
    review.until_closed()

    assert got.message["Subject"] == "Protected message"
    assert str(got.message["To"]) == COUNSEL
    for hidden in (*HIDDEN, "Priya", "Ann Lee", words):
        assert hidden not in outside(got.raw)
    found = inside(got, words)
    assert "child protection plan" in found["message.txt"].decode()
    assert SUBJECT in found["message.txt"].decode()
    assert {name: found[name] for name in FILES} == FILES
    until("whom to phone", lambda: "on the phone to Priya Tann" in thunderbird.main_title())
    assert words not in everything_kept(thunderbird)
    assert words not in service.log.read_text(errors="replace")
    assert words not in thunderbird.log.read_text(errors="replace")


def test_each_hidden_recipient_gets_a_zip_and_words_of_their_own(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(COUNSEL, bcc=SURGERY, subject=SUBJECT, body=TEXT)
    review = as_zip(thunderbird, compose, COUNSEL, SURGERY)
    assert review.labels(".passphrase h2") == ["For Priya Tann", "For Alison Webb"]
    first, second = review.labels(".secret")
    assert first != second
    review.run("document.querySelector('.noted').click();")
    assert not review.enabled(".send")
    review.run("document.querySelectorAll('.noted')[1].click();")
    review.click(".send")
    goes(compose, sink, 2)
    by_reader = {got.recipients[0]: got for got in sink.delivered}
    for address, words, others in ((COUNSEL, first, second), (SURGERY, second, first)):
        got = by_reader[address]
        assert SURGERY not in outside(got.raw)
        assert "child protection plan" in inside(got, words)["message.txt"].decode()
        with pytest.raises(RuntimeError):
            inside(got, others)


@pytest.mark.parametrize("reply", [False, True], ids=["html and a picture", "a reply"])
def test_a_mail_that_thunderbird_still_works_on_is_protected_as_well(
    thunderbird: Thunderbird, service: Service, sink: Sink, reply: bool
) -> None:
    if reply:
        received = f"From: Priya Tann <{COUNSEL}>\r\nTo: {SENDER}\r\nSubject: {MARKED}\r\n"
        compose = thunderbird.reply(received + "Message-ID: <a@b.example>\r\n\r\nThe plan?\r\n")
        compose.type_text(TEXT)
    else:
        compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=HTML, html=True)
    review = as_zip(thunderbird, compose, COUNSEL)
    (words,) = review.labels(".secret")
    ticks(review)
    review.click(".send")
    found = inside(goes(compose, sink), words)
    assert "943 476 5919" in found["message.txt"].decode()


def test_closing_the_words_sends_nothing_and_the_next_ones_are_others(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
    before = compose.draft()
    review = as_zip(thunderbird, compose, COUNSEL)
    (first,) = review.labels(".secret")
    ticks(review)
    review.press("Escape")
    review.until_closed()
    assert compose.draft() == before
    assert not sink.delivered
    compose.send()
    review = thunderbird.review()
    review.until("the words", "return !!document.querySelector('.secret');")
    (second,) = review.labels(".secret")
    assert first != second
    # Somebody goes on writing: what was protected is not this mail any more.
    compose.type_text("PS: the nursery.\n")
    ticks(review)
    review.click(".send")
    review.until(
        "other words",
        f"return document.querySelector('.secret')?.innerText !== {json.dumps(second)}"
        " && !!document.querySelector('.secret') || !!document.querySelector('.typed');",
    )
    compose.until_free()
    assert not sink.delivered


def test_where_it_cannot_be_sent_the_draft_is_whole_and_new_words_are_shown(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT, attach=FILES)
    before = compose.draft()
    review = as_zip(thunderbird, compose, COUNSEL)
    sink.refusing = True
    ticks(review)
    review.click(".send")
    until("Thunderbird's own words", thunderbird.alerts)
    thunderbird.dismiss_alerts()
    compose.until_free()
    assert compose.draft() == before
    assert not sink.delivered
    sink.refusing = False
    compose.send()
    review = thunderbird.review()
    review.until("the words", "return !!document.querySelector('.secret');")
    (words,) = review.labels(".secret")
    ticks(review)
    review.click(".send")
    assert set(inside(goes(compose, sink), words)) >= set(FILES)


def test_a_thunderbird_that_cannot_be_armed_sends_no_zip(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT, attach=FILES)
    before = compose.draft()
    review = as_zip(thunderbird, compose, COUNSEL)
    with thunderbird.without("sealedSend.arm"):
        ticks(review)
        review.click(".send")
        review.until_text("This mail could not be sealed")
        compose.until_free()
    assert compose.draft() == before
    assert not sink.delivered


def test_a_service_that_stops_while_the_zip_is_made_leaves_the_draft_alone(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = zip_offered(thunderbird, standin)
    before = compose.draft()
    standin.replies["/v1/seal"] = lambda: as_json(
        503, {"error": {"code": "not-sealed", "message": "It could not be sealed.", "hint": "x"}}
    )
    review = blocked(thunderbird, compose)
    review.click(".way.zip")
    review.until_text("This mail could not be sealed")
    compose.until_free()
    assert compose.draft() == before
    assert not sink.delivered


def zip_offered(thunderbird: Thunderbird, standin: StandIn) -> Compose:
    """A service that stops for want of a key, and allows a ZIP."""
    sealing = {"required": True, "because": ["content.sensitive"], "possible": False}

    def check(question: dict[str, object]) -> dict[str, object]:
        if question.get("shape") == "zip":
            assert question["seal"] is True
            return answer(
                encryption=sealing | {"possible": True, "readers": [reader("passphrase")]}
            )
        return answer("block", missing(["ask", "zip"]), encryption=sealing | {"readers": None})

    standin.check = check
    return thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT, attach=FILES)


def missing(ways: list[str], address: str = COUNSEL) -> dict[str, object]:
    return finding(
        "key.missing",
        id=f"missing-{address}",
        severity="stop",
        address=address,
        ask=None,
        message="There is no key for Priya Tann, so this cannot be sealed for them.",
        facts={"name": "Priya Tann", "ways": ways},
    )


def reader(state: str, **more: object) -> dict[str, object]:
    known = {"address": COUNSEL, "name": "Priya Tann", "organisation": "Fountain Chambers"}
    return {**known, "outside": True, "sender": False, "state": state, "archive": False, **more}


CLEAR_ZIP = "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAA"
SEALED_ZIP = "UEsDBDMAAQBjAAAAIQAAAAAAAAAAAAAA"
ZIPPED = {
    "outer": {"subject": "Protected message"},
    "text": "A notice.\n",
    "attachments": [
        {"name": "protected-message.zip", "type": "application/zip", "base64": SEALED_ZIP}
    ],
    "passphrase": "one-two-three-four-five-six-seven",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"attachments": [ZIPPED["attachments"][0] | {"base64": CLEAR_ZIP}]},  # type: ignore[index]
        {"attachments": [ZIPPED["attachments"][0] | {"base64": "not base64!"}]},  # type: ignore[index]
        {"attachments": ZIPPED["attachments"] * 2},  # type: ignore[operator]
        {"attachments": []},
        {"passphrase": ""},
        {"passphrase": "<b>one</b>"},
        {"text": "one-two-three-four-five-six-seven"},
        {"text": "ü"},
        {"outer": {}},
    ],
    ids=["in clear", "no file", "two files", "none", "no words", "markup", "told", "letters",
         "no subject"],
)  # fmt: skip
def test_what_is_not_a_protected_zip_is_not_sent(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, wrong: dict[str, object]
) -> None:
    compose = zip_offered(thunderbird, standin)
    standin.replies["/v1/seal"] = lambda: as_json(200, ZIPPED | wrong)
    review = blocked(thunderbird, compose)
    review.click(".way.zip")
    review.until_text("This mail could not be sealed")
    assert not review.has(".secret")
    compose.until_free()
    assert not sink.delivered


def test_keys_can_be_used_instead_at_any_time(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = zip_offered(thunderbird, standin)
    standin.replies["/v1/seal"] = lambda: as_json(200, ZIPPED)
    review = blocked(thunderbird, compose)
    assert review.labels(".keys") == []
    assert review.focused() == "back"
    review.click(".way.zip")
    review.until("the words", "return !!document.querySelector('.secret');")
    review.click(".keys")
    review.until_text("What you can do")
    compose.until_free()
    assert standin.questions()[-1].get("shape", "mime") == "mime"
    assert not sink.delivered


def test_a_way_that_is_not_offered_any_more_is_asked_about_with_keys(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = zip_offered(thunderbird, standin)
    usual = standin.check
    gone = as_json(409, {"error": {"code": "not-offered", "message": "Not offered.", "hint": ""}})

    def reply() -> tuple[int, str, bytes]:
        question = standin.questions()[-1]
        return gone if question.get("shape") == "zip" else as_json(200, usual(question))

    standin.replies["/v1/check"] = reply
    review = blocked(thunderbird, compose)
    asked = len(standin.questions())
    review.click(".way.zip")
    until("the second question", lambda: len(standin.questions()) == asked + 2)
    compose.until_free()
    assert thunderbird.review().labels(".way.zip")
    assert not sink.delivered


def test_a_chosen_way_never_gives_way_to_clear_text(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = zip_offered(thunderbird, standin)
    usual = standin.check
    standin.check = lambda question: usual(question) | {"unreachable": "send-with-notice"}
    review = blocked(thunderbird, compose)
    standin.replies["/v1/check"] = lambda: (500, "text/html", b"")
    review.click(".way.zip")
    review.until_text("Last Look cannot be reached")
    compose.until_free()
    assert not sink.delivered


def test_where_experiments_are_not_allowed_the_zip_takes_the_place_of_the_draft(
    needs_thunderbird: None, desk: Desk, port: int, service: Service, sink: Sink, tmp_path: Path
) -> None:
    _, policies = manifests.build(f"http://127.0.0.1:{port}", tmp_path / "built", token=desk.token)
    strict = Thunderbird(
        tmp_path / "strict",
        smtp_port=sink.port,
        policies=json.loads(policies.read_text()),
        preferences={"extensions.experiments.enabled": False},
    )
    with running(strict) as thunderbird:
        until("the extension", thunderbird.extension_is_ready)
        for html in (False, True):
            sink.delivered.clear()
            body = f"<p>{TEXT}</p>" if html else TEXT
            compose = thunderbird.compose(
                f"Priya Tann <{COUNSEL}>", subject=SUBJECT, body=body, html=html, attach=FILES
            )
            before = compose.draft()
            review = as_zip(thunderbird, compose, COUNSEL)
            with thunderbird.without("compose.setComposeDetails"):
                ticks(review)
                review.click(".send")
                review.until_text("This mail could not be sealed")
                compose.until_free()
                assert compose.draft() == before
            review.click(".again-button")
            review.until("the words", "return !!document.querySelector('.secret');")
            sink.refusing = True
            ticks(review)
            review.click(".send")
            until("Thunderbird's own words", thunderbird.alerts)
            thunderbird.dismiss_alerts()
            _is_again(compose, before)
            assert not sink.delivered
            sink.refusing = False
            compose.send()
            review = thunderbird.review()
            review.until("the words", "return !!document.querySelector('.secret');")
            (words,) = review.labels(".secret")
            ticks(review)
            review.click(".send")
            got = goes(compose, sink)
            for hidden in (*HIDDEN, "Priya", "Ann Lee"):
                assert hidden not in outside(got.raw)
            assert got.message["Subject"] == "Protected message"
            found = inside(got, words)
            assert {name: found[name] for name in FILES} == FILES


def _is_again(compose: Compose, before: dict[str, object]) -> None:
    until("the draft again", lambda: compose.draft() == before)


# Asking for a key.


def test_asking_for_a_key_opens_a_mail_with_the_words_and_sends_nothing(
    thunderbird: Thunderbird, service: Service, sink: Sink
) -> None:
    compose = thunderbird.compose(f"Priya Tann <{COUNSEL}>", subject=SUBJECT, body=TEXT)
    before = compose.draft()
    review = blocked(thunderbird, compose)
    review.click(".way.ask")
    review.until_text("A mail to them is open in a window of its own.")
    opened = until(
        "the letter",
        lambda: thunderbird.run(
            """const found = all("msgcompose").find(w => idOf(w) !== given[0] && w.composeEditorReady);
            return found ? idOf(found) : 0;""",
            compose.window,
        ),
    )
    letter = Compose(thunderbird, opened)
    until("its words", lambda: "public key" in letter.draft()["body"])
    written = letter.draft()
    assert COUNSEL in written["to"]
    assert "Dear Priya Tann" in written["body"]
    assert written["subject"] == "Your public key, please"
    assert "child" not in written["body"]
    assert compose.draft() == before
    assert not sink.delivered


# S/MIME.


@pytest.fixture
def certified(service: Service, request: pytest.FixtureRequest) -> dict[str, bytes]:
    """Everybody has a certificate that somebody has confirmed, and no OpenPGP key.

    Nobody has confirmed that of the address which a test gives as a parameter.
    """
    unconfirmed = getattr(request, "param", "")
    installation = open_installation(
        Settings(data=service.data, organisation=service.desk.organisation)
    )
    made: dict[str, bytes] = {}
    try:
        for number, (address, name) in enumerate(NAMES.items()):
            one = making.Made(
                serial=making.integer(1000 + number),
                subject=making.named((making.CN, making.UTF8, name.encode())),
                spki=making.public(making.rsa_key(number)),
            ).addressed(address.encode())
            made[address] = one.der
            known = certificate(one.der)
            reviewer = installation.reviewer
            keyring.store(reviewer, known, "file", kind="smime")
            if address == unconfirmed:
                continue
            word = addresses.parse(address)
            keyring.confirm(reviewer, word, known.fingerprint, "officer", "test", "")
    finally:
        installation.close()
    return made


def opened_by_openssl(folder: Path, der: bytes, number: int, message: bytes) -> bytes | None:
    needs("openssl", shutil.which("openssl") is not None)
    (folder / "c.pem").write_bytes(making.pem(der))
    (folder / "k.pem").write_bytes(making.pem_key(making.rsa_key(number)))
    done = subprocess.run(
        ("openssl", "cms", "-decrypt", "-inform", "SMIME", "-binary",
         "-recip", str(folder / "c.pem"), "-inkey", str(folder / "k.pem")),
        input=message, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    return done.stdout if done.returncode == 0 else None


def test_with_certificates_it_goes_as_smime_and_openssl_opens_it(
    thunderbird: Thunderbird,
    certified: dict[str, bytes],
    sink: Sink,
    tmp_path: Path,
) -> None:
    compose = thunderbird.compose(
        f"Priya Tann <{COUNSEL}>", bcc=SURGERY, subject=SUBJECT, body=TEXT, attach=FILES
    )
    review = blocked(thunderbird, compose)
    review.click(".way.smime")
    names_them(review, "Tann")
    goes(compose, sink, 2)
    by_reader = {got.recipients[0]: got for got in sink.delivered}
    numbers = {address: number for number, address in enumerate(NAMES)}
    for address, may in ((COUNSEL, {COUNSEL, SENDER}), (SURGERY, {SURGERY})):
        got = by_reader[address]
        assert got.message.get_content_type() == "application/pkcs7-mime"
        assert got.message.get_param("smime-type") == "enveloped-data"
        assert got.message["Subject"] == "[...]"
        for hidden in (*HIDDEN, "Priya", SURGERY):
            assert hidden not in outside(got.raw)
        for who, der in certified.items():
            plain = opened_by_openssl(tmp_path, der, numbers[who], got.raw)
            assert (plain is not None) == (who in may)
            if plain is not None:
                inner = message_from_bytes(plain, policy=policy.default)
                assert inner["Subject"] == SUBJECT
                assert {part.get_filename() for part in inner.iter_attachments()} == set(FILES)
    until("the line that says so", lambda: "Sealed for" in thunderbird.main_title())


@pytest.mark.parametrize("certified", [COUNSEL], indirect=True)
def test_a_certificate_is_compared_with_its_owner_like_a_key(
    thunderbird: Thunderbird, certified: dict[str, bytes], sink: Sink, tmp_path: Path
) -> None:
    compose = thunderbird.compose(f"Priya Tann <{COUNSEL}>", subject=SUBJECT, body=TEXT)
    review = blocked(thunderbird, compose)
    review.click(".way.smime")
    names_them(review, "Tann")
    review.until("the groups", "return !!document.querySelector('.group input');")
    assert "sixteen groups of four" in review.text
    positions = [int(label.split()[-1]) for label in review.labels(".group span")]
    whole = hashlib.sha256(certified[COUNSEL]).hexdigest().upper()
    thunderbird.run(
        """Cc["@mozilla.org/widget/clipboardhelper;1"].getService(Ci.nsIClipboardHelper)
             .copyString(given[0]);""",
        whole,
    )
    review.run("document.querySelector('.group input').focus(); docShell.doCommand('cmd_paste');")
    values = "return [...document.querySelectorAll('.group input')].map(f => f.value);"
    assert review.run(values) == [whole[4 * n - 4 : 4 * n] for n in positions]
    review.click("input[type=radio][value=phone]")
    review.click(".send")
    got = goes(compose, sink)
    assert opened_by_openssl(tmp_path, certified[COUNSEL], 0, got.raw) is not None


def test_a_thunderbird_that_cannot_carry_it_does_not_offer_smime(
    needs_thunderbird: None, desk: Desk, port: int, standin: StandIn, sink: Sink, tmp_path: Path
) -> None:
    _, policies = manifests.build(f"http://127.0.0.1:{port}", tmp_path / "built", token=desk.token)
    strict = Thunderbird(
        tmp_path / "strict",
        smtp_port=sink.port,
        policies=json.loads(policies.read_text()),
        preferences={"extensions.experiments.enabled": False},
    )
    standin.check = lambda _: answer("block", missing(["ask", "zip", "smime"]))
    with running(strict) as thunderbird:
        until("the extension", thunderbird.extension_is_ready)
        review = blocked(thunderbird, thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT))
        assert [label.split("\n")[0] for label in review.labels(".way")] == [
            "Ask them for their key",
            "Send it as a protected ZIP",
        ]
        assert "this Thunderbird cannot send with them" in review.text


@pytest.mark.parametrize(
    "entity",
    [
        "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nMIIB",
        "Content-Type: text/plain\r\n\r\nthe plan",
    ],
    ids=["only signed", "in clear"],
)
def test_what_is_not_an_envelope_is_not_sent(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, entity: str
) -> None:
    def check(question: dict[str, object]) -> dict[str, object]:
        if question.get("shape") != "smime":
            return answer("block", missing(["smime"]))
        sealing = {"required": True, "because": [], "possible": True, "readers": None}
        return answer(encryption=sealing)

    standin.check = check
    standin.replies["/v1/seal"] = lambda: as_json(
        200, {"outer": {"subject": "[...]"}, "entity": entity}
    )
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
    review = blocked(thunderbird, compose)
    review.click(".way.smime")
    review.until_text("This mail could not be sealed")
    compose.until_free()
    assert not sink.delivered


# What is shown.


def test_each_person_is_asked_by_themselves_and_another_way_is_offered_once(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    both = [missing(["ask", "zip"]), missing(["ask", "zip"], SURGERY)]
    standin.check = lambda _: answer("block", *both)
    review = blocked(thunderbird, thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT))
    review.click('.fold[aria-expanded="false"]')
    assert [label.split("\n")[0] for label in review.labels(".way")] == [
        "Ask them for their key",
        "Send it as a protected ZIP",
        "Ask them for their key",
    ]
    assert not review.labels(".send")


def test_what_the_policy_does_not_offer_is_not_there(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    standin.check = lambda _: answer("block", missing([]))
    thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT).send()
    review = thunderbird.review()
    assert "What you can do" not in review.text
    assert not review.has(".way")


def comparing(code: str, methods: list[str]) -> dict[str, object]:
    return finding(
        code, address=COUNSEL, ask="confirm-key", message="Compare it again.",
        facts={"positions": [1, 2, 3, 4, 5], "methods": methods, "name": "Priya Tann"},
    )  # fmt: skip


@pytest.mark.parametrize("methods", [["phone", "in-person"], ["phone", "in-person", "signed-mail"]])
def test_only_the_methods_that_count_are_offered_for_a_stale_key(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink, methods: list[str]
) -> None:
    sealing = {"required": True, "because": [], "possible": True, "readers": [reader("stale")]}
    standin.check = lambda _: answer("confirm", comparing("key.stale", methods), encryption=sealing)
    thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT).send()
    review = thunderbird.review()
    assert review.text.startswith("Is this their key?")
    assert "Their key was compared with them, but long ago." in review.text
    values = "return [...document.querySelectorAll('input[type=radio]')].map(r => r.value);"
    assert review.run(values) == methods


def test_the_archive_is_a_reader_like_the_others(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    archive = reader("verified", address="archive@council.example", name="", organisation="",
                     outside=False, archive=True)  # fmt: skip
    readers = [reader("unverified"), archive]
    sealing = {"required": True, "because": [], "possible": True, "readers": readers}
    standin.check = lambda _: answer(
        "confirm", comparing("key.unconfirmed", ["phone"]), encryption=sealing
    )
    thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT).send()
    review = thunderbird.review()
    assert review.labels(".reader.archive strong") == ["The archive of your organisation"]
    assert "Your organisation keeps a copy that this key opens." in review.text


def test_a_renewed_key_interrupts_nobody(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    note = finding("key.updated", severity="note", address=COUNSEL, ask=None)
    sealing = {"required": True, "because": [], "possible": True, "readers": [reader("updated")]}
    standin.check = lambda _: answer("allow", note, encryption=sealing)
    entity = 'Content-Type: multipart/encrypted; boundary="x"\r\n\r\n--x--\r\n'
    standin.replies["/v1/seal"] = lambda: as_json(
        200, {"outer": {"subject": "[...]"}, "entity": entity}
    )
    compose = thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT)
    compose.send()
    assert goes(compose, sink).message["Subject"] == "[...]"
    assert thunderbird.no_review()


def test_a_reason_instead_of_a_key_says_what_it_does(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    sealing = {"required": True, "because": [], "possible": False, "readers": [reader("none")]}
    asked = missing(["zip"]) | {"ask": "reason"}
    standin.check = lambda _: answer("confirm", asked, encryption=sealing)
    review = blocked(thunderbird, thunderbird.compose(COUNSEL, subject=SUBJECT, body=TEXT))
    assert "Your reason to send it unsealed, for the record" in review.labels("label")
    assert review.labels(".send") == ["Send unsealed"]


def test_the_words_are_read_with_a_keyboard_and_at_twice_the_size(
    thunderbird: Thunderbird, standin: StandIn, sink: Sink
) -> None:
    compose = zip_offered(thunderbird, standin)
    standin.replies["/v1/seal"] = lambda: as_json(200, ZIPPED)
    review = blocked(thunderbird, compose)
    review.click(".way.zip")
    review.until("the words", "return !!document.querySelector('.secret');")
    assert review.focused() == "noted"
    review.press("Enter")
    assert not review.enabled(".send")
    told = review.run(
        """const box = document.querySelector(".noted");
        return [box.labels[0].innerText.trim(), ...box.getAttribute("aria-describedby").split(" ")
          .map(id => document.getElementById(id).innerText)];"""
    )
    assert told == ["I have written them down", "For Priya Tann", ZIPPED["passphrase"]]
    review.zoom(2.0)
    review.until(
        "no sideways scrolling",
        "return document.documentElement.scrollWidth <= content.innerWidth;",
    )
    review.click(".copy")
    review.until_text("Copied. Do not paste them into a mail.")
    review.run("document.querySelector('.noted').focus();")
    review.press(" ")
    review.until("an enabled Send", "return !document.querySelector('.send').disabled;")
