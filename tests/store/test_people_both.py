"""People, their mailboxes and roles, on both databases."""

from addin_service.store import clients, people, times
from addin_service.store.engine import Store
from addin_service.store.people import Bound

ISSUER = "https://login.council.example"


def test_a_person_is_there_once_for_each_issuer_and_subject(store: Store) -> None:
    with store.write() as connection:
        first = people.add(connection, ISSUER, "s", "Ann", times.now())
        again = people.add(connection, ISSUER, "s", "Somebody", times.now())
        other = people.add(connection, ISSUER + "/", "s", "Bob", times.now())
        assert again == first
        assert other.id != first.id
        assert people.everyone(connection) == [first, other]
        assert people.by_subject(connection, ISSUER, "S") is None


def test_mailboxes_are_bound_once_for_each_source(store: Store) -> None:
    with store.write() as connection:
        ann = people.add(connection, ISSUER, "s", "Ann", times.now()).id
        assert people.bind(connection, ann, "a@x.example", "own", "sign-in", times.now())
        assert not people.bind(connection, ann, "a@x.example", "own", "sign-in", times.now())
        assert people.bind(connection, ann, "a@x.example", "shared", "admin", times.now())
        assert people.bind(connection, ann, "a@x.example", "delegated", "admin", times.now())
        assert people.mailboxes(connection, ann) == [
            Bound("a@x.example", "own", "sign-in"), Bound("a@x.example", "delegated", "admin"),
        ]  # fmt: skip
        assert people.unbind(connection, ann, "a@x.example", "sign-in")
        assert people.may_send_as(connection, ann, "a@x.example")
        assert people.unbind(connection, ann, "a@x.example")
        assert not people.may_send_as(connection, ann, "a@x.example")
        assert not people.unbind(connection, ann, "a@x.example")


def test_whatever_is_asked_for_is_no_error(store: Store) -> None:
    with store.write() as connection:
        ann = people.add(connection, ISSUER, "s", "Ann\0Lee", times.now()).id
        for odd in (
            "",
            "\0",
            "a\0@x.example",
            "' OR 1=1 --",
            "%",
            "\U0001f426@x.example",
            "x" * 400,
        ):
            assert not people.may_send_as(connection, ann, odd)
            assert not people.has_role(connection, ann, "admin")
        assert people.by_id(connection, "nobody") is None
        assert people.owners(connection, "nobody@x.example") == []


def test_roles_have_two_sources_and_count_once(store: Store) -> None:
    with store.write() as connection:
        ann = people.add(connection, ISSUER, "s", "Ann", times.now()).id
        assert people.set_roles(connection, ann, ["helpdesk", "auditor"], "sign-in")
        assert people.set_roles(connection, ann, ["helpdesk"], "admin")
        assert not people.set_roles(connection, ann, ["helpdesk"], "admin")
        assert people.roles(connection, ann) == {"helpdesk", "auditor"}
        assert people.set_roles(connection, ann, [], "sign-in")
        assert people.has_role(connection, ann, "helpdesk")
        assert not people.has_role(connection, ann, "auditor")


def test_a_client_ends_with_its_person_and_comes_back_with_them(store: Store) -> None:
    with store.write() as connection:
        ann = people.add(connection, ISSUER, "s", "Ann", times.now()).id
        client, token = clients.add(connection, "x", "sender", times.now(), ann)
        assert clients.holder(connection, token) == client
        assert people.disable(connection, ann, times.now())
        assert not people.disable(connection, ann, times.now())
        assert clients.holder(connection, token) is None
        assert clients.by_id(connection, client.id) is None
        assert clients.proof(connection, client.id, "n" * 16) is None
        assert clients.exists(connection, client.id)
        assert people.disable(connection, ann, None)
        assert clients.holder(connection, token) == client


def test_the_client_of_outlook_is_made_once_and_has_no_token(store: Store) -> None:
    with store.write() as connection:
        ann = people.add(connection, ISSUER, "s", "Ann", times.now()).id
        for _ in range(2):
            clients.ensure(connection, "c" * 32, "Outlook", ann, times.now())
        found = clients.by_id(connection, "c" * 32)
        assert found is not None
        assert (found.person, found.role) == (ann, "sender")
        assert len(clients.everyone(connection)) == 1
