"""Small pictures that go over a link: chosen and signed below, checked and stored above.

What comes is only looked at, never decoded: its marks, its length, and the sides that it states.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_views import evidence_of
from thapcanh.alerts.alert.records import EvidenceRecord
from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.links import link_rows
from thapcanh.alerts.links.link_keys import (
    PICTURE_FORM,
    as_text,
    canonical,
    is_signed,
    site_key,
)
from thapcanh.alerts.links.link_records import (
    Link,
    LinkedIncident,
    LinkItem,
    LinkRefused,
    PeerRole,
    SiteLinkRefusal,
)
from thapcanh.alerts.links.link_tables import link_incident, link_picture, site_link
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.database import Database

MOST_BYTES = 40_000
MOST_OF_INCIDENT = 3
_MOST_SIDE_PX = 4096
_HOUR_S = 3600.0
_FRESH_S = 3600.0
_SHOWN = (EvidenceKind.SNAPSHOT_BOXED, EvidenceKind.SNAPSHOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureToSend:
    """A sealed picture of an alert that is to go up."""

    link: Link
    incident_id: str
    remote_id: str
    camera_id: str
    evidence: EvidenceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePicture:
    """A picture that a lower site sent; `is_sealed`: that site's key vouches for it."""

    id: str
    link_id: str
    at: float
    sha256: str
    statement: Mapping[str, Any]
    is_sealed: bool


def pictures_to_send(
    connection: sa.Connection, link: Link, now: float
) -> tuple[list[PictureToSend], int]:
    """Return what is to go up now, and how many are held by the bound an hour."""
    if not link.sharing.pictures or link.peer is not PeerRole.UPPER:
        return [], 0
    found = list(_waiting(connection, link, now))
    sent = sa.select(sa.func.count()).where(
        link_picture.c.link_id == link.id, link_picture.c.at > now - _HOUR_S
    )
    room = max(0, link.sharing.pictures_an_hour - connection.execute(sent).scalar_one())
    return found[:room], max(0, len(found) - room)


def _waiting(connection: sa.Connection, link: Link, now: float) -> Iterator[PictureToSend]:
    count = (
        sa.select(sa.func.count())
        .where(link_picture.c.incident_id == link_incident.c.incident_id)
        .correlate(link_incident)
        .scalar_subquery()
    )
    query = (
        sa.select(link_incident, alert.c.id.label("alert_id"), alert.c.camera_id)
        .join(incident, incident.c.id == link_incident.c.incident_id)
        .join(incident_member, incident_member.c.incident_id == link_incident.c.incident_id)
        .join(alert, alert.c.id == incident_member.c.member_id)
        .where(
            link_incident.c.link_id == link.id,
            incident_member.c.type == MemberType.ALERT.value,
            incident_member.c.left_at.is_(None),
            incident.c.closed_at.is_(None) | (incident.c.closed_at > now - _FRESH_S),
            count < MOST_OF_INCIDENT,
        )
        .order_by(incident.c.priority, link_incident.c.opened_at, alert.c.raised_at)
        .limit(100)
    )
    left: dict[str, int] = {}
    for row in connection.execute(query).all():
        if not link.sharing.covers_camera(row.camera_id):
            continue
        evidence = _picture(connection, row.alert_id)
        if evidence is None or left.get(row.remote_id, 0) >= MOST_OF_INCIDENT:
            continue
        left[row.remote_id] = left.get(row.remote_id, 0) + 1
        yield PictureToSend(
            link=link,
            incident_id=row.incident_id,
            remote_id=row.remote_id,
            camera_id=row.camera_id,
            evidence=evidence,
        )


def _picture(connection: sa.Connection, alert_id: str) -> EvidenceRecord | None:
    """Return an alert's sealed picture, unless one of it was sent."""
    there = [one for one in evidence_of(connection, alert_id) if one.kind in _SHOWN]
    ids = [one.id for one in there]
    query = sa.select(link_picture.c.id).where(link_picture.c.id.in_(ids))
    if not ids or connection.execute(query.limit(1)).first() is not None:
        return None
    present = [one for one in there if one.deleted_at is None]
    return min(present, key=lambda one: _SHOWN.index(one.kind), default=None)


def send_picture(database: Database, one: PictureToSend, jpeg: bytes, now: float) -> None:
    """Put a small picture on its way, signed; what left is noted once."""
    statement = {
        "incident": one.remote_id,
        "evidence": one.evidence.id,
        "camera": one.camera_id,
        "original_sha256": one.evidence.sha256,
        "sha256": hashlib.sha256(jpeg).hexdigest(),
        "at": now,
    }
    signature = site_key(database).sign(PICTURE_FORM, canonical(statement))
    subject = f"picture/{one.remote_id}/{one.evidence.id}"
    data = {"statement": statement, "signature": signature, "jpeg": as_text(jpeg)}
    item = LinkItem(seq=0, subject=subject, kind=link_rows.PICTURE, at=now, data=data)
    with database.writing() as connection:
        same = sa.select(link_picture.c.id).where(link_picture.c.id == one.evidence.id)
        if connection.execute(same).first() is not None:
            return
        connection.execute(
            sa.insert(link_picture).values(
                id=one.evidence.id, link_id=one.link.id, incident_id=one.incident_id, at=now,
                sha256=statement["sha256"], statement=_as_json(statement), signature=signature,
            )
        )  # fmt: skip
        link_rows.put_item(connection, one.link.id, item, rank=link_rows.LAST)


def store_picture(
    connection: sa.Connection, link: Link, linked: LinkedIncident, item: LinkItem, now: float
) -> None:
    """Store a lower site's picture once. Raise `LinkRefused` for one that is none."""
    if link.peer is not PeerRole.LOWER:
        raise LinkRefused(SiteLinkRefusal.NOT_YOURS)
    statement, signature = item.data.get("statement"), item.data.get("signature")
    content = _jpeg(item.data.get("jpeg"))
    if not isinstance(statement, Mapping) or not isinstance(signature, str):
        raise LinkRefused(SiteLinkRefusal.UNREADABLE, "statement")
    is_of_it = (
        statement.get("sha256") == hashlib.sha256(content).hexdigest()
        and statement.get("incident") == linked.remote_id
    )
    if not is_of_it or not is_signed(
        link.public_key, PICTURE_FORM, canonical(statement), signature
    ):
        raise LinkRefused(SiteLinkRefusal.SIGNATURE)
    count = sa.select(sa.func.count()).where(link_picture.c.incident_id == linked.incident_id)
    if connection.execute(count).scalar_one() >= 4 * MOST_OF_INCIDENT:
        raise LinkRefused(SiteLinkRefusal.FLOOD)
    connection.execute(
        sa.insert(link_picture).values(
            id=f"{link.id}/{item.seq}", link_id=link.id, incident_id=linked.incident_id, at=now,
            sha256=statement["sha256"], statement=_as_json(statement), signature=signature,
            content=as_text(content),
        )
    )  # fmt: skip


def _jpeg(text: object) -> bytes:
    """Return the bytes of what looks like a small JPEG. Raise `LinkRefused`."""
    try:
        content = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (ValueError, binascii.Error):
        content = b""
    sides = jpeg_sides(content)
    is_small = len(content) <= MOST_BYTES and sides is not None and max(sides) <= _MOST_SIDE_PX
    if not is_small:
        raise LinkRefused(SiteLinkRefusal.NOT_A_PICTURE)
    return content


def jpeg_sides(content: bytes) -> tuple[int, int] | None:
    """Return the sides that a JPEG states, by its markers alone; None if it is no JPEG."""
    if content[:2] != b"\xff\xd8" or content[-2:] != b"\xff\xd9":
        return None
    at = 2
    while at + 9 < len(content):
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if content[at] != 0xFF or length < 2:
            return None
        if marker in (0xC0, 0xC1, 0xC2):
            height = int.from_bytes(content[at + 5 : at + 7])
            width = int.from_bytes(content[at + 7 : at + 9])
            return (width, height) if width and height else None
        at += 2 + length
    return None


class SitePictureRepository:
    """Pictures that lower sites sent; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of_incident(self, incident_id: str) -> list[SitePicture]:
        """Return an incident's pictures, each verified with its site's public key."""
        query = (
            sa.select(link_picture, site_link.c.public_key)
            .join(site_link)
            .where(link_picture.c.incident_id == incident_id, link_picture.c.content.is_not(None))
        )
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(link_picture.c.at)).all()
        return [_site_picture(row) for row in rows]

    def content(self, incident_id: str, picture_id: str) -> bytes | None:
        query = sa.select(link_picture.c.content).where(
            link_picture.c.id == picture_id, link_picture.c.incident_id == incident_id
        )
        with self._db.reading() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else base64.b64decode(found)

    def wrong(self) -> list[str]:
        """Return the ids of pictures that are not as their site signed them."""
        query = sa.select(link_picture, site_link.c.public_key).join(site_link)
        with self._db.reading() as connection:
            rows = connection.execute(query.where(link_picture.c.content.is_not(None)))
            return [row.id for row in rows if not _site_picture(row).is_sealed]

    def delete_old(self, before: float) -> None:
        """Drop the contents of old pictures of what is over; what was signed of them stays."""
        over = sa.select(incident.c.id).where(incident.c.closed_at < before)
        old = sa.select(link_picture.c.id).where(
            link_picture.c.at < before,
            link_picture.c.content.is_not(None),
            link_picture.c.incident_id.in_(over),
        )
        with self._db.reading() as connection:
            ids = list(connection.execute(old.limit(500)).scalars())
        if ids:
            with self._db.writing() as connection:
                emptied = sa.update(link_picture).where(link_picture.c.id.in_(ids))
                connection.execute(emptied.values(content=None))


def _site_picture(row: sa.Row[Any]) -> SitePicture:
    statement = json.loads(row.statement)
    digest = hashlib.sha256(base64.b64decode(row.content)).hexdigest()
    is_signed_so = is_signed(row.public_key, PICTURE_FORM, canonical(statement), row.signature)
    return SitePicture(
        id=row.id,
        link_id=row.link_id,
        at=row.at,
        sha256=row.sha256,
        statement=statement,
        is_sealed=is_signed_so and digest == row.sha256 == statement.get("sha256"),
    )


def _as_json(statement: Mapping[str, Any]) -> str:
    return json.dumps(dict(statement), ensure_ascii=False)
