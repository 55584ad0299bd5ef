"""Tables of callers' links and of what came by them. Times are UTC unix seconds."""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
_Number: sa.Double[float] = sa.Double()

caller_link = sa.Table(
    "caller_link",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("call_id", _Text, sa.ForeignKey("call.id"), nullable=False),
    sa.Column("code_sha256", _Text, nullable=False, unique=True),
    sa.Column("claim_sha256", _Text),
    sa.Column("live_link", _Text),  # of the phone's picture, where it was opened
    sa.Column("made_by", _Text, nullable=False),
    sa.Column("made_at", _Time, nullable=False),
    sa.Column("expires_at", _Time, nullable=False),
    sa.Column("opened_at", _Time),
    sa.Column("ended_by", _Text),
    sa.Column("ended_at", _Time),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
)
sa.Index("ix_caller_link_call", caller_link.c.call_id)

caller_item = sa.Table(
    "caller_item",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("link_id", _Text, sa.ForeignKey("caller_link.id"), nullable=False),
    sa.Column("call_id", _Text, sa.ForeignKey("call.id"), nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
    sa.Column("text", _Text),
    sa.Column("lat", _Number),
    sa.Column("lon", _Number),
    sa.Column("accuracy_m", _Number),
    sa.Column("bytes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("media_type", _Text),
)
sa.Index("ix_caller_item_call", caller_item.c.call_id, caller_item.c.at)

caller_file = sa.Table(
    "caller_file",
    metadata,
    sa.Column("item_id", _Text, sa.ForeignKey("caller_item.id"), primary_key=True),
    sa.Column("content", _Text, nullable=False),
)
