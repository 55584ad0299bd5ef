"""Alert list of the desk and the history page: query, count, columns, cursor."""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_views import URGENCY, alert_query, alerts_of
from thapcanh.alerts.alert.records import NO_VERDICT, AlertFilter, RecordPage
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import box_round
from thapcanh.alerts.store.errors import BadCursor
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import AlertAction
from thapcanh.config.local_time import LOCAL_OFFSET

NEAR_M = 300.0
_MAX_PAGE = 200
_URL_SAFE = b"-_"
_ID = re.compile(r"[\x21-\x7e]{1,64}")  # what no database stumbles over
_LONGEST_TEXT = 200
_NEVER_S = 1e12  # sorts an alert that nobody answered behind all others
Condition = sa.ColumnElement[bool]
_ANSWERED_S = sa.func.coalesce(alert.c.acknowledged_at - alert.c.raised_at, _NEVER_S)
_OUTCOME = sa.func.coalesce(alert.c.verdict, NO_VERDICT)
_SORTS: Mapping[str, Callable[[], tuple[sa.ColumnElement[Any], type]]] = {
    "kind": lambda: (alert.c.kind, str),
    "camera": lambda: (alert.c.camera_name, str),
    "agency": lambda: (sa.func.coalesce(alert.c.agency, ""), str),
    "answered": lambda: (_ANSWERED_S, float),
    "urgency": lambda: (URGENCY, int),
    "outcome": lambda: (_OUTCOME + sa.func.coalesce(alert.c.reject_reason, ""), str),
}


def page_of_alerts(connection: sa.Connection, requested: AlertFilter) -> RecordPage:
    """Return one page of alerts, newest first by default."""
    limit = max(1, min(requested.limit, _MAX_PAGE))
    query = alert_query().where(*owned_by(alert, requested.scope), *filter_conditions(requested))
    rows = connection.execute(ordered(query, requested).limit(limit + 1)).all()
    items = alerts_of(connection, rows[:limit])
    more = len(rows) > limit
    return RecordPage(
        items=tuple(items), next=cursor_of(rows[limit - 1], requested) if more else None
    )


def filter_conditions(requested: AlertFilter) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a filter without its scope."""
    conditions: list[sa.ColumnElement[bool]] = []
    for column, values in (
        (alert.c.state, requested.states),
        (alert.c.kind, requested.kinds),
        (alert.c.camera_id, requested.cameras),
        (alert.c.area, requested.areas),
        (alert.c.agency, requested.agencies),
        (sa.func.coalesce(alert.c.verdict, NO_VERDICT), requested.outcomes),
        (alert.c.reject_reason, requested.reject_reasons),
        (alert.c.rule_id, requested.rules),
    ):
        if values:
            conditions.append(column.in_(sorted(values)))
    conditions += _found_by(requested) + _at_time_of_day(requested) + _near(requested)
    if requested.exercise is not None:
        conditions.append(alert.c.exercise.is_(requested.exercise))
    if requested.shelved is not None:
        on_shelf = alert.c.shelf_id.is_not(None)
        conditions.append(on_shelf if requested.shelved else sa.not_(on_shelf))
    if requested.since is not None:
        conditions.append(alert.c.raised_at >= requested.since)
    if requested.until is not None:
        conditions.append(alert.c.raised_at < requested.until)
    return conditions


def count_up_to(database: Database, requested: AlertFilter, limit: int) -> int:
    """Return how many alerts fit a filter, up to `limit`."""
    query = (
        sa.select(alert.c.id)
        .where(*owned_by(alert, requested.scope), *filter_conditions(requested))
        .limit(limit)
    )
    with database.reading() as connection:
        found = connection.execute(sa.select(sa.func.count()).select_from(query.subquery()))
        return int(found.scalar_one())


def notes_of(database: Database, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return officers' notes on these alerts in order."""
    query = sa.select(action_log.c.object_id, action_log.c.note).where(
        action_log.c.object_id.in_(ids), action_log.c.note.is_not(None)
    )
    found: dict[str, list[str]] = {}
    with database.reading() as connection:
        for row in connection.execute(query.order_by(action_log.c.seq)):
            found.setdefault(row.object_id, []).append(row.note)
    return found


def first_takers(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """Return who acknowledged these alerts first."""
    query = sa.select(action_log.c.object_id, action_log.c.actor).where(
        action_log.c.object_id.in_(ids), action_log.c.action == AlertAction.ACKNOWLEDGE.value
    )
    found: dict[str, str] = {}
    with database.reading() as connection:
        for row in connection.execute(query.order_by(action_log.c.seq)):
            found.setdefault(row.object_id, row.actor)
    return found


def _found_by(requested: AlertFilter) -> list[Condition]:
    """Return the conditions of a search: each word occurs or names the kind."""
    return [_holds(word, requested) for word in requested.words]


def _at_time_of_day(requested: AlertFilter) -> list[Condition]:
    """Return the condition of a local time of day; from evening to morning is over midnight."""
    begins, ends = requested.clock_from_s, requested.clock_until_s
    if begins is None and ends is None:
        return []
    local = sa.cast(alert.c.raised_at, sa.BigInteger) + int(LOCAL_OFFSET.total_seconds())
    of_day, from_s, until_s = local % 86_400, begins or 0.0, ends or 86_400.0
    is_over_midnight = from_s > until_s
    joined = sa.or_ if is_over_midnight else sa.and_
    return [joined(of_day >= from_s, of_day < until_s)]


def _near(requested: AlertFilter) -> list[Condition]:
    """Return the condition of a place: the square that holds the circle round it."""
    if requested.near is None:
        return []
    (south, west), (north, east) = box_round(requested.near, NEAR_M)
    return [alert.c.lat.between(south, north), alert.c.lon.between(west, east)]


def ordered(query: sa.Select[Any], requested: AlertFilter) -> sa.Select[Any]:
    """Return the query in the filter's order after its cursor, with the column `sort_value`."""
    key = _key(requested)
    newest_last = requested.sort == "raised_at" and not requested.descending
    tail = (alert.c.raised_at, alert.c.id)
    order = [each.asc() if newest_last else each.desc() for each in tail]
    if key is not None:
        query = query.add_columns(key.value.label("sort_value"))
        order.insert(0, key.value.desc() if key.descending else key.value.asc())
    if requested.cursor is not None:
        query = query.where(_behind(requested.cursor, key, newest_last=newest_last))
    return query.order_by(*order)


def cursor_of(row: sa.Row[Any], requested: AlertFilter) -> str:
    """Return the cursor for the page after this row."""
    place = [row.raised_at, row.id]
    if _key(requested) is not None:
        place.insert(0, row.sort_value)
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


@dataclass(frozen=True, slots=True)
class _Key:
    """First sort key: column, type of its cursor value, and direction."""

    value: sa.ColumnElement[Any]
    type: type
    descending: bool


def _key(requested: AlertFilter) -> _Key | None:
    if requested.sort == "" and requested.words:
        return _Key(_score(requested), int, descending=True)
    made = _SORTS.get(requested.sort)
    return None if made is None else _Key(*made(), requested.descending)


def _score(requested: AlertFilter) -> sa.ColumnElement[int]:
    apart = sa.literal(" ") + alert.c.words + " "
    total: sa.ColumnElement[int] = sa.literal(0)
    for word in requested.words:
        whole = sa.or_(apart.contains(f" {word} ", autoescape=True), _named(word, requested))
        total = total + sa.case((whole, 2), (_holds(word, requested), 1), else_=0)
    return total


def _holds(word: str, requested: AlertFilter) -> Condition:
    return sa.or_(alert.c.words.contains(word, autoescape=True), _named(word, requested))


def _named(word: str, requested: AlertFilter) -> Condition:
    return alert.c.kind.in_(sorted(requested.kinds_by_word.get(word, ())))


def _behind(cursor: str, key: _Key | None, *, newest_last: bool) -> Condition:
    *values, raised_at, alert_id = _place(cursor, None if key is None else key.type)
    at, by_id = alert.c.raised_at, alert.c.id
    beside = sa.and_(at == raised_at, by_id > alert_id if newest_last else by_id < alert_id)
    older = sa.or_(at > raised_at if newest_last else at < raised_at, beside)
    if key is None:
        return older
    value = values[0]
    beyond = key.value < value if key.descending else key.value > value
    return sa.or_(beyond, sa.and_(key.value == value, older))


def _place(cursor: str, first: type | None) -> list[Any]:
    """Return a cursor's values. Raise `BadCursor` if it is invalid or of another order."""
    try:
        place = json.loads(base64.b64decode(cursor, _URL_SAFE, validate=True))
        *values, raised_at, alert_id = place
        place[-2] = float(raised_at)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise BadCursor("the cursor is not one of ours") from error
    is_place = math.isfinite(place[-2]) and isinstance(alert_id, str) and _ID.fullmatch(alert_id)
    if not is_place or not _fits(values, first):
        raise BadCursor("the cursor is not one of ours")
    return list(place)


def _fits(values: list[Any], first: type | None) -> bool:
    if first is None or len(values) != 1:
        return first is None and not values
    value = values[0]
    if first is str:
        return isinstance(value, str) and len(value) <= _LONGEST_TEXT and "\0" not in value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= _NEVER_S  # no NaN, and a whole number of any length may be compared
