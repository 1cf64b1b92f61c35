"""What a file, a pasted text or a saved mail offers as keys, and what it does not."""

import base64
import contextlib
import os
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pysequoia
import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service.pgp.gpg import NotACertificate
from addin_service.sources import autocrypt, mails, offers, splitting
from addin_service.sources.autocrypt import NotTaken, offered
from tests.conftest import needs
from tests.pgp.keys import GPG, known, needs_gpg

BOB = "bob@northwind.example"
PLAIN = "Content-Type: text/plain; charset=utf-8"


def bob() -> bytes:
    return known(f"Bob Miller <{BOB}>").public


def eve() -> bytes:
    return known("Eve <eve@evil.example>").public


def armored(key: bytes) -> bytes:
    return str(pysequoia.Cert.from_bytes(key)).encode()


def keydata(key: bytes) -> str:
    text = base64.b64encode(key).decode()
    return "\r\n ".join(text[at : at + 70] for at in range(0, len(text), 70))


def header(key: bytes, before: str = f"addr={BOB}; prefer-encrypt=mutual; ") -> str:
    return f"Autocrypt: {before}keydata=\r\n {keydata(key)}"


def mail(*headers: str, body: bytes = b"Hello\r\n", sender: str = f"Bob Miller <{BOB}>") -> bytes:
    head = [f"From: {sender}", "To: ann.lee@council.example", "Subject: Minutes", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def attached(*files: tuple[str, str, bytes], text: str = "Here it is.\n") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Bob <{BOB}>", "ann.lee@council.example", "Key"
    made.set_content(text)
    for kind, name, data in files:
        main, _, below = kind.partition("/")
        made.add_attachment(data, maintype=main, subtype=below, filename=name)
    return bytes(made)


def taken(data: bytes, **more: Any) -> list[tuple[str, str]]:
    """Source and fingerprint of each offer, as gpg reads it."""
    needs_gpg()
    return [(o.source, GPG.read(o.data).fingerprint) for o in offers.found(data, **more).offers]


def fingerprint(key: bytes) -> str:
    return pysequoia.Cert.from_bytes(key).fingerprint.upper()


# A file, a pasted text


@pytest.mark.parametrize("form", [bob, lambda: armored(bob())], ids=["binary", "armored"])
def test_a_key_file(form: Any) -> None:
    assert taken(form()) == [("file", fingerprint(bob()))]


def test_pasted_text_with_text_around_it() -> None:
    text = b"Hi Ann,\nhere is my key:\n\n" + armored(bob()) + b"\nKind regards\nBob\n"
    assert taken(text, source="paste") == [("paste", fingerprint(bob()))]


@pytest.mark.parametrize("form", [lambda key: key, armored], ids=["binary", "armored"])
def test_several_keys_in_one_file_come_each_on_its_own(form: Any) -> None:
    data = form(bob()) + form(eve()) + form(bob())
    assert [key for _, key in taken(data)] == [fingerprint(k) for k in (bob(), eve(), bob())]
    assert [o.where for o in offers.found(data).offers][1] == "file, key 2"


def test_the_good_one_beside_a_cut_one() -> None:
    first, second = offers.found(armored(bob())[:300] + b"\n" + armored(eve())).offers
    assert GPG.read(second.data).fingerprint == fingerprint(eve())
    with pytest.raises(NotACertificate):
        GPG.read(first.data)


def test_a_secret_key_is_offered_only_to_be_refused() -> None:
    secret = known(f"Bob Miller <{BOB}>").secret
    for data in (bytes(secret), str(secret).encode(), bob() + bytes(secret)):
        (only,) = offers.found(data).offers
        with pytest.raises(NotACertificate) as refusal:
            GPG.read(only.data)
        assert refusal.value.reason == "secret"


def test_there_is_an_end_to_the_keys_of_one_file() -> None:
    found = offers.found(armored(bob()) * (offers.MOST_OFFERS + 1))
    assert len(found.offers) == offers.MOST_OFFERS
    assert [left.where for left in found.left] == ["rest"]


# Autocrypt


def test_a_part_that_cannot_be_read_costs_no_other_its_key() -> None:
    whole = attached(("application/pgp-keys", "key.asc", armored(bob())))
    start = whole.index(b"text/plain")
    end = whole.index(b"Here it is.")
    broken = whole[:start] + b"text/plain; charset=\0\n\nH\xe9re it is." + whole[end + 11 :]
    assert taken(broken) == taken(whole) != []


def test_the_key_in_the_headers_of_a_mail() -> None:
    data = mail(header(bob()))
    assert taken(data) == [("autocrypt", fingerprint(bob()))]
    (offer,) = offers.found(data).offers
    assert offer.sender == BOB
    assert offer.wants_sealed


@pytest.mark.parametrize("front", [b"\r\n\r\n", b"\xef\xbb\xbf", b"From bob Mon Nov 23 2026\r\n"])
def test_what_programs_write_before_a_mail_is_passed_over(front: bytes) -> None:
    assert [o.source for o in offers.found(front + mail(header(bob()))).offers] == ["autocrypt"]


def test_the_other_attributes() -> None:
    value = f"_anything=1; addr=BOB@Northwind.example; prefer-encrypt=nopreference; keydata={keydata(bob())}"
    found = offered([value], BOB)
    assert (found.address, found.data, found.wants_sealed) == (BOB, bob(), False)
    assert not offered([f"addr={BOB}; keydata={keydata(bob())}"], BOB).wants_sealed


KEY = "keydata=mQENBFwAAAAB"


@pytest.mark.parametrize(
    ("values", "sender", "reason"),
    [
        ([f"addr=eve@evil.example; {KEY}"], BOB, "other"),
        ([f"addr={BOB}; {KEY}"], "", "senders"),
        ([f"addr={BOB}; type=1; {KEY}"], BOB, "unknown"),
        ([f"addr={BOB}; {KEY}; _late=1"], BOB, "damaged"),
        ([f"addr={BOB}; {KEY}; addr={BOB}"], BOB, "damaged"),
        ([f"addr={BOB}; addr={BOB}; {KEY}"], BOB, "damaged"),
        ([f"addr={BOB}"], BOB, "damaged"),
        ([KEY], BOB, "damaged"),
        ([f"addr={BOB}; keydata="], BOB, "damaged"),
        ([f"addr={BOB}; keydata=mQ*ENB"], BOB, "damaged"),
        ([f"addr={BOB}; keydata=mQENB"], BOB, "damaged"),
        ([f"addr=bob; {KEY}"], BOB, "damaged"),
        ([""], BOB, "damaged"),
        ([f"addr={BOB}; keydata={'A' * autocrypt.LONGEST}"], BOB, "long"),
        ([f"addr={BOB}; {KEY}", f"addr={BOB}; {KEY}"], BOB, "several"),
        ([f"addr={BOB}; {KEY}"] * 3, BOB, "several"),
    ],
)
def test_a_header_that_is_not_taken(values: list[str], sender: str, reason: str) -> None:
    with pytest.raises(NotTaken) as refusal:
        offered(values, sender)
    assert refusal.value.reason == reason


def test_of_several_headers_the_one_valid_one_counts() -> None:
    assert offered([f"addr=eve@evil.example; {KEY}", f"addr={BOB}; {KEY}"], BOB).address == BOB


def test_a_report_of_a_mail_system_offers_nothing() -> None:
    with pytest.raises(NotTaken) as refusal:
        offered([f"addr={BOB}; {KEY}"], BOB, is_report=True)
    assert refusal.value.reason == "report"
    report = mail(header(bob()), "Content-Type: multipart/report; boundary=b", body=b"--b--\r\n")
    assert not offers.found(report).offers


@pytest.mark.parametrize(
    "sender",
    [
        f"Bob <{BOB}>, Eve <eve@evil.example>",
        f"Bob <{BOB}>\r\nFrom: Bob <{BOB}>",
        "Bob",
        f'"{BOB}" <eve@evil.example>',
        f"<{BOB}> <eve@evil.example>",
    ],
)
def test_the_sender_has_to_be_one_and_the_one_of_the_header(sender: str) -> None:
    found = offers.found(mail(header(bob()), sender=sender))
    assert not found.offers
    assert [left.where for left in found.left] == ["Autocrypt header"]


def test_gossip_is_not_taken() -> None:
    found = offers.found(mail(header(bob()).replace("Autocrypt:", "Autocrypt-Gossip:")))
    assert not found.offers
    assert [left.where for left in found.left] == ["Autocrypt-Gossip header"]


# Attached keys


def test_attached_keys_by_type_and_by_name() -> None:
    data = attached(
        ("application/pgp-keys", "key", bob()),
        ("application/octet-stream", "0xEVE.asc", armored(eve())),
        ("application/octet-stream", "both.gpg", bob() + eve()),
        ("text/plain", "key.txt", armored(eve())),
        ("application/pdf", "minutes.pdf", b"%PDF"),
    )
    found = taken(data)
    assert [key for _, key in found] == [fingerprint(k()) for k in (bob, eve, bob, eve, eve)]
    assert {source for source, _ in found} == {"attached"}
    assert [o.where for o in offers.found(data).offers][:2] == [
        "attached file 1 (key)", "attached file 2 (0xEVE.asc)",
    ]  # fmt: skip
    assert {o.sender for o in offers.found(data).offers} == {BOB}


@pytest.mark.parametrize("transfer", ["7bit", "quoted-printable", "base64"])
def test_a_key_in_the_text_of_a_mail(transfer: str) -> None:
    made = EmailMessage()
    made["From"], made["To"] = BOB, "ann.lee@council.example"
    made.set_content("Here:\n\n" + armored(bob()).decode() + "\nBob\n", cte=transfer)
    assert taken(bytes(made)) == [("attached", fingerprint(bob()))]


def test_what_is_no_key_is_left_and_named_without_its_tricks() -> None:
    data = attached(
        ("application/pgp-signature", "signature.asc", b"-----BEGIN PGP SIGNATURE-----\n"),
        ("application/octet-stream", "a\u202egpj.asc", b"-----BEGIN PGP MESSAGE-----\n"),
    )
    found = offers.found(data)
    assert not found.offers
    (left,) = found.left
    assert "\u202e" not in left.where
    assert left.hint


def test_a_mail_within_the_mail_and_a_sealed_part_are_not_looked_into() -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["From"], inner["To"] = "eve@evil.example", BOB
    inner.set_content(armored(eve()).decode())
    outer["From"], outer["To"] = BOB, "ann.lee@council.example"
    outer.set_content("See below")
    outer.add_attachment(inner)
    found = offers.found(bytes(outer))
    assert not found.offers
    assert [left.where for left in found.left] == ["attached mail"]
    kind = 'Content-Type: multipart/encrypted; boundary=b; protocol="application/pgp-encrypted"'
    sealed = (
        b"--b\r\nContent-Type: application/pgp-keys\r\n\r\n" + armored(bob()) + b"\r\n--b--\r\n"
    )
    found = offers.found(mail(kind, body=sealed))
    assert not found.offers
    assert [left.where for left in found.left] == ["sealed part"]


def test_html_is_not_searched() -> None:
    page = b"<pre>\n" + armored(eve()) + b"</pre>"
    assert not offers.found(mail("Content-Type: text/html", body=page)).offers


# Whatever it is


PIECES = st.sampled_from(
    [
        b"From: bob@northwind.example\r\n", b"To: a@b.example\r\n", b"\r\n", b"\n", b"--b\r\n",
        b"--b--\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n", b"\x99", b"\xc6\x05",
        b"Content-Type: application/pgp-keys\r\n", b"Autocrypt: addr=bob@northwind.example; ",
        b"keydata=mQEN\r\n", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", b"AAAA\n=",
        b"-----END PGP PUBLIC KEY BLOCK-----\n", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
        b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: message/rfc822\r\n", b"\xff\xfe",
        b"Content-Disposition: attachment; filename*=utf-8''%E2%80%AE.asc\r\n", b"\0", b"; ",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=20), max_size=25).map(b"".join))
def test_nothing_makes_it_stumble(data: bytes) -> None:
    found = offers.found(data)
    assert len(found.offers) <= offers.MOST_OFFERS
    for offer in found.offers:
        assert offer.where.isprintable()
    for left in found.left:
        assert left.why
        assert left.where.isprintable()


@given(st.text(max_size=300), st.text(max_size=40))
def test_no_header_makes_it_stumble(value: str, sender: str) -> None:
    with contextlib.suppress(NotTaken):
        assert offered([value], sender).address == sender


@given(st.binary(max_size=200))
def test_splitting_adds_nothing(data: bytes) -> None:
    parts = splitting.each(data)
    assert parts
    if parts != [data]:
        assert sum(map(len, parts)) <= len(data) + 6 * len(parts)


def test_a_mail_of_parts_without_end_is_not_taken_apart() -> None:
    body = b"--b\r\nContent-Type: application/pgp-keys\r\n\r\n" * (mails.MOST_BOUNDARIES + 1)
    found = offers.found(mail("Content-Type: multipart/mixed; boundary=b", body=body))
    assert not found.offers
    assert [left.why for left in found.left] == ["it has too many parts"]


def test_many_beginnings_are_read_in_linear_work() -> None:
    """Once quadratic in many programs: beginnings without an end."""
    begin = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
    parts = list(splitting.armored(begin * 20_000))
    assert len(parts) == 20_000
    assert set(parts) == {begin}


# Messages of other people's making


@pytest.mark.parametrize(
    ("name", "sources"),
    [
        ("example-simple-autocrypt.eml", ["autocrypt"]),
        ("example-gossip.eml", ["autocrypt"]),
        ("example-gossip-cleartext.eml", []),
        ("example-draft.eml", []),
        ("example-setup-message.eml", []),
    ],
)
def test_the_examples_of_the_specification(name: str, sources: list[str]) -> None:
    needs_gpg()
    needs("OPENPGP_SAMPLES, a folder with samples made by others,", "OPENPGP_SAMPLES" in os.environ)
    folder = Path(os.environ["OPENPGP_SAMPLES"]) / "autocrypt"
    found = offers.found((folder / name).read_bytes())
    assert [o.source for o in found.offers] == sources
    for offer in found.offers:
        certificate = GPG.read(offer.data)
        assert offer.sender in certificate.addresses()
        file = folder / f"{offer.sender}.pub.asc"
        assert certificate.fingerprint == GPG.read(file.read_bytes()).fingerprint
