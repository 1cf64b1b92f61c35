"""Thunderbird, 2018: a key brought in anew took the place of the one that had been checked. 2020,
SKS: old copies of keys came back without their revocations. What was confirmed is a fingerprint and
the encryption keys under it, for one address: whatever differs, a person looks again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from addin_service import addresses, keyring
from addin_service.pgp.bindings import Decision, Method
from addin_service.pgp.certificate import Fingerprint, fingerprint
from addin_service.receipts import Row
from addin_service.store import contacts, receipts, times
from addin_service.store import keys as store
from addin_service.store.contacts import Entry
from tests.conftest import Live, draft_json
from tests.pgp import keys
from tests.pgp.keys import Owner
from tests.pgp.pool import ANN, PAST, PRIYA
from tests.test_sealing_http import answered, question, sealed, sensitive, spoken

Seen: TypeAlias = tuple[str, list[tuple[str, str | None]]]
"""The state of a key, and what the sender is told and asked: each code with its question."""

KEPT: Seen = ("verified", [])
UPDATED: Seen = ("updated", [("key.updated", None)])
TOLD: Seen = ("updated", [])
ASKED: Seen = ("unverified", [("key.unconfirmed", "confirm-key")])
CHANGED: Seen = ("changed", [("key.changed", None)])
REVOKED: Seen = ("revoked", [("key.revoked", None)])
EXPIRED: Seen = ("expired", [("key.expired", None)])
UNUSABLE: Seen = ("unusable", [("key.unusable", None)])
MISSING: Seen = ("none", [("key.missing", None)])
REJECTED: Seen = ("rejected", [("key.rejected", None)])


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    keys.needs_gpg()
    with keys.owner() as made:
        yield made


@dataclass
class Scene:
    """The service, Priya with a key from 2020, and Ann, who writes to her."""

    desk: Live
    maker: Owner
    key: str

    @property
    def print(self) -> Fingerprint:
        return fingerprint(self.key)

    def import_(self, data: bytes = b"") -> bool:
        """Somebody brings in a key: Priya's as it is now, or this."""
        reviewer = self.desk.installation.reviewer
        return keyring.bring_in(reviewer, data or self.maker.public(self.key)).new

    def say(self, decision: Decision, method: Method, mailbox: str = "", key: str = "") -> None:
        """An officer says it, or the sender with this mailbox."""
        keyring.say(
            self.desk.installation.reviewer,
            keyring.Word(
                addresses.parse(PRIYA), fingerprint(key or self.key), decision, method, "test",
                mailbox,
            ),
        )  # fmt: skip

    def confirmed(self) -> str:
        """Ann has compared Priya's key; the review of a draft that was cleared then."""
        self.import_()
        self.say("verified", "phone", ANN)
        answer = self.answer()
        assert answer["verdict"] == "allow"
        return str(answer["review"])

    def folder(self, bound: str = "", **files: bytes) -> None:
        """The organisation's folder has these keys, and says that `bound` is Priya's."""
        place: Path = self.desk.installation.settings.organisation
        (place / "keys").mkdir(exist_ok=True)
        for old in (place / "keys").iterdir():
            old.unlink()
        for name, data in files.items():
            (place / "keys" / f"{name}.pgp").write_bytes(data)
        line = f"{PRIYA},{bound}\n" if bound else ""
        (place / "bindings.csv").write_text(f"address,fingerprint\n{line}")
        self.desk.installation.folder_keys._looked = -100

    def answer(self) -> dict[str, Any]:
        """What the service says of Ann's draft once she has said whom it is for."""
        draft = sensitive(PRIYA)
        first = self.desk.check(draft)
        if any(finding["ask"] == "name" for finding in first["findings"]):
            return answered(self.desk, draft, first, "name", "Tann")
        return first

    def seen(self) -> Seen:
        """The state of Priya's key for Ann, and what Ann is told and asked about it."""
        found = self.answer()["findings"]
        with self.desk.installation.store.read() as connection:
            now = self.desk.installation.reviewer.now()
            state = keyring.state(connection, PRIYA, now, ANN, 365).state.value
        return state, [(f["code"], f["ask"]) for f in found if f["code"].startswith("key.")]


@pytest.fixture
def scene(live: Live, maker: Owner) -> Scene:
    with live.installation.store.write() as connection:
        contacts.put(connection, [Entry(PRIYA, "Priya Tann", "Foxglove Chambers")], times.now())
    return Scene(live, maker, maker.make(f"Priya Tann <{PRIYA}>", *PAST))


def _new_subkey(scene: Scene) -> None:
    scene.maker.add(scene.key)
    scene.import_()


def _new_name(scene: Scene) -> None:
    scene.maker.gpg("--quick-add-uid", scene.key, "Priya Tann <priya@home.example>")
    scene.import_()


def _withdrawn_address(scene: Scene) -> None:
    _new_name(scene)
    scene.maker.gpg("--quick-revoke-uid", scene.key, f"Priya Tann <{PRIYA}>")
    scene.import_()


def _expiry(when: str, *more: str) -> Callable[[Scene], None]:
    def change(scene: Scene) -> None:
        scene.maker.gpg(*more, "--quick-set-expire", scene.key, when)
        scene.maker.gpg(*more, "--quick-set-expire", scene.key, when, "*")
        scene.import_()

    return change


def _time_passes(scene: Scene) -> None:
    _expiry("2y")(scene)
    reviewer = scene.desk.installation.reviewer
    reviewer.now = lambda: times.now() + timedelta(days=800)


def _revoked(reason: int) -> Callable[[Scene], None]:
    def change(scene: Scene) -> None:
        scene.maker.revoke(scene.key, reason)
        scene.import_()

    return change


def _subkey_revoked(scene: Scene) -> None:
    scene.maker.edit(scene.key, "key 1", "revkey", "y", "0", "", "y")
    scene.import_()


def _subkey_replaced(scene: Scene) -> None:
    scene.maker.add(scene.key)
    _subkey_revoked(scene)


def _another_key(scene: Scene) -> None:
    scene.import_(scene.maker.public(scene.maker.make(f"Priya Tann <{PRIYA}>")))


def _another_key_in_the_folder(scene: Scene) -> None:
    scene.folder(other=scene.maker.public(scene.maker.make(f"Priya Tann <{PRIYA}>")))


def _a_second_name(scene: Scene) -> None:
    mallory = scene.maker.make("Mallory <mallory@evil.example>")
    scene.maker.gpg("--quick-add-uid", mallory, f"Priya Tann <{PRIYA}>")
    scene.import_(scene.maker.public(mallory))


def _an_expired_one(scene: Scene) -> None:
    old = scene.maker.make(f"Priya Tann <{PRIYA}>", *PAST, expire="1y")
    scene.import_(scene.maker.public(old))


def _another_person(scene: Scene) -> None:
    scene.import_(scene.maker.public(scene.maker.make("Bob Miller <bob@northwind.example>")))


def _the_same(scene: Scene) -> None:
    assert not scene.import_()


def _the_same_in_the_folder(scene: Scene) -> None:
    scene.folder(priya=scene.maker.public(scene.key))
    scene.answer()
    scene.folder()


def _a_newer_copy_in_the_folder(scene: Scene) -> None:
    """What a person brought in does not go when the folder's copy goes."""
    scene.maker.gpg("--quick-add-uid", scene.key, "Priya Tann <priya@home.example>")
    _the_same_in_the_folder(scene)


CHANGES: dict[str, tuple[Callable[[Scene], None], Seen]] = {
    "a new encryption key": (_new_subkey, UPDATED),
    "a new name": (_new_name, KEPT),
    "this address withdrawn": (_withdrawn_address, CHANGED),
    "the end moved later": (_expiry("10y"), KEPT),
    "the end moved nearer": (_expiry("2d"), KEPT),
    "ended": (_expiry("20200601T000000", "--faked-system-time", "20200301T000000!"), EXPIRED),
    "time passes": (_time_passes, EXPIRED),
    "withdrawn as stolen": (_revoked(1), REVOKED),
    "withdrawn without a reason": (_revoked(0), REVOKED),
    "withdrawn as replaced": (_revoked(2), REVOKED),
    "withdrawn as unused": (_revoked(3), REVOKED),
    "the encryption key withdrawn": (_subkey_revoked, UNUSABLE),
    "the encryption key replaced": (_subkey_replaced, UPDATED),
    "another key": (_another_key, CHANGED),
    "another key in the folder": (_another_key_in_the_folder, CHANGED),
    "a stranger's key with this address too": (_a_second_name, CHANGED),
    "another key that has ended": (_an_expired_one, KEPT),
    "another person's key": (_another_person, KEPT),
    "the same key again": (_the_same, KEPT),
    "the same key comes to the folder and goes": (_the_same_in_the_folder, KEPT),
    "a newer copy comes to the folder and goes": (_a_newer_copy_in_the_folder, KEPT),
}


@pytest.mark.parametrize("story", CHANGES)
def test_what_changes_after_the_confirmation_is_seen(story: str, scene: Scene) -> None:
    change, expected = CHANGES[story]
    review = scene.confirmed()
    change(scene)
    assert scene.seen() == expected
    old = sealed(scene.desk, sensitive(PRIYA), review)
    assert (old.status == 200) == (expected in (KEPT, UPDATED))
    assert (b"PGP MESSAGE" in old.body) == (expected in (KEPT, UPDATED))
    if expected == UPDATED:
        assert scene.seen() == TOLD, "once"


WITHDRAWALS: dict[str, tuple[Callable[[Scene], None], Seen]] = {
    "the key as stolen": (_revoked(1), REVOKED),
    "the key as replaced": (_revoked(2), REVOKED),
    "the encryption key": (_subkey_revoked, UNUSABLE),
    "the address": (_withdrawn_address, CHANGED),
    "its time": (CHANGES["ended"][0], EXPIRED),
}


@pytest.mark.parametrize("way", ["import", "folder"])
@pytest.mark.parametrize("story", WITHDRAWALS)
def test_an_old_copy_does_not_undo_a_withdrawal(story: str, way: str, scene: Scene) -> None:
    withdraw, expected = WITHDRAWALS[story]
    old = scene.maker.public(scene.key)
    scene.confirmed()
    withdraw(scene)
    if way == "import":
        assert not scene.import_(old), "it says nothing new"
    else:
        scene.folder(old=old)
    assert scene.seen() == expected
    with scene.desk.installation.store.read() as connection:
        here = store.one(connection, scene.print)
    assert here
    read_anew = scene.desk.installation.reviewer.sealer.gpg.read(here.data)
    assert read_anew == here, "what is stored is what gpg says of it"


def test_two_copies_become_one_that_says_what_either_said(scene: Scene) -> None:
    scene.confirmed()
    at_work = scene.maker.public(scene.key)
    _new_name(scene)
    scene.import_(at_work)
    with scene.desk.installation.store.read() as connection:
        here = store.one(connection, scene.print)
    assert here
    assert here.addresses() == {PRIYA, "priya@home.example"}


def test_a_key_that_is_here_already_and_claims_the_address_later(scene: Scene) -> None:
    mallory = scene.maker.make("Mallory <mallory@evil.example>")
    scene.import_(scene.maker.public(mallory))
    scene.confirmed()
    assert scene.seen() == KEPT
    scene.maker.gpg("--quick-add-uid", mallory, f"Priya Tann <{PRIYA}>")
    scene.import_(scene.maker.public(mallory))
    assert scene.seen() == CHANGED
    scene.say("rejected", "officer", key=mallory)
    assert scene.seen() == KEPT


def test_what_is_new_on_a_key_of_the_organisation_is_told_to_each_sender_once(
    scene: Scene,
) -> None:
    scene.folder(scene.key, priya=scene.maker.public(scene.key))
    assert scene.seen() == KEPT
    _new_subkey(scene)
    assert scene.seen() == UPDATED
    assert scene.seen() == TOLD
    scene.say("verified", "phone", ANN)
    assert scene.seen() == KEPT


def test_accepted_once_is_enough_for_ordinary_mail_and_asked_about_when_it_is_sensitive(
    scene: Scene,
) -> None:
    scene.import_()
    scene.say("tofu", "signed-mail", ANN)
    assert scene.seen() == ("tofu", [("key.unconfirmed", "confirm-key")])
    draft = draft_json(PRIYA, text="Dear Ms Tann, lunch?")
    asked = scene.desk.check(draft, seal=True)
    said = {"finding": question(asked, "name")["id"], "choice": "name", "value": "Tann"}
    ordinary = scene.desk.check(draft, seal=True, review=asked["review"], answers=[said])
    assert ordinary["verdict"] == "allow"
    assert [f["severity"] for f in ordinary["findings"] if f["code"] == "key.unconfirmed"] == [
        "note"
    ]
    _sender_confirms(scene)


def test_on_sensitive_mail_a_signed_mail_is_no_comparison(scene: Scene) -> None:
    scene.import_()
    draft, answer = sensitive(PRIYA), scene.answer()
    asked = question(answer, "confirm-key")
    assert asked["facts"]["methods"] == ["phone", "in-person"]
    value = f"signed-mail {spoken(scene.key, asked['facts']['positions'])}"
    again = answered(scene.desk, draft, answer, "confirm-key", value)
    assert again["verdict"] == "confirm"
    assert scene.seen() == ASKED


def test_after_a_year_it_is_compared_anew_before_something_sensitive_is_sealed(
    scene: Scene,
) -> None:
    scene.confirmed()
    reviewer = scene.desk.installation.reviewer
    later = reviewer.now() + timedelta(days=366)
    reviewer.now = lambda: later
    assert scene.seen() == ("stale", [("key.stale", "confirm-key")])
    _sender_confirms(scene)


def _sender_confirms(scene: Scene) -> None:
    draft, answer = sensitive(PRIYA), scene.answer()
    value = f"phone {spoken(scene.key, question(answer, 'confirm-key')['facts']['positions'])}"
    allowed = answered(scene.desk, draft, answer, "confirm-key", value)
    assert allowed["verdict"] == "allow"
    assert sealed(scene.desk, draft, allowed["review"]).status == 200
    assert scene.seen() == KEPT


def test_a_key_for_signing_that_was_confirmed_gets_an_encryption_key(scene: Scene) -> None:
    scene.key = scene.maker.make(f"Priya Tann <{PRIYA}>", encryption=None)
    scene.import_()
    scene.say("verified", "phone", ANN)
    assert scene.seen() == UNUSABLE
    _new_subkey(scene)
    assert scene.seen() == UPDATED


def test_another_encryption_key_brought_in_beside_the_folder_is_not_the_folders_word(
    scene: Scene,
) -> None:
    """Any change in the folder used to make its word cover whatever had come in meanwhile."""
    as_given = scene.maker.public(scene.key)
    scene.folder(scene.key, priya=as_given)
    assert scene.seen() == KEPT
    _new_subkey(scene)
    assert scene.seen() == UPDATED
    other = scene.maker.public(scene.maker.make("Bob Miller <bob@northwind.example>"))
    scene.folder(scene.key, priya=as_given, bob=other)
    assert scene.seen() == TOLD
    scene.folder(scene.key, priya=scene.maker.public(scene.key))
    assert scene.seen() == KEPT


def test_what_an_officer_rejected_stays_rejected_when_the_folder_changes(scene: Scene) -> None:
    mine = scene.maker.public(scene.key)
    scene.folder(scene.key, priya=mine)
    assert scene.seen() == KEPT
    scene.say("rejected", "officer")
    assert scene.seen() == REJECTED
    other = scene.maker.public(scene.maker.make("Bob Miller <bob@northwind.example>"))
    scene.folder(scene.key, priya=mine, bob=other)
    assert scene.seen() == REJECTED
    scene.say("verified", "officer")
    assert scene.seen() == KEPT


def test_another_key_is_not_forgotten_when_the_folder_changes(scene: Scene) -> None:
    scene.import_()
    scene.say("verified", "officer")
    _another_key(scene)
    assert scene.seen() == CHANGED
    scene.folder(scene.key, priya=scene.maker.public(scene.key))
    assert scene.seen() == CHANGED


@pytest.mark.parametrize(("what", "expected"), [("key", MISSING), ("line", ASKED)])
def test_what_the_folder_takes_back_counts_no_more(what: str, expected: Seen, scene: Scene) -> None:
    mine = scene.maker.public(scene.key)
    scene.folder(scene.key, priya=mine)
    review = scene.answer()["review"]
    assert scene.seen() == KEPT
    if what == "key":
        scene.folder(scene.key)
    else:
        scene.folder(priya=mine)
    assert scene.seen() == expected
    assert sealed(scene.desk, sensitive(PRIYA), review).status == 409


def test_each_deed_with_a_key_leaves_a_receipt_without_names(scene: Scene) -> None:
    """The deed, and the state that it led to where that is another one."""
    deeds: list[tuple[Callable[[], object], str | None, str | None]] = [
        (scene.import_, "key-imported", "unverified"),
        (scene.import_, None, None),
        (lambda: scene.say("verified", "phone", ANN), "key-verified", "verified"),
        (lambda: scene.say("tofu", "signed-mail", ANN), "key-tofu", "tofu"),
        (lambda: scene.say("rejected", "officer"), "key-rejected", "rejected"),
        (lambda: _new_subkey(scene), "key-imported", None),
    ]
    hashed = scene.desk.installation.reviewer.hashed
    for deed, action, state in deeds:
        before = _receipts(scene)
        deed()
        added = _receipts(scene)[len(before) :]
        assert len(added) == (action is not None) + (state is not None), action
        for row in added:
            assert row.kind == "admin"
            assert f'"key":"{hashed(scene.print)}"' in row.body
            assert PRIYA not in row.body
            assert scene.key not in row.body
        if action:
            assert f'"action":"{action}"' in added[0].body
            assert (hashed(PRIYA) in added[0].body) == (action != "key-imported")
        if state:
            assert '"action":"key-states"' in added[-1].body
            assert f'"to":"{state}"' in added[-1].body
            assert hashed(PRIYA) in added[-1].body


def test_a_senders_confirmation_is_in_the_receipt_of_the_review(scene: Scene) -> None:
    scene.import_()
    _sender_confirms(scene)
    assert any(
        row.kind == "check"
        and '"answer":"confirm-key"' in row.body
        and '"said":"phone"' in row.body
        for row in _receipts(scene)
    )


def _receipts(scene: Scene) -> list[Row]:
    with scene.desk.installation.store.read() as connection:
        return list(receipts.rows(connection))
