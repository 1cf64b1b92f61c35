"""Contacts with a number, a key of their name, their domains counted, and what they are near to."""

# ruff: noqa: S608 - the only variable part is a constant of this file

import sqlalchemy as sa
from alembic import op

from addin_service.names import name_key

revision = "0003"
down_revision = "0002"

_KEPT = (
    "entry, address, name, organisation, status, source, owner, reason, expires, created, hits, "
    "last_used"
)
_CHUNK = 1000


def upgrade() -> None:
    """Make the contacts anew, with what is derived from them."""
    op.execute(f"CREATE TABLE contacts_before AS SELECT {_KEPT} FROM contacts")
    op.drop_table("contacts")
    _contacts(
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
    )
    op.create_index("ix_contacts_name_key", "contacts", ["name_key"])
    op.create_index(
        "ix_contacts_whole_domains",
        "contacts",
        ["entry"],
        sqlite_where=sa.text("address = ''"),
        postgresql_where=sa.text("address = ''"),
    )
    op.create_table(
        "contact_domains",
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("expires", sa.String(length=10), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("domain", "expires", name=op.f("pk_contact_domains")),
    )
    op.create_table(
        "neighbours",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "contact", name=op.f("pk_neighbours")),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO contacts (id, name_key, {_KEPT}) "
        f"SELECT row_number() OVER (ORDER BY entry, source), '', {_KEPT} FROM contacts_before"
    )
    op.drop_table("contacts_before")
    _derive(op.get_bind())


def downgrade() -> None:
    """The contacts as they were; the numbers become their ids."""
    op.drop_table("neighbours")
    op.drop_table("contact_domains")
    op.execute(f"CREATE TABLE contacts_before AS SELECT id, {_KEPT} FROM contacts")
    op.drop_table("contacts")
    _contacts(sa.Column("id", sa.String(length=32), nullable=False))
    op.execute(
        f"INSERT INTO contacts (id, {_KEPT}) "
        f"SELECT CAST(id AS VARCHAR(32)), {_KEPT} FROM contacts_before"
    )
    op.drop_table("contacts_before")
    op.execute("DELETE FROM settings WHERE name LIKE 'contacts.%' AND name <> 'contacts.revision'")


def _contacts(identity: sa.Column[int] | sa.Column[str], *derived: sa.Column[str]) -> None:
    op.create_table(
        "contacts",
        identity,
        sa.Column("entry", sa.String(length=330), nullable=False),
        sa.Column("address", sa.String(length=330), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *derived,
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires", sa.String(length=10), nullable=True),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("last_used", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("entry", "source", name=op.f("uq_contacts_entry_source")),
    )


def _derive(connection: sa.Connection) -> None:
    """Fill what follows from the rows; neighbours are indexed when the program next runs."""
    last = connection.scalar(sa.text("SELECT max(id) FROM contacts")) or 0
    people: dict[tuple[str, str], int] = {}
    for start in range(0, last, _CHUNK):
        rows = connection.execute(
            sa.text("SELECT id, entry, name, expires FROM contacts WHERE id > :a AND id <= :b"),
            {"a": start, "b": start + _CHUNK},
        ).all()
        connection.execute(
            sa.text("UPDATE contacts SET name_key = :key WHERE id = :id"),
            [{"id": row.id, "key": name_key(row.name)[:200]} for row in rows],
        )
        for row in rows:
            local, _, domain = row.entry.rpartition("@")
            if local:
                place = (domain, row.expires or "")
                people[place] = people.get(place, 0) + 1
    if last:
        connection.execute(
            sa.text("INSERT INTO settings (name, value) VALUES ('contacts.last', :last)"),
            {"last": str(last)},
        )
    if people:
        connection.execute(
            sa.text("INSERT INTO contact_domains (domain, expires, people) VALUES (:d, :e, :n)"),
            [{"d": domain, "e": day, "n": count} for (domain, day), count in people.items()],
        )
