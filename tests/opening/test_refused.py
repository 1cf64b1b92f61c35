"""EFAIL (2018) and what came after: mails made so that opening them gives away what was sealed.

Somebody who has taken a sealed mail from the wire cannot read it. They can change it, or build
another mail around it, and wait for the reader's own program to do the rest.
"""

import base64
import hashlib
import itertools
import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESOCB3
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from addin_service.opening import containers
from addin_service.opening.refusals import CannotOpen
from addin_service.pgp import framing, packets
from addin_service.pgp.armor import dearmor
from tests.opening import making
from tests.opening.making import (
    PROTOCOL,
    SECRET,
    TEXT,
    VERSION,
    Post,
    inline,
    mail,
    multipart,
    octets,
    standard,
    text,
)
from tests.pgp.keys import part


def refused(post: Post, raw: bytes) -> str:
    with pytest.raises(CannotOpen) as refusal:
        post.opens(raw)
    assert SECRET not in str(refusal.value) + refusal.value.hint
    return refusal.value.reason


def binary(data: bytes) -> bytes:
    """A mail that carries these packets."""
    body = making.folded(base64.b64encode(data).decode())
    head = "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return mail(multipart("encrypted", VERSION, head + body + "\r\n", parameters=PROTOCOL))


@pytest.fixture
def sealed(post: Post) -> bytes:
    """In binary, not compressed: where a change shows in the text, it can be aimed."""
    return post.sealed(TEXT * 20, "--compress-algo", "none", armor=False)


def test_it_is_opened_as_long_as_nobody_changes_it(post: Post, sealed: bytes) -> None:
    assert SECRET in post.opens(binary(sealed)).message.text


def test_a_change_at_every_97th_byte_is_refused(post: Post, sealed: bytes) -> None:
    reasons = set()
    for at in range(0, len(sealed), 97):
        changed = bytearray(sealed)
        changed[at] ^= 0x20
        reasons.add(refused(post, binary(bytes(changed))))
    assert "changed" in reasons


def test_a_change_of_each_of_the_last_bytes_is_refused(post: Post, sealed: bytes) -> None:
    for at in range(1, 24):
        changed = bytearray(sealed)
        changed[-at] ^= 1
        assert refused(post, binary(bytes(changed))) == "changed"


def test_a_message_that_was_cut_is_refused(post: Post, sealed: bytes) -> None:
    for length in range(0, len(sealed), 61):
        refused(post, binary(sealed[:length]))
    # With a length that fits what is left of it, as a careful attacker would write it.
    key, content = packets_of(sealed)
    for cut in (1, 20, 21, 22, 100, len(content) - 20):
        assert refused(post, binary(key + part(packets.SEALED, content[:-cut]))) == "changed"


def packets_of(sealed: bytes) -> tuple[bytes, bytes]:
    """The packet for the reader, and the body of the one with the content, its pieces joined."""
    end = 2 + sealed[1]
    key, rest = sealed[:end], sealed[end:]
    assert (key[0], rest[0]) == (0x84, 0xC0 | packets.SEALED)
    body, at = b"", 1
    while 224 <= rest[at] < 255:
        size = 1 << (rest[at] & 0x1F)
        body, at = body + rest[at + 1 : at + 1 + size], at + 1 + size
    return key, body + rest[at + (1 if rest[at] < 192 else 2 if rest[at] < 224 else 5) :]


def test_without_protection_against_change_it_is_not_opened(post: Post) -> None:
    armored = post.sealed(TEXT, "--rfc2440", "--disable-mdc")
    assert refused(post, standard(armored)) == "unprotected"


def test_a_protected_message_dressed_as_an_unprotected_one_is_not_opened(
    post: Post, sealed: bytes
) -> None:
    key, content = packets_of(sealed)
    assert refused(post, binary(key + part(packets.UNPROTECTED, content[1:]))) == "unprotected"


@pytest.mark.parametrize("setting", ["ignore-mdc-error", "allow-multiple-messages"])
def test_a_careless_setting_of_gpg_changes_nothing(setting: str, post: Post, sealed: bytes) -> None:
    settings = post.bob.gpg.home / "gpg.conf"
    settings.write_text(f"{setting}\n")
    try:
        changed = sealed[:-30] + bytes([sealed[-30] ^ 1]) + sealed[-29:]
        assert refused(post, binary(changed)) in ("changed", "unprotected")
        armored = post.sealed(TEXT, "--rfc2440", "--disable-mdc")
        assert refused(post, standard(armored)) == "unprotected"
        assert refused(post, binary(sealed + sealed)) == "several"
        assert SECRET in post.opens(binary(sealed)).message.text
    finally:
        settings.unlink()


TOGETHER: dict[str, Callable[[bytes, bytes], bytes]] = {
    "twice": lambda sealed, plain: sealed + sealed,
    "clear text before it": lambda sealed, plain: plain + sealed,
    "clear text after it": lambda sealed, plain: sealed + plain,
    "a signature after it": lambda sealed, plain: sealed + part(packets.SIGNATURE, b"\x04" * 30),
    "a signature before it": lambda sealed, plain: part(packets.SIGNATURE, b"\x04" * 30) + sealed,
    "a key after it": lambda sealed, plain: sealed + part(packets.PUBLIC_KEY, b"\x04" * 30),
    "bytes after it": lambda sealed, plain: sealed + b"\x00",
}


@pytest.mark.parametrize("story", TOGETHER)
def test_only_one_message_is_opened_and_nothing_beside_it(
    story: str, post: Post, sealed: bytes
) -> None:
    plain = part(11, b"b\x00\x00\x00\x00\x00Pay to account 1234.")
    assert refused(post, binary(TOGETHER[story](sealed, plain))) in ("several", "damaged")


def test_what_is_sealed_twice_is_not_opened_twice(post: Post) -> None:
    within = post.sealed(TEXT, armor=False)
    literal = part(11, b"b\x00\x00\x00\x00\x00Hello")
    for content in (within, literal + literal, literal + within, within + literal, b"", b"hello"):
        twice = enveloped(post, content)
        assert refused(post, binary(twice)) in ("nested", "changed", "not-opened"), content[:20]


def session(post: Post) -> tuple[bytes, bytes]:
    """A key packet that gpg made, and its session key, which gpg shows to whoever has the key."""
    sealed = post.sealed(b"x", "--cipher-algo", "AES256", armor=False)
    shown = post.bob.gpg.gpg("--show-session-key", "--decrypt", "--status-fd", "1", given=sealed)
    line = next(x for x in shown.split(b"\n") if x.startswith(b"[GNUPG:] SESSION_KEY"))
    return packets_of(sealed)[0], bytes.fromhex(line.split(b":")[-1].decode())


def enveloped(post: Post, content: bytes) -> bytes:
    """These packets sealed for Bob as they are. gpg would put them into a message of its own."""
    packet, key = session(post)
    start = os.urandom(16)
    clear = start + start[-2:] + content + b"\xd3\x14"
    clear += hashlib.sha1(clear, usedforsecurity=False).digest()
    encryptor = Cipher(AES(key), CFB(bytes(16))).encryptor()
    body = b"\x01" + encryptor.update(clear) + encryptor.finalize()
    return packet + part(packets.SEALED, body)


def in_the_newer_way(post: Post, content: bytes) -> bytes:
    """As gpg 2.3 and later seal for one another: AES-256 in OCB mode, one chunk of 64 kB."""
    packet, key = session(post)
    about, nonce = bytes([0xC0 | packets.SEALED_GNUPG, 1, 9, 2, 10]), os.urandom(15)
    cipher = AESOCB3(key)
    chunk = cipher.encrypt(nonce, content, about + bytes(8))
    last = nonce[:-1] + bytes([nonce[-1] ^ 1])
    number, size = (1).to_bytes(8, "big"), len(content).to_bytes(8, "big")
    end = cipher.encrypt(last, b"", about + number + size)
    return packet + part(packets.SEALED_GNUPG, about[1:] + nonce + chunk + end)


def test_the_envelopes_of_these_tests_are_good(post: Post) -> None:
    literal = part(11, b"b\x00\x00\x00\x00\x00" + TEXT)
    assert post.opens(binary(enveloped(post, literal))).message.text == SECRET


@pytest.mark.parametrize(
    ("tags", "fit"),
    [
        ("l", True), ("c", True), ("ol s", True), ("oolss", True), ("oc s", True), ("s l", True),
        ("", False), ("ll", False), ("cl", False), ("ol", False), ("ls", False), ("olss", False),
        ("p", False), ("pe", False), ("e", False), ("le", False), ("u", False), ("s", False),
        ("k", False), ("olsl", False),
    ],
)  # fmt: skip
def test_only_one_message_is_let_in(tags: str, fit: bool) -> None:
    """gpg would refuse most of these too: this does not rest on it."""
    numbers = {"l": 11, "c": 8, "o": 4, "s": 2, "p": 1, "e": 18, "u": 9, "k": 6}
    data = b"".join(part(numbers[tag], b"\x01" * 20) for tag in tags if tag != " ")
    assert containers.only_signatures(data) is (tags == "s")
    if fit:
        containers.signed_or_plain(data)
        return
    with pytest.raises(CannotOpen) as refusal:
        containers.signed_or_plain(data)
    assert refusal.value.reason == "nested"


def test_what_newer_gpgs_seal_is_opened_and_refused_alike(post: Post) -> None:
    sealed = in_the_newer_way(post, part(11, b"b\x00\x00\x00\x00\x00" + TEXT * 10))
    assert SECRET in post.opens(binary(sealed)).message.text
    for at in range(100, len(sealed), 97):
        changed = sealed[:at] + bytes([sealed[at] ^ 0x20]) + sealed[at + 1 :]
        assert refused(post, binary(changed)) in ("changed", "not-opened")


def test_several_sealed_messages_in_one_mail_are_refused(post: Post) -> None:
    one, two = post.sealed(TEXT), post.sealed(TEXT)
    entity = [
        multipart("encrypted", VERSION, octets(a), parameters=PROTOCOL, boundary=f"b{n}")
        for n, a in enumerate((one, two))
    ]
    stories = [
        multipart("mixed", *entity),
        multipart("mixed", text(""), VERSION, octets(one), octets(two)),
        multipart("mixed", entity[0], text(one.decode())),
        multipart("mixed", text(one.decode()), text(two.decode())),
        text((one + b"\n" + two).decode()),
        multipart("mixed", text("see"), octets(one), octets(two, "msg.asc")),
    ]
    for story in stories:
        assert refused(post, mail(story.replace("\r\n", "\n").replace("\n", "\r\n"))) == "several"


LEAK = '<img src="http://evil.example/'
AROUND = {
    "HTML before": (("html", LEAK), None),
    "HTML before and after": (("html", LEAK), ("html", '">')),
    "HTML after": (None, ("html", '">')),
    "text before and after": (("plain", "Hello"), ("plain", "Best")),
}


@pytest.mark.parametrize("story", AROUND)
def test_parts_around_the_sealed_one_are_never_joined_with_it(story: str, post: Post) -> None:
    """The direct way of EFAIL: an HTML part opens an address, and the sealed text ends in it."""
    before, after = AROUND[story]
    inside = multipart(
        "encrypted", VERSION, octets(post.sealed(TEXT)), parameters=PROTOCOL, boundary="in"
    )
    parts = [
        *([text(before[1], before[0])] if before else []),
        inside,
        *([text(after[1], after[0])] if after else []),
    ]
    found = post.opens(mail(multipart("mixed", *parts)))
    assert found.message.text == SECRET
    assert len(found.outside) == len(parts) - 1
    assert any("not sealed" in warning for warning in found.warnings)


def test_a_notice_or_a_footer_alone_is_no_alarm(post: Post) -> None:
    found = post.opens(making.attached(post.sealed(TEXT)))
    assert found.warnings == ()
    assert [part.kind for part in found.outside] == ["text"]


def test_bombs_of_parts_are_refused(post: Post) -> None:
    armored = post.sealed(TEXT)
    many = multipart("mixed", *(["\r\nx"] * 30_000), octets(armored))
    assert refused(post, mail(many)) == "many-parts"
    some = multipart("mixed", *(["\r\nx"] * 2_000), octets(armored))
    assert refused(post, mail(some)) == "many-parts"
    nest = octets(armored)
    for number in range(100):
        nest = multipart("mixed", nest, boundary=f"b{number}")
    assert refused(post, mail(nest)) == "many-parts"
    deep = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(3_000)
    )
    assert refused(post, mail(deep)) in ("many-parts", "damaged")
    assert refused(post, mail("Content-Type: " + "a/b;" * 5_000 + "\r\n\r\n")) == "many-parts"
    assert refused(post, mail("X: " + "a" * 600_000 + "\r\n\r\n")) == "many-parts"


def test_bombs_within_what_is_sealed_are_refused(post: Post) -> None:
    many = multipart("mixed", *(["\r\nx"] * 2_000)).encode()
    assert refused(post, standard(post.sealed(many))) == "many-parts"
    nest = text("x")
    for number in range(100):
        nest = multipart("mixed", nest, boundary=f"b{number}")
    assert refused(post, standard(post.sealed(nest.encode()))) == "many-parts"


def test_content_that_grows_without_end_is_refused(post: Post) -> None:
    armored = post.sealed(b"Content-Type: text/plain\r\n\r\n" + bytes(30 << 20), "-z", "9")
    assert len(armored) < 1 << 20
    with pytest.raises(CannotOpen) as refusal:
        post.opens(standard(armored), most_bytes=10 << 20)
    assert refusal.value.reason == "large"


def test_a_broken_armor_never_opens_something_else(post: Post) -> None:
    """Each two neighbouring lines exchanged: gpg or we refuse, and say nothing of the content."""
    lines = post.sealed(TEXT * 20, "--compress-algo", "none").split(b"\n")
    for number, _ in itertools.islice(enumerate(lines), 2, len(lines) - 4):
        swapped = [*lines]
        swapped[number], swapped[number + 1] = swapped[number + 1], swapped[number]
        refused(post, inline(b"\n".join(swapped)))


def test_the_samples_are_what_they_say(post: Post) -> None:
    tags = framing.outline(dearmor(post.sealed(TEXT), b"MESSAGE"))
    assert tags == (packets.PKESK, packets.SEALED)
