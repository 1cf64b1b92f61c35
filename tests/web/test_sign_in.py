"""People sign in at their organisation's provider and get a code for their mail program."""

import base64
import hashlib
import hmac
import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from sqlalchemy import func, select

from addin_service import addresses, membership
from addin_service.department import Department, DepartmentInvalid, SignIn
from addin_service.installation import Installation, open_installation
from addin_service.settings import Settings
from addin_service.store import people, tables, times
from addin_service.web import provider as providers
from addin_service.web.app import create_app
from addin_service.web.guard import PAGES
from addin_service.web.limits import RULES
from tests.conftest import Live, draft_json, serving
from tests.web.conftest import SIGN_IN, Browser, Page, Started
from tests.web.idp import CLIENT, KEYS, Idp, new_key

pytestmark = pytest.mark.slow
ANN = "ann.lee@council.example"
SUBJECTS = ("subject-ann", "Ann Lee", "ann.lee", "council.example")


def counted(live: Live, table: Any) -> int:
    """How many rows there are."""
    with live.installation.store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def pair(live: Live, code: str) -> str:
    """The token for a code."""
    answer = live.call("POST", "/v1/pair", {"code": code, "name": "laptop"}, None)
    assert answer.status == 200, answer.body
    return str(answer.json["token"])


def check(live: Live, token: str, sender: str = ANN) -> int:
    """The status of a check as this sender."""
    said = {"draft": draft_json("jo@council.example", sender=sender)}
    return live.call("POST", "/v1/check", said, token).status


def refused(browser: Browser, page: Page, *statuses: int) -> None:
    """Nobody came in, nothing was made, and the page says what to do."""
    assert page.status in statuses, page.text
    assert page.code == ""
    assert page.headers["Content-Type"].startswith("text/html")
    assert counted(browser.live, tables.people) == 0
    assert counted(browser.live, tables.pairing_codes) == 0
    assert "<h1>" in page.html
    assert not [word for word in (*SUBJECTS, "Traceback", "addin_service") if word in page.html]


def test_from_the_sign_in_to_the_first_check(browser: Browser, log: io.StringIO) -> None:
    page = browser.sign_in()
    assert page.status == 200
    assert re.fullmatch(r"[A-Z2-9]{4}-[A-Z2-9]{4}", page.code)
    assert "You are signed in as Ann Lee. You may send as: ann.lee@council.example" in page.text
    assert "for two minutes" in page.text
    token = pair(browser.live, page.code)
    assert check(browser.live, token) == 200
    assert check(browser.live, token, "bob.hall@council.example") == 403
    assert browser.live.call("POST", "/v1/pair", {"code": page.code}, None).status == 403
    logged = log.getvalue()
    assert not [word for word in (*SUBJECTS, page.code, token) if word in logged]


def test_the_way_there_asks_for_what_protects_the_way_back(browser: Browser) -> None:
    page = browser.get("/sign-in")
    query = parse_qs(urlsplit(page.headers["Location"]).query)
    assert query["response_type"] == ["code"]
    assert query["client_id"] == [CLIENT]
    assert query["redirect_uri"] == ["https://lastlook.council.example/sign-in/callback"]
    assert query["code_challenge_method"] == ["S256"]
    assert "openid" in query["scope"][0].split()
    assert len(query["state"][0]) >= 20
    assert len(query["nonce"][0]) >= 20
    assert len(query["code_challenge"][0]) == 43
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    again = parse_qs(urlsplit(browser.get("/sign-in").headers["Location"]).query)
    assert not {"state", "nonce", "code_challenge"} & {n for n in again if again[n] == query[n]}


def test_the_page_runs_nothing_loads_nothing_and_is_kept_by_nobody(browser: Browser) -> None:
    page = browser.sign_in()
    digest = base64.b64encode(
        hashlib.sha256(re.findall(r"<style>(.*?)</style>", page.html, re.S)[0].encode()).digest()
    ).decode()
    policy = page.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "<script" not in page.html
    assert not re.findall(r"(?:src|href)=\"(?!/sign-in\")", page.html)
    assert '<html lang="en">' in page.html
    assert page.html.count("<h1>") == 1


def test_what_a_provider_writes_is_text_on_the_page(browser: Browser) -> None:
    browser.provider.person["name"] = "<script>alert(1)</script>{0}%s\u202e"
    page = browser.sign_in()
    assert page.status == 200
    assert "<script" not in page.html
    assert "&lt;script&gt;" in page.html
    assert "\u202e" not in page.html


def test_only_mailboxes_that_were_verified_count(browser: Browser) -> None:
    browser.provider.person |= {
        "email_verified": False, "others": ["team@council.example", "no address", 7, None],
    }  # fmt: skip
    token = pair(browser.live, browser.sign_in().code)
    assert check(browser.live, token, "team@council.example") == 200
    assert check(browser.live, token) == 403


@pytest.mark.parametrize("verified", [False, "false", "true", 0, None, "", []])
def test_whoever_has_no_verified_mailbox_gets_no_code(browser: Browser, verified: object) -> None:
    browser.provider.claims["email_verified"] = verified
    if verified is None:
        del browser.provider.person["email"]
    page = browser.sign_in()
    assert page.status == 403
    assert page.code == ""
    assert "Ask your helpdesk" in page.text
    assert counted(browser.live, tables.pairing_codes) == 0


def test_a_mailbox_that_the_provider_no_longer_names_is_gone_and_others_stay(
    browser: Browser,
) -> None:
    browser.provider.person["others"] = ["team@council.example"]
    token = pair(browser.live, browser.sign_in().code)
    installation = browser.live.installation
    with installation.store.write() as connection:
        person = people.everyone(connection)[0]
        key = addresses.parse("duty@council.example").key
        membership.bind(installation, connection, person, key, "shared")
    assert check(browser.live, token, "team@council.example") == 200
    browser.provider.person["others"] = []
    browser.sign_in()
    assert check(browser.live, token, "team@council.example") == 403
    assert check(browser.live, token, "duty@council.example") == 200
    assert check(browser.live, token) == 200


def test_roles_come_from_the_claim_that_is_configured(browser: Browser) -> None:
    installation = browser.live.installation
    for said, expected in (
        (["LL-Helpdesk", "helpdesk", "admin"], {"helpdesk"}), ("LL-Helpdesk", {"helpdesk"}),
        (["admin", 7, None], set()), ({"helpdesk": True}, set()), (None, set()),
    ):  # fmt: skip
        browser.provider.person["roles"] = said
        assert browser.sign_in().status == 200
        with installation.store.read() as connection:
            person = people.everyone(connection)[0]
            assert people.roles(connection, person.id) == expected


def test_a_disabled_person_gets_no_code(browser: Browser) -> None:
    token = pair(browser.live, browser.sign_in().code)
    installation = browser.live.installation
    with installation.store.write() as connection:
        membership.disable(installation, connection, people.everyone(connection)[0])
    codes = counted(browser.live, tables.pairing_codes)
    page = browser.sign_in()
    assert page.status == 403
    assert "Your access has ended" in page.text
    assert counted(browser.live, tables.pairing_codes) == codes
    assert check(browser.live, token) == 401


def unsigned(idp: Idp, claims: dict[str, Any]) -> str:
    """Header and claims, and no signature."""
    return idp.signed(claims).rpartition(".")[0] + "."


def part(value: object) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def none(idp: Idp, claims: dict[str, Any]) -> str:
    """A token that says that it needs no signature."""
    return f"{part({'alg': 'none', 'kid': idp.key.kid})}.{part(claims)}."


def with_public_key(idp: Idp, claims: dict[str, Any]) -> str:
    """Signed with what everybody knows, as though it were a password."""
    signed = f"{part({'alg': 'HS256', 'kid': idp.key.kid})}.{part(claims)}"
    digest = hmac.digest(idp.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def with_header(idp: Idp, claims: dict[str, Any], more: dict[str, Any]) -> str:
    """Well signed, this in the header."""
    signed = f"{part({'alg': 'RS256', 'kid': idp.key.kid, **more})}.{part(claims)}".encode()
    chosen = hashes.SHA512() if more.get("alg") == "RS512" else hashes.SHA256()
    key: Any = serialization.load_pem_private_key(idp.key.as_pem(private=True), None)
    signature = base64.urlsafe_b64encode(key.sign(signed, padding.PKCS1v15(), chosen))
    return f"{signed.decode()}.{signature.decode().rstrip('=')}"


def test_a_token_made_here_by_hand_is_good_as_it_stands(browser: Browser) -> None:
    """The control of the refusals below."""
    browser.provider.forge = lambda i, c: with_header(i, c, {"typ": "JWT", "x5t": "more"})
    assert browser.sign_in().status == 200


def strangers(idp: Idp, claims: dict[str, Any]) -> str:
    """Signed with another key under the id of the right one, which comes along."""
    idp.header |= {"jwk": KEYS[1].as_dict(private=False), "kid": KEYS[0].kid}
    idp.key = KEYS[1]
    return idp.signed(claims)


def changed(idp: Idp, claims: dict[str, Any]) -> str:
    """Signed, and then given to somebody else."""
    head, _, signature = idp.signed(claims).split(".")
    return (
        f"{head}.{part(claims | {'sub': 'somebody', 'email': 'boss@council.example'})}.{signature}"
    )


Forge = Callable[[Idp, dict[str, Any]], str]
FORGED: dict[str, Forge] = {
    "no signature": unsigned,
    "alg none": none,
    "alg None": lambda i, c: none(i, c).replace(part({"alg": "none"})[:8], part({"alg": "None"})[:8]),
    "the public key as a password": with_public_key,
    "another key": strangers,
    "changed": changed,
    "empty": lambda *_: "",
    "no token": lambda *_: "x",
    "two dots": lambda *_: "..",
    "five parts": lambda i, c: i.signed(c) + ".x.y",
    "very long": lambda i, c: i.signed(c | {"x": "y" * 12_000}),
    "header is a list": lambda i, c: f"{part([1])}.{part(c)}.x",
    "header is deep": lambda *_: base64.urlsafe_b64encode(b"[" * 9_000).decode() + ".e30.x",
    "header is not text": lambda *_: "\u00e9\u00e9.e30.x",
}  # fmt: skip
WRONG_HEADER: dict[str, dict[str, Any]] = {
    "another algorithm": {"alg": "RS512"},
    "unknown key": {"kid": "key-9"},
    "no text for a key": {"kid": 7},
    "something critical": {"crit": ["b64"], "b64": False},
}
WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "other audience": {"aud": "somebody-else"},
    "audience in a row": {"aud": [CLIENT, "somebody-else"]},
    "audience begins alike": {"aud": CLIENT + "-2"},
    "no audience": {"aud": None},
    "other issuer": {"iss": "https://login.elsewhere.example"},
    "issuer with a slash more": {"iss": "{issuer}/"},
    "no issuer": {"iss": None},
    "expired": {"exp": 1_000_000_000},
    "expires never": {"exp": None},
    "expires in words": {"exp": "tomorrow"},
    "expires truly": {"exp": True},
    "not yet": {"nbf": 32_000_000_000},
    "made tomorrow": {"iat": 32_000_000_000},
    "another sign-in": {"nonce": "n" * 20},
    "no nonce": {"nonce": None},
    "a nonce that is no text": {"nonce": 7},
    "for another application": {"azp": "somebody-else"},
    "about nobody": {"sub": None},
    "about somebody nameless": {"sub": ""},
    "about a number": {"sub": 7},
}


@pytest.mark.parametrize("case", sorted(FORGED))
def test_a_forged_token_lets_nobody_in(browser: Browser, log: io.StringIO, case: str) -> None:
    browser.provider.forge = FORGED[case]
    refused(browser, browser.sign_in(), 403)
    assert "sign-in-refused" in log.getvalue()


@pytest.mark.parametrize("case", sorted(WRONG_HEADER))
def test_a_token_with_a_wrong_header_lets_nobody_in(browser: Browser, case: str) -> None:
    more = WRONG_HEADER[case]
    browser.provider.forge = lambda i, c: with_header(i, c, more)
    refused(browser, browser.sign_in(), 403)


@pytest.mark.parametrize("case", sorted(WRONG_CLAIMS))
def test_a_token_for_somebody_or_something_else_lets_nobody_in(browser: Browser, case: str) -> None:
    issuer = browser.provider.base
    browser.provider.claims |= {
        name: value.replace("{issuer}", issuer) if isinstance(value, str) else value
        for name, value in WRONG_CLAIMS[case].items()
    }
    refused(browser, browser.sign_in(), 403)


def test_a_state_that_was_not_begun_here_leads_nowhere(browser: Browser) -> None:
    target = browser.begin()
    for wrong in (
        re.sub(r"state=[^&]+", "state=guessed", target), re.sub(r"&?state=[^&]+", "", target),
        re.sub(r"state=[^&]+", "state=", target), "/sign-in/callback", "/sign-in/callback?code=x",
        "/sign-in/callback?state=x", target.replace("/callback?", "/callback?state=other&"),
    ):  # fmt: skip
        refused(browser, browser.get(wrong), 400)
    assert "/token" not in browser.provider.asked


def test_what_another_browser_began_is_not_finished_here(browser: Browser) -> None:
    """Whoever is led to a stranger's way back would otherwise work as that stranger."""
    strangers_way_back = browser.begin()
    browser.cookies.clear()
    refused(browser, browser.get(strangers_way_back), 400)
    browser.get("/sign-in")
    refused(browser, browser.get(strangers_way_back), 400)


def test_a_way_back_is_good_once(browser: Browser) -> None:
    target = browser.begin()
    before = dict(browser.cookies)
    assert browser.get(target).status == 200
    assert browser.get(target).status == 400
    # Not even with the cookie as it was: the provider takes no code twice.
    browser.cookies = before
    assert browser.get(target).code == ""
    assert counted(browser.live, tables.pairing_codes) == 1


def test_a_way_back_ends_after_ten_minutes(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, real = browser.begin(), time.time
    monkeypatch.setattr(time, "time", lambda: real() + 601)
    refused(browser, browser.get(target), 400)


def test_a_forged_cookie_is_no_cookie(browser: Browser) -> None:
    target = browser.begin()
    name, value = next(iter(browser.cookies.items()))
    body, dated, signature = value.rsplit(".", 2)
    for forged in (
        body, value[:-2], f"{body}A.{dated}.{signature}", f"{value}xx", "{}", "",
        f"{body}.{dated}.{signature[::-1]}", f"{body}.{dated[::-1]}.{signature}",
    ):  # fmt: skip
        browser.cookies = {name: forged}
        assert browser.get(target).status == 400
    assert "/token" not in browser.provider.asked


def test_a_response_of_another_issuer_is_not_taken(browser: Browser) -> None:
    target = browser.begin()
    refused(browser, browser.get(f"{target}&iss=https%3A%2F%2Flogin.elsewhere.example"), 403)
    assert browser.get(f"{target}&iss={browser.provider.base}").status == 200


def test_whoever_is_refused_there_is_told_so_here(browser: Browser) -> None:
    state = parse_qs(urlsplit(browser.begin()).query)["state"][0]
    for error in ("access_denied", "login_required", "server_error", "<script>alert(1)</script>"):
        page = browser.get(
            f"/sign-in/callback?error={error}&error_description=herons&state={state}"
        )
        refused(browser, page, 403)
        assert "herons" not in page.html
        assert "<script" not in page.html


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/token", (500, {}, b"")),
        ("/token", (200, {}, b"")),
        ("/token", (200, {"Content-Type": "application/json"}, b"[]")),
        ("/token", (200, {"Content-Type": "application/json"}, b"{}")),
        ("/token", (200, {"Content-Type": "application/json"}, b'{"id_token": 7}')),
        ("/token", (200, {"Content-Type": "application/json"}, b'{"access_token": "x"}')),
        ("/token", (200, {"Content-Type": "application/json"}, b"[" * 100_000)),
        ("/token", (200, {}, b"x" * 300_000)),
        ("/token", (307, {"Location": "/other"}, b"")),
        ("/token", (400, {"Content-Type": "application/json"}, b'{"error": "herons"}')),
        ("/jwks", (500, {}, b"")),
        ("/jwks", (200, {}, b"{}")),
        ("/jwks", (200, {}, b'{"keys": 7}')),
        ("/jwks", (200, {}, b"{" + b" " * 300_000 + b"}")),
        ("/jwks", (302, {"Location": "/other"}, b"")),
    ],
)
def test_a_provider_that_answers_nonsense_lets_nobody_in(
    browser: Browser, path: str, answer: tuple[int, dict[str, str], bytes]
) -> None:
    browser.provider.answer = lambda asked: answer if asked == path else None
    page = browser.sign_in()
    refused(browser, page, 403, 503)
    assert "herons" not in page.html
    assert "/other" not in browser.provider.asked


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://login.elsewhere.example"}, {"issuer": None}, {"jwks_uri": None},
        {"token_endpoint": "http://login.council.example/token"}, {"authorization_endpoint": 7},
        {"authorization_endpoint": "javascript:alert(1)"}, {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://[broken"},
    ],
)  # fmt: skip
def test_a_provider_that_is_not_what_it_should_be_is_not_used(
    browser: Browser, said: dict[str, Any]
) -> None:
    browser.provider.metadata |= said
    refused(browser, browser.get("/sign-in"), 503)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"[" * 100_000, b" " * 300_000])
def test_a_description_that_is_none_is_an_outage(browser: Browser, body: bytes) -> None:
    browser.provider.answer = lambda _: (200, {}, body)
    refused(browser, browser.get("/sign-in"), 503)


def test_a_provider_that_is_down_is_told_on_a_page_and_comes_back(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    monkeypatch.setattr(providers, "RETRY_S", -1)
    browser.provider.answer = lambda _: (503, {}, b"herons")
    page = browser.get("/sign-in")
    refused(browser, page, 503)
    assert "does not answer" in page.text
    assert "identity-provider-unavailable" in log.getvalue()
    assert "herons" not in log.getvalue()
    browser.provider.answer = lambda _: None
    assert browser.sign_in().status == 200


def test_in_an_outage_the_provider_is_asked_now_and_then(browser: Browser) -> None:
    browser.provider.answer = lambda _: (503, {}, b"")
    for _ in range(10):
        assert browser.get("/sign-in").status == 503
    assert len(browser.provider.asked) == 1


def test_a_provider_that_is_slow_is_not_waited_for(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "DEADLINE_S", 0.3)
    browser.provider.stall_s = 3
    refused(browser, browser.get("/sign-in"), 503)
    assert browser.live.call("GET", "/v1/health", token=None).status == 200


def test_a_provider_that_cannot_prove_its_name_is_not_used(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    refused(browser, browser.get("/sign-in"), 503)
    assert browser.provider.asked == []


def test_new_keys_of_the_provider_are_fetched_when_they_are_needed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "RETRY_S", -1)
    assert browser.sign_in().status == 200
    assert browser.sign_in().status == 200
    assert browser.provider.asked.count("/jwks") == 1
    browser.provider.key = new_key("key-new")
    browser.provider.published = [KEYS[0], {"kty": "oct", "k": "eA"}, browser.provider.key]
    assert browser.sign_in().status == 200
    assert browser.provider.asked.count("/jwks") == 2
    # The old key is no longer published, and no longer counts.
    browser.provider.published = [KEYS[1]]
    browser.provider.header["kid"] = "key-gone"
    assert browser.sign_in().status == 403
    browser.provider.key = KEYS[0]
    browser.provider.header.clear()
    assert browser.sign_in().status == 403


def test_keys_for_other_purposes_sign_nobody_in(browser: Browser) -> None:
    browser.provider.published = [KEYS[0].as_dict(private=False) | {"use": "enc"}]
    refused(browser, browser.sign_in(), 403)


def test_a_client_with_a_secret_proves_itself(
    started: Started, provider: Idp, authority: Any, tmp_path: Any
) -> None:
    secret = tmp_path / "client-secret"
    secret.write_text("herons and gannets\n")
    provider.secret = "herons and gannets"
    service = SIGN_IN.replace(
        "[sign_in.roles]", f'client_secret_file = "{secret}"\n[sign_in.roles]'
    )
    browser = Browser(started(service), provider, authority)
    assert browser.sign_in().status == 200
    provider.secret = "something else"
    assert browser.sign_in().status == 403


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"])
def test_a_secret_that_cannot_be_read_is_told_at_start(
    installation: Installation, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "client-secret"
    if content is not None:
        file.write_bytes(content)
    sign_in = SignIn(issuer="https://x.example", client_id="x", client_secret_file=file)
    installation.department = Department(public="https://y.example", sign_in=sign_in)
    with pytest.raises(DepartmentInvalid, match="client_secret_file"):
        create_app(installation, "127.0.0.1", 1)


def test_what_is_not_installed_is_told_at_start(settings: Settings) -> None:
    settings.data.mkdir()
    settings.department_file.write_text(
        f'public = "https://y.example"\n{SIGN_IN}'.replace("{issuer}", "https://x.example")
    )
    code = (
        "import sys; sys.modules['authlib'] = None; sys.argv[0] = 'addin-service'; "
        "from addin_service.cli import main; main()"
    )
    place = ["--data", str(settings.data), "--organisation", str(settings.organisation)]
    done = subprocess.run(
        [sys.executable, "-c", code, *place, "serve", "--port", "0"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "hint: pip install --require-hashes -r requirements-server.txt" in done.stderr
    assert "Traceback" not in done.stderr


CROSS = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}


def test_a_person_is_led_to_the_sign_in_and_back_and_a_page_is_not(browser: Browser) -> None:
    target = browser.begin()
    for path in ("/sign-in", target):
        for change in (
            {"Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"}, {"Sec_Fetch_Dest": "iframe"},
            {"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"}, {"Sec_Fetch_Mode": ""},
            {"Origin": "https://evil.example"}, {"Origin": "null"},
        ):  # fmt: skip
            assert browser.get(path, **CROSS | change).status == 403
    assert "/token" not in browser.provider.asked
    assert browser.get("/sign-in", **CROSS).status == 302
    assert browser.get(target, **CROSS | {"Sec_Fetch_Site": "same-site"}).status == 200
    # To everything else nobody is led.
    assert browser.get("/v1/health", **CROSS).status == 403


def test_there_is_no_way_to_be_sent_on_from_here(browser: Browser) -> None:
    for query in ("next=https://evil.example", "redirect_uri=https://evil.example", "url=//evil"):
        page = browser.get(f"/sign-in?{query}")
        assert "evil" not in page.headers["Location"]
        page = browser.get(f"{browser.begin()}&{query}")
        assert page.status == 200
        assert "evil" not in page.html + str(page.headers)


def test_a_department_has_two_public_pages_more_and_a_desk_has_none(
    browser: Browser, tmp_path: Path
) -> None:
    here = create_app(browser.live.installation, "127.0.0.1", 1)
    alone = open_installation(Settings(tmp_path / "desk", tmp_path / "nothing"))
    desk = create_app(alone, "127.0.0.1", 1)
    rules = [
        {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
        for app in (here.app, desk.app)  # type: ignore[attr-defined]
    ]
    more = {one for one in rules[0] - rules[1] if one[0] not in ("HEAD", "OPTIONS")}
    assert more == {("GET", "/sign-in"), ("GET", "/sign-in/callback")} == PAGES == here.pages
    assert desk.pages == frozenset()
    with serving(alone) as live:
        for path in ("/sign-in", "/sign-in/callback", "/sign-in/", "/sign-in/x"):
            assert live.call("GET", path, token=None).status == 401
    alone.close()
    for path in ("/sign-in/", "/sign-in/x", "/sign-in/callback/", "/sign-in//callback", "/Sign-in"):
        assert browser.get(path).status == 401
    for method in ("POST", "DELETE"):
        assert browser.live.call(method, "/sign-in", {}, None).status == 401


def test_a_bug_on_the_way_back_is_a_number_on_a_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("herons")

    target = browser.begin()
    monkeypatch.setattr(membership, "signed_in", fail)
    page = browser.get(target)
    refused(browser, page, 500)
    assert re.search(r"incident [0-9a-f]{8}\.", page.text)
    assert "herons" not in page.html + log.getvalue()


def test_whoever_fails_too_often_waits_and_whoever_does_not_goes_on(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RULES, "sign-in", type(RULES["sign-in"])(3, 0.001))  # type: ignore[index]
    for _ in range(20):
        assert browser.sign_in().status == 200
    for _ in range(8):
        assert browser.get("/sign-in/callback?code=x&state=y").status == 400
    statuses = [
        browser.get(re.sub(r"code=[^&]+", "code=guessed", browser.begin())).status for _ in range(5)
    ]
    assert statuses == [403, 403, 403, 429, 429]
    asked = browser.provider.asked.count("/token")
    target = browser.begin()
    page = browser.get(target)
    assert page.status == 429
    assert int(page.headers["Retry-After"]) >= 1
    assert "too often" in page.text
    assert browser.provider.asked.count("/token") == asked


def test_many_begun_sign_ins_do_not_fill_the_cookie(browser: Browser) -> None:
    for _ in range(30):
        browser.get("/sign-in")
        assert len(next(iter(browser.cookies.values()))) < 3500
    assert browser.sign_in().status == 200


def test_a_code_of_the_page_ends_like_every_other(browser: Browser) -> None:
    page = browser.sign_in()
    with browser.live.installation.store.write() as connection:
        connection.execute(tables.pairing_codes.update().values(expires=times.text(times.now())))
    assert browser.live.call("POST", "/v1/pair", {"code": page.code}, None).status == 403
