"""The sample organisation: a council, and everybody it writes to. All invented, the same each time.

`.example` is reserved: no such domain can ever receive a mail.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from addin_service.addresses import parse
from addin_service.contacts.csv_out import write_csv
from addin_service.contacts.rows import Row

SENDER = "ann.lee@council.example"
COUNSEL = "p.tann@chambers.example"


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_GIVEN = _listed(
    "Aisha Alasdair Amara Béatrice Bartłomiej Callum Chidi Ciarán Delroy Dilys Eilidh Esra Farah"
    " Gethin Grace Harpreet Hywel Ines Ingrid Jasmin Jean-Luc Joaquín Kavita Keziah Kwame Leila"
    " Lorna Małgorzata Mei Moses Nadia Nguyệt Niamh Olu Oskar Rhiannon Rosalind Rukhsana Samir"
    " Siân Søren Tamsin Tevita Thandiwe Tomasz Ursula Wanjiru Zoë"
)
_FAMILY = _listed(
    "Abara Achterberg Adeyemi Bainbridge Barzani Begum Blackwood Castellanos Chaudhry Da-Silva"
    " Dhillon Doherty Ellingham Farquharson Fitzwarren Gorecki Hargreaves Hussain Igwe Ishikawa"
    " Jankowski Kaplan Khumalo Lindqvist Llewellyn MacAskill Marchetti Müller N'Diaye Nakamura"
    " O'Connell O'Shaughnessy Okonkwo Ortega Öztürk Pemberton Quigley Rafferty Ramachandran"
    " Rosenthal Sørensen Stavrou Szymański Tattersall Thistlethwaite Uddin Vasquez Vukovic"
    " Wentworth Whitcombe-Hale Yilmaz Zawadzki Zhou"
)

Style = Callable[[str, str], str]

STYLES: dict[str, Style] = {
    "first.last": lambda given, family: f"{given}.{family}",
    "f.last": lambda given, family: f"{given[0]}.{family}",
    "flast": lambda given, family: f"{given[0]}{family}",
    "last.first": lambda given, family: f"{family}.{given}",
    "lastf": lambda given, family: f"{family}{given[0]}",
    "first": lambda given, family: given,
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """One of those in the directory: how it writes addresses, and how many people are listed."""

    domain: str
    name: str
    style: str
    people: int
    office: str = ""
    """A mailbox that is no person's, such as the clerks'."""


ORGANISATIONS = (
    Organisation("council.example", "Merrowvale Council", "first.last", 40, "legal.services"),
    Organisation("chambers.example", "Foxglove Chambers", "f.last", 8, "clerks"),
    Organisation("oldquay-chambers.example", "Old Quay Chambers", "flast", 6, "clerks"),
    Organisation("family-court.example", "Merrowvale Family Court", "first.last", 6, "listings"),
    Organisation("vale-police.example", "Vale Police", "first.last", 10, "safeguarding.hub"),
    Organisation("vale-hospitals.example", "Vale Hospitals Trust", "first.last", 14, "records"),
    Organisation("merrow-gp.example", "Merrow Surgery", "f.last", 5, "reception"),
    Organisation("bridge-mental-health.example", "Bridge Mental Health", "lastf", 6),
    Organisation("st-brides-primary.example", "St Bride's Primary School", "flast", 7, "office"),
    Organisation("hillcrest-academy.example", "Hillcrest Academy", "f.last", 8, "office"),
    Organisation("river-college.example", "River College", "first.last", 6),
    Organisation("northvale.example", "Northvale District Council", "first.last", 9),
    Organisation("probation-vale.example", "Vale Probation Service", "first.last", 6),
    Organisation(
        "guardians.example", "Children's Guardian Service", "last.first", 6, "allocations"
    ),
    Organisation("fosterlink.example", "Fosterlink", "first", 7, "duty"),
    Organisation("harbour-refuge.example", "Harbour Refuge", "first", 4),
    Organisation("orchard-homes.example", "Orchard Homes", "flast", 6, "repairs"),
    Organisation("pennycroft-law.example", "Pennycroft & Rowe Solicitors", "f.last", 7),
    Organisation("ashgrove-law.example", "Ashgrove Solicitors", "last.first", 5),
    Organisation("interpreters.example", "Vale Interpreters", "first.last", 5, "bookings"),
    Organisation("brightwater-it.example", "Brightwater IT", "f.last", 5, "support"),
    Organisation("kestrel-print.example", "Kestrel Print", "first", 3, "orders"),
    Organisation("cartwheel-care.example", "Cartwheel Care", "first.last", 6),
    Organisation("audit-partners.example", "Hale Audit Partners", "flast", 4),
    Organisation("forensics.example", "Lindow Forensic Reports", "f.last", 4),
)


def rows() -> tuple[Row, ...]:
    """About 200 contacts, one allowed domain and one that is blocked."""
    entries = [
        _person(SENDER, "Ann Lee", "Merrowvale Council"),
        _person(COUNSEL, "Priya Tann", "Foxglove Chambers"),
        *_people(),
        Row(0, "@inspectorate.example", None, organisation="Schools Inspectorate",
            reason="Anyone there may be written to.", owner="Legal Services"),
        Row(0, "@prize-draw.example", None, status="blocked",
            reason="Sends invoices for nothing.", owner="IT Security"),
    ]  # fmt: skip
    return tuple(entries)


def write_organisation_folder(folder: Path) -> Path:
    """Writes `contacts.csv` into the folder, which is made if need be; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "contacts.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        write_csv(rows(), stream)
    return file


STORIES = ("story.eml", "ordinary.eml", "forgotten-attachment.eml", "comma-for-dot.eml")
"""The mails of the demo; everything is held against the first."""


def story(name: str) -> bytes:
    """One of `STORIES` as it was saved by a mail program."""
    return (Path(__file__).parent / name).read_bytes()


def _people() -> Iterator[Row]:
    """Everybody else; no two names are the same, for the two lists have no common divisor."""
    number = 0
    for organisation in ORGANISATIONS:
        if organisation.office:
            address = f"{organisation.office}@{organisation.domain}"
            name = f"{organisation.name} {organisation.office.replace('.', ' ').title()}"
            yield _person(address, name, organisation.name)
        for _ in range(organisation.people):
            given, family = _GIVEN[number * 7 % len(_GIVEN)], _FAMILY[number * 11 % len(_FAMILY)]
            local = STYLES[organisation.style](_plain(given), _plain(family))
            address = f"{local}@{organisation.domain}"
            yield _person(address, f"{given} {family}", organisation.name)
            number += 1


def _person(address: str, name: str, organisation: str) -> Row:
    parsed = parse(address)
    return Row(0, parsed.key, parsed, name, organisation)


def _plain(name: str) -> str:
    """A name as mail systems write it: in ASCII, with the hyphens and apostrophes it has."""
    name = name.lower().replace("ł", "l").replace("ø", "o")
    name = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^a-z'-]", "", name)
