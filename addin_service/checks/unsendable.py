"""Is this an address at all?"""

from collections.abc import Iterator

from addin_service.addresses import PROBLEMS
from addin_service.language import say
from addin_service.model import Context, Draft, Finding

_ADVICE = {
    "comma": say("Put a dot in place of the comma."),
    "list": say("Open the list and add its members, so that each of them can be checked."),
    "no-suffix": say("Complete the part after the @."),
    "space": say("Take the space out, or put the next address in a field of its own."),
    "two-at": say("Separate the addresses."),
}

_CORRECT = say("Correct it or take it out.")


def unsendable(draft: Draft, context: Context) -> Iterator[Finding]:
    """A finding for each recipient that no mail can be sent to, with the reason."""
    for recipient in draft.recipients:
        if recipient.address is None:
            problem = recipient.problem or "syntax"
            reason = PROBLEMS.get(problem, PROBLEMS["syntax"])
            yield Finding(
                "recipient.unsendable",
                1.0,
                say("This cannot be sent to: {reason}.", reason=reason),
                _ADVICE.get(problem, _CORRECT),
                about=recipient,
                rule=problem,
                facts={"problem": problem},
                basis=(problem,),
            )
