"""`/metrics` and `/v1/ready`: figures from fixed tables, for whoever may see them, and nobody's mail."""

import random
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_metrics,
)
from prometheus_client.parser import text_string_to_metric_families

import addin_service
from addin_service.codes import CODES
from addin_service.installation import Installation, open_installation
from addin_service.model import VerdictWord
from addin_service.policy.load import PolicyInvalid
from addin_service.review import Purpose
from addin_service.settings import Settings
from addin_service.shapes import Shape
from addin_service.store import clients, receipts, times
from addin_service.web import metrics
from addin_service.web.app import create_app
from tests.conftest import Answer, Live, draft_json, serving
from tests.security.raw import Line, message
from tests.store.server import Postgres, postgres

__all__ = ["postgres"]

SOURCES = Path(addin_service.__file__).parent


def a_token(installation: Installation, role: str) -> str:
    """A client of this role."""
    with installation.store.write() as connection:
        return clients.add(connection, role, role, times.now())[1]


@pytest.fixture
def auditor(live: Live) -> str:
    """The token of somebody who may read the figures."""
    return a_token(live.installation, "auditor")


def scraped(live: Live, token: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample, by name and labels."""
    answer = live.call("GET", "/metrics", token=token)
    assert answer.status == 200, answer.body
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def of(found: Any, name: str, **labels: str) -> float:
    """One sample."""
    value: float = found[f"lastlook_{name}", tuple(sorted(labels.items()))]
    return value


def test_what_was_done_is_counted(live: Live, auditor: str) -> None:
    live.check(draft_json("jo@council.example"))
    live.check(draft_json("al@unknown-firm.example"))
    live.check(draft_json("jo@council.example"), purpose="typing")
    told = {"outcome": "cancelled", "draft": draft_json("jo@council.example")}
    live.call("POST", "/v1/sent", told)
    live.call("POST", "/v1/seal", {"draft": draft_json("jo@council.example"), "review": "x"})
    live.call(
        "POST", "/v1/contacts", {"address": "p@chambers.example", "reason": "r"}, live.helpdesk
    )
    live.call("POST", "/v1/check", {"draft": 3})
    live.call("GET", "/v1/ready", token=None)
    found = scraped(live, auditor)
    assert of(found, "checks_total", verdict="allow", purpose="send") == 1
    assert of(found, "checks_total", verdict="confirm", purpose="send") == 1
    assert of(found, "checks_total", verdict="allow", purpose="typing") == 1
    assert of(found, "checks_total", verdict="block", purpose="send") == 0
    assert of(found, "findings_total", code="recipient.external") == 1
    assert of(found, "sends_total", outcome="cancelled") == 1
    assert of(found, "seals_total", shape="mime", outcome="refused") == 1
    assert of(found, "requests_total", route="/v1/check", status="2xx") == 3
    assert of(found, "requests_total", route="/v1/check", status="4xx") == 1
    assert of(found, "request_seconds_count", route="/v1/check") == 4
    assert of(found, "refusals_total", code="no-token") == 1
    assert of(found, "contacts") == 1
    with live.installation.store.read() as connection:
        assert of(found, "receipts_head") == receipts.head(connection)[0] > 0
    assert of(found, "database_up") == of(found, "policy_valid") == 1
    assert of(found, "policy_age_seconds") >= 0
    assert of(found, "database_connections", state="in-use") >= 0
    [labels] = [key[1] for key in found if key[0] == "lastlook_build_info"]
    assert dict(labels)["version"] == addin_service.__version__
    assert dict(labels)["database"] == "sqlite"
    if sys.platform == "linux":
        assert found["process_resident_memory_bytes", ()] > 1e6


def test_the_form_is_the_one_that_was_asked_for(live: Live, auditor: str) -> None:
    plain = live.call("GET", "/metrics", token=auditor)
    assert plain.headers["Content-Type"].startswith("text/plain; version=")
    assert plain.headers["Cache-Control"] == "no-store"
    asked = {"Accept": "application/openmetrics-text; version=1.0.0"}
    opened = live.call("GET", "/metrics", token=auditor, headers=asked)
    assert opened.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert list(open_metrics(opened.body.decode()))


def test_only_who_may_observe_sees_them(live: Live) -> None:
    for role, status in (
        ("sender", 403), ("helpdesk", 403), ("key-officer", 403), ("auditor", 200), ("admin", 200),
    ):  # fmt: skip
        assert live.call("GET", "/metrics", token=a_token(live.installation, role)).status == status
    assert live.call("GET", "/metrics", token=None).status == 401


def test_the_policy_that_stands_in_is_seen(live: Live, auditor: str) -> None:
    file = live.installation.settings.policy_files[0]
    file.write_text("[recipients\n", "utf-8")
    assert live.call("POST", "/v1/check", {"draft": draft_json("jo@council.example")}).status == 200
    assert of(scraped(live, auditor), "policy_valid") == 0
    assert live.call("GET", "/v1/ready").status == 200  # the last good one decides


# Nothing of anybody's in them


def code_table() -> set[str]:
    """Every error code that stands in the program as a constant."""
    found = set[str]()
    for file in SOURCES.rglob("*.py"):
        found |= set(re.findall(r"(?<![\w.])\"([a-z]+(?:-[a-z]+)*)\"", file.read_text("utf-8")))
    return found


def tables(live: Live) -> dict[str, set[str]]:
    """The values that each label may have."""
    app: Any = create_app(live.installation, "127.0.0.1", 1).app
    return {
        "route": {rule.rule for rule in app.url_map.iter_rules()} | {"none"},
        "status": {"2xx", "3xx", "4xx", "5xx"},
        "code": {*CODES, *code_table()},
        "verdict": {word.value for word in VerdictWord},
        "purpose": set(get_args(Purpose)),
        "shape": set(get_args(Shape)),
        "outcome": {"sent", "failed", "cancelled", "handed-over", "sealed", "refused"},
        "kind": {*metrics.KINDS, metrics.OTHER},
        "state": {"in-use", "idle"},
        "le": {str(bound) for bound in (*metrics.BUCKETS_S, "+Inf")},
        "version": {addin_service.__version__},
        "database": {"sqlite"},
        "python": {sys.version.split()[0]},
    }


CANARIES = ("quillfeather", "ottoline", "gannet", "herons", "plover", "sandpiper")


def test_hostile_requests_add_no_label(live: Live, auditor: str) -> None:
    chance = random.Random(20111)
    allowed = tables(live)
    with Line(live.port) as line:
        host = ("Host", f"127.0.0.1:{live.port}")
        token = ("Authorization", f"Bearer {live.token}")
        for number in range(300):
            word = "".join(
                chance.choices(string.ascii_letters + "/%.-_~", k=chance.randrange(1, 40))
            )
            path = f"/{word.lstrip('/')}/quillfeather{number}"
            other = ("Host", f"{word.strip('/%')}.quillfeather.example")
            method = chance.choice(("GET", "POST", "DELETE", "PUT", "HERONS"))
            line.ask(
                message(method, path, chance.choice((host, other)), *chance.choice(((), (token,))))
            )
            line.ask(message("DELETE", f"/v1/contacts/{number}", host, token))
            line.ask(
                message("GET", "/v1/ready", host, ("Authorization", f"Bearer gannet.{number}"))
            )
    found = scraped(live, auditor)
    assert len(found) < 1_000
    for name, labels in found:
        for label, value in labels:
            assert value in allowed[label], (name, label, value)
    assert of(found, "refusals_total", code="wrong-host") > 50


def test_no_word_of_a_mail_is_in_the_figures(live: Live, auditor: str) -> None:
    draft = draft_json(
        "ottoline@quillfeather.example", sender="herons@gannet.example",
        subject="gannet", text="Dear Ottoline, sandpiper.", attachments=[{"name": "plover.pdf", "size": 7}],
    )  # fmt: skip
    answer = live.check(draft)
    live.call("POST", "/v1/sent", {"outcome": "sent", "draft": draft, "review": answer["review"]})
    live.call("POST", "/v1/seal", {"draft": draft, "review": answer["review"]})
    live.call("POST", "/v1/pair", {"code": "GANNETS1", "name": "Ottoline"}, None)
    live.call("POST", "/v1/contacts/search", {"query": "quillfeather"}, live.helpdesk)
    said = live.call("GET", "/metrics", token=auditor).body.decode().lower()
    for canary in (*CANARIES, live.token.partition(".")[2], live.token.partition(".")[0]):
        assert canary.lower() not in said


def test_a_kind_of_failure_that_nobody_knows_is_another_one(installation: Installation) -> None:
    counted = metrics.Metrics(installation)
    for kind in ("OperationalError", "quillfeather", "quillfeather"):
        counted.store_failed(metrics.StoreUnavailable(kind))
    said = counted.text("")[0].decode()
    assert 'lastlook_store_failures_total{kind="other"} 2.0' in said
    assert 'lastlook_store_failures_total{kind="OperationalError"} 1.0' in said
    assert "quillfeather" not in said


# Without the package, and ready or not


def test_without_the_package_the_service_works_and_says_what_is_missing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "prometheus", None)
    with serving(installation) as live:
        live.check(draft_json("jo@council.example"))
        assert live.call("GET", "/v1/ready").json == {"ready": True}
        answer = live.call("GET", "/metrics", token=a_token(installation, "auditor"))
    assert answer.status == 404
    assert answer.json["error"]["code"] == "no-metrics"
    assert "pip install" in answer.json["error"]["hint"]


def error(answer: Answer, code: str) -> None:
    """This says that it is not ready, in our shape."""
    assert answer.status == 503
    assert answer.json["error"]["code"] == code
    assert answer.json["error"]["hint"]


def test_ready_means_that_a_check_would_be_answered(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(live.installation)
    for role in ("sender", "helpdesk", "auditor"):
        token = a_token(live.installation, role)
        assert live.call("GET", "/v1/ready", token=token).json == {"ready": True}
    assert live.call("GET", "/v1/ready", token=None).status == 401
    assert state(live.installation) == before

    def none() -> None:
        raise PolicyInvalid([])

    monkeypatch.setattr(live.installation.policies, "current", none)
    error(live.call("GET", "/v1/ready"), "no-policy")


def state(installation: Installation) -> tuple[int, str]:
    """The head of the chain."""
    with installation.store.read() as connection:
        return receipts.head(connection)


def test_a_record_that_others_hold_is_not_ready(live: Live) -> None:
    import sqlite3

    other = sqlite3.connect(live.installation.settings.database_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    error(live.call("GET", "/v1/ready"), "unavailable")
    other.execute("ROLLBACK")
    other.close()
    assert live.call("GET", "/v1/ready").status == 200


@pytest.fixture
def department(settings: Settings, postgres: Postgres) -> Iterator[tuple[Live, Postgres]]:
    """The service on PostgreSQL."""
    with postgres.fresh() as url:
        opened = open_installation(Settings(settings.data, settings.organisation, url))
        with serving(opened) as live:
            yield live, postgres
        opened.close()


@pytest.mark.postgresql
def test_a_database_that_can_be_read_only_is_not_ready(
    department: tuple[Live, Postgres],
) -> None:
    live, server = department
    assert live.call("GET", "/v1/ready").json == {"ready": True}
    found = scraped(live, a_token(live.installation, "admin"))
    assert of(found, "database_up") == 1
    assert any(("database", "postgresql") in labels for _, labels in found)
    with server.session() as connection:
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
        connection.execute("ALTER ROLE postgres SET default_transaction_read_only = on")
        try:
            live.installation.store.engine.dispose()
            error(live.call("GET", "/v1/ready"), "not-ready")
        finally:
            connection.execute("ALTER ROLE postgres RESET default_transaction_read_only")
    live.installation.store.engine.dispose()
    assert live.call("GET", "/v1/ready").status == 200


def test_the_public_name_has_no_figures(settings: Settings) -> None:
    """Behind it are several workers, and each has its own."""
    settings.data.mkdir()
    settings.department_file.write_text('public = "https://lastlook.council.example"\n', "utf-8")
    opened = open_installation(settings)
    with serving(opened) as live, Line(live.port) as line:
        token = ("Authorization", f"Bearer {a_token(opened, 'auditor')}")
        proxied = (("Host", "lastlook.council.example"), ("X-Forwarded-Proto", "https"),
                   ("X-Forwarded-For", "192.0.2.1"))  # fmt: skip
        assert line.ask(message("GET", "/v1/ready", *proxied, token)).status == 200
        assert line.ask(message("GET", "/metrics", *proxied, token)).status == 404
        host = ("Host", f"127.0.0.1:{live.port}")
        assert line.ask(message("GET", "/metrics", host, token)).status == 200
    opened.close()
