"""The table of programs' tokens, in the archive's list of tables. Times are UTC unix seconds."""

import sqlalchemy as sa

from alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

api_token = sa.Table(
    "api_token",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("name", _Text, nullable=False),
    sa.Column("token_sha256", _Text, nullable=False, unique=True),
    sa.Column("roles", _Text, nullable=False),
    sa.Column("powers", _Text, nullable=False),
    sa.Column("agencies", _Text),
    sa.Column("areas", _Text),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("expires_at", _Time, nullable=False),
    sa.Column("revoked_at", _Time),
    sa.Column("used_at", _Time),
    sa.Column("senders", _Text),  # JSON; None where it sends no messages of other centres
)
