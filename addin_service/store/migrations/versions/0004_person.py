"""Whose account a contact is, where that is known."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add it; of what was entered before, nothing is known."""
    op.add_column("contacts", sa.Column("person", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_contacts_person",
        "contacts",
        ["person"],
        sqlite_where=sa.text("person IS NOT NULL"),
        postgresql_where=sa.text("person IS NOT NULL"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_contacts_person", "contacts")
    op.drop_column("contacts", "person")
