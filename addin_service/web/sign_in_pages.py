"""The pages of the sign-in: plain HTML without script, for people who see it once."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from markupsafe import Markup

from addin_service.catalogues import ENGLISH, Language
from addin_service.language import NOTHING, Words, say, say_n
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
    '<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="robots" content="noindex">\n'
    "<title>{title} – Last Look</title>\n<style>{style}</style>\n</head>\n"
    "<body>\n<main>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a page: its HTML, with `{}` where the text belongs."""

    frame: Markup
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its status, before it is told in anybody's language."""

    status: int
    title: Words
    parts: tuple[Part, ...]

    def html(self, language: Language = ENGLISH) -> str:
        """The whole page."""
        told = [part.frame.format(language.tell(part.text)) for part in self.parts]
        return str(
            _PAGE.format(
                language=language.tag,
                title=language.tell(self.title),
                style=_STYLE,
                content=Markup().join(told),
            )
        )


def _said(*texts: str) -> tuple[Part, ...]:
    return tuple(Part(Markup("<p>{}</p>\n"), text) for text in texts if text)


def _link(text: Words) -> Part:
    return Part(Markup('<p><a href="/sign-in">{}</a></p>\n'), text)


_AGAIN = _link(say("Sign in again"))
_MISSING = say(
    "Is a mailbox missing? Ask your helpdesk to add it; it then counts at once, and you need not "
    "sign in again."
)


def signed_in(name: str, bound: Iterable[Bound], code: str) -> Page:
    """Who it is, as whom they may send, and the code for their mail program."""
    mailboxes = dict.fromkeys(one.mailbox for one in bound)
    listed = Markup().join(Markup("<li>{}</li>\n").format(one) for one in mailboxes)
    minutes = int(CODE_LIFE.total_seconds() // 60)
    life = _LIVES.get(minutes) or say_n("{count} minute", "{count} minutes", minutes)
    typed = say(
        "In Outlook or Thunderbird, open Last Look and type it there. It is good once, for {life}.",
        life=life,
    )
    return Page(
        200,
        say("Type this code into your mail program"),
        (
            Part(Markup('<p class="code">{}</p>\n'), code),
            *_said(typed),
            *_said(say("You are signed in as {name}. You may send as:", name=name)),
            Part(Markup("<ul>\n{}</ul>\n"), listed),
            *_said(_MISSING),
            _link(say("Get another code")),
        ),
    )


_LIVES = {1: say("one minute"), 2: say("two minutes"), 5: say("five minutes")}


def nobody(name: str) -> Page:
    """Somebody who has no mailbox here."""
    said = (
        say("You are signed in as {name}.", name=name) if name else NOTHING,
        say(
            "Your organisation's sign-in names no mailbox of yours, so there is nothing to connect."
        ),
        say("Ask your helpdesk to add your mailbox, then sign in again."),
    )
    return Page(403, say("No mailbox is yours here"), (*_said(*said), _AGAIN))


def refused(kind: str) -> Page:
    """A sign-in that did not end well. `kind` is one of our own words."""
    if kind == "mismatching_state":
        said = (
            say(
                "It was begun in another browser, was used already, or took longer than ten "
                "minutes."
            ),
            say("Nothing was changed."),
        )
        return Page(400, say("This sign-in cannot be finished"), (*_said(*said), _AGAIN))
    if kind in ("access_denied", "login_required"):
        title = say("Your organisation's sign-in did not let you in")
        said = (
            say("Nothing was changed."),
            say("Your helpdesk knows who may use Last Look."),
        )
        return Page(403, title, (*_said(*said), _AGAIN))
    said = (
        say("What came back from it does not prove who you are. Nothing was changed."),
        say("If it happens again, tell your helpdesk this word: {kind}.", kind=kind),
    )
    return Page(403, say("Your sign-in could not be checked"), (*_said(*said), _AGAIN))


def problem(status: int, message: Words, hint: Words) -> Page:
    """A refusal that other routes tell in JSON."""
    return Page(status, say("Not now"), (*_said(message, hint), _AGAIN))


def incident(number: str) -> Page:
    """A bug."""
    said = (
        say("Something broke in the service."),
        say("Tell your helpdesk: incident {incident}.", incident=number),
    )
    return Page(500, say("That did not work"), (*_said(*said), _AGAIN))


DISABLED = Page(
    403,
    say("Your access has ended"),
    _said(
        say("Last Look is no longer open to you."),
        say("Your helpdesk can give the access back."),
    ),
)
OUTAGE = Page(
    503,
    say("Your organisation's sign-in does not answer"),
    (*_said(say("Nothing is wrong with your account. Try again in a minute.")), _AGAIN),
)
STORE = Page(
    503,
    say("Last Look cannot make a code now"),
    (*_said(say("Its record cannot be written. Try again in a minute.")), _AGAIN),
)
