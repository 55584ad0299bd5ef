"""Accounts with access through another account, by session or token.

Every function takes the connection of a reading transaction.
"""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from thapcanh.alerts.accounts.account_tables import api_token, login_attempt, session, user


def who_sees(connection: sa.Connection, prefix: str, now: float) -> list[str]:
    """Return accounts with this prefix that have access: session, wall, or valid token."""
    name = sa.func.coalesce(user.c.made_by, user.c.username)
    query = sa.select(name).join(session, session.c.username == user.c.username)
    by_session = query.where(name.startswith(prefix, autoescape=True), session.c.expires_at > now)
    by_token = sa.select(api_token.c.made_by).where(
        api_token.c.made_by.startswith(prefix, autoescape=True),
        api_token.c.expires_at > now,
        api_token.c.revoked_at.is_(None),
    )
    return sorted(connection.execute(sa.union(by_session, by_token)).scalars())


def last_logins(connection: sa.Connection, names: Collection[str]) -> Mapping[str, float]:
    """Return the last login of each account within `SUCCESSES_RETAINED_S`."""
    attempt = login_attempt.c
    query = sa.select(attempt.username, sa.func.max(attempt.at)).where(
        attempt.username.in_(names), attempt.succeeded.is_(True)
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(attempt.username))}
