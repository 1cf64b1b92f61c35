"""Logs: codes, counts, hashes. A field that is not on the list does not get in."""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

FIELDS = frozenset(
    {
        "event", "level", "timestamp", "ms", "code", "codes", "count", "recipients", "reference",
        "verdict", "status", "route", "client", "kind", "port", "host", "policy", "error", "added",
        "updated", "unchanged", "removed", "refused", "incident",
    }
)  # fmt: skip
"""What may be logged. None of it is ever made from an address, a subject, a text or a token."""


def _listed_only(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {name: value for name, value in event.items() if name in FIELDS}


def configure() -> None:
    """Write one JSON line per event to standard error, and silence everybody else's logging."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _listed_only,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Other people's log lines and tracebacks can carry what they were working on.
    logging.disable(logging.CRITICAL)


log = structlog.get_logger()


def silence() -> None:
    """Write nothing at all, for measurements."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))


def place(error: BaseException) -> str:
    """File and line of this package it came from: the text of an exception can hold a mail."""
    trace, found = error.__traceback__, "?"
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "addin_service" in file:
            found = f"{file.rpartition('addin_service')[2].lstrip(os.sep)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
