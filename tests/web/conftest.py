"""A department whose people sign in at a provider of the tests' own."""

import http.client
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from addin_service.installation import Installation, open_installation
from addin_service.settings import Settings
from tests.conftest import Live, serving, with_record
from tests.sources.tls import Authority
from tests.web import idp
from tests.web.idp import AUDIENCE, CLIENT, Idp

PUBLIC = "https://lastlook.council.example"


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Whoever signs the provider's certificate."""
    return Authority()


@pytest.fixture
def provider(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Idp]:
    """A provider whose certificate this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(idp.root_file(authority, tmp_path)))
    with idp.serving(authority) as running:
        yield running


Started = Callable[[str], Live]


@pytest.fixture
def started(
    settings: Settings, provider: Idp, log: io.StringIO
) -> Iterator[Callable[[str], Live]]:  # fmt: skip
    """Start the department with this service.toml; `{issuer}` in it is the provider's."""
    opened: list[Installation] = []
    running = []

    def start(service: str) -> Live:
        with_record(settings)
        text = service.replace("{issuer}", provider.base)
        settings.department_file.write_text(f'public = "{PUBLIC}"\n{text}')
        opened.append(open_installation(settings))
        running.append(serving(opened[-1]))
        return running[-1].__enter__()

    yield start
    for one in running:
        one.__exit__(None, None, None)
    for installation in opened:
        installation.close()


SIGN_IN = f"""
[sign_in]
issuer = "{{issuer}}"
client_id = "{CLIENT}"
mailbox_claims = ["email", "others"]
[sign_in.roles]
helpdesk = ["LL-Helpdesk"]
"""
OUTLOOK = f"""
[outlook_sign_in]
issuer = "{{issuer}}"
audience = "{AUDIENCE}"
"""


@pytest.fixture
def department(started: Started) -> Live:
    """People sign in there, and Outlook brings its tokens."""
    return started(SIGN_IN + OUTLOOK)


@dataclass
class Page:
    """What a browser was shown, or where it was sent."""

    status: int
    headers: dict[str, str]
    html: str

    @property
    def code(self) -> str:
        """The pairing code on the page; empty where there is none."""
        found = re.search(r'<p class="code">([A-Z0-9-]+)</p>', self.html)
        return found[1] if found else ""

    @property
    def text(self) -> str:
        """The words on the page."""
        words: list[str] = []
        parser = HTMLParser()
        parser.handle_data = words.append  # type: ignore[method-assign]
        parser.feed(self.html.partition("<body>")[2])
        return " ".join(" ".join(words).split())


@dataclass
class Browser:
    """Follows one step at a time and keeps its cookies, as far as this sign-in needs that."""

    live: Live
    provider: Idp
    authority: Authority
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, target: str, **headers: str) -> Page:
        """A page of the service."""
        connection = http.client.HTTPConnection("127.0.0.1", self.live.port, timeout=20)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        try:
            connection.request("GET", target, headers=given)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return Page(answer.status, dict(answer.headers), answer.read().decode())
        finally:
            connection.close()

    def begin(self) -> str:
        """Go to the sign-in; where the provider sends one back, as path and query."""
        page = self.get("/sign-in")
        assert page.status == 302, page.html
        return self.authorize(page.headers["Location"])

    def authorize(self, location: str) -> str:
        """Sign in at the provider."""
        parts = urlsplit(location)
        assert f"{parts.scheme}://{parts.netloc}" == self.provider.base
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        back = self.provider.authorize(query)
        assert back.startswith(f"{PUBLIC}/sign-in/callback?")
        return back.removeprefix(PUBLIC)

    def sign_in(self) -> Page:
        """The whole way."""
        return self.get(self.begin())


@pytest.fixture
def browser(department: Live, provider: Idp, authority: Authority) -> Browser:
    """A browser of somebody in the department."""
    return Browser(department, provider, authority)
