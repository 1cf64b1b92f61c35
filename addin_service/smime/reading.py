"""A file that somebody gave us to the `Certificate` in it. Pure.

What an authority signed is not looked at: a chain proves that somebody showed somebody a mailbox
once, not that the certificate is for the person whom this message is for. A person confirms that,
as for OpenPGP; so a self-signed certificate is as good as any. Nor does anybody here ask whether an
authority took it back: it counts until it expires, or until a person says no.

`cryptography` reads the certificate too, and what it finds must agree.
"""

from collections.abc import Iterator

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate as X509
from cryptography.x509 import load_der_x509_certificate
from cryptography.x509.oid import PublicKeyAlgorithmOID, SignatureAlgorithmOID

from addin_service.pgp.certificate import Certificate, Subkey, UserId, fingerprint
from addin_service.pgp.userids import shown, user_id
from addin_service.smime import fields as f
from addin_service.smime import problems
from addin_service.smime.fields import Fields
from addin_service.smime.files import LARGEST, one_certificate
from addin_service.smime.problems import NotACertificate

__all__ = ["LARGEST", "NotACertificate", "certificate", "read"]

MOST_ADDRESSES = 100
SHORTEST_KEY, LONGEST_KEY = 2_048, 16_384
"""Bits: NIST SP 800-57 part 1, table 2, and what OpenSSL calculates with at most."""
LONGEST_EXPONENT = 64
"""Bits: OpenSSL refuses more for large keys (OPENSSL_RSA_MAX_PUBEXP_BITS)."""

_UNDERSTOOD = {f.KEY_USAGE, f.OTHER_NAMES, f.BASIC, f.POLICIES, f.EXTENDED_USAGE}
_SIGNED_SOUNDLY = {
    SignatureAlgorithmOID.RSA_WITH_SHA256, SignatureAlgorithmOID.RSA_WITH_SHA384,
    SignatureAlgorithmOID.RSA_WITH_SHA512, SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    SignatureAlgorithmOID.ECDSA_WITH_SHA384, SignatureAlgorithmOID.ECDSA_WITH_SHA512,
    SignatureAlgorithmOID.ED25519, SignatureAlgorithmOID.ED448,
}  # fmt: skip
_SOUND_IN_PSS = {"sha256", "sha384", "sha512"}


def read(data: bytes) -> Certificate:
    """The certificate in a file; raises `NotACertificate`."""
    return certificate(one_certificate(data))


def certificate(der: bytes) -> Certificate:
    """The certificate of which `der` is the DER form; raises `NotACertificate`."""
    try:
        said = f.fields(der)
        if said.serial <= 0:
            raise NotACertificate("serial")
        loaded = load_der_x509_certificate(der)
        created, expires = loaded.not_valid_before_utc, loaded.not_valid_after_utc
        problem = _problem(loaded, said)
    except f.OldVersion:
        raise NotACertificate("version") from None
    except NotACertificate:
        raise
    except ValueError:
        raise NotACertificate("damaged") from None
    if loaded.serial_number != said.serial or expires < created:
        raise NotACertificate("disagree")
    name = fingerprint(loaded.fingerprint(SHA256()).hex())
    return Certificate(
        fingerprint=name,
        created=created,
        expires=expires,
        revoked="",
        user_ids=tuple(_user_ids(said)),
        subkeys=(Subkey(name, created, expires, revoked=False, encrypts=not problem),),
        data=der,
        problem=problem,
    )


def _user_ids(said: Fields) -> Iterator[UserId]:
    """Its addresses, and whom it names; a name is no evidence for an address, whatever it says."""
    written = said.mailboxes or tuple(
        text.encode() for kind, text in said.subject if kind == f.E_MAIL
    )
    if len(written) > MOST_ADDRESSES:
        raise NotACertificate("user-ids")
    names = [text for kind, text in said.subject if kind in (f.COMMON_NAME, f.ORGANISATION)]
    if not any(
        text.strip() for text in (*names, *map(bytes.decode, filter(bytes.isascii, written)))
    ):
        raise NotACertificate("no-user-id")
    yield from map(_mailbox, dict.fromkeys(written))
    if names:
        yield UserId(shown(", ".join(names)), None, revoked=False)


def _mailbox(written: bytes) -> UserId:
    """Evidence only where it is one address in ASCII and nothing else (RFC 5280, 4.2.1.6)."""
    found = user_id(written, revoked=False)
    plain = written.isascii() and b"<" not in written
    return found if plain else UserId(found.text, None, revoked=False)


def _problem(loaded: X509, said: Fields) -> str:
    """What is wrong with it for good, in words that complete "This key cannot be used:"."""
    if said.is_authority:
        return problems.AUTHORITY
    if not said.may_mail:
        return problems.NOT_FOR_MAIL
    if not said.may_encrypt:
        return problems.NOT_FOR_ENCRYPTION
    if said.critical - _UNDERSTOOD:
        return problems.UNKNOWN_RULE
    if not _is_signed_soundly(loaded):
        return problems.FORGEABLE
    return _key_problem(loaded)


def _key_problem(loaded: X509) -> str:
    if loaded.public_key_algorithm_oid != PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5:
        return problems.NOT_RSA
    key = loaded.public_key()
    if not isinstance(key, RSAPublicKey):
        return problems.NOT_RSA
    if key.key_size < SHORTEST_KEY:
        return problems.SHORT
    if key.key_size > LONGEST_KEY:
        return problems.LONG
    numbers = key.public_numbers()
    # With 1 for an exponent everybody could read what is encrypted, without any key.
    exponent_fits = 3 <= numbers.e < 1 << LONGEST_EXPONENT and numbers.e % 2
    if not exponent_fits or numbers.n % 2 == 0:
        return problems.WEAK
    return ""


def _is_signed_soundly(loaded: X509) -> bool:
    kind = loaded.signature_algorithm_oid
    if kind != SignatureAlgorithmOID.RSASSA_PSS:
        return kind in _SIGNED_SOUNDLY
    try:
        made_with = loaded.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return False
    return made_with is not None and made_with.name in _SOUND_IN_PSS
