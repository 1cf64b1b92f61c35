"""What is kept of how a key came here and who confirmed it: evidence, and a receipt of each change."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addin_service import addresses, keyring
from addin_service.installation import Installation
from addin_service.pgp.certificate import Fingerprint
from addin_service.store import contacts, evidence, receipts, times
from addin_service.store import keys as store
from addin_service.store.contacts import Entry
from addin_service.store.evidence import Evidence
from tests.conftest import Live
from tests.pgp.keys import Owner, needs_gpg, owner
from tests.pgp.pool import PRIYA
from tests.test_sealing_http import answered, question, sensitive, spoken

ANN = "ann.lee@council.example"


def pieces(installation: Installation, key: str) -> list[Evidence]:
    with installation.store.read() as connection:
        return evidence.about(connection, Fingerprint(key))


def changes(installation: Installation) -> list[dict[str, Any]]:
    """The changes of states, as the receipts tell them, in order."""
    with installation.store.read() as connection:
        bodies = [json.loads(row.body) for row in receipts.rows(connection) if row.kind == "admin"]
    return [c for body in bodies if body["action"] == "key-states" for c in body["changes"]]


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    needs_gpg()
    with owner() as made:
        yield made


@pytest.fixture
def key(live: Live, maker: Owner) -> str:
    with live.installation.store.write() as connection:
        contacts.put(connection, [Entry(PRIYA, "Priya Tann", "Foxglove Chambers")], times.now())
    made = maker.make(f"Priya Tann <{PRIYA}>")
    keyring.bring_in(live.installation.reviewer, maker.public(made), "attached")
    return made


def test_what_stood_on_the_screen_is_kept_with_the_confirmation(live: Live, key: str) -> None:
    draft = sensitive(PRIYA)
    named = answered(live, draft, live.check(draft), "name", "Tann")
    asked = question(named, "confirm-key")
    positions = asked["facts"]["positions"]
    done = answered(live, draft, named, "confirm-key", f"phone {spoken(key, positions)}")
    assert done["verdict"] == "allow", done["findings"]
    came, said = pieces(live.installation, key)
    assert (came.event, came.means, came.by) == ("imported", "attached", "cli")
    assert (said.event, said.means, said.by) == ("verified", "phone", "sender")
    assert (said.address, said.mailbox) == (PRIYA, ANN)
    assert said.shown["positions"] == positions
    assert said.shown["message"] == asked["message"]
    hashed = live.installation.reviewer.hashed
    steps = [(c["from"], c["to"], c["why"]) for c in changes(live.installation)]
    assert steps == [
        ("none", "unverified", "nobody-asked"),  # for everyone, when it came
        ("none", "unverified", "nobody-asked"),  # for Ann, at her first check
        ("unverified", "verified", "compared"),
    ]
    assert all(c["about"] == hashed(PRIYA) for c in changes(live.installation))
    live.check(draft)
    assert len(changes(live.installation)) == 3, "what did not change leaves no receipt"


def test_the_folders_word_is_evidence_for_everyone(live: Live, maker: Owner, key: str) -> None:
    place: Path = live.installation.settings.organisation
    (place / "keys").mkdir()
    (place / "keys" / "priya.pgp").write_bytes(maker.public(key))
    (place / "bindings.csv").write_text(f"address,fingerprint\n{PRIYA},{key}\n")
    live.installation.folder_keys._looked = -100
    live.installation.folder_keys.refresh()
    said = pieces(live.installation, key)[-1]
    assert (said.event, said.means, said.by) == ("verified", "folder", "organisation folder")
    assert (said.address, said.mailbox) == (PRIYA, "")
    last = changes(live.installation)[-1]
    assert (last["from"], last["to"]) == ("unverified", "verified")
    (place / "bindings.csv").write_text("address,fingerprint\n")
    live.installation.folder_keys._looked = -100
    live.installation.folder_keys.refresh()
    last = changes(live.installation)[-1]
    assert (last["from"], last["to"]) == ("verified", "unverified")


def test_what_was_sealed_to_a_key_can_be_counted(live: Live, key: str) -> None:
    with live.installation.store.write() as connection:
        hashed = live.installation.reviewer.hashed(key)
        for readers in ([hashed, "f" * 24], ["e" * 24]):
            body: dict[str, Any] = {"readers": readers}
            receipts.append(
                connection,
                live.installation.reviewer.chain_key,
                "2026-01-02T00:00:00Z",
                "seal",
                body,
            )
        assert receipts.sealed_to(connection, hashed) == (1, "2026-01-02T00:00:00Z")
        assert receipts.sealed_to(connection, "0" * 24) == (0, "")


def test_a_rejection_is_kept_beside_what_was_said_before(live: Live, key: str) -> None:
    reviewer = live.installation.reviewer
    person = addresses.parse(PRIYA)
    keyring.confirm(reviewer, person, Fingerprint(key), "phone", "cli", "")
    keyring.say(reviewer, keyring.Word(person, Fingerprint(key), "rejected", "officer", "cli"))
    assert [p.event for p in pieces(live.installation, key)] == ["imported", "verified", "rejected"]
    with live.installation.store.read() as connection:
        assert store.kind_of(connection, Fingerprint(key)) == "openpgp"
