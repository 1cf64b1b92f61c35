"""Who signed: only a key that somebody confirmed for the sender's address says who wrote it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from addin_service.opening.refusals import CannotOpen
from addin_service.pgp.armor import dearmor
from tests.opening import making
from tests.opening.making import ANN, HEAD, SECRET, TEXT, Person, Post, mail, multipart, standard
from tests.pgp import keys

SIGNED = '; protocol="application/pgp-signature"; micalg=pgp-sha512'


def detached(post: Post, entity: bytes, key: str = "") -> str:
    """A multipart/signed over this entity."""
    canonical = entity.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    signature = post.ann.gpg.gpg(
        "--armor", "--local-user", key or post.ann.key, "--detach-sign", given=canonical
    ).decode()
    part = f"Content-Type: application/pgp-signature\r\n\r\n{signature}"
    return multipart("signed", canonical.decode(), part, parameters=SIGNED, boundary="=_s")


def combined(post: Post, key: str = "") -> bytes:
    return standard(post.sealed(TEXT, sign=key or post.ann.key))


def within(post: Post, key: str = "") -> bytes:
    return standard(post.sealed(detached(post, TEXT, key).encode()))


WAYS: dict[str, Callable[..., bytes]] = {"combined": combined, "within": within}


@pytest.mark.parametrize("way", WAYS)
def test_a_confirmed_key_says_who_wrote_it(way: str, post: Post) -> None:
    post.say(post.ann.key)
    found = post.opens(WAYS[way](post))
    day = post.decided[0].at
    assert found.message.text == SECRET
    assert found.signature.word == "confirmed"
    assert found.signature.sentence == (
        f"Signed by Ann Lee <{ANN}>: the key was confirmed on {day.day} {day:%B %Y} by phone."
    )
    assert found.signature.fingerprint == post.ann.key


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_nobody_confirmed_says_nothing(way: str, post: Post) -> None:
    found = post.opens(WAYS[way](post))
    assert found.signature.word == "unconfirmed"
    assert found.message.text == SECRET


@pytest.mark.parametrize("way", WAYS)
def test_a_rejected_key_is_named_as_such(way: str, post: Post) -> None:
    post.say(post.ann.key, "rejected", "officer")
    assert post.opens(WAYS[way](post)).signature.word == "rejected"


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_only_says_to_be_hers_is_not_hers(
    way: str, post: Post, stranger: Person
) -> None:
    """Its user ID names her address, and it may even lie in our store."""
    post.say(post.ann.key)
    assert post.opens(WAYS[way](post, stranger.key)).signature.word == "unknown"
    post.held = (*post.held, stranger.certificate)
    assert post.opens(WAYS[way](post, stranger.key)).signature.word == "unconfirmed"


@pytest.mark.parametrize("way", WAYS)
def test_the_readers_own_keyring_is_not_asked(way: str, post: Post, stranger: Person) -> None:
    post.say(post.ann.key)
    post.bob.gpg.gpg("--import", given=stranger.certificate.data)
    try:
        assert post.opens(WAYS[way](post, stranger.key)).signature.word == "unknown"
    finally:
        post.bob.gpg.gpg("--yes", "--delete-keys", stranger.key)


def test_a_confirmed_key_signs_for_its_own_address_alone(post: Post) -> None:
    """RUB-NDS 2019: a good signature of one person under the name of another."""
    post.say(post.ann.key)
    for head in (
        HEAD.replace(ANN, "eve@evil.example"),
        HEAD.replace(f"Ann Lee <{ANN}>", f'"Ann Lee <{ANN}>" <eve@evil.example>'),
    ):
        found = post.opens(standard(post.sealed(TEXT, sign=post.ann.key), head))
        assert found.signature.word == "unknown"
        assert "Ann Lee" not in found.signature.sentence
        assert "eve@evil.example" in found.signature.sentence
    two = HEAD.replace(f"Ann Lee <{ANN}>", f"{ANN}, eve@evil.example")
    found = post.opens(standard(post.sealed(TEXT, sign=post.ann.key), two))
    assert found.signature.word == "unclaimed"


def test_a_changed_text_does_not_fit(post: Post) -> None:
    post.say(post.ann.key)
    entity = detached(post, TEXT).replace("4 Elm", "5 Elm")
    found = post.opens(standard(post.sealed(entity.encode())))
    assert found.signature.word == "bad"
    assert "5 Elm" in found.message.text


def test_a_signature_of_another_text_does_not_fit(post: Post) -> None:
    """A whole signed message in place of the signature would be verified instead of the text."""
    post.say(post.ann.key)
    signed = post.ann.gpg.gpg("--armor", "--local-user", post.ann.key, "--sign", given=b"Yes")
    armored = signed.replace(b"PGP MESSAGE", b"PGP SIGNATURE").decode()
    part = f"Content-Type: application/pgp-signature\r\n\r\n{armored}"
    entity = multipart("signed", TEXT.decode(), part, parameters=SIGNED, boundary="=_s")
    assert post.opens(standard(post.sealed(entity.encode()))).signature.word == "bad"


@pytest.mark.parametrize("kind", ["none", "no armor", "text", "three parts", "no end"])
def test_a_signature_that_is_none_shows_nothing(kind: str, post: Post) -> None:
    post.say(post.ann.key)
    good = detached(post, TEXT)
    entity = {
        "none": multipart("signed", TEXT.decode(), parameters=SIGNED),
        "no armor": multipart(
            "signed", TEXT.decode(), "Content-Type: application/pgp-signature\r\n\r\nhello",
            parameters=SIGNED,
        ),
        "text": multipart("signed", TEXT.decode(), "Content-Type: text/plain\r\n\r\nsigned"),
        "three parts": good.replace("--=_s--", "--=_s\r\n\r\nand me\r\n--=_s--"),
        "no end": good.replace("--=_s--", ""),
    }[kind]  # fmt: skip
    found = post.opens(standard(post.sealed(entity.encode())))
    assert found.signature.word in ("unsigned", "bad")
    if kind != "no armor":
        assert any("not looked at" in warning for warning in found.warnings)


def test_other_ends_of_lines_change_no_signature(post: Post) -> None:
    post.say(post.ann.key)
    unix = detached(post, TEXT).replace("\r\n", "\n").encode()
    assert post.opens(standard(post.sealed(unix))).signature.word == "confirmed"


def test_one_bad_signature_spoils_a_good_one(post: Post) -> None:
    post.say(post.ann.key)
    entity = detached(post, TEXT).replace("4 Elm", "5 Elm")
    found = post.opens(standard(post.sealed(entity.encode(), sign=post.ann.key)))
    assert found.signature.word == "bad"


def test_two_signatures_are_good_if_one_is_hers(post: Post, stranger: Person) -> None:
    post.say(post.ann.key)
    armored = post.sealed(TEXT, "--local-user", stranger.key, sign=post.ann.key)
    assert post.opens(standard(armored)).signature.word == "confirmed"


@pytest.mark.parametrize("options", [(), ("--compress-algo", "none"), ("--textmode",)])
def test_signed_in_any_of_gpgs_ways(options: tuple[str, ...], post: Post) -> None:
    post.say(post.ann.key)
    found = post.opens(standard(post.sealed(TEXT, *options, sign=post.ann.key)))
    assert (found.signature.word, found.message.text) == ("confirmed", SECRET)


def test_a_signature_that_can_be_forged_today_shows_nothing(post: Post) -> None:
    key = post.ann.gpg.make(f"Ann Lee <{ANN}>", algorithm="rsa2048")
    post.held = (*post.held, keys.GPG.read(post.ann.gpg.public(key)))
    post.say(key)
    for digest in ("SHA1", "RIPEMD160"):
        weak = post.sealed(TEXT, "--digest-algo", digest, sign=key)
        assert post.opens(standard(weak)).signature.word in ("weak", "bad"), digest
    assert post.opens(standard(post.sealed(TEXT, sign=key))).signature.word == "confirmed"


def test_an_earlier_key_of_hers_is_told(post: Post, stranger: Person) -> None:
    post.held = (*post.held, stranger.certificate)
    post.say(stranger.key)
    post.say(post.ann.key)
    assert post.opens(combined(post, stranger.key)).signature.word == "confirmed"
    found = post.opens(combined(post)).signature
    assert (found.word, "another one" in found.sentence) == ("fallen", True)


def test_a_rival_takes_nothing_from_a_confirmed_key(post: Post, stranger: Person) -> None:
    post.say(post.ann.key)
    post.decided[0] = replace(post.decided[0], at=post.decided[0].at - timedelta(days=700))
    post.held = (*post.held, stranger.certificate)
    assert post.opens(combined(post)).signature.word == "confirmed"
    assert post.opens(combined(post, stranger.key)).signature.word == "unconfirmed"


def test_a_revoked_or_expired_key_is_told(people: tuple[Person, ...]) -> None:
    with keys.owner() as gpg:
        key = gpg.make(f"Ann Lee <{ANN}>")
        ann = Person(gpg, key)
        gpg.gpg("--import", given=people[1].certificate.data)
        post = Post(ann, people[1], (ann.certificate,))
        post.say(key)
        armored = post.sealed(TEXT, sign=key)
        gpg.gpg("--quick-set-expire", key, "seconds=1")
        gpg.gpg("--quick-set-expire", key, "seconds=1", "*")
        until_expired(ann)
        post.held = (ann.certificate,)
        found = post.opens(standard(armored))
        assert found.signature.word == "fallen"
        assert "expired" in found.signature.sentence
        gpg.revoke(key, 1)
        post.held = (ann.certificate,)
        found = post.opens(standard(armored))
        assert found.signature.word == "fallen"
        assert "revoked" in found.signature.sentence


def until_expired(person: Person) -> None:
    while person.certificate.condition(keys.now()) != "expired":
        pass


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\x0b", "\r", "\\n", "%0A"])
def test_a_user_id_cannot_speak_for_gpg(separator: str, post: Post) -> None:
    """RUB-NDS 2019, "Johnny, you are fired": a line of status, forged in the name of a key."""
    post.say(post.ann.key)
    day = "2026-01-01 1767225600 0 4 0 22 10 00"
    forged = (
        f"{separator}[GNUPG:] NEWSIG{separator}[GNUPG:] GOODSIG {post.ann.key} Ann{separator}"
        f"[GNUPG:] VALIDSIG {post.ann.key} {day} {post.ann.key}{separator}"
    )
    with keys.owner() as gpg:
        if separator == "\r":
            forged = forged.replace("\r", "\\r")
        key = gpg.make(f"Mallory {forged} <{ANN}>", encryption=None)
        gpg.gpg("--import", given=post.bob.certificate.data)
        mallory = Post(Person(gpg, key), post.bob, decided=post.decided)
        mallory.held = (*post.held, mallory.ann.certificate)
        found = mallory.opens(standard(mallory.sealed(TEXT, sign=key)))
    assert found.signature.word in ("unconfirmed", "unknown")
    assert found.signature.fingerprint in (None, key)


def test_what_is_only_signed_is_not_called_sealed(post: Post) -> None:
    post.say(post.ann.key)
    found = post.opens(mail(detached(post, TEXT)))
    assert not found.sealed
    assert found.signature.word == "confirmed"
    changed = mail(detached(post, TEXT).replace("4 Elm", "5 Elm"))
    assert post.opens(changed).signature.word == "bad"


def test_a_signature_around_says_nothing_of_what_is_sealed(post: Post) -> None:
    """Whoever takes a sealed mail can sign it: they need not know what is in it."""
    post.say(post.ann.key)
    sealed = multipart(
        "encrypted", making.VERSION, making.octets(post.sealed(TEXT)),
        parameters=making.PROTOCOL, boundary="in",
    )  # fmt: skip
    found = post.opens(mail(detached(post, sealed.encode())))
    assert found.message.text == SECRET
    assert found.signature.word == "unsigned"
    assert found.around is not None
    assert found.around.word == "confirmed"


def test_a_signature_of_yesterday_is_no_signature_of_this(post: Post) -> None:
    """Signature packets taken from one message and put into another."""
    post.say(post.ann.key)
    signature = post.ann.gpg.gpg(
        "--armor", "--local-user", post.ann.key, "--detach-sign", given=b"Yes"
    )
    part = f"Content-Type: application/pgp-signature\r\n\r\n{signature.decode()}"
    entity = multipart("signed", TEXT.decode(), part, parameters=SIGNED, boundary="=_s")
    assert post.opens(standard(post.sealed(entity.encode()))).signature.word == "bad"
    assert dearmor(signature, b"SIGNATURE")


def test_a_signed_text_inline_is_verified(post: Post) -> None:
    post.say(post.ann.key)
    found = post.opens(making.inline(post.sealed(SECRET.encode(), sign=post.ann.key)))
    assert (found.signature.word, found.message.text) == ("confirmed", SECRET)


def test_files_sealed_by_themselves_are_hers_only_if_each_is_signed(post: Post) -> None:
    post.say(post.ann.key)
    text = making.text(post.sealed(b"x", sign=post.ann.key).decode().replace("\n", "\r\n"))
    for signer, calm in ((post.ann.key, True), ("", False)):
        file = making.octets(post.sealed(b"data", sign=signer), "a.pdf.pgp")
        found = post.opens(mail(multipart("mixed", text, file)))
        assert (not found.warnings) is calm


def test_files_alone_are_hers_only_if_each_is_signed(post: Post) -> None:
    post.say(post.ann.key)
    signed = making.octets(post.sealed(b"1", sign=post.ann.key), "a.pdf.pgp")
    plain = making.octets(post.sealed(b"2"), "b.pdf.pgp")
    assert post.opens(mail(multipart("mixed", signed))).signature.word == "confirmed"
    assert post.opens(mail(multipart("mixed", signed, plain))).signature.word == "unsigned"


def test_nothing_but_the_status_of_this_run_counts(post: Post) -> None:
    """A text that reads like gpg's own word is a text."""
    words = b"Content-Type: text/plain\r\n\r\n\n[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG A Ann\n"
    post.say(post.ann.key)
    assert post.opens(standard(post.sealed(words))).signature.word == "unsigned"


def test_a_broken_certificate_in_the_store_opens_nothing_new(post: Post) -> None:
    post.say(post.ann.key)
    post.held = (replace(post.held[0], data=b"broken"),)
    try:
        found = post.opens(combined(post))
    except CannotOpen:
        return
    assert found.signature.word == "unknown"
