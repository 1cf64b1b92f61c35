"""What Thunderbird itself exports from its address book is read, in each of its formats."""

import io
from typing import Any

import pytest

from addin_service.contacts.reading import format_of, read_contacts
from addin_service.contacts.rows import Row

from .harness import Thunderbird

EXPORT = """
const { AddrBookCard } = ChromeUtils.importESModule("resource:///modules/AddrBookCard.sys.mjs");
const { AddrBookUtils } = ChromeUtils.importESModule("resource:///modules/AddrBookUtils.sys.mjs");
const [vCards, how] = given;
const book = MailServices.ab.getDirectoryFromId(MailServices.ab.newAddressBook("Export", "", 101));
for (const vCard of vCards) {
  const card = new AddrBookCard();
  card.setProperty("_vCard", vCard);
  book.addCard(card);
}
const cards = book.childCards;
const text = how === "csv" ? AddrBookUtils.exportCardsToDelimitedText(cards, ",")
  : how === "ldif" ? AddrBookUtils.exportCardsToLDIF(cards) : AddrBookUtils.exportCardsToVCard(cards);
MailServices.ab.deleteAddressBook(book.URI);
return text;
"""
VCARDS = [
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ren\u00e9e \u201cTann\u201d\\, QC\r\nN:Tann;Ren\u00e9e;;;\r\n"
    "EMAIL;PREF=1:p.tann@chambers.example\r\nEMAIL:priya@home.example\r\n"
    "ORG:Foxglove\\; Partners;Crime\r\nNOTE:a long note that is folded " + "and goes on " * 20 +
    "\r\nEND:VCARD\r\n",
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bo Ek\r\nEMAIL;PREF=1:bo@north.example\r\nEND:VCARD\r\n",
]  # fmt: skip


def by_address(text: str) -> dict[str, Row]:
    found: list[Any] = list(read_contacts(io.BytesIO(text.encode())))
    return {row.entry: row for row in found}


@pytest.mark.parametrize("how", ["csv", "vcard", "ldif"])
def test_what_thunderbird_exports_is_read(plain_thunderbird: Thunderbird, how: str) -> None:
    text = plain_thunderbird.run(EXPORT, VCARDS, how)
    assert format_of(text.encode()) == how
    rows = by_address(text)
    assert sorted(rows) == ["bo@north.example", "p.tann@chambers.example", "priya@home.example"]
    first, second = rows["p.tann@chambers.example"], rows["priya@home.example"]
    assert first.person == second.person != rows["bo@north.example"].person
    assert rows["bo@north.example"].name == "Bo Ek"
    assert {first.name, second.name} == {"Ren\u00e9e \u201cTann\u201d, QC"}
    assert first.organisation.startswith("Foxglove")
