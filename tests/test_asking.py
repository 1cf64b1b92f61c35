"""The mail that asks for a key."""

from hypothesis import given
from hypothesis import strategies as st

from addin_service.asking import letter
from addin_service.pgp.certificate import Fingerprint, groups

OWN = Fingerprint("0123456789ABCDEF0123456789ABCDEF01234567")


def test_it_is_addressed_signed_and_names_our_key() -> None:
    made = letter("Priya Tann", "Ann Lee", "Sample Council", OWN)
    assert made.text.startswith("Dear Priya Tann,\n")
    assert made.text.endswith("Kind regards\nAnn Lee\nSample Council\n")
    assert all(group in made.text for group in groups(OWN))
    assert "telephone" in made.text


def test_without_a_key_of_our_own_none_is_named() -> None:
    made = letter("", "Ann Lee")
    assert made.text.startswith("Dear Sir or Madam,\n")
    assert "fingerprint" not in made.text


def test_it_fits_a_mail_and_its_words_are_plain() -> None:
    text = letter("Priya Tann", "Ann Lee", "Sample Council", OWN).text
    assert max(map(len, text.split("\n"))) <= 100
    assert not {"PGP key block", "keyring", "WKD", "RFC", "hash"} & set(text.split())
    assert "Never send a secret" in text


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_a_name_adds_no_line_and_no_field(name: str, sender: str, organisation: str) -> None:
    plain = letter("N", "S", "O")
    made = letter(name, sender, organisation)
    assert made.subject == plain.subject
    assert len(made.text.split("\n")) <= len(plain.text.split("\n"))
    assert not letter("{name}", "{fingerprint}").text.count("Dear N,")
