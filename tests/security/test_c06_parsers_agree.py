"""Of a user ID that names a stranger in quotes, gpg took the stranger, Python the owner and a third
program nobody. A user ID is evidence only where the programs of other people read the same address.
"""

import email.utils
import itertools
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pysequoia.packet import PacketPile, Tag

from addin_service.addresses import NotAnAddress, parse, readable_domain
from addin_service.pgp.userids import evidence
from tests.pgp import keys
from tests.pgp.forge import Forge
from tests.pgp.keys import Owner

ALICE = '"Alice <alice@victim.example>" <m@evil.example>'
# What three programs read: Python's email.utils, Sequoia, and the exact search of gpg.
READ: dict[str, tuple[str | None, str | None, set[str]]] = {
    ALICE: ("m@evil.example", None, {"alice@victim.example"}),
    "alice@victim.example (Alice) <mallory@evil.example>": (
        "alice@victim.example", "mallory@evil.example", {"mallory@evil.example"},
    ),
    "Bob (work <bob@x.example>) <eve@y.example>": ("eve@y.example", "eve@y.example", {"bob@x.example"}),
    "<a@b.example> <c@d.example>": ("a@b.example", None, {"a@b.example"}),
    "Bob <bob@x.example>, eve@y.example": ("bob@x.example", None, {"bob@x.example"}),
    "Bob <bob@x.example> (ceo)": ("bob@x.example", None, {"bob@x.example"}),
    "Just A Name": ("Just", None, set()),
    "Bob <bob@x.": ("bob@x.", None, set()),
    "< bob@x.example >": ("bob@x.example", None, set()),
    "Bob <bob@x.example>": ("bob@x.example", "bob@x.example", {"bob@x.example"}),
}  # fmt: skip
WANTED = ("alice@victim.example", "m@evil.example", "mallory@evil.example", "bob@x.example",
          "eve@y.example", "a@b.example", "c@d.example", "bob@x.")  # fmt: skip


@pytest.fixture(scope="module")
def someone() -> Iterator[Owner]:
    keys.needs_gpg()
    with keys.owner() as made:
        yield made


class Ring:
    """A keyring with one key for each of these user IDs, and nothing else in it."""

    def __init__(self, someone: Owner, texts: list[str]) -> None:
        made = [Forge().name(text.encode()) for text in texts]
        self.someone = someone
        self.fingerprints = [one.fingerprint for one in made]
        self.certificates = [one.data for one in made]
        with tempfile.NamedTemporaryFile(dir=someone.home, suffix=".kbx") as place:
            self.place = Path(place.name)
        self.gpg("--import", given=b"".join(self.certificates))

    def gpg(self, *arguments: str, given: bytes = b"") -> bytes:
        ring = ("--no-default-keyring", "--keyring", str(self.place), "--no-auto-check-trustdb")
        return self.someone.gpg(*ring, *arguments, given=given, check=False)

    def found_by(self, address: str) -> set[str]:
        """The keys that gpg finds when asked for exactly this address."""
        lines = self.gpg("--with-colons", "--list-keys", f"<{address}>").split(b"\n")
        return {
            line.split(b":")[9].decode()
            for above, line in itertools.pairwise(lines)
            if above.startswith(b"pub:")
        }


def by_python(text: str) -> str | None:
    """As most versions read it: the newest, and Debian's, refuse what is not plain."""
    try:
        return email.utils.parseaddr(text, strict=False)[1] or None
    except TypeError:
        return email.utils.parseaddr(text)[1] or None


def by_sequoia(certificate: bytes) -> str | None:
    (name,) = (p for p in PacketPile.from_bytes(certificate) if p.tag == Tag.UserID)
    found: str | None = name.user_id_email
    return found


@pytest.mark.parametrize("text", READ)
def test_what_others_read_is_still_so_and_we_say_nothing_where_they_differ(
    text: str, someone: Owner
) -> None:
    ring = Ring(someone, [text])
    python, sequoia, gpg = READ[text]
    assert by_python(text) == python
    assert by_sequoia(ring.certificates[0]) == sequoia
    assert {address for address in WANTED if ring.found_by(address)} == gpg
    agreed = {python} == {sequoia} == gpg
    assert evidence(text) == (python if agreed else None)


LETTERS = "abcXYZ019.+-_'!#$%&*/=?^`{|}~åÅßé\u0130\u212a\u0301"
DOMAINS = ["x.example", "X.Example", "bücher.example", "BÜCHER.example", "xn--bcher-kva.example",
           "ban\u212a.example", "pаypal.example", "x_y.example", "ⓧ.example", "x。example", "9.example",
           "-x.example", "faß.example", "x.example.", "a.b.c.d.example", "localhost", "bu\u0308cher.example"]  # fmt: skip
NAMES = st.text(
    st.sampled_from("abÅß .,;:()[]<>\"'\\@-é\u00a0\u3000м学\u200b\u202e\u0085"), max_size=8
)
PLAIN_NAMES = st.text(st.sampled_from("Bob Miller Åß'-.!?&/éм学"), max_size=12)
LOCALS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=8) | st.sampled_from(
    ["bob", "b.miller", "Bob+tag"]
)
ADDRESSES = st.builds("{}@{}".format, LOCALS, st.sampled_from(DOMAINS))
SHAPES = ["{n} <{a}>", "{n}<{a}>", "<{a}>", "{a}", "{n} <{a}> {m}", "{a} ({n}) <{b}>", '"{n} <{a}>" <{b}>',
          "<{a}> <{b}>", "{n} <{a}>, {b}", "{n} ({m} <{a}>) <{b}>", "{n} {a}", "{n} < {a} >", "{a} <{b}>"]  # fmt: skip


@st.composite
def user_ids(draw: st.DrawFn) -> str:
    """Mostly nearly plain: a shape, and at times one character in it that does not belong there."""
    plain = draw(st.booleans())
    shape = draw(st.sampled_from(SHAPES[:4] if plain else SHAPES))
    names = PLAIN_NAMES if plain else NAMES
    text = shape.format(n=draw(names), m=draw(names), a=draw(ADDRESSES), b=draw(ADDRESSES))
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.characters(exclude_categories=["Cs"])) + text[at:]
    return text


def normal(address: str | None) -> str | None:
    """The normal form of what another program read."""
    try:
        return parse(address).key if address else None
    except NotAnAddress:
        return None


def test_wherever_we_see_evidence_every_program_reads_that_address(someone: Owner) -> None:
    seen = {"all": 0, "evidence": 0}

    @given(st.lists(user_ids(), min_size=40, max_size=40, unique=True))
    # Not made smaller where it fails: the text is in the message, and each try runs gpg.
    @settings(max_examples=80, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def agree(texts: list[str]) -> None:
        ring = Ring(someone, texts)
        for text, key, data in zip(texts, ring.fingerprints, ring.certificates, strict=True):
            seen["all"] += 1
            address = evidence(text)
            if address is None:
                continue
            seen["evidence"] += 1
            assert normal(by_python(text)) == address, text
            assert normal(by_sequoia(data)) == address, text
            local, _, domain = address.rpartition("@")
            # gpg does not take the two ways to write a domain for one: asked for either, it must find.
            asked = {address, f"{local}@{readable_domain(domain)}"}
            assert any(key in ring.found_by(one) for one in asked), text
        ring.place.unlink()

    agree()
    assert seen["all"] >= 3000
    assert seen["evidence"] >= 500, "otherwise nothing was compared"


def test_an_address_that_we_see_stands_in_the_user_id_letter_by_letter() -> None:
    @given(user_ids())
    @settings(max_examples=2000)
    def stands(text: str) -> None:
        address = evidence(text)
        if address is None:
            return
        local, _, domain = address.rpartition("@")
        found = [re.sub("[A-Z]", lambda c: c[0].lower(), text)]
        assert any(f"{local}@{d}" in found[0] for d in (domain, readable_domain(domain)))
        assert text.count("@") == 1

    stands()
