"""Rows of notices to records, and what others are told of one. Read only."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from alerts.incidents.kinds import IncidentKind
from alerts.public_notices.public_notice_tables import public_notice_version
from alerts.public_notices.public_notices import (
    PublicAct,
    PublicNotice,
    PublicNoticeState,
    PublicVersion,
)
from alerts.store.outbox.outgoing import NOTICE, OutgoingEvent, iso_time
from config.rules import Priority


def told_of_notice(notice: PublicNotice, version: PublicVersion) -> OutgoingEvent:
    """What others are told of a version: words that are public, and no officer."""
    data = {
        "id": notice.id,
        "kind": notice.kind.value,
        "ward": notice.ward,
        "state": "closed" if version.act is PublicAct.WITHDRAWN else notice.state.value,
        "act": version.act.value,
        "title": version.title,
        "text": version.text,
        "reason": version.reason,
        "published_at": iso_time(version.at),
    }
    return OutgoingEvent(
        type=f"thapcanh.notice.{version.act.value}.v1",
        subject=f"{NOTICE}/{notice.id}",
        kind=NOTICE,
        priority=Priority.P2,
        version=version.version,
        at=version.at,
        agency=notice.agency,
        area=notice.area,
        data=data,
    )


def notices_of(connection: sa.Connection, rows: Sequence[Any]) -> list[PublicNotice]:
    """Rows as records, each with its versions."""
    versions = versions_of(connection, [row.id for row in rows])
    return [
        PublicNotice(
            **{name: getattr(row, name) for name in _SAME_NAME},
            kind=IncidentKind(row.kind),
            state=PublicNoticeState(row.state),
            versions=tuple(versions.get(row.id, ())),
        )
        for row in rows
    ]


def versions_of(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[PublicVersion]]:
    """What was published of these notices, the first version first."""
    query = sa.select(public_notice_version).where(public_notice_version.c.notice_id.in_(ids))
    found: dict[str, list[PublicVersion]] = {}
    for row in connection.execute(query.order_by(public_notice_version.c.version)):
        facts = {name: getattr(row, name) for name in PublicVersion.__dataclass_fields__}
        version = PublicVersion(**facts | {"act": PublicAct(row.act)})
        found.setdefault(row.notice_id, []).append(version)
    return found


_SAME_NAME = tuple(
    name for name in PublicNotice.__dataclass_fields__ if name not in {"kind", "state", "versions"}
)
