"""What is recorded after Send, and what history learns from it."""

from functools import partial
from typing import Literal

from addin_service.contacts.passing import identity
from addin_service.model import Draft, Json, VerdictWord
from addin_service.profile import hashed_words
from addin_service.review import Reviewer, new_reference
from addin_service.store import contacts, history, receipts, times
from addin_service.store.mails import Mail

Outcome = Literal["sent", "failed", "cancelled", "handed-over"]
LEARNED_FROM = ("sent", "handed-over")


def record(
    reviewer: Reviewer,
    draft: Draft,
    client: str,
    outcome: Outcome,
    review: str | None,
    message_id: str | None = None,
) -> str:
    """Record how a send ended; answers its reference. Raises `StoreUnavailable`.

    By `message_id` the mail is known again when its headers are read from Sent.

    Without a review (or with one that is not this client's, or is too old) the mail went unchecked,
    and that is what is recorded. One whose review still asked or blocked went against the verdict.
    """
    now = reviewer.now()
    reviewed = reviewer.tokens.read(review, client, draft.sender.key) if review else None
    reference = reviewed.reference if reviewed else new_reference()
    digest = reviewer.draft_digest(draft)
    gone = outcome in LEARNED_FROM
    body: dict[str, Json] = {
        "client": client,
        "mailbox": reviewer.hashed(draft.sender.key),
        "outcome": outcome,
        "code": None if reviewed else "service.unchecked",
        "verdict": reviewed.word.value if reviewed else None,
        "against": bool(reviewed and gone and reviewed.word is not VerdictWord.ALLOW),
        "changed": bool(reviewed and reviewed.draft != digest),
        "recipients": [
            {"field": r.field, "about": reviewer.hashed(r.key)} for r in draft.recipients
        ],
    }
    people = tuple((r.address, r.name) for r in draft.recipients if r.address)
    mailbox = draft.sender.key
    words, thread = hashed_words(draft.subject, draft.own_words, reviewer.secret.derive)
    name_of = partial(reviewer.secret.digest, "message")
    message = name_of(reference if reviewed else f"unchecked {digest}")
    named = identity(message_id or "")
    also = (name_of(named),) if named else ()
    with reviewer.store.write() as connection:
        receipts.append(connection, reviewer.chain_key, times.text(now), "sent", body, reference)
        mail = Mail(message, "sent", people, now, words, thread, also, nameless=not also)
        if gone and history.learn_one(connection, mailbox, mail):
            keys = {address.key for address, _ in people}
            contacts.count_hits(connection, keys | {f"@{a.domain}" for a, _ in people}, now)
    return reference
