"""Signals of devices, as they came."""

import sqlalchemy as sa
from alembic import op

revision = "0020_device_signals"
down_revision = "0019_registry"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table; nothing that is there changes."""
    op.create_table(
        "device_signal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("ahead_s", sa.Double(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("folded", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_signal")),
        sa.UniqueConstraint("device_id", "key", name="uq_device_signal_key"),
    )
    op.create_index("ix_device_signal_received", "device_signal", ["received_at"])


def downgrade() -> None:
    """The alerts that they raised stay."""
    op.drop_table("device_signal")
