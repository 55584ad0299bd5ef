"""Which zones panels told of, and which inputs cameras: read once for a batch of messages.

Lives inside the batch's transaction. What the batch itself stores is noted, so that no event of a
panel that sends all the time asks the archive, nor has the batch written before it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import event
from thapcanh.alerts.alert.typed_rows import AlertRow
from thapcanh.alerts.queue.system_events import is_system
from thapcanh.alerts.signals.device_events import told_zone
from thapcanh.detection.event import Event, EventPhase

_Since = Mapping[str, dict[str, float]]


class ToldZones:
    """Since when each zone is known, by alert and by event. Asks when it must know."""

    def __init__(self, connection: sa.Connection, events: Iterable[Event]) -> None:
        """`events`: of the batch."""
        self._connection = connection
        telling = [one for one in events if told_zone(one.reason) is not None]
        self._devices = {one.camera_id for one in telling}
        self._unread_events = {one.event_id for one in telling}
        self._read_alerts: set[str] = set()
        self._of_alert: _Since = defaultdict(dict)
        self._of_event: _Since = defaultdict(dict)

    def is_another(self, row: AlertRow, seen: Event, alerts: Iterable[AlertRow]) -> bool:
        """Whether a panel tells of a zone of which nobody knows, or knew when its alert was judged.

        It has no place in a picture: what an officer said of one of its zones, or of one input of a
        camera, says nothing of the next one that goes off. Further zones of what is wrong with a
        panel itself stand in its alert, for technicians, and are not heard. `alerts` are those that
        the batch may ask about: they are read together.
        """
        zone, judged_at = told_zone(seen.reason), row.closed_at or row.verdict_at
        is_over = row.verdict == AlertState.REJECTED.value or row.state == AlertState.CLOSED.value
        if zone is None or seen.phase is EventPhase.CLEARED:
            return False
        if is_system(seen.kind) and not is_over:
            return False
        if row.id not in self._read_alerts:
            self._read({row.id, *(one.id for one in alerts if one.camera_id in self._devices)})
        known = (self._of_alert[row.id], self._of_event[seen.event_id])
        since = min((one[zone] for one in known if zone in one), default=None)
        return since is None or (is_over and judged_at is not None and since > judged_at)

    def note(self, alert_id: str | None, seen: Event, now: float) -> None:
        """A message of the batch is stored now."""
        zone = told_zone(seen.reason)
        if zone is None:
            return
        self._of_event[seen.event_id].setdefault(zone, now)
        if alert_id is not None:
            self._of_alert[alert_id].setdefault(zone, now)

    def _read(self, alert_ids: set[str]) -> None:
        new, events = alert_ids - self._read_alerts, self._unread_events
        self._read_alerts |= new
        self._unread_events = set()
        wanted = sa.or_(event.c.alert_id.in_(sorted(new)), event.c.event_id.in_(sorted(events)))
        names = (event.c.alert_id, event.c.event_id, event.c.reason)
        query = sa.select(*names, sa.func.min(event.c.stored_at)).where(wanted).group_by(*names)
        for alert_id, event_id, reason, at in self._connection.execute(query):
            zone = told_zone(reason)
            if zone is not None:
                _since(self._of_event[event_id], zone, at)
                if alert_id is not None:
                    _since(self._of_alert[alert_id], zone, at)


def _since(known: dict[str, float], zone: str, at: float) -> None:
    known[zone] = min(at, known.get(zone, math.inf))
