"""The sender's own address book and late headers, on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from addin_service import addresses, drafts
from addin_service.gather import Gatherer
from addin_service.policy.schema import Policy
from addin_service.profile import MOST_MESSAGES
from addin_service.secrets import KEY_BYTES, Secret
from addin_service.store import book, history, tables
from addin_service.store.engine import Store
from addin_service.store.mails import Mail

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
ANN, TOM = "ann.lee@council.example", "tom.reid@council.example"
JO, BO = "jo.bell@farm.example", "bo.ray@farm.example"


def has(store: Store, mailbox: str = ANN) -> dict[str, str]:
    with store.read() as connection:
        return {one.key: one.name for one in book.of(connection, mailbox)}


def mail(message: str, name: str = "", minute: int = 0, to: str = JO, **more: object) -> Mail:
    person = (addresses.parse(to), name)
    return Mail(message, "sent", (person,), NOW + timedelta(minutes=minute), **more)  # type: ignore[arg-type]


def correspondent(store: Store, address: str = JO) -> tuple[str, int]:
    with store.read() as connection:
        row = connection.execute(
            select(tables.correspondents.c.name, tables.correspondents.c.sent).where(
                tables.correspondents.c.address == address
            )
        ).one()
    return row.name, row.sent


def test_a_book_is_put_taken_out_of_and_forgotten(store: Store) -> None:
    with store.write() as connection:
        assert book.put(connection, ANN, "c1", {JO: "Jo", BO: "Bo"}) == 2
        assert book.put(connection, ANN, "c1", {JO: "Jo", BO: "Bob"}) == 1
        assert book.put(connection, ANN, "c1", {}) == 0
        book.put(connection, TOM, "c2", {JO: "Joseph"})
    assert has(store) == {JO: "Jo", BO: "Bob"}
    assert has(store, TOM) == {JO: "Joseph"}
    with store.write() as connection:
        assert book.take_out(connection, ANN, [JO, "nobody@farm.example"]) == 1
        assert book.forget(connection, ANN) == 1
        assert book.forget(connection, ANN) == 0
    assert (has(store), has(store, TOM)) == ({}, {JO: "Joseph"})


def test_two_programs_may_have_the_same_person_under_two_names(store: Store) -> None:
    with store.write() as connection:
        book.put(connection, ANN, "c1", {JO: "Jo Bell"}, "a" * 32)
        book.put(connection, ANN, "c2", {JO: ""}, "b" * 32)
        assert book.count(connection, ANN) == 1
    assert has(store) == {JO: "Jo Bell"}
    with store.write() as connection:
        assert book.close(connection, ANN, "c1", "c" * 32) == 1
    assert has(store) == {JO: ""}


def test_what_the_book_has_is_read_anew_only_when_it_has_changed(store: Store) -> None:
    gatherer = Gatherer(store, Secret(bytes(KEY_BYTES)))
    draft = drafts.make((ANN, ""), [[("jo.bel@farm.example", "")], [], []], "", "", [], None, "")

    def near() -> list[str]:
        context = gatherer.gather(draft, Policy(), NOW).context
        return [one.key for one in context.near["jo.bel@farm.example"]]

    assert near() == []
    with store.write() as connection:
        book.put(connection, ANN, "c1", {JO: "Jo"})
    assert near() == [JO]
    with store.write() as connection:
        history.learn_one(connection, ANN, mail("m1", to=BO))
    assert near() == [JO]
    with store.write() as connection:
        book.take_out(connection, ANN, [JO])
    assert near() == []


def test_the_name_is_that_of_the_newest_mail_in_whatever_order_they_come(store: Store) -> None:
    with store.write() as connection:
        history.learn(connection, ANN, [mail("m2", "Jo Bell", 2), mail("m3", "", 3)])
        history.learn(connection, ANN, [mail("m1", "J. Bell", 1)])
    assert correspondent(store) == ("Jo Bell", 3)
    with store.write() as connection:
        history.learn_one(connection, ANN, mail("m4", "Josephine Bell", 4))
    assert correspondent(store) == ("Josephine Bell", 4)


def test_a_mail_counts_once_under_all_its_names(store: Store) -> None:
    with store.write() as connection:
        assert history.learn_one(connection, ANN, mail("report", also=("id",)))
        assert history.learn(connection, ANN, [mail("id")]) == (0, 1)
        assert not history.learn_one(connection, ANN, mail("report"))
        assert history.learn(connection, ANN, [mail("other")]) == (1, 0)
        assert not history.learn_one(connection, ANN, mail("late report", also=("other",)))
        assert not history.learn_one(connection, ANN, mail("late report"))
    assert correspondent(store) == ("", 2)


def test_one_nameless_report_stands_for_one_mail_near_it(store: Store) -> None:
    with store.write() as connection:
        history.learn_one(connection, ANN, mail("report", thread="t", nameless=True))
        late = mail("later", minute=11, thread="t")
        other = mail("thread", minute=1, thread="u")
        people = mail("people", minute=1, thread="t", to=BO)
        assert history.learn(connection, ANN, [late, other, people]) == (3, 0)
        near = [mail("one", minute=2, thread="t"), mail("two", minute=3, thread="t")]
        assert history.learn(connection, ANN, near) == (1, 1)
        assert history.learn(connection, ANN, near) == (0, 2)
    assert correspondent(store) == ("", 4)


def test_older_mail_than_all_that_is_looked_back_upon_is_counted_all_the_same(
    store: Store,
) -> None:
    newest = [mail(f"n{n}", minute=n) for n in range(MOST_MESSAGES)]
    with store.write() as connection:
        history.learn(connection, ANN, newest)
        before = history.position(connection, ANN)
        assert history.learn(connection, ANN, [mail("old", minute=-5)]) == (1, 0)
        after = history.position(connection, ANN)
        held = history.messages_after(connection, ANN)
    assert correspondent(store) == ("", MOST_MESSAGES + 1)
    assert len(held) == MOST_MESSAGES
    assert (after.rewritten, after.number) == (before.rewritten, before.number)
