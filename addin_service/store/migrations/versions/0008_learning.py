"""What a mail program hands over: its address book, and Sent, each mail counted once."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add it. What was counted so far may come again with its headers."""
    op.create_table(
        "book",
        sa.Column("mailbox", sa.String(length=330), nullable=False),
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=330), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("listing", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["mailbox"], ["mailboxes.address"], name=op.f("fk_book_mailbox")),
        sa.PrimaryKeyConstraint("mailbox", "client", "address", name=op.f("pk_book")),
    )
    op.add_column("mailboxes", sa.Column("book", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("correspondents", sa.Column("named", sa.String(length=32), nullable=True))
    op.add_column("messages", sa.Column("nameless", sa.Boolean(), nullable=True))
    op.execute("UPDATE correspondents SET named = COALESCE(last_sent, last_heard) WHERE name <> ''")
    op.execute(sa.text("UPDATE messages SET nameless = :yes").bindparams(yes=True))


def downgrade() -> None:
    """Remove it, and with it whom the address books have."""
    op.drop_column("messages", "nameless")
    op.drop_column("correspondents", "named")
    op.drop_column("mailboxes", "book")
    op.drop_table("book")
