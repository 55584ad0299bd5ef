"""The tables that the first release begins with."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "action_log",
    "alert",
    "alert_number",
    "event_gap",
    "ledger",
    "producer",
    "alert_change",
    "episode_event",
    "event",
    "evidence",
    "idempotency",
    "login_attempt",
    "user_account",
    "session",
    "shift",
    "handover",
    "drill",
    "api_token",
    "shelf",
    "hold",
    "camera_span",
    "recorded_span",
    "lived_day",
    "camera_habit",
    "haze_camera",
    "viewing",
    "second_factor",
    "number_series",
    "incident",
    "incident_member",
    "incident_step",
    "incident_change",
    "call",
    "unit",
    "assignment",
    "outbox_event",
    "delivery",
    "registry_entry",
    "registry_change",
    "device_signal",
)  # each after those that it refers to


def upgrade() -> None:
    """Make the tables, empty but for the one row that writers hold."""
    _alerts()
    _accounts()
    _shifts()
    _drills()
    _api_tokens()
    _shelvings()
    _legal_holds()
    _coverage()
    _habits()
    _viewings_and_second_factors()
    _incidents()
    _calls()
    _units()
    _outbox()
    _registry()
    _device_signals()
    op.execute(
        "INSERT INTO ledger (id, change_seq, oldest_change_seq, log_seq, log_hash)"
        " VALUES (1, 0, 1, 0, '')"
    )


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _alerts() -> None:
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
    op.create_index("ix_action_log_object", "action_log", ["object_id", "seq"])
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
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("exercise", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shelf_id", sa.Text(), nullable=True),
        sa.Column("shelved_until", sa.Double(), nullable=True),
        sa.Column("held_since", sa.Double(), nullable=True),
        sa.Column("belief", sa.Double(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recurrence_of"], ["alert.id"], name=op.f("fk_alert_recurrence_of")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("number", name=op.f("uq_alert_number")),
    )
    op.create_index(
        "ix_alert_by_camera",
        "alert",
        ["camera_id", sa.text("raised_at DESC")],
    )
    op.create_index("ix_alert_by_key", "alert", ["dedup_key", sa.text("raised_at DESC")])
    op.create_index("ix_alert_verdict", "alert", ["dedup_key", "verdict_at"])
    op.create_index("ix_alert_by_state", "alert", ["state", sa.text("raised_at DESC")])
    _partial_index("ix_alert_lease", "alert", ["lease_until"], "lease_until IS NOT NULL")
    op.create_index(
        "ix_alert_newest",
        "alert",
        [sa.text("raised_at DESC"), sa.text("id DESC")],
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
    op.create_index("ix_alert_change_at", "alert_change", ["at"])
    op.create_table(
        "episode_event",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_episode_event_alert_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_episode_event")),
    )
    op.create_index("ix_episode_event_alert", "episode_event", ["alert_id", "active"])
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
        sa.Column("exercise", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("belief", sa.Double(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_event_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("source", "producer_epoch", "producer_seq", name="uq_event_sequence"),
    )
    op.create_index("ix_event_alert", "event", ["alert_id"])
    op.create_index("ix_event_event_id", "event", ["event_id"])
    op.create_index("ix_event_kind", "event", ["kind", sa.text("stored_at DESC")])
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
    op.create_index("ix_evidence_alert", "evidence", ["alert_id"])
    op.create_index("ix_evidence_event", "evidence", ["event_id"])


def _accounts() -> None:
    op.create_table(
        "idempotency",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("username", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    op.create_index("ix_login_attempt_username", "login_attempt", ["username", "at"])
    op.create_table(
        "user_account",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("agencies", sa.Text(), nullable=True),
        sa.Column("areas", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("roles", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_user_account")),
    )
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_session_username")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_session")),
    )
    op.create_index("ix_session_username", "session", ["username"])


def _shifts() -> None:
    op.create_table(
        "shift",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.Column("sound_heard", sa.Boolean(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("relieved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    _partial_index("uq_shift_open", "shift", ["username"], "ended_at IS NULL", unique=True)
    op.create_index("ix_shift_taken", "shift", [sa.text("taken_at DESC")])
    op.create_index("ix_shift_ended", "shift", ["ended_at"])
    op.create_table(
        "handover",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shift_id", sa.Text(), nullable=False),
        sa.Column("from_username", sa.Text(), nullable=False),
        sa.Column("to_username", sa.Text(), nullable=True),
        sa.Column("offered_at", sa.Double(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_handover_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    _partial_index("uq_handover_open", "handover", ["shift_id"], "closed_at IS NULL", unique=True)
    op.create_index("ix_handover_offered", "handover", [sa.text("offered_at DESC")])


def _drills() -> None:
    op.create_table(
        "drill",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scenario_id", sa.Text(), nullable=False),
        sa.Column("scenario_name", sa.Text(), nullable=False),
        sa.Column("right_verdict", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("camera_name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
        sa.UniqueConstraint("event_id", name=op.f("uq_drill_event_id")),
    )
    op.create_index("ix_drill_started", "drill", [sa.text("started_at DESC")])


def _api_tokens() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("powers", sa.Text(), nullable=False),
        sa.Column("agencies", sa.Text(), nullable=True),
        sa.Column("areas", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_api_token_token_sha256")),
    )


def _shelvings() -> None:
    op.create_table(
        "shelf",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("camera_name", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("covers_p1", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf")),
    )
    _partial_index("ix_shelf_in_force", "shelf", ["camera_id"], "ended_at IS NULL")
    op.create_index("ix_shelf_ended", "shelf", ["ended_at"])
    _partial_index("ix_alert_on_shelf", "alert", ["shelf_id"], "shelf_id IS NOT NULL")


def _legal_holds() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_hold_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    _partial_index("uq_hold_in_force", "hold", ["alert_id"], "ended_at IS NULL", unique=True)


def _coverage() -> None:
    op.create_table(
        "camera_span",
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("sees", sa.Boolean(), nullable=False),
        sa.Column("began_outage", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("camera_id", "since", name=op.f("pk_camera_span")),
    )
    op.create_index("ix_camera_span_until", "camera_span", ["until"])
    op.create_table(
        "recorded_span",
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("since", name=op.f("pk_recorded_span")),
    )
    op.create_table(
        "lived_day",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_lived_day")),
        sa.UniqueConstraint("seq", name=op.f("uq_lived_day_seq")),
    )


def _habits() -> None:
    op.create_table(
        "camera_habit",
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.Double(), nullable=True),
        sa.Column("cleared_at", sa.Double(), nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_camera_habit")),
    )
    _partial_index(
        "ix_camera_habit_cleared", "camera_habit", ["cleared_at"], "cleared_at IS NOT NULL"
    )
    op.create_table(
        "haze_camera",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_haze_camera_alert_id")),
        sa.PrimaryKeyConstraint("event_id", "camera_id", name=op.f("pk_haze_camera")),
    )
    _partial_index("ix_alert_judged", "alert", ["verdict_at"], "verdict_at IS NOT NULL")


def _viewings_and_second_factors() -> None:
    op.create_table(
        "viewing",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_viewing")),
    )
    op.create_index("ix_viewing_at", "viewing", [sa.text("at DESC")])
    op.create_table(
        "second_factor",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_second_factor_username")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
    )
    op.create_index("ix_second_factor_username", "second_factor", ["username"])


def _incidents() -> None:
    op.create_table(
        "number_series",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_number_series")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("class_group", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("people_version", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("ward", sa.Text(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("escalated_at", sa.Double(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["incident.id"], name=op.f("fk_incident_merged_into")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_incident_number")),
    )
    op.create_index(
        "ix_incident_newest", "incident", [sa.text("opened_at DESC"), sa.text("id DESC")]
    )
    _partial_index("ix_incident_open", "incident", ["class_group", "last_at"], "closed_at IS NULL")
    _partial_index("ix_incident_due", "incident", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "incident_member",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("left_at", sa.Double(), nullable=True),
        sa.Column("left_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_member_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_member")),
    )
    op.create_index("ix_incident_member_incident", "incident_member", ["incident_id", "joined_at"])
    _partial_index(
        "uq_incident_member_live",
        "incident_member",
        ["type", "member_id"],
        "left_at IS NULL",
        unique=True,
    )
    op.create_table(
        "incident_step",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_step_incident_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", "step", name=op.f("pk_incident_step")),
    )
    op.create_table(
        "incident_change",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_change_incident_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_incident_change")),
    )
    op.create_index("ix_incident_change_at", "incident_change", ["at"])


def _calls() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("ward", sa.Text(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("year", "number", name="uq_call_number"),
    )
    op.create_index("ix_call_newest", "call", [sa.text("at DESC"), sa.text("id DESC")])
    _partial_index("ix_call_caller", "call", ["caller", sa.text("at DESC")], "caller IS NOT NULL")


def _units() -> None:
    op.create_table(
        "unit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("position_at", sa.Double(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("removed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("read_back", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("escalated_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_assignment_incident_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assignment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_incident", "assignment", ["incident_id", "told_at"])
    _partial_index("ix_assignment_due", "assignment", ["due_at"], "due_at IS NOT NULL")
    _partial_index("uq_assignment_unit", "assignment", ["unit_id"], "ended_at IS NULL", unique=True)


def _outbox() -> None:
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
    _partial_index("ix_outbox_event_waiting", "outbox_event", ["seq"], "routed_at IS NULL")
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
    _partial_index(
        "ix_delivery_waiting", "delivery", ["target", "priority", "event_seq"], "state = 'waiting'"
    )
    op.create_index("ix_delivery_subject", "delivery", ["subject", "target", "event_seq"])
    op.create_index("ix_delivery_state", "delivery", ["target", "state", "event_seq"])


def _registry() -> None:
    op.create_table(
        "registry_entry",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_registry_entry")),
    )
    op.create_index("ix_registry_entry_revision", "registry_entry", ["revision"])
    listed = ["kind", "id", "agency", "area", "enabled", "search"]
    op.create_index("ix_registry_entry_listed", "registry_entry", listed)
    op.create_index("ix_registry_entry_agency", "registry_entry", ["kind", "agency", "id"])
    op.create_index("ix_registry_entry_area", "registry_entry", ["kind", "area", "id"])
    op.create_table(
        "registry_change",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("before_sealed", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("after_sealed", sa.Text(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_registry_change")),
    )
    op.create_index(
        "ix_registry_change_entry", "registry_change", ["kind", "id", sa.text("revision DESC")]
    )


def _device_signals() -> None:
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


def _partial_index(
    name: str, table: str, columns: list[Any], where: str, *, unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )
