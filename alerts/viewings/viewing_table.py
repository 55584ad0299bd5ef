"""Who saw what: one row a viewing, beside its entry in the action log, which is what proves it."""

import sqlalchemy as sa

from alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

viewing = sa.Table(
    "viewing",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", _Time, nullable=False),
    sa.Column("username", _Text, nullable=False),
    sa.Column("role", _Text, nullable=False),
    sa.Column("what", _Text, nullable=False),
    sa.Column("object_id", _Text, nullable=False),
    sa.Column("camera", _Text),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("ground", _Text, nullable=False),
)
sa.Index("ix_viewing_at", viewing.c.at.desc())
