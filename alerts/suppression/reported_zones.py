"""Zones reported by panels, and inputs by cameras, per batch of messages.

Lives in the batch's transaction and records what the batch stores, so that a busy panel causes no
queries.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import event
from thapcanh.alerts.alert.typed_rows import AlertRow
from thapcanh.alerts.queue.system_events import is_system
from thapcanh.alerts.signals.device_events import reported_zone
from thapcanh.detection.event import Event, EventPhase

_Since = Mapping[str, dict[str, float]]


class ReportedZones:
    """First report of each zone, by alert and by event; loaded on demand."""

    def __init__(self, connection: sa.Connection, events: Iterable[Event]) -> None:
        """`events`: of the batch."""
        self._connection = connection
        telling = [one for one in events if reported_zone(one.reason) is not None]
        self._devices = {one.camera_id for one in telling}
        self._unread_events = {one.event_id for one in telling}
        self._read_alerts: set[str] = set()
        self._of_alert: _Since = defaultdict(dict)
        self._of_event: _Since = defaultdict(dict)

    def is_another(self, row: AlertRow, observed: Event, alerts: Iterable[AlertRow]) -> bool:
        """Return whether a panel reports a zone that was unknown at its alert's verdict.

        A verdict on one zone says nothing of another. Further zones of a panel's own faults are not
        announced. `alerts` of the batch are read together.
        """
        zone, judged_at = reported_zone(observed.reason), row.closed_at or row.verdict_at
        is_over = row.verdict == AlertState.REJECTED.value or row.state == AlertState.CLOSED.value
        if zone is None or observed.phase is EventPhase.CLEARED:
            return False
        if is_system(observed.kind) and not is_over:
            return False
        if row.id not in self._read_alerts:
            self._read({row.id, *(one.id for one in alerts if one.camera_id in self._devices)})
        existing = (self._of_alert[row.id], self._of_event[observed.event_id])
        since = min((one[zone] for one in existing if zone in one), default=None)
        return since is None or (is_over and judged_at is not None and since > judged_at)

    def note(self, alert_id: str | None, observed: Event, now: float) -> None:
        """Record a stored message of the batch."""
        zone = reported_zone(observed.reason)
        if zone is None:
            return
        self._of_event[observed.event_id].setdefault(zone, now)
        if alert_id is not None:
            self._of_alert[alert_id].setdefault(zone, now)

    def _read(self, alert_ids: set[str]) -> None:
        new, events = alert_ids - self._read_alerts, self._unread_events
        self._read_alerts |= new
        self._unread_events = set()
        requested = sa.or_(event.c.alert_id.in_(sorted(new)), event.c.event_id.in_(sorted(events)))
        names = (event.c.alert_id, event.c.event_id, event.c.reason)
        query = sa.select(*names, sa.func.min(event.c.stored_at)).where(requested).group_by(*names)
        for alert_id, event_id, reason, at in self._connection.execute(query):
            zone = reported_zone(reason)
            if zone is not None:
                _since(self._of_event[event_id], zone, at)
                if alert_id is not None:
                    _since(self._of_alert[alert_id], zone, at)


def _since(existing: dict[str, float], zone: str, at: float) -> None:
    existing[zone] = min(at, existing.get(zone, math.inf))
