"""`GET /sign-in`: people sign in where their organisation has them do so, and get a pairing code.

OpenID Connect, code flow with PKCE. No session is kept: the cookie holds what the way there and
back needs, for ten minutes, and the code is all that comes of it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from flask import Blueprint, Flask, Response, g, request, session

from addin_service import membership
from addin_service.department import Department, DepartmentInvalid, SignIn
from addin_service.installation import Installation
from addin_service.log import log, place
from addin_service.membership import Vouched
from addin_service.store import clients, people, times
from addin_service.store.engine import StoreUnavailable
from addin_service.store.people import Bound, Person
from addin_service.web import access, identity, sign_in_pages
from addin_service.web.errors import Problem
from addin_service.web.identity import NotValid
from addin_service.web.limits import peer
from addin_service.web.provider import Bounded, Provider, Unavailable
from addin_service.web.sign_in_pages import Page

LIFE = timedelta(minutes=10)
COOKIE = "__Host-last-look-sign-in"
SCOPE = "openid profile email"
MOST_BEGUN = 3
"""Sign-ins that one browser may have begun: a cookie holds no more."""
CALLBACK = "/sign-in/callback"


class _Session(Bounded, OAuth2Session):  # type: ignore[misc]
    """Authlib's session, within our limits."""


class _App(FlaskOAuth2App):  # type: ignore[misc]
    """Authlib's part: the way there, state, PKCE and the exchange of the code."""

    client_cls = _Session
    provider: Provider

    def load_server_metadata(self) -> dict[str, Any]:
        """Only what the exchange needs, as our own look-up found it."""
        said = self.provider.metadata()
        return {name: said[name] for name in ("authorization_endpoint", "token_endpoint")}

    def parse_id_token(self, token: Mapping[str, Any], nonce: str, **_: Any) -> Mapping[str, Any]:
        """The claims, checked as those of every other token."""
        said = token.get("id_token")
        if not isinstance(said, str):
            raise NotValid("form")
        return identity.verified(self.provider, said, self.client_id, nonce)


@dataclass(frozen=True, slots=True)
class _Way:
    """All that the two routes need."""

    app: Any
    provider: Provider
    shape: SignIn
    redirect_uri: str


def register(app: Flask, installation: Installation, department: Department) -> None:
    """Add the two routes. Raises `DepartmentInvalid` where the client's secret cannot be read."""
    shape = department.sign_in
    if shape is None:
        return
    app.config.update(
        SECRET_KEY=installation.secret.derive("sign-in cookie"),
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFE,
    )
    provider = Provider(shape.issuer)
    framework = FlaskIntegration("last-look")
    framework.expires_in = int(LIFE.total_seconds())
    secret = _secret(shape)
    there = _App(
        framework,
        name="last-look",
        client_id=shape.client_id,
        client_secret=secret,
        client_kwargs={
            "scope": SCOPE,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
        },
        user_agent="LastLook",
    )
    there.provider = provider
    way = _Way(there, provider, shape, department.public + CALLBACK)
    blueprint = Blueprint("sign_in", __name__)
    blueprint.add_url_rule("/sign-in", "begin", lambda: _told(lambda: _begin(way)))
    blueprint.add_url_rule(CALLBACK, "callback", lambda: _told(lambda: _callback(way)))
    app.register_blueprint(blueprint)


def _secret(shape: SignIn) -> str | None:
    if shape.client_secret_file is None:
        return None
    try:
        found = shape.client_secret_file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        found = ""
    if not found:
        raise DepartmentInvalid("sign_in.client_secret_file: cannot be read, or is empty")
    return found


def _told(view: Any) -> Response:
    """What goes wrong is told to a person, on a page: nobody else comes here."""
    g.headers = sign_in_pages.HEADERS
    try:
        answer: Response = view()
        return answer
    except Problem as problem:
        page = sign_in_pages.problem(problem.status, problem.message, problem.hint)
        return _response(page, problem.headers)
    except Unavailable as unavailable:
        log.error("sign-in-failed", kind=unavailable.kind)
        return _response(sign_in_pages.OUTAGE)
    except StoreUnavailable as unavailable:
        log.error("store-unavailable", kind=unavailable.kind)
        return _response(sign_in_pages.STORE)
    except Exception as error:
        incident = secrets.token_hex(4)
        log.error("incident", incident=incident, error=type(error).__name__, route=place(error))
        return _response(sign_in_pages.incident(incident))


def _begin(way: _Way) -> Response:
    if len(session) >= MOST_BEGUN:
        session.clear()
    answer: Response = way.app.authorize_redirect(way.redirect_uri)
    session.permanent = True
    return answer


def _callback(way: _Way) -> Response:
    limits, who = access.limits(), peer(request.environ)
    limits.require("sign-in", who)
    try:
        claims = _claims(way)
        person = membership.signed_in(access.installation(), _vouched(way, claims))
    except (OAuthError, NotValid) as refusal:
        kind = _kind(refusal)
        log.warning("sign-in-refused", kind=kind)
        if kind != "mismatching_state":  # which cost nobody anything
            limits.failed("sign-in", who)
        return _response(sign_in_pages.refused(kind))
    if person.disabled:
        return _response(sign_in_pages.DISABLED)
    bound, code = _code(person)
    if not bound:
        return _response(sign_in_pages.nobody(person.name))
    return _response(sign_in_pages.signed_in(person.name, bound, code))


def _claims(way: _Way) -> Mapping[str, Any]:
    """The claims of whoever comes back. Raises `OAuthError`, `NotValid`, `Unavailable`."""
    if request.args.get("iss", way.provider.issuer) != way.provider.issuer:
        raise NotValid("issuer")
    try:
        token = way.app.authorize_access_token()
    except OAuthError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        if isinstance(error, NotValid):
            raise
        raise NotValid("answer") from None
    except Unavailable:
        raise
    except OSError as error:  # as which requests tells an answer such as 500
        raise Unavailable(type(error).__name__) from None
    claims = token.get("userinfo")
    if not isinstance(claims, Mapping):
        raise NotValid("answer")
    return claims


def _vouched(way: _Way, claims: Mapping[str, Any]) -> Vouched:
    said = claims.get(way.shape.roles_claim)
    words = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return Vouched(
        way.provider.issuer,
        identity.subject(claims),
        identity.name_in(claims),
        identity.mailboxes(claims, way.shape.mailbox_claims),
        membership.roles_for(
            {str(role): given for role, given in way.shape.roles.items()},
            [word for word in words if isinstance(word, str)],
        ),
    )


def _code(person: Person) -> tuple[list[Bound], str]:
    """As whom the person may send, and a code for them where that is anybody."""
    store = access.installation().store
    with store.read() as connection:
        bound = people.mailboxes(connection, person.id)
    if not bound:
        return [], ""
    with store.write() as connection:
        return bound, clients.new_code(connection, "", "sender", times.now(), person.id)


def _kind(refusal: OAuthError | NotValid) -> str:
    """For the log: never what the other side wrote."""
    if isinstance(refusal, NotValid):
        return refusal.reason
    known = ("mismatching_state", "access_denied", "invalid_grant", "login_required")
    return refusal.error if refusal.error in known else "refused"


def _response(page: Page, more: Mapping[str, str] | None = None) -> Response:
    return Response(
        page.html(access.language()), page.status, dict(more or {}), content_type="text/html"
    )
