"""Which contacts are accounts of one person: what files say, and what the helpdesk said.

`person` is the same for all accounts of somebody. What a file says is the file's, and changes with
the next import. What the helpdesk said outlives imports, and is marked: `said-…` for accounts of
one person, `apart-…` for one that is nobody else's, whatever a file says.
"""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, update

from addin_service.store import facts, sets
from addin_service.store.tables import contacts

SAID = "said-"
APART = "apart-"

_HAS_SAID = "contacts.persons-said"
_CHUNK = 1000


def settled(connection: Connection, persons: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The entries of a file whose person is another than the file says, with that person.

    `persons` are the entries of the file with the file's word, empty for none. Where the helpdesk
    said something of one account, it holds for the others that the file names with it.
    """
    if not facts.read(connection, _HAS_SAID):
        return {}
    by_file = dict(persons)
    said: dict[str, str] = {}
    keys = sorted(by_file)
    for start in range(0, len(keys), _CHUNK):
        for entry, person in _known(connection, keys[start : start + _CHUNK]):
            if person and person.startswith((SAID, APART)):
                said[entry] = person
    joined: dict[str, str] = {}
    for entry, person in sorted(said.items(), key=lambda one: one[1], reverse=True):
        if person.startswith(SAID) and by_file[entry]:
            joined[by_file[entry]] = person
    pulled = {entry: joined[person] for entry, person in by_file.items() if person in joined}
    return pulled | said


def missing(connection: Connection, keys: Iterable[str]) -> list[str]:
    """Those of the entries that nobody entered."""
    wanted = sorted(set(keys))
    known = {entry for entry, _ in _known(connection, wanted)}
    return [key for key in wanted if key not in known]


def join(connection: Connection, keys: Sequence[str]) -> int:
    """Make accounts of one person of these entries and of all that are joined to them already.

    Answers how many rows that changed.
    """
    persons = {
        person for _, person in _known(connection, keys) if person and not person.startswith(APART)
    }
    said = sorted(person for person in persons if person.startswith(SAID))
    name = said[0] if said else SAID + uuid.uuid4().hex
    is_one = contacts.c.entry.in_(keys) | contacts.c.person.in_(sorted(persons))
    return _set(connection, name, is_one)


def part(connection: Connection, keys: Sequence[str]) -> int:
    """Make each of these entries nobody else's account. Answers how many rows that changed."""
    changed = 0
    for key in keys:
        is_joined = (contacts.c.entry == key) & ~contacts.c.person.startswith(APART)
        changed += _set(connection, APART + uuid.uuid4().hex, is_joined)
    return changed


def _set(connection: Connection, person: str, condition: ColumnElement[bool]) -> int:
    statement = update(contacts).where(
        condition,
        contacts.c.person.is_distinct_from(person),
    )
    changed = connection.execute(statement.values(person=person)).rowcount
    if changed:
        facts.write(connection, _HAS_SAID, "1")
        facts.raise_contacts_revision(connection)
    return changed


def _known(connection: Connection, keys: Sequence[str]) -> list[tuple[str, str | None]]:
    """Entry and person of the rows with these entries, from whatever source."""
    statement = f"SELECT entry, person FROM contacts WHERE {sets.among(connection, 'entry')}"  # noqa: S608
    rows = connection.exec_driver_sql(statement, (sets.packed(connection, keys),))
    return [(entry, person) for entry, person in rows]
