"""The few columns of a period's alerts from which a report is counted, streamed.

Only the period is read: alerts through the index on `raised_at`, their log lines through the index
on `object_id`. A page is held at a time, whatever the period's length.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from alerts.archive.engine import Database
from alerts.archive.tables import action_log, alert
from alerts.archive.views import seen_by
from alerts.roles import Action, Scope

_PAGE = 2000
_SPOKE = "spoke"
_LEASE_EXPIRED = "lease_expired"
_TOLD = (Action.ACKNOWLEDGE.value, _SPOKE, _LEASE_EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a report needs of one alert. Times are UTC unix seconds."""

    kind: str
    priority: int
    state: str
    area: str | None
    agency: str | None
    camera_id: str
    camera_name: str
    verdict: str | None
    reject_reason: str | None
    raised_at: float
    stored_at: float
    first_acknowledged_at: float | None
    verdict_at: float | None
    closed_at: float | None
    spoke_at: tuple[float, ...] = ()  # each time it was heard again, a lease's end included
    leases_lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `since`, included, to `until`, excluded; of what the scope may see."""

    since: float
    until: float
    scope: Scope


def counted(database: Database, period: Period) -> Iterator[Counted]:
    """Every alert raised in the period, oldest first; one consistent moment."""
    with database.reading() as connection:
        after: tuple[float, str] = (period.since, "")
        while rows := connection.execute(page_of(period, after)).all():
            lines = _lines(connection, [row.id for row in rows])
            yield from (_counted(row, lines.get(row.id, [])) for row in rows)
            after = (rows[-1].raised_at, rows[-1].id)


def page_of(period: Period, after: tuple[float, str]) -> sa.Select[Any]:
    """The query of the rows after one: the index on time gives them without sorting."""
    columns = [alert.c[name] for name in _COLUMNS]
    beyond = sa.tuple_(alert.c.raised_at, alert.c.id) > sa.tuple_(*after)
    query = sa.select(alert.c.id, *columns).where(
        alert.c.raised_at >= after[0], alert.c.raised_at < period.until, beyond
    )
    real = query.where(alert.c.exercise.is_(False), *seen_by(period.scope))
    in_order = real.order_by(alert.c.raised_at, alert.c.id)
    return in_order.limit(_PAGE)


def lines_of(ids: list[str]) -> sa.Select[Any]:
    """The query of what was done with these alerts."""
    query = sa.select(action_log.c.object_id, action_log.c.action, action_log.c.at)
    return query.where(action_log.c.object_id.in_(ids), action_log.c.action.in_(_TOLD))


_COLUMNS = (
    "kind",
    "priority",
    "state",
    "area",
    "agency",
    "camera_id",
    "camera_name",
    "verdict",
    "reject_reason",
    "raised_at",
    "stored_at",
    "verdict_at",
    "closed_at",
)


def _lines(connection: sa.Connection, ids: list[str]) -> dict[str, list[tuple[str, float]]]:
    found: dict[str, list[tuple[str, float]]] = {}
    for row in connection.execute(lines_of(ids)):
        found.setdefault(row.object_id, []).append((row.action, row.at))
    return found


def _counted(row: sa.Row[Any], lines: list[tuple[str, float]]) -> Counted:
    alone = Counted(first_acknowledged_at=None, **{name: getattr(row, name) for name in _COLUMNS})
    if not lines:
        return alone
    taken = [at for action, at in lines if action == Action.ACKNOWLEDGE.value]
    again = sorted(at for action, at in lines if action != Action.ACKNOWLEDGE.value)
    return replace(
        alone,
        first_acknowledged_at=min(taken, default=None),
        spoke_at=tuple(again),
        leases_lost=sum(action == _LEASE_EXPIRED for action, _ in lines),
    )
