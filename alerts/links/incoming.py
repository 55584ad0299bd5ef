"""Application of another site's items: each once, in its subject's order, in one transaction.

An item of an incident that is not shared over this link, or that cannot be read, is refused by
itself and stops nothing. Takes the connection of a `Database.writing()` transaction.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.incidents.incident_state import MemberType
from thapcanh.alerts.incidents.opening import open_incident
from thapcanh.alerts.incidents.records import IncidentPlace, NewIncident, NewMember
from thapcanh.alerts.links import link_rows, reports
from thapcanh.alerts.links.deciding import receive_act
from thapcanh.alerts.links.following_sites import follow
from thapcanh.alerts.links.link_pictures import store_picture
from thapcanh.alerts.links.link_records import (
    Link,
    LinkedIncident,
    LinkItem,
    LinkRefused,
    PeerRole,
    Receipt,
    Sharing,
    SiteLinkRefusal,
)
from thapcanh.alerts.links.link_store import set_sharing, site_actor
from thapcanh.alerts.links.link_tables import link_incident
from thapcanh.alerts.store.audit_log import add_act

MOST_NEW_AN_HOUR = 300
_HOUR_S = 3600.0
_SUBJECT = re.compile(r"^(?:incident|picture|film)/([0-9a-f-]{36})(?:/[\w-]{1,64})?$")


def receive(connection: sa.Connection, link: Link, item: LinkItem, now: float) -> Receipt:
    """Apply an item; return what became of it."""
    if link_rows.was_applied(connection, link.id, item):
        return Receipt(seq=item.seq)  # it came before, and its receipt was lost
    try:
        is_applied = _apply(connection, link, item, now)  # refuses before it writes
    except LinkRefused as refused:
        details = {"site": link.name, "kind": reports.text(item.kind), "why": refused.why.value}
        add_act(connection, site_actor(link.name), ("link_item_refused", link.id), now, details)
        link_rows.note_applied(connection, link.id, item)
        return Receipt(seq=item.seq, refused=refused.why.value)
    if not is_applied:
        return Receipt(seq=item.seq, later=True)
    link_rows.note_applied(connection, link.id, item)
    return Receipt(seq=item.seq)


def _apply(connection: sa.Connection, link: Link, item: LinkItem, now: float) -> bool:
    """Apply an item of any kind; False if it is to come again later. Raise `LinkRefused`."""
    if item.kind == link_rows.SHARING:
        _share(connection, link, item, now)
        return True
    named = _SUBJECT.match(item.subject)
    if named is None:
        raise LinkRefused(SiteLinkRefusal.UNREADABLE, "subject")
    remote_id = named[1]
    linked = link_rows.of_remote(connection, link.id, remote_id)
    if linked is None:
        if item.kind != link_rows.REPORT or link.peer is not PeerRole.LOWER:
            raise LinkRefused(SiteLinkRefusal.NOT_SHARED)
        return _open(connection, link, remote_id, item, now)
    match item.kind:
        case link_rows.REPORT:
            _report(connection, linked, item.data, now)
        case link_rows.PICTURE:
            store_picture(connection, link, linked, item, now)
        case link_rows.FILM_REQUEST if link.peer is PeerRole.UPPER and not link.sharing.film:
            raise LinkRefused(SiteLinkRefusal.NOT_SHARED)
        case _:
            receive_act(connection, linked, item, now)
    return True


def _share(connection: sa.Connection, link: Link, item: LinkItem, now: float) -> None:
    """Note at the upper site what the lower one shares from now on."""
    if link.peer is not PeerRole.LOWER:
        raise LinkRefused(SiteLinkRefusal.NOT_YOURS)
    try:
        sharing = Sharing.read(json.dumps(dict(item.data)))
    except (TypeError, ValueError):
        raise LinkRefused(SiteLinkRefusal.UNREADABLE, "sharing") from None
    set_sharing(connection, link, sharing)
    details = {"site": link.name, "sharing": dict(item.data)}
    add_act(connection, site_actor(link.name), ("link_shared", link.id), now, details)


def _open(
    connection: sa.Connection, link: Link, remote_id: str, item: LinkItem, now: float
) -> bool:
    """Open the incident of a lower site's first report; False beyond the bound an hour."""
    query = sa.select(sa.func.count()).where(
        link_incident.c.link_id == link.id, link_incident.c.opened_at > now - _HOUR_S
    )
    if connection.execute(query).scalar_one() >= MOST_NEW_AN_HOUR:
        return False
    opened = open_incident(connection, _new(link, remote_id, item, now), now)
    connection.execute(
        sa.insert(link_incident).values(
            link_id=link.id,
            remote_id=remote_id,
            incident_id=opened,
            decides=PeerRole.LOWER.value,
            decided_at=now,
            report=json.dumps(dict(item.data), ensure_ascii=False),
            sent="{}",
            opened_at=now,
        )
    )
    linked = link_rows.of_remote(connection, link.id, remote_id)
    assert linked is not None  # noqa: S101 - it was written just now
    follow(connection, linked, item.data, now)
    return True


def _new(link: Link, remote_id: str, item: LinkItem, now: float) -> NewIncident:
    """Return the incident that a lower site reports, its site named before the place."""
    told = reports.incident_of(item.data)
    place = reports.text(told.get("place")) or reports.text(told.get("number"))
    return NewIncident(
        kind=reports.kind_of(told.get("kind")),
        priority=reports.priority_of(told.get("priority")),
        place=IncidentPlace(
            text=f"{link.name}: {place}",
            ward=reports.text(told.get("ward")) or None,
            **_position(told),
        ),
        at=now,
        agency=link.agency,
        area=link.area,
        member=NewMember(
            type=MemberType.SITE,
            id=link_rows.source_id(link.id, remote_id),
            words=reports.words_of(item.data),
            agency=link.agency,
            area=link.area,
        ),
    )


def _report(
    connection: sa.Connection, linked: LinkedIncident, report: Mapping[str, Any], now: float
) -> None:
    """Keep the other site's report; where the other site decides, the incident follows."""
    reports.incident_of(report)
    stored = json.dumps(dict(report), ensure_ascii=False)
    link_rows.update_linked(connection, linked, {"report": stored})
    follow(connection, replace(linked, report=report), report, now)


def _position(told: Mapping[str, Any]) -> dict[str, float | None]:
    lat, lon = told.get("lat"), told.get("lon")
    is_place = all(
        isinstance(one, int | float) and math.isfinite(one) and abs(one) <= most
        for one, most in ((lat, 90), (lon, 180))
    )
    return {"lat": float(lat), "lon": float(lon)} if is_place else {}  # type: ignore[arg-type]
