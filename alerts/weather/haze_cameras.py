"""Cameras of haze advisories with their alerts. Rows are only added."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert, event
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.alerts.suppression.habit_tables import haze_camera

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
