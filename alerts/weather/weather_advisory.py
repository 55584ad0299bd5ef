"""Haze advisories by the weather, and their cameras with their alerts.

Owned by one thread.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.alert_tables import alert, event
from thapcanh.alerts.queue.system_events import followed
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import distance_m
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.alerts.store.tables import metadata
from thapcanh.alerts.weather.wide_weather import AreaReport, Front
from thapcanh.detection.event import Event, EventPhase

haze_camera = sa.Table(
    "haze_camera",
    metadata,
    sa.Column("event_id", sa.Text(), primary_key=True),  # of the advisory
    sa.Column("camera_id", sa.Text(), primary_key=True),
    sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id"), nullable=False),
    sa.Column("joined_at", sa.Double(), nullable=False),
)

HAZE = "haze"
RULE_ID = "wide_haze"
PRIORITY = 2
CLEAR_AFTER_S = 60.0  # a front lasts until its reports are ten minutes old; then this
UPDATE_EVERY_S = 60.0
_NAMED = 5
_NO_MODEL_SHA256 = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """An open advisory: its newest message, and the cameras of its front."""

    event: Event
    cameras: frozenset[str]
    gone_since: float | None = None


class WeatherAdvisories:
    """Conversion of fronts into messages."""

    def __init__(self, open_events: Iterable[Event] = ()) -> None:
        """`open_events` are those that were open before a restart."""
        self._open = [
            Advisory(event=event, cameras=frozenset({event.camera_id}))
            for event in open_events
            if event.kind == HAZE
        ]

    def judge(
        self, fronts: Sequence[Front], names: Mapping[str, str], now: float
    ) -> list[tuple[Event, Front | None]]:
        left = list(fronts)
        reported: list[tuple[Event, Front | None]] = []
        still_open: list[Advisory] = []
        for existing in self._open:
            front = next((one for one in left if existing.cameras & set(one.cameras)), None)
            if front is not None:
                left.remove(front)
            after, event = _followed(existing, front, names, now)
            if after is not None:
                still_open.append(after)
            if event is not None:
                reported.append((event, front))
        for front in left:
            raised = _raised(front, names, now)
            still_open.append(Advisory(event=raised, cameras=frozenset(front.cameras)))
            reported.append((raised, front))
        self._open = still_open
        return reported


def _followed(
    existing: Advisory, front: Front | None, names: Mapping[str, str], now: float
) -> tuple[Advisory | None, Event | None]:
    """Return the advisory after this evaluation, and its message, if any."""
    if front is None:
        since = now if existing.gone_since is None else existing.gone_since
        if now - since < CLEAR_AFTER_S:
            return replace(existing, gone_since=since), None
        return None, followed(existing.event, EventPhase.CLEARED, "the haze is gone", now)
    cameras = frozenset(front.cameras)
    is_due = now - existing.event.captured_at >= UPDATE_EVERY_S
    if not cameras - existing.cameras or not is_due:
        return replace(existing, gone_since=None), None
    event = followed(existing.event, EventPhase.UPDATED, _reason(front, names), now)
    return Advisory(event=event, cameras=cameras | existing.cameras), event


def _raised(front: Front, names: Mapping[str, str], now: float) -> Event:
    message_id = str(uuid7())
    return Event(
        id=message_id,
        event_id=message_id,
        phase=EventPhase.RAISED,
        kind=HAZE,
        camera_id=_middle(front.reports).camera_id,
        rule_id=RULE_ID,
        rule_version=1,
        zone_id=None,
        priority=PRIORITY,
        box=(0.0, 0.0, 0.0, 0.0),
        confidence=1.0,
        label=HAZE,
        track_id=None,
        model_name="centre",
        model_sha256=_NO_MODEL_SHA256,
        at_s=0.0,
        captured_at=now,
        inferred_at=now,
        reason=_reason(front, names),
    )


def _middle(reports: Sequence[AreaReport]) -> AreaReport:
    lat = sum(one.position[0] for one in reports) / len(reports)
    lon = sum(one.position[1] for one in reports) / len(reports)
    return min(reports, key=lambda one: (distance_m(one.position, (lat, lon)), one.camera_id))


def _reason(front: Front, names: Mapping[str, str]) -> str:
    """Return the number of cameras and the first of their names."""
    shown = [names.get(camera, camera) for camera in front.cameras[:_NAMED]]
    more = " …" if len(front.cameras) > _NAMED else ""
    return f"wide haze on {len(front.cameras)} cameras: {', '.join(shown)}{more}"


MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HazeCamera:
    """Camera of an advisory."""

    camera_id: str
    camera_name: str
    alert_id: str
    joined_at: float


class HazeRepository:
    """Repository of advisories' cameras."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, event_id: str, alerts: Mapping[str, str], now: float) -> None:
        """Add the cameras that joined an advisory; `alerts` is their alerts by camera."""
        existing = sa.select(haze_camera.c.camera_id).where(haze_camera.c.event_id == event_id)
        with self._database.writing() as connection:
            there = set(connection.execute(existing).scalars())
            rows = [
                {"event_id": event_id, "camera_id": one, "alert_id": alerts[one], "joined_at": now}
                for one in sorted(alerts.keys() - there)
            ]
            if rows:
                connection.execute(sa.insert(haze_camera), rows)

    def cameras(self, alert_id: str, scope: DataFilter) -> list[HazeCamera]:
        """Return the cameras of an advisory's alert in scope, in order."""
        of_alert = sa.select(event.c.event_id).where(event.c.alert_id == alert_id)
        query = (
            sa.select(haze_camera, alert.c.camera_name)
            .join(alert, alert.c.id == haze_camera.c.alert_id)
            .where(haze_camera.c.event_id.in_(of_alert), *owned_by(alert, scope))
            .order_by(haze_camera.c.joined_at, haze_camera.c.camera_id)
            .limit(MOST)
        )
        with self._database.reading() as connection:
            return [
                HazeCamera(
                    camera_id=row.camera_id,
                    camera_name=row.camera_name,
                    alert_id=row.alert_id,
                    joined_at=row.joined_at,
                )
                for row in connection.execute(query)
            ]
