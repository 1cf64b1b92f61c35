"""What a mail program hands over: Sent and the address book, in any order, any number of times."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from addin_service import addresses, importing, learning
from addin_service.department import Department, SignIn
from addin_service.installation import Installation, open_installation
from addin_service.settings import Settings
from addin_service.store import clients, people, tables, times
from tests.conftest import Live, draft_json, serving

ANN, TOM = "ann.lee@council.example", "tom.reid@council.example"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COUNSEL, SLIP = "p.tann@chambers.example", "p.tan@chambers.example"
NEAR = "recipient.near-known-address"

Sent = tuple[int, tuple[tuple[str, str], ...], str]
"""Minute, recipients with their names, subject."""


def as_json(mail: Sent, sender: str = ANN) -> dict[str, Any]:
    """The headers as the add-in hands them over."""
    minute, readers, subject = mail
    return {
        "message": f"m{minute}@council.example",
        "date": (START + timedelta(minutes=minute)).isoformat(),
        "from": f"Ann Lee <{sender}>",
        "to": [f"{name} <{address}>" if name else address for address, name in readers],
        "subject": subject,
    }


def hand_over(live: Live, mails: Sequence[Sent], **more: Any) -> dict[str, int]:
    """`POST /v1/history`, which must succeed."""
    body = {"mailbox": ANN, "mails": [as_json(mail) for mail in mails]}
    answer = live.call("POST", "/v1/history", body, **more)
    assert answer.status == 200, answer.body
    found: dict[str, int] = answer.json
    return found


def put_book(live: Live, *entries: tuple[str, str], **more: Any) -> dict[str, int]:
    """`POST /v1/book`, which must succeed."""
    listed = [{"address": address, "name": name} for address, name in entries]
    answer = live.call("POST", "/v1/book", {"mailbox": ANN, "entries": listed, **more})
    assert answer.status == 200, answer.body
    found: dict[str, int] = answer.json
    return found


def mbox(mails: Sequence[Sent]) -> io.BytesIO:
    """The same mails as a mailbox file."""
    written = io.BytesIO()
    for minute, readers, subject in mails:
        message = EmailMessage()
        message["From"] = f"Ann Lee <{ANN}>"
        message["To"] = ", ".join(f'"{name}" <{one}>' if name else one for one, name in readers)
        message["Subject"] = subject
        message["Date"] = START + timedelta(minutes=minute)
        message["Message-ID"] = f"<m{minute}@council.example>"
        message.set_content("Hello\n")
        written.write(b"From - Mon Mar  2 09:00:00 2026\n" + message.as_bytes() + b"\n")
    written.seek(0)
    return written


def known(installation: Installation, mailbox: str = ANN) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that history has of this mailbox, whatever the revision at which it came."""
    wanted = {
        "correspondents": ("address", "name", "sent", "heard", "last_sent", "last_heard", "named"),
        "messages": ("number", "at", "people", "words", "thread", "nameless"),
        "seen_messages": ("message",),
    }
    with installation.store.read() as connection:
        return {
            name: sorted(
                tuple(row)
                for row in connection.execute(
                    select(*(tables.metadata.tables[name].c[column] for column in columns)).where(
                        tables.metadata.tables[name].c.mailbox == mailbox
                    )
                )
            )
            for name, columns in wanted.items()
        }


def sent_to(live: Live, address: str) -> int:
    """How often mail to this address was counted."""
    return next(
        (row[2] for row in known(live.installation)["correspondents"] if row[0] == address), 0
    )


def asked(answer: dict[str, Any], code: str) -> dict[str, Any] | None:
    return next((f for f in answer["findings"] if f["code"] == code and f["ask"]), None)


def test_a_slip_of_an_address_that_only_sent_knows_is_caught_right_afterwards(live: Live) -> None:
    slip = draft_json("kit.hale@suplier.example")
    assert asked(live.check(slip), NEAR) is None
    mails: list[Sent] = [
        (n, (("kit.hale@supplier.example", "Kit Hale"),), "Order") for n in range(12)
    ]
    assert hand_over(live, mails) == {"counted": 12, "known": 0, "passed_over": 0}
    finding = asked(live.check(slip), NEAR)
    assert finding
    assert finding["suggestion"] == {"address": "kit.hale@supplier.example", "name": "Kit Hale"}


def test_a_slip_of_an_address_that_only_the_book_knows_is_caught_right_afterwards(
    live: Live,
) -> None:
    assert asked(live.check(draft_json(SLIP)), NEAR) is None
    put_book(live, (COUNSEL, "Priya Tann"))
    finding = asked(live.check(draft_json(SLIP)), NEAR)
    assert finding
    assert finding["suggestion"]["address"] == COUNSEL
    assert "Your address book has p.tann@chambers.example (Priya Tann)." in finding["message"]
    put_book(live, removed=[COUNSEL])
    assert asked(live.check(draft_json(SLIP)), NEAR) is None


def test_the_same_again_changes_nothing_and_leaves_no_receipt(live: Live) -> None:
    mails: list[Sent] = [(n, ((COUNSEL, "Priya Tann"),), "Hearing") for n in range(5)]
    hand_over(live, mails)
    put_book(live, (COUNSEL, "Priya Tann"))
    before, rows = known(live.installation), receipt_bodies(live.installation)
    assert hand_over(live, mails) == {"counted": 0, "known": 5, "passed_over": 0}
    again = put_book(live, (COUNSEL.upper(), "Priya Tann"), (COUNSEL, "Priya Tann"))
    assert (again["changed"], again["removed"], again["size"]) == (0, 0, 1)
    assert known(live.installation) == before
    assert receipt_bodies(live.installation) == rows
    assert [body["added"] for body in rows if body.get("action") == "history-learned"] == [5]


def receipt_bodies(installation: Installation) -> list[dict[str, Any]]:
    with installation.store.read() as connection:
        found = connection.scalars(select(tables.receipts.c.body).order_by(tables.receipts.c.seq))
        return [json.loads(body) for body in found]


def test_a_receipt_of_what_was_learned_names_nobody(live: Live) -> None:
    hand_over(live, [(1, ((COUNSEL, "Priya Tann"),), "The Willow hearing")])
    put_book(live, (COUNSEL, "Priya Tann"))
    learned = [body for body in receipt_bodies(live.installation) if "learned" in str(body)]
    assert len(learned) == 2
    for body in learned:
        assert set(body) == {"v", "action", "client", "mailbox", "added", "removed"} or set(
            body
        ) == {"action", "client", "mailbox", "added", "removed"}
        assert not any(word in str(body) for word in ("@", "Priya", "Willow", "ann"))


def test_a_subject_is_nowhere_in_the_record(live: Live) -> None:
    hand_over(live, [(1, ((COUNSEL, "Priya Tann"),), "Quillfeather hearing")])
    for path in live.installation.settings.data.iterdir():
        if path.is_file():
            assert b"quillfeather" not in path.read_bytes().lower()


def test_a_mail_that_was_reported_and_is_then_read_from_sent_counts_once(live: Live) -> None:
    draft = draft_json(COUNSEL)
    answer = live.check(draft)
    told = {"review": answer["review"], "outcome": "sent", "draft": draft}
    live.call("POST", "/v1/sent", {**told, "message_id": "<m1@council.example>"})
    assert hand_over(live, [(1, ((COUNSEL, ""),), "Minutes")])["known"] == 1
    assert sent_to(live, COUNSEL) == 1


def test_a_mail_that_was_read_from_sent_and_is_then_reported_counts_once(live: Live) -> None:
    draft = draft_json(COUNSEL)
    hand_over(live, [(1, ((COUNSEL, ""),), "Minutes")])
    told = {"outcome": "sent", "draft": draft, "review": live.check(draft)["review"]}
    for name in ("m1@council.example", "m1@council.example"):
        answer = live.call("POST", "/v1/sent", {**told, "message_id": name})
        assert answer.json["recorded"] is True
    live.call("POST", "/v1/sent", told)  # the same report, by a program that names no mail
    assert sent_to(live, COUNSEL) == 1


def test_a_mail_that_went_unchecked_counts_once_too(live: Live) -> None:
    draft = draft_json(COUNSEL)
    report = {"outcome": "sent", "draft": draft, "message_id": "m1@council.example"}
    live.call("POST", "/v1/sent", report)
    hand_over(live, [(1, ((COUNSEL, ""),), "Minutes")])
    assert sent_to(live, COUNSEL) == 1


def test_a_mail_that_was_imported_from_a_file_counts_once(live: Live) -> None:
    mails: list[Sent] = [(n, ((COUNSEL, "Priya Tann"),), "Hearing") for n in range(4)]
    importing.import_history(live.installation.reviewer, mbox(mails), addresses.parse(ANN))
    assert hand_over(live, mails) == {"counted": 0, "known": 4, "passed_over": 0}


def test_a_report_that_names_no_mail_stands_for_one_mail_of_sent(live: Live) -> None:
    """Outlook is told no Message-ID; the same Sent is read by a Thunderbird."""
    draft = draft_json(COUNSEL)
    answer = live.check(draft)
    told = {"review": answer["review"], "outcome": "handed-over", "draft": draft}
    live.call("POST", "/v1/sent", told)
    now = datetime.now(UTC)
    mails = [
        {**as_json((n, ((COUNSEL, ""),), "Minutes")), "date": (now + timedelta(seconds=n)).isoformat()}
        for n in (1, 2)
    ]  # fmt: skip
    answer_ = live.call("POST", "/v1/history", {"mailbox": ANN, "mails": mails})
    assert answer_.json == {"counted": 1, "known": 1, "passed_over": 0}
    assert sent_to(live, COUNSEL) == 2


def test_circulars_and_automatic_mail_and_strangers_are_passed_over(live: Live) -> None:
    plain = as_json((1, ((COUNSEL, ""),), "Hearing"))
    mails = [
        {**plain, "message": "a1", "list_id": "<staff.council.example>"},
        {**plain, "message": "a2", "precedence": "bulk"},
        {**plain, "message": "a3", "auto_submitted": "auto-replied"},
        {**plain, "message": "a4", "from": "Tom Reid <tom.reid@council.example>"},
        {**plain, "message": "a5", "from": "nobody"},
        {**plain, "message": "a6", "to": [ANN]},
        {**plain, "message": "a7", "to": ["undisclosed-recipients:;"]},
    ]
    answer = live.call("POST", "/v1/history", {"mailbox": ANN, "mails": mails})
    assert answer.json == {"counted": 0, "known": 0, "passed_over": 7}
    assert known(live.installation)["correspondents"] == []


def test_a_name_with_a_comma_stays_one_person(live: Live) -> None:
    one = {
        **as_json((1, (), "Hearing")),
        "to": [f"Tann, Priya <{COUNSEL}>", 'Low, "Sam" <s@x.example>'],
    }
    live.call("POST", "/v1/history", {"mailbox": ANN, "mails": [one]})  # fmt: skip
    rows = known(live.installation)["correspondents"]
    assert [(row[0], row[1]) for row in rows] == [
        (COUNSEL, "Tann, Priya"),
        ("s@x.example", "Low, Sam"),
    ]


def test_a_complete_list_takes_out_what_is_no_longer_in_it(live: Live) -> None:
    first, second = "0" * 32, "1" * 32
    put_book(live, (COUNSEL, "Priya Tann"), ("jo@farm.example", "Jo"), listing=first)
    assert put_book(live, ("al@farm.example", ""), listing=first, complete=True)["size"] == 3
    put_book(live, (COUNSEL, "Priya Tann"), listing=second)
    done = put_book(live, ("al@farm.example", "Al"), listing=second, complete=True)
    assert done == {"changed": 1, "removed": 1, "left_out": 0, "size": 2}


def test_the_list_of_one_program_takes_nothing_out_of_anothers(live: Live) -> None:
    with live.installation.store.write() as connection:
        _, other = clients.add(connection, "laptop", "sender", times.now())
    put_book(live, (COUNSEL, "Priya Tann"), listing="0" * 32, complete=True)
    body = {"mailbox": ANN, "entries": [], "listing": "1" * 32, "complete": True}
    assert live.call("POST", "/v1/book", body, token=other).json["size"] == 1
    gone = {"mailbox": ANN, "removed": [COUNSEL]}
    assert live.call("POST", "/v1/book", gone, token=other).json["size"] == 0


def test_what_was_handed_over_can_be_forgotten(live: Live) -> None:
    put_book(live, (COUNSEL, "Priya Tann"), ("jo@farm.example", "Jo"), ("no address", "x"))
    assert put_book(live, forget=True) == {"changed": 0, "removed": 2, "left_out": 0, "size": 0}
    assert asked(live.check(draft_json(SLIP)), NEAR) is None


def test_one_sender_never_learns_from_the_book_of_another(live: Live) -> None:
    """Invariant 9."""
    put_book(live, (COUNSEL, "Priya Tann"))
    hand_over(live, [(n, (("kit.hale@supplier.example", ""),), "") for n in range(12)])
    theirs = live.check(draft_json(SLIP, "kit.hale@suplier.example", sender=TOM))
    assert asked(theirs, NEAR) is None


def test_a_starred_wrong_address_stays_in_doubt(live: Live, cli: Any) -> None:
    """Invariant 6's spirit: Stoke, where the wrong address had become the usual one."""
    cli("contacts", "add", COUNSEL, "--reason", "counsel")
    put_book(live, (SLIP, "Priya Tann"))
    finding = asked(live.check(draft_json(SLIP)), NEAR)
    assert finding
    assert finding["suggestion"]["address"] == COUNSEL


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/history", {"mailbox": "nobody", "mails": []}),
        ("/v1/history", {"mailbox": ANN, "mails": [{}]}),
        ("/v1/history", {"mailbox": ANN, "mails": [as_json((1, (), ""))] * 201}),
        ("/v1/history", {"mailbox": ANN, "mails": [{**as_json((1, (), "")), "date": "yesterday"}]}),
        (
            "/v1/history",
            {"mailbox": ANN, "mails": [{**as_json((1, (), "")), "date": "0001-01-01T00:00:00Z"}]},
        ),
        ("/v1/book", {"mailbox": ANN, "entries": [{"address": COUNSEL}] * 1001}),
        ("/v1/book", {"mailbox": ANN, "listing": "x"}),
    ],
)
def test_what_is_too_much_or_makes_no_sense_is_refused(live: Live, path: str, body: Any) -> None:
    answer = live.call("POST", path, body)
    assert answer.status == 422
    assert ANN not in answer.body.decode()


def test_in_a_department_a_book_is_learned_for_its_owners_own_mailbox_only(
    installation: Installation,
) -> None:
    installation.department = Department(
        public="https://lastlook.council.example",
        sign_in=SignIn(issuer="https://login.council.example", client_id="x"),
    )
    shared = "legal@council.example"
    now = times.now()
    with installation.store.write() as connection:
        person = people.add(connection, "", ANN, "Ann Lee", now)
        people.bind(connection, person.id, ANN, "own", "admin", now)
        people.bind(connection, person.id, shared, "shared", "admin", now)
        _, token = clients.add(connection, "x", "sender", now, person.id)
    with serving(installation) as live:

        def put(path: str, mailbox: str, **more: Any) -> int:
            return live.call("POST", path, {"mailbox": mailbox, **more}, token=token).status

        assert put("/v1/book", ANN, entries=[]) == 200
        assert put("/v1/book", shared, entries=[]) == 403
        assert put("/v1/book", TOM, entries=[]) == 403
        assert put("/v1/history", shared, mails=[]) == 200
        assert put("/v1/history", TOM, mails=[]) == 403


PEOPLE = st.sampled_from(
    [
        ("jo@farm.example", "Jo Bell"),
        ("jo@farm.example", "Jo"),
        ("jo@farm.example", ""),
        (COUNSEL, "Priya Tann"),
        (COUNSEL, "Tann, Priya"),
        ("al@mill.example", ""),
    ]
)
MAILS = st.dictionaries(
    st.integers(0, 40),
    st.tuples(
        st.lists(PEOPLE, min_size=1, max_size=3, unique_by=lambda one: one[0]).map(tuple),
        st.sampled_from(["Hearing", "Re: Hearing", "", "Harvest plan 2011/0417"]),
    ),
    min_size=1,
    max_size=12,
).map(lambda found: [(minute, *rest) for minute, rest in found.items()])


@given(MAILS, st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_and_overlap_of_parts_gives_the_history_of_one_import(
    installation: Installation, mails: list[Sent], data: st.DataObject
) -> None:
    """The mails of one file, against the same in parts: shuffled, overlapping, repeated."""
    reviewer = installation.reviewer
    whole, parted = (addresses.parse(f"{name}@council.example") for name in ("ann.lee", "parted"))
    with installation.store.write() as connection:
        for table in (tables.correspondents, tables.messages, tables.seen_messages):
            connection.execute(table.delete())
    importing.import_history(reviewer, mbox(mails), whole)
    parts = data.draw(st.lists(st.lists(st.sampled_from(mails), max_size=6), max_size=5))
    parts.append(data.draw(st.permutations(mails)))
    for part in data.draw(st.permutations(parts)):
        given_ = [as_json(mail, "parted@council.example") for mail in part]
        learning.learn_headers(
            reviewer,
            parted,
            "c",
            [
                learning.Headers(
                    one["message"], datetime.fromisoformat(one["date"]), one["from"],
                    tuple(one["to"]), one["subject"],
                )
                for one in given_
            ],
        )  # fmt: skip
    assert known(installation, parted.key) == known(installation, whole.key)


def test_a_second_computer_starts_with_what_the_first_one_knew(
    live: Live, cli: Any, tmp_path: Path
) -> None:
    """`backup` on one, `restore` on the other, which pairs a client of its own."""
    put_book(live, (COUNSEL, "Priya Tann"))
    mails: list[Sent] = [
        (n, (("kit.hale@supplier.example", "Kit Hale"),), "Order") for n in range(12)
    ]
    hand_over(live, mails)
    slips = (draft_json(SLIP), draft_json("kit.hale@suplier.example"))
    first = [live.check(slip) for slip in slips]
    assert all(asked(answer, NEAR) for answer in first)
    backup = tmp_path / "lastlook.backup"
    cli("backup", str(backup))

    from click.testing import CliRunner

    from addin_service.cli import main

    place = ["--data", str(tmp_path / "new"), "--organisation", str(tmp_path / "none")]
    restored = CliRunner().invoke(main, [*place, "restore", str(backup)])
    assert restored.exit_code == 0, restored.output
    second = open_installation(Settings(tmp_path / "new", tmp_path / "none"))
    try:
        with second.store.write() as connection:
            code = clients.new_code(connection, "new computer", "sender", times.now())
        with serving(second) as there:
            paired = there.call("POST", "/v1/pair", {"code": code, "name": "new"}, token=None).json
            there.token = paired["token"]
            for slip, before in zip(slips, first, strict=True):
                after = there.check(slip)
                assert after["verdict"] == before["verdict"]
                assert asked(after, NEAR) == asked(before, NEAR)
            assert hand_over(there, mails)["known"] == 12
            again = put_book(there, (COUNSEL, "Priya Tann"), listing="0" * 32, complete=True)
            assert again["size"] == 1
    finally:
        second.close()
