"""D8. Whatever the OpenAPI document allows, and what it does not, is answered as it says: never a 500."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from addin_service import addresses
from addin_service.receipts import verify
from addin_service.store import contacts, receipts, requests, times
from addin_service.web.api.openapi import ANSWERS, BODIES
from tests.conftest import Live

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = [name for name in ANSWERS if name in BODIES or "{" in name[1]]
"""Those that take something; the others have one request each."""
EXAMPLES = {("post", "/v1/check"): 500, ("post", "/v1/sent"): 400}
OTHERWISE = 180
HELPDESK = ("/v1/contacts", "/v1/requests")
TEXT = st.text(max_size=60) | st.sampled_from(
    ["", "OFFICIAL-SENSITIVE", "Dear Priya,\n\nplease find attached the report.\n", "943 476 5919",
     "On Monday Ann wrote:\n> attached\n", "=?utf-8?q?x?=", "\u202egnp.exe", "-- \nAnn", "\0", "%s{0}"]
)  # fmt: skip
ADDRESS = st.text(max_size=20) | st.sampled_from(
    ["p.tann@chambers.example", "p.tan@chambers.example", "p.tann@charnbers.example", "jo@council.example",
     "Jo@COUNCIL.example", "jo+x@council.example", "用户@例子.example", "a,b@c.example", "staff", "jo@mail.example.com"]
)  # fmt: skip
MAILBOX = st.fixed_dictionaries(
    {"address": ADDRESS, "name": TEXT | st.sampled_from(["Priya Tann", "Jo"])}
)
DRAFT = st.fixed_dictionaries(
    {"from": st.just({"address": "ann.lee@council.example", "name": "Ann Lee"})},
    optional={
        "to": st.lists(MAILBOX, max_size=4),
        "cc": st.lists(MAILBOX, max_size=12),
        "bcc": st.lists(MAILBOX, max_size=2),
        "subject": TEXT,
        "text": TEXT,
        "attachments": st.lists(st.fixed_dictionaries({"name": TEXT}), max_size=2),
        "thread": st.fixed_dictionaries({"wrote": st.lists(ADDRESS, max_size=2)}),
        "sensitivity": TEXT,
    },
)
"""Drafts that get past the door: letters at random hardly ever make a sender's address."""


@pytest.fixture
def document(live: Live) -> Any:
    """The service's own document, read as a client reads it."""
    return schemathesis.openapi.from_dict(live.call("GET", "/v1/openapi.json").json)


def examples(operation: tuple[str, str]) -> int:
    return EXAMPLES.get(operation, OTHERWISE)


def test_there_are_at_least_2000_examples_over_all_operations(document: Any) -> None:
    known = {(o.ok().method.lower(), o.ok().path) for o in document.get_all_operations()}
    assert known == set(ANSWERS)
    assert sum(examples(operation) for operation in OPERATIONS) >= 2000


@pytest.mark.parametrize(
    ("operation", "mode"),
    [(name, GenerationMode.POSITIVE) for name in ANSWERS]
    + [(name, GenerationMode.NEGATIVE) for name in OPERATIONS],
    ids=lambda value: getattr(value, "value", None) or " ".join(value),
)
def test_every_answer_is_as_the_document_says(
    live: Live, document: Any, operation: tuple[str, str], mode: GenerationMode
) -> None:
    method, path = operation
    token = live.helpdesk if path.startswith(HELPDESK) else live.token
    told = document[path][method.upper()]
    seen: list[int] = []
    with live.installation.store.write() as connection:  # so that lists are not empty
        contacts.put(connection, [contacts.Entry("p.tann@chambers.example", "Priya")], times.now())
        jo = addresses.parse("jo@chambers.example")
        requests.ask(connection, jo, "ann.lee@council.example", "c", "counsel", times.now())

    @settings(
        max_examples=examples(operation) // 2,
        derandomize=True, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=told.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = case.call(base_url=live.base, headers={"Authorization": f"Bearer {token}"})
        seen.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    ask()
    assert len(seen) >= (examples(operation) // 2 if operation in OPERATIONS else 1)
    with live.installation.store.read() as connection:
        key, head = live.installation.reviewer.chain_key, receipts.head(connection)
        assert verify(key, receipts.rows(connection), head) is None


def test_every_draft_that_gets_past_the_door_is_judged(live: Live, document: Any) -> None:
    with live.installation.store.write() as connection:
        known = [
            contacts.Entry("p.tann@chambers.example", "Priya Tann"),
            contacts.Entry("@court.example"),
        ]
        contacts.put(connection, known, times.now())
    told = document["/v1/check"]["POST"]
    headers = {"Authorization": f"Bearer {live.token}"}

    @settings(
        max_examples=300, derandomize=True, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(DRAFT, st.sampled_from(["keep", "acknowledge", "retype", "reason"]), TEXT)
    def ask(draft: dict[str, Any], choice: str, value: str) -> None:
        body: dict[str, Any] = {"draft": draft, "purpose": "send"}
        for _ in range(2):
            case = told.Case(body=body, media_type="application/json")
            answer = case.call(base_url=live.base, headers=headers)
            assert answer.status_code == 200, answer.text
            case.validate_response(answer, checks=CHECKS)
            said = answer.json()
            body["review"] = said["review"]
            body["answers"] = [
                {"finding": one["id"], "choice": choice, "value": value}
                for one in said["findings"]
                if one["ask"]
            ]

    ask()


def test_an_answer_that_the_document_does_not_know_is_noticed(live: Live, document: Any) -> None:
    """The measure itself: against a document that promises something else, the same answer fails."""
    raw = json.loads(json.dumps(document.raw_schema))
    answer = raw["paths"]["/v1/health"]["get"]["responses"]["200"]
    answer["content"]["application/json"]["schema"]["properties"]["alive"] = {"const": False}
    wrong = schemathesis.openapi.from_dict(raw)["/v1/health"]["GET"]
    case = wrong.Case()
    response = case.call(base_url=live.base)
    with pytest.raises(FailureGroup) as failed:
        case.validate_response(response, checks=CHECKS)
    assert "violates schema" in str(failed.value.exceptions[0])
