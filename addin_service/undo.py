"""How long a send may still be taken back. Pure.

The answer of a check tells the mail client; it counts down and sends, so nothing here waits.
"""

from addin_service.model import Severity, Verdict, VerdictWord
from addin_service.policy.schema import Undo


def window(rules: Undo, verdict: Verdict, has_outsiders: bool) -> int:
    """Seconds between "it may go" and its going; 0 where it goes at once.

    `has_outsiders`: whether somebody among the recipients is not of the sender's organisation.
    Counts for a draft that may go: whatever else the verdict, there is no send to take back.
    """
    if verdict.word is not VerdictWord.ALLOW:
        return 0
    doubted = any(
        judged.answer is not None or judged.severity is not Severity.NOTE
        for judged in verdict.judged
        if judged.shown
    )
    counts = doubted or (has_outsiders and rules.when == "outside")
    return rules.seconds if counts else 0
