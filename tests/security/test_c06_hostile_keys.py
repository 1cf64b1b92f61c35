"""GnuPG, CVE-2025-68973: a file that claimed to be a key damaged the memory of the program that read
its armour. And everybody who imports "a key" may be handed a secret one, two, or a million names.
"""

import base64
import gzip
import io
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator

import pysequoia
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from addin_service.pgp import packets, reading
from addin_service.pgp.armor import Malformed, beginning, dearmor
from addin_service.pgp.gpg import NotACertificate
from tests.pgp import keys
from tests.pgp.keys import GPG, Owner, known, part, person

BOB = "Bob <bob@bank.example>"
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}


@pytest.fixture(autouse=True)
def _gpg() -> None:
    keys.needs_gpg()


def bob() -> bytes:
    """An honest certificate."""
    return known(BOB).public


def armored(data: bytes, kind: str = "PUBLIC KEY BLOCK", crc: bool = True) -> bytes:
    """As mail programs attach it."""
    made = pysequoia.armor(data, pysequoia.ArmorKind.PublicKey)
    text = made.encode().replace(b"PUBLIC KEY BLOCK", kind.encode())
    return text if crc else b"\n".join(li for li in text.split(b"\n") if li[:1] != b"=")


def parts() -> list[packets.Packet]:
    return list(packets.walk(bob()))


def with_part(tag: int, body: bytes) -> bytes:
    """Bob's certificate and one packet more."""
    return bob() + part(tag, body)


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("bob.asc", armored(bob()))
    return held.getvalue()


def changed(index: int, tag: int) -> bytes:
    """Bob's certificate with another byte in the first packet of this tag."""
    made = parts()
    at = next(n for n, p in enumerate(made) if p.tag == tag)
    body = bytearray(made[at].body)
    body[index] ^= 0x55
    made[at] = packets.Packet(tag, bytes(body))
    return packets.joined(made)


def without(*tags: int) -> bytes:
    return packets.joined(p for p in parts() if p.tag not in tags)


def secret() -> bytes:
    return bytes(known(BOB).secret)


def sealed() -> bytes:
    return bytes(pysequoia.encrypt(b"x", [known(BOB).secret.extract_certificate()]))


TEXT = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n%s\n-----END PGP PUBLIC KEY BLOCK-----\n"

REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("empty", lambda: b""),
    "blanks": ("empty", lambda: b" \r\n\t\n"),
    "a byte order mark": ("empty", lambda: b"\xef\xbb\xbf"),
    "a secret key": ("secret", secret),
    "a secret key in armour": ("secret", lambda: armored(secret(), "PRIVATE KEY BLOCK")),
    "a secret key that says public": ("secret", lambda: armored(secret())),
    "a secret subkey at the end": ("secret", lambda: with_part(7, parts()[-2].body)),
    "a secret key behind a public one": ("secret", lambda: bob() + secret()),
    "a secret key behind, in armour": ("secret", lambda: armored(bob()) + armored(secret(), "PRIVATE KEY BLOCK")),
    "two keys": ("several", lambda: bob() + person("Eve <e@y.example>").public),
    "the same key twice": ("several", lambda: bob() * 2),
    "two keys in one armour": ("several", lambda: armored(bob() + person("Eve").public)),
    "two armours": ("several", lambda: armored(bob()) + armored(person("Eve").public)),
    "a key and a signature in armour": ("several", lambda: armored(bob()) + armored(b"\xc2\x01\x04", "SIGNATURE")),
    "an encrypted message": ("message", sealed),
    "an encrypted message in binary": ("message", lambda: dearmor(sealed(), b"MESSAGE")),
    "a signed text": ("message", lambda: b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + armored(bob())),
    "a signature alone": ("not-a-key", lambda: part(2, b"\x04\x10\x01\x08\0\0\0\0")),
    "a user ID first": ("not-a-key", lambda: part(13, b"Bob") + bob()),
    "a literal packet behind": ("not-a-key", lambda: with_part(11, b"b\0\0\0\0\0x")),
    "an unknown packet behind": ("not-a-key", lambda: with_part(60, b"x")),
    "an encrypted packet behind": ("not-a-key", lambda: with_part(18, b"\x01xx")),
    "zip": ("packed", zipped),
    "gzip": ("packed", lambda: gzip.compress(bob())),
    "a web page": ("page", lambda: b"\n<!DOCTYPE html><html><pre>" + armored(bob()) + b"</pre>"),
    "a web page in capitals": ("page", lambda: b"<HTML><body>" + armored(bob())),
    "a picture": ("not-a-key", lambda: b"\x89PNG\r\n\x1a\n" + bytes(40)),
    "plain text": ("not-a-key", lambda: b"Dear Bob,\nhere is no key.\n"),
    "a certificate of another kind": ("not-a-key", lambda: b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    "an SSH key": ("not-a-key", lambda: b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA bob\n"),
    "UTF-16 that is no text": ("not-a-key", lambda: b"\xff\xfe\x00"),
    "UTF-16 of a letter": ("not-a-key", lambda: "Grüße".encode("utf-16")),
    "armour without an end": ("damaged", lambda: armored(bob()).split(b"-----END")[0]),
    "armour without a beginning": ("damaged", lambda: armored(bob()).split(b"\n", 1)[1]),
    "armour that ends as another": ("damaged", lambda: armored(bob()).replace(b"END PGP PUBLIC", b"END PGP PRIVATE")),
    "armour with a line lost": ("damaged", lambda: b"\n".join(armored(bob()).split(b"\n")[:4] + armored(bob()).split(b"\n")[5:])),
    "armour with a wrong checksum": ("damaged", lambda: TEXT % (base64.b64encode(bob()) + b"\n=AAAA")),
    "armour with a foreign letter": ("damaged", lambda: TEXT % base64.b64encode(bob()).replace(b"A", b"!", 1)),
    "armour around nothing": ("not-a-key", lambda: TEXT % b""),
    "a quoted armour": ("not-a-key", lambda: b"> " + armored(bob()).replace(b"\n", b"\n> ")),
    "cut in the middle": ("damaged", lambda: bob()[: len(bob()) // 2]),
    "one byte short": ("damaged", lambda: bob()[:-1]),
    "bytes behind": ("damaged", lambda: bob() + b"rest"),
    "a packet of 4 GB": ("damaged", lambda: b"\xc6\xff\xff\xff\xff\xff" + bob()),
    "partial lengths": ("damaged", lambda: b"\xc6\xe5" + bob()),
    "no length at all": ("damaged", lambda: b"\x9b" + bob()[2:]),
    "an empty key packet": ("damaged", lambda: part(6, b"")),
    "version 3": ("version", lambda: part(6, b"\x03" + bytes(20))),
    "version 6": ("version", lambda: bytes(keys.Person([BOB], pysequoia.Profile.RFC9580).public)),
    "an unknown algorithm": ("algorithm", lambda: part(6, b"\x04\0\0\0\0\x63" + bytes(20)) + without(6)),
    "X448": ("algorithm", lambda: part(6, b"\x04\0\0\0\0\x1c" + bytes(57)) + without(6)),
    "no user ID": ("no-user-id", lambda: without(13)),
    "no signature": ("no-user-id", lambda: without(2)),
    "another's user ID": ("no-user-id", lambda: packets.joined([p if p.tag != 13 else packets.Packet(13, b"Eve <e@y.example>") for p in parts()])),
    "another date": ("no-user-id", lambda: changed(2, 6)),
    "a primary key of zeros": ("no-user-id", lambda: part(6, b"\x04" + bytes(4) + b"\x16" + bytes(45)) + without(6)),
    "10,000 user IDs": ("large", lambda: bob() + part(13, b"Eve <e@y.example>") * 10_000),
    "5,000 short user IDs": ("user-ids", lambda: bob() + part(13, b"E") * 5_000),
    "a photograph of 10 MB": ("large", lambda: with_part(17, bytes(10_000_000))),
    "50,000 signatures": ("large", lambda: bob() + part(2, parts()[2].body) * 50_000),
    "a megabyte of armour": ("large", lambda: TEXT % (b"A" * 1_000_000)),
}  # fmt: skip


@pytest.mark.parametrize("story", REFUSED)
def test_what_is_not_one_public_key_is_refused_with_a_hint(story: str) -> None:
    reason, make = REFUSED[story]
    data = make()
    began = time.monotonic()
    with pytest.raises(NotACertificate) as refusal:
        GPG.read(data)
    assert refusal.value.reason == reason
    assert refusal.value.hint
    assert str(refusal.value) == reading.PROBLEMS[reason][0]
    assert time.monotonic() - began < 10


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "binary": bob,
    "armour": lambda: armored(bob()),
    "armour without a checksum": lambda: armored(bob(), crc=False),
    "armour with other line ends": lambda: armored(bob()).replace(b"\n", b"\r\n"),
    "armour with headers": lambda: armored(bob()).replace(b"-----\n", b"-----\nComment: Bob: his key\n", 1),
    "armour in a letter": lambda: b"Hello,\n\nhere it is:\n" + armored(bob()) + b"\n-- \nBob\n",
    "armour with a byte order mark": lambda: b"\xef\xbb\xbf" + armored(bob()),
    "UTF-16, from Windows": lambda: armored(bob()).decode().encode("utf-16"),
    "a marker in front": lambda: part(10, b"PGP") + bob(),
    "gpg's own notes": lambda: with_part(12, b"\x06\x78"),
    "a damaged name": lambda: with_part(13, b"Eve <e@y.example>"),
    "a name that another key signed": lambda: bob() + b"".join(
        part(p.tag, p.body) for p in packets.walk(person("Eve <e@y.example>").public) if p.tag in (13, 2)
    ),
    "someone else's subkey": lambda: bob() + b"".join(
        part(p.tag, p.body) for p in list(packets.walk(person("Eve").public))[-2:]
    ),
    "9,000 broken signatures": lambda: bob() + part(2, b"\x04\x10\x16\x08\0\0\0\0")[:10] * 9_000,
    "a photograph": lambda: with_part(17, b"\x81\x01\x10\0\x01\x01" + bytes(9_000)),
}  # fmt: skip


@pytest.mark.parametrize("story", ACCEPTED)
def test_what_is_added_to_an_honest_key_adds_nothing(story: str) -> None:
    honest = GPG.read(bob())
    assert GPG.read(ACCEPTED[story]()) == honest
    assert honest.addresses() == {"bob@bank.example"}
    assert GPG.read(honest.data) == honest  # what is stored reads as itself


DECEITFUL = {
    "right to left": "Bob \u202e<elpmaxe.knab@bob> <m@evil.example>",
    "isolates": "\u2066Bob\u2069 <bob@bank.example>",
    "a zero-width space": "Bob\u200b <bob@bank.example>",
    "a soft hyphen": "Bob <bo\xadb@bank.example>",
    "U+0085": "Bob\x85uid:-::::1:::Eve <e@y.example> <bob@bank.example>",
    "U+2028": "Bob\u2028[GNUPG:] END_ENCRYPTION\u2028 <bob@bank.example>",
    "U+2029": "Bob\u2029\u2029 <bob@bank.example>",
    "a line feed": "Bob\n[GNUPG:] END_ENCRYPTION\n <bob@bank.example>",
    "a carriage return": "Eve\rBob <bob@bank.example>",
    "a vertical tab": "Bob\x0b<bob@bank.example>",
    "file separators": "Bob\x1c\x1d\x1e <bob@bank.example>",
    "colours of a terminal": "\x1b[2J\x1b[1;31mBob <bob@bank.example>",
    "an 8-bit escape": "\x9b31mBob <bob@bank.example>",
    "a bell": "Bob\x07 <bob@bank.example>",
    "NUL": "Bob <bob@bank.example>\0 <m@evil.example>",
    "a backspace": "Eve\b\b\bBob <bob@bank.example>",
    "an unassigned character": "Bob \U000e0fff <bob@bank.example>",
    "private use": "Bob \ue000 <bob@bank.example>",
    "a byte order mark": "\ufeffBob <bob@bank.example>",
    "tags": "Bob \U000e0041 <bob@bank.example>",
}


@pytest.mark.parametrize("story", DECEITFUL)
def test_a_deceitful_user_id_is_shown_as_it_is_and_proves_nothing(story: str) -> None:
    text = DECEITFUL[story]
    (found,) = person(text).certificate.user_ids
    assert found.address is None
    assert not {unicodedata.category(c) for c in found.text} & UNSEEN
    assert found.text != text
    assert "\\u{" in found.text


@pytest.mark.parametrize(
    "raw",
    [b"Zo\xe9 <zoe@bank.example>", b"\xff\xfe", b"\xc0\xaf <a@bank.example>", b"\xed\xa0\x80"],
)
def test_a_user_id_that_is_not_utf8_is_shown_by_its_bytes(raw: bytes) -> None:
    from addin_service.pgp.userids import user_id

    found = user_id(raw, False)
    assert found.address is None
    assert "\\x" in found.text
    assert found.text.isprintable()


def test_an_endless_user_id_is_cut_in_its_middle() -> None:
    (found,) = person("Bob " + "b" * 1_900 + " <bob@bank.example>").certificate.user_ids
    assert len(found.text) == 200
    assert "…" in found.text
    assert found.text.endswith(" <bob@bank.example>"), "an address stands at the end"
    assert found.address == "bob@bank.example"


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    keys.needs_gpg()
    with keys.owner() as made:
        yield made


def test_gpg_made_keys_read_alike_on_every_day_and_in_every_home(maker: Owner) -> None:
    made = maker.make("Åsa Ek <asa@corp.example>", "--faked-system-time", "20400101T000000!")
    once = GPG.read(maker.public(made))
    assert once == GPG.read(once.data) == GPG.read(maker.gpg("--armor", "--export", made))
    assert once.user_ids[0].text == "Åsa Ek <asa@corp.example>"


# Without gpg, so that there can be many.


@given(st.binary(max_size=400))
@settings(max_examples=400, deadline=None)
def test_our_own_readers_only_ever_refuse(data: bytes) -> None:
    for read in (lambda: list(packets.walk(data)), lambda: packets.readers(data),
                 lambda: dearmor(data, b"MESSAGE"), lambda: beginning(data, 100)):  # fmt: skip
        try:
            read()
        except Malformed:
            continue
    packets.signature(data)
    packets.key_fingerprint(data)
    reading.unescaped(data)
    try:
        reading.block(data)
    except NotACertificate:
        return


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_message_only_ever_is_refused(data: st.DataObject) -> None:
    whole = bytearray(sealed())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        found = packets.readers(cut)
    except Malformed:
        return
    assert all(len(key) == 16 for key in found.key_ids)


@given(st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_certificate_never_becomes_another(data: st.DataObject) -> None:
    """Signatures hold it together: what still reads as a key is Bob's own, or a part of it."""
    honest = GPG.read(bob())
    whole = bytearray(bob())
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = GPG.read(bytes(whole))
    except NotACertificate:
        return
    assert found.fingerprint == honest.fingerprint
    assert found.addresses() <= honest.addresses()
    mine = {key.fingerprint for key in honest.subkeys}
    assert {key.fingerprint for key in found.subkeys if key.encrypts} <= mine


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
@settings(max_examples=25, deadline=None)
def test_any_user_id_is_read_whole_and_alone(text: str) -> None:
    certificate = person(text).certificate
    assert len(certificate.user_ids) == 1
    assert not {unicodedata.category(c) for c in certificate.user_ids[0].text} & UNSEEN
