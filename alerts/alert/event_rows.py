"""Event rows: written with each message, read to close what a lost worker left open."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_rows import IncomingEvent
from thapcanh.alerts.alert.alert_tables import episode_event, event
from thapcanh.alerts.alert.typed_rows import from_column, to_column
from thapcanh.alerts.store.database import Database
from thapcanh.detection.event import Event, EventPhase

_BOX = ("box_x", "box_y", "box_w", "box_h")
# a call that stood by an event is in its reason and in the log, in no column
_PLAIN = tuple(
    name for name in Event.__dataclass_fields__ if name not in ("box", "phase", "reasons", "call")
)


def event_row(arrival: IncomingEvent, alert_id: str | None, folding: str) -> dict[str, Any]:
    """Return the row of a message, with its transport and result."""
    message, observed = arrival.message, arrival.message.event
    return {
        **{name: getattr(observed, name) for name in _PLAIN},
        **dict(zip(_BOX, observed.box, strict=True)),
        "phase": observed.phase,
        "reasons": to_column(observed.reasons),
        "source": message.source,
        "producer_epoch": message.producer_epoch,
        "producer_seq": message.producer_seq,
        "spooled_at": message.spooled_at,
        "queued_at": arrival.queued_at,
        "stored_at": arrival.now,
        "evidence_only": message.evidence_only,
        "evidence_error": message.evidence_error,
        "alert_id": alert_id,
        "folding": str(folding),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveEvent:
    """Event that is not cleared: source, kind and camera."""

    event_id: str
    source: str
    kind: str
    camera_id: str


def all_active(connection: sa.Connection) -> list[ActiveEvent]:
    facts = [sa.func.min(event.c[name]).label(name) for name in ("source", "kind", "camera_id")]
    query = sa.select(event.c.event_id, *facts)
    query = query.join(episode_event, episode_event.c.event_id == event.c.event_id)
    query = query.where(episode_event.c.active).group_by(event.c.event_id)
    return [ActiveEvent(**row._mapping) for row in connection.execute(query)]


def active_events(connection: sa.Connection, source: str, limit: int) -> list[Event]:
    """Return the newest message of each uncleared event of a source."""
    return _newest(connection, event.c.source == source, limit)


def newest_of(connection: sa.Connection, event_ids: Collection[str]) -> list[Event]:
    """Return the newest message of each of these uncleared events."""
    return _newest(connection, event.c.event_id.in_(event_ids), len(event_ids))


def _newest(connection: sa.Connection, chosen: sa.ColumnElement[bool], limit: int) -> list[Event]:
    newest_first = (event.c.captured_at.desc(), event.c.producer_seq.desc())
    place = sa.func.row_number().over(partition_by=event.c.event_id, order_by=newest_first)
    query = sa.select(event, place.label("place"))
    query = query.join(episode_event, episode_event.c.event_id == event.c.event_id)
    ranked = query.where(
        chosen, episode_event.c.active, event.c.evidence_only.is_(False)
    ).subquery()
    newest = sa.select(ranked).where(ranked.c.place == 1).limit(limit)
    return [_event(row) for row in connection.execute(newest)]


def raised_by(database: Database, event_ids: Collection[str]) -> dict[str, str]:
    """Return the source of each event's first message."""
    in_order = (event.c.stored_at, event.c.producer_seq)
    place = sa.func.row_number().over(partition_by=event.c.event_id, order_by=in_order)
    query = sa.select(event.c.event_id, event.c.source, place.label("place"))
    messages = query.where(event.c.event_id.in_(event_ids)).subquery()
    first = sa.select(messages.c.event_id, messages.c.source).where(messages.c.place == 1)
    with database.reading() as connection:
        return {row.event_id: row.source for row in connection.execute(first)}


def boxes_at_raise(connection: sa.Connection, alert_id: str) -> dict[str, tuple[float, ...]]:
    """Return the box of each event's first message of an alert: x, y, width, height."""
    query = sa.select(event.c.event_id, *(event.c[name] for name in _BOX))
    query = query.where(event.c.alert_id == alert_id, event.c.evidence_only.is_(False))
    newest_first = query.order_by(event.c.stored_at.desc(), event.c.producer_seq.desc())
    return {row[0]: tuple(row[1:]) for row in connection.execute(newest_first)}


def share_an_event(database: Database, one_id: str, other_id: str) -> bool:
    """Return whether one event belongs to both alerts: it continued after the first closed."""
    one, other = event.alias(), event.alias()
    both = sa.exists().where(
        one.c.alert_id == one_id, other.c.alert_id == other_id, one.c.event_id == other.c.event_id
    )
    with database.reading() as connection:
        return bool(connection.execute(sa.select(both)).scalar_one())


def _event(row: sa.Row[Any]) -> Event:
    return Event(
        phase=EventPhase(row.phase),
        box=(row.box_x, row.box_y, row.box_w, row.box_h),
        reasons=from_column(row.reasons),
        **{name: getattr(row, name) for name in _PLAIN},
    )
