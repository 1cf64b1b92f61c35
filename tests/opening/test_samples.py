"""Messages that other people made and published, opened with the keys that go with them."""

import os
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from addin_service.opening.opened import Opened, open_mail
from addin_service.opening.refusals import CannotOpen
from addin_service.opening.signers import Standing
from addin_service.pgp.bindings import Decided, Held, Known
from addin_service.pgp.user_gpg import UserGpg
from tests.conftest import needs
from tests.opening.making import attached, inline, standard
from tests.pgp import keys
from tests.pgp.keys import GPG, Owner, now

RFC9580 = {
    "v4-ed25519-x25519 1": "opened",
    "v4-ed25519-x25519 2": "opened",  # sealed in the older way in spite of its name
    "v4-legacy 2": "newer",
    "v4-nistp 2": "newer",
    "v4-rsa 2": "newer",
    "v6-25519-annex-a-4 1": "newer",
    "v6-25519-annex-a-4 2": "newer",
    "v6-ed25519-x448 1": "newer",
    "v6-ed25519-x448 2": "newer",
    "v6-ed448-x448 1": "newer",
    "v6-ed448-x448 2": "newer",
    "v6-legacy_illegal 2": "newer",
    "v6-nistp 1": "other-key",  # gpg took no key from the file
    "v6-nistp 2": "newer",
    "v6-rsa 1": "other-key",
    "v6-rsa 2": "newer",
}
"""What gpg 2.2 can do with each message."""


@pytest.fixture
def samples() -> Path:
    """The folder with them."""
    keys.needs_gpg()
    needs(
        "OPENPGP_SAMPLES, a folder with samples made by others,",
        "OPENPGP_SAMPLES" in os.environ,
        "continuous integration sets it",
    )
    return Path(os.environ["OPENPGP_SAMPLES"])


@pytest.fixture
def reader() -> Iterator[Owner]:
    """A gpg without keys."""
    with keys.owner() as owner:
        yield owner


def opens(raw: bytes, reader: Owner, known: Known | None = None) -> Opened:
    nothing = known or Known((), (), now())
    return open_mail(
        raw, UserGpg(reader.home, timeout_s=60), lambda sender: Standing(sender.key, "", nothing)
    )


def words(raw: bytes) -> str:
    """The text of the published cleartext."""
    for part in message_from_bytes(raw).walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/plain" and isinstance(content, bytes):
            return content.decode().replace("\r\n", "\n").strip("\n")
    return ""


@pytest.mark.parametrize(("name", "owner"), [("gossip", "bob"), ("gossip", "carol"), ("draft", "alice")])  # fmt: skip
def test_autocrypts_messages_are_opened(
    name: str, owner: str, samples: Path, reader: Owner
) -> None:
    folder = samples / "autocrypt"
    reader.gpg("--import", given=(folder / f"{owner}@autocrypt.example.sec.asc").read_bytes())
    found = opens((folder / f"example-{name}.eml").read_bytes(), reader)
    assert found.shape == "standard"
    clear = (folder / f"example-{name}-cleartext.eml").read_bytes()
    assert found.message.text == words(clear)


def test_a_message_for_others_names_their_keys(samples: Path, reader: Owner) -> None:
    folder = samples / "autocrypt"
    reader.gpg("--import", given=(folder / "alice@autocrypt.example.sec.asc").read_bytes())
    with pytest.raises(CannotOpen) as refusal:
        opens((folder / "example-gossip.eml").read_bytes(), reader)
    assert refusal.value.reason == "other-key"
    assert len(refusal.value.keys) == 2


def test_alices_signature_is_judged_by_what_was_said_of_her_key(
    samples: Path, reader: Owner
) -> None:
    folder = samples / "autocrypt"
    reader.gpg("--import", given=(folder / "bob@autocrypt.example.sec.asc").read_bytes())
    raw = (folder / "example-gossip.eml").read_bytes()
    assert opens(raw, reader).signature.word in ("unsigned", "unknown")
    alice = GPG.read((folder / "alice@autocrypt.example.pub.asc").read_bytes())
    said = Decided(
        "alice@autocrypt.example", alice.fingerprint, "verified", "phone", now(), True,
        frozenset(key.fingerprint for key in alice.subkeys if key.encrypts),
    )  # fmt: skip
    found = opens(raw, reader, Known((Held(alice, {}),), (said,), now())).signature
    assert found.word in ("unsigned", "fallen"), "her key has expired"


@pytest.mark.parametrize(
    "name", ["setup-message", "simple-autocrypt", "gossip-cleartext", "draft-cleartext"]
)
def test_what_is_not_sealed_for_a_key_is_said(name: str, samples: Path, reader: Owner) -> None:
    raw = (samples / "autocrypt" / f"example-{name}.eml").read_bytes()
    with pytest.raises(CannotOpen) as refusal:
        opens(raw, reader)
    assert refusal.value.reason in ("not-sealed", "password", "not-a-mail")


@pytest.mark.parametrize("name", RFC9580)
@pytest.mark.parametrize("shape", [standard, attached, inline])
def test_messages_to_keys_of_every_version_are_opened_or_refused_in_words(
    name: str, shape: Callable[[bytes], bytes], samples: Path, reader: Owner
) -> None:
    family, _, version = name.partition(" ")
    folder = samples / "rfc9580" / family
    reader.gpg("--import", given=(folder / "tsk.asc").read_bytes(), check=False)
    raw = shape((folder / f"enc-seipdv{version}.msg").read_bytes())
    if RFC9580[name] == "opened":
        assert opens(raw, reader).message.text == "hello world\n"
        return
    with pytest.raises(CannotOpen) as refused:
        opens(raw, reader)
    assert refused.value.reason == RFC9580[name]


def test_no_sample_is_left_out(samples: Path) -> None:
    there = {
        f"{path.parent.name} {path.stem[-1]}" for path in (samples / "rfc9580").rglob("enc-*.msg")
    }
    assert there == RFC9580.keys()
