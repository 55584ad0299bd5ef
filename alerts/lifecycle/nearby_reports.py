"""Fire and smoke reports around a camera, read once per batch and kept up to date."""

from dataclasses import dataclass, field, fields, replace

import sqlalchemy as sa

from thapcanh.alerts.alert.agreement import AgreementSettings, Doubted, agreeing
from thapcanh.alerts.alert.alert_rows import IncomingEvent
from thapcanh.alerts.alert.alert_state import AlertState, RejectReason
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.alert.typed_rows import AlertRow
from thapcanh.alerts.lifecycle.unit_of_work import UnitOfWork
from thapcanh.alerts.signals.device_events import RULE
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.weather.wide_weather import (
    FLAME,
    HELD_PRIORITY,
    SMOKE,
    AreaReport,
    Front,
    WeatherSettings,
    front_around,
    why_local,
)
from thapcanh.config.rules import Priority
from thapcanh.detection.event import Event, EventPhase

MOST = 500
LOOKED_BACK_S = 6 * 3600.0  # fog that lasts longer is known by the cameras that it reaches later
BURNING = (FLAME, SMOKE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BurningAlert:
    """Alert of fire or smoke that this batch has not changed."""

    id: str
    camera_id: str
    camera_name: str
    rule_id: str
    kind: str
    belief: float | None
    priority: int
    state: str
    condition: str
    verdict: str | None
    reject_reason: str | None
    raised_at: float
    last_seen_at: float
    lat: float | None
    lon: float | None


_Burning = BurningAlert | AlertRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSettings:
    """Settings of decisions across cameras."""

    weather: WeatherSettings = field(default_factory=WeatherSettings)
    agreement: AgreementSettings = field(default_factory=AgreementSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An alert that is sure now, and the name of the camera or device that made it so."""

    alert_id: str
    witness: str
    is_device: bool


class Neighbourhood:
    """Fire and smoke reports of all cameras, updated within a batch."""

    def __init__(self, work: UnitOfWork, settings: AreaSettings) -> None:
        self._sheet = work
        self._settings = settings
        self._is_read = False
        self._names: dict[str, str] = {}  # of the cameras, by alert, as all of these
        self._reports: dict[str, AreaReport] = {}
        self._doubts: dict[str, Doubted] = {}

    def weighed(self, arrival: IncomingEvent) -> Event:
        """Return the event with its priority among its neighbours."""
        observed = arrival.message.event
        is_light = observed.kind != SMOKE or observed.priority >= HELD_PRIORITY
        if is_light or observed.rule_id == RULE or not _concerns(arrival):
            return observed
        front = self._front(arrival)
        if front is None:
            return observed
        reported = f"wide haze on {len(front.reports)} cameras"
        return replace(observed, priority=HELD_PRIORITY, reason=f"{observed.reason} · {reported}")

    def agreed(self, arrival: IncomingEvent, matching: AlertRow) -> Agreement | None:
        """Return the alert that rises and its corroborating source, or None."""
        is_believed = matching.priority == Priority.P1 and matching.rule_id != RULE
        if is_believed or not _concerns(arrival) or not _is_doubted(matching):
            return None
        if arrival.message.event.rule_id != RULE and self._front(arrival) is not None:
            return None
        self._read()
        observed = _doubted(matching)
        found = agreeing(observed, self._doubts.values(), self._settings.agreement)
        return None if found is None else self._agreement(matching, observed, found)

    def _agreement(
        self, matching: AlertRow, observed: Doubted, pair: tuple[Doubted, Doubted]
    ) -> Agreement:
        first, second = (matching.id if one is observed else self._id_of(one) for one in pair)
        witness = matching.camera_name if second == matching.id else self._names[second]
        return Agreement(alert_id=first, witness=witness, is_device=pair[1].is_device)

    def note(self, row: AlertRow) -> None:
        """Record a changed alert of this batch."""
        if self._is_read and row.kind in BURNING and not row.exercise:
            self._keep(row)

    def _front(self, arrival: IncomingEvent) -> Front | None:
        """Return the weather front that this arrival belongs to, or None."""
        facts, observed = arrival.facts, arrival.message.event
        local = _position(facts)
        self._read()
        reports = list(self._reports.values())
        matching = _own(observed, local, reports)
        reports = [
            one for one in reports if one.camera_id != observed.camera_id or one.kind == FLAME
        ]
        weather = self._settings.weather
        front = front_around(
            local,
            [*reports, matching],
            watched=facts.watched_near,
            now=observed.captured_at,
            settings=weather,
        )
        if front is None or why_local(matching, front, reports, weather) is not None:
            return None
        return front

    def _read(self) -> None:
        if self._is_read:
            return
        self._is_read = True
        self._sheet.write()  # what this batch has decided so far is found too
        for row in _burning(self._sheet.connection, self._sheet.newest_at - LOOKED_BACK_S):
            self._keep(row)

    def _keep(self, row: _Burning) -> None:
        """Classify a row once, not with each arrival."""
        self._names[row.id] = row.camera_name
        if _is_of_weather(row):
            self._reports[row.id] = _report(row)
        else:
            self._reports.pop(row.id, None)
        if _is_doubted(row):
            self._doubts[row.id] = _doubted(row)
        else:
            self._doubts.pop(row.id, None)

    def _id_of(self, doubted: Doubted) -> str:
        return next(id_ for id_, one in self._doubts.items() if one is doubted)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A camera's report, the name of the camera, and the alert that it belongs to."""

    report: AreaReport
    alert_id: str
    camera_name: str


def area_reports(database: Database, now: float) -> list[StoredReport]:
    """Return all cameras' fire and smoke reports of the last hours, for periodic tasks."""
    with database.reading() as connection:
        rows = _burning(connection, now - LOOKED_BACK_S)
    return [
        StoredReport(report=_report(row), alert_id=row.id, camera_name=row.camera_name)
        for row in rows
        if _is_of_weather(row)
    ]


def _burning(connection: sa.Connection, since: float) -> list[BurningAlert]:
    query = (
        sa.select(*(alert.c[one.name] for one in fields(BurningAlert)))
        .where(
            alert.c.kind.in_(BURNING),
            alert.c.exercise.is_(False),
            alert.c.lat.is_not(None),
            alert.c.lon.is_not(None),
            alert.c.raised_at >= since,
        )
        .order_by(alert.c.raised_at.desc(), alert.c.id.desc())
        .limit(MOST)
    )
    return [BurningAlert(**row._mapping) for row in connection.execute(query)]


def _concerns(arrival: IncomingEvent) -> bool:
    observed, facts = arrival.message.event, arrival.facts
    is_placed = facts.lat is not None and facts.lon is not None
    return (
        is_placed
        and observed.kind in BURNING
        and not observed.exercise
        and observed.phase != EventPhase.CLEARED
    )


def _is_doubted(row: _Burning) -> bool:
    is_open = row.state in (AlertState.NEW.value, AlertState.ACKNOWLEDGED.value)
    is_placed = row.lat is not None and row.lon is not None
    return (
        is_open
        and is_placed
        and row.verdict is None
        and row.condition == AlertCondition.ACTIVE.value
    )


def _doubted(row: _Burning) -> Doubted:
    return Doubted(
        camera_id=row.camera_id,
        position=_position(row),
        priority=row.priority,
        first_seen_at=row.raised_at,
        last_seen_at=row.last_seen_at,
        is_device=row.rule_id == RULE,
    )


def _is_of_weather(row: _Burning) -> bool:
    """Return whether it counts as weather; rejected ones only if rejected as fog."""
    if row.lat is None or row.lon is None or row.rule_id == RULE:
        return False
    return bool(
        row.verdict != AlertState.REJECTED.value or row.reject_reason == RejectReason.FOG.value
    )


def _report(row: _Burning) -> AreaReport:
    """Return the report; a confirmed alert is a fire."""
    is_true = row.verdict == AlertState.CONFIRMED.value
    return AreaReport(
        camera_id=row.camera_id,
        position=_position(row),
        kind=FLAME if is_true else row.kind,
        belief=row.belief,
        first_seen_at=row.raised_at,
        last_seen_at=row.last_seen_at,
    )


def _own(observed: Event, local: Position, reports: list[AreaReport]) -> AreaReport:
    """Return the arrival's report, since its camera's earlier one."""
    since = [one.first_seen_at for one in reports if one.camera_id == observed.camera_id]
    return AreaReport(
        camera_id=observed.camera_id,
        position=local,
        kind=observed.kind,
        belief=observed.belief,
        first_seen_at=min([observed.captured_at, *since]),
        last_seen_at=observed.captured_at,
    )


def _position(of: CameraFacts | _Burning) -> Position:
    """Return the position. Raise `ValueError` without one."""
    if of.lat is None or of.lon is None:
        raise ValueError("it has no place")
    return of.lat, of.lon
