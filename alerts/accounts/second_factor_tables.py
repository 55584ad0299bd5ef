"""Second factors of local accounts: secrets of code generators, authenticators' public keys."""

import sqlalchemy as sa

from alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

second_factor = sa.Table(
    "second_factor",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("username", _Text, sa.ForeignKey("user_account.username"), nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("name", _Text, nullable=False),
    sa.Column("secret", _Text, nullable=False),
    sa.Column("key_id", _Text),
    sa.Column("counter", sa.BigInteger, nullable=False),
    sa.Column("created_at", _Time, nullable=False),
)
sa.Index("ix_second_factor_username", second_factor.c.username)
