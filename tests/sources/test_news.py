"""What the domains of bound addresses have that is not here yet: real TLS, real gpg, real store."""

import base64
from collections.abc import Iterator

import pytest

from addin_service import addresses, intake, keyring
from addin_service.installation import Installation
from addin_service.pgp.certificate import Fingerprint
from addin_service.sources import offers
from addin_service.store import bindings, evidence, receipts
from addin_service.wkd import Wkd
from tests.pgp.keys import GPG, Owner, needs_gpg, owner
from tests.pgp.pool import PAST
from tests.sources.tls import Authority, Net, ok

BOB, KIM = addresses.parse("bob@northwind.example"), addresses.parse("kim@northwind.example")
HOST = "openpgpkey.northwind.example"


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    needs_gpg()
    with owner() as made:
        yield made


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def net() -> Net:
    return Net()


class Bob:
    """Bob's key, confirmed by phone, and what his domain would have for him."""

    def __init__(
        self, installation: Installation, maker: Owner, net: Net, authority: Authority
    ) -> None:
        self.here, self.maker, self.net, self.authority = installation, maker, net, authority
        self.key = maker.make(f"Bob Miller <{BOB}>", *PAST)
        taken = keyring.bring_in(installation.reviewer, maker.public(self.key))
        keyring.confirm(
            installation.reviewer, BOB, taken.certificate.fingerprint, "phone", "test", ""
        )
        self.domains = intake.Domains(Wkd(net.connect, authority.trusted), GPG)

    def news(self, answer: bytes) -> list[tuple[str, ...]]:
        found, left = self.whole(answer)
        assert not left
        return [tuple(change.what for change in new.changes) for new in found]

    def whole(self, answer: bytes) -> tuple[list[intake.News], list[object]]:
        with self.net.serving(HOST, self.authority.server(HOST), lambda _: [answer]):
            found, left = intake.news(self.here.reviewer, BOB, [self.domains])
        return found, list(left)

    def state(self) -> str:
        with self.here.store.read() as connection:
            return keyring.state(connection, BOB.key, self.here.reviewer.now()).state.value

    def receipts(self) -> int:
        with self.here.store.read() as connection:
            return receipts.head(connection)[0]


@pytest.fixture
def bob(installation: Installation, maker: Owner, net: Net, authority: Authority) -> Bob:
    return Bob(installation, maker, net, authority)


def test_the_same_key_is_no_news(bob: Bob) -> None:
    assert bob.news(ok(bob.maker.public(bob.key))) == []


def test_a_change_is_shown_and_nothing_is_stored(bob: Bob) -> None:
    before = bob.receipts()
    bob.maker.add(bob.key)
    answer = ok(bob.maker.public(bob.key))
    assert bob.news(answer) == bob.news(answer) == [("key-added",)]
    assert (bob.state(), bob.receipts()) == ("verified", before)
    (new,), _ = bob.whole(answer)
    intake.apply(bob.here.reviewer, new)
    assert bob.state() != "verified"
    assert bob.receipts() > before, "and it is recorded"
    with bob.here.store.read() as connection:
        told = [(e.event, e.means) for e in evidence.about(connection, bob.key)]
    assert told == [("imported", "file"), ("verified", "phone"), ("imported", "wkd")]
    assert bob.news(answer) == []


def test_another_key_and_a_name_that_is_not_the_domains(bob: Bob) -> None:
    other = bob.maker.make(f"Robert Miller <{BOB}>")
    bob.maker.gpg("--quick-add-uid", other, "Robert <priya@chambers.example>")
    (new,), _ = bob.whole(ok(bob.maker.public(bob.key) + bob.maker.public(other)))
    assert [change.what for change in new.changes] == ["other-key"]
    intake.apply(bob.here.reviewer, new)
    assert bob.state() == "changed"
    with bob.here.store.read() as connection:
        priya = keyring.state(connection, "priya@chambers.example", bob.here.reviewer.now())
    assert priya.state.value == "none", "a domain has no word about another"


def test_withdrawals_reach_the_binding(bob: Bob) -> None:
    bob.maker.gpg("--quick-add-uid", bob.key, "Bob <bob@elsewhere.example>")
    bob.maker.gpg("--quick-revoke-uid", bob.key, f"Bob Miller <{BOB}>")
    assert bob.news(ok(bob.maker.public(bob.key))) == [("name-revoked",)]
    bob.maker.revoke(bob.key, 1)
    (new,), _ = bob.whole(ok(bob.maker.public(bob.key)))
    assert "revoked" in [change.what for change in new.changes]
    intake.apply(bob.here.reviewer, new)
    assert bob.state() == "revoked"


def test_a_domain_that_does_not_answer_is_asked_once(bob: Bob) -> None:
    _, left = bob.whole(b"HTTP/1.1 503 Later\r\n\r\n")
    assert len(left) == 1
    tried = len(bob.net.tried)
    for person in (BOB, KIM):
        assert intake.news(bob.here.reviewer, person, [bob.domains]) == ([], [])
    assert len(bob.net.tried) == tried


@pytest.mark.parametrize("answer", [b"HTTP/1.1 404 No\r\n\r\n", ok(b"")])
def test_no_key_there_is_no_news(bob: Bob, answer: bytes) -> None:
    assert bob.news(answer) == []


def test_a_key_that_somebody_rejected_is_not_offered_again(bob: Bob) -> None:
    eve = GPG.read(bob.maker.public(bob.maker.make(f"Eve <{BOB}>")))
    keyring.store(bob.here.reviewer, eve, "file")
    word = keyring.Word(BOB, eve.fingerprint, "rejected", "officer", "test")
    keyring.say(bob.here.reviewer, word)
    assert bob.news(ok(eve.data)) == []
    with bob.here.store.read() as connection:
        assert bindings.bound_keys(connection, BOB.key) == {Fingerprint(bob.key)}
        assert bindings.bound_addresses(connection) == [BOB.key]


def test_where_each_key_of_a_mail_came_from_is_kept(
    installation: Installation, maker: Owner
) -> None:
    key = maker.make(f"Bob Miller <{BOB}>")
    text = base64.b64encode(maker.public(key)).decode()
    mail = (
        f"From: {BOB}\nTo: a@council.example\nAutocrypt: addr={BOB}; keydata={text}\n"
        "Content-Type: application/pgp-keys\nContent-Transfer-Encoding: base64\n\n"
    ).encode() + base64.encodebytes(maker.public(maker.make(f"Kim Stoke <{KIM}>")))
    taken = list(intake.take(installation.reviewer, offers.found(mail).offers))
    assert len(taken) == 2
    with installation.store.read() as connection:
        told = [
            [e.means for e in evidence.about(connection, one.imported.certificate.fingerprint)]
            for one in taken
            if isinstance(one, intake.Taken)
        ]
    assert told == [["autocrypt"], ["attached"]]
    again = list(intake.take(installation.reviewer, offers.found(mail).offers))
    assert not any(one.imported.new for one in again if isinstance(one, intake.Taken))
