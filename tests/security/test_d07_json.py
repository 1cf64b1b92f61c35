"""D7. A hundred thousand brackets end Flask's own JSON parser with a RecursionError, that is a 500.

Every monster gets a 4xx in the one error shape, quickly, without a word of what was sent.
"""

import json
import time

import pytest

from addin_service.settings import MAX_BODY_BYTES
from addin_service.store import receipts
from tests.conftest import Answer, Live, draft_json

CANARY = "zanzibar-7391"
GENEROUS_S = 5.0
"""For one monster on a machine that is busy with other things; it takes some milliseconds."""


def check(draft: object, **more: object) -> bytes:
    """The body of a check around this draft."""
    return json.dumps({"draft": draft, **more}).encode()


def within(value: bytes) -> bytes:
    """A sound check with this value as the subject, as it stands."""
    sound = check(draft_json("jo@council.example", subject="HERE"))
    return sound.replace(b'"HERE"', value)


def nested(opening: bytes, closing: bytes, depth: int) -> bytes:
    return opening * depth + b"1" + closing * depth


SOUND = check(draft_json("jo@council.example"))
KEYS = {f"{CANARY}{n}": n for n in range(100_000)}
MAILBOX = {"address": "jo@council.example", "name": CANARY}

MONSTERS: dict[str, bytes] = {
    # Depth.
    **{f"array {depth}": nested(b"[", b"]", depth) for depth in (100, 1_000, 10_000, 100_000, 1_000_000)},
    **{f"array never closed {depth}": b"[" * depth for depth in (1_000, 100_000, 1_000_000)},
    **{f"object {depth}": nested(b'{"a":', b"}", depth) for depth in (100, 10_000, 1_000_000)},
    "mixed 100000": nested(b'[{"a":', b"}]", 100_000),
    "deep subject": within(nested(b"[", b"]", 100_000)),
    "deep unknown key": SOUND[:-1] + b',"more":' + nested(b"[", b"]", 1_000) + b"}",
    # Breadth.
    "100000 keys": json.dumps(KEYS).encode(),
    "100000 keys in the draft": check({**draft_json(), **KEYS}),
    "100000 recipients": check(draft_json() | {"to": [MAILBOX] * 100_000}),
    "2001 recipients": check(draft_json() | {"cc": [MAILBOX] * 2001}),
    "1000000 nulls": b"[" + b"null," * 999_999 + b"null]",
    "5001 answers": check(draft_json(), answers=[{"finding": "x", "choice": "keep"}] * 5001),
    "501 attachments": check(draft_json(attachments=[{"name": CANARY}] * 501)),
    "an address of a megabyte": check(draft_json("a" * 1_000_000 + CANARY)),
    "a subject of a megabyte": check(draft_json(subject=CANARY * 80_000)),
    "a token of a megabyte": check(draft_json(), review=CANARY * 80_000),
    # Numbers.
    "5000 digits": within(b"7" * 5_000),
    "1000000 digits": within(b"7" * 1_000_000),
    "size of 5000 digits": check(draft_json(attachments=[{"name": "x", "size": 0}])).replace(
        b'"size": 0', b'"size": ' + b"9" * 5_000
    ),
    "size 2^63": check(draft_json(attachments=[{"name": "x", "size": 2**63}])),
    "size -1": check(draft_json(attachments=[{"name": "x", "size": -1}])),
    "size 1e3": check(draft_json(attachments=[{"name": "x", "size": 1e3}])),
    "size true": check(draft_json(attachments=[{"name": "x", "size": True}])),
    "1e999999": within(b"1e999999"),
    "NaN": within(b"NaN"),
    "Infinity": within(b"Infinity"),
    "-Infinity": within(b"-Infinity"),
    "leading zero": within(b"007"),
    "hexadecimal": within(b"0x1f"),
    # Text.
    "lone high surrogate": within(b'"\\ud800"'),
    "lone low surrogate": within(b'"\\udc00"'),
    "surrogates the wrong way round": within(b'"\\udc00\\ud800"'),
    "lone surrogate as a key": SOUND[:-1] + b',"\\ud800":1}',
    "surrogate in UTF-8": within(b'"\xed\xa0\x80"'),
    "overlong slash": within(b'"\xc0\xaf"'),
    "cut UTF-8": within(b'"\xe2\x82"'),
    "beyond Unicode": within(b'"\xf4\x90\x80\x80"'),
    "Latin-1": within('"naïve"'.encode("latin-1")),
    "UTF-16": SOUND.decode().encode("utf-16"),
    "UTF-32": SOUND.decode().encode("utf-32-le"),
    "byte order mark": b"\xef\xbb\xbf" + SOUND,
    "newline in a string": within(b'"a\nb"'),
    "NUL in a string": within(b'"a\0b"'),
    "NUL after the end": SOUND + b"\0",
    "bad escape": within(b'"\\x41"'),
    # Twice: another reader of the same bytes takes the other one.
    "a key twice": SOUND[:-1] + b',"draft":' + json.dumps(draft_json()).encode() + b"}",
    "a key twice, once escaped": SOUND[:-1] + b',"purpose":"send","\\u0070urpose":"typing"}',
    "a key twice inside": SOUND.replace(b'"subject":', b'"subject":"x","subject":'),
    "an address twice": SOUND.replace(b'"address":', b'"address":"x@evil.example","address":'),
    # Not JSON, or not an object.
    "nothing": b"",
    "blanks": b" \r\n\t ",
    "null": b"null",
    "a number": b"1",
    "a text": json.dumps(CANARY).encode(),
    "a list": b"[]",
    "an empty object": b"{}",
    "cut": SOUND[:-5],
    "two documents": SOUND + SOUND,
    "a comment": b"/* " + CANARY.encode() + b" */" + SOUND,
    "single quotes": SOUND.replace(b'"', b"'"),
    "a comma too many": SOUND[:-1] + b",}",
    "a form": b"draft=" + CANARY.encode(),
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0" + SOUND,
    "pickle": b"\x80\x04\x95" + CANARY.encode() + b".",
    "YAML": b"draft: !!python/object/apply:os.system ['" + CANARY.encode() + b"']",
    # Wrong kinds, each with something that must not come back.
    "a text for the draft": check(CANARY),
    "a list for an address": check(draft_json() | {"to": [{"address": [CANARY]}]}),
    "a text for a list": check(draft_json() | {"to": CANARY}),
    "an unknown key": check({**draft_json(), CANARY: CANARY}),
    "an unknown choice": check(draft_json(), answers=[{"finding": "x", "choice": CANARY}]),
    "an unknown purpose": check(draft_json(), purpose=CANARY),
    "a sender that is none": check(draft_json(sender=CANARY)),
    "more than may be": b'"' + b"x" * MAX_BODY_BYTES + b'"',
}  # fmt: skip

POSTS = (
    "/v1/check", "/v1/sent", "/v1/hello", "/v1/pair", "/v1/unpair", "/v1/contacts", "/v1/contacts/search",
    "/v1/requests", "/v1/requests/none", "/v1/keys/ask", "/v1/history", "/v1/book",
)  # fmt: skip


def receipts_of(live: Live) -> int:
    with live.installation.store.read() as connection:
        return receipts.head(connection)[0]


def assert_refused(answer: Answer) -> None:
    """A 4xx in the one shape, that repeats nothing."""
    assert 400 <= answer.status < 500, answer.body[:200]
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"code", "message", "hint"}
    assert all(isinstance(said, str) and said for said in answer.json["error"].values())
    assert len(answer.body) < 1000
    assert CANARY.encode() not in answer.body + json.dumps(answer.headers).encode()


def test_there_are_at_least_30_monsters() -> None:
    assert len(MONSTERS) >= 30


@pytest.mark.parametrize("name", MONSTERS)
def test_a_monster_is_refused_at_once_and_not_repeated(live: Live, name: str) -> None:
    began = time.perf_counter()
    answer = live.call("POST", "/v1/check", MONSTERS[name])
    took = time.perf_counter() - began
    assert_refused(answer)
    assert took < GENEROUS_S
    assert receipts_of(live) == 0
    # Neither this connection's thread nor another one has suffered.
    assert live.call("POST", "/v1/check", SOUND).status == 200


@pytest.mark.parametrize("path", POSTS)
def test_every_path_that_reads_json_refuses_them_all(live: Live, path: str) -> None:
    token = live.helpdesk if path.startswith(("/v1/contacts", "/v1/requests/")) else ""
    small = [body for body in MONSTERS.values() if len(body) < 300_000]
    assert len(small) >= 30
    for body in small:
        # What is an empty object to some is a monster to others.
        if body == b"{}" and path == "/v1/contacts/search":
            continue
        assert_refused(live.call("POST", path, body, token=token))


@pytest.mark.parametrize(
    "subject",
    ["\\u0000", "\\ud83d\\ude42", "\\u202e", "\\u2028", "a" * 10_000, "\\u00e9", "&lt;b&gt;"],
    ids=ascii,
)
def test_what_is_only_strange_is_looked_at(live: Live, subject: str) -> None:
    """The control group: a refusal here would be a mail that cannot be sent."""
    assert live.call("POST", "/v1/check", within(b'"' + subject.encode() + b'"')).status == 200


def test_no_monster_takes_longer_the_deeper_it_is(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reported, and asserted with much room: what grew with the square would fail."""
    took = {}
    for depth in (10_000, 100_000, 1_000_000):
        rounds = []
        for _ in range(3):
            began = time.perf_counter()
            live.call("POST", "/v1/check", nested(b"[", b"]", depth))
            rounds.append(time.perf_counter() - began)
        took[depth] = min(rounds)
    with capsys.disabled():
        print("\nD7", {depth: f"{1000 * s:.1f} ms" for depth, s in took.items()})
    assert took[1_000_000] < 1.0 + 100 * took[10_000]
