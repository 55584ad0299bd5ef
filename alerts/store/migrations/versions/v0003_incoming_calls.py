"""Calls as telephone exchanges tell of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003_incoming_calls"
down_revision = "0002_call_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row a call of an exchange."""
    op.create_table(
        "incoming_call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("exchange_call_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("answered_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("taken_by", sa.Text()),
        sa.Column("taken_at", sa.Double()),
        sa.Column("call_id", sa.Text()),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incoming_call"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_incoming_call_call_id_call"),
        sa.UniqueConstraint("seq", name="uq_incoming_call_seq"),
        sa.UniqueConstraint("exchange", "exchange_call_id", name="uq_incoming_call_exchange_call"),
    )
    waits = sa.text("call_id IS NULL")
    op.create_index(
        "ix_incoming_call_waiting",
        "incoming_call",
        ["began_at"],
        sqlite_where=waits,
        postgresql_where=waits,
    )


def downgrade() -> None:
    """What was written down of the calls stays in `call`."""
    op.drop_index("ix_incoming_call_waiting", table_name="incoming_call")
    op.drop_table("incoming_call")
