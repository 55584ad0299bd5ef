"""Repository of incidents; thread-safe.

Every method is one transaction. Raises `ArchiveError`s.
"""

import json
from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident
from thapcanh.alerts.incidents.incident_views import (
    ProcedureTick,
    incident_page,
    one_incident,
    ticks_of,
)
from thapcanh.alerts.incidents.kinds import GROUPS, ClassGroup
from thapcanh.alerts.incidents.membership import live_member, told_by
from thapcanh.alerts.incidents.opening import open_incident
from thapcanh.alerts.incidents.records import (
    Incident,
    IncidentFilter,
    IncidentPage,
    IncidentPlace,
    NewIncident,
)
from thapcanh.alerts.incidents.rows.row_records import Source, Worklist, WorklistFilter, WorklistRow
from thapcanh.alerts.incidents.rows.sources import one_source
from thapcanh.alerts.incidents.rows.worklist import row_of, worklist_page
from thapcanh.alerts.incidents.suggestion import Happening, SuggestionSettings
from thapcanh.alerts.incidents.suggestions import (
    SuggestedMember,
    incidents_of_any_kind,
    suggested_alerts,
    suggested_incidents,
)
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.idempotent import digest_of, earlier_answer, remember
from thapcanh.alerts.store.roles import EVERYTHING, Actor, DataFilter

_REQUESTED_AT_ONCE = 10_000  # PostgreSQL takes 65,535 values, and a year has more incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedIncident:
    """An incident that was opened by hand, now or by the same key before."""

    incident: Incident
    replayed: bool


class IncidentRepository:
    """Opens incidents, lists them, and carries out commands on them."""

    def __init__(self, database: Database, settings: SuggestionSettings | None = None) -> None:
        self._db = database
        self._settings = settings or SuggestionSettings()

    def open(self, actor: Actor, new: NewIncident, key: str, now: float) -> OpenedIncident:
        """Open an incident by hand, once per key. Raise `KeyReused`."""
        with self._db.writing() as connection:
            earlier = earlier_answer(connection, actor.username, key, digest_of(new))
            if earlier is not None:
                found = one_incident(connection, json.loads(earlier), EVERYTHING)
                if found is not None:
                    return OpenedIncident(incident=found, replayed=True)
            incident_id = open_incident(connection, new, now, actor)
            answers = {key: (digest_of(new), json.dumps(incident_id))}
            remember(connection, actor.username, answers, now)
            made = one_incident(connection, incident_id, EVERYTHING)
            assert made is not None  # noqa: S101 - it was written in this transaction
            return OpenedIncident(incident=made, replayed=False)

    def page(self, request: IncidentFilter) -> IncidentPage:
        """Return one page of incidents. Raise `BadCursor`."""
        with self._db.reading() as connection:
            return incident_page(connection, request)

    def worklist(self, request: WorklistFilter) -> Worklist:
        """One page of the desk's list; raise `BadCursor`."""
        with self._db.reading() as connection:
            return worklist_page(connection, request)

    def row(self, incident_id: str, scope: DataFilter) -> WorklistRow | None:
        """Return an incident with all its sources, or None if the scope may not see it."""
        with self._db.reading() as connection:
            return row_of(connection, incident_id, scope)

    def source(
        self, incident_id: str, of: MemberType, source_id: str, scope: DataFilter
    ) -> Source | None:
        """One source of an incident, or None where the scope sees none."""
        with self._db.reading() as connection:
            return one_source(connection, incident_id, of, source_id, scope)

    def one(self, incident_id: str, scope: DataFilter) -> Incident | None:
        """Return the incident, or None if the scope may not see it."""
        with self._db.reading() as connection:
            return one_incident(connection, incident_id, scope)

    def ticks(self, incident_id: str) -> list[ProcedureTick]:
        with self._db.reading() as connection:
            return ticks_of(connection, incident_id)

    def suggestions(self, found: Incident, scope: DataFilter) -> list[SuggestedMember]:
        """Return possible duplicates: open incidents, then alerts without an incident."""
        position = found.place.position
        if position is None:
            return []
        reported = Happening(
            id=found.id,
            group=GROUPS[found.kind],
            position=position,
            since=min(found.opened_at, found.last_at),
            until=found.last_at,
        )
        return self.near(reported, scope)

    def near(self, reported: Happening, scope: DataFilter) -> list[SuggestedMember]:
        """Return possible duplicates of a report that is no incident yet."""
        with self._db.reading() as connection:
            incidents = suggested_incidents(connection, reported, scope, self._settings)
            return incidents + suggested_alerts(connection, reported, scope, self._settings)

    def near_message(
        self, place: IncidentPlace, times: tuple[float, float], scope: DataFilter
    ) -> list[SuggestedMember]:
        """Return open incidents of any kind near a citizen's message."""
        if place.position is None:
            return []
        reported = Happening(
            id="",
            group=ClassGroup.OTHER,
            position=place.position,
            since=times[0],
            until=times[1],
        )
        with self._db.reading() as connection:
            return incidents_of_any_kind(connection, reported, scope, self._settings)

    def of_alert(self, alert_id: str, scope: DataFilter) -> Incident | None:
        with self._db.reading() as connection:
            member = live_member(connection, MemberType.ALERT, alert_id)
            if member is None:
                return None
            return one_incident(connection, member.incident_id, scope)

    def near_alert(self, alert_id: str, scope: DataFilter) -> list[SuggestedMember]:
        """Open incidents that an alert may belong to; none where the scope does not see it."""
        with self._db.reading() as connection:
            reported = told_by(connection, MemberType.ALERT, alert_id, scope)
            position = None if reported is None else reported.place.position
            if reported is None or position is None:
                return []
            happening = Happening(
                id="",
                group=GROUPS[reported.kind],
                position=position,
                since=reported.at,
                until=reported.until or reported.at,
            )
            return suggested_incidents(connection, happening, scope, self._settings)

    def open_for_alert(self, actor: Actor, alert_id: str, now: float) -> Incident | None:
        """Open an incident for an alert without one; else return its incident.

        None if the actor may not see the alert or its incident.
        """
        with self._db.writing() as connection:
            reported = told_by(connection, MemberType.ALERT, alert_id, actor.scope)
            if reported is None:
                return None
            member = live_member(connection, MemberType.ALERT, alert_id)
            if member is not None:
                return one_incident(connection, member.incident_id, actor.scope)
            opened = open_incident(connection, reported, now, actor)
            return one_incident(connection, opened, actor.scope)

    def numbers(self, ids: list[str]) -> dict[str, str]:
        query = sa.select(incident.c.id, incident.c.number)
        found: dict[str, str] = {}
        with self._db.reading() as connection:
            for first in range(0, len(ids), _REQUESTED_AT_ONCE):
                some = query.where(incident.c.id.in_(ids[first : first + _REQUESTED_AT_ONCE]))
                found |= {row.id: row.number for row in connection.execute(some)}
        return found
