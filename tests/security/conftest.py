"""The service under attack."""

import io
from collections.abc import Iterator

import pytest

from addin_service import addresses, allowlist
from addin_service.installation import Installation, open_installation
from addin_service.settings import Settings
from addin_service.store import clients, people, requests, times
from tests.conftest import SENDER, Live, person_with, serving, with_record
from tests.security.raw import PUBLIC, Target, routes


@pytest.fixture
def target(live: Live, log: io.StringIO) -> Target:
    """The service with something in it that could be read, changed or used up."""
    return attacked(live, log)


@pytest.fixture
def behind(settings: Settings, log: io.StringIO) -> Iterator[Target]:
    """The same as a department's, which a proxy on this machine stands in front of."""
    with_record(settings)
    settings.department_file.write_text(f'public = "{PUBLIC}"\n')
    opened = open_installation(settings)
    with serving(opened) as running:
        running.token, running.helpdesk = tokens_of_ann(opened)
        yield attacked(running, log)
    opened.close()


def tokens_of_ann(installation: Installation) -> tuple[str, str]:
    """In a department: her mail program's, and that of the helpdesk, to which she belongs."""
    ann = person_with(installation, SENDER)
    with installation.store.write() as connection:
        people.set_roles(connection, ann, ["helpdesk"], "admin")
        _, sender = clients.add(connection, "own", "sender", times.now(), ann)
        _, helpdesk = clients.add(connection, "desk", "helpdesk", times.now(), ann)
    return sender, helpdesk


def attacked(live: Live, log: io.StringIO) -> Target:
    """A target with a contact, an open request and an open pairing code."""
    kept = allowlist.entry("keeper@chambers.example", "Keeper", "Chambers")
    contact_id = allowlist.put(live.installation, kept, "test")
    wanted = addresses.parse("newcomer@chambers.example")
    with live.installation.store.write() as connection:
        code = clients.new_code(connection, "", "helpdesk", times.now())
        request_id = requests.ask(
            connection, wanted, "ann.lee@council.example", "test", "hearing", times.now()
        )
    return Target(live, code, request_id, contact_id, log, routes(live.installation))
