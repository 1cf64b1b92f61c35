"""Over HTTP: the shapes for mail programs that send files, the sender's signature, the archive."""

import base64
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin_service import addresses, keyring
from addin_service.pgp.certificate import fingerprint
from addin_service.pgp.gpg import Gpg
from addin_service.pgp.user_gpg import UserGpg
from addin_service.store import contacts, receipts, times
from addin_service.store.contacts import Entry
from tests.conftest import Answer, Live, needs
from tests.test_sealing_http import (
    ANN,
    BOB,
    PRIYA,
    People,
    cleared,
    sealed,
    sensitive,
)  # fmt: skip

ARCHIVE = "archive@council.example"


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    needs("gpg", shutil.which("gpg") is not None)
    made = People()
    for name, address in (
        ("Priya Tann", PRIYA), ("Bob Miller", BOB), ("Ann Lee", ANN), ("Archive", ARCHIVE),
    ):  # fmt: skip
        made.make(name, address)
    yield made
    subprocess.run(
        ["gpgconf", "--homedir", made.home, "--kill", "all"], check=False, capture_output=True
    )
    shutil.rmtree(made.home, ignore_errors=True)


@pytest.fixture
def desk(live: Live, people: People) -> Live:
    """Everybody's key is here; Ann's secret key is in her own gpg."""
    with live.installation.store.write() as connection:
        known = [
            Entry(PRIYA, "Priya Tann", "Foxglove Chambers"),
            Entry(BOB, "Bob Miller", "Northwind"),
        ]
        contacts.put(connection, known, times.now())
    for address in (PRIYA, BOB, ANN, ARCHIVE):
        keyring.bring_in(live.installation.reviewer, people.public(address))
    use_home(live, people.home)
    return live


def use_home(desk: Live, home: str) -> None:
    user = UserGpg(home=Path(home), timeout_s=30)
    desk.installation.reviewer.sealer.gpg = Gpg(timeout_s=15, user=user)


def confirm(desk: Live, people: People, address: str) -> None:
    one = addresses.parse(address)
    key = fingerprint(people.keys[address])
    keyring.confirm(desk.installation.reviewer, one, key, "officer", "test", "")


def policy(desk: Live, text: str) -> None:
    desk.installation.settings.policy_files[0].write_text(text)


def armor(answer: Answer) -> bytes:
    """The message in the answer, of whatever shape."""
    if "entity" in answer.json:
        _, _, rest = str(answer.json["entity"]).partition("-----BEGIN PGP MESSAGE-----")
        return b"-----BEGIN PGP MESSAGE-----" + rest.rpartition("\r\n--")[0].encode()
    return base64.b64decode(answer.json["attachments"][-1]["base64"], validate=True)


def signers(people: People, answer: Answer) -> set[str]:
    """Whose signatures are on it, as Priya's gpg says."""
    said = people.gpg("--status-fd", "1", "--output", "-", "--decrypt", data=armor(answer))
    marked = [line for line in said.split(b"\n") if b"[GNUPG:] VALIDSIG" in line]
    return {line.split()[-1].decode() for line in marked}


@pytest.mark.parametrize(("shape", "count"), [("parts", 2), ("notice", 1)])
def test_a_mail_of_files_opens_for_its_reader_alone(
    desk: Live, people: People, shape: str, count: int
) -> None:
    files = [{"name": "plan.pdf", "size": 11, "type": "application/pdf"}]
    draft = sensitive(PRIYA, attachments=files)
    allowed = cleared(desk, people, draft)
    given = [{"name": "plan.pdf", "type": "application/pdf", "base64": "aGVsbG8gd29ybGQ="}]
    answer = sealed(desk, draft, allowed["review"], shape=shape, attachments=given)
    assert answer.status == 200, answer.body
    assert set(answer.json) == {"outer", "text", "attachments"}
    assert answer.json["outer"] == {"subject": "[...]"}
    assert len(answer.json["attachments"]) == count
    for secret in (b"child", b"Priya", b"Tann", b"Elm Row", b"plan"):
        assert secret not in answer.body
    opened = people.reads(armor(answer), PRIYA)
    assert opened is not None
    assert b"aGVsbG8gd29ybGQ=" in opened
    assert people.reads(armor(answer), BOB) is None


def test_a_shape_that_does_not_exist_is_refused(desk: Live, people: People) -> None:
    draft = sensitive(PRIYA)
    allowed = cleared(desk, people, draft)
    assert sealed(desk, draft, allowed["review"], shape="plain").status == 422


def test_where_the_organisation_wants_it_sealed_mail_is_signed(desk: Live, people: People) -> None:
    policy(desk, "[sealing]\nsign = true\n")
    draft = sensitive(PRIYA)
    allowed = cleared(desk, people, draft)
    # Nobody has confirmed Ann's own key yet: there is nothing to sign with.
    refused = sealed(desk, draft, allowed["review"])
    assert (refused.status, refused.json["error"]["code"]) == (409, "not-signed")
    assert b"PGP" not in refused.body
    confirm(desk, people, ANN)
    allowed = cleared(desk, people, draft)
    for shape in ("mime", "parts", "notice"):
        answer = sealed(desk, draft, allowed["review"], shape=shape)
        assert answer.status == 200, answer.body
        assert signers(people, answer) == {people.keys[ANN]}
    with desk.installation.store.read() as connection:
        last = [row for row in receipts.rows(connection) if row.kind == "seal"][-1]
    assert json.loads(last.body)["signed"] is True


def test_without_a_secret_key_here_nothing_leaves(desk: Live, people: People) -> None:
    policy(desk, "[sealing]\nsign = true\n")
    confirm(desk, people, ANN)
    draft = sensitive(PRIYA)
    allowed = cleared(desk, people, draft)
    empty = tempfile.mkdtemp(prefix="ll-")
    try:
        use_home(desk, empty)
        refused = sealed(desk, draft, allowed["review"])
    finally:
        subprocess.run(["gpgconf", "--homedir", empty, "--kill", "all"], check=False)
        shutil.rmtree(empty, ignore_errors=True)
    assert (refused.status, refused.json["error"]["code"]) == (503, "not-signed")
    assert refused.json["error"]["hint"]
    assert b"PGP" not in refused.body
    with desk.installation.store.read() as connection:
        assert not [row for row in receipts.rows(connection) if row.kind == "seal"]
    use_home(desk, people.home)
    assert sealed(desk, draft, allowed["review"]).status == 200


def test_unsigned_is_what_nobody_asked_to_sign(desk: Live, people: People) -> None:
    confirm(desk, people, ANN)
    draft = sensitive(PRIYA)
    answer = sealed(desk, draft, cleared(desk, people, draft)["review"])
    assert signers(people, answer) == set()


@pytest.fixture
def archived(desk: Live, people: People) -> Live:
    policy(desk, f'[sealing]\narchive = "{ARCHIVE}"\n')
    return desk


def test_the_archive_reads_every_sealed_message_and_is_shown(
    archived: Live, people: People
) -> None:
    confirm(archived, people, ARCHIVE)
    draft = sensitive(PRIYA, bcc=[{"address": BOB, "name": ""}])
    allowed = cleared(archived, people, draft)
    assert ARCHIVE in {reader["address"] for reader in allowed["encryption"]["readers"]}
    visible = sealed(archived, draft, allowed["review"])
    blind = sealed(archived, draft, allowed["review"], **{"for": BOB})
    assert people.reads(armor(visible), ARCHIVE) is not None
    assert people.reads(armor(blind), ARCHIVE) is not None
    assert people.reads(armor(visible), BOB) is None
    assert people.reads(armor(blind), PRIYA) is None
    # It reads, and is nobody whom the mail names.
    inside = people.reads(armor(visible), PRIYA)
    assert inside is not None
    assert ARCHIVE.encode() not in inside


def test_an_archive_without_a_confirmed_key_stops_the_sealing(
    archived: Live, people: People
) -> None:
    draft = sensitive(PRIYA)
    assert archived.check(draft)["verdict"] == "block"
    confirm(archived, people, ARCHIVE)
    allowed = cleared(archived, people, draft)
    assert allowed["verdict"] == "allow"
    one = addresses.parse(ARCHIVE)
    key = fingerprint(people.keys[ARCHIVE])
    rejected = keyring.Word(one, key, "rejected", "officer", "test")
    keyring.say(archived.installation.reviewer, rejected)
    refused = sealed(archived, draft, allowed["review"])
    assert (refused.status, refused.json["error"]["code"]) == (409, "not-confirmed")
