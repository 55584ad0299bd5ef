"""Outcomes of incidents: written by officers, corrected with a trace. Any thread may use it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_tables import GOES_OVER, incident
from thapcanh.alerts.store.audit_log import (
    AuditEntry,
    IncidentChangeRecord,
    add_incident_change,
    add_log,
)
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor
from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Number: sa.Double[float] = sa.Double()

outcome = sa.Table(
    "outcome",
    metadata,
    sa.Column(
        "incident_id", _Text, sa.ForeignKey("incident.id"), primary_key=True, info={GOES_OVER: True}
    ),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("dead", sa.Integer),
    sa.Column("injured", sa.Integer),
    sa.Column("rescued", sa.Integer),
    sa.Column("damage_vnd", _Number),
    sa.Column("area_m2", _Number),
    sa.Column("cause", _Text),
    sa.Column("premises", _Text),
    sa.Column("vehicles", sa.Integer),
    sa.Column("water_m3", _Number),
    sa.Column("by", _Text, nullable=False),
    sa.Column("at", _Number, nullable=False),
)


NOTED = "outcome_noted"


class FireCause(StrEnum):
    """Why it happened, as far as it was found out."""

    ELECTRICAL = "electrical"
    OPEN_FIRE = "open_fire"  # carelessness with fire and heat
    HOT_WORK = "hot_work"  # welding, cutting
    TECHNICAL = "technical"  # of a machine or a process
    GAS = "gas"
    VEHICLE = "vehicle"  # a traffic accident, a vehicle's fault
    ARSON = "arson"
    NATURE = "nature"  # lightning, storm, flood
    SELF_IGNITION = "self_ignition"
    OTHER = "other"
    UNKNOWN = "unknown"  # looked for, not found (yet)


class Premises(StrEnum):
    """Use of the premises."""

    HOUSE = "house"
    SHOP_HOUSE = "shop_house"  # lived in, and traded or made in
    FLATS = "flats"
    ROOMS = "rooms"  # rented rooms
    MARKET = "market"
    WAREHOUSE = "warehouse"
    FACTORY = "factory"
    OFFICE = "office"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    HOTEL = "hotel"
    ENTERTAINMENT = "entertainment"
    VEHICLE = "vehicle"
    POWER_LINE = "power_line"
    OPEN_LAND = "open_land"  # forest, waste, grass
    STREET = "street"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFacts:
    """Outcome of an incident; None means not stated, which is not zero."""

    dead: int | None = None
    injured: int | None = None
    rescued: int | None = None
    damage_vnd: float | None = None
    area_m2: float | None = None
    cause: FireCause | None = None
    premises: Premises | None = None
    vehicles: int | None = None
    water_m3: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Outcome with its author and version."""

    facts: OutcomeFacts
    version: int
    by: str
    at: float


class OutcomeRepository:
    """Reads and writes outcomes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, incident_id: str) -> Outcome | None:
        with self._db.reading() as connection:
            return _one(connection, incident_id)

    def write(
        self, actor: Actor, incident_id: str, facts: OutcomeFacts, seen_version: int, now: float
    ) -> tuple[bool, Outcome | None]:
        """Write an outcome over the version that was seen (0: none).

        Return whether it was written, and the present one; None if the actor may not see the
        incident.
        """
        with self._db.writing() as connection:
            query = sa.select(incident).where(
                incident.c.id == incident_id, *owned_by(incident, actor.scope)
            )
            found = connection.execute(query).one_or_none()
            if found is None:
                return False, None
            before = _one(connection, incident_id)
            version = 0 if before is None else before.version
            if version != seen_version:
                return False, before
            after = Outcome(facts=facts, version=version + 1, by=actor.username, at=now)
            values = {**asdict(facts), "version": after.version, "by": after.by, "at": now}
            if before is None:
                put = sa.insert(outcome).values(incident_id=incident_id, **values)
            else:
                matching = outcome.c.incident_id == incident_id
                put = sa.update(outcome).where(matching).values(values)  # type: ignore[assignment]
            connection.execute(put)
            _report(connection, found, after, actor)
        return True, after


def facts_of(row: Any) -> OutcomeFacts:
    values = {name: getattr(row, name) for name in OutcomeFacts.__dataclass_fields__}
    return OutcomeFacts(
        **values
        | {
            "cause": None if row.cause is None else FireCause(row.cause),
            "premises": None if row.premises is None else Premises(row.premises),
        }
    )


def _one(connection: sa.Connection, incident_id: str) -> Outcome | None:
    query = sa.select(outcome).where(outcome.c.incident_id == incident_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Outcome(facts=facts_of(row), version=row.version, by=row.by, at=row.at)


def _report(connection: sa.Connection, of: sa.Row[Any], after: Outcome, actor: Actor) -> None:
    entry = AuditEntry(
        at=after.at,
        actor=actor.username,
        role=actor.role.value,
        action=NOTED,
        object_id=of.id,
        details={**asdict(after.facts), "outcome_version": after.version},
    )
    add_log(connection, entry)
    change = IncidentChangeRecord(
        incident_id=of.id, version=of.version, kind=NOTED, reason=NOTED, at=after.at
    )
    add_incident_change(connection, change)
