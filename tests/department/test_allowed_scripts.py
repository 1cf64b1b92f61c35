"""Which script of ours classic Outlook may give a token to: said in the place where it looks."""

import pytest

from addin_service.manifest_outlook import ALLOWED
from tests.department.fixture import Department

pytestmark = [pytest.mark.postgresql]
PLACE = "/.well-known/microsoft-officeaddins-allowed.json"


def test_it_is_served_where_the_build_wrote_one(department: Department) -> None:
    assert department.call("GET", PLACE, token=None).status == 404
    file = department.home / "built" / "outlook" / ALLOWED
    file.write_text('{"allowed": []}\n', encoding="utf-8")
    try:
        answer = department.call("GET", PLACE, token=None)
    finally:
        file.unlink()
    assert (answer.status, answer.json) == (200, {"allowed": []})
    assert answer.headers["Content-Type"] == "application/json"
    assert department.call("POST", PLACE, b"x", None).status in (403, 404, 405)
    assert department.call("GET", "/.well-known/", token=None).status == 404
