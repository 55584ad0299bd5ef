"""Sealed tables and columns, and the seal of a row."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

_CHAIN = "the chain itself: each entry is sealed to the one before it, and its end is signed"
_COUNTED = "checked against the numbers that were given, which are sealed"
_FEED = "what screens still have to be told; dropped after days, and drawn from sealed rows"
_OUT = "what still has to leave, and how it fared; dropped after days. Acts on it are in the log"

UNSEALED: Mapping[str, str] = {
    "action_log": _CHAIN,
    "ledger": _CHAIN,
    "alert_number": _COUNTED,
    "number_series": _COUNTED,
    "producer": _COUNTED,
    "alert_change": _FEED,
    "incident_change": _FEED,
    "outbox_event": _OUT,
    "delivery": _OUT,
    "idempotency": "answers to commands of the last day, for who asks twice",
    "login_attempt": "strangers write it, as often as they like; kept for an hour",
    "camera_habit": "learned again each hour from what each camera sees; no verdict hangs on it",
    "camera_span": "a row a camera a change, thousands a minute when a district loses power; each "
    "outage is an alert too",
    "centre": "moved on every few seconds while a centre lives; who removes one is in the log",
    "siem_position": "moved on every second; the receiver holds the log's own seals",
    "unit_track": "a row a second and vehicle, told by their devices; kept for some days",
    "haze_camera": "the weather of the moment, measured again",
    "link_state": "moved on every few seconds while a link lives; its acts are in the log",
    "link_item": _OUT,
    "link_received": "how far another site's items were applied; what they did is sealed",
}
_MOVES = "moves all the time without an act of anybody"

UNSEALED_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "alert": dict.fromkeys(
        ("pushed_at", "rendered_at"), "when a screen had it; measured, and no act"
    ),
    "episode_event": {"last_at": "moves with each sighting; the sightings are sealed events"},
    "recorded_span": {"until": "moved on every minute while the centre runs"},
    "api_token": {"used_at": _MOVES},
    "unit": dict.fromkeys(("lat", "lon", "position_at", "updated_at"), _MOVES),
    "device_signal": {"folded": "counts repeats, hundreds a minute"},
}


@dataclass(frozen=True, eq=False, slots=True)
class SealForm:
    """Tables and columns that seals of a version leave out."""

    tables: Collection[str]
    columns: Mapping[str, Collection[str]]


TODAY = SealForm(UNSEALED, UNSEALED_COLUMNS)

_AS_STORED: Sequence[tuple[type, Callable[[Any], Any]]] = (
    (sa.Boolean, bool),
    (sa.Integer, int),
    (sa.Float, float),
    (sa.String, str),
)
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def is_sealed(table: sa.Table, form: SealForm = TODAY) -> bool:
    return table.name not in form.tables


def sealed_columns(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    return _columns(table, TODAY)


def key_of(table: sa.Table, row: Mapping[str, Any]) -> str:
    """Return a row's primary key as text."""
    values = [_stored(one, row[one.name]) for one in table.primary_key.columns]
    return str(values[0]) if len(values) == 1 else json.dumps(values, ensure_ascii=False)


def seal_of(table: sa.Table, row: Mapping[str, Any], form: SealForm = TODAY) -> str:
    """Hexadecimal sha256 of a row's sealed columns, whichever database it came from."""
    retained = {}
    for name, as_stored in _sealed_names(table, form):
        if (value := row[name]) is not None:
            retained[name] = value if type(value) is as_stored else as_stored(value)
    return hashlib.sha256(_as_json(retained).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _sealed_names(table: sa.Table, form: SealForm) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Return the sealed columns in order, each with its conversion."""
    return tuple(sorted((one.name, _change_of(one)) for one in _columns(table, form)))


@cache
def _columns(table: sa.Table, form: SealForm) -> tuple[sa.Column[Any], ...]:
    left_out = form.columns.get(table.name, ())
    return tuple(one for one in table.columns if one.name not in left_out)


def _stored(column: sa.Column[Any], value: Any) -> Any:
    """Return a value as the database returns it. Raise `KeyError` for an unknown column type."""
    return _change_of(column)(value)


def _change_of(column: sa.Column[Any]) -> Callable[[Any], Any]:
    kind: type = type(column.type)
    return _as_stored(kind)


@cache
def _as_stored(kind: type) -> Callable[[Any], Any]:
    for existing, change in _AS_STORED:
        if issubclass(kind, existing):
            return change
    raise KeyError(kind.__name__)
