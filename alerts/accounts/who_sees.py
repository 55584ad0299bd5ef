"""Who sees by an account of another's: by its session, or by what it let in; and since when.

Every function takes the connection of a transaction that reads.
"""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from thapcanh.alerts.accounts.account_tables import api_token, login_attempt, session, user


def who_sees(connection: sa.Connection, prefix: str, now: float) -> list[str]:
    """The accounts whose names begin so that see: by a session, a wall's, or a token in force."""
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
    """When each was let in last; none for who was not within `SUCCESSES_KEPT_S`."""
    attempt = login_attempt.c
    query = sa.select(attempt.username, sa.func.max(attempt.at)).where(
        attempt.username.in_(names), attempt.succeeded.is_(True)
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(attempt.username))}
