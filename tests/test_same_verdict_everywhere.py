"""Invariant 8: the same draft gets the same verdict on SQLite and on PostgreSQL, at a desk and in a department.

Every story is told to both, through the whole service but for HTTP: contacts and history are read
from the database, the verdict is recorded there, answers are given and remembered.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from addin_service import drafts
from addin_service.installation import Installation, open_installation
from addin_service.model import Answer, Choice, Draft, Keep
from addin_service.receipts import verify
from addin_service.settings import Settings
from addin_service.store import book, contacts, history, receipts, tables, times
from addin_service.store.contacts import Entry
from addin_service.store.history import Mail
from addin_service.web.wire import answer_out
from tests.checks import stories
from tests.store.server import Postgres, postgres

__all__ = ["postgres"]

pytestmark = pytest.mark.postgresql

STORIES = [
    (file.stem, story)
    for file in sorted(stories.CASES.glob("*.toml"))
    for story in stories.stories(file.stem)
]
NOW = times.now()


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> Iterator[tuple[Installation, Installation]]:
    """Two installations with one secret, so that ids can be compared: one on each database."""
    home = tmp_path_factory.mktemp("both")
    (home / "organisation").mkdir()
    with postgres.fresh() as url:
        desk = open_installation(Settings(home / "desk", home / "organisation"))
        (home / "department").mkdir()
        shutil.copy(home / "desk" / "secret.key", home / "department" / "secret.key")
        (home / "department" / "service.toml").write_text('public = "https://look.example"\n')
        department = open_installation(Settings(home / "department", home / "organisation", url))
        assert desk.store.is_sqlite
        assert not department.store.is_sqlite
        assert desk.department is None
        assert department.department is not None
        yield desk, department
        desk.close()
        department.close()


def tell(installation: Installation, story: dict[str, Any], draft: Draft) -> None:
    """Put what the story says is known into the database, and nothing else."""
    mailbox = draft.sender.key
    listed = [
        *((one, "known") for one in story.get("directory", [])),
        *((f"@{one}", "known") for one in story.get("allowed", [])),
        *((one, "blocked") for one in story.get("blocked", [])),
    ]
    entries = []
    for person, status in listed:
        name, given = stories.split(person)
        key = given if given.startswith("@") else stories.addresses.parse(given).key
        entries.append(Entry(key, name, status=status, reason="a rival"))
    with installation.store.write() as connection:
        for table in (tables.keeps, tables.seen_messages, tables.correspondents, tables.book):
            connection.execute(delete(table))
        contacts.replace_source(connection, "directory", entries, NOW)
        mails = []
        for number, line in enumerate(story.get("used", [])):
            found = stories._USED.fullmatch(line)
            assert found
            name, given = stories.split(found[1])
            for direction, count in (("sent", int(found[2] or 0)), ("heard", int(found[3] or 0))):
                mails += [
                    Mail(
                        f"{number} {direction} {n}",
                        direction,
                        ((stories.addresses.parse(given), name),),
                        NOW,
                    )  # type: ignore[arg-type]
                    for n in range(count)
                ]
        history.learn(connection, mailbox, mails)
        until = NOW + timedelta(90)
        kept = [
            Keep("recipient", stories.addresses.parse(one).key, False, until)
            for one in story.get("answered", [])
        ] + [Keep("domain", one, False, until) for one in story.get("acknowledged", [])]
        history.remember(connection, mailbox, kept, NOW)
        listed_by = (stories.split(person) for person in story.get("book", []))
        names = {stories.addresses.parse(given).key: name for name, given in listed_by}
        book.put(connection, mailbox, "c", names)
    installation.reviewer.gatherer._own.clear()


def told_by(installation: Installation, draft: Draft) -> list[Any]:
    """Three rounds: as it comes, with everything answered, and the same mail another day."""
    reviewer, rounds = installation.reviewer, []
    first = reviewer.check(draft, "test")
    answers = [
        Answer(
            judged.id,
            Choice("keep" if judged.ask == "choose" else judged.ask.value),
            _value(judged),
        )
        for judged in first.verdict.shown
        if judged.ask
    ]
    second = reviewer.check(draft, "test", review=first.review, answers=answers)
    third = reviewer.check(draft, "test")
    for answered in (first, second, third):
        said = answer_out(answered)
        rounds.append({k: v for k, v in said.items() if k not in ("reference", "review")})
        with installation.store.read() as connection:
            [row] = receipts.by_reference(connection, str(answered.reference))
        rounds.append({k: v for k, v in json.loads(row.body).items() if k != "ms"})
    return rounds


def _value(judged: Any) -> str | None:
    if judged.ask == "retype" and judged.finding.about:
        return str(judged.finding.about.given)
    return "read it twice" if judged.ask == "reason" else None


@pytest.mark.parametrize(
    ("check", "story"), STORIES, ids=[f"{check}: {story['story']}" for check, story in STORIES]
)
def test_a_story_ends_the_same_on_both(
    both: tuple[Installation, Installation], check: str, story: dict[str, Any]
) -> None:
    draft = stories.draft(story)
    ends = []
    for installation in both:
        tell(installation, story, draft)
        ends.append(told_by(installation, draft))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("odd", ["a\0b", "\U0001f642", "x" * 900, "\u202egnp", "é\u0301", "%s"])
def test_odd_names_change_nothing_between_them(
    both: tuple[Installation, Installation], odd: str
) -> None:
    draft = drafts.make(
        ("ann.lee@council.example", odd), ([("al@unknown-firm.example", odd)], (), ()), odd, odd
    )
    ends = []
    for installation in both:
        tell(installation, {"directory": ["Al <al@known-firm.example>"]}, draft)
        reviewer = installation.reviewer
        mail = Mail(odd.replace("\0", "0")[:60], "sent", ((draft.addressed[0].address, odd),), NOW)  # type: ignore[arg-type]
        before = told_by(installation, draft)
        with installation.store.write() as connection:
            history.learn_one(connection, draft.sender.key, mail)
        ends.append((before, told_by(installation, draft)))
        assert reviewer.check(replace(draft, subject=""), "test").reference
    assert ends[0] == ends[1]


def test_both_records_are_whole(both: tuple[Installation, Installation]) -> None:
    for installation in both:
        with installation.store.read() as connection:
            rows, head = receipts.rows(connection), receipts.head(connection)
            assert verify(installation.reviewer.chain_key, rows, head) is None
