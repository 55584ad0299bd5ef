"""Rows of links as records, and the items on their way.

Every function takes a connection; those that write take one of `Database.writing()`.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.links.link_keys import fingerprint
from thapcanh.alerts.links.link_records import (
    Link,
    LinkedIncident,
    LinkItem,
    PeerRole,
    Receipt,
    Sharing,
    Tree,
)
from thapcanh.alerts.links.link_tables import (
    link_incident,
    link_item,
    link_received,
    link_state,
    site_link,
)

REPORT, PROPOSAL, HELP, TAKE_OVER = "report", "proposal", "help", "take_over"
PICTURE, SHARING, FILM_REQUEST = "picture", "sharing", "film_request"
FIRST, LAST = 0, 1  # ranks: events before pictures
LATER_S = 60.0
_LOOKED_AT = 500
_SAME_NAME = (
    "id", "name", "public_key", "url", "agency", "area", "made_at", "made_by", "ended_at",
    "ended_by", "contact_at", "ahead_s", "held_pictures", "is_end_sent",
)  # fmt: skip


def links(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[Link]:
    """Return links, the oldest first."""
    waiting = (
        sa.select(sa.func.count())
        .where(link_item.c.link_id == site_link.c.id)
        .correlate(site_link)
        .scalar_subquery()
    )
    query = sa.select(site_link, link_state, waiting.label("waiting")).join(link_state)
    rows = connection.execute(query.where(*conditions).order_by(site_link.c.made_at))
    return [_link(row) for row in rows]


def live_links(connection: sa.Connection, peer: PeerRole | None = None) -> list[Link]:
    of = () if peer is None else (site_link.c.peer == peer.value,)
    return links(connection, site_link.c.ended_at.is_(None), *of)


def read_by_links(connection: sa.Connection) -> float:
    """Return the number up to which every live link read the outbox; without one, infinity."""
    least = sa.select(sa.func.min(link_state.c.outbox_seq)).join(site_link)
    found = connection.execute(least.where(site_link.c.ended_at.is_(None))).scalar_one()
    return math.inf if found is None else float(found)


def one_link(connection: sa.Connection, link_id: str) -> Link | None:
    return next(iter(links(connection, site_link.c.id == link_id)), None)


def _link(row: sa.Row[Any]) -> Link:
    return Link(
        **{name: getattr(row, name) for name in _SAME_NAME},
        peer=PeerRole(row.peer),
        fingerprint=fingerprint(row.public_key),
        sharing=Sharing.read(row.sharing),
        tree=Tree.read(json.loads(row.tree)),
        waiting=row.waiting,
    )


def linked_incidents(
    connection: sa.Connection, *conditions: sa.ColumnElement[bool]
) -> list[LinkedIncident]:
    """Return incidents of live links."""
    query = (
        sa.select(link_incident, site_link.c.name, site_link.c.peer)
        .join(site_link)
        .where(site_link.c.ended_at.is_(None), *conditions)
    )
    return [
        LinkedIncident(
            link_id=row.link_id,
            site=row.name,
            peer=PeerRole(row.peer),
            incident_id=row.incident_id,
            remote_id=row.remote_id,
            decides=PeerRole(row.decides),
            decided_at=row.decided_at,
            opened_at=row.opened_at,
            help_at=row.help_at,
            report=json.loads(row.report),
            sent=json.loads(row.sent),
            alone_at=row.alone_at,
        )
        for row in connection.execute(query)
    ]


def of_incident(connection: sa.Connection, incident_id: str) -> list[LinkedIncident]:
    return linked_incidents(connection, link_incident.c.incident_id == incident_id)


def of_remote(connection: sa.Connection, link_id: str, remote_id: str) -> LinkedIncident | None:
    mine = (link_incident.c.link_id == link_id, link_incident.c.remote_id == remote_id)
    return next(iter(linked_incidents(connection, *mine)), None)


def update_linked(
    connection: sa.Connection, linked: LinkedIncident, values: Mapping[str, Any]
) -> None:
    matching = (
        link_incident.c.link_id == linked.link_id,
        link_incident.c.remote_id == linked.remote_id,
    )
    connection.execute(sa.update(link_incident).where(*matching).values(values))


def source_id(link_id: str, remote_id: str) -> str:
    """Return the id of a site's incident as a source here; no two sites share one."""
    return hashlib.sha256(f"{link_id}/{remote_id}".encode()).hexdigest()[:32]


def subject_of(remote_id: str) -> str:
    return f"incident/{remote_id}"


def put_item(
    connection: sa.Connection,
    link_id: str,
    item: LinkItem,
    *,
    rank: int = FIRST,
    replaces: bool = False,
) -> None:
    """Put an item on its way; with `replaces` an earlier one of its kind need not go."""
    if replaces:
        earlier = sa.delete(link_item).where(
            link_item.c.link_id == link_id,
            link_item.c.subject == item.subject,
            link_item.c.kind == item.kind,
        )
        connection.execute(earlier)
    connection.execute(
        sa.insert(link_item).values(
            link_id=link_id,
            subject=item.subject,
            kind=item.kind,
            rank=rank,
            data=json.dumps(dict(item.data), ensure_ascii=False),
            made_at=item.at,
            due_at=item.at,
        )
    )


def next_items(
    connection: sa.Connection, link_id: str, now: float, rank: int, most: tuple[int, int]
) -> list[LinkItem]:
    """Return what is sent next, at most so many items and bytes.

    Of one subject nothing passes what waits.
    """
    query = sa.select(link_item).where(link_item.c.link_id == link_id, link_item.c.rank == rank)
    rows = connection.execute(query.order_by(link_item.c.seq).limit(_LOOKED_AT)).all()
    found: list[LinkItem] = []
    held: set[str] = set()
    room = most[1]
    for row in rows:
        is_put_off = 0 < row.due_at - now <= LATER_S  # a clock that was set back puts nothing off
        size = len(row.data.encode())
        is_too_much = len(found) == most[0] or (found and size > room)
        if is_put_off or is_too_much or row.subject in held:
            held.add(row.subject)
            continue
        room -= size
        found.append(_item(row))
    return found


def _item(row: sa.Row[Any]) -> LinkItem:
    return LinkItem(
        seq=row.seq, subject=row.subject, kind=row.kind, at=row.made_at, data=json.loads(row.data)
    )


def settle(
    connection: sa.Connection, link_id: str, receipts: Sequence[Receipt], now: float
) -> None:
    """Drop what the other site has; put off what it takes later."""
    mine = link_item.c.link_id == link_id
    done = [one.seq for one in receipts if not one.later]
    later = [one.seq for one in receipts if one.later]
    if done:
        connection.execute(sa.delete(link_item).where(mine, link_item.c.seq.in_(done)))
    if later:
        put_off = sa.update(link_item).where(mine, link_item.c.seq.in_(later))
        connection.execute(put_off.values(due_at=now + LATER_S))


def was_applied(connection: sa.Connection, link_id: str, item: LinkItem) -> bool:
    """Return whether an item came before.

    A site that was restored from a backup numbers from there again: what it made later is new.
    """
    query = sa.select(link_received.c.seq, link_received.c.at).where(
        link_received.c.link_id == link_id, link_received.c.subject == item.subject
    )
    last = connection.execute(query).one_or_none()
    return last is not None and item.seq <= last.seq and item.at <= last.at


def note_applied(connection: sa.Connection, link_id: str, item: LinkItem) -> None:
    matching = sa.update(link_received).where(
        link_received.c.link_id == link_id, link_received.c.subject == item.subject
    )
    if not connection.execute(matching.values(seq=item.seq, at=item.at)).rowcount:
        connection.execute(
            sa.insert(link_received).values(
                link_id=link_id, subject=item.subject, seq=item.seq, at=item.at
            )
        )


def update_state(connection: sa.Connection, link_id: str, **values: Any) -> None:
    connection.execute(sa.update(link_state).where(link_state.c.link_id == link_id).values(values))
