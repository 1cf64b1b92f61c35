"""`GET /metrics` and `GET /v1/ready`: for whoever keeps the service running."""

import time

from flask import Blueprint, Response, g, jsonify, request

from addin_service.language import Words, say
from addin_service.settings import INSTALL_SERVER
from addin_service.store import receipts
from addin_service.store.engine import Store
from addin_service.web import access
from addin_service.web import metrics as counting
from addin_service.web.errors import HEADERS, Problem, plain

blueprint = Blueprint("operators", __name__)

READY_WITHIN_S = 2.0
"""A database that takes longer for one row answers no check in time."""


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures of this worker, in Prometheus's text format. Not through the proxy."""
    access.may("observe")
    department = access.installation().department
    if department is not None and request.environ.get("HTTP_HOST") == department.host:
        raise plain(404)  # behind one name there are several workers, each with its own figures
    counted = counting.metrics()
    if not counted.available:
        raise Problem(
            404, "no-metrics",
            say("This service counts nothing: a part for it is not installed."),
            say("{command}, then start the service again.", command=INSTALL_SERVER),
        )  # fmt: skip
    text, content_type = counted.text(request.headers.get("Accept", ""))
    g.headers = {**HEADERS, "Content-Type": content_type}
    return Response(text)


@blueprint.get("/v1/ready")
def ready() -> Response:
    """Whether a check would be answered now: the database takes writes, and there is a policy."""
    installation = access.installation()
    began = time.monotonic()
    installation.policies.current()
    if not _takes_writes(installation.store):
        raise _not_ready(say("The database can be read only."))
    if time.monotonic() - began > READY_WITHIN_S:
        raise _not_ready(say("The database takes too long to answer."))
    return jsonify({"ready": True})


def _takes_writes(store: Store) -> bool:
    """Begin to write, and write nothing. Raises `StoreUnavailable`."""
    with store.write() as connection:
        receipts.head(connection)
        if store.is_sqlite:
            return True  # it would not have begun
        return bool(connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "off")


def _not_ready(message: Words) -> Problem:
    return Problem(
        503, "not-ready", message,
        say("`addin-service doctor` says what is wrong."),
    )  # fmt: skip
