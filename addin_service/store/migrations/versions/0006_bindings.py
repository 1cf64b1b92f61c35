"""The whole life of a binding: S/MIME beside OpenPGP, claims, evidence, the state last seen."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add them. What is here has claimed its addresses since it was imported."""
    op.add_column(
        "certificates",
        sa.Column("kind", sa.String(length=8), nullable=False, server_default="openpgp"),
    )
    op.add_column(
        "bindings",
        sa.Column("kind", sa.String(length=8), nullable=False, server_default="openpgp"),
    )
    op.add_column(
        "bindings", sa.Column("organisation", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("certificate_addresses", sa.Column("claimed", sa.String(length=32)))
    op.execute(
        "UPDATE certificate_addresses SET claimed = (SELECT imported FROM certificates"
        " WHERE certificates.fingerprint = certificate_addresses.fingerprint)"
    )
    op.create_table(
        "evidence",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=330), nullable=False),
        sa.Column("mailbox", sa.String(length=330), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("means", sa.String(length=16), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_fingerprint"), "evidence", ["fingerprint"])
    op.create_table(
        "binding_states",
        sa.Column("address", sa.String(length=330), nullable=False),
        sa.Column("mailbox", sa.String(length=330), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("noticed", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("address", "mailbox", "kind", name=op.f("pk_binding_states")),
    )


def downgrade() -> None:
    """Remove them, and what there is of S/MIME."""
    op.drop_table("binding_states")
    op.drop_index(op.f("ix_evidence_fingerprint"), table_name="evidence")
    op.drop_table("evidence")
    op.execute(
        "DELETE FROM certificate_addresses WHERE fingerprint IN"
        " (SELECT fingerprint FROM certificates WHERE kind = 'smime')"
    )
    op.execute("DELETE FROM bindings WHERE kind = 'smime'")
    op.execute("DELETE FROM certificates WHERE kind = 'smime'")
    op.drop_column("certificate_addresses", "claimed")
    op.drop_column("bindings", "organisation")
    op.drop_column("bindings", "kind")
    op.drop_column("certificates", "kind")
