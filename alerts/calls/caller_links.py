"""Links for callers: for one call and one phone, valid for half an hour.

Thread-safe.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.calls.caller_link_tables import caller_file, caller_item, caller_link
from thapcanh.alerts.calls.link_sending import LinkRefusal, LinkSending
from thapcanh.alerts.calls.sent_files import as_stored, has_file, has_room, read_file
from thapcanh.alerts.delivery.outbox.directed import fates, link_subject, send_to, withdraw
from thapcanh.alerts.delivery.outbox.records import DeliveryFate
from thapcanh.alerts.incidents.incident_state import IncidentReason, MemberType
from thapcanh.alerts.incidents.incident_tables import call, incident, incident_member
from thapcanh.alerts.incidents.incident_writing import IncidentAct, record
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.roles import Actor, DataFilter

LASTS_S = 1800.0
MOST_BYTES = 60_000_000  # of all files of a link, as they are kept
_SURE_M = 200.0  # a place as doubtful as this is set by people only


class CallerItemKind(StrEnum):
    """Kind of content from a caller."""

    POSITION = "position"
    TEXT = "text"
    PHOTO = "photo"
    VIDEO = "video"


MOST_OF_KIND = {
    CallerItemKind.POSITION: 400,
    CallerItemKind.TEXT: 60,
    CallerItemKind.PHOTO: 20,
    CallerItemKind.VIDEO: 6,
}


class CallerLinkState(StrEnum):
    """State of a link as shown to a phone."""

    OPEN = "open"
    USED = "link_used"  # another phone opened it first
    OVER = "link_over"  # its time ended, an officer ended it, or there never was one
    FULL = "caller_quota"  # as much came as may


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLink:
    """Link as officers see it, without its code."""

    id: str
    call_id: str
    made_by: str
    made_at: float
    expires_at: float
    opened_at: float | None
    ended_at: float | None
    live_link: str | None
    agency: str | None
    area: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerItem:
    """Something that a caller sent; `accuracy_m` is the radius of the circle of doubt."""

    id: str
    kind: CallerItemKind
    at: float
    text: str | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    bytes: int = 0
    media_type: str | None = None

    @property
    def position(self) -> Position | None:
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLink:
    """Answer to a phone: the link's state, and its claim for later requests."""

    state: CallerLinkState
    link: CallerLink | None = None
    claim: str = ""
    is_new: bool = False


class CallerLinkRepository:
    """Links, and what came by them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def make(
        self, actor: Actor, call_id: str, now: float, sending: LinkSending | None = None
    ) -> tuple[CallerLink, str] | LinkRefusal:
        """Create a link and its code, send it if requested, and end earlier links."""
        code = secrets.token_urlsafe(24)
        with self._db.writing() as connection:
            query = sa.select(call).where(call.c.id == call_id, *owned_by(call, actor.scope))
            of = connection.execute(query).one_or_none()
            if of is None:
                return LinkRefusal.NO_CALL
            target = sending.target_of(of) if sending else None
            if isinstance(target, LinkRefusal):
                return target
            _end(connection, actor, now, caller_link.c.call_id == call_id)
            values = {
                "id": str(uuid7()),
                "call_id": call_id,
                "code_sha256": _hash(code),
                "made_by": actor.username,
                "made_at": now,
                "expires_at": now + LASTS_S,
                "agency": of.agency,
                "area": of.area,
            }
            connection.execute(sa.insert(caller_link).values(values))
            add_log(connection, _entry("caller_link_made", actor, call_id, now))
            (made,) = _links(connection, caller_link.c.id == values["id"])
            if sending and target is not None:
                send_to(connection, sending.event(made, of, code), target, now)
                sent = _entry("caller_link_sent", actor, call_id, now, target=target)
                add_log(connection, sent)
        return made, code

    def end(self, actor: Actor, link_id: str, now: float) -> bool:
        """End a link before its time; return False if the actor sees none in force."""
        with self._db.writing() as connection:
            matching = (
                caller_link.c.id == link_id,
                caller_link.c.ended_at.is_(None),
                *owned_by(caller_link, actor.scope),
            )
            found = _links(connection, *matching)
            if not found:
                return False
            _end(connection, actor, now, *matching)
            add_log(connection, _entry("caller_link_ended", actor, found[0].call_id, now))
        return True

    def open(self, code: str, claim: str, now: float) -> OpenedLink:
        """Return the link of a code for the phone with its claim, or for the first phone."""
        of_code = (caller_link.c.code_sha256 == _hash(code), caller_link.c.ended_at.is_(None))
        matching = (*of_code, caller_link.c.expires_at > now)
        with self._db.reading() as connection:  # who guesses codes keeps nobody from writing
            if not _links(connection, *matching):
                return OpenedLink(state=CallerLinkState.OVER)
        with self._db.writing() as connection:
            row = connection.execute(sa.select(caller_link).where(*matching)).one_or_none()
            if row is None:
                return OpenedLink(state=CallerLinkState.OVER)
            is_new = row.claim_sha256 is None
            if is_new:
                claim = secrets.token_urlsafe(24)
                values = {"claim_sha256": _hash(claim), "opened_at": now}
                connection.execute(sa.update(caller_link).where(*matching).values(values))
            elif not hmac.compare_digest(row.claim_sha256, _hash(claim)):
                return OpenedLink(state=CallerLinkState.USED)
            (link,) = _links(connection, *matching)
        return OpenedLink(state=CallerLinkState.OPEN, link=link, claim=claim, is_new=is_new)

    def add(self, link: CallerLink, item: CallerItem, content: bytes | None) -> CallerLinkState:
        """Store content of a link in force; an accurate position becomes the incident's."""
        with self._db.writing() as connection:
            if not _links(
                connection, caller_link.c.id == link.id, caller_link.c.ended_at.is_(None)
            ):
                return CallerLinkState.OVER
            of_link = (caller_item.c.link_id == link.id, caller_item.c.bytes == item.bytes)
            files = sa.select(caller_file.c.content).join(caller_item).where(*of_link)
            if content is not None and has_file(connection, files, caller_file.c.content, content):
                return CallerLinkState.OPEN
            matching, most = (
                [caller_item.c.link_id == link.id],
                (MOST_OF_KIND[item.kind], MOST_BYTES),
            )
            if not has_room(connection, caller_item, matching, (item.kind, item.bytes), most):
                return CallerLinkState.FULL
            values = {name: getattr(item, name) for name in CallerItem.__dataclass_fields__}
            values |= {"kind": item.kind.value, "link_id": link.id, "call_id": link.call_id}
            connection.execute(sa.insert(caller_item).values(values))
            if content is not None:
                retained = {"item_id": item.id, "content": as_stored(content)}
                connection.execute(sa.insert(caller_file).values(retained))
            _set_place(connection, link, item)
        return CallerLinkState.OPEN

    def of_calls(
        self, call_ids: list[str], scope: DataFilter
    ) -> tuple[list[CallerLink], dict[str, list[CallerItem]]]:
        """Return the newest link of each call that the scope sees, and the content by call."""
        with self._db.reading() as connection:
            links = _links(
                connection, caller_link.c.call_id.in_(call_ids), *owned_by(caller_link, scope)
            )
            newest = {one.call_id: one for one in links}
            query = sa.select(caller_item).where(caller_item.c.call_id.in_(list(newest)))
            items: dict[str, list[CallerItem]] = {one: [] for one in newest}
            for row in connection.execute(query.order_by(caller_item.c.at)):
                items[row.call_id].append(_item(row))
        return list(newest.values()), items

    def sent(self, link_ids: list[str]) -> dict[str, DeliveryFate]:
        """Return the delivery state of the links' text messages."""
        by_subject = {link_subject(one): one for one in link_ids}
        with self._db.reading() as connection:
            found = fates(connection, list(by_subject))
        return {by_subject[subject]: fate for subject, fate in found.items()}

    def file(self, item_id: str, scope: DataFilter) -> tuple[str, bytes] | None:
        """Media type and bytes of a file that a scope may see."""
        query = (
            sa.select(caller_item.c.media_type, caller_file.c.content)
            .join(caller_file, caller_file.c.item_id == caller_item.c.id)
            .join(caller_link, caller_link.c.id == caller_item.c.link_id)
            .where(caller_item.c.id == item_id, *owned_by(caller_link, scope))
        )
        with self._db.reading() as connection:
            return read_file(connection, query)


def _set_place(connection: sa.Connection, link: CallerLink, item: CallerItem) -> None:
    """Set the place of an incident without one, if the caller's position is accurate."""
    is_sure = item.accuracy_m is not None and item.accuracy_m <= _SURE_M
    if item.position is None or not is_sure:
        return
    query = sa.select(incident.c.id).where(
        incident_member.c.type == MemberType.CALL.value,
        incident_member.c.member_id == link.call_id,
        incident_member.c.left_at.is_(None),
        incident.c.id == incident_member.c.incident_id,
        incident.c.closed_at.is_(None),
        incident.c.lat.is_(None),
    )
    for incident_id in connection.execute(query).scalars().all():
        act = IncidentAct(
            incident_id=incident_id,
            why=IncidentReason.ASSESSED,
            now=item.at,
            details={"placed_by": "caller_link", "accuracy_m": item.accuracy_m},
        )
        record(connection, act, {"lat": item.lat, "lon": item.lon})


def _links(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> list[CallerLink]:
    query = sa.select(caller_link).where(*which).order_by(caller_link.c.made_at)
    return [
        CallerLink(**{name: getattr(row, name) for name in CallerLink.__dataclass_fields__})
        for row in connection.execute(query)
    ]


def _item(row: sa.Row[Any]) -> CallerItem:
    facts = {name: getattr(row, name) for name in CallerItem.__dataclass_fields__}
    return CallerItem(**facts | {"kind": CallerItemKind(row.kind)})


def _end(
    connection: sa.Connection, actor: Actor, now: float, *which: sa.ColumnElement[bool]
) -> None:
    """End links in force, and their pending messages."""
    matching = (*which, caller_link.c.ended_at.is_(None))
    ids = connection.execute(sa.select(caller_link.c.id).where(*matching)).scalars().all()
    withdraw(connection, [link_subject(one) for one in ids], now)
    ended = {"ended_by": actor.username, "ended_at": now}
    connection.execute(sa.update(caller_link).where(*matching).values(ended))


def _entry(action: str, actor: Actor, call_id: str, now: float, **details: str) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=actor.username,
        role=actor.role.value,
        action=action,
        object_id=call_id,
        details=details,
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
