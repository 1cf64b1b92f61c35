"""The whole life of a binding: S/MIME beside OpenPGP, claims, evidence, the state last seen."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


_OPENPGP, _BOTH = sa.String(length=40), sa.String(length=64)
"""Digits of a fingerprint: OpenPGP's, and room for S/MIME's."""


def upgrade() -> None:
    """Add them. What is here has claimed its addresses since it was imported."""
    _rebuild(_BOTH, _OPENPGP, claimed=True)
    op.execute(
        "UPDATE certificate_addresses SET claimed = (SELECT imported FROM certificates"
        " WHERE certificates.fingerprint = certificate_addresses.fingerprint)"
    )
    op.create_table(
        "evidence",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", _BOTH, nullable=False),
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
        sa.Column("fingerprint", _BOTH, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("noticed", _BOTH, nullable=False),
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
    _rebuild(_OPENPGP, _BOTH, claimed=False)


def _rebuild(digits: sa.String, before: sa.String, claimed: bool) -> None:
    """The three tables that name a fingerprint, with this many digits, with the new columns or not.

    SQLite makes a table anew to change a column, and cannot while another one refers to it.
    """
    op.execute(
        "CREATE TABLE kept_addresses AS SELECT address, fingerprint FROM certificate_addresses"
    )
    op.drop_table("certificate_addresses")
    for table in ("certificates", "bindings"):
        with op.batch_alter_table(table) as changed:
            changed.alter_column("fingerprint", existing_type=before, type_=digits)
            if claimed:
                changed.add_column(_text("kind", sa.String(length=8), "openpgp"))
            else:
                changed.drop_column("kind")
            if table == "bindings" and claimed:
                changed.add_column(_text("organisation", sa.Text(), ""))
            elif table == "bindings":
                changed.drop_column("organisation")
    op.create_table(
        "certificate_addresses",
        sa.Column("address", sa.String(length=330), nullable=False),
        sa.Column("fingerprint", digits, nullable=False),
        *([sa.Column("claimed", sa.String(length=32))] if claimed else []),
        sa.ForeignKeyConstraint(
            ["fingerprint"],
            ["certificates.fingerprint"],
            name=op.f("fk_certificate_addresses_fingerprint"),
        ),
        sa.PrimaryKeyConstraint("address", "fingerprint", name=op.f("pk_certificate_addresses")),
    )
    op.execute(
        "INSERT INTO certificate_addresses (address, fingerprint)"
        " SELECT address, fingerprint FROM kept_addresses"
    )
    op.drop_table("kept_addresses")


def _text(name: str, kind: sa.String, default: str) -> "sa.Column[str]":
    return sa.Column(name, kind, nullable=False, server_default=default)
