"""Werkzeug, 2024: a page of an attacker could reach the debugger on a developer's machine and talk it
into running code. What we ship has none, and a failure tells a number to quote and nothing else.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import addin_service
from addin_service import keyring, learning, seal
from addin_service.installation import Installation
from addin_service.store import clients, contacts, requests
from addin_service.store.engine import StoreUnavailable
from addin_service.web import wire
from addin_service.web.api import openapi
from addin_service.web.app import create_app
from tests.conftest import serving
from tests.security.raw import PERSONAL, Line, Route, Target, in_shape, message, state

WORDS = ("herons", "Traceback", "addin_service", "site-packages", "werkzeug", "flask", "waitress",
         "python", "File \"", "<html", "<!doctype", "line ", "RuntimeError", "KeyError", "sqlite",
         addin_service.__version__)  # fmt: skip


def breaking(*_: object, **__: object) -> Any:
    """What a view calls, and how it fails: with a text that is nobody's business."""
    local_variable = "gannet"
    raise RuntimeError(f"herons of quillfeather, {local_variable}, {__file__}")


Break = Callable[[pytest.MonkeyPatch, Installation], None]
BREAKS: dict[str, Break] = {
    "check": lambda patch, at: patch.setattr(at.reviewer, "check", breaking),
    "contacts": lambda patch, _: patch.setattr(contacts, "search", breaking),
    "openapi": lambda patch, _: patch.setattr(openapi, "build", breaking),
    "operators": lambda patch, at: patch.setattr(at.policies, "current", breaking),
    "connection": lambda patch, at: patch.setattr(at.policies, "current", breaking),
    "pairing": lambda patch, _: patch.setattr(clients, "redeem", breaking),
    "seal": lambda patch, _: patch.setattr(seal, "seal", breaking),
    "keys": lambda patch, _: patch.setattr(keyring, "letter", breaking),
    "learning": lambda patch, _: patch.setattr(learning, "learn_book", breaking),
    "requests": lambda patch, _: patch.setattr(requests, "listed", breaking),
}
ASKED = {
    "check": "/v1/check", "contacts": "/v1/contacts/search", "openapi": "/v1/openapi.json",
    "operators": "/v1/ready", "connection": "/v1/about", "pairing": "/v1/pair", "keys": "/v1/keys/ask", "learning": "/v1/book",
    "requests": "/v1/requests", "seal": "/v1/seal",
}  # fmt: skip


def ask(target: Target, blueprint: str) -> bytes:
    """A request that the broken part of this blueprint serves."""
    method = "GET" if blueprint in ("connection", "openapi", "operators", "requests") else "POST"
    return target.valid(Route(method, ASKED[blueprint], ASKED[blueprint]))


def test_every_blueprint_is_broken_below(installation: Installation) -> None:
    app: Any = create_app(installation, "127.0.0.1", 1).app
    assert set(app.blueprints) == set(BREAKS)
    assert not app.debug
    assert not app.testing
    assert app.config["PROPAGATE_EXCEPTIONS"] is False


@pytest.mark.parametrize("blueprint", sorted(BREAKS))
def test_a_failure_tells_a_number_and_nothing_else(
    target: Target, monkeypatch: pytest.MonkeyPatch, blueprint: str
) -> None:
    BREAKS[blueprint](monkeypatch, target.live.installation)
    with target.unharmed(), Line(target.port) as line:
        reply = line.ask(ask(target, blueprint))
    in_shape(reply, 500)
    said = json.loads(reply.body)["error"]
    incident = re.fullmatch(
        r"Something broke in the service\. Incident ([0-9a-f]{8})\.", said["message"]
    )
    assert incident
    for word in WORDS:
        assert word.lower() not in (reply.body.decode() + str(reply.headers)).lower()
    logged = [json.loads(one) for one in target.log.getvalue().splitlines()]
    found = [one for one in logged if one["event"] == "incident"]
    assert [one["incident"] for one in found] == [incident[1]]
    assert "RuntimeError" in found[0]["error"]


@pytest.mark.parametrize(
    "variable", ["FLASK_DEBUG", "FLASK_ENV", "WERKZEUG_RUN_MAIN", "PYTHONDEBUG"]
)
def test_no_variable_of_the_environment_turns_a_debugger_on(
    target: Target, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "development" if variable == "FLASK_ENV" else "1")
    with serving(target.live.installation) as debugged, Line(int(debugged.port)) as line:
        monkeypatch.setattr(debugged.installation.reviewer, "check", breaking)
        host = ("Host", f"127.0.0.1:{debugged.port}")
        kind, token = ("Content-Type", "application/json"), f"Bearer {debugged.token}"
        before = state(debugged.installation)
        sent = message(
            "POST", "/v1/check", host, kind, ("Authorization", token), body=target.body("/v1/check")
        )
        in_shape(line.ask(sent), 500)
        for path in ("/console", "/?__debugger__=yes&cmd=resource&f=debugger.js", "/v1//check"):
            in_shape(line.ask(message("GET", path, host, ("Authorization", token))), 404)
        assert state(debugged.installation) == before
    target.says_nothing_personal()


@pytest.mark.parametrize("kind", [RecursionError, MemoryError, UnicodeError, OSError])
def test_whatever_kind_of_failure(
    target: Target, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    def fail(*_: object) -> None:
        raise kind("herons")

    monkeypatch.setattr(wire, "parse", fail)
    with target.unharmed(), Line(target.port) as line:
        in_shape(line.ask(ask(target, "check")), 500)
        assert line.ask(message("GET", "/v1/health", target.host)).status == 200


def test_a_database_that_fails_in_the_guard_is_told_plainly(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("OperationalError")

    before = state(target.live.installation)
    monkeypatch.setattr(target.live.installation.store, "read", fail)
    with Line(target.port) as line:
        for route in target.routes:
            if route.path not in ("/v1/health", "/v1/pair"):
                in_shape(line.ask(target.valid(route)), 503)
    monkeypatch.undo()
    assert state(target.live.installation) == before


def test_a_guard_that_breaks_lets_nobody_in(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "holder", breaking)
    with target.unharmed(), Line(target.port) as line:
        for route in target.routes:
            if route.path not in ("/v1/health", "/v1/hello", "/v1/pair"):
                reply = line.ask(target.valid(route))
                in_shape(reply, 500)
                assert "herons" not in reply.body.decode()


def test_a_path_that_is_not_there_is_not_repeated(target: Target) -> None:
    with target.unharmed(), Line(target.port) as line:
        for path in (
            "/", f"/v1/{PERSONAL[0]}", "/v1/check/", "/v1//check", "/v1/%2e%2e/check", "/v1/../v1",
            "/static/x", "/favicon.ico", "/robots.txt", "/v1/contacts/%ff%fe", "/v1/%00", "/v2/check",
            "/v1/requests%0d%0aX-Evil:%201", "/v1/check;x=1", "/console", "/v1/openapi.yaml",
        ):  # fmt: skip
            for allowed in ((), (target.allowed,)):
                sent = message("GET", path, target.host, *allowed)
                in_shape(line.ask(sent), 404, 405, 401)


def test_the_sources_have_no_debugger() -> None:
    package = Path(addin_service.__file__).parent
    for path in package.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for word in (
            "debug=True",
            "DebuggedApplication",
            "app.run(",
            "breakpoint(",
            "pdb",
            "use_reloader",
        ):
            assert word not in source, path
