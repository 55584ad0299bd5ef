"""Messages of citizens, and senders who are doubted."""

import sqlalchemy as sa
from alembic import op

revision = "0019_citizen_messages"
down_revision = "0018_unit_tracks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a message, and one a mark."""
    op.create_table(
        "citizen_message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text()),
        sa.Column("sender", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("place", sa.Text()),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("is_misplaced", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("is_marked", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_at", sa.Double()),
        sa.Column("call_id", sa.Text()),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("words", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_message"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_citizen_message_call_id_call"),
        sa.UniqueConstraint("gateway", "channel", "ref", name="uq_citizen_message_ref"),
    )
    waits = sa.text("state = 'new'")
    op.create_index(
        "ix_citizen_message_waiting",
        "citizen_message",
        ["event_id", "received_at"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.create_index("ix_citizen_message_newest", "citizen_message", [sa.text("received_at DESC")])
    op.create_index("ix_citizen_message_call", "citizen_message", ["call_id"])
    op.create_index("ix_citizen_message_sender", "citizen_message", ["sender"])
    op.create_table(
        "sender_mark",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_sender_mark"),
    )
    op.create_index("ix_sender_mark_sender", "sender_mark", ["sender", "until"])


def downgrade() -> None:
    """What became a call stays one."""
    op.drop_table("sender_mark")
    op.drop_table("citizen_message")
