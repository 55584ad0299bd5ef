"""Unit of work: archive state of a batch, read together, changed, written together.

Lives in one `Database.writing()` transaction, the only writer, so what was read stays true.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from thapcanh.alerts.alert import event_rows as events
from thapcanh.alerts.alert.alert_rows import IncomingEvent
from thapcanh.alerts.alert.alert_tables import alert, episode_event, event
from thapcanh.alerts.alert.alert_writer import add_alerts, write_sighted
from thapcanh.alerts.alert.deduplication import dedup_key
from thapcanh.alerts.alert.typed_rows import AlertRow, EpisodeEventRow, typed, values_of
from thapcanh.alerts.evidence import evidence_files
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.alerts.store.audit_log import AuditLogWriter
from thapcanh.alerts.store.seals.written_rows import update_whole
from thapcanh.alerts.suppression.learned_suppressions import keys_rejected_since
from thapcanh.alerts.suppression.reported_zones import ReportedZones
from thapcanh.alerts.suppression.shelved_alerts import ShelvingsInForce
from thapcanh.config.rules import Priority
from thapcanh.detection.event import Event, EventPhase

_MOVED = ("alert_id", "active", "last_at")  # of an event; the last alone moves at each sighting
_LINK = sa.update(episode_event).where(episode_event.c.event_id == sa.bindparam("of"))
_LINK_MOVED = _LINK.values({name: sa.bindparam(f"new_{name}") for name in _MOVED})
_LINK_SIGHTED = _LINK.values(last_at=sa.bindparam("new_last_at"))
_OF_KEY = alert.alias()  # to make one takes longer than to ask


class UnitOfWork:
    """Rows that a batch of messages may change."""

    def __init__(
        self, connection: sa.Connection, messages: Sequence[Message], quiet_s: float
    ) -> None:
        self.connection = connection
        self.page = AuditLogWriter(connection)
        self.files = evidence_files.EvidenceFiles(connection, messages)
        cameras = {message.event.camera_id for message in messages}
        self.shelves = ShelvingsInForce(connection, cameras)
        self.newest_at = max(message.event.captured_at for message in messages)
        self._alerts: dict[str, AlertRow] = {}
        self._open: dict[str, str] = {}  # dedup key: the alert whose episode is open
        self._last: dict[str, str] = {}  # dedup key without an open episode: the last alert
        self._links: dict[str, EpisodeEventRow] = {}  # by event
        self._links_of: dict[str, list[EpisodeEventRow]] = defaultdict(list)  # by alert
        self._cleared_at: dict[str, float] = {}
        self._new_alerts: list[str] = []
        self._changed_alerts: set[str] = set()
        self._new_links: list[str] = []
        self.urgent: set[str] = set()  # P1 alerts that this batch told of
        self.doubted: set[str] = set()  # and others, which a call may raise
        self.risen: set[str] = set()  # alerts that another's message made a P1
        self._changed_links: set[str] = set()
        self._moved_links: set[str] = set()  # of those: to another alert, or seen again or no more
        self._events: list[dict[str, Any]] = []
        reported = [one for one in messages if one.event.kind != SELF_TEST]
        self._zones = ReportedZones(connection, [one.event for one in reported])
        self._load(sorted({one.event.event_id for one in reported}))
        sighted = [one.event for one in reported if not one.evidence_only]
        keys = sorted({dedup_key(observed) for observed in sighted})
        self._load_open(keys)
        since = min((observed.captured_at for observed in sighted), default=0.0) - quiet_s
        self._rejected = keys_rejected_since(connection, keys, since)

    # Reading

    def link(self, event_id: str) -> EpisodeEventRow | None:
        return self._links.get(event_id)

    def links_of(self, alert_id: str) -> list[EpisodeEventRow]:
        """Return an alert's active events, and those of this batch."""
        return self._links_of[alert_id]

    def alert(self, alert_id: str) -> AlertRow:
        return self._alerts[alert_id]

    def adopt(self, row: sa.Row[Any]) -> AlertRow:
        """Return an alert found by another query, as it is now."""
        if row.id not in self._alerts:
            self._add_alerts([row])
        return self._alerts[row.id]

    def fetched(self, alert_id: str) -> AlertRow:
        if alert_id not in self._alerts:
            query = sa.select(alert).where(alert.c.id == alert_id)
            self._add_alerts([self.connection.execute(query).one()])
        return self._alerts[alert_id]

    def newest(self, key: str) -> AlertRow | None:
        """Return the alert with the open episode of a key, else the last one, or None."""
        if key in self._open:
            return self._alerts[self._open[key]]
        last = self._last.get(key)  # of what was raised in this batch the episode is open
        return None if last is None else self._alerts[last]

    def may_be_quiet(self, key: str) -> bool:
        """Return whether officers recently rejected something under a key."""
        return key in self._rejected

    def was_cleared(self, event_id: str, since: float) -> bool:
        return self._cleared_at.get(event_id, float("-inf")) >= since

    def reports_another_zone(self, row: AlertRow, observed: Event) -> bool:
        """Return whether a panel reports a zone unknown until the verdict."""
        return self._zones.is_another(row, observed, self._alerts.values())

    # Changing

    def open(self, row: AlertRow) -> AlertRow:
        """Add a new alert; end the open episode of its key."""
        if row.dedup_key in self._open:
            before = self._alerts[self._open[row.dedup_key]]
            before.episode_open = False
            self._changed_alerts.add(before.id)
        self._alerts[row.id] = row
        self._open[row.dedup_key] = row.id
        self._new_alerts.append(row.id)
        self._note_urgent(row)
        return row

    def changed(self, row: AlertRow) -> int:
        """Mark an alert as changed; return its new version."""
        row.version += 1
        self._changed_alerts.add(row.id)
        self._note_urgent(row)
        return row.version

    def lay(self, row: AlertRow) -> None:
        """Put a changed alert on the shelf that covers it now, or on none."""
        row.shelf_id, row.shelved_until = self.shelves.lying(row)

    def store(self, arrival: IncomingEvent, alert_id: str | None, folding: str) -> None:
        """Add an event row, with its transport and result."""
        self._events.append(events.event_row(arrival, alert_id, folding))
        observed = arrival.message.event
        self._zones.note(alert_id, observed, arrival.now)
        if observed.phase is EventPhase.CLEARED:
            latest = self._cleared_at.get(observed.event_id, float("-inf"))
            self._cleared_at[observed.event_id] = max(latest, observed.captured_at)

    def tie(self, event_id: str, alert_id: str, active: bool | None, at: float) -> None:
        """Remember which alert an event belongs to; `active` None leaves it as it was."""
        link = self._links.get(event_id)
        if link is None:
            link = EpisodeEventRow(
                event_id=event_id, alert_id=alert_id, active=bool(active), last_at=at
            )
            self._links[event_id] = link
            self._links_of[alert_id].append(link)
            self._new_links.append(event_id)
            return
        is_active = link.active if active is None else active
        if (link.alert_id, link.active) != (alert_id, is_active):
            self._moved_links.add(event_id)
        if link.alert_id != alert_id:
            self._links_of[link.alert_id].remove(link)
            self._links_of[alert_id].append(link)
            link.alert_id = alert_id
        link.active = is_active
        link.last_at = max(link.last_at, at)
        self._changed_links.add(event_id)

    def write(self) -> None:
        """Write everything, alerts first because of foreign keys."""
        changed = self._changed_alerts.difference(self._new_alerts)
        rows = [self._alerts[one] for one in sorted(changed)]
        write_sighted(self.connection, rows)
        add_alerts(self.connection, [self._alerts[one] for one in self._new_alerts])
        self._run(sa.insert(event), self._events)
        self._write_links()
        self.files.write()
        self.page.write(self._alerts)
        self._new_alerts, self._events = [], []
        self._changed_alerts.clear()

    def _note_urgent(self, row: AlertRow) -> None:
        (self.urgent if row.priority == Priority.P1 else self.doubted).add(row.id)

    def _write_links(self) -> None:
        self._run(
            sa.insert(episode_event), [values_of(self._links[one]) for one in self._new_links]
        )
        later = self._changed_links.difference(self._new_links)
        moved = [self._links[one] for one in sorted(later & self._moved_links)]
        provided = [{"of": one.event_id, **{f"new_{name}": getattr(one, name) for name in _MOVED}}
                 for one in moved]  # fmt: skip
        update_whole(self.connection, _LINK_MOVED, provided, [values_of(one) for one in moved])
        self._run(
            _LINK_SIGHTED,
            [
                {"of": one, "new_last_at": self._links[one].last_at}
                for one in sorted(later - self._moved_links)
            ],
        )
        self._new_links = []
        self._changed_links.clear()
        self._moved_links.clear()

    def _run(self, statement: sa.Executable, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(statement, rows)

    # Loading

    def _load(self, event_ids: Sequence[str]) -> None:
        links = self.connection.execute(
            sa.select(episode_event).where(episode_event.c.event_id.in_(event_ids))
        ).all()
        self._add_links(links)
        owners = sorted({link.alert_id for link in links})
        if owners:
            rows = self.connection.execute(sa.select(alert).where(alert.c.id.in_(owners)))
            self._add_alerts(rows.all())
        clearings = sa.select(event.c.event_id, sa.func.max(event.c.captured_at))
        clearings = clearings.where(
            event.c.event_id.in_(event_ids), event.c.phase == EventPhase.CLEARED
        )
        for event_id, at in self.connection.execute(clearings.group_by(event.c.event_id)):
            self._cleared_at[event_id] = at

    def _load_open(self, keys: Sequence[str]) -> None:
        """Load the alerts with open episodes under these keys, else the last ones."""
        if keys:
            query = sa.select(alert)
            query = query.where(alert.c.dedup_key.in_(keys), alert.c.episode_open.is_(True))
            self._add_alerts(self.connection.execute(query).all())
            over = _newest_alerts(self.connection, [key for key in keys if key not in self._open])
            self._add_alerts(over)
            self._last = {row.dedup_key: row.id for row in over}

    def _add_alerts(self, rows: Sequence[sa.Row[Any]]) -> None:
        new = [row for row in rows if row.id not in self._alerts]
        for row in new:
            self._alerts[row.id] = typed(AlertRow, row)
            if row.episode_open:
                self._open[row.dedup_key] = row.id
        if new:
            of_these = episode_event.c.alert_id.in_([row.id for row in new])
            query = sa.select(episode_event).where(of_these, episode_event.c.active)
            self._add_links(self.connection.execute(query).all())

    def _add_links(self, rows: Sequence[sa.Row[Any]]) -> None:
        for row in rows:
            if row.event_id not in self._links:
                link = typed(EpisodeEventRow, row)
                self._links[link.event_id] = link
                self._links_of[link.alert_id].append(link)


def _newest_alerts(connection: sa.Connection, keys: Sequence[str]) -> Sequence[sa.Row[Any]]:
    """Return the last alert of each key, by an index however many there are."""
    if not keys:
        return ()
    request = _as_rows(connection, keys)
    newest = (
        sa.select(_OF_KEY.c.id)
        .where(_OF_KEY.c.dedup_key == request.c.value)
        .order_by(_OF_KEY.c.raised_at.desc(), _OF_KEY.c.id.desc())
        .limit(1)
    )
    ids = sa.select(newest.scalar_subquery()).select_from(request)
    return connection.execute(sa.select(alert).where(alert.c.id.in_(ids))).all()


def _as_rows(connection: sa.Connection, keys: Sequence[str]) -> sa.TableValuedAlias:
    if connection.dialect.name == "sqlite":
        return sa.func.json_each(json.dumps(list(keys))).table_valued("value")
    texts = sa.cast(sa.literal(list(keys), ARRAY(sa.Text)), ARRAY(sa.Text))
    return sa.func.unnest(texts).table_valued("value").render_derived()
