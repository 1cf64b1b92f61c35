"""A department: people, the mailboxes they may send as, shared limits, reviews carried along."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add them. The clients that are here belong to nobody, as on a desk."""
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.Column("disabled", sa.String(length=32)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_people_issuer_subject")),
    )
    op.create_table(
        "person_mailboxes",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("mailbox", sa.String(length=330), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("created", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_person_mailboxes_person")),
        sa.PrimaryKeyConstraint("person", "mailbox", "source", name=op.f("pk_person_mailboxes")),
    )
    op.create_index(op.f("ix_person_mailboxes_mailbox"), "person_mailboxes", ["mailbox"])
    op.create_table(
        "person_roles",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_person_roles_person")),
        sa.PrimaryKeyConstraint("person", "role", "source", name=op.f("pk_person_roles")),
    )
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limits")),
    )
    op.create_table(
        "carried",
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.Column("carry", sa.String(length=32), nullable=False),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("client", "carry", name=op.f("pk_carried")),
    )
    op.create_index(op.f("ix_carried_until"), "carried", ["until"])
    op.add_column("clients", sa.Column("person", sa.String(length=32), nullable=True))
    op.add_column("pairing_codes", sa.Column("person", sa.String(length=32), nullable=True))


def downgrade() -> None:
    """Remove them, and the clients of people: nobody knows any more whose mailboxes are theirs."""
    op.execute("DELETE FROM clients WHERE person IS NOT NULL")
    op.execute("DELETE FROM pairing_codes WHERE person IS NOT NULL")
    with op.batch_alter_table("clients") as batch:
        batch.drop_column("person")
    with op.batch_alter_table("pairing_codes") as batch:
        batch.drop_column("person")
    for table in ("carried", "rate_limits", "person_roles", "person_mailboxes", "people"):
        op.drop_table(table)
