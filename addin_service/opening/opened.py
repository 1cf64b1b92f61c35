"""The use case: a mail as it came, to what was sealed in it, who signed, and what to beware of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from addin_service import addresses
from addin_service.model import Address
from addin_service.opening import (
    decrypting,
    inner,
    parts,
    signers,
    structure,
    verifying,
)
from addin_service.opening.inner import Headers, Inner, InnerFile
from addin_service.opening.parts import Part
from addin_service.opening.refusals import CannotOpen
from addin_service.opening.signers import Signature, Standing, Verdict
from addin_service.opening.structure import Found, Outside
from addin_service.pgp.certificate import Certificate
from addin_service.pgp.user_gpg import UserGpg

Ask = Callable[[Address], Standing]
"""What is stored about the keys of an address."""

WRAPPED = (
    "Around the sealed message stand parts that are not sealed. Mails are built like this to make "
    "a mail program send away what was sealed: do not open this one in another program."
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail, opened. `headers` are those of the sealed message where `protected`, else outer ones.

    `outside` are the parts that are not sealed; nothing of them is in here. `signature` is over
    what is shown; `around` over the mail as it came, where there is such a one.
    """

    sealed: bool
    shape: str
    headers: Headers
    protected: bool
    message: Inner
    signature: Verdict
    around: Verdict | None = None
    outside: tuple[Outside, ...] = ()
    warnings: tuple[str, ...] = ()


def open_mail(raw: bytes, gpg: UserGpg, ask: Ask) -> Opened:
    """Open a mail with the user's gpg. Raises `CannotOpen`, and then nothing of it is shown."""
    mail = parts.read(raw.lstrip(b"\r\n"))
    if not {name for name, _ in mail.headers} & {"from", "to", "subject", "content-type"}:
        raise CannotOpen("not-a-mail")
    try:
        found = structure.find(mail)
    except CannotOpen as refusal:
        if refusal.reason != "not-sealed":
            raise
        return _signed_only(raw, mail, gpg, ask)
    return _Opening(mail, found, gpg, ask).opened(raw)


def _signed_only(raw: bytes, mail: Part, gpg: UserGpg, ask: Ask) -> Opened:
    """A mail that is not sealed: its signature is looked at all the same."""
    message = inner.of_entity(raw.lstrip(b"\r\n"))
    if not message.signature:
        raise CannotOpen("not-sealed")
    headers = message.headers or inner.headers(mail)
    signature = _judged(message, (), _standing(headers, ask), gpg)
    warnings = (*_from_differs(message, inner.headers(mail)),)
    return Opened(
        False, "signed", headers, message.headers is not None, message, signature, warnings=warnings
    )


@dataclass(frozen=True, slots=True)
class _Opening:
    mail: Part
    found: Found
    gpg: UserGpg
    ask: Ask

    def opened(self, raw: bytes) -> Opened:
        outer = inner.headers(self.mail)
        message, signatures, unwrapped = self._main()
        headers = message.headers or outer
        sender = _standing(headers, self.ask)
        if sender and signatures:
            signatures = self._again(unwrapped, sender.certificates)
        files = tuple(self._files(sender))
        message = replace(message, files=(*message.files, *(file for file, _ in files)))
        return Opened(
            sealed=True,
            shape=self.found.shape,
            headers=headers,
            protected=message.headers is not None,
            message=message,
            signature=self._signature(message, signatures, sender, [v for _, v in files]),
            around=self._around(raw, outer),
            outside=self.found.outside,
            warnings=(*_warnings(self.found, message, outer), *_unsigned_files(files)),
        )

    def _main(self) -> tuple[Inner, tuple[Signature, ...], bytes]:
        if self.found.main is None:
            return Inner(None, None, "", False, ()), (), b""
        unwrapped = decrypting.unwrapped(self.gpg, self.found.main)
        content = verifying.content(self.gpg, unwrapped, ())
        if self.found.shape == "inline":
            return inner.of_words(content.data, self.found.charset), content.signatures, unwrapped
        return inner.of_entity(content.data), content.signatures, unwrapped

    def _again(
        self, unwrapped: bytes, certificates: Sequence[Certificate]
    ) -> tuple[Signature, ...]:
        """The signatures, now that it is known whose they should be."""
        return verifying.content(self.gpg, unwrapped, certificates).signatures

    def _files(self, sender: Standing | None) -> Iterator[tuple[InnerFile, Verdict]]:
        certificates = sender.certificates if sender else ()
        for file in self.found.files:
            unwrapped = decrypting.unwrapped(self.gpg, file.data)
            content = verifying.content(self.gpg, unwrapped, certificates)
            found = InnerFile(file.name, "application/octet-stream", content.data)
            yield found, signers.judged(content.signatures, sender)

    def _signature(
        self,
        message: Inner,
        combined: Sequence[Signature],
        sender: Standing | None,
        files: Sequence[Verdict],
    ) -> Verdict:
        """Who signed the message; where there are only files, the least that is known of one."""
        if self.found.main is None:
            return next((verdict for verdict in files if verdict.word != "confirmed"), files[0])
        return _judged(message, combined, sender, self.gpg)

    def _around(self, raw: bytes, outer: Headers) -> Verdict | None:
        """The signature over the mail as it came: its writer need not know what is sealed."""
        if self.mail.type != "multipart/signed":
            return None
        whole = inner.of_entity(raw.lstrip(b"\r\n"))
        return _judged(whole, (), _standing(outer, self.ask), self.gpg) if whole.signature else None


def _judged(
    message: Inner, combined: Sequence[Signature], sender: Standing | None, gpg: UserGpg
) -> Verdict:
    signatures = [*combined]
    if message.signature:
        certificates = sender.certificates if sender else ()
        signatures += verifying.detached(gpg, message.signed, message.signature, certificates)
    return signers.judged(signatures, sender)


def _standing(headers: Headers, ask: Ask) -> Standing | None:
    """About the one sender that the headers name; None where they name none, or several."""
    if len(headers.sender) != 1:
        return None
    try:
        return ask(addresses.parse(headers.sender[0]))
    except addresses.NotAnAddress:
        return None


def _warnings(found: Found, message: Inner, outer: Headers) -> Iterator[str]:
    html = any(part.kind == "html" for part in found.outside)
    before = [part.before for part in found.outside if part.kind != "file"]
    if html or (True in before and False in before):
        yield WRAPPED
    yield from _from_differs(message, outer)
    yield from _sent_to_others(message, outer)
    if message.sealed_again:
        yield "There is another sealed message in it, which was not opened."
    if message.signed_otherwise:
        yield "A part of it is signed by itself; that signature was not looked at."


def _from_differs(message: Inner, outer: Headers) -> Iterator[str]:
    if message.headers is None:
        return
    if len(message.headers.sender) > 1 or len(outer.sender) > 1:
        yield "It names more than one sender."
    if _keys(message.headers.sender) != _keys(outer.sender):
        yield (
            "Outside it names another sender than in the message itself: somebody else may have "
            "sent it on."
        )


def _sent_to_others(message: Inner, outer: Headers) -> Iterator[str]:
    """What the sender wrote outside, against what stands there now."""
    if message.outer is None:
        return
    now = dict(inner.addresses_of(outer))
    for name, then in inner.addresses_of(message.outer):
        if name != "From" and _keys(then) != _keys(now[name]):
            yield f"The {name} line outside was changed after the mail had been sent."


def _unsigned_files(files: Sequence[tuple[InnerFile, Verdict]]) -> Iterator[str]:
    if any(verdict.word != "confirmed" for _, verdict in files):
        yield (
            "Files that are sealed by themselves may have been put beside the text by somebody "
            "else: ask the sender before you rely on them."
        )


def _keys(given: Sequence[str]) -> frozenset[str]:
    return frozenset(map(_key, given))


def _key(given: str) -> str:
    try:
        return addresses.parse(given).key
    except addresses.NotAnAddress:
        return given.casefold()
