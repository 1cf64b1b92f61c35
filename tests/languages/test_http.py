"""What staff are answered over HTTP is in the language that their program asks for, and means the same."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from addin_service.catalogues import ENGLISH
from addin_service.installation import Installation
from addin_service.settings import MAX_BODY_BYTES
from addin_service.store import clients, contacts, receipts, times
from addin_service.store.contacts import Entry
from addin_service.web import errors, guard, sign_in_pages, wire
from addin_service.web.app import create_app
from addin_service.web.limits import too_often
from tests.conftest import Live, draft_json
from tests.languages.pseudo import LETTER, PSEUDO, SPOKEN, TAG, is_whole

HOST = "127.0.0.1:8025"


class Caller:
    """A mail program that asks in one language after the other."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.guard = create_app(installation, "127.0.0.1", 8025, SPOKEN)
        self.browser = Browser(self.guard)
        with installation.store.write() as connection:
            _, self.token = clients.add(connection, "test", "sender", times.now())
            _, self.helpdesk = clients.add(connection, "desk", "helpdesk", times.now())

    def ask(
        self, method: str, path: str, body: Any = None, accept: str = TAG, token: str | None = ""
    ) -> TestResponse:
        headers = {"Host": HOST, "Accept-Language": accept}
        if token is not None:
            headers["Authorization"] = f"Bearer {token or self.token}"
        data = body if isinstance(body, bytes | str) or body is None else json.dumps(body)
        kind = {"content_type": "application/json"} if method == "POST" else {}
        return self.browser.open(path, method=method, headers=headers, data=data, **kind)


@pytest.fixture
def caller(installation: Installation) -> Caller:
    """Of an installation that knows somebody."""
    with installation.store.write() as connection:
        known = Entry("p.tann@chambers.example", "Priya Tann", "Chambers", source="helpdesk")
        contacts.put(connection, [known], times.now())
    return Caller(installation)


def said(response: TestResponse) -> list[str]:
    """What an error says to people."""
    error = response.json["error"]
    return [error["message"], *([error["hint"]] if error["hint"] else [])]


OURS = {name for name in wire._our_steps() if LETTER.search(name)} | {
    "sender", "helpdesk", "key-officer", "auditor", "admin",
}  # fmt: skip
_OURS = re.compile("|".join(sorted(map(re.escape, OURS), key=len, reverse=True)))


def routes(caller: Caller) -> Iterator[tuple[str, str]]:
    for rule in caller.guard.app.url_map.iter_rules():  # type: ignore[attr-defined]
        path = re.sub(r"<\w+>", "0000", rule.rule)
        for method in sorted(rule.methods & {"GET", "POST", "DELETE"}):
            yield method, path


BODIES = [
    b"", b"{", b"[]", b"{}", b'{"a": 1}', b'{"a": 1, "a": 1}', b'{"draft": {}, "review": "x"}',
    json.dumps({"draft": draft_json("jo@farm.example", sender="nobody"), "outcome": "sent",
                "review": "x"}).encode(),
    json.dumps({"draft": draft_json("jo@farm.example"), "review": "x"}).encode(),
    b'{"address": "x"}', b'{"address": "x", "expires": "2027-02-30"}', b'{"domain": "uk"}',
    b'{"client": "nobody", "nonce": "0123456789abcdef"}', b'{"code": "AAAA-AAAA"}',
    b'{"state": "granted"}',
]  # fmt: skip


def test_every_refusal_of_every_route_is_told_in_the_language_asked_for(caller: Caller) -> None:
    refused = set()
    for method, path in [*routes(caller), ("POST", "/v1/nowhere"), ("DELETE", "/v1/check")]:
        for token in (None, caller.token, caller.helpdesk):
            for body in BODIES if method == "POST" else [None]:
                answer = caller.ask(method, path, body, token=token)
                assert answer.headers["Content-Language"] == TAG
                assert "Accept-Language" in answer.headers["Vary"]
                if answer.status_code < 400:
                    continue
                refused.add(answer.json["error"]["code"])
                for text in said(answer):
                    assert "⟦" in text
                    assert not LETTER.search(_OURS.sub("", text)), (method, path, body, text)
    assert refused >= {
        "no-token", "wrong-role", "not-found", "method-not-allowed", "bad-request", "bad-sender",
        "unknown-client", "wrong-code", "bad-contact", "bad-address", "not-reviewed",
        "no-such-contact", "no-such-request",
    }  # fmt: skip


@pytest.mark.parametrize(
    "problem",
    [
        *(errors.plain(status) for status in errors.PLAIN),
        guard.HOST, guard.PROXY, guard.ORIGIN, guard.NO_TOKEN, too_often(3),
    ],
)  # fmt: skip
def test_every_refusal_at_the_door_is_whole(problem: errors.Problem) -> None:
    assert is_whole(problem.message)
    assert is_whole(problem.hint)
    told = json.loads(problem.body(PSEUDO))["error"]
    assert told == {
        "code": problem.code,
        "message": PSEUDO.tell(problem.message),
        "hint": PSEUDO.tell(problem.hint),
    }


def test_a_bug_is_told_with_its_number(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("p.tann@chambers.example")

    monkeypatch.setattr(caller.installation.reviewer, "check", broken)
    answer = caller.ask(
        "POST", "/v1/check", {"purpose": "send", "draft": draft_json("a@b.example")}
    )
    assert answer.status_code == 500
    message, hint = said(answer)
    assert re.fullmatch(r"⟦[^a-z]+⟧ ⟦[^a-z]+ [0-9a-f]{8}\.~*⟧", message)
    assert not LETTER.search(hint)


DRAFTS = [
    draft_json("p.tan@chambers.example"),
    draft_json("p.tann@chambers.example", text="Dear Tom,\n\nplease see attached.\n"),
    draft_json("p.tann@chambres.example", subject="OFFICIAL-SENSITIVE: NHS number 943 476 5919"),
    draft_json("jo@farm.example", "p,tann@chambers.example", cc=[{"address": "x", "name": ""}]),
    draft_json(
        "a@one.example", "b@two.example", bcc=[{"address": "c@three.example", "name": "{x}"}]
    ),
]


def _shown(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding without what is said in words."""
    facts = {k: v for k, v in finding["facts"].items() if k != "difference"}
    return {k: v for k, v in finding.items() if k not in ("message", "advice")} | {"facts": facts}


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("seal", [False, True])
def test_verdict_ids_scores_and_receipts_are_the_same_in_every_language(
    caller: Caller, draft: dict[str, Any], seal: bool
) -> None:
    answers, kept = [], []
    for accept in ("en", TAG, "cy"):
        asked = {"purpose": "send", "draft": draft, "seal": seal}
        answer = caller.ask("POST", "/v1/check", asked, accept).json
        with caller.installation.store.read() as connection:
            [row] = [
                row for row in receipts.rows(connection) if row.reference == answer["reference"]
            ]
        kept.append(json.loads(row.body) | {"ms": 0})
        assert "⟦" not in row.body
        answers.append(answer)
    english, made_up, welsh = answers
    assert kept[0] == kept[1] == kept[2]
    for name in english.keys() - {"findings", "review", "reference"}:
        assert english[name] == made_up[name] == welsh[name]
    assert [_shown(one) for one in english["findings"]] == list(map(_shown, made_up["findings"]))
    assert english["findings"] == welsh["findings"]  # a draft, which nobody has approved
    for here, there in zip(english["findings"], made_up["findings"], strict=True):
        for name in ("message", "advice"):
            assert "⟦" in there[name]
            assert len(there[name]) > len(here[name])
        if "difference" in here["facts"]:
            assert "⟦" in there["facts"]["difference"]


def test_an_answer_given_in_one_language_counts_in_another(caller: Caller) -> None:
    asked = {"purpose": "send", "draft": DRAFTS[0]}
    first = caller.ask("POST", "/v1/check", asked, TAG).json
    [question] = [one for one in first["findings"] if one["ask"]]
    answers = [{"finding": question["id"], "choice": "keep", "value": None}]
    then = caller.ask("POST", "/v1/check", asked | {"answers": answers}, "en").json
    assert (first["verdict"], then["verdict"]) == ("confirm", "allow")
    later = caller.ask("POST", "/v1/check", asked | {"review": then["review"]}, TAG).json
    assert later["verdict"] == "allow"


def test_the_mail_that_asks_for_a_key_is_written_in_the_language_asked_for(caller: Caller) -> None:
    asked = {"address": "p.tann@chambers.example"}
    english = caller.ask("POST", "/v1/keys/ask", asked, "en").json
    assert english["text"].startswith("Dear Priya Tann,\n\nI should like")
    made_up = caller.ask("POST", "/v1/keys/ask", asked).json
    for text in made_up.values():
        assert not LETTER.search(text.replace("Priya Tann", ""))
    assert made_up["text"].count("\n\n") == english["text"].count("\n\n")


@pytest.mark.parametrize("accept", ["", "en", "de", "cy", "*", "x" * 5000, "en;q=nan", "\xff"])
def test_what_is_not_spoken_is_answered_in_english(caller: Caller, accept: str) -> None:
    answer = caller.ask("GET", "/v1/health", accept=accept, token=None)
    assert answer.headers["Content-Language"] == "en"
    assert answer.json == {"alive": True}


def test_what_the_server_refuses_before_anybody_reads_it_says_its_language_too(live: Live) -> None:
    too_large = live.call("POST", "/v1/check", b"x" * (MAX_BODY_BYTES + 1))
    assert too_large.status == 413
    assert too_large.headers["Content-Language"] == "en"
    assert too_large.headers["Vary"] == "Accept-Language"
    assert too_large.json["error"]["message"] == "The request is too large."


PAGES = [
    sign_in_pages.signed_in("Ann Lee", [], "ABCD-EFGH"),
    sign_in_pages.nobody("Ann Lee"),
    sign_in_pages.nobody(""),
    *map(sign_in_pages.refused, ("mismatching_state", "access_denied", "signature")),
    sign_in_pages.problem(429, too_often(3).message, too_often(3).hint),
    sign_in_pages.incident("0123abcd"),
    sign_in_pages.DISABLED,
    sign_in_pages.OUTAGE,
    sign_in_pages.STORE,
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.title))
def test_a_page_of_the_sign_in_is_whole_and_says_its_language(page: sign_in_pages.Page) -> None:
    html = page.html(PSEUDO)
    assert f'<html lang="{TAG}">' in html
    body = re.sub(r"<[^>]*>", " ", html[html.index("<body>") :])
    for value in ("Ann Lee", "ABCD-EFGH", "signature", "0123abcd"):
        body = body.replace(value, "")
    assert "⟦" in body
    assert not LETTER.search(body), body
    assert page.html() == page.html(ENGLISH)
    assert '<html lang="en">' in page.html()


def test_a_name_on_a_page_is_no_markup() -> None:
    html = sign_in_pages.nobody("<b>{title}</b>").html(PSEUDO)
    assert "&lt;b&gt;{title}&lt;/b&gt;" in html
