"""What nginx answers, and what it lets through to the workers."""

import pytest

from tests.conftest import draft_json
from tests.department.fixture import Department

pytestmark = pytest.mark.postgresql


def test_a_check_is_answered_through_the_proxy(department: Department) -> None:
    body = {"purpose": "send", "draft": draft_json("p.tann@chambers.example")}
    answer = department.call("POST", "/v1/check", body)
    assert answer.status == 200, answer.body
    assert answer.json["reference"]
