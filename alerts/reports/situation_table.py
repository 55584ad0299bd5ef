"""What leaders wrote beside the figures of a period. Rows are only ever added: each is a version.

`scope` names whose figures it stands beside, so that no agency reads another's words.
"""

import sqlalchemy as sa

from alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

situation_text = sa.Table(
    "situation_text",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("period", _Text, nullable=False),  # `CalendarSpan.key`
    sa.Column("scope", _Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("text", _Text, nullable=False),
    sa.Column("by", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
    sa.UniqueConstraint("period", "scope", "version", name="uq_situation_text_version"),
)
