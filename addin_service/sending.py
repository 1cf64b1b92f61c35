"""What is recorded after Send, and what history learns from it."""

from typing import Literal

from addin_service.model import Draft, Json, VerdictWord
from addin_service.profile import hashed_words
from addin_service.review import Reviewer, new_reference
from addin_service.store import contacts, history, receipts, times

Outcome = Literal["sent", "failed", "cancelled", "handed-over"]
LEARNED_FROM = ("sent", "handed-over")


def record(
    reviewer: Reviewer, draft: Draft, client: str, outcome: Outcome, review: str | None
) -> str:
    """Record how a send ended; answers its reference. Raises `StoreUnavailable`.

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
    message = reviewer.secret.digest("message", reference if reviewed else f"unchecked {digest}")
    with reviewer.store.write() as connection:
        receipts.append(connection, reviewer.chain_key, times.text(now), "sent", body, reference)
        if gone and history.learn_one(
            connection, mailbox, history.Mail(message, "sent", people, now, words, thread)
        ):
            keys = {address.key for address, _ in people}
            contacts.count_hits(connection, keys | {f"@{a.domain}" for a, _ in people}, now)
    return reference
