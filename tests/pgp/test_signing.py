"""Signed and sealed in one step: by the sender's own key, for the confirmed readers, or not at all.

A real gpg-agent holds the secret keys; pinentry is a program of the test's own.
"""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from addin_service.pgp.certificate import Certificate
from addin_service.pgp.gpg import Gpg, Refused
from addin_service.pgp.user_gpg import UserGpg
from tests.conftest import needs
from tests.pgp import keys
from tests.pgp.keys import GPG, Owner, known, named_in, now

pytestmark = pytest.mark.slow

TEXT = b"The offer is 1,250,000.\r\n"
BOB, MALLORY = "Bob <bob@bank.example>", "Mallory <mallory@evil.example>"
PASSPHRASE = "six small words"


@pytest.fixture
def ann() -> Iterator[Owner]:
    """The sender's own gpg, with the sender's key and another one, older, in it."""
    keys.needs_gpg()
    with keys.owner() as made:
        made.make("Other <other@council.example>")
        yield made


def signing(owner: Owner, timeout_s: float = 30.0) -> Gpg:
    return Gpg(user=UserGpg(home=owner.home, timeout_s=timeout_s))


def made_key(owner: Owner, passphrase: str = "") -> Certificate:
    """A new key of Ann's, for signing and for reading."""
    before = set(owner.fingerprints())
    owner.gpg(
        "--yes", "--passphrase", passphrase, "--quick-gen-key", "Ann <ann@council.example>",
        "future-default", "default", "never",
    )  # fmt: skip
    (fingerprint,) = set(owner.fingerprints()) - before
    return GPG.read(owner.public(fingerprint))


def pinentry(owner: Owner, answer: str) -> None:
    """From now on whoever is asked for a passphrase answers this."""
    program = owner.home / "pinentry"
    program.write_text(
        "#!/bin/sh\necho OK\nwhile read -r word rest; do case $word in "
        f"GETPIN) {answer} ;; BYE) echo OK; exit ;; *) echo OK ;; esac; done\n"
    )
    program.chmod(0o755)
    (owner.home / "gpg-agent.conf").write_text(f"pinentry-program {program}\n")
    end_agent(owner)


def end_agent(owner: Owner) -> None:
    subprocess.run(
        ["gpgconf", "--homedir", str(owner.home), "--kill", "all"], check=True, timeout=30
    )


GIVES = f"echo 'D {PASSPHRASE}'; echo OK"
CANCELS = "echo 'ERR 83886179 Operation cancelled'"


def signers(message: bytes, reader: Owner) -> set[str]:
    """Opened by the reader, whose keys these are: the signatures that fit, and no other."""
    (reader.home / "m.pgp").write_bytes(message)
    said = reader.gpg("--status-fd", "1", "--output", str(reader.home / "out"), "--yes",
                      "--decrypt", str(reader.home / "m.pgp"), check=False).splitlines()  # fmt: skip
    assert (reader.home / "out").read_bytes() == TEXT
    assert not [line for line in said if line.startswith((b"[GNUPG:] BADSIG", b"[GNUPG:] ERRSIG"))]
    return {line.split()[-1].decode() for line in said if line.startswith(b"[GNUPG:] VALIDSIG")}


def test_the_reader_sees_whose_signature_it_is(ann: Owner) -> None:
    own = made_key(ann)
    with keys.owner() as reader:
        bob = GPG.read(reader.public(reader.make(BOB)))
        reader.gpg("--import", given=own.data)
        message = signing(ann).encrypt(TEXT, [bob], now(), signer=own)
        assert signers(message, reader) == {own.fingerprint}
        assert signers(GPG.encrypt(TEXT, [bob], now()), reader) == set()
        # Who signs is no reader for that alone.
        assert ann.opens(message) is None
        both = signing(ann).encrypt(TEXT, [bob, own], now(), signer=own)
        assert ann.opens(both) == TEXT
        assert signers(both, reader) == {own.fingerprint}


def test_a_large_message_is_signed_as_well(ann: Owner) -> None:
    own, bob = made_key(ann), known(BOB)
    body = TEXT * 100_000
    pieces = (body[at : at + 70_000] for at in range(0, len(body), 70_000))
    message = signing(ann).seal(pieces, [bob.certificate], now(), own)
    assert bob.opens(b"".join(message)) == body


def test_the_passphrase_is_asked_by_pinentry_and_stays_with_the_agent(ann: Owner) -> None:
    own, bob = made_key(ann, PASSPHRASE), known(BOB)
    pinentry(ann, GIVES)
    gpg = signing(ann)
    assert bob.opens(gpg.encrypt(TEXT, [bob.certificate], now(), signer=own)) == TEXT
    # The agent remembers it: nobody is asked a second time.
    (ann.home / "pinentry").unlink()
    assert bob.opens(gpg.encrypt(TEXT, [bob.certificate], now(), signer=own)) == TEXT


def test_a_passphrase_that_the_agent_was_given_before_is_enough(ann: Owner) -> None:
    preset = Path("/usr/lib/gnupg/gpg-preset-passphrase")
    needs("gpg-preset-passphrase", preset.exists())
    own, bob = made_key(ann, PASSPHRASE), known(BOB)
    pinentry(ann, CANCELS)
    with (ann.home / "gpg-agent.conf").open("a") as out:
        out.write("allow-preset-passphrase\n")
    listed = ann.gpg("--with-colons", "--with-keygrip", "--list-keys", own.fingerprint)
    grip = next(li.split(b":")[9] for li in listed.splitlines() if li.startswith(b"grp"))
    subprocess.run(
        ["gpg-connect-agent", "--homedir", str(ann.home), "/bye"], check=True, timeout=30,
        capture_output=True,
    )  # fmt: skip
    subprocess.run(
        [str(preset), "--preset", grip.decode()], input=PASSPHRASE.encode(), check=True,
        env=ann.environment, timeout=30,
    )  # fmt: skip
    message = signing(ann).encrypt(TEXT, [bob.certificate], now(), signer=own)
    assert bob.opens(message) == TEXT


def refused(gpg: Gpg, signer: Certificate, text: bytes = TEXT) -> None:
    with pytest.raises(Refused) as refusal:
        gpg.encrypt(text, [known(BOB).certificate], now(), signer=signer)
    assert refusal.value.reason == "not-signed"


@pytest.mark.parametrize("size", [20, 3_000_000])
def test_a_passphrase_that_is_not_given_holds_the_message(ann: Owner, size: int) -> None:
    own = made_key(ann, PASSPHRASE)
    pinentry(ann, CANCELS)
    refused(signing(ann), own, b"x" * size)
    pinentry(ann, "echo 'D wrong'; echo OK")
    refused(signing(ann), own, b"x" * size)


def test_a_passphrase_that_nobody_types_holds_the_message_after_a_while(ann: Owner) -> None:
    own = made_key(ann, PASSPHRASE)
    pinentry(ann, "sleep 60")
    refused(signing(ann, timeout_s=2), own)


def test_waiting_for_a_passphrase_keeps_nobody_else_waiting(ann: Owner) -> None:
    """More wait for somebody to type than there are turns; who does not sign is served."""
    own, bob = made_key(ann, PASSPHRASE), known(BOB)
    pinentry(ann, f"while [ ! -e {ann.home}/go ]; do sleep 0.05; done; {CANCELS}")
    slow, quick = signing(ann, 60), Gpg(timeout_s=20)
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(refused, slow, own) for _ in range(6)]
        assert bob.opens(quick.encrypt(TEXT, [bob.certificate], now())) == TEXT
        assert not any(one.done() for one in waiting)
        (ann.home / "go").touch()
        for one in waiting:
            one.result(60)


def test_without_the_secret_key_no_other_signs_in_its_place(ann: Owner) -> None:
    own = made_key(ann)
    with keys.owner() as elsewhere:
        elsewhere.make("Other <other@council.example>")
        elsewhere.gpg("--import", given=own.data)
        refused(signing(elsewhere), own)
    refused(signing(ann), known(MALLORY).certificate)


def test_without_an_agent_nothing_is_signed(ann: Owner) -> None:
    own = made_key(ann)
    end_agent(ann)
    far = ann.home / ("far" * 40)  # the path of its socket would be too long
    (ann.home / "private-keys-v1.d").rename(ann.home / "away")
    far.mkdir(mode=0o700)
    (ann.home / "away").rename(far / "private-keys-v1.d")
    refused(Gpg(user=UserGpg(home=far, timeout_s=30)), own)


def test_a_key_that_has_ended_signs_nothing(ann: Owner) -> None:
    ended = ann.make("Ann <ann@council.example>", "--faked-system-time", "20200101T000000!",
                     expire="1y")  # fmt: skip
    refused(signing(ann), GPG.read(ann.public(ended)))
    own = made_key(ann)
    ann.revoke(own.fingerprint, 1)
    refused(signing(ann), GPG.read(ann.public(own.fingerprint)))


def test_the_senders_configuration_adds_no_reader_and_no_signature(ann: Owner) -> None:
    own, bob, mallory = made_key(ann), known(BOB), known(MALLORY)
    other = next(f for f in ann.fingerprints() if f != own.fingerprint)
    ann.gpg("--import", given=mallory.public)
    public, key = ann.public(other), mallory.certificate.fingerprint
    (ann.home / "gpg.conf").write_text(
        f"encrypt-to {key}\nhidden-encrypt-to {key}\ndefault-recipient {key}\nthrow-keyids\n"
        f"group {bob.certificate.fingerprint}={key}\nlocal-user {other}\ndefault-key {other}\n"
        "sign\ncomment The offer\nset-filename secret.txt\ncompress-algo zip\n"
    )
    with keys.owner() as reader:
        made = GPG.read(reader.public(reader.make("Kim <kim@bank.example>")))
        reader.gpg("--import", given=own.data)
        reader.gpg("--import", given=public)
        certificates = [bob.certificate, made]
        message = signing(ann).encrypt(TEXT, certificates, now(), signer=own)
        wanted = {k.key_id for c in certificates if (k := c.encryption_key(now()))}
        assert named_in(message) == wanted
        assert mallory.opens(message) is None
        assert bob.opens(message) == TEXT
        assert signers(message, reader) == {own.fingerprint}


def test_a_gpg_that_says_it_signed_with_another_key_is_not_believed(
    ann: Owner, tmp_path: Path
) -> None:
    own, bob = made_key(ann), known(BOB)
    good = GPG.encrypt(TEXT, [bob.certificate], now(), armor=False)
    (tmp_path / "made").write_bytes(good)
    program = tmp_path / "gpg"
    for said, believed in (
        (f"SIG_CREATED S 22 10 00 1 {own.fingerprint}\\n", True),
        (f"SIG_CREATED S 22 10 00 1 {bob.certificate.fingerprint}\\n", False),
        ("", False),
    ):
        lines = f"{'[GNUPG:] ' if said else ''}{said}[GNUPG:] BEGIN_ENCRYPTION 2 9\\n[GNUPG:] END_ENCRYPTION\\n"
        program.write_text(
            '#!/bin/sh\ncase "$*" in *--list-config*) printf "cfg:version:2.4.4\\n"; exit;; esac\n'
            f"cat >/dev/null; cat {tmp_path}/made; printf '{lines}' >&2\n"
        )
        program.chmod(0o755)
        gpg = Gpg(str(program), user=UserGpg(home=ann.home, timeout_s=30))
        if believed:
            assert gpg.encrypt(TEXT, [bob.certificate], now(), signer=own)
            with pytest.raises(Refused):  # and none was asked for
                gpg.encrypt(TEXT, [bob.certificate], now())
        else:
            refused(gpg, own)
