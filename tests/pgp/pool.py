"""A dozen real keys for stories about confirmation, and what is plainly true of each."""

import itertools
from dataclasses import dataclass

from addin_service.pgp.certificate import Certificate
from tests.pgp.keys import GPG, Owner

BOB, PRIYA, KIM, LEE = (
    "bob@northwind.example",
    "priya@chambers.example",
    "kim@harbour.example",
    "lee@council.example",
)
ANN = "ann.lee@council.example"
EVERYBODY = (BOB, PRIYA, KIM, LEE)

PAST = ("--faked-system-time", "20200101T000000!")
LATER = ("--faked-system-time", "20210101T000000!")


@dataclass(frozen=True)
class Key:
    """One key. `names` are the addresses that it carries, `packet` is what a message to it names.

    `newest` and `older` are its encryption keys as its owner's own gpg lists them.
    """

    story: str
    certificate: Certificate
    names: frozenset[str]
    good: bool
    newest: str = ""
    older: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()

    @property
    def packet(self) -> str:
        return self.newest[-16:]


def _of(
    maker: Owner, story: str, made: str, *names: str, good: bool = True, withdrawn: str = ""
) -> Key:
    lines = (
        maker.gpg("--with-colons", "--fixed-list-mode", "--list-keys", made).decode().split("\n")
    )
    fields = [line.split(":") for line in lines]
    encrypting = sorted(
        (int(row[5]), after[9])
        for row, after in itertools.pairwise(fields)
        if row[0] == "sub" and "e" in row[11]
    )
    found = [digits for _, digits in encrypting]
    return Key(
        story, GPG.read(maker.public(made)), frozenset(names), good,
        found[-1] if found else "", frozenset(found[:-1]), frozenset({withdrawn} - {""}),
    )  # fmt: skip


def pool(maker: Owner) -> list[Key]:
    """All of them, made on the spot."""
    bob = maker.make(f"Bob Miller <{BOB}>")
    bob_again = maker.make(f"Robert Miller <{BOB}>")
    expired = maker.make(f"Priya Tann <{PRIYA}>", *PAST, expire="1y")
    two = maker.make(f"Priya Tann <{PRIYA}>", *PAST)
    maker.add(two, *LATER)
    revoked = maker.make(f"Kim Stoke <{KIM}>")
    maker.revoke(revoked, 1)
    signs = maker.make(f"Kim Stoke <{KIM}>", encryption=None)
    kim = maker.make(f"Kim Stoke <{KIM}>")
    mallory = maker.make("Mallory <mallory@evil.example>")
    maker.gpg("--quick-add-uid", mallory, f"Bob Miller <{BOB}>")
    moved = maker.make(f"Lee Marsh <{LEE}>")
    maker.gpg("--quick-add-uid", moved, "Lee Marsh <lee@elsewhere.example>")
    maker.gpg("--quick-revoke-uid", moved, f"Lee Marsh <{LEE}>")
    lee = maker.make(f"Lee Marsh <{LEE}>")
    other = maker.make("Jo Other <jo@other.example>")
    ann = maker.make(f"Ann Lee <{ANN}>")
    return [
        _of(maker, "good", bob, BOB),
        _of(maker, "a second key of the same person", bob_again, BOB),
        _of(maker, "expired", expired, PRIYA, good=False),
        _of(maker, "two encryption keys", two, PRIYA),
        _of(maker, "revoked", revoked, KIM, good=False),
        _of(maker, "only for signing", signs, KIM, good=False),
        _of(maker, "good too", kim, KIM),
        _of(maker, "claims another's address", mallory, BOB, "mallory@evil.example"),
        _of(maker, "withdrew this address", moved, "lee@elsewhere.example", withdrawn=LEE),
        _of(maker, "good as well", lee, LEE),
        _of(maker, "another person's", other, "jo@other.example"),
        _of(maker, "the sender's own", ann, ANN),
    ]
