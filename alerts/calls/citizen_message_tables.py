"""Tables of citizens' messages and of marked senders. Times are UTC unix seconds."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
_Number: sa.Double[float] = sa.Double()

citizen_message = sa.Table(
    "citizen_message",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("gateway", _Text, nullable=False),  # the token by which it came
    sa.Column("channel", _Text, nullable=False),
    sa.Column("ref", _Text),  # the channel's own name of it
    sa.Column("sender", _Text),
    sa.Column("text", _Text),
    sa.Column("place", _Text),
    sa.Column("lat", _Number),
    sa.Column("lon", _Number),
    sa.Column("is_misplaced", sa.Boolean, nullable=False),  # its point cannot be, and is left out
    sa.Column("at", _Time, nullable=False),
    sa.Column("received_at", _Time, nullable=False),
    sa.Column("event_id", _Text, nullable=False),
    sa.Column("is_marked", sa.Boolean, nullable=False),  # its sender was marked while it waited
    sa.Column("state", _Text, nullable=False),
    sa.Column("answered_by", _Text),
    sa.Column("answered_at", _Time),
    sa.Column("call_id", _Text, sa.ForeignKey("call.id")),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("words", _Text, nullable=False, server_default=""),
    sa.UniqueConstraint("gateway", "channel", "ref", name="uq_citizen_message_ref"),
)
_waits = citizen_message.c.state == "new"
sa.Index(
    "ix_citizen_message_waiting",
    citizen_message.c.event_id,
    citizen_message.c.received_at,
    sqlite_where=_waits,
    postgresql_where=_waits,
)
sa.Index("ix_citizen_message_newest", citizen_message.c.received_at.desc())
sa.Index("ix_citizen_message_call", citizen_message.c.call_id)
sa.Index("ix_citizen_message_sender", citizen_message.c.sender)

citizen_media = sa.Table(
    "citizen_media",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("message_id", _Text, sa.ForeignKey("citizen_message.id"), nullable=False),
    sa.Column("sha256", _Text, nullable=False),  # of the file as it came: the same is kept once
    sa.Column("kind", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("media_type", _Text),  # none: its file was removed
    sa.UniqueConstraint("message_id", "sha256", name="uq_citizen_media_sha256"),
)

citizen_file = sa.Table(
    "citizen_file",
    metadata,
    sa.Column("media_id", _Text, sa.ForeignKey("citizen_media.id"), primary_key=True),
    sa.Column("content", _Text, nullable=False),
)

sender_mark = sa.Table(
    "sender_mark",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("sender", _Text, nullable=False),
    sa.Column("channel", _Text, nullable=False),
    sa.Column("by", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
    sa.Column("until", _Time, nullable=False),
    sa.Column("ended_by", _Text),
    sa.Column("ended_at", _Time),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
)
sa.Index("ix_sender_mark_sender", sender_mark.c.sender, sender_mark.c.until)
