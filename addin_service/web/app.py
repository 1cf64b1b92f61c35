"""The Flask application: the only place where the parts of the service are connected."""

import secrets
import time
from collections.abc import Callable

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from addin_service.catalogues import Languages, shipped
from addin_service.department import Unequipped
from addin_service.installation import Installation
from addin_service.language import paragraph, say
from addin_service.log import log, place
from addin_service.policy.load import PolicyInvalid
from addin_service.settings import MAX_BODY_BYTES, MAX_SEAL_BYTES
from addin_service.store.clients import Client
from addin_service.store.engine import StoreUnavailable
from addin_service.web import access, errors
from addin_service.web.access import KEY, LANGUAGES, LIMITS
from addin_service.web.api import (
    check,
    connection,
    contacts,
    keys,
    learning,
    openapi,
    operators,
    pairing,
    requests,
    seal,
)
from addin_service.web.forms import InMemoryRequest
from addin_service.web.guard import CLIENT, PAGES, Guard
from addin_service.web.limits import Limits
from addin_service.web.metrics import KEY as METRICS
from addin_service.web.metrics import Metrics, metrics
from addin_service.web.posture import allowed_hosts

PARTS = (
    check, connection, contacts, keys, learning, openapi, operators, pairing, requests, seal,
)  # fmt: skip


def create_app(
    installation: Installation, host: str, port: int, languages: Languages | None = None
) -> Guard:
    """The service as a WSGI application, guard first. It speaks what is shipped, or `languages`."""
    languages = languages or shipped()
    app = Flask("addin_service", static_folder=None, template_folder=None)
    app.request_class = InMemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_SEAL_BYTES  # the guard knows the limit of each path
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_SEAL_BYTES
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.url_map.merge_slashes = False  # it would redirect, in HTML
    app.extensions[KEY] = installation
    app.extensions[METRICS] = counted = Metrics(installation)
    limits = Limits(installation.store, installation.secret, installation.department is not None)
    app.extensions[LIMITS] = limits
    app.extensions[LANGUAGES] = languages
    for part in PARTS:
        app.register_blueprint(part.blueprint)
    app.before_request(_before)
    app.after_request(_after)
    app.register_error_handler(errors.Problem, _problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StoreUnavailable, _unavailable)
    app.register_error_handler(PolicyInvalid, _no_policy)
    app.register_error_handler(Exception, _bug)
    bearer = _signed_in_elsewhere(app, installation)
    return Guard(
        app, installation.store, allowed_hosts(host, port), MAX_BODY_BYTES,
        installation.department, limits, PAGES if "sign_in" in app.blueprints else frozenset(),
        bearer, counted.guarded, languages,
    )  # fmt: skip


def _signed_in_elsewhere(
    app: Flask, installation: Installation
) -> Callable[[str], Client | None] | None:
    """Whose word counts beside our own tokens: the pages to sign in, and Outlook's tokens."""
    shape = installation.department
    if shape is None or not (shape.sign_in or shape.outlook_sign_in):
        return None
    try:
        from addin_service.web import identity, sign_in
    except ImportError as missing:
        if (missing.name or "").partition(".")[0] not in ("authlib", "joserfc", "requests"):
            raise
        raise Unequipped from None
    sign_in.register(app, installation, shape)
    return identity.bearer(installation)


def _before() -> None:
    g.client = request.environ.get(CLIENT)
    g.began = time.monotonic()


def _after(response: Response) -> Response:
    for name, value in g.get("headers", errors.HEADERS).items():
        response.headers[name] = value
    response.headers["Content-Language"] = access.language().tag
    response.vary.add("Accept-Language")
    client: Client | None = g.get("client")
    route = request.url_rule.rule if request.url_rule else "none"
    metrics().answered(route, response.status_code, time.monotonic() - g.began)
    log.info(
        "answered",
        route=route,
        status=response.status_code,
        client=client.id if client else "",
    )
    return response


def _answer(problem: errors.Problem) -> Response:
    metrics().refused(problem.code)
    return Response(
        problem.body(access.language()),
        problem.status,
        problem.headers,
        content_type="application/json",
    )


def _problem(problem: errors.Problem) -> Response:
    return _answer(problem)


def _http(error: HTTPException) -> Response:
    return _answer(errors.from_http(error))


def _unavailable(unavailable: StoreUnavailable) -> Response:
    log.error("store-unavailable", kind=unavailable.kind)
    metrics().store_failed(unavailable)
    return _answer(errors.plain(503))


def _no_policy(_invalid: PolicyInvalid) -> Response:
    return _answer(
        errors.Problem(
            503,
            "no-policy",
            say("There is no valid policy to decide by."),
            say("`addin-service policy check` names the line that is wrong."),
        )
    )


def _bug(error: Exception) -> Response:
    # The text of an exception can hold whatever was being worked on; its kind cannot.
    incident = secrets.token_hex(4)
    log.error("incident", incident=incident, error=type(error).__name__, route=place(error))
    problem = errors.plain(500)
    message = paragraph(problem.message, say("Incident {incident}.", incident=incident))
    return _answer(errors.Problem(500, problem.code, message, problem.hint))
