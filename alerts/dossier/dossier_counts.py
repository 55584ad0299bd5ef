"""Counts of an archive for a dossier: decisions, people, troubles, the log. Read only."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.accounts.account_tables import api_token, user
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.incidents.incident_tables import call, incident
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.schema_version import revision_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierCounts:
    """Counts since a time; `troubles` are alerts of the system itself, by kind."""

    since: float
    revision: str | None
    alerts: int
    confirmed: int
    rejected: int
    answered_by: int  # different people who gave a verdict
    calls: int
    incidents: int
    troubles: Mapping[str, int]
    people: Mapping[str, int]  # accounts in force, by their roles as they are written
    tokens: int
    log_entries: int
    log_head: str | None
    log_began_at: float | None


def dossier_counts(database: Database, since: float, now: float) -> DossierCounts:
    observed = (alert.c.raised_at >= since, alert.c.exercise.is_(False))
    own = alert.c.kind.in_(sorted(SYSTEM_KINDS))
    with database.reading() as connection:

        def count(*conditions: sa.ColumnElement[bool]) -> int:
            query = sa.select(sa.func.count()).select_from(alert).where(*observed, *conditions)
            return int(connection.execute(query).scalar_one())

        evaluated = sa.select(sa.func.count(alert.c.verdict_by.distinct())).where(*observed, ~own)
        kinds = (
            sa.select(alert.c.kind, sa.func.count()).where(*observed, own).group_by(alert.c.kind)
        )
        roles = (
            sa.select(user.c.roles, sa.func.count())
            .where(user.c.disabled.is_(False))
            .group_by(user.c.roles)
        )
        tokens = sa.select(sa.func.count()).where(
            api_token.c.revoked_at.is_(None), api_token.c.expires_at > now
        )
        head = sa.select(action_log.c.seq, action_log.c.hash).order_by(action_log.c.seq.desc())
        last = connection.execute(head.limit(1)).one_or_none()
        first = sa.select(sa.func.min(action_log.c.at))
        return DossierCounts(
            since=since,
            revision=revision_of(connection),
            alerts=count(~own),
            confirmed=count(~own, alert.c.verdict == AlertState.CONFIRMED.value),
            rejected=count(~own, alert.c.verdict == AlertState.REJECTED.value),
            answered_by=int(connection.execute(evaluated).scalar_one()),
            calls=_since(connection, call.c.at, since),
            incidents=_since(connection, incident.c.opened_at, since),
            troubles={str(kind): int(n) for kind, n in connection.execute(kinds)},
            people={str(stated): int(n) for stated, n in connection.execute(roles)},
            tokens=int(connection.execute(tokens).scalar_one()),
            log_entries=0 if last is None else int(last.seq),
            log_head=None if last is None else str(last.hash),
            log_began_at=connection.execute(first).scalar_one(),
        )


def _since(connection: sa.Connection, column: sa.Column[float], since: float) -> int:
    query = sa.select(sa.func.count()).where(column >= since)
    return int(connection.execute(query).scalar_one())
