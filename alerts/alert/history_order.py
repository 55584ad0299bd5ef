"""Which alerts a search finds, in which order they come, and where the next page begins.

A search finds what any of its words finds, best match first: a word that stands by itself counts
two, a part of one counts one. Every order ends with the newest first, so that a page has one next.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from alerts.alert.alert_tables import alert
from alerts.alert.alert_views import URGENCY
from alerts.alert.records import NO_VERDICT, AlertFilter
from alerts.store.errors import BadCursor

_URL_SAFE = b"-_"
_ID = re.compile(r"[\x21-\x7e]{1,64}")  # what no database stumbles over
_LONGEST_TEXT = 200
_NEVER_S = 1e12  # sorts an alert that nobody answered behind all others

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class _Key:
    """What is ordered by first, the type that a cursor must hold of it, and which way."""

    value: sa.ColumnElement[Any]
    type: type
    descending: bool


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


def found_by(wanted: AlertFilter) -> list[Condition]:
    """The condition of a search: any of its words is in the alert's, or names its kind."""
    if not wanted.words:
        return []
    return [sa.or_(*(_holds(word, wanted) for word in wanted.words))]


def ordered(query: sa.Select[Any], wanted: AlertFilter) -> sa.Select[Any]:
    """The query in the filter's order, behind its cursor; `sort_value` is what a cursor holds."""
    key = _key(wanted)
    newest_last = wanted.sort == "raised_at" and not wanted.descending
    tail = (alert.c.raised_at, alert.c.id)
    order = [each.asc() if newest_last else each.desc() for each in tail]
    if key is not None:
        query = query.add_columns(key.value.label("sort_value"))
        order.insert(0, key.value.desc() if key.descending else key.value.asc())
    if wanted.cursor is not None:
        query = query.where(_behind(wanted.cursor, key, newest_last=newest_last))
    return query.order_by(*order)


def cursor_of(row: sa.Row[Any], wanted: AlertFilter) -> str:
    """Where the page after this row begins."""
    place = [row.raised_at, row.id]
    if _key(wanted) is not None:
        place.insert(0, row.sort_value)
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _key(wanted: AlertFilter) -> _Key | None:
    if wanted.sort == "" and wanted.words:
        return _Key(_score(wanted), int, descending=True)
    made = _SORTS.get(wanted.sort)
    return None if made is None else _Key(*made(), wanted.descending)


def _score(wanted: AlertFilter) -> sa.ColumnElement[int]:
    apart = sa.literal(" ") + alert.c.words + " "
    total: sa.ColumnElement[int] = sa.literal(0)
    for word in wanted.words:
        whole = sa.or_(apart.contains(f" {word} ", autoescape=True), _named(word, wanted))
        total = total + sa.case((whole, 2), (_holds(word, wanted), 1), else_=0)
    return total


def _holds(word: str, wanted: AlertFilter) -> Condition:
    return sa.or_(alert.c.words.contains(word, autoescape=True), _named(word, wanted))


def _named(word: str, wanted: AlertFilter) -> Condition:
    return alert.c.kind.in_(sorted(wanted.kinds_by_word.get(word, ())))


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
    """What a cursor holds; raises `BadCursor` for what is none of ours, or of another order."""
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
    return math.isfinite(value) and abs(value) <= _NEVER_S
