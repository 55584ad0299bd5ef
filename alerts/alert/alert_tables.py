"""Tables of alerts, their events and evidence. Times are UTC unix seconds."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
_Number: sa.Double[float] = sa.Double()


def _box(prefix: str = "box") -> list[sa.Column[float]]:
    return [sa.Column(f"{prefix}_{part}", _Number, nullable=False) for part in ("x", "y", "w", "h")]


alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("number", _Text, nullable=False, unique=True),
    sa.Column("dedup_key", _Text, nullable=False),
    sa.Column("episode_open", sa.Boolean, nullable=False),
    sa.Column("recurrence_of", _Text, sa.ForeignKey("alert.id")),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("state", _Text, nullable=False),
    sa.Column("condition", _Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("people_version", sa.Integer, nullable=False),
    sa.Column("raised_at", _Time, nullable=False),
    sa.Column("last_seen_at", _Time, nullable=False),
    sa.Column("cleared_at", _Time),
    sa.Column("camera_id", _Text, nullable=False),
    sa.Column("camera_name", _Text, nullable=False),
    sa.Column("place", _Text),
    sa.Column("area", _Text),
    sa.Column("agency", _Text),
    sa.Column("lat", _Number),
    sa.Column("lon", _Number),
    sa.Column("rule_id", _Text, nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("zone_id", _Text),
    sa.Column("label", _Text, nullable=False),
    sa.Column("confidence", _Number, nullable=False),
    *_box(),
    sa.Column("largest_area", _Number, nullable=False),
    sa.Column("detections", sa.Integer, nullable=False),
    sa.Column("reason", _Text, nullable=False),
    sa.Column("unchecked", sa.Boolean, nullable=False),
    sa.Column("evidence_error", _Text),
    sa.Column("spoke_at", _Time, nullable=False),
    sa.Column("spoke_reason", _Text, nullable=False),
    sa.Column("spoken_priority", sa.Integer, nullable=False),
    sa.Column("spoken_area", _Number, nullable=False),
    sa.Column("escalated_at", _Time),
    sa.Column("owner", _Text),
    sa.Column("acknowledged_at", _Time),
    sa.Column("held_since", _Time),
    sa.Column("lease_until", _Time),
    sa.Column("verdict", _Text),
    sa.Column("verdict_by", _Text),
    sa.Column("verdict_at", _Time),
    sa.Column("reject_reason", _Text),
    sa.Column("cosign_wanted_by", _Text),
    sa.Column("closed_by", _Text),
    sa.Column("closed_at", _Time),
    sa.Column("captured_at", _Time, nullable=False),
    sa.Column("inferred_at", _Time, nullable=False),
    sa.Column("spooled_at", _Time, nullable=False),
    sa.Column("queued_at", _Time, nullable=False),
    sa.Column("stored_at", _Time, nullable=False),
    sa.Column("pushed_at", _Time),
    sa.Column("rendered_at", _Time),
    sa.Column(
        "words", _Text, nullable=False, server_default=""
    ),  # see `thapcanh.alerts.store.plain_text`
    sa.Column("exercise", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("belief", _Number),  # the strongest so far; None where no worker told any
    sa.Column("reasons", _Text),  # of that belief: JSON, weight by name
    sa.Column("shelf_id", _Text),
    sa.Column("shelved_until", _Time),
    sa.Column("corroboration", _Text),  # who told of it beside the camera: see `urgency`
    sa.Column("corroborated_by", _Text),  # the number of the call, or the name of the device
)


sa.Index(
    "ix_alert_on_shelf",
    alert.c.shelf_id,
    sqlite_where=alert.c.shelf_id.is_not(None),
    postgresql_where=alert.c.shelf_id.is_not(None),
)


sa.Index(
    "uq_alert_open_episode",
    alert.c.dedup_key,
    unique=True,
    sqlite_where=alert.c.episode_open.is_(True),
    postgresql_where=alert.c.episode_open.is_(True),
)


sa.Index("ix_alert_newest", alert.c.raised_at.desc(), alert.c.id.desc())


sa.Index("ix_alert_by_state", alert.c.state, alert.c.raised_at.desc())


sa.Index("ix_alert_by_key", alert.c.dedup_key, alert.c.raised_at.desc())


sa.Index("ix_alert_verdict", alert.c.dedup_key, alert.c.verdict_at)


sa.Index("ix_alert_by_rule", alert.c.rule_id, alert.c.raised_at.desc())


sa.Index("ix_alert_by_camera", alert.c.camera_id, alert.c.raised_at.desc())


sa.Index(
    "ix_alert_judged",
    alert.c.verdict_at,
    sqlite_where=alert.c.verdict_at.is_not(None),
    postgresql_where=alert.c.verdict_at.is_not(None),
)


sa.Index(
    "ix_alert_lease",
    alert.c.lease_until,
    sqlite_where=alert.c.lease_until.is_not(None),
    postgresql_where=alert.c.lease_until.is_not(None),
)


event = sa.Table(
    "event",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("event_id", _Text, nullable=False),
    sa.Column("source", _Text, nullable=False),
    sa.Column("producer_epoch", sa.BigInteger, nullable=False),
    sa.Column("producer_seq", sa.BigInteger, nullable=False),
    sa.Column("phase", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("camera_id", _Text, nullable=False),
    sa.Column("rule_id", _Text, nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("zone_id", _Text),
    sa.Column("priority", sa.Integer, nullable=False),
    *_box(),
    sa.Column("confidence", _Number, nullable=False),
    sa.Column("label", _Text, nullable=False),
    sa.Column("track_id", sa.BigInteger),
    sa.Column("model_name", _Text, nullable=False),
    sa.Column("model_sha256", _Text, nullable=False),
    sa.Column("at_s", _Number, nullable=False),
    sa.Column("captured_at", _Time, nullable=False),
    sa.Column("inferred_at", _Time, nullable=False),
    sa.Column("spooled_at", _Time, nullable=False),
    sa.Column("queued_at", _Time, nullable=False),
    sa.Column("stored_at", _Time, nullable=False),
    sa.Column("reason", _Text, nullable=False),
    sa.Column("unchecked", sa.Boolean, nullable=False),
    sa.Column("exercise", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("belief", _Number),
    sa.Column("reasons", _Text),
    sa.Column("evidence_only", sa.Boolean, nullable=False),
    sa.Column("evidence_error", _Text),
    sa.Column("alert_id", _Text, sa.ForeignKey("alert.id")),
    sa.Column("folding", _Text),
    sa.UniqueConstraint("source", "producer_epoch", "producer_seq", name="uq_event_sequence"),
)


sa.Index("ix_event_event_id", event.c.event_id)


sa.Index("ix_event_alert", event.c.alert_id)


sa.Index("ix_event_kind", event.c.kind, event.c.stored_at.desc())


episode_event = sa.Table(
    "episode_event",
    metadata,
    sa.Column("event_id", _Text, primary_key=True),
    sa.Column("alert_id", _Text, sa.ForeignKey("alert.id"), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("last_at", _Time, nullable=False),
)


sa.Index("ix_episode_event_alert", episode_event.c.alert_id, episode_event.c.active)


evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("alert_id", _Text, sa.ForeignKey("alert.id")),
    sa.Column("event_id", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("path", _Text, nullable=False, unique=True),
    sa.Column("sha256", _Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("added_at", _Time, nullable=False),
    sa.Column("deleted_at", _Time),
    sa.Column("gone_at", _Time),  # its file; None beside `deleted_at`: still to be deleted
)


sa.Index("ix_evidence_alert", evidence.c.alert_id)


sa.Index("ix_evidence_event", evidence.c.event_id)


_is_going = sa.and_(evidence.c.deleted_at.is_not(None), evidence.c.gone_at.is_(None))

sa.Index(
    "ix_evidence_going",
    evidence.c.deleted_at,
    postgresql_where=_is_going,
    sqlite_where=_is_going,
)


producer = sa.Table(
    "producer",
    metadata,
    sa.Column("source", _Text, primary_key=True),
    sa.Column("producer_epoch", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("highest_seq", sa.BigInteger, nullable=False),
    sa.Column("last_at", _Time, nullable=False),
)
event_gap = sa.Table(
    "event_gap",
    metadata,
    sa.Column("source", _Text, primary_key=True),
    sa.Column("producer_epoch", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("first_seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("noticed_at", _Time, nullable=False),
)
