"""Who of the paired clients may do what, as whom they may send, and the installation at hand."""

from functools import reduce
from typing import Literal, cast

from flask import current_app, g, request

from addin_service.catalogues import Language, Languages
from addin_service.installation import Installation
from addin_service.language import Words, beside, say
from addin_service.store import people
from addin_service.store.clients import Client
from addin_service.web.errors import Problem
from addin_service.web.limits import Limits

KEY = "addin_service"
LIMITS = "addin_service.limits"
LANGUAGES = "addin_service.languages"

Deed = Literal["send", "curate", "observe"]

MAY: dict[Deed, tuple[str, ...]] = {
    "send": ("sender", "helpdesk", "key-officer", "admin"),
    "curate": ("helpdesk", "admin"),
    "observe": ("auditor", "admin"),
}
"""Which roles may check, seal and report mail; decide who is known; read figures of the service."""


def installation() -> Installation:
    """The installation that serves this request."""
    return cast(Installation, current_app.extensions[KEY])


def limits() -> Limits:
    """How often a computer may fail here."""
    return cast(Limits, current_app.extensions[LIMITS])


def language() -> Language:
    """In which whoever asks is answered."""
    if "language" not in g:
        spoken = cast(Languages, current_app.extensions[LANGUAGES])
        g.language = spoken.preferred(request.headers.get("Accept-Language", ""))
    return cast(Language, g.language)


def client() -> Client:
    """The client that asks. The guard has seen its token."""
    return cast(Client, g.client)


def need(*roles: str) -> None:
    """Raises `Problem` unless the client has one of these roles.

    That of a person's client counts while the person has it: what was taken back is gone at once.
    """
    asking = client()
    if asking.role in roles and _is_still(asking):
        return
    first, *others = (beside([role]) for role in roles)
    named = reduce(_either, others, first)
    raise Problem(
        403, "wrong-role", say("This needs the role {roles}.", roles=named),
        say(
            "A client of that role comes from `addin-service client add NAME --role {role}`.",
            role=roles[0],
        ),
    )  # fmt: skip


def _either(one: Words, other: Words) -> Words:
    return say("{first} or {second}", first=one, second=other)


def may(deed: Deed) -> None:
    """Raises `Problem` unless the client has a role that may do this."""
    need(*MAY[deed])


def may_send_as(mailbox: str) -> None:
    """Raises `Problem` unless this mailbox (in normal form) is the client's to send as.

    A desk's may send as any. In a department a client that is no person's sends for nobody: it was
    made before there was one, or for the figures of the service.
    """
    asking = client()
    if asking.person is None and installation().department is None:
        return
    with installation().store.read() as connection:
        if asking.person and people.may_send_as(connection, asking.person, mailbox):
            return
    raise Problem(
        403, "not-your-mailbox", say("You may not send as this mailbox."),
        say(
            "Choose another sender, or ask your helpdesk to add this mailbox to yours. Is it your "
            "own? Then connect this program anew."
        ),
    )  # fmt: skip


def must_own(mailbox: str) -> None:
    """Raises `Problem` unless this mailbox is the person's own, not a shared or delegated one."""
    asking = client()
    if asking.person is None:
        return
    with installation().store.read() as connection:
        if any(one.id == asking.person for one in people.owners(connection, mailbox)):
            return
    raise Problem(
        403, "not-your-own-mailbox", say("This mailbox is not yours alone."),
        say("An address book is learned for its owner's own mailbox only."),
    )  # fmt: skip


def _is_still(asking: Client) -> bool:
    if asking.person is None or asking.role == "sender":
        return True
    with installation().store.read() as connection:
        return people.has_role(connection, asking.person, asking.role)
