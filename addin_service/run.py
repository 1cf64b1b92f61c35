"""Run the checks on one draft: each on its own, so that one that breaks is named and no more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from addin_service.checks import CHECKS, Check
from addin_service.language import say, template
from addin_service.log import log
from addin_service.model import Context, Draft, Finding


@dataclass(frozen=True, slots=True)
class Ran:
    """Which checks were run, which broke or were not reached in time, and what was found."""

    checks: tuple[str, ...]
    broken: tuple[str, ...]
    findings: tuple[Finding, ...]


def run(
    draft: Draft,
    context: Context,
    out_of_time: Callable[[], bool] = lambda: False,
    checks: Sequence[Check] = CHECKS,
) -> Ran:
    """Every check on this draft. One that raises, or comes too late, becomes a finding."""
    findings: list[Finding] = []
    broken: list[str] = []
    for check in checks:
        name = check.__name__
        try:
            if out_of_time():
                raise TimeoutError
            findings.extend(check(draft, context))
        except Exception as error:  # the one broad except: it produces a finding
            log.error("check-failed", code=name, error=type(error).__name__)
            broken.append(name)
            late = isinstance(error, TimeoutError)
            findings.append(_failed(name, _LATE if late else _BROKE))
    return Ran(tuple(check.__name__ for check in checks), tuple(broken), tuple(findings))


_LATE = template(
    'Look at the recipients and the text once more yourself. The check "{name}" was not reached in '
    "time; your helpdesk can see it under the reference below."
)
_BROKE = template(
    'Look at the recipients and the text once more yourself. The check "{name}" broke; your '
    "helpdesk can see it under the reference below."
)


def _failed(name: str, what: str) -> Finding:
    return Finding(
        "service.check-failed",
        1.0,
        say("Something in this message could not be looked at."),
        say(what, name=name),
        rule=name,
        basis=(name,),
    )
