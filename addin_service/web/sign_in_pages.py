"""The pages of the sign-in: plain HTML without script, for people who see it once."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from markupsafe import Markup

from addin_service.store.clients import CODE_LIFE
from addin_service.store.people import Bound
from addin_service.web.errors import HEADERS as USUAL

_STYLE = Markup("""
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1d2327; --accent: #1f5f80; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #1b1f22; --ink: #eceae4; --accent: #8cc8e6; }
}
html { background: var(--paper); color: var(--ink); }
body { font: 1.125rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 34rem; padding: 1.5rem;
  overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; }
.code { border: 0.125rem solid; border-radius: 0.5rem; padding: 0.75rem;
  font: 700 2.25rem/1.2 ui-monospace, monospace; letter-spacing: 0.08em;
  text-align: center; user-select: all; }
a { color: var(--accent); }
a:focus-visible { outline: 0.1875rem solid; outline-offset: 0.125rem; }
""")
_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()

HEADERS = USUAL | {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
}

_PAGE = Markup(
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="robots" content="noindex">\n'
    "<title>{title} – Last Look</title>\n<style>{style}</style>\n</head>\n"
    "<body>\n<main>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n"
)
_AGAIN = Markup('<p><a href="/sign-in">Sign in again</a></p>\n')
_MISSING = (
    "Is a mailbox missing? Ask your helpdesk to add it; it then counts at once, and you need not "
    "sign in again."
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its status."""

    status: int
    html: str


def _page(status: int, title: str, content: Iterable[Markup]) -> Page:
    return Page(
        status,
        str(_PAGE.format(title=title, style=_STYLE, content=Markup().join(content))),
    )


def _said(*texts: str) -> list[Markup]:
    return [Markup("<p>{}</p>\n").format(text) for text in texts if text]


def signed_in(name: str, bound: Iterable[Bound], code: str) -> Page:
    """Who it is, as whom they may send, and the code for their mail program."""
    minutes = int(CODE_LIFE.total_seconds() // 60)
    mailboxes = dict.fromkeys(one.mailbox for one in bound)
    listed = Markup().join(Markup("<li>{}</li>\n").format(one) for one in mailboxes)
    return _page(
        200,
        "Type this code into your mail program",
        [
            Markup('<p class="code">{}</p>\n').format(code),
            *_said(
                f"In Outlook or Thunderbird, open Last Look and type it there. It is good once, "
                f"for {_NUMBERS.get(minutes, str(minutes))} minutes."
            ),
            *_said(f"You are signed in as {name}. You may send as:"),
            Markup("<ul>\n{}</ul>\n").format(listed),
            *_said(_MISSING),
            Markup('<p><a href="/sign-in">Get another code</a></p>\n'),
        ],
    )


_NUMBERS = {1: "one", 2: "two", 3: "three", 5: "five", 10: "ten"}


def nobody(name: str) -> Page:
    """Somebody who has no mailbox here."""
    said = (
        f"You are signed in as {name}." if name else "",
        "Your organisation's sign-in names no mailbox of yours, so there is nothing to connect.",
        "Ask your helpdesk to add your mailbox, then sign in again.",
    )
    return _page(403, "No mailbox is yours here", [*_said(*said), _AGAIN])


def refused(kind: str) -> Page:
    """A sign-in that did not end well. `kind` is one of our own words."""
    if kind == "mismatching_state":
        said = (
            "It was begun in another browser, was used already, or took longer than ten minutes.",
            "Nothing was changed.",
        )
        return _page(400, "This sign-in cannot be finished", [*_said(*said), _AGAIN])
    if kind in ("access_denied", "login_required"):
        title = "Your organisation's sign-in did not let you in"
        said = ("Nothing was changed.", "Your helpdesk knows who may use Last Look.")
        return _page(403, title, [*_said(*said), _AGAIN])
    said = (
        "What came back from it does not prove who you are. Nothing was changed.",
        f"If it happens again, tell your helpdesk this word: {kind}.",
    )
    return _page(403, "Your sign-in could not be checked", [*_said(*said), _AGAIN])


def problem(status: int, message: str, hint: str) -> Page:
    """A refusal that other routes tell in JSON."""
    return _page(status, "Not now", [*_said(message, hint), _AGAIN])


def incident(number: str) -> Page:
    """A bug."""
    said = ("Something broke in the service.", f"Tell your helpdesk: incident {number}.")
    return _page(500, "That did not work", [*_said(*said), _AGAIN])


DISABLED = _page(
    403,
    "Your access has ended",
    _said("Last Look is no longer open to you.", "Your helpdesk can give the access back."),
)
OUTAGE = _page(
    503,
    "Your organisation's sign-in does not answer",
    [*_said("Nothing is wrong with your account. Try again in a minute."), _AGAIN],
)
STORE = _page(
    503,
    "Last Look cannot make a code now",
    [*_said("Its record cannot be written. Try again in a minute."), _AGAIN],
)
