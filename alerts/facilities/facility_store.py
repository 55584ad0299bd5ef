"""Facilities in the archive, read and changed within a scope; thread-safe.

Changes are written whole and logged; long lists are written in parts, so that an alert never waits
for a whole list.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.facilities.facilities import (
    REACH_M,
    Facility,
    FacilityContact,
    FacilityFacts,
    NearFacility,
    apart_m,
)
from thapcanh.alerts.facilities.facility_file import same_key
from thapcanh.alerts.facilities.facility_tables import facility
from thapcanh.alerts.store.audit_log import add_act
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import Position, box_round
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import Actor, DataFilter

_AS_TEXT = frozenset({"outline", "contacts", "hazards"})


def facility_of(row: sa.Row[Any]) -> Facility:
    same = {
        name: getattr(row, name)
        for name in FacilityFacts.__dataclass_fields__
        if name not in _AS_TEXT
    }
    facts = FacilityFacts(
        **same,
        outline=_outline_of(row),
        contacts=tuple(FacilityContact(**one) for one in json.loads(row.contacts)),
        hazards=tuple(json.loads(row.hazards)),
    )
    return Facility(id=row.id, facts=facts, written_by=row.written_by, written_at=row.written_at)


def far_of(row: sa.Row[Any], place: Position) -> float:
    """Return the metres from a place to the facility of a row with a position."""
    return apart_m(place, (row.lat, row.lon), _outline_of(row))


def _outline_of(row: sa.Row[Any]) -> tuple[Position, ...]:
    return tuple((lat, lon) for lat, lon in json.loads(row.outline)) if row.outline else ()


def values_of_facts(facts: FacilityFacts) -> dict[str, Any]:
    values = asdict(facts)
    for name in _AS_TEXT:
        values[name] = json.dumps(values[name], ensure_ascii=False)
    words = plain(facts.code, facts.name, facts.address).split()
    return values | {
        "outline": values["outline"] if facts.outline else None,
        "words": "".join(f" {word}" for word in words),
    }


MOST = 500


class FacilityCodeConflict(AlertsError):
    """Conflict of codes within an agency; `written` is how many were stored before."""

    def __init__(self, code: str, written: int = 0) -> None:
        self.written = written
        super().__init__(code)


_PART = 250
_THERE = facility.c.removed_at.is_(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityQuery:
    """Query: words, around a place, or all by name; `limit` after `skip`."""

    words: str = ""
    place: Position | None = None
    within_m: float = 150.0
    limit: int = 50
    skip: int = 0
    scope: DataFilter = field(default_factory=DataFilter)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityWrite:
    """A facility of a list: new where `id` is None, else as it is to be."""

    id: str | None
    facts: FacilityFacts


class FacilityRepository:
    """Repository of facilities."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def page(self, requested: FacilityQuery) -> list[NearFacility]:
        """Return matching visible facilities: by distance from a place, else by name."""
        if requested.place is not None:
            return self._near(requested, requested.place)
        words = plain(requested.words).split()
        query = self._fitting(words, requested.scope)
        if words:
            starts = facility.c.words.contains(f" {' '.join(words)}", autoescape=True)
            query = query.order_by(sa.case((starts, 0), else_=1), sa.func.length(facility.c.name))
        query = query.order_by(facility.c.name, facility.c.id)
        with self._db.reading() as connection:
            rows = connection.execute(query.limit(requested.limit).offset(requested.skip)).all()
        return [NearFacility(facility=facility_of(row)) for row in rows]

    def count(self, scope: DataFilter) -> int:
        query = sa.select(sa.func.count()).select_from(facility)
        with self._db.reading() as connection:
            return int(
                connection.execute(query.where(_THERE, *owned_by(facility, scope))).scalar_one()
            )

    def all(self, scope: DataFilter) -> list[Facility]:
        query = sa.select(facility).where(_THERE, *owned_by(facility, scope))
        with self._db.reading() as connection:
            return [facility_of(row) for row in connection.execute(query)]

    def taken_codes(self, facts: Iterable[FacilityFacts]) -> set[tuple[str | None, str]]:
        """Return the agencies and codes that existing facilities already have."""
        agencies = {one.agency for one in facts if one.code}
        query = sa.select(facility.c.agency, facility.c.code).where(
            facility.c.code.is_not(None), _THERE
        )
        with self._db.reading() as connection:
            found = connection.execute(query) if agencies else ()
            return {(agency, code) for agency, code in found if agency in agencies}

    def one(self, facility_id: str, scope: DataFilter) -> Facility | None:
        matching = (facility.c.id == facility_id, _THERE, *owned_by(facility, scope))
        with self._db.reading() as connection:
            row = connection.execute(sa.select(facility).where(*matching)).one_or_none()
        return None if row is None else facility_of(row)

    def add(self, actor: Actor, facts: FacilityFacts, now: float) -> str:
        """Store a new facility; return its id. Raise `FacilityCodeConflict`."""
        facility_id = str(uuid7())
        with self._db.writing() as connection:
            _refuse_code_of_another(connection, facts, facility_id)
            self._put(connection, actor, [FacilityWrite(id=None, facts=facts)], now, [facility_id])
            add_act(connection, actor, ("facility_added", facility_id), now, {"name": facts.name})
        return facility_id

    def change(self, actor: Actor, facility_id: str, facts: FacilityFacts, now: float) -> bool:
        """Replace a facility; return False if the actor cannot see it.

        Raise `FacilityCodeConflict`.
        """
        with self._db.writing() as connection:
            if not self._is_seen(connection, actor, facility_id):
                return False
            _refuse_code_of_another(connection, facts, facility_id)
            write = FacilityWrite(id=facility_id, facts=facts)
            self._put(connection, actor, [write], now, [])
            add_act(connection, actor, ("facility_changed", facility_id), now, {"name": facts.name})
        return True

    def remove(self, actor: Actor, facility_id: str, now: float) -> bool:
        """Remove a facility; return False if the actor sees none."""
        removed = {"removed_by": actor.username, "removed_at": now}
        with self._db.writing() as connection:
            if not self._is_seen(connection, actor, facility_id):
                return False
            matching = facility.c.id == facility_id
            connection.execute(sa.update(facility).where(matching).values(removed))
            add_act(connection, actor, ("facility_removed", facility_id), now, {})
        return True

    def write_list(
        self, actor: Actor, writes: Sequence[FacilityWrite], now: float
    ) -> list[FacilityWrite]:
        """Write a checked list in parts, each logged with its count; return what was done.

        Concurrently added entries are changed. Raise `FacilityCodeConflict` if such an entry is not
        visible; earlier parts stay.
        """
        written: list[FacilityWrite] = []
        for first in range(0, len(writes), _PART):
            with self._db.writing() as connection:
                part = _with_concurrent_changes(connection, actor, writes, first)
                new = [str(uuid7()) for one in part if one.id is None]
                self._put(connection, actor, part, now, new)
                counts = {"added": len(new), "changed": len(part) - len(new)}
                add_act(connection, actor, ("facilities_imported", "facilities"), now, counts)
            written += part
        return written

    def _near(self, requested: FacilityQuery, place: Position) -> list[NearFacility]:
        """Return facilities near a place; full rows are only read for the nearest."""
        may_reach = sa.or_(facility.c.outline.is_not(None), _in_box(place, requested.within_m))
        fitting = self._fitting(plain(requested.words).split(), requested.scope)
        where: sa.Select[Any] = fitting.with_only_columns(
            facility.c.id, facility.c.lat, facility.c.lon, facility.c.outline
        ).where(_in_box(place, requested.within_m + REACH_M), may_reach)
        with self._db.reading() as connection:
            apart = [(far_of(row, place), row.id) for row in connection.execute(where)]
            near = sorted(pair for pair in apart if pair[0] <= requested.within_m)
            cut = near[requested.skip : requested.skip + requested.limit]
            matching = facility.c.id.in_([name for _, name in cut])
            rows = connection.execute(sa.select(facility).where(matching)).all() if cut else []
        existing = {row.id: facility_of(row) for row in rows}
        return [NearFacility(facility=existing[name], distance_m=far) for far, name in cut]

    @staticmethod
    def _fitting(words: Sequence[str], scope: DataFilter) -> sa.Select[Any]:
        """Return the query of facilities in whose text each word starts a word."""
        started = (facility.c.words.contains(f" {word}", autoescape=True) for word in words)
        return sa.select(facility).where(_THERE, *owned_by(facility, scope), *started)

    @staticmethod
    def _is_seen(connection: sa.Connection, actor: Actor, facility_id: str) -> bool:
        matching = (facility.c.id == facility_id, _THERE, *owned_by(facility, actor.scope))
        return connection.execute(sa.select(facility.c.id).where(*matching)).first() is not None

    @staticmethod
    def _put(
        connection: sa.Connection,
        actor: Actor,
        writes: Sequence[FacilityWrite],
        now: float,
        new_ids: Sequence[str],
    ) -> None:
        by = {"written_by": actor.username, "written_at": now}
        ids = iter(new_ids)
        new = [
            {"id": next(ids), **values_of_facts(one.facts), **by}
            for one in writes
            if one.id is None
        ]
        if new:
            connection.execute(sa.insert(facility), new)
        for one in writes:
            if one.id is not None:
                matching = sa.update(facility).where(facility.c.id == one.id)
                connection.execute(matching.values(values_of_facts(one.facts) | by))


def _in_box(place: Position, within_m: float) -> sa.ColumnElement[bool]:
    (south, west), (north, east) = box_round(place, within_m)
    return sa.and_(facility.c.lat.between(south, north), facility.c.lon.between(west, east))


def _with_concurrent_changes(
    connection: sa.Connection, actor: Actor, all_writes: Sequence[FacilityWrite], first: int
) -> list[FacilityWrite]:
    """Return a part with concurrent changes: added entries are changed, removed ones added."""
    writes = all_writes[first : first + _PART]
    named = facility.c.id.in_([one.id for one in writes if one.id is not None])
    standing = set(connection.execute(sa.select(facility.c.id).where(_THERE, named)).scalars())
    new = [one.facts for one in writes if one.id not in standing]
    same = sa.or_(
        facility.c.code.in_([one.code for one in new if one.code]),
        facility.c.name.in_([one.name for one in new]),
    )
    there = {
        same_key(found.facts): found.id
        for found in map(facility_of, connection.execute(sa.select(facility).where(_THERE, same)))
    }
    visible_ids = sa.select(facility.c.id).where(
        facility.c.id.in_(there.values()), *owned_by(facility, actor.scope)
    )
    visible = set(connection.execute(visible_ids).scalars()) if there else set()
    existing: list[FacilityWrite] = []
    for one in writes:
        found = one.id if one.id in standing else there.get(same_key(one.facts))
        if found is not None and found not in standing and found not in visible:
            raise FacilityCodeConflict(one.facts.code or one.facts.name, first)
        existing.append(FacilityWrite(id=found, facts=one.facts))
    return existing


def _refuse_code_of_another(
    connection: sa.Connection, facts: FacilityFacts, facility_id: str
) -> None:
    if facts.code is None:
        return
    same = (
        facility.c.code == facts.code,
        facility.c.agency.is_not_distinct_from(facts.agency),
        facility.c.id != facility_id,
        _THERE,
    )
    if connection.execute(sa.select(facility.c.id).where(*same)).first() is not None:
        raise FacilityCodeConflict(facts.code)
