"""What each sender wrote to whom, message by message, its words as keyed hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table; of mails that were counted before, only the counts are known."""
    op.create_table(
        "messages",
        sa.Column("mailbox", sa.String(length=330), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("thread", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox"], ["mailboxes.address"], name=op.f("fk_messages_mailbox")
        ),
        sa.PrimaryKeyConstraint("mailbox", "number", name=op.f("pk_messages")),
    )
    op.add_column(
        "mailboxes", sa.Column("rewritten", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "correspondents", sa.Column("changed", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_column("correspondents", "changed")
    op.drop_column("mailboxes", "rewritten")
    op.drop_table("messages")
