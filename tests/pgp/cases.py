"""Certificates as a hostile or an unlucky sender makes them, each with what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.pgp.forge import DAY, MADE, SIGNS, Forge, lasts, number, sub
from tests.pgp.keys import part

BOB = b"Bob <bob@bank.example>"
LATER = MADE + 30 * DAY
FUTURE = 4_000_000_000  # 2096

_LOST, _SUPERSEDED, _RETIRED, _NAME_GONE = (sub(29, bytes([n])) for n in (2, 1, 3, 32))
NO_KEY = "it has no key for encryption, only for signing"
FORGEABLE = "its own signatures use SHA-1 or MD5, which can be forged"
UNKNOWN = "its encryption key is of a kind that gpg cannot use here"


@dataclass(frozen=True)
class Case:
    """What is made, and what our reader says of it: a refusal, or the condition on that day.

    `names` are the addresses it is evidence for, `keys` how many keys it encrypts to at most.
    """

    make: Callable[[], bytes]
    refused: str = ""
    condition: str = "good"
    revoked: str = ""
    problem: str = ""
    names: frozenset[str] = frozenset({"bob@bank.example"})


def bob() -> Forge:
    """A primary key and nothing else yet."""
    return Forge()


def revoked(*areas: bytes) -> Callable[[], bytes]:
    """A whole key, revoked: one revocation for each reason given."""

    def make() -> bytes:
        made = bob()
        for area in areas:
            made.says(0x20, area, made=LATER)
        return made.name(BOB).subkey().data

    return make


def other_version(version: int) -> Callable[[], bytes]:
    """A key packet of another version, and what usually follows."""

    def make() -> bytes:
        made = bob()
        body = bytes([version]) + made.body[1:5] + b"\x16\0\0\0\x33" + made.body[6:]
        return part(6, body) + made.name(BOB).subkey().data[len(made.parts[0]) :]

    return make


def two_subkeys(*, second_lasts: int = 0, revoke_second: bool = False) -> bytes:
    """An encryption key, and a newer one."""
    made = bob().name(BOB).subkey()
    body = made.subkey_body(LATER)
    made.parts.append(part(14, body))
    made.bound(body, sub(27, b"\x0c"), *([lasts(second_lasts)] if second_lasts else []), made=LATER)
    if revoke_second:
        made.bound(body, sub(29, b"\0"), kind=0x28, made=LATER + 1)
    return made.data


def revoked_subkey() -> bytes:
    made = bob().name(BOB)
    body = made.subkey_body()
    made.parts.append(part(14, body))
    return made.bound(body, sub(27, b"\x0c")).bound(body, sub(29, b"\0"), kind=0x28).data


def encrypting_with(algorithm: int, material: bytes, beside: bool = False) -> Callable[[], bytes]:
    """With an encryption key of this kind: alone, or newer than a usual one."""

    def make() -> bytes:
        made = bob().name(BOB)
        if beside:
            made.subkey()
        body = b"\x04" + LATER.to_bytes(4, "big") + bytes([algorithm]) + material
        made.parts.append(part(14, body))
        return made.bound(body, sub(27, b"\x0c"), made=LATER).data

    return make


def on_curve(oid: str, size: int) -> bytes:
    """A point on the curve with this identifier."""
    point = number(b"\x40" + bytes(range(1, size + 1)))
    return bytes([len(oid) // 2]) + bytes.fromhex(oid) + point + bytes.fromhex("03010807")


X25519 = bytes(range(1, 33))
"""As RFC 9580 writes it, under algorithm 25."""
X448, NO_CURVE = on_curve("2B656F", 56), on_curve("2B06010401DA470FFF", 32)
TOO_OLD = "its own signatures are dated before the key was made"
SHORT = "it is shorter than 2048 bits, and such keys can be broken"


def rsa(bits: int) -> bytes:
    return number(b"\xff" * (bits // 8)) + number(b"\x01\0\x01")


def with_photo() -> bytes:
    made = bob().name(BOB)
    picture = b"\x81\x01\x10\0\x01\x01" + bytes(12) + b"\xff\xd8\xff" + bytes(80)
    made.parts.append(part(17, picture))
    over = b"\xd1" + len(picture).to_bytes(4, "big") + picture
    made.parts.append(made.signed(0x13, over, sub(27, b"\x03")))
    return made.subkey().data


def with_strangers() -> bytes:
    """Signatures of forty others, one of them claiming to revoke the user ID, one the key."""
    made = bob().says(0x20, by=Forge()).name(BOB)  # type: ignore[arg-type]
    for _ in range(40):
        made.about(BOB, kind=0x10, by=Forge())  # type: ignore[arg-type]
    made.about(BOB, _NAME_GONE, kind=0x30, by=Forge(), made=LATER)  # type: ignore[arg-type]
    return made.subkey().data


def huge_number(bits: int, there: int) -> bytes:
    """An RSA key whose modulus claims this many bits; `there` bytes of it are there."""
    modulus = bits.to_bytes(2, "big") + b"\xff" * there
    made = bob()
    body = b"\x04" + MADE.to_bytes(4, "big") + b"\x01" + modulus + number(b"\x01\0\x01")
    return part(6, body) + made.name(BOB).subkey().data[len(made.parts[0]) :]


def three() -> bytes:
    return b"".join(bob().name(BOB).subkey().data for _ in range(3))


def many_names(count: int) -> Callable[[], bytes]:
    def make() -> bytes:
        made = bob()
        for n in range(count):
            made.name(b"Bob <bob%d@bank.example>" % n)
        return made.subkey().data

    return make


def numbered(count: int) -> frozenset[str]:
    return frozenset(f"bob{n}@bank.example" for n in range(count))


ENDS = sub(3, DAY.to_bytes(4, "big"))
"""Of a signature: it counts for a day."""
NOBODY: frozenset[str] = frozenset()

CASES: dict[str, Case] = {
    "as usual": Case(lambda: bob().name(BOB).subkey().data),
    "expired": Case(lambda: bob().name(BOB, lasts(DAY)).subkey().data, condition="expired"),
    "only its encryption key expired": Case(lambda: bob().name(BOB).subkey(lasts(DAY)).data, condition="expired"),
    "expired, said by the key itself": Case(lambda: bob().says(0x1F, sub(27, b"\x03"), lasts(DAY)).name(BOB).subkey().data, condition="expired"),
    "expiry taken back later": Case(lambda: bob().name(BOB, lasts(DAY)).about(BOB, sub(27, b"\x03"), made=LATER).subkey().data),
    "expiry set later": Case(lambda: bob().name(BOB).about(BOB, sub(27, b"\x03"), lasts(40 * DAY), made=LATER).subkey().data, condition="expired"),
    "expiry in an older word that follows": Case(lambda: bob().name(BOB, made=LATER).about(BOB, sub(27, b"\x03"), lasts(DAY)).subkey().data),
    "expiry of the encryption key taken back": Case(lambda: bound_twice(lasts(DAY))),
    "two encryption keys": Case(two_subkeys),
    "the newer of two expired": Case(lambda: two_subkeys(second_lasts=DAY)),
    "the newer of two revoked": Case(lambda: two_subkeys(revoke_second=True)),
    "its encryption key revoked": Case(revoked_subkey, condition="unusable"),
    "only for signing": Case(lambda: bob().name(BOB).data, condition="unusable", problem=NO_KEY),
    "an encryption key that may not encrypt": Case(lambda: bob().name(BOB).subkey(flags=SIGNS).data, condition="unusable", problem=NO_KEY),
    "revoked, no reason": Case(revoked(b""), condition="revoked", revoked="hard"),
    "revoked, reason 0": Case(revoked(sub(29, b"\0")), condition="revoked", revoked="hard"),
    "revoked, superseded": Case(revoked(_SUPERSEDED), condition="revoked", revoked="soft"),
    "revoked, compromised": Case(revoked(_LOST), condition="revoked", revoked="hard"),
    "revoked, retired": Case(revoked(_RETIRED), condition="revoked", revoked="soft"),
    "revoked, user ID gone": Case(revoked(_NAME_GONE), condition="revoked", revoked="soft"),
    "revoked, an unknown reason": Case(revoked(sub(29, b"\x63")), condition="revoked", revoked="hard"),
    "revoked, retired and then compromised": Case(revoked(_RETIRED, _LOST), condition="revoked", revoked="hard"),
    "revoked, then certified again": Case(lambda: bob().says(0x20, _RETIRED).name(BOB, made=LATER).subkey(made=LATER).data, condition="revoked", revoked="soft"),
    "a revocation with a wrong signature": Case(lambda: bob().says(0x20, spoilt=True).name(BOB).subkey().data),
    "a revocation by a stranger": Case(lambda: bob().says(0x20, by=Forge()).name(BOB).subkey().data),  # type: ignore[arg-type]
    "revoked, and its name before": Case(lambda: bob().says(0x20, _LOST, made=LATER).name(BOB).about(BOB, kind=0x30, made=MADE + 1).subkey().data, condition="revoked", revoked="hard", names=NOBODY),
    "its only name revoked": Case(lambda: bob().name(BOB).about(BOB, kind=0x30, made=LATER).subkey().data, names=NOBODY),
    "its name revoked and taken up again": Case(lambda: bob().name(BOB).about(BOB, kind=0x30, made=MADE + 1).about(BOB, made=LATER).subkey().data),
    "a name revoked with a wrong signature": Case(lambda: bob().name(BOB).about(BOB, kind=0x30, made=LATER, spoilt=True).subkey().data),
    "version 2": Case(other_version(2), refused="version"),
    "version 3": Case(other_version(3), refused="version"),
    "version 5": Case(other_version(5), refused="version"),
    "version 6": Case(other_version(6), refused="version"),
    "version 255": Case(other_version(255), refused="version"),
    "no self-signature": Case(lambda: bob().data + part(13, BOB) + bob().subkey().data[len(bob().data):], refused="no-user-id"),
    "a self-signature that is wrong": Case(lambda: bob().name(BOB, spoilt=True).subkey().data, refused="no-user-id"),
    "certified by a stranger alone": Case(lambda: bob().name(BOB, by=Forge()).subkey().data, refused="no-user-id"),  # type: ignore[arg-type]
    "a binding that is wrong": Case(lambda: bob().name(BOB).subkey(spoilt=True).data, condition="unusable", problem=NO_KEY),
    "bound by a stranger": Case(lambda: bob().name(BOB).subkey(by=Forge()).data, condition="unusable", problem=NO_KEY),  # type: ignore[arg-type]
    "an unbound encryption key": Case(lambda: bob().name(BOB).data + part(14, bob().subkey_body()), condition="unusable", problem=NO_KEY),
    "SHA-1 throughout": Case(lambda: bob().name(BOB, hashed_with=2).subkey(hashed_with=2).data, condition="unusable", problem=FORGEABLE),
    "SHA-1 for its name": Case(lambda: bob().name(BOB, hashed_with=2).subkey().data, condition="unusable", problem=FORGEABLE),
    "SHA-1 for its encryption key": Case(lambda: bob().name(BOB).subkey(hashed_with=2).data, condition="unusable", problem=FORGEABLE),
    "SHA-1 once, signed anew": Case(lambda: bob().name(BOB, hashed_with=2).about(BOB, sub(27, b"\x03"), made=LATER).subkey().data),
    "SHA-512": Case(lambda: bob().name(BOB, hashed_with=10).subkey(hashed_with=10).data),
    "a critical note that nobody knows": Case(lambda: bob().name(BOB, b"\x02\xe4x").subkey().data, refused="no-user-id"),
    "X25519 of RFC 9580": Case(encrypting_with(25, X25519), condition="unusable", problem=UNKNOWN),
    "X25519 beside Curve25519": Case(encrypting_with(25, X25519, beside=True)),
    "X448": Case(encrypting_with(18, X448), condition="unusable", problem=UNKNOWN),
    "X448 beside Curve25519": Case(encrypting_with(18, X448, beside=True), condition="unusable", problem=UNKNOWN),
    "a curve that nobody knows": Case(encrypting_with(18, NO_CURVE), condition="unusable", problem=UNKNOWN),
    "ElGamal for both uses": Case(encrypting_with(20, number(b"\xff" * 256) * 3), condition="unusable", problem=UNKNOWN),
    "an algorithm of private use": Case(encrypting_with(105, X25519), condition="unusable", problem=UNKNOWN),
    "RSA of 512 bits": Case(encrypting_with(1, rsa(512)), condition="unusable", problem=SHORT),
    "RSA of 1,024 bits beside Curve25519": Case(encrypting_with(1, rsa(1024), beside=True), condition="unusable", problem=SHORT),
    "RSA of 2,048 bits": Case(encrypting_with(1, rsa(2048))),
    "ElGamal of 1,024 bits": Case(encrypting_with(16, number(b"\xff" * 128) * 3), condition="unusable", problem=SHORT),
    "made in the future": Case(lambda: Forge(made=FUTURE).name(BOB).subkey().data, condition="unusable"),
    "an encryption key made in the future": Case(lambda: bob().name(BOB).subkey(born=FUTURE, made=FUTURE).data, condition="unusable"),
    "a photograph": Case(with_photo),
    "strangers' signatures": Case(with_strangers),
    "three certificates": Case(three, refused="several"),
    "a modulus of 65,535 bits": Case(lambda: huge_number(65_535, 8192), refused="no-user-id"),
    "a modulus that is not there": Case(lambda: huge_number(65_535, 8), refused="no-user-id"),
    "a modulus of no bits": Case(lambda: huge_number(0, 0), refused="no-user-id"),
    "100 user IDs": Case(many_names(100), names=numbered(100)),
    "101 user IDs": Case(many_names(101), refused="user-ids"),
    "an empty user ID": Case(lambda: bob().name(b"").subkey().data, names=NOBODY),
    "a user ID of 2,000 bytes": Case(lambda: bob().name(b"B" * 1977 + b" <bob@bank.example>").subkey().data),
    "a user ID of 10,000 bytes": Case(lambda: bob().name(b"B" * 9977 + b" <bob@bank.example>").subkey().data, refused="no-user-id"),
    "the same user ID three times": Case(lambda: bob().name(BOB).name(BOB).name(BOB).subkey().data),
    "a self-signature that has ended": Case(lambda: bob().name(BOB, ENDS).subkey().data, names=NOBODY),
    "a self-signature that never ends, said aloud": Case(lambda: bob().name(BOB, sub(3, bytes(4))).subkey().data),
    "a binding that has ended": Case(lambda: bob().name(BOB).subkey(ENDS).data, condition="unusable", problem=NO_KEY),
    "a self-signature older than the key": Case(lambda: bob().name(BOB, made=MADE - DAY).subkey().data, condition="unusable", problem=TOO_OLD),
    "one of two self-signatures older than the key": Case(lambda: bob().name(BOB, made=MADE - DAY).name(b"Bob").subkey().data),
    "a binding older than the key": Case(lambda: bob().name(BOB).subkey(made=MADE - DAY).data, condition="unusable", problem=TOO_OLD),
    "an encryption key older than the key": Case(lambda: bob().name(BOB).subkey(born=MADE - DAY).data),
    "SHA-1, and a stranger's word with SHA-256": Case(lambda: bob().says(0x1F, by=Forge()).name(BOB, hashed_with=2).subkey().data, condition="unusable", problem=FORGEABLE),  # type: ignore[arg-type]
    "retired, and a stranger says compromised": Case(lambda: bob().says(0x20, _LOST, by=Forge()).says(0x20, _RETIRED).name(BOB).subkey().data, condition="revoked", revoked="soft"),  # type: ignore[arg-type]
    "compromised, and a stranger says retired": Case(lambda: bob().says(0x20, _RETIRED, by=Forge()).says(0x20, _LOST).name(BOB).subkey().data, condition="revoked", revoked="hard"),  # type: ignore[arg-type]
    "a self-signature from the future": Case(lambda: bob().name(BOB, made=FUTURE).subkey().data),
}  # fmt: skip


def bound_twice(*first: bytes) -> bytes:
    """An encryption key bound with these words, later without them."""
    made = bob().name(BOB)
    body = made.subkey_body()
    made.parts.append(part(14, body))
    return made.bound(body, sub(27, b"\x0c"), *first).bound(body, sub(27, b"\x0c"), made=LATER).data
