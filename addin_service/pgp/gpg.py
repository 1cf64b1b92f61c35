"""The only file that runs gpg, and the only importer of python-gnupg.

gpg is told which keys to use by giving it a keyring with nothing else in it, and by fingerprint:
given an e-mail address it picks by substring and may encrypt to a stranger with exit status 0.
What it wrote is read back before anybody gets it.
"""

import contextlib
import copy
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import gnupg  # type: ignore[import-untyped]

from addin_service.pgp import framing, packets, processes, reading
from addin_service.pgp.armor import Malformed
from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.pgp.reading import NotACertificate
from addin_service.pgp.refused import MINIMUM, Refused
from addin_service.pgp.user_gpg import UserGpg, environment
from addin_service.sealing.armor import armored

__all__ = ["MINIMUM", "Gpg", "NotACertificate", "Refused"]

# --no-options: `encrypt-to` and `group` of a gpg.conf add readers. --no-random-seed-file: its lock
# makes parallel runs wait for seconds. Compressed length tells about the content.
_OPTIONS = (
    "--no-options", "--batch", "--no-tty", "--no-verbose", "--no-autostart",
    "--no-random-seed-file", "--no-auto-key-locate", "--no-auto-key-retrieve",
    "--display-charset", "utf-8",
)  # fmt: skip
_ENCRYPTING = (
    "--trust-model", "always", "--no-encrypt-to", "--no-throw-keyids", "--compress-algo", "none",
)  # fmt: skip
_LISTING = (
    "--with-colons", "--fixed-list-mode", "--with-fingerprint", "--with-fingerprint",
    "--ignore-time-conflict", "--import-options", "show-only", "--import",
)  # fmt: skip
# The same bytes on every day: a key made in the future is judged by its dates, not here.
_CLEANING = (
    "--ignore-time-conflict", "--import-options", "import-export,import-minimal", "--import",
)  # fmt: skip
_BAD_NEWS = {"INV_RECP", "FAILURE", "ERROR", "NO_RECP", "INV_SGNR"}
_CHUNK = 1 << 20
_SIGN_S = 60.0
"""Signing waits for a person who types a passphrase; gpg-agent remembers it for the next try."""

gnupg.logger.disabled = True  # it logs gpg's words, and those hold names


class Gpg:
    """gpg on this machine. One object serves all threads. `user` is where secret keys are."""

    def __init__(
        self, binary: str = "gpg", timeout_s: float = 30.0, user: UserGpg | None = None
    ) -> None:
        self._binary = binary
        self._timeout_s = timeout_s
        self._user = user or UserGpg(timeout_s=_SIGN_S)
        self._lock = threading.Lock()
        self._known: _Wrapper | None = None

    def version(self) -> tuple[int, ...]:
        """gpg's version; asked once. Raises `Refused` where there is none, or it is too old."""
        found: tuple[int, ...] = self._wrapper().version
        return found

    def read(self, data: bytes) -> Certificate:
        """The one public certificate in `data`; raises `NotACertificate`."""
        block = reading.block(data)
        self.version()
        with processes.slot(self._timeout_s), processes.home() as place:
            cleaned = self._run(place, _CLEANING, block)
            if not cleaned:
                raise NotACertificate("no-user-id")
            return reading.certificate(cleaned, self._run(place, _LISTING, cleaned))

    def encrypt(
        self,
        plaintext: bytes,
        certificates: Sequence[Certificate],
        now: datetime,
        armor: bool = True,
        signer: Certificate | None = None,
    ) -> bytes:
        """`seal` of something small, as one; in ASCII armour with line feeds, or binary."""
        message = self.seal([plaintext], certificates, now, signer)
        if armor:
            return str(armored(message)).replace("\r\n", "\n").encode("ascii")
        return b"".join(message)

    def seal(
        self,
        plaintext: Iterable[bytes],
        certificates: Sequence[Certificate],
        now: datetime,
        signer: Certificate | None = None,
    ) -> tuple[bytes, ...]:
        """The plaintext for the holders of these certificates and nobody else: binary, in chunks.

        With a `signer`, signed as well, by the secret key of that certificate in the user's own
        gpg. Raises `Refused`, and whatever the plaintext raises while it is read.
        """
        if not certificates:
            raise Refused("no-readers")
        ring: dict[Fingerprint, bytes] = {}
        expected: set[str] = set()
        for certificate in certificates:
            expected.add(_reader(certificate, now))
            ring[certificate.fingerprint] = certificate.data
        readers = list(ring)
        if signer is not None:
            ring[_signer(signer, now).fingerprint] = signer.data
        wrapper, source = self._wrapper(), _Pieces(plaintext)
        with self._place(signer) as place:
            try:
                (place / "ring.pgp").write_bytes(b"".join(ring.values()))
            except OSError:
                raise Refused("no-home") from None
            if signer is None:
                message = wrapper.at(place).seal(source, readers)
            else:
                message = wrapper.at(place, self._user).seal(source, readers, signer)
        _read_back(message, source.size, expected)
        return message

    @contextlib.contextmanager
    def _place(self, signer: Certificate | None) -> Iterator[Path]:
        """A home and, but for a run that waits for a person, a turn at the processor."""
        with contextlib.ExitStack() as held:
            if signer is None:
                held.enter_context(processes.slot(self._timeout_s))
            yield held.enter_context(processes.home())

    def _wrapper(self) -> "_Wrapper":
        with self._lock:
            if self._known is None:
                processes.sweep()
                with processes.home() as place:
                    self._known = _Wrapper.started(self._binary, place, self._timeout_s)
            return self._known

    def _run(self, place: Path, arguments: Sequence[str], given: bytes) -> bytes:
        """What gpg prints. Its exit status is no answer here: it speaks of trust and agents too."""
        command = [processes.located(self._binary), *_OPTIONS, "--homedir", str(place), *arguments]
        process = processes.start(command, processes.environment(place), subprocess.DEVNULL)
        try:
            return process.communicate(given, timeout=self._timeout_s)[0] or b""
        except subprocess.TimeoutExpired:
            raise Refused("timeout") from None
        finally:
            if process.poll() is None:
                processes.kill(process)
                process.communicate()


class _Wrapper(gnupg.GPG):  # type: ignore[misc]
    """python-gnupg with what it lacks: a time limit, and ears that cannot be deceived."""

    def __init__(self, binary: str, place: Path, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.watch: threading.Timer | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.late = False
        self.heard: set[str] = set()
        self.made_by: set[str] = set()
        super().__init__(
            gpgbinary=processes.located(binary),
            gnupghome=str(place),
            env=processes.environment(place),
            options=list(_OPTIONS),
            encoding="utf-8",
        )
        self.buffer_size = _CHUNK

    @classmethod
    def started(cls, binary: str, place: Path, timeout_s: float) -> "_Wrapper":
        """The wrapper of a gpg that is there and recent enough."""
        made = cls.__new__(cls)
        try:
            made.__init__(binary, place, timeout_s)  # type: ignore[misc]
        except (OSError, ValueError):
            raise Refused("timeout" if made.late else "no-gpg") from None
        finally:
            made.end()
        if made.version is None:
            raise Refused("timeout" if made.late else "no-gpg")
        if made.version < MINIMUM:
            raise Refused("too-old")
        return made

    def at(self, place: Path, user: UserGpg | None = None) -> "_Wrapper":
        """The same, for one run with the keyring that lies here.

        Its home is here as well; with a `user`, it is the user's own, for the secret keys in it.
        """
        one = copy.copy(self)
        one.gnupghome, one.env = str(place), processes.environment(place)
        one.keyring = [str(place / "ring.pgp")]
        one.heard, one.made_by = set(), set()
        if user is not None:
            one.gnupghome, one.env = (str(user.home) if user.home else None), environment()
            one.options = [option for option in _OPTIONS if option != "--no-autostart"]
            one.timeout_s = user.timeout_s
        return one

    def seal(
        self, source: "_Pieces", readers: Sequence[Fingerprint], signer: Certificate | None = None
    ) -> tuple[bytes, ...]:
        """gpg's output, where it says that all went well."""
        output: list[bytes] = []
        failed = "not-signed" if signer else "not-encrypted"
        # `--default-key` would sign with another key where this one cannot.
        signing = ["--sign", "--local-user", signer.fingerprint] if signer else []

        def take(chunk: bytes) -> bool:
            if sum(map(len, output)) > 2 * source.size + _CHUNK:
                self.stop()
            elif chunk:
                output.append(chunk)
            return False  # python-gnupg need not keep it

        self.on_data = take
        try:
            done = self.encrypt_file(
                source, list(readers), armor=False, extra_args=[*_ENCRYPTING, *signing]
            )
        except (OSError, ValueError):  # gpg ended before it had read everything
            raise Refused("timeout" if self.late and not signer else failed) from None
        finally:
            self.end()
        if self.late:
            raise Refused(failed if signer else "timeout")
        if not done.ok or done.returncode != 0 or _BAD_NEWS & self.heard or not source.finished:
            raise Refused(failed)
        own = {key.fingerprint for key in signer.subkeys} if signer else set()
        if bool(self.made_by) != bool(signer) or not self.made_by <= own:
            raise Refused(failed)
        return tuple(output)

    def stop(self) -> None:
        """Kill gpg."""
        if self.process is not None and self.process.poll() is None:
            processes.kill(self.process)

    def end(self) -> None:
        """After the run, however it went: no timer, no gpg and nothing of the message is left.

        What refers to this object and is referred to by it would stay until Python looks for such.
        """
        self.on_data = None  # type: ignore[assignment]
        if self.watch is not None:
            self.watch.cancel()
            self.watch = None
        self.stop()
        if self.process is not None:
            self.process.wait()

    def _too_late(self) -> None:
        self.late = True
        self.stop()

    def _open_subprocess(
        self, args: list[str], passphrase: bool = False
    ) -> "subprocess.Popen[bytes]":
        process = processes.start(self.make_args(args, passphrase), self.env, subprocess.PIPE)
        self.process = process
        self.watch = threading.Timer(self.timeout_s, self._too_late)
        self.watch.daemon = True
        self.watch.start()
        return process

    def _read_response(self, stream: Any, result: Any) -> None:
        # In bytes, and a line ends at a line feed only: python-gnupg also ends it at U+0085 and
        # U+2028, so that a user ID could speak in gpg's name.
        result.stderr = ""
        for line in stream.stream:
            if line.startswith(b"[GNUPG:] "):
                keyword = line[9:].split(maxsplit=1)[0:1]
                self.heard.update(word.decode("ascii", "replace") for word in keyword)
                if keyword == [b"SIG_CREATED"]:
                    self.made_by.add(line.split()[-1].decode("ascii", "replace"))
                if keyword in ([b"BEGIN_ENCRYPTION"], [b"END_ENCRYPTION"]):
                    result.handle_status(keyword[0].decode(), "")


def _reader(certificate: Certificate, now: datetime) -> str:
    """The key id that the message must name for this certificate; raises `Refused`."""
    if not isinstance(certificate, Certificate):
        raise TypeError("a recipient is a certificate")
    key = certificate.encryption_key(now)
    if certificate.condition(now) != "good" or key is None:
        raise Refused("not-usable")
    if not reading.is_whole(certificate):
        raise Refused("damaged")
    return key.key_id


def _signer(certificate: Certificate, now: datetime) -> Certificate:
    """The same; raises `Refused` for one that nobody should sign with."""
    if not isinstance(certificate, Certificate):
        raise TypeError("a signer is a certificate")
    if certificate.condition(now) != "good" or not reading.is_whole(certificate):
        raise Refused("not-signed")
    return certificate


class _Pieces:
    """The plaintext as the file that python-gnupg reads. `size` counts what was handed over.

    `finished` says that it was everything: gpg takes the end of a broken stream for the end of the
    message.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self.size = 0
        self.finished = False

    def read(self, _: int) -> bytes:
        """The next piece, of whatever size; empty at the end."""
        for piece in self._pieces:
            if piece:
                self.size += len(piece)
                return piece
        self.finished = True
        return b""


def _read_back(message: tuple[bytes, ...], plaintext_bytes: int, expected: set[str]) -> None:
    """Refuse anything but one whole message for exactly these keys, protected against change."""
    try:
        if not framing.is_one_message(message):
            raise Malformed("damaged")
        found = packets.readers(message[0])
    except Malformed:
        raise Refused("not-encrypted") from None
    if found.container == packets.UNPROTECTED or sum(map(len, message)) < plaintext_bytes:
        raise Refused("not-encrypted")
    if found.passwords or set(found.key_ids) != expected:
        raise Refused("wrong-readers")
