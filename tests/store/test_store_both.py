"""Every module of the store, on both databases (G5, G7): what one remembers, the other does."""

import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text

from addin_service import addresses
from addin_service.model import Address, Keep
from addin_service.receipts import GENESIS, verify
from addin_service.store import (
    clients,
    contacts,
    facts,
    history,
    receipts,
    requests,
    schema,
    sets,
    tables,
    times,
)
from addin_service.store.contacts import Changed, Entry
from addin_service.store.engine import Store, StoreUnavailable
from addin_service.store.history import Mail

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
DAY = date(2026, 7, 1)
KEY = b"k" * 32
ANN = "ann.lee@council.example"


def address(text_: str) -> Address:
    return addresses.parse(text_)


# Contacts


def test_contacts_are_put_once_changed_once_and_found(store: Store) -> None:
    tann = Entry(
        "p.tann@chambers.example", "Priya Tann", "Chambers", address="P.Tann@chambers.example"
    )
    with store.write() as connection:
        assert contacts.put(connection, [tann, Entry("@court.example")], NOW) == Changed(added=2)
        before = facts.contacts_revision(connection)
        assert contacts.put(connection, [tann], NOW) == Changed(unchanged=1)
        assert facts.contacts_revision(connection) == before
        renamed = Entry("p.tann@chambers.example", "Priya A. Tann", expires=DAY)
        assert contacts.put(connection, [renamed], NOW) == Changed(updated=1)
        assert facts.contacts_revision(connection) > before
    with store.read() as connection:
        [found] = contacts.search(connection, "p.tann")
        assert (found.name, found.expires, found.hits) == ("Priya A. Tann", DAY, 0)
        assert contacts.id_of(connection, found) == found.id


def test_of_one_entry_twice_in_a_file_the_last_counts(store: Store) -> None:
    with store.write() as connection:
        contacts.put(connection, [Entry("a@b.example", "One"), Entry("a@b.example", "Two")], NOW)
        assert [e.name for e in contacts.search(connection)] == ["Two"]


def test_an_entry_counts_until_the_end_of_its_last_day(store: Store) -> None:
    entries = [
        Entry("today@b.example", expires=DAY),
        Entry("gone@b.example", expires=DAY - timedelta(1)),
        Entry("always@b.example"),
    ]
    with store.write() as connection:
        contacts.put(connection, entries, NOW)
        valid = {entry.entry for entry in contacts.valid(connection, DAY, "1 = 1")}
    assert valid == {"today@b.example", "always@b.example"}


def test_the_folder_has_the_last_word(store: Store) -> None:
    with store.write() as connection:
        for source in ("folder", "directory", "helpdesk"):
            contacts.put(connection, [Entry("a@b.example", source, source=source)], NOW)
        assert [e.name for e in contacts.valid(connection, DAY, "1 = 1")][-1] == "folder"


def test_replacing_a_source_leaves_the_others_alone(store: Store) -> None:
    many = [Entry(f"p{n:04}@b.example", source="folder") for n in range(1201)]
    with store.write() as connection:
        contacts.put(connection, [Entry("p0001@b.example", source="helpdesk")], NOW)
        assert contacts.replace_source(connection, "folder", many, NOW).added == 1201
        contacts.replace_source(connection, "folder", many[:3], NOW)
        left = [(e.entry, e.source) for e in contacts.search(connection, limit=5000)]
    assert left == [
        ("p0000@b.example", "folder"),
        ("p0001@b.example", "folder"),
        ("p0001@b.example", "helpdesk"),
        ("p0002@b.example", "folder"),
    ]


def test_what_the_folder_says_cannot_be_removed_here(store: Store) -> None:
    with store.write() as connection:
        contacts.put(
            connection,
            [Entry("a@b.example", source="folder"), Entry("c@d.example", source="helpdesk")],
            NOW,
        )
        ids = {entry.source: entry.id for entry in contacts.search(connection)}
        assert not contacts.remove(connection, ids["folder"])
        assert contacts.remove(connection, ids["helpdesk"])
        assert not contacts.remove(connection, ids["helpdesk"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("müller", {"m@a.example"}),
        ("MÜLLER", {"m@a.example"}),
        ("ÉCOLE", {"e@a.example"}),
        ("école", {"e@a.example"}),
        ("100%", {"p@a.example"}),
        ("_", {"u_v@a.example"}),
        ("\\", {"b@a.example"}),
        (
            "a.example",
            {"m@a.example", "e@a.example", "p@a.example", "u_v@a.example", "b@a.example"},
        ),
        ("nobody", set()),
        ("m@a' OR 1=1 --", set()),
    ],
)
def test_search_finds_words_whatever_their_case_and_takes_signs_literally(
    store: Store, query: str, found: set[str]
) -> None:
    entries = [
        Entry("m@a.example", "Jörg Müller"),
        Entry("e@a.example", organisation="École Sainte Anne"),
        Entry("p@a.example", "100% Recruiting"),
        Entry("u_v@a.example"),
        Entry("b@a.example", "back\\slash"),
    ]
    with store.write() as connection:
        contacts.put(connection, entries, NOW)
        assert {entry.entry for entry in contacts.search(connection, query)} == found


def test_entries_come_in_one_order_everywhere(store: Store) -> None:
    names = ["b@x.example", "a.b@x.example", "ab@x.example", "@x.example", "a-c@x.example",
             "á@x.example", "z@x.example", "A@x.example", "_@x.example"]  # fmt: skip
    with store.write() as connection:
        contacts.put(connection, [Entry(name) for name in names], NOW)
        found = [entry.entry for entry in contacts.search(connection)]
    assert found == sorted(names)


def test_hits_are_counted(store: Store) -> None:
    with store.write() as connection:
        contacts.put(connection, [Entry("a@b.example"), Entry("@b.example")], NOW)
        contacts.count_hits(connection, ["a@b.example", "a@b.example", "nobody@b.example"], NOW)
        contacts.count_hits(connection, ["a@b.example"], NOW + timedelta(1))
        contacts.count_hits(connection, [], NOW)
        hits = {e.entry: (e.hits, e.last_used) for e in contacts.search(connection)}
    assert hits == {"a@b.example": (2, times.text(NOW + timedelta(1))), "@b.example": (0, None)}


# History


def mail(number: int, *people: str, direction: str = "sent", name: str = "") -> Mail:
    return Mail(
        f"{number:064}",
        direction,
        tuple((address(p), name) for p in people),
        NOW + timedelta(number),
    )  # type: ignore[arg-type]


def test_a_mail_is_counted_once_however_often_it_is_read(store: Store) -> None:
    mails = [
        mail(1, "jo@b.example", name="Jo"),
        mail(2, "jo@b.example", "al@b.example"),
        mail(3, "jo@b.example", direction="heard"),
    ]
    with store.write() as connection:
        assert history.learn(connection, ANN, mails) == (3, 0)
        first = history.revision(connection, ANN)
        assert history.learn(connection, ANN, mails) == (0, 3)
        assert not history.learn_one(connection, ANN, mails[0])
        assert history.revision(connection, ANN) == first
        assert history.learn_one(connection, ANN, mail(4, "jo@b.example"))
        assert history.revision(connection, ANN) == first + 1
    with store.read() as connection:
        people = {
            c.key: (c.name, c.sent, c.heard) for c in history.correspondents_of(connection, ANN)
        }
        assert people == {"jo@b.example": ("Jo", 3, 1), "al@b.example": ("", 1, 0)}
        assert history.correspondents_of(connection, "other@council.example") == []
        assert history.revision(connection, "other@council.example") == 0


def test_one_senders_history_is_not_anothers(store: Store) -> None:
    with store.write() as connection:
        history.learn_one(connection, ANN, mail(1, "jo@b.example"))
        history.learn_one(connection, "bob@council.example", mail(1, "al@b.example"))
        assert [c.key for c in history.correspondents_of(connection, ANN)] == ["jo@b.example"]


def test_older_mail_read_later_does_not_make_a_contact_older(store: Store) -> None:
    with store.write() as connection:
        history.learn_one(connection, ANN, mail(9, "jo@b.example"))
        history.learn(connection, ANN, [mail(2, "jo@b.example")])
        last = connection.scalar(select(tables.correspondents.c.last_sent))
    assert last == times.text(NOW + timedelta(9))


def test_a_name_with_any_character_is_remembered(store: Store) -> None:
    names = ["Zoë 🙂", "O'Brien; DROP TABLE keeps", "%s %(x)s", "a\x00b", "x" * 5000, "\u202etxt"]
    with store.write() as connection:
        for number, name in enumerate(names):
            history.learn_one(connection, ANN, mail(number, f"p{number}@b.example", name=name))
        found = {c.key: c.name for c in history.correspondents_of(connection, ANN)}
    assert len(found) == len(names)
    assert found["p1@b.example"] == names[1]


def test_the_longest_addresses_fit(store: Store) -> None:
    longest = address("a" * 60 + "@" + ".".join(["b" * 60] * 3) + ".example")
    with store.write() as connection:
        history.learn_one(connection, longest.key, Mail("m", "sent", ((longest, ""),), NOW))
        history.remember(connection, longest.key, [keep(longest.key)], NOW)
        contacts.put(connection, [Entry(longest.key), Entry(f"@{longest.domain}")], NOW)
        requests.ask(connection, longest, longest.key, "c", "why", NOW)
        assert history.correspondents_of(connection, longest.key)[0].key == longest.key


def keep(key: str, kind: str = "recipient", sensitive: bool = False, days: int = 90) -> Keep:
    return Keep(kind, key, sensitive, NOW + timedelta(days))  # type: ignore[arg-type]


def test_answers_are_kept_renewed_and_run_out(store: Store) -> None:
    with store.write() as connection:
        history.remember(connection, ANN, [keep("jo@b.example", days=1)], NOW)
        history.remember(connection, ANN, [keep("jo@b.example"), keep("b.example", "domain")], NOW)
        history.remember(connection, ANN, [keep("jo@b.example", sensitive=True)], NOW)
        history.remember(connection, ANN, [], NOW)
    with store.read() as connection:
        kept = history.kept_by(connection, ANN, NOW + timedelta(89))
        assert {(k.kind, k.key, k.sensitive) for k in kept} == {
            ("recipient", "jo@b.example", False),
            ("recipient", "jo@b.example", True),
            ("domain", "b.example", False),
        }
        assert all(k.until == NOW + timedelta(90) for k in kept)
        assert history.kept_by(connection, ANN, NOW + timedelta(90)) == []
        assert history.kept_by(connection, "bob@council.example", NOW) == []


# Clients and pairing


def test_a_token_opens_until_it_is_revoked(store: Store) -> None:
    with store.write() as connection:
        client, token = clients.add(connection, "Thunderbird", "sender", NOW)
        assert clients.holder(connection, token) == client
        assert clients.holder(connection, token + "x") is None
        assert clients.holder(connection, "") is None
        assert clients.holder(connection, "\x00." + token) is None
        assert clients.proof(connection, client.id, "n" * 16)
        assert clients.revoke(connection, client.id, NOW)
        assert not clients.revoke(connection, client.id, NOW)
        assert clients.holder(connection, token) is None
        assert clients.proof(connection, client.id, "n" * 16) is None
        assert [one.revoked for one in clients.everyone(connection)] == [times.text(NOW)]


def test_a_pairing_code_is_good_once_and_for_two_minutes(store: Store) -> None:
    with store.write() as connection:
        code = clients.new_code(connection, "", "sender", NOW)
        late = clients.new_code(connection, "late", "sender", NOW)
        assert clients.redeem(connection, "0000-0000", "x", NOW) is None
        paired = clients.redeem(connection, code.lower(), "Outlook", NOW)
        assert paired is not None
        assert (paired[0].name, paired[0].role) == ("Outlook", "sender")
        assert clients.redeem(connection, code, "x", NOW) is None
        assert clients.redeem(connection, late, "x", NOW + timedelta(minutes=2)) is None


def test_five_wrong_codes_close_every_open_one(store: Store) -> None:
    with store.write() as connection:
        code = clients.new_code(connection, "", "sender", NOW)
        for _ in range(clients.CODE_TRIES):
            assert clients.redeem(connection, "0000-0000", "x", NOW) is None
        assert clients.redeem(connection, code, "x", NOW) is None


# Requests


def test_asking_twice_is_asking_once_until_it_is_decided(store: Store) -> None:
    jo = address("Jo@B.example")
    with store.write() as connection:
        first = requests.ask(connection, jo, ANN, "c", "new counsel", NOW)
        assert requests.ask(connection, jo, ANN, "c", "again", NOW) == first
        other = requests.ask(
            connection, jo, "bob@council.example", "c", "me too", NOW + timedelta(1)
        )
        assert [r.id for r in requests.listed(connection, "open")] == [first, other]
        granted = requests.decide(connection, first, "granted", NOW)
        assert granted is not None
        assert (granted.entry, granted.address, granted.state) == (
            "jo@b.example",
            "Jo@b.example",
            "granted",
        )
        assert requests.decide(connection, first, "refused", NOW) is None
        assert requests.decide(connection, "unknown", "refused", NOW) is None
        assert requests.ask(connection, jo, ANN, "c", "again", NOW) != first
        assert len(requests.listed(connection)) == 3


# Facts, and the way in


def test_a_fact_is_written_over(store: Store) -> None:
    with store.write() as connection:
        assert facts.read(connection, "x", "none") == "none"
        facts.write(connection, "x", "1")
        facts.write(connection, "x", "2")
        assert facts.read(connection, "x") == "2"


class Change(Exception):
    pass


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def breaks_off() -> None:
        with store.write() as connection:
            facts.write(connection, "x", "1")
            receipts.append(connection, KEY, times.text(NOW), "check", {}, None)
            raise Change

    with pytest.raises(Change):
        breaks_off()
    with store.read() as connection:
        assert facts.read(connection, "x") == ""
        assert receipts.head(connection) == (0, GENESIS)


def test_a_failure_of_the_database_never_carries_what_was_written(store: Store) -> None:
    def twice() -> None:
        with store.write() as connection:
            for _ in range(2):
                connection.execute(tables.settings.insert().values(name="canary", value="canary"))

    with pytest.raises(StoreUnavailable) as failure:
        twice()
    error: BaseException | None = failure.value
    while error is not None:
        assert "canary" not in str(error)
        assert error.__suppress_context__ or error.__context__ is None
        error = error.__cause__


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_read_sees_one_moment(store: Store) -> None:
    """On PostgreSQL; an SQLite reader makes the writer wait instead."""
    with store.read() as reading:
        assert receipts.head(reading) == (0, GENESIS)
        with store.write() as connection:
            receipts.append(connection, KEY, times.text(NOW), "check", {}, None)
        assert list(receipts.rows(reading)) == []


# The chain


def chain(connection: Connection) -> int:
    """The number of receipts; fails where the chain is broken."""
    rows = list(receipts.rows(connection))
    assert verify(KEY, rows, receipts.head(connection)) is None
    return len(rows)


def test_a_receipt_is_found_again_as_it_was_written(store: Store) -> None:
    body = {"text": "ü\u0000\ud83d 🙂", "n": 1.5, "list": [None, True]}
    with store.write() as connection:
        receipts.append(connection, KEY, times.text(NOW), "check", body, "7KQ2-9XMB")
        receipts.append(connection, KEY, times.text(NOW), "admin", {}, None)
        receipts.append(connection, KEY, times.text(NOW), "sent", {}, "7KQ2-9XMB")
        found = receipts.by_reference(connection, "7KQ2-9XMB")
        assert [row.kind for row in found] == ["check", "sent"]
        assert json.loads(found[0].body) == {"v": 1, **body}
        assert chain(connection) == 3


def _append(url: str, start: object, count: int) -> None:
    store = Store(url)
    start.wait()  # type: ignore[attr-defined]
    for _ in range(count):
        with store.write() as connection:
            receipts.append(connection, KEY, times.text(times.now()), "check", {}, None)
            facts.raise_contacts_revision(connection)
    store.close()


def test_four_processes_write_one_chain(store: Store, url: str) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(4)
    writers = [context.Process(target=_append, args=(url, start, 25)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * 4
    with store.read() as connection:
        assert chain(connection) == 100
        assert facts.contacts_revision(connection) == 100, "no change went unnoticed"


def test_four_stores_in_threads_write_one_chain(store: Store, url: str) -> None:
    # Four stores, so that it is the database that keeps them apart, as with several workers.
    stores = [Store(url) for _ in range(4)]

    def work(own: Store) -> None:
        for number in range(25):
            with own.write() as connection:
                # In the two orders in which the service does it: sends, and imports.
                if number % 2:
                    receipts.append(connection, KEY, times.text(NOW), "sent", {}, None)
                    history.learn_one(connection, ANN, mail(number, "jo@b.example"))
                else:
                    history.learn(connection, ANN, [mail(number, "jo@b.example")])
                    receipts.append(connection, KEY, times.text(NOW), "admin", {}, None)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, own) for own in stores]:
            done.result()
    for own in stores:
        own.close()
    with store.read() as connection:
        assert chain(connection) == 100
        assert [c.sent for c in history.correspondents_of(connection, ANN)] == [25]


def test_a_busy_database_is_said_to_be_busy(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("addin_service.store.engine.BUSY_MS", 200)
    monkeypatch.setattr("addin_service.store.engine.SQLITE_PRAGMAS", ("PRAGMA busy_timeout=200",))
    other = Store(url)
    with store.write() as holding:
        facts.write(holding, "x", "1")
        with pytest.raises(StoreUnavailable), other.write() as connection:
            facts.write(connection, "x", "2")
    with other.write() as connection:
        assert facts.read(connection, "x") == "1"
    other.close()


# Migrations


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _differences(store: Store) -> list[object]:
    with store.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, tables.metadata))


def test_the_migrations_make_what_the_models_say(store: Store) -> None:
    assert _differences(store) == []
    with store.read() as connection:
        made = set(inspect(connection).get_table_names()) - {"alembic_version"}
    assert made == set(tables.metadata.tables)


def test_a_column_that_a_migration_forgot_is_noticed(store: Store) -> None:
    with store.write() as connection:
        connection.execute(text("ALTER TABLE clients DROP COLUMN revoked"))
    assert _differences(store) != []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    with store.write() as connection:
        contacts.put(connection, [Entry("a@b.example")], NOW)
    schema.upgrade(store)
    with store.read() as connection:
        assert [e.entry for e in contacts.search(connection)] == ["a@b.example"]


def _filled(connection: Connection) -> None:
    contacts.put(connection, [Entry("a@b.example", "Al")], NOW)
    history.learn_one(connection, ANN, mail(1, "jo@b.example"))
    history.remember(connection, ANN, [keep("jo@b.example")], NOW)
    requests.ask(connection, address("a@b.example"), ANN, "c", "why", NOW)
    clients.add(connection, "x", "sender", NOW)
    clients.new_code(connection, "x", "sender", NOW)
    receipts.append(connection, KEY, times.text(NOW), "check", {}, "7KQ2-9XMB")


def test_every_migration_goes_down_and_up_with_data(store: Store) -> None:
    with store.write() as connection:
        _filled(connection)
    with store.write() as connection:
        command.downgrade(_alembic(connection), "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    schema.upgrade(store)
    assert _differences(store) == []
    with store.write() as connection:
        _filled(connection)
        assert chain(connection) == 1


def test_keys_of_an_earlier_version_stay_bound(store: Store) -> None:
    now = times.text(NOW)
    with store.write() as connection:
        command.downgrade(_alembic(connection), "0005")
        for statement, values in (
            (
                "INSERT INTO certificates (fingerprint, data, facts, source, imported)"
                " VALUES (?, ?, ?, ?, ?)",
                ("A" * 40, b"data", "{}", "import", now),
            ),
            (
                "INSERT INTO certificate_addresses (address, fingerprint) VALUES (?, ?)",
                ("bob@northwind.example", "A" * 40),
            ),
            (
                "INSERT INTO bindings (address, mailbox, fingerprint, decision, method, decided_by,"
                " at, subkeys) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                ("bob@northwind.example", "", "A" * 40, "verified", "phone", "cli", now, "B" * 40),
            ),
        ):
            connection.exec_driver_sql(sets.spelled(connection, statement), values)
    schema.upgrade(store)
    with store.read() as connection:
        claim = connection.execute(select(tables.certificate_addresses)).one()
        assert (claim.fingerprint, claim.claimed) == ("A" * 40, now)
        assert connection.execute(select(tables.certificates)).one().kind == "openpgp"
        bound = connection.execute(select(tables.bindings)).one()
        assert (bound.kind, bound.organisation, bound.subkeys) == ("openpgp", "", "B" * 40)
    with store.write() as connection:
        command.downgrade(_alembic(connection), "0005")
        assert connection.exec_driver_sql("SELECT count(*) FROM bindings").scalar() == 1


def test_a_migration_that_breaks_off_leaves_the_database_as_it_was(
    empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade

    def breaks_off(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise Change

    monkeypatch.setattr(command, "upgrade", breaks_off)
    with pytest.raises(Change):
        schema.upgrade(empty)
    with empty.read() as connection:
        assert inspect(connection).get_table_names() == []
    monkeypatch.undo()
    schema.upgrade(empty)
    assert _differences(empty) == []


def test_a_database_of_a_newer_version_is_refused_and_left_alone(store: Store) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.NewerDatabase):
        schema.upgrade(store)
    with store.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_two_services_starting_at_once_migrate_once(empty: Store, url: str) -> None:
    stores = [Store(url) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(schema.upgrade, one) for one in stores]:
            done.result()
    for one in stores:
        one.close()
    assert _differences(empty) == []


# A file or a server that is not there


@pytest.fixture
def gone(url: str, tmp_path: Path) -> Iterator[Store]:
    missing = tmp_path / "nowhere"
    store = Store(
        f"sqlite:///{missing}/record.db"
        if url.startswith("sqlite")
        else f"postgresql+psycopg://postgres@/postgres?host={missing}"
    )
    yield store
    store.close()


def test_a_database_that_is_not_there_is_said_plainly(gone: Store) -> None:
    with pytest.raises(StoreUnavailable) as failure, gone.write():
        pass
    assert failure.value.kind == "OperationalError"
    with pytest.raises(StoreUnavailable), gone.read():
        pass
