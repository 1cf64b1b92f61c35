"""Sealed mail, from the click on Send to the reader who opens it.

The real extension in a real Thunderbird asks the real service, which runs the real gpg. What the
mail server got is opened by gpg, by Sequoia, and by a Thunderbird that has the reader's key.
"""

import contextlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pysequoia
import pytest

from addin_service.pgp import packets
from addin_service.pgp.certificate import fingerprint, groups
from tests.pgp.keys import Owner, needs_gpg, owner

from .desk import Service
from .harness import Compose, Delivered, Page, Sink, Thunderbird

COUNSEL = "p.tann@chambers.example"
SURGERY = "alison.webb@nhs.example"
SENDER = "ann.lee@council.example"
STRANGER = "bob.miller@northwind.example"

NAMES = {
    COUNSEL: "Priya Tann", SURGERY: "Alison Webb", SENDER: "Ann Lee", STRANGER: "Bob Miller",
}  # fmt: skip

SUBJECT = "Case 2011/0417 – the hearing"
TEXT = (
    "OFFICIAL-SENSITIVE\n\nDear Ms Tann,\n\nthe child protection plan for the hearing.\n"
    "NHS number 943 476 5919, National Insurance QQ 12 34 56 C.\n"
)


class Person:
    """Somebody with a key of their own, and a gpg that has nobody else's."""

    def __init__(self, name: str, address: str, owner: Owner) -> None:
        self.name, self.address, self.owner = name, address, owner
        self.fingerprint = self.owner.make(f"{name} <{address}>")
        self.public = self.owner.public(self.fingerprint)

    def groups(self, positions: list[int]) -> list[str]:
        """What they read out when they are phoned."""
        parts = groups(fingerprint(self.fingerprint))
        return [parts[position - 1] for position in positions]


@pytest.fixture(scope="session")
def people() -> Iterator[dict[str, Person]]:
    needs_gpg()
    with contextlib.ExitStack() as stack:
        yield {
            address: Person(name, address, stack.enter_context(owner()))
            for address, name in NAMES.items()
        }


@pytest.fixture
def priya(people: dict[str, Person]) -> Person:
    return people[COUNSEL]


def bring(service: Service, person: Person, folder: Path, *, confirmed: bool = False) -> None:
    file = folder / f"{person.fingerprint}.pgp"
    file.write_bytes(person.public)
    service.command("keys", "import", str(file))
    if confirmed:
        words = ["keys", "confirm", person.address, person.fingerprint, "--method", "phone"]
        service.command(*words)


def asked(thunderbird: Thunderbird, compose: Compose) -> Page:
    compose.send()
    review = thunderbird.review()
    compose.until_free()
    return review


def goes(compose: Compose, sink: Sink, count: int = 1) -> Delivered:
    delivered = sink.next(count)
    compose.until_closed()
    return delivered


def says_whom_for(review: Page, name: str = "Tann") -> None:
    review.until("the question", "return !!document.querySelector('.typed input.name');")
    review.run("document.querySelector('.typed input').focus();")
    review.type(name)
    review.click(".send")


def compares(review: Page, person: Person) -> None:
    review.until("the groups", "return !!document.querySelector('.group input');")
    positions = [int(label.split()[-1]) for label in review.labels(".group span")]
    review.click("input[type=radio][value=phone]")
    review.run("document.querySelector('.group input').focus();")
    review.type("".join(person.groups(positions)))
    review.click(".send")


def opened(person: Person, got: Delivered) -> EmailMessage:
    """The mail inside, opened by the reader's own gpg; headers and all."""
    (_, sealed) = got.message.iter_parts()
    armored = sealed.get_payload(decode=True)
    assert isinstance(armored, bytes)
    plain = person.owner.opens(armored)
    assert plain is not None
    return message_from_bytes(plain, policy=policy.default)  # type: ignore[arg-type]


def outside(raw: bytes) -> str:
    """All that the mail server could read, with encoded words and names decoded."""
    message = message_from_bytes(raw, policy=policy.default)
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    return headers + raw.decode("latin-1")


def readers_of(got: Delivered) -> set[str]:
    (_, sealed) = got.message.iter_parts()
    return set(packets.key_ids(sealed.get_payload(decode=True)))


def test_an_unconfirmed_key_is_confirmed_and_only_its_owner_can_open_what_arrives(
    thunderbird: Thunderbird,
    service: Service,
    sink: Sink,
    people: dict[str, Person],
    tmp_path: Path,
) -> None:
    priya = people[COUNSEL]
    bring(service, priya, tmp_path)
    compose = thunderbird.compose(f"Priya Tann <{COUNSEL}>", subject=SUBJECT, body=TEXT)
    review = asked(thunderbird, compose)
    says_whom_for(review)
    compares(review, priya)
    got = goes(compose, sink)
    review.until_closed()

    assert got.recipients == [COUNSEL]
    assert got.message.get_content_type() == "multipart/encrypted"
    assert got.message["Subject"] == "[...]"
    for hidden in ("Case", "hearing", "Priya", "Tann", "Ann Lee", "OFFICIAL"):
        assert hidden not in outside(got.raw)

    inner = opened(priya, got)
    assert inner["Subject"] == SUBJECT
    assert str(inner["To"]) == f"Priya Tann <{COUNSEL}>"
    (body,) = inner.iter_parts()
    assert body.get_content().replace("\r\n", "\n").strip() == TEXT.strip()

    (_, sealed) = got.message.iter_parts()
    armored = sealed.get_payload(decode=True)
    assert isinstance(armored, bytes)
    secret = pysequoia.Tsk.from_bytes(priya.owner.secret(priya.fingerprint))
    by_sequoia = bytes(pysequoia.decrypt(armored, secret.decryptor()).bytes or b"")
    assert by_sequoia == priya.owner.opens(armored)
    for other in (SURGERY, STRANGER, SENDER):
        assert people[other].owner.opens(armored) is None, f"{other} can open it"
