"""A mailbox file tells who wrote to whom, whatever is in it, and no more than that."""

import io
import mailbox
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.addresses import parse
from addin_service.contacts.mbox import Passed, Seen, read_mbox
from addin_service.contacts.report import NotReadable, Refused

MakeStream: TypeAlias = Callable[[bytes, bytes, int, bytes], BinaryIO]

ANN = parse("ann.lee@council.example")
FROM_ = b"From - Mon Nov 23 14:10:33 2026\n"


def mail(*headers: str, body: str = "Hello\n", separator: bytes = FROM_) -> bytes:
    lines = [*headers] or ["From: ann.lee@council.example", "To: bo@x.example"]
    return separator + ("\n".join([*lines, "", body]) + "\n").encode()


def read(raw: bytes, seen: Seen | None = None) -> list[Passed | Refused]:
    return list(read_mbox(io.BytesIO(raw), ANN, seen))


def others(raw: bytes) -> list[tuple[str, list[str]]]:
    return [
        (one.direction, [str(address) for address, _ in one.others])
        for one in read(raw)
        if isinstance(one, Passed)
    ]


def test_what_a_mail_says() -> None:
    sent, heard = read(
        mail(
            "From: Ann Lee <Ann.Lee@council.example>",
            "To: =?utf-8?q?Ren=C3=A9?= <r@x.example>,",
            "\t<bo@y.example>",
            "Cc: ann.lee@council.example, bo@y.example, broken",
            "Bcc: c@z.example",
            "Date: Mon, 23 Nov 2026 14:10:33 +0100",
            "Message-ID: <1@council.example>",
            "Subject: anything",
        )
        + mail("From: Bo <bo@y.example>", "To: ann.lee+list@council.example")
    )
    assert sent == Passed(
        message="1@council.example",
        at=datetime(2026, 11, 23, 13, 10, 33, tzinfo=UTC),
        direction="sent",
        others=(
            (parse("r@x.example"), "René"),
            (parse("bo@y.example"), ""),
            (parse("c@z.example"), ""),
        ),
        subject="anything",
    )
    assert isinstance(heard, Passed)
    assert (heard.direction, heard.others) == ("heard", ((parse("bo@y.example"), "Bo"),))
    assert (heard.at, heard.subject) == (None, "")
    assert heard.message.startswith("sha256:")


@pytest.mark.parametrize(
    ("headers", "counted"),
    [
        (["From: bo@x.example", "To: eve@y.example"], "strangers"),
        (["From: ann.lee@council.example", "To: ann.lee@council.example"], "strangers"),
        (["From: ann.lee@council.example", "To: undisclosed-recipients:;"], "strangers"),
        (["From: ann.lee@council.example"], "strangers"),
        (["From: bo@x.example", "To: ann.lee@council.example", "Precedence: bulk"], "automatic"),
        (["From: bo@x.example", "To: ann.lee@council.example", "precedence: LIST"], "automatic"),
        (["From: bo@x.example", "To: ann.lee@council.example", "List-Id: <a.b>"], "automatic"),
        (
            ["From: bo@x.example", "To: ann.lee@council.example", "Auto-Submitted: auto-replied"],
            "automatic",
        ),
        (
            ["From: ann.lee@council.example", "To: bo@x.example", "Auto-Submitted: auto-generated"],
            "automatic",
        ),
    ],
)
def test_what_nobody_chose_to_write_is_counted_and_left_out(
    headers: list[str], counted: str
) -> None:
    seen = Seen()
    assert read(mail(*headers), seen) == []
    assert getattr(seen, counted) == 1
    assert seen.messages == 1


def test_a_mail_marked_as_written_by_hand_counts() -> None:
    raw = mail("From: bo@x.example", "To: ann.lee@council.example", "Auto-Submitted: no; by=hand")
    assert others(raw) == [("heard", ["bo@x.example"])]


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (["To: ann.lee@council.example"], "does not say who"),
        (["From: nobody", "To: ann.lee@council.example"], "not an address"),
        (["From:", "To: ann.lee@council.example"], "does not say who"),
        (["X: " + "x" * 300_000, "From: bo@x.example"], "longer than"),
        (["X: x"] * 70_000, "longer than"),
    ],
)
def test_a_bad_message_costs_itself_and_no_other(headers: list[str], why: str) -> None:
    found = read(mail() + mail(*headers) + mail())
    assert [type(one) for one in found] == [Passed, Refused, Passed]
    assert isinstance(found[1], Refused)
    assert why in found[1].why
    assert found[1].line == 7


BO = ("sent", ["bo@x.example"])
PLAIN = b"From: ann.lee@council.example\nTo: bo@x.example\n"
INJECTED = "From: ann.lee@council.example\nTo: evil@y.example\n\n"

SHAPES: list[tuple[bytes, list[tuple[str, list[str]]]]] = [
    (mail() * 3, [BO] * 3),
    ((mail() * 2).replace(b"\n", b"\r\n"), [BO] * 2),
    ((mail() * 2).rstrip(b"\n"), [BO] * 2),
    (mail(body="")[:-2] + b"\n", [BO]),
    (FROM_ + PLAIN, [BO]),
    (FROM_ + PLAIN + FROM_ + PLAIN, [BO] * 2),
    (FROM_ + PLAIN + b"\n" + FROM_ + PLAIN, [BO] * 2),
    (FROM_ + PLAIN.rstrip(b"\n"), [BO]),
    (b"\xef\xbb\xbf" + mail(), [BO]),
    (b"\n\r\n\n" + mail(), [BO]),
    (FROM_, []),
    (FROM_ + b"\n\n", []),
    (FROM_ + FROM_ + PLAIN, [BO]),
    (mail(separator=b"From bo@x.example Mon Nov 23 14:10:33 2026\n") * 2, [BO] * 2),
    (mail(separator=b"From 17@xxx Mon Nov 23 14:10:33 +0000 2026\n") * 2, [BO] * 2),
    (mail(separator=b"From \n") * 2, [BO] * 2),
    (mail(separator=b"From bo@x.example\n") * 2, [BO] * 2),
    (mail(separator=FROM_ + b">From bo@x.example Mon Nov 23 14:10:33 2026\n"), [BO]),
    (mail(body="a\n>" + FROM_.decode() + INJECTED) + mail(), [BO] * 2),
    (mail(body="a\n\nFrom here on: see\n" + INJECTED) + mail(), [BO] * 2),
    (mail(body="a\n\nFrom me\n" + INJECTED) + mail(), [BO] * 2),
    (mail(body="a\n" + FROM_.decode() + "is what it says\n" + INJECTED) + mail(), [BO] * 2),
    (mail(body="a\nFrom \n" + INJECTED, separator=b"From \n"), [BO]),
    (mail(body=INJECTED) + mail(), [BO] * 2),
    (mail(body="\0" * 1_000) + mail(), [BO] * 2),
    (mail(body="x" * 1_000_000) + mail(), [BO] * 2),
    (mail(body="x" * 65_535 + "\n" + "y" * 65_536) + mail(), [BO] * 2),
    (mail(body="x" * 65_536 + FROM_.decode() + INJECTED) + mail(), [BO] * 2),
    (mail(body="\n" * 10_000) + mail(), [BO] * 2),
    (FROM_ + b"From: \xff\xfe <ann.lee@council.example>\nTo: \xe9 <bo@x.example>\n\n", [BO]),
    (FROM_ + b"FROM: ann.lee@council.example\nto: bo@x.example\n\n", [BO]),
    (FROM_ + b"From: ann.lee@council.example\nTo: bo@x.example\nDate: never\n\n", [BO]),
    (FROM_ + PLAIN + b"Date: Mon, 1 Jan 0001 00:00:00 +1200\n\n", [BO]),
    (FROM_ + PLAIN + b"Date: Mon, 1 Jan 99999 00:00:00 +9999\n\n", [BO]),
    (FROM_ + PLAIN + b"Message-ID: " + b"<" * 1_000 + b"\n\n", [BO]),
    (FROM_ + PLAIN + b"no header at all\nTo: c@x.example\n\n", [BO]),
    (FROM_ + PLAIN + b"To: c@x.example\n\n", [("sent", ["bo@x.example", "c@x.example"])]),
    (FROM_ + PLAIN + b"Cc: " + b"BO@X.EXAMPLE," * 500 + b"\n\n", [BO]),
    (FROM_ + PLAIN + b'Cc: "' + b'\\"' * 50_000 + b"\n\n", [BO]),
    (FROM_ + PLAIN + b"Cc: a@b," + b"c," * 50_000 + b"\n\n", [BO]),
    (FROM_ + PLAIN + b"Cc: " + b"(" * 100_000 + b"\n\n", [BO]),
    (FROM_ + PLAIN + b"Cc: " + b"=?utf-8?q?" * 10_000 + b"\n\n", [BO]),
]


@pytest.mark.parametrize(("raw", "expected"), SHAPES, ids=range(len(SHAPES)))
def test_messages_are_told_apart(raw: bytes, expected: list[tuple[str, list[str]]]) -> None:
    assert others(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"\0",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"!BDN",
        b"Return-Path: <bo@x.example>\nFrom: bo@x.example\n\n",
        b"name,email\n",
        b"from - Mon Nov 23 14:10:33 2026\n",
        mail().decode().encode("utf-16"),
        b"x" * 1_000_000,
    ],
    ids=range(11),
)
def test_a_file_that_is_no_mailbox_is_refused_as_a_whole(raw: bytes) -> None:
    with pytest.raises(NotReadable) as refusal:
        read(raw)
    assert "mailbox file" in refusal.value.hint


def test_the_same_mail_is_named_the_same_each_time() -> None:
    first, second = read(mail() * 2)
    assert isinstance(first, Passed)
    assert isinstance(second, Passed)
    assert first.message == second.message


def test_a_thousand_recipients_are_learned_and_none_is_cut_short() -> None:
    to = ",".join(f"b{number}@x.example" for number in range(10_000))
    ((_, learned),) = others(mail("From: ann.lee@council.example", f"To: {to}"))
    assert len(learned) > 1_000
    assert learned == [f"b{number}@x.example" for number in range(len(learned))]


def test_what_the_standard_library_writes_is_read(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(20):
        message = mailbox.mboxMessage(
            f"From: ann.lee@council.example\nTo: b{number}@x.example\n\nFrom me\n\n"
            f"From - Mon Nov 23 14:10:33 2026\n{INJECTED}".encode()
        )
        box.add(message)
    box.close()
    found = others((tmp_path / "box").read_bytes())
    assert found == [("sent", [f"b{number}@x.example"]) for number in range(20)]


@pytest.mark.no_cover
@pytest.mark.parametrize("middle", [b"x" * 65_536, b"From \n" * 10_000, b"\n\nFrom me\n" * 5_000])
def test_a_body_without_end_takes_little_memory(middle: bytes, made_up: MakeStream) -> None:
    times = 1_600 if b"\n" not in middle else 2
    stream = made_up(mail(), middle, times, b"\n" + mail())
    tracemalloc.start()
    count = sum(isinstance(one, Passed) for one in read_mbox(stream, ANN))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2
    assert peak < 5_000_000


@pytest.mark.no_cover
def test_headers_without_end_take_little_memory(made_up: MakeStream) -> None:
    stream = made_up(FROM_ + b"From: ", b"x" * 65_536, 100, b"")
    tracemalloc.start()
    (one,) = read_mbox(stream, ANN)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(one, Refused)
    assert peak < 5_000_000


@settings(max_examples=1000)
@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_whatever_make_it_stumble(raw: bytes, in_body: bool) -> None:
    for one in read(FROM_ + PLAIN + (b"\n" if in_body else b"") + raw):
        repr(one).encode()


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            ["From - Mon Nov 23 14:10:33 2026", "From me", "From: a@b.example", "x", ""]
        )
    )
)
def test_a_body_quoted_as_mailboxes_are_starts_no_message(lines: list[str]) -> None:
    body = "\n".join(f">{line}" if line.startswith("From ") else line for line in lines)
    assert others(mail(body=body) + mail()) == [BO, BO]
