"""The sample organisation is invented, complete, and the same each time."""

import io
from pathlib import Path

import pytest
from rapidfuzz.distance import DamerauLevenshtein
from stdnum.gb import nhs

from addin_service.addresses import parse, recipient
from addin_service.contacts.csv_in import Row, read_csv
from addin_service.demo import sample
from addin_service.demo.sample import (
    COUNSEL,
    ORGANISATIONS,
    SENDER,
    STORIES,
    rows,
    story,
    write_organisation_folder,
)
from addin_service.eml import DraftFile, read_draft

KNOWN = {row.entry: row for row in rows()}


def mail_of(name: str) -> DraftFile:
    return read_draft(story(f"{name}.eml"))


def test_there_are_about_two_hundred_contacts_and_no_two_are_the_same() -> None:
    assert 200 <= len(rows()) <= 230
    assert len(KNOWN) == len(rows())
    assert len({row.organisation for row in rows() if row.address}) == len(ORGANISATIONS) == 25
    names = [row.name for row in rows() if row.address]
    assert len(set(names)) == len(names)


def test_no_address_can_ever_receive_a_mail() -> None:
    assert all(entry.endswith(".example") for entry in KNOWN)


def test_names_and_addresses_come_in_many_forms() -> None:
    names = "".join(row.name for row in rows())
    assert all(mark in names for mark in "'-éłøü")
    locals_ = [row.address.local for row in rows() if row.address]
    assert any("'" in local for local in locals_)
    assert any("-" in local for local in locals_)
    assert all(local.isascii() for local in locals_)


def test_the_folder_reads_back_as_it_was_meant(tmp_path: Path) -> None:
    file = write_organisation_folder(tmp_path / "organisation")
    assert file == tmp_path / "organisation" / "contacts.csv"
    read = list(read_csv(io.BytesIO(file.read_bytes())))
    assert all(isinstance(row, Row) for row in read)
    assert [row.entry for row in read if isinstance(row, Row)] == list(KNOWN)
    assert file.read_bytes() == write_organisation_folder(tmp_path).read_bytes()


def test_the_story_goes_two_slips_past_counsel() -> None:
    mail = mail_of("story")
    assert (mail.from_address, mail.from_name) == (SENDER, "Ann Lee")
    ((given, name),) = mail.to
    assert not name
    assert not mail.cc + mail.bcc
    assert parse(given).key not in KNOWN
    near = {entry for entry in KNOWN if DamerauLevenshtein.distance(given, entry) <= 3}
    assert near == {COUNSEL}
    assert DamerauLevenshtein.distance(given, COUNSEL) == 2
    assert given.partition("@")[0] != COUNSEL.partition("@")[0]
    assert given.partition("@")[2] != COUNSEL.partition("@")[2]
    assert KNOWN[COUNSEL].name == "Priya Tann"
    assert KNOWN[COUNSEL].organisation == "Foxglove Chambers"


def test_the_story_is_sensitive_and_its_number_is_nobodys() -> None:
    mail = mail_of("story")
    assert "OFFICIAL-SENSITIVE" in mail.subject
    assert mail.attachments == ()
    number = mail.text.partition("NHS number ")[2][:12]
    assert nhs.is_valid(number)
    # 999 000 0000 and above are kept for tests: no one has ever been given such a number.
    assert number.startswith("999 000 ")


@pytest.mark.parametrize("name", ["ordinary", "forgotten-attachment"])
def test_the_other_mails_go_to_people_who_are_known(name: str) -> None:
    mail = mail_of(name)
    assert [address for address, _ in mail.to if address in KNOWN]
    assert not mail.attachments


def test_the_mail_with_a_comma_cannot_be_sent() -> None:
    ((given, name),) = mail_of("comma-for-dot").to
    assert recipient("to", given, name).problem == "comma"


def test_the_forgotten_attachment_is_promised() -> None:
    assert "attached" in mail_of("forgotten-attachment").text


def test_every_mail_is_from_somebody_of_the_council() -> None:
    assert all(read_draft(story(name)).from_address in KNOWN for name in STORIES)


def test_every_mail_of_the_demo_is_there() -> None:
    folder = Path(sample.__file__).parent
    assert {file.name for file in folder.glob("*.eml")} == set(STORIES)
