"""Notices to the public in the archive: drafted, signed, corrected, withdrawn.

Thread-safe; every method is one transaction.
"""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.delivery.outbox.directed import overtake
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.public_notices.personal_data import unpublishable
from thapcanh.alerts.public_notices.public_notice_rows import (
    notice_event,
    notices_of,
    protected_facts,
    public_notice,
    public_notice_version,
)
from thapcanh.alerts.public_notices.public_notices import (
    WITHDRAWN_TITLE,
    NoticeOutcome,
    PublicAct,
    PublicNotice,
    PublicNoticeState,
    PublicVersion,
)
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.outbox import outbox
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter

_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A draft: of an incident, or of none."""

    incident_id: str | None
    kind: IncidentKind
    ward: str | None
    title: str
    text: str
    agency: str | None
    area: str | None


class PublicNoticeRepository:
    """Notices, as the desk writes them and as the public reads them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, actor: Actor, new: NewNotice, now: float) -> tuple[NoticeOutcome, str]:
        """Write a first draft; return its id."""
        with self._db.writing() as connection:
            if new.incident_id is not None:
                if not _sees_incident(connection, new.incident_id, actor.scope):
                    return NoticeOutcome.NO_INCIDENT, ""
                if _is_drill(connection, new.incident_id):
                    return NoticeOutcome.DRILL, ""
            words = (new.title, f"{new.text}\n{new.ward or ''}")
            refused = _personal(connection, new.incident_id, words)
            if refused is not None:
                return refused, ""
            notice_id = str(uuid7())
            values = {
                "id": notice_id,
                "incident_id": new.incident_id,
                "kind": new.kind.value,
                "ward": new.ward,
                "state": PublicNoticeState.DRAFT.value,
                "version": 0,
                "draft": 0,
                "made_at": now,
                "agency": new.agency,
                "area": new.area,
            }
            connection.execute(sa.insert(public_notice).values(values))
            _draft(connection, actor, notice_id, (1, new.title, new.text), now)
        return NoticeOutcome.DONE, notice_id

    def redraft(
        self, actor: Actor, notice_id: str, seen_version: int, words: tuple[str, str], now: float
    ) -> NoticeOutcome:
        """Replace the draft that was seen, before signing or to correct."""
        with self._db.writing() as connection:
            found = _row(connection, notice_id, actor.scope)
            if found is None:
                return NoticeOutcome.UNKNOWN
            if found.state == PublicNoticeState.WITHDRAWN.value:
                return NoticeOutcome.WITHDRAWN
            if found.draft != seen_version:
                return NoticeOutcome.CHANGED
            refused = _personal(connection, found.incident_id, words)
            if refused is not None:
                return refused
            _draft(connection, actor, notice_id, (seen_version + 1, *words), now)
        return NoticeOutcome.DONE

    def sign(self, actor: Actor, notice_id: str, seen_version: int, now: float) -> NoticeOutcome:
        """Publish the draft that was seen; its author may not sign it."""
        with self._db.writing() as connection:
            found = _row(connection, notice_id, actor.scope)
            refused = _unsigned(connection, found, actor, seen_version)
            if refused is not None or found is None:
                return refused or NoticeOutcome.UNKNOWN
            act = PublicAct.PUBLISHED if found.version == 0 else PublicAct.CORRECTED
            version = PublicVersion(
                version=found.version + 1,
                act=act,
                title=found.draft_title,
                text=found.draft_text,
                reason=None,
                drafted_by=found.drafted_by,
                signed_by=actor.username,
                at=now,
            )
            _publish(connection, actor, found, version)
        return NoticeOutcome.DONE

    def withdraw(self, actor: Actor, notice_id: str, reason: str, now: float) -> NoticeOutcome:
        """Withdraw a published notice at once, by one leader; its page gives the reason."""
        with self._db.writing() as connection:
            found = _row(connection, notice_id, actor.scope)
            if found is None:
                return NoticeOutcome.UNKNOWN
            if found.state == PublicNoticeState.WITHDRAWN.value:
                return NoticeOutcome.WITHDRAWN
            if found.version == 0:
                return NoticeOutcome.NOT_PUBLISHED
            refused = _personal(connection, found.incident_id, ("", reason))
            if refused is not None:
                return refused
            version = PublicVersion(
                version=found.version + 1,
                act=PublicAct.WITHDRAWN,
                title=WITHDRAWN_TITLE,
                text="",
                reason=reason,
                drafted_by=None,
                signed_by=actor.username,
                at=now,
            )
            _publish(connection, actor, found, version)
        return NoticeOutcome.DONE

    def one(self, notice_id: str, scope: DataFilter) -> PublicNotice | None:
        with self._db.reading() as connection:
            row = _row(connection, notice_id, scope)
            return None if row is None else notices_of(connection, [row])[0]

    def page(self, scope: DataFilter) -> list[PublicNotice]:
        query = sa.select(public_notice).where(*owned_by(public_notice, scope))
        with self._db.reading() as connection:
            newest = query.order_by(public_notice.c.made_at.desc()).limit(_MOST)
            return notices_of(connection, connection.execute(newest).all())

    def public(self, most: int = 50) -> list[PublicNotice]:
        """Return the published and withdrawn notices, the newest version first."""
        last = (
            sa.select(
                public_notice_version.c.notice_id,
                sa.func.max(public_notice_version.c.at).label("at"),
            )
            .group_by(public_notice_version.c.notice_id)
            .subquery()
        )
        query = sa.select(public_notice).join(last, last.c.notice_id == public_notice.c.id)
        newest = query.order_by(last.c.at.desc(), public_notice.c.id.desc()).limit(most)
        with self._db.reading() as connection:
            return notices_of(connection, connection.execute(newest).all())

    def public_one(self, notice_id: str) -> PublicNotice | None:
        """Return a notice that was ever published, or None."""
        query = sa.select(public_notice).where(
            public_notice.c.id == notice_id, public_notice.c.version > 0
        )
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else notices_of(connection, [row])[0]


def _row(connection: sa.Connection, notice_id: str, scope: DataFilter) -> sa.Row[Any] | None:
    matching = (public_notice.c.id == notice_id, *owned_by(public_notice, scope))
    return connection.execute(sa.select(public_notice).where(*matching)).one_or_none()


def _unsigned(
    connection: sa.Connection, found: sa.Row[Any] | None, actor: Actor, seen_version: int
) -> NoticeOutcome | None:
    """Return why a draft cannot be signed, or None."""
    if found is None:
        return NoticeOutcome.UNKNOWN
    if found.state == PublicNoticeState.WITHDRAWN.value:
        return NoticeOutcome.WITHDRAWN
    if found.draft_text is None:
        return NoticeOutcome.NOTHING
    if found.draft != seen_version:
        return NoticeOutcome.CHANGED
    if found.drafted_by == actor.username:
        return NoticeOutcome.SAME_PERSON
    if found.incident_id is not None and _is_drill(connection, found.incident_id):
        return NoticeOutcome.DRILL
    return _personal(connection, found.incident_id, (found.draft_title, found.draft_text))


def _personal(
    connection: sa.Connection, incident_id: str | None, words: tuple[str, str]
) -> NoticeOutcome | None:
    """Return what must not be public in these texts, by the incident's data, or None."""
    return unpublishable(*words, protected_facts(connection, incident_id))


def _draft(
    connection: sa.Connection,
    actor: Actor,
    notice_id: str,
    words: tuple[int, str, str],
    now: float,
) -> None:
    number, title, text = words
    values = {
        "draft": number,
        "draft_title": title,
        "draft_text": text,
        "drafted_by": actor.username,
        "drafted_at": now,
    }
    matching = public_notice.c.id == notice_id
    connection.execute(sa.update(public_notice).where(matching).values(values))
    entry = AuditEntry(
        at=now,
        action="notice_drafted",
        object_id=notice_id,
        note=f"{title}\n{text}",  # words of officers go to no SIEM
        details={"draft": number},
    )
    _log(connection, actor, entry)


def _publish(
    connection: sa.Connection, actor: Actor, found: sa.Row[Any], version: PublicVersion
) -> None:
    put = {name: getattr(version, name) for name in PublicVersion.__dataclass_fields__}
    put |= {"act": version.act.value, "notice_id": found.id}
    connection.execute(sa.insert(public_notice_version).values(put))
    is_removed = version.act is PublicAct.WITHDRAWN
    state = PublicNoticeState.WITHDRAWN if is_removed else PublicNoticeState.PUBLISHED
    values = {
        "state": state.value,
        "version": version.version,
        "draft_title": None,
        "draft_text": None,
        "drafted_by": None,
        "drafted_at": None,
    }
    matching = public_notice.c.id == found.id
    connection.execute(sa.update(public_notice).where(matching).values(values))
    (after,) = notices_of(
        connection, connection.execute(sa.select(public_notice).where(matching)).all()
    )
    reported = notice_event(after, version)
    overtake(connection, reported.subject, version.at)
    outbox.add(connection, [reported])
    details = {"version": version.version, "drafted_by": version.drafted_by}
    entry = AuditEntry(
        at=version.at,
        action=f"notice_{version.act.value}",
        object_id=found.id,
        note=version.reason,
        details=details,
    )
    _log(connection, actor, entry)


def _log(connection: sa.Connection, actor: Actor, entry: AuditEntry) -> None:
    add_log(connection, replace(entry, actor=actor.username, role=actor.role.value))


def _sees_incident(connection: sa.Connection, incident_id: str, scope: DataFilter) -> bool:
    matching = (incident.c.id == incident_id, *owned_by(incident, scope))
    return connection.execute(sa.select(incident.c.id).where(*matching)).one_or_none() is not None


def _is_drill(connection: sa.Connection, incident_id: str) -> bool:
    query = sa.select(alert.c.id).where(
        alert.c.exercise.is_(True),
        incident_member.c.incident_id == incident_id,
        incident_member.c.type == MemberType.ALERT.value,
        incident_member.c.member_id == alert.c.id,
        incident_member.c.left_at.is_(None),
    )
    return connection.execute(query.limit(1)).first() is not None
