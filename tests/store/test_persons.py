"""Accounts of one person, on both databases: what files say, and what the helpdesk said."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection

from addin_service.store import contacts, facts, persons
from addin_service.store.contacts import Changed, Entry
from addin_service.store.engine import Store

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
A, B, C, D = (f"{letter}@b.example" for letter in "abcd")


def put(connection: Connection, persons_: dict[str, str], source: str = "directory") -> Changed:
    entries = [Entry(entry, person=person, source=source) for entry, person in persons_.items()]
    return contacts.put(connection, entries, NOW)


def groups(connection: Connection) -> list[list[str]]:
    """Who is together; whoever is alone is not named."""
    found: dict[str, list[str]] = {}
    for entry in contacts.search(connection):
        if entry.person:
            found.setdefault(entry.person, []).append(entry.entry[0])
    return sorted(sorted(set(one)) for one in found.values() if len(set(one)) > 1)


def test_a_person_is_kept_with_the_contact_and_found_there(store: Store) -> None:
    with store.write() as connection:
        assert put(connection, {A: "p1", B: "p1", C: ""}) == Changed(added=3)
        assert put(connection, {A: "p1", B: "p1", C: ""}) == Changed(unchanged=3)
        assert put(connection, {B: "p2"}) == Changed(updated=1)
        found = {entry.entry: entry.person for entry in contacts.search(connection)}
        assert found == {A: "p1", B: "p2", C: ""}
        valid = contacts.valid(connection, date(2026, 7, 1), "1 = 1")
        assert {contacts.as_contact(entry).person for entry in valid} == {"p1", "p2", ""}


def test_what_a_file_no_longer_says_is_gone(store: Store) -> None:
    with store.write() as connection:
        put(connection, {A: "p1", B: "p1"})
        put(connection, {A: "", B: ""})
        assert groups(connection) == []


def test_joining_takes_along_who_is_joined_already(store: Store) -> None:
    with store.write() as connection:
        put(connection, {A: "p1", B: "p1", C: "", D: ""})
        assert persons.join(connection, [B, C]) == 3
        assert groups(connection) == [["a", "b", "c"]]
        assert persons.join(connection, [C, B]) == 0
        assert persons.join(connection, [A, D]) == 1
        assert groups(connection) == [["a", "b", "c", "d"]]


def test_two_persons_become_one(store: Store) -> None:
    with store.write() as connection:
        put(connection, dict.fromkeys((A, B, C, D), ""))
        persons.join(connection, [A, B])
        persons.join(connection, [C, D])
        assert groups(connection) == [["a", "b"], ["c", "d"]]
        assert persons.join(connection, [B, D]) == 2
        assert groups(connection) == [["a", "b", "c", "d"]]


def test_what_the_helpdesk_said_outlives_imports(store: Store) -> None:
    with store.write() as connection:
        put(connection, {A: "", B: ""})
        persons.join(connection, [A, B])
        assert put(connection, {A: "", B: ""}) == Changed(unchanged=2)
        assert put(connection, {A: "p1", B: "p2"}) == Changed(unchanged=2)
        contacts.replace_source(connection, "folder", [Entry(A, source="folder")], NOW)
        contacts.put(connection, [Entry(B, "New name", source="helpdesk")], NOW)
        assert {entry.person[:5] for entry in contacts.search(connection)} == {persons.SAID}
        assert groups(connection) == [["a", "b"]]


def test_an_account_that_a_file_adds_later_belongs_to_the_others(store: Store) -> None:
    with store.write() as connection:
        put(connection, {A: "p1", B: "p1", C: ""})
        persons.join(connection, [A, C])
        put(connection, {A: "p1", B: "p1", D: "p1"})
        assert groups(connection) == [["a", "b", "c", "d"]]


def test_parting_outlives_imports_too(store: Store) -> None:
    with store.write() as connection:
        put(connection, {A: "p1", B: "p1", C: "p1"})
        assert persons.part(connection, [A]) == 1
        assert persons.part(connection, [A]) == 0
        assert groups(connection) == [["b", "c"]]
        put(connection, {A: "p1", B: "p1", C: "p1"})
        assert groups(connection) == [["b", "c"]]
        persons.join(connection, [A, B])
        assert groups(connection) == [["a", "b", "c"]]


def test_those_parted_together_are_not_one_person(store: Store) -> None:
    with store.write() as connection:
        put(connection, {A: "p1", B: "p1"})
        assert persons.part(connection, [A, B]) == 2
        assert groups(connection) == []


def test_parting_who_is_alone_changes_nothing(store: Store) -> None:
    with store.write() as connection:
        put(connection, {A: ""})
        before = facts.contacts_revision(connection)
        assert persons.part(connection, [A, "nobody@b.example"]) == 0
        assert facts.contacts_revision(connection) == before


@pytest.mark.parametrize("act", [persons.join, persons.part])
def test_every_row_of_an_address_says_the_same(
    store: Store, act: Callable[[Connection, list[str]], int]
) -> None:
    with store.write() as connection:
        for source in ("directory", "helpdesk", "folder"):
            put(connection, {A: "p1", B: "p1"}, source)
        before = facts.contacts_revision(connection)
        act(connection, [A, B])
        assert facts.contacts_revision(connection) > before
        told: dict[str, set[str]] = {}
        for entry in contacts.search(connection):
            told.setdefault(entry.entry, set()).add(entry.person)
        assert all(len(one) == 1 for one in told.values())


def test_who_is_missing_is_named(store: Store) -> None:
    with store.write() as connection:
        put(connection, {A: ""})
        assert persons.missing(connection, [B, A, B, "@b.example"]) == ["@b.example", B]


def test_more_entries_than_one_statement_reads(store: Store) -> None:
    many = {f"p{number:04}@b.example": f"p{number // 2}" for number in range(2_400)}
    with store.write() as connection:
        put(connection, many)
        persons.join(connection, ["p0000@b.example", "p2399@b.example"])
        assert put(connection, many) == Changed(unchanged=2_400)
        told = {entry.entry: entry.person for entry in contacts.search(connection, limit=5_000)}
    (together,) = {told[f"p{n:04}@b.example"] for n in (0, 1, 2398, 2399)}
    assert together.startswith(persons.SAID)
    assert sum(person == together for person in told.values()) == 4
