"""Figures of this process for Prometheus. Every label comes from a table of ours, none from a mail.

Without the package prometheus-client, which a desk does not need, nothing is counted.
"""

import platform
import time
from typing import Any, Literal, cast, get_args

from flask import current_app

import addin_service
from addin_service.codes import CODES
from addin_service.installation import Installation
from addin_service.model import VerdictWord
from addin_service.review import Answered, Purpose
from addin_service.shapes import Shape
from addin_service.store import neighbours, receipts
from addin_service.store.engine import StoreUnavailable
from addin_service.web.errors import Problem, plain

try:
    import prometheus_client as prometheus
except ModuleNotFoundError:  # part of the extra `server`
    prometheus = None  # type: ignore[assignment]

KEY = "addin_service.metrics"
SealOutcome = Literal["sealed", "refused", "failed"]
OTHER = "other"

KINDS = frozenset(
    {
        "busy", "AdminShutdown", "CannotConnectNow", "DatabaseError", "DeadlockDetected",
        "DiskFull", "IntegrityError", "InterfaceError", "LockNotAvailable", "OperationalError",
        "QueryCanceled", "ReadOnlySqlTransaction", "SerializationFailure", "TimeoutError",
        "UndefinedTable",
    }
)  # fmt: skip
"""Kinds of failure of the database that are told apart; whatever else it is counts as other."""

# A check takes 5 to 30 ms, its deadline is 1.2 s, a large message takes seconds to seal.
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 3.0, 10.0)


class _Nothing:
    """Stands for a figure where nothing is counted."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def labels(self, *_: str) -> "_Nothing":
        """Nothing, of any kind."""
        return self

    def inc(self) -> None:
        """Count nothing."""

    def observe(self, value: float) -> None:
        """Note nothing."""

    def set(self, value: float) -> None:
        """Note nothing."""


class Metrics:
    """What is counted. One per process; safe for several threads."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        counter: Any = prometheus.Counter if prometheus else _Nothing
        gauge: Any = prometheus.Gauge if prometheus else _Nothing
        histogram: Any = prometheus.Histogram if prometheus else _Nothing
        self._registry: Any = prometheus.CollectorRegistry() if prometheus else None
        more: Any = {"registry": self._registry, "namespace": "lastlook"}
        self._requests = counter("requests", "Answers.", ["route", "status"], **more)
        self._seconds = histogram(
            "request_seconds", "Time until the answer.", ["route"], buckets=BUCKETS_S, **more
        )
        self._refused = counter("refusals", "Requests refused.", ["code"], **more)
        self._checks = counter("checks", "Drafts looked at.", ["verdict", "purpose"], **more)
        self._findings = counter("findings", "Findings shown at Send.", ["code"], **more)
        self._seals = counter("seals", "Messages to be sealed.", ["shape", "outcome"], **more)
        self._sends = counter("sends", "Sends reported.", ["outcome"], **more)
        self._failures = counter("store_failures", "The database failed.", ["kind"], **more)
        self._up = gauge("database_up", "1 if the database answered this time.", **more)
        self._head = gauge("receipts_head", "Number of the newest receipt.", **more)
        self._contacts = gauge("contacts", "Entries in the directory and allowlist.", **more)
        self._waiting = gauge("contacts_not_indexed", "Contacts that wait for the index.", **more)
        self._policy_age = gauge(
            "policy_age_seconds", "Since the policy was read from its files.", **more
        )
        self._policy_valid = gauge("policy_valid", "0 while the last good one stands in.", **more)
        self._connections = gauge(
            "database_connections", "Connections of this process.", ["state"], **more
        )
        if self._registry is not None:
            about = {
                "version": addin_service.__version__,
                "python": platform.python_version(),
                "database": installation.store.engine.dialect.name,
            }
            prometheus.Info("build", "What runs here.", **more).info(about)
            prometheus.ProcessCollector(registry=self._registry)
        self._start_at_nought()

    @property
    def available(self) -> bool:
        """Whether anything is counted."""
        return self._registry is not None

    def _start_at_nought(self) -> None:
        """What has not happened yet is there as a zero, so that its first time is a change."""
        for purpose in get_args(Purpose):
            for word in VerdictWord:
                self._checks.labels(word.value, purpose)
        for code in CODES:
            self._findings.labels(code)
        for outcome in get_args(SealOutcome):
            for shape in get_args(Shape):
                self._seals.labels(shape, outcome)
        for kind in KINDS | {OTHER}:
            self._failures.labels(kind)

    def answered(self, rule: str, status: int, seconds: float) -> None:
        """An answer of the application; `rule` is the route's, with its placeholders."""
        self._requests.labels(rule, f"{status // 100}xx").inc()
        self._seconds.labels(rule).observe(seconds)

    def refused(self, code: str) -> None:
        """An error answer with this code, from the guard or from a route."""
        self._refused.labels(code).inc()

    def guarded(self, refusal: Problem | StoreUnavailable) -> None:
        """What the guard did not let in."""
        if isinstance(refusal, StoreUnavailable):
            self.store_failed(refusal)
            self.refused(plain(503).code)
        else:
            self.refused(refusal.code)

    def store_failed(self, unavailable: StoreUnavailable) -> None:
        """The database could not be read or written."""
        kind = unavailable.kind
        self._failures.labels(kind if kind in KINDS else OTHER).inc()

    def checked(self, answered: Answered) -> None:
        """A draft was looked at."""
        purpose: Purpose = "send" if answered.reference else "typing"
        self._checks.labels(answered.verdict.word.value, purpose).inc()
        if purpose == "send":
            for code in {judged.finding.code for judged in answered.verdict.shown}:
                self._findings.labels(code).inc()

    def sealed(self, shape: Shape, outcome: SealOutcome) -> None:
        """How the sealing of a message ended."""
        self._seals.labels(shape, outcome).inc()

    def sent(self, outcome: str) -> None:
        """A client told how a send ended, in one of the words of `wire.SentIn`."""
        self._sends.labels(outcome).inc()

    def text(self, accept: str) -> tuple[bytes, str]:
        """All figures as they are now, and the content type; `accept` is the request's header.

        Only where `available`.
        """
        self._look()
        encode, content_type = prometheus.exposition.choose_encoder(accept)
        return encode(self._registry), content_type

    def _look(self) -> None:
        """What is not counted but is so at this moment."""
        store, policies = self._installation.store, self._installation.policies
        try:
            with store.read() as connection:
                self._head.set(receipts.head(connection)[0])
                index = neighbours.state(connection)
        except StoreUnavailable as unavailable:
            self.store_failed(unavailable)
            self._up.set(0)
        else:
            self._up.set(1)
            self._contacts.set(index.last - index.removed)
            self._waiting.set(index.waiting)
        self._policy_age.set(max(0.0, time.monotonic() - policies.read_at))
        self._policy_valid.set(not policies.problems)
        pool: Any = store.engine.pool
        self._connections.labels("in-use").set(pool.checkedout())
        self._connections.labels("idle").set(pool.checkedin())


def metrics() -> Metrics:
    """What counts for the service that answers this request."""
    return cast(Metrics, current_app.extensions[KEY])
