"""Events, alerts, their changes, the action log, evidence, and the workers' sequences."""

import sqlalchemy as sa
from alembic import op

revision = "0001_events_and_alerts"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "action_log",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_action_log")),
    )
    op.create_index("ix_action_log_object", "action_log", ["object_id", "seq"], unique=False)
    op.create_table(
        "alert",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("episode_open", sa.Boolean(), nullable=False),
        sa.Column("recurrence_of", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("people_version", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("last_seen_at", sa.Double(), nullable=False),
        sa.Column("cleared_at", sa.Double(), nullable=True),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("camera_name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("box_x", sa.Double(), nullable=False),
        sa.Column("box_y", sa.Double(), nullable=False),
        sa.Column("box_w", sa.Double(), nullable=False),
        sa.Column("box_h", sa.Double(), nullable=False),
        sa.Column("largest_area", sa.Double(), nullable=False),
        sa.Column("detections", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("unchecked", sa.Boolean(), nullable=False),
        sa.Column("evidence_error", sa.Text(), nullable=True),
        sa.Column("spoke_at", sa.Double(), nullable=False),
        sa.Column("spoke_reason", sa.Text(), nullable=False),
        sa.Column("spoken_priority", sa.Integer(), nullable=False),
        sa.Column("spoken_area", sa.Double(), nullable=False),
        sa.Column("escalated_at", sa.Double(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", sa.Double(), nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("verdict_by", sa.Text(), nullable=True),
        sa.Column("verdict_at", sa.Double(), nullable=True),
        sa.Column("reject_reason", sa.Text(), nullable=True),
        sa.Column("cosign_wanted_by", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("captured_at", sa.Double(), nullable=False),
        sa.Column("inferred_at", sa.Double(), nullable=False),
        sa.Column("spooled_at", sa.Double(), nullable=False),
        sa.Column("queued_at", sa.Double(), nullable=False),
        sa.Column("stored_at", sa.Double(), nullable=False),
        sa.Column("pushed_at", sa.Double(), nullable=True),
        sa.Column("rendered_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recurrence_of"], ["alert.id"], name=op.f("fk_alert_recurrence_of")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("number", name=op.f("uq_alert_number")),
    )
    op.create_index(
        "ix_alert_by_camera",
        "alert",
        ["camera_id", sa.literal_column("raised_at DESC")],
        unique=False,
    )
    op.create_index(
        "ix_alert_by_key", "alert", ["dedup_key", sa.literal_column("raised_at DESC")], unique=False
    )
    op.create_index(
        "ix_alert_by_state", "alert", ["state", sa.literal_column("raised_at DESC")], unique=False
    )
    op.create_index(
        "ix_alert_lease",
        "alert",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_alert_newest",
        "alert",
        [sa.literal_column("raised_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "uq_alert_open_episode",
        "alert",
        ["dedup_key"],
        unique=True,
        sqlite_where=sa.text("episode_open IS 1"),
        postgresql_where=sa.text("episode_open IS true"),
    )
    op.create_table(
        "alert_number",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_alert_number")),
    )
    op.create_table(
        "event_gap",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("producer_epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("noticed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("source", "producer_epoch", "first_seq", name=op.f("pk_event_gap")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("change_seq", sa.BigInteger(), nullable=False),
        sa.Column("oldest_change_seq", sa.BigInteger(), nullable=False),
        sa.Column("log_seq", sa.BigInteger(), nullable=False),
        sa.Column("log_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_table(
        "producer",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("producer_epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("highest_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("source", "producer_epoch", name=op.f("pk_producer")),
    )
    op.create_table(
        "alert_change",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_change_alert_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alert_change")),
    )
    op.create_index("ix_alert_change_at", "alert_change", ["at"], unique=False)
    op.create_table(
        "episode_event",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_episode_event_alert_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_episode_event")),
    )
    op.create_index("ix_episode_event_alert", "episode_event", ["alert_id", "active"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("producer_epoch", sa.BigInteger(), nullable=False),
        sa.Column("producer_seq", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("box_x", sa.Double(), nullable=False),
        sa.Column("box_y", sa.Double(), nullable=False),
        sa.Column("box_w", sa.Double(), nullable=False),
        sa.Column("box_h", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("track_id", sa.BigInteger(), nullable=True),
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_sha256", sa.Text(), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("captured_at", sa.Double(), nullable=False),
        sa.Column("inferred_at", sa.Double(), nullable=False),
        sa.Column("spooled_at", sa.Double(), nullable=False),
        sa.Column("queued_at", sa.Double(), nullable=False),
        sa.Column("stored_at", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("unchecked", sa.Boolean(), nullable=False),
        sa.Column("evidence_only", sa.Boolean(), nullable=False),
        sa.Column("evidence_error", sa.Text(), nullable=True),
        sa.Column("alert_id", sa.Text(), nullable=True),
        sa.Column("folding", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_event_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("source", "producer_epoch", "producer_seq", name="uq_event_sequence"),
    )
    op.create_index("ix_event_alert", "event", ["alert_id"], unique=False)
    op.create_index("ix_event_event_id", "event", ["event_id"], unique=False)
    op.create_index(
        "ix_event_kind", "event", ["kind", sa.literal_column("stored_at DESC")], unique=False
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.Column("deleted_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_evidence_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("path", name=op.f("uq_evidence_path")),
    )
    op.create_index("ix_evidence_alert", "evidence", ["alert_id"], unique=False)
    op.create_index("ix_evidence_event", "evidence", ["event_id"], unique=False)
    op.execute(
        "INSERT INTO ledger (id, change_seq, oldest_change_seq, log_seq, log_hash)"
        " VALUES (1, 0, 1, 0, '')"
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("evidence")
    op.drop_table("event")
    op.drop_table("episode_event")
    op.drop_table("alert_change")
    op.drop_table("producer")
    op.drop_table("ledger")
    op.drop_table("event_gap")
    op.drop_table("alert_number")
    op.drop_table("alert")
    op.drop_table("action_log")
