"""The outbox and its deliveries: who outside was told of what, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0018_outbox"
down_revision = "0017_incidents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables; nothing that is there changes."""
    op.create_table(
        "outbox_event",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("routed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox_event")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_event_id")),
        sqlite_autoincrement=True,
    )
    unrouted = sa.text("routed_at IS NULL")
    op.create_index(
        "ix_outbox_event_waiting",
        "outbox_event",
        ["seq"],
        sqlite_where=unrouted,
        postgresql_where=unrouted,
    )
    op.create_index("ix_outbox_event_routed", "outbox_event", ["routed_at"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("tried_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_seq"], ["outbox_event.seq"], name=op.f("fk_delivery_event_seq")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("event_seq", "target", name="uq_delivery_event_seq"),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["target", "priority", "event_seq"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_delivery_subject", "delivery", ["subject", "target", "event_seq"])
    op.create_index("ix_delivery_state", "delivery", ["target", "state", "event_seq"])


def downgrade() -> None:
    """What waits to be sent is gone; the action log keeps what was done."""
    op.drop_table("delivery")
    op.drop_table("outbox_event")
