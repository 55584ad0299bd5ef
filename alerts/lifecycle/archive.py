"""Archive: events, alerts, and what officers did; thread-safe.

Every method is one transaction. Raises `ArchiveError`s, whose type tells whether retrying helps.
"""

import time
from collections.abc import Collection, Sequence
from contextlib import suppress

import sqlalchemy as sa

from thapcanh.alerts.accounts import users
from thapcanh.alerts.accounts.account_records import LoginSession, User
from thapcanh.alerts.accounts.users import AccountAct
from thapcanh.alerts.alert import alert_views, history
from thapcanh.alerts.alert import event_rows as events
from thapcanh.alerts.alert.alert_tables import alert, event
from thapcanh.alerts.alert.alert_writer import mark_once
from thapcanh.alerts.alert.event_rows import ActiveEvent
from thapcanh.alerts.alert.records import (
    Alert,
    AlertFilter,
    CommandRequest,
    CommandResult,
    CommandSteps,
    EvidenceRecord,
    IngestResult,
    LogEntry,
    RecordPage,
    SequenceGap,
)
from thapcanh.alerts.incidents.following import free_by_leases
from thapcanh.alerts.incidents.records import IncidentRequest, IncidentResult
from thapcanh.alerts.lifecycle import change_feed, commands, message_intake, sequences, transitions
from thapcanh.alerts.lifecycle import commands as bulk_commands
from thapcanh.alerts.lifecycle.change_feed import AlertChanges
from thapcanh.alerts.lifecycle.message_intake import CameraLookup
from thapcanh.alerts.lifecycle.policy import AlertPolicy
from thapcanh.alerts.lifecycle.source_commands import command_incident
from thapcanh.alerts.links.deciding import proposed
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.alerts.store import audit_log, idempotent
from thapcanh.alerts.store.action_log import ChainVerdict, verify_chain
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import SequenceReused
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.alerts.store.seals.log_signing import LogKey
from thapcanh.detection.event import Event


class Archive:
    """SQLite or PostgreSQL by URL, brought up to date when it is opened."""

    def __init__(
        self,
        url: str,
        *,
        settings: AlertPolicy | None = None,
        log_key: LogKey | None = None,
        application: str = "thapcanh",
    ) -> None:
        self._db = Database(url, log_key=log_key, application=application)
        self._settings = settings or AlertPolicy()
        try:
            self._db.upgrade()
        except BaseException:
            self._db.close()
            raise

    def __repr__(self) -> str:
        return f"Archive({self._db.shown!r})"

    @property
    def database(self) -> Database:
        return self._db

    def close(self) -> None:
        """Close every connection; calling twice is fine."""
        self._db.close()

    # Messages

    def take_in(
        self, message: Message, *, queued_at: float, now: float, camera: CameraLookup
    ) -> IngestResult:
        """Store a message once, with everything that follows from it."""
        return self.take_in_all([(message, queued_at)], now=now, camera=camera)[0]

    def take_in_all(
        self,
        messages: Sequence[tuple[Message, float]],
        *,
        now: float,
        camera: CameraLookup,
        opens_incidents: bool = True,  # else `open_for_messages` is called for what is urgent
    ) -> list[IngestResult]:
        """Store (message, queued at) pairs in order, all in one transaction or none."""
        arrivals = message_intake.arrived(messages, now, camera)
        with self._db.writing() as connection:
            return message_intake.take_in(
                connection, arrivals, self._settings, opens_incidents=opens_incidents
            )

    def note_refused(self, message: Message, now: float) -> None:
        """Record the number of a message that is not stored, so that it is not missing."""
        with suppress(SequenceReused), self._db.writing() as connection:
            sequences.note(connection, message, now)

    def gaps(self, now: float, *, older_than_s: float = 60.0) -> list[SequenceGap]:
        """Return missing messages of workers older than a late one could be."""
        with self._db.reading() as connection:
            return sequences.gaps(connection, now - older_than_s)

    def last_proven(self) -> float | None:
        """Return when a self-test last passed the whole path, or None."""
        query = sa.select(sa.func.max(event.c.stored_at)).where(event.c.kind == SELF_TEST)
        with self._db.reading() as connection:
            at: float | None = connection.execute(query).scalar_one()
        return at

    def proven_since(self, since: float) -> dict[str, float]:
        """Return each worker's last passed self-test after a time."""
        query = sa.select(event.c.camera_id, sa.func.max(event.c.stored_at))
        query = query.where(event.c.kind == SELF_TEST, event.c.stored_at >= since)
        with self._db.reading() as connection:
            rows = connection.execute(query.group_by(event.c.camera_id)).all()
        return {str(worker): float(at) for worker, at in rows}

    def active_events(self, source: str, limit: int = 1000) -> list[Event]:
        """Return the newest message of each uncleared event of a worker."""
        with self._db.reading() as connection:
            return events.active_events(connection, source, limit)

    def all_active(self) -> list[ActiveEvent]:
        with self._db.reading() as connection:
            return events.all_active(connection)

    def newest_of(self, event_ids: Collection[str]) -> list[Event]:
        """Return the newest message of each of these uncleared events."""
        with self._db.reading() as connection:
            return events.newest_of(connection, event_ids)

    # Alerts

    def alerts(self, request: AlertFilter | None = None) -> RecordPage:
        """Return one page of alerts, newest first. Raise `BadCursor`."""
        with self._db.reading() as connection:
            return history.page_of_alerts(connection, request or AlertFilter())

    def alert(self, alert_id: str, scope: DataFilter = EVERYTHING) -> Alert | None:
        """Return the alert, or None if the scope may not see it."""
        with self._db.reading() as connection:
            return alert_views.one(connection, alert_id, scope)

    def log_of(self, alert_id: str) -> list[LogEntry]:
        with self._db.reading() as connection:
            return alert_views.log_of(connection, alert_id)

    def evidence(self, evidence_id: str, scope: DataFilter = EVERYTHING) -> EvidenceRecord | None:
        """Return an evidence file's record, or None if the scope may not see it."""
        with self._db.reading() as connection:
            return alert_views.evidence_by_id(connection, evidence_id, scope)

    def evidence_of(self, alert_id: str) -> list[EvidenceRecord]:
        with self._db.reading() as connection:
            return alert_views.evidence_of(connection, alert_id)

    def mark_pushed(self, alert_ids: Sequence[str], at: float) -> None:
        """Write down when alerts were first sent to a screen."""
        self._mark(alert_ids, alert.c.pushed_at, at)

    def mark_rendered(self, alert_id: str, at: float) -> None:
        """Write down when a screen first showed an alert."""
        self._mark([alert_id], alert.c.rendered_at, at)

    # Commands

    def command(self, order: CommandRequest, now: float) -> CommandResult:
        """Carry out a command once; raises `KeyReused` when its key came with another body."""
        with self._db.writing() as connection:
            return commands.run(connection, order, now, self._settings.leases)

    def commands(self, orders: Sequence[CommandSteps], now: float) -> list[CommandResult]:
        """Carry out commands on many alerts, each by itself; raises `KeyReused`, then none was."""
        with self._db.writing() as connection:
            return bulk_commands.run_all(connection, orders, now, self._settings.leases)

    def incident_command(self, request: IncidentRequest, now: float) -> IncidentResult:
        """Carry out a command on an incident and all its sources, once; raises `KeyReused`.

        Of an incident that a linked site decides it is sent there as a proposal.
        """
        with self._db.writing() as connection:
            sent = proposed(connection, request, now)
            return sent or command_incident(connection, request, now, self._settings.leases)

    def expire_leases(self, now: float) -> list[str]:
        """Free or renew the alerts whose lease ran out; returns the ids of those that changed."""
        with self._db.reading() as connection:  # the usual case needs no lock
            query = sa.select(alert.c.id).where(transitions.lease_is_over(now)).limit(1)
            if connection.execute(query).first() is None:
                return []
        with self._db.writing() as connection:
            changed = transitions.expire_leases(connection, now, self._settings.leases)
            free_by_leases(connection, changed, now)
            return changed

    # Changes

    def changes_after(
        self, seq: int, limit: int = 500, scope: DataFilter = EVERYTHING
    ) -> AlertChanges:
        """Return changes with larger numbers, oldest first, of alerts in scope."""
        with self._db.reading() as connection:
            return change_feed.changes_after(connection, seq, limit, scope)

    def last_seq(self) -> int:
        """Return the number of the newest change."""
        with self._db.reading() as connection:
            return change_feed.last_seq(connection)

    def oldest_seq(self) -> int:
        """Return the number of the oldest retained change."""
        with self._db.reading() as connection:
            return change_feed.oldest_seq(connection)

    def delete_old(self, now: float, *, changes_kept_s: float, keys_kept_s: float) -> None:
        """Drop what only recent readers need: old changes, command keys, sessions, attempts."""
        with self._db.writing() as connection:
            change_feed.drop_changes(connection, now - changes_kept_s)
            idempotent.delete_keys(connection, now - keys_kept_s)
            users.delete_old(connection, now)

    # Action log

    def verify_chain(self) -> ChainVerdict:
        """Verify the whole action log; return its first broken entry, if any."""
        with self._db.reading() as connection:
            return verify_chain(audit_log.AuditLogQuery(connection))

    # People

    def save_user(self, user: User, act: AccountAct | None = None) -> None:
        """Add or replace an account and log it; end sessions of one without access."""
        with self._db.writing() as connection:
            before = users.find_user(connection, user.username)
            users.save_user(connection, user)
            users.log_account(connection, before, user, act or AccountAct(at=time.time()))

    def user(self, username: str) -> User | None:
        with self._db.reading() as connection:
            return users.find_user(connection, username)

    def users(self) -> list[User]:
        with self._db.reading() as connection:
            return users.all_users(connection)

    def add_session(
        self, token_sha256: str, username: str, csrf: str, now: float, expires_at: float
    ) -> None:
        with self._db.writing() as connection:
            users.add_session(
                connection,
                {
                    "token_sha256": token_sha256,
                    "username": username,
                    "csrf": csrf,
                    "created_at": now,
                    "expires_at": expires_at,
                },
            )

    def session(self, token_sha256: str, now: float) -> LoginSession | None:
        """Return the valid session of a token whose account has access, or None."""
        with self._db.reading() as connection:
            return users.find_session(connection, token_sha256, now)

    def end_session(self, token_sha256: str) -> None:
        """Log out; without such a session nothing happens."""
        with self._db.writing() as connection:
            users.end_session(connection, token_sha256)

    def end_sessions(self, username: str) -> int:
        """Log an account out everywhere."""
        with self._db.writing() as connection:
            return users.end_sessions(connection, username)

    def note_login(self, username: str, client: str, now: float, *, succeeded: bool) -> None:
        with self._db.writing() as connection:
            users.note_login(connection, username, client, now, succeeded=succeeded)

    def failed_logins(
        self, username: str, client: str | None, since: float, limit: int
    ) -> tuple[float, ...]:
        """Return the times of failed logins since the last success, oldest first."""
        with self._db.reading() as connection:
            return users.failed_logins(connection, username, client, since, limit)

    def _mark(self, alert_ids: Sequence[str], column: sa.Column[float], at: float) -> None:
        if not alert_ids:
            return
        with self._db.writing() as connection:
            mark_once(connection, alert_ids, column, at)
