"""Requests to seal that are not what they should be: a clear refusal, nothing sealed, nothing repeated."""

import json
from typing import Any

import pytest

from tests.conftest import Live, draft_json

CANARY = "canary-71d4"
DRAFT = draft_json("jo@council.example", subject=CANARY, text=CANARY)
GOOD = {"draft": DRAFT, "review": "x", "shape": "mime", "for": "visible"}


def form(*parts: tuple[str, str, bytes], mark: str = "MARK") -> tuple[bytes, dict[str, str]]:
    """A form of file parts: (name, type, content)."""
    body = b"".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n'
        f"Content-Type: {kind}\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, kind, content in parts
    )
    return body + f"--{mark}--\r\n".encode(), {
        "Content-Type": f"multipart/form-data; boundary={mark}"
    }


REQUEST = ("request", "application/json", json.dumps(GOOD).encode())
FILE = ("attachment", "text/plain", CANARY.encode())

FORMS: list[tuple[str, tuple[bytes, dict[str, str]], int]] = [
    ("no parts", form(), 400),
    ("an attachment first", form(FILE, REQUEST), 400),
    ("two request parts", form(REQUEST, REQUEST), 409),
    ("a request that is no JSON", form(("request", "application/json", b"{")), 400),
    ("a request of the wrong kind", form(("request", "application/json", b"[]")), 422),
    ("one file too many", form(REQUEST, FILE), 409),
    ("a review that is none", form(REQUEST), 409),
    ("another boundary", (form(REQUEST)[0], form(REQUEST, mark="OTHER")[1]), 400),
    ("no boundary", (form(REQUEST)[0], {"Content-Type": "multipart/form-data;"}), 400),
    ("cut off", (form(REQUEST)[0][:-40], form(REQUEST)[1]), 400),
    ("a thousand and one parts", form(*[FILE] * 1001), 413),
    ("a text part", (b'--MARK\r\nContent-Disposition: form-data; name="request"\r\n\r\n{}\r\n--MARK--\r\n',
                     form(REQUEST)[1]), 400),
]  # fmt: skip


@pytest.mark.parametrize(("story", "sent", "status"), FORMS, ids=[f[0] for f in FORMS])
def test_a_form_that_is_not_right(live: Live, story: str, sent: Any, status: int) -> None:
    body, headers = sent
    answer = live.call("POST", "/v1/seal", body, headers=headers)
    assert answer.status == status, (story, answer.body)
    assert set(answer.json["error"]) == {"code", "message", "hint"}
    assert CANARY.encode() not in answer.body


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"shape": "plain"}, 422), ({"for": 7}, 422), ({"review": None}, 422), ({"other": CANARY}, 422),
        ({"attachments": [{"name": "a", "base64": CANARY + "é"}]}, 422),
        ({"attachments": [{"name": "a", "base64": "*"}]}, 422),
        ({"attachments": "x"}, 422), ({"review": "x" * 300_000}, 422), ({"for": "nobody"}, 409),
    ],
)  # fmt: skip
def test_json_that_is_not_right(live: Live, change: dict[str, Any], status: int) -> None:
    answer = live.call("POST", "/v1/seal", {**GOOD, **change})
    assert answer.status == status, answer.body
    assert CANARY.encode() not in answer.body


@pytest.mark.parametrize("path", ["/v1/check", "/v1/sent", "/v1/hello", "/v1/contacts"])
def test_forms_are_taken_for_sealing_alone(live: Live, path: str) -> None:
    body, headers = form(REQUEST)
    assert live.call("POST", path, body, headers=headers).status == 415
