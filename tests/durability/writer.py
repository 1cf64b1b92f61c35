"""A process that asks for reviews and tells each reference it got: something small to kill."""

from multiprocessing.connection import Connection

from addin_service import drafts
from addin_service.installation import open_installation
from addin_service.settings import Settings


def write(settings: Settings, told: Connection) -> None:
    """Review and tell, until killed."""
    installation = open_installation(settings)
    draft = drafts.make(
        ("ann.lee@council.example", "Ann Lee"), ([("jo@council.example", "")], (), ())
    )
    while True:
        answered = installation.reviewer.check(draft, "writer")
        assert answered.reference
        told.send_bytes(answered.reference.encode())
