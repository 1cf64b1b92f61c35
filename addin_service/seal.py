"""The use case of sealing: is it what was reviewed, may these people read it, then seal and record.

All or nothing: whatever differs from what was reviewed refuses, and nothing is sealed.
"""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from addin_service.gather import archive_of, readers_keys
from addin_service.language import Words, say
from addin_service.model import Draft, FieldName, Json, Recipient, VerdictWord
from addin_service.pgp.bindings import CONFIRMED, Bound
from addin_service.pgp.certificate import Certificate
from addin_service.review import Reviewer
from addin_service.sealer import Sealed
from addin_service.sealing.content import Content, File
from addin_service.shapes import FORMAT_OF, Shape
from addin_service.store import receipts, times
from addin_service.store.keys import Kind
from addin_service.tokens import Reviewed

VISIBLE = "visible"


class NotCleared(Exception):
    """This is not sealed. `code` for programs, the text for people, `hint` the way out."""

    def __init__(self, code: str, message: Words, hint: Words) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `reader` is `visible` (To, Cc and the sender) or one Bcc address."""

    draft: Draft
    html: str
    files: tuple[File, ...]
    review: str
    shape: Shape
    reader: str = VISIBLE


def seal(reviewer: Reviewer, wanted: Wanted, client: str) -> Sealed:
    """Seal a cleared draft. The receipt is durable before the result is returned.

    Raises `NotCleared`; `pgp.gpg.Refused` where gpg did not do it; `StoreUnavailable`.
    """
    draft, now = wanted.draft, reviewer.now()
    reviewed = _cleared(reviewer, wanted, client)
    readers = _readers(wanted)
    with reviewer.store.read() as connection:
        keys = _keys(connection, draft, readers, reviewed, reviewer)
    signer = _signer(keys.own) if _signs(reviewer, wanted.shape) else None
    whole = content(draft, wanted.html, wanted.files)
    sealed = reviewer.sealer.seal(whole, keys.readers, wanted.shape, now, signer)
    body: dict[str, Json] = {
        "client": client,
        "mailbox": reviewer.hashed(draft.sender.key),
        "shape": wanted.shape,
        "blind": wanted.reader != VISIBLE,
        "readers": sorted(reviewer.hashed(c.fingerprint) for c in keys.readers),
        "signed": signer is not None,
    }
    with reviewer.store.write() as connection:
        # What somebody said, or brought in, while gpg was at work counts too.
        if _keys(connection, draft, readers, reviewed, reviewer) != keys:
            raise _not_confirmed()
        receipts.append(
            connection, reviewer.chain_key, times.text(now), "seal", body, reviewed.reference
        )
    return sealed


def content(draft: Draft, html: str = "", files: tuple[File, ...] = ()) -> Content:
    """What is sealed: the draft as its readers see it, without Bcc."""
    return Content(
        (str(draft.sender), draft.sender_name),
        _people(draft, "to"),
        _people(draft, "cc"),
        draft.subject,
        draft.text,
        html,
        tuple(_typed(file) for file in files),
    )


# The built-in table alone: what else a machine knows would seal the same mail differently there.
_TYPES = mimetypes.MimeTypes(filenames=())


def _typed(file: File) -> File:
    """A file with the type that its name tells, where the client did not say one."""
    if file.type not in ("", "application/octet-stream"):
        return file
    guessed, encoding = _TYPES.guess_type(file.name)
    return replace(file, type=guessed) if guessed and not encoding else file


def _cleared(reviewer: Reviewer, wanted: Wanted, client: str) -> Reviewed:
    """The review that cleared exactly this draft."""
    draft = wanted.draft
    reviewed = reviewer.tokens.read(wanted.review, client, draft.sender.key)
    if reviewed is None:
        raise NotCleared(
            "not-reviewed",
            say("This message was not looked at, or too long ago."),
            say("Check it again."),
        )
    if reviewed.word is not VerdictWord.ALLOW:
        raise NotCleared(
            "not-allowed",
            say("This message was not cleared."),
            say("Answer what was asked, or change it."),
        )
    described = [(one.name, one.size) for one in draft.attachments]
    if reviewer.draft_digest(draft) != reviewed.draft or described != [
        (one.name, len(one.data)) for one in wanted.files if not one.inline
    ]:
        raise NotCleared(
            "draft-changed",
            say("This is not the message that was looked at."),
            say("Check it again."),
        )
    if FORMAT_OF[wanted.shape] != reviewed.format:
        raise NotCleared(
            "shape-changed",
            say("This message was looked at to be sealed in another way."),
            say("Check it again, and say the `shape` that it shall have."),
        )
    if reviewer.policies.current().version != reviewed.policy:
        raise NotCleared(
            "policy-changed",
            say("The policy has changed since this was looked at."),
            say("Check it again."),
        )
    return reviewed


def _readers(wanted: Wanted) -> Sequence[Recipient]:
    """The recipients of this one message."""
    draft = wanted.draft
    if wanted.reader == VISIBLE:
        found = [r for r in draft.recipients if r.field != "bcc"]
    else:
        found = [r for r in draft.recipients if r.field == "bcc" and r.given == wanted.reader]
    if not found:
        raise NotCleared(
            "no-reader",
            say("There is nobody to seal this message for."),
            say("Seal for `visible` where To or Cc name somebody, and once for each Bcc address."),
        )
    return found


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys that a message is made for (none for a ZIP), and the sender's own where it is
    confirmed."""

    readers: tuple[Certificate, ...]
    own: Certificate | None


def _keys(
    connection: Connection,
    draft: Draft,
    readers: Sequence[Recipient],
    reviewed: Reviewed,
    reviewer: Reviewer,
) -> _Keys:
    """The confirmed keys of these readers, derived anew.

    The archive, where there is one, reads every message; the sender the visible one, where the own
    key is confirmed.
    """
    seen = dict(reviewed.readers)
    if reviewed.format == "zip":
        # Whom a review names as readers of a ZIP, their address was typed again.
        if not {reader.key for reader in readers} <= seen.keys():
            raise _not_confirmed()
        return _Keys((), None)
    policy = reviewer.policies.current()
    kind: Kind = "smime" if reviewed.format == "smime" else "openpgp"
    known = readers_keys(connection, draft, policy, reviewer.now(), kind)
    everyone = [reader.key for reader in readers]
    if archive := archive_of(policy):
        everyone.append(archive.key)
    found: dict[str, Certificate] = {}
    for key in everyone:
        certificate = _confirmed(known.bound(key))
        if certificate is None or seen.get(key) != certificate.fingerprint:
            raise _not_confirmed()
        found[certificate.fingerprint] = certificate
    own = _confirmed(known.bound(draft.sender.key))
    if own is not None and any(reader.field != "bcc" for reader in readers):
        found[own.fingerprint] = own
    return _Keys(tuple(found[key] for key in sorted(found)), own)


def _signs(reviewer: Reviewer, shape: Shape) -> bool:
    """Whether policy wants it signed; what is not OpenPGP is not."""
    return reviewer.policies.current().sealing.sign and FORMAT_OF[shape] == "openpgp"


def _signer(own: Certificate | None) -> Certificate:
    if own is None:
        raise NotCleared(
            "not-signed",
            say("Your organisation wants sealed mail signed, and your own key is not confirmed."),
            say("Ask your helpdesk to confirm your key: `addin-service keys confirm`."),
        )
    return own


def _not_confirmed() -> NotCleared:
    return NotCleared(
        "not-confirmed",
        say("The key of a reader is not confirmed, or is another than the one that was shown."),
        say("Check the message again: it says whose key it is and what to do."),
    )


def _confirmed(bound: Bound) -> Certificate | None:
    return bound.certificate if bound.state in CONFIRMED else None


def _people(draft: Draft, field: FieldName) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(r.address), r.name) for r in draft.recipients if r.field == field and r.address
    )
