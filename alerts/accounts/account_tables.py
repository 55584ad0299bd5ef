"""Tables of accounts, sessions, login attempts, second factors and programs' tokens.

Times are UTC unix seconds.
"""

import sqlalchemy as sa

from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()
user = sa.Table(
    "user_account",
    metadata,
    sa.Column("username", _Text, primary_key=True),
    sa.Column("name", _Text, nullable=False),
    sa.Column("roles", _Text, nullable=False, server_default=""),  # a JSON list
    sa.Column("locale", _Text, nullable=False),
    sa.Column("password_hash", _Text, nullable=False),
    sa.Column("agencies", _Text),
    sa.Column("areas", _Text),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("made_by", _Text),
    sa.Column("unit", _Text),
    sa.Column("password_is_given", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("issuer", _Text),  # with `subject`: whose account of a provider or directory it is
    sa.Column("subject", _Text),
)
sa.Index("ix_user_account_subject", user.c.subject, user.c.issuer)
session = sa.Table(
    "session",
    metadata,
    sa.Column("token_sha256", _Text, primary_key=True),
    sa.Column("username", _Text, sa.ForeignKey("user_account.username"), nullable=False),
    sa.Column("csrf", _Text, nullable=False),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("expires_at", _Time, nullable=False),
)
sa.Index("ix_session_username", session.c.username)
login_attempt = sa.Table(
    "login_attempt",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("username", _Text, nullable=False),
    sa.Column("client", _Text, nullable=False),
    sa.Column("at", _Time, nullable=False),
    sa.Column("succeeded", sa.Boolean, nullable=False),
)
sa.Index("ix_login_attempt_username", login_attempt.c.username, login_attempt.c.at)
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
    sa.Column("made_by", _Text),  # an account, or `console:` and who sat there
)
