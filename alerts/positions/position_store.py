"""Positions in the archive: units moved and tracks stored, in batches; thread-safe."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_tables import unit
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Number: sa.Double[float] = sa.Double()

unit_track = sa.Table(
    "unit_track",
    metadata,
    sa.Column("unit_id", _Text, primary_key=True),
    sa.Column("at", _Number, primary_key=True),
    sa.Column("lat", _Number, nullable=False),
    sa.Column("lon", _Number, nullable=False),
    sa.Column("received_at", _Number, nullable=False),
)
sa.Index("ix_unit_track_received", unit_track.c.received_at)


_DROPPED_AT_ONCE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPosition:
    """Reported position; `moves` means the unit is there now."""

    unit_id: str
    place: Position
    at: float
    received_at: float
    moves: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPoint:
    """Position of a unit at a time."""

    lat: float
    lon: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingUnit:
    """Owner of a unit, and its last position."""

    id: str
    agency: str | None
    area: str | None
    place: Position | None
    at: float | None


class PositionRepository:
    """Repository of positions."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def units(self) -> dict[str, MovingUnit]:
        names = ("id", "agency", "area", "lat", "lon", "position_at")
        query = sa.select(*(unit.c[name] for name in names)).where(unit.c.removed_at.is_(None))
        with self._db.reading() as connection:
            rows = connection.execute(query).all()
        return {
            row.id: MovingUnit(
                id=row.id,
                agency=row.agency,
                area=row.area,
                place=None if row.lat is None or row.lon is None else (row.lat, row.lon),
                at=row.position_at,
            )
            for row in rows
        }

    def write(self, reported: Sequence[ReportedPosition]) -> None:
        """Move units to their newest position, and store all as tracks."""
        newest = {one.unit_id: one for one in sorted(reported, key=lambda one: one.at) if one.moves}
        moved = [
            {
                "of": name,
                "new_lat": one.place[0],
                "new_lon": one.place[1],
                "new_at": one.at,
                "now": one.received_at,
            }
            for name, one in newest.items()
        ]
        update = (
            sa.update(unit)
            .where(
                unit.c.id == sa.bindparam("of"),
                sa.func.coalesce(unit.c.position_at, 0.0) <= sa.bindparam("new_at"),
            )
            .values(
                lat=sa.bindparam("new_lat"),
                lon=sa.bindparam("new_lon"),
                position_at=sa.bindparam("new_at"),
                updated_at=sa.bindparam("now"),
            )
        )
        with self._db.writing() as connection:
            if moved:
                connection.execute(update, moved)
            _add_points(connection, reported)

    def track(
        self,
        unit_id: str,
        since: float,
        until: float,
        scope: DataFilter = EVERYTHING,
        most: int = 5000,
    ) -> list[TrackPoint] | None:
        """Return a unit's positions in order; None outside the scope."""
        matching = sa.select(unit.c.id).where(unit.c.id == unit_id, *owned_by(unit, scope))
        query = sa.select(unit_track).where(
            unit_track.c.unit_id == unit_id, unit_track.c.at.between(since, until)
        )
        with self._db.reading() as connection:
            if connection.execute(matching).first() is None:
                return None
            rows = connection.execute(query.order_by(unit_track.c.at).limit(most)).all()
        return [TrackPoint(lat=row.lat, lon=row.lon, at=row.at) for row in rows]

    def forget(self, before: float) -> int:
        """Delete part of what was received before a time; return how many rows."""
        old = sa.select(unit_track.c.unit_id, unit_track.c.at).where(
            unit_track.c.received_at < before
        )
        with self._db.writing() as connection:
            rows = connection.execute(old.limit(_DROPPED_AT_ONCE)).all()
            if rows:
                removed = sa.delete(unit_track).where(
                    unit_track.c.unit_id == sa.bindparam("of"),
                    unit_track.c.at == sa.bindparam("then"),
                )
                connection.execute(removed, [{"of": row.unit_id, "then": row.at} for row in rows])
        return len(rows)


def _add_points(connection: sa.Connection, reported: Iterable[ReportedPosition]) -> None:
    """Insert each position once per unit and time."""
    points = {(one.unit_id, one.at): one for one in reported}
    existing = sa.select(unit_track.c.unit_id, unit_track.c.at).where(
        unit_track.c.unit_id.in_(sorted({name for name, _ in points})),
        unit_track.c.at >= min((at for _, at in points), default=0.0),
    )
    there = {(row.unit_id, row.at) for row in connection.execute(existing)}
    rows = [
        {
            "unit_id": one.unit_id,
            "at": one.at,
            "lat": one.place[0],
            "lon": one.place[1],
            "received_at": one.received_at,
        }
        for key, one in points.items()
        if key not in there
    ]
    if rows:
        connection.execute(sa.insert(unit_track), rows)
