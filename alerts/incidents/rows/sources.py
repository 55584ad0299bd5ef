"""The sources of incidents: cameras' and devices' alerts, calls, messages. Read only.

A few queries a page; of an incident of thousands of sources the first ones are read: what nobody
has seen, then what nobody has judged, then the newest.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.incidents.calls import MESSAGE_LINE
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import assignment, call, incident_member, unit
from thapcanh.alerts.incidents.records import join_reason
from thapcanh.alerts.incidents.rows.row_records import (
    RowUnit,
    Source,
    SourceKind,
    SourceVerdict,
)
from thapcanh.alerts.signals.device_events import RULE as DEVICE_RULE
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter

MOST_IN_A_ROW = 12
MOST_IN_FULL = 200
_VERDICTS = {
    AlertState.CONFIRMED.value: SourceVerdict.TRUE,
    AlertState.REJECTED.value: SourceVerdict.FALSE,
}
_UNJUDGED = sa.case((alert.c.verdict.is_(None) & incident_member.c.verdict.is_(None), 0), else_=1)


def is_source() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition of current members that are sources, not notes."""
    return (
        incident_member.c.left_at.is_(None),
        incident_member.c.type != MemberType.NOTE.value,
    )


def sources_of(
    connection: sa.Connection, incident_ids: Sequence[str], scope: DataFilter, most: int
) -> dict[str, list[Source]]:
    """Return the first `most` sources of each incident that the scope may see."""
    found: dict[str, list[Source]] = defaultdict(list)
    if not incident_ids:
        return found
    order = (
        incident_member.c.unseen_since.is_(None),
        _UNJUDGED,
        incident_member.c.joined_at.desc(),
        incident_member.c.id.desc(),
    )
    number = sa.func.row_number().over(partition_by=incident_member.c.incident_id, order_by=order)
    numbered = (
        sa.select(incident_member.c.id, number.label("number"))
        .outerjoin(alert, _is_alert())
        .where(
            incident_member.c.incident_id.in_(incident_ids),
            *is_source(),
            *owned_by(incident_member, scope),
        )
        .subquery()
    )
    shown = sa.select(numbered.c.id).where(numbered.c.number <= most)
    query = _sources().where(incident_member.c.id.in_(shown))
    joined = (incident_member.c.joined_at, incident_member.c.id)
    for row in connection.execute(query.order_by(*joined)):
        found[row.incident_id].append(_source(row))
    return found


def one_source(
    connection: sa.Connection, incident_id: str, of: MemberType, source_id: str, scope: DataFilter
) -> Source | None:
    """One source of an incident, or None where there is none that the scope may see."""
    query = _sources().where(
        incident_member.c.incident_id == incident_id,
        incident_member.c.type == of.value,
        incident_member.c.member_id == source_id,
        *is_source(),
        *owned_by(incident_member, scope),
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _source(row)


def counts_of(
    connection: sa.Connection, incident_ids: Sequence[str], scope: DataFilter
) -> Mapping[str, Counter[SourceKind]]:
    """How many sources of each kind incidents have."""
    found: dict[str, Counter[SourceKind]] = defaultdict(Counter)
    if not incident_ids:
        return found
    kinds = (incident_member.c.type, alert.c.rule_id == DEVICE_RULE, call.c.line == MESSAGE_LINE)
    query = (
        sa.select(incident_member.c.incident_id, *kinds, sa.func.count())
        .outerjoin(alert, _is_alert())
        .outerjoin(call, _is_call())
        .where(
            incident_member.c.incident_id.in_(incident_ids),
            *is_source(),
            *owned_by(incident_member, scope),
        )
        .group_by(incident_member.c.incident_id, *kinds)
    )
    for incident_id, of, is_device, is_message, count in connection.execute(query):
        kind = _kind(of, is_device=bool(is_device), is_message=bool(is_message))
        found[incident_id][kind] += count
    return found


def units_of(connection: sa.Connection, incident_ids: Sequence[str]) -> dict[str, list[RowUnit]]:
    """Who is out there for each incident, in the order in which they were told."""
    found: dict[str, list[RowUnit]] = defaultdict(list)
    query = (
        sa.select(assignment, unit.c.status)
        .outerjoin(unit, unit.c.id == assignment.c.unit_id)
        .where(assignment.c.incident_id.in_(incident_ids), assignment.c.ended_at.is_(None))
    )
    for row in connection.execute(query.order_by(assignment.c.told_at, assignment.c.id)):
        one = RowUnit(
            assignment_id=row.id,
            unit_id=row.unit_id,
            name=row.told,
            status=row.status if row.answered_at or row.unit_id else None,
            told_at=row.told_at,
            answered_at=row.answered_at,
            due_at=row.due_at,
        )
        found[row.incident_id].append(one)
    return found


def _is_alert() -> sa.ColumnElement[bool]:
    return sa.and_(
        alert.c.id == incident_member.c.member_id,
        incident_member.c.type == MemberType.ALERT.value,
    )


def _is_call() -> sa.ColumnElement[bool]:
    return sa.and_(
        call.c.id == incident_member.c.member_id,
        incident_member.c.type == MemberType.CALL.value,
    )


_OF_ALERT = (
    "number", "camera_name", "camera_id", "kind", "reason", "priority", "raised_at",
    "last_seen_at", "condition", "verdict", "reject_reason", "verdict_by", "verdict_at",
    "cosign_wanted_by", "version", "owner", "state", "rule_id", "corroboration",
)  # fmt: skip
_OF_CALL = ("number", "line", "kind", "said", "caller", "at")


def _sources() -> sa.Select[Any]:
    return (
        sa.select(
            incident_member,
            *(alert.c[name].label(f"alert_{name}") for name in _OF_ALERT),
            *(call.c[name].label(f"call_{name}") for name in _OF_CALL),
        )
        .outerjoin(alert, _is_alert())
        .outerjoin(call, _is_call())
    )


def _kind(of: str, *, is_device: bool, is_message: bool) -> SourceKind:
    match MemberType(of):
        case MemberType.ALERT:
            return SourceKind.DEVICE if is_device else SourceKind.CAMERA
        case MemberType.CALL:
            return SourceKind.MESSAGE if is_message else SourceKind.CALL
        case MemberType.SITE:
            return SourceKind.SITE
        case _:
            return SourceKind.SIGNAL


def _source(row: sa.Row[Any]) -> Source:
    of_alert, of_call = row.alert_number is not None, row.call_number is not None
    own = None if row.verdict is None else SourceVerdict(row.verdict)
    verdict = _VERDICTS.get(row.alert_verdict or "") if of_alert else own
    given = _verdict_of_alert(row) if verdict is not None and of_alert else _verdict_of_member(row)
    return Source(
        type=MemberType(row.type),
        id=row.member_id,
        kind=_kind(
            row.type,
            is_device=row.alert_rule_id == DEVICE_RULE,
            is_message=row.call_line == MESSAGE_LINE,
        ),
        number=row.alert_number or row.call_number,
        name=row.alert_camera_name,
        what=row.alert_kind or row.call_kind,
        text=row.alert_reason if of_alert else row.call_said if of_call else row.words,
        caller=row.call_caller,
        camera_id=row.alert_camera_id,
        priority=row.alert_priority,
        at=row.alert_raised_at or row.call_at or row.joined_at,
        last_at=row.alert_last_seen_at or row.call_at or row.joined_at,
        active=row.alert_condition == AlertCondition.ACTIVE.value,
        joined_at=row.joined_at,
        joined_by=row.by,
        because=join_reason(row.because),
        unseen_since=row.unseen_since,
        verdict=verdict or own,
        verdict_reason=given[0],
        verdict_by=given[1],
        verdict_at=given[2],
        cosign_wanted_by=row.alert_cosign_wanted_by,
        version=row.alert_version,
        owner=row.alert_owner,
        state=None if row.alert_state is None else AlertState(row.alert_state),
        corroborated=row.alert_corroboration is not None,
    )


_Verdict = tuple[str | None, str | None, float | None]


def _verdict_of_alert(row: sa.Row[Any]) -> _Verdict:
    return row.alert_reject_reason, row.alert_verdict_by, row.alert_verdict_at


def _verdict_of_member(row: sa.Row[Any]) -> _Verdict:
    return row.verdict_reason, row.verdict_by, row.verdict_at
