"""Suggestions for an incident: other open ones, and alerts in none. Read only."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.incident_views import LAST_AT
from thapcanh.alerts.incidents.kinds import ClassGroup, alert_kinds, kind_of_alert
from thapcanh.alerts.incidents.suggestion import Happening, SuggestionSettings, suggested
from thapcanh.alerts.store.distance import box_round
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter

_MOST_ROWS = 200
_OPEN = (AlertState.NEW.value, AlertState.ACKNOWLEDGED.value, AlertState.CONFIRMED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedMember:
    """Suggested member: an incident, or an alert without one."""

    type: MemberType
    id: str
    number: str
    kind: str
    place: str | None
    at: float  # when it began
    distance_m: float
    apart_s: float


def suggested_incidents(
    connection: sa.Connection, reported: Happening, scope: DataFilter, settings: SuggestionSettings
) -> list[SuggestedMember]:
    """Return open incidents that may match the report, the nearest first."""
    of_group = (incident.c.class_group == reported.group.value,)
    return _suggested_incidents(connection, reported, scope, settings, of_group)


def incidents_of_any_kind(
    connection: sa.Connection, reported: Happening, scope: DataFilter, settings: SuggestionSettings
) -> list[SuggestedMember]:
    return _suggested_incidents(connection, reported, scope, settings, ())


def _suggested_incidents(
    connection: sa.Connection,
    reported: Happening,
    scope: DataFilter,
    settings: SuggestionSettings,
    of_group: tuple[sa.ColumnElement[bool], ...],
) -> list[SuggestedMember]:
    query = sa.select(incident, LAST_AT.label("until")).where(
        incident.c.closed_at.is_(None),
        *of_group,
        incident.c.opened_at <= reported.until + settings.within_s,
        reported.since - settings.within_s <= LAST_AT,
        *_in_box(incident, reported, settings),
        *owned_by(incident, scope),
    )
    newest_first = query.order_by(incident.c.opened_at.desc()).limit(_MOST_ROWS)
    rows = {row.id: row for row in connection.execute(newest_first)}
    others = [
        Happening(
            id=row.id,
            group=ClassGroup(row.class_group) if of_group else reported.group,
            position=(row.lat, row.lon),
            since=min(row.opened_at, row.last_at),
            until=row.until,
        )
        for row in rows.values()
    ]
    return [
        _shown(MemberType.INCIDENT, rows[one.id], one.distance_m, one.apart_s)
        for one in suggested(reported, others, settings)
    ]


def suggested_alerts(
    connection: sa.Connection, reported: Happening, scope: DataFilter, settings: SuggestionSettings
) -> list[SuggestedMember]:
    """Return alerts without an incident that may match the report, the nearest first."""
    in_incident = sa.exists().where(
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id == alert.c.id,
        incident_member.c.left_at.is_(None),
    )
    earliest, latest = reported.since - settings.within_s, reported.until + settings.within_s
    query = sa.select(alert).where(
        alert.c.raised_at <= latest,
        sa.or_(  # each by an index of its own: what came then, and what was open then
            alert.c.raised_at >= earliest,
            sa.and_(alert.c.state.in_(_OPEN), alert.c.last_seen_at >= earliest),
        ),
        alert.c.kind.in_(sorted(alert_kinds(reported.group))),
        alert.c.exercise.is_(False),
        sa.not_(in_incident),
        *_in_box(alert, reported, settings),
        *owned_by(alert, scope),
    )
    newest_first = query.order_by(alert.c.raised_at.desc(), alert.c.id.desc()).limit(_MOST_ROWS)
    rows = {row.id: row for row in connection.execute(newest_first)}
    others = [
        Happening(
            id=row.id,
            group=reported.group,
            position=(row.lat, row.lon),
            since=row.raised_at,
            until=row.last_seen_at,
        )
        for row in rows.values()
    ]
    return [
        _shown(MemberType.ALERT, rows[one.id], one.distance_m, one.apart_s)
        for one in suggested(reported, others, settings)
    ]


def _in_box(
    table: sa.Table, reported: Happening, settings: SuggestionSettings
) -> tuple[sa.ColumnElement[bool], ...]:
    south_west, north_east = box_round(reported.position, settings.within_m)
    return (
        table.c.lat.between(south_west[0], north_east[0]),
        table.c.lon.between(south_west[1], north_east[1]),
    )


def _shown(of: MemberType, row: sa.Row[Any], distance_m: float, apart_s: float) -> SuggestedMember:
    kind = row.kind if of is MemberType.INCIDENT else kind_of_alert(row.kind).value
    place = row.place if of is MemberType.INCIDENT else row.camera_name
    return SuggestedMember(
        type=of,
        id=row.id,
        number=row.number,
        kind=kind,
        place=place,
        at=row.opened_at if of is MemberType.INCIDENT else row.raised_at,
        distance_m=distance_m,
        apart_s=apart_s,
    )
