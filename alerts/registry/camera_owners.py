"""Former owners of cameras in the archive.

The registry's writer stores them in its transaction; for cameras from files the centre does.
Thread-safe.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from thapcanh.alerts.registry.recording_rights import FormerOwner, Owner
from thapcanh.alerts.registry.registry_tables import camera_owner
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database

Document = Mapping[str, Any]
"""What is known of a camera, as its table says it."""

STORED_FACTS = {"name", "agency", "area", "lat", "lon", "privacy_masks"}
"""What is put down of a camera in a file: what its film is shown with once it is gone."""

NOTED = "camera_owners_noted"
_CHUNK = 500
_INSTANT_S = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedCamera:
    """Camera that is no longer watched: its facts, and since when.

    `present` is its owner if it is registered and disabled.
    """

    document: Document
    at: float
    present: Owner | None = None


class CameraOwners:
    """Reads former owners, and follows the files of a site without a registry."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def former(self, cameras: Sequence[str]) -> dict[str, tuple[FormerOwner, ...]]:
        """Return the former owners of these cameras, in order."""
        with self._db.reading() as connection:
            return former_owners(connection, cameras)

    def left_files(self, camera_id: str | None = None) -> list[RemovedCamera]:
        """Return the cameras that left the files, the last first; or one of them."""
        local = sa.select(camera_owner.c.camera_id).where(camera_owner.c.until.is_(None))
        query = (
            sa.select(camera_owner)
            .where(
                camera_owner.c.until.is_not(None),
                camera_owner.c.document.is_not(None),
                camera_owner.c.camera_id.not_in(local),
                *(() if camera_id is None else (camera_owner.c.camera_id == camera_id,)),
            )
            .order_by(camera_owner.c.until.desc(), camera_owner.c.id.desc())
        )
        found: dict[str, RemovedCamera] = {}
        with self._db.reading() as connection:
            for row in connection.execute(query):
                left = RemovedCamera(document=json.loads(row.document), at=row.until)
                found.setdefault(row.camera_id, left)
        return list(found.values())

    def follow_files(self, cameras: Mapping[str, Document], now: float) -> int:
        """Record the owners of cameras in today's files; return how many changed."""
        with self._db.reading() as connection:
            reported = {row.camera_id: row for row in connection.execute(_as_files_report())}
        ended = {
            name: str(row.id)
            for name, row in reported.items()
            if name not in cameras or _owner(cameras[name]) != (row.agency, row.area)
        }
        rows = {name: _row(name, document) for name, document in cameras.items()}
        begun = [row for name, row in rows.items() if name not in reported or name in ended]
        changed = [
            {"row": reported[name].id, "said": row["document"]}
            for name, row in rows.items()
            if name in reported and name not in ended and reported[name].document != row["document"]
        ]
        over = list(ended.items())
        for first in range(0, max(len(over), len(begun), len(changed)), _CHUNK):
            part = slice(first, first + _CHUNK)
            self._note(dict(over[part]), begun[part], changed[part], now)
        return len(ended)

    def _note(
        self,
        ended: Mapping[str, str],
        begun: list[dict[str, Any]],
        changed: list[dict[str, Any]],
        now: float,
    ) -> None:
        with self._db.writing() as connection:
            _end(connection, list(ended.values()), _not_before(connection, list(ended), now))
            if begun:
                connection.execute(sa.insert(camera_owner), begun)
            if changed:
                of_row = camera_owner.c.id == sa.bindparam("row")
                said: dict[str, Any] = {"document": sa.bindparam("said")}
                connection.execute(sa.update(camera_owner).where(of_row).values(said), changed)
            entry = AuditEntry(
                at=now,
                action=NOTED,
                object_id="registry",
                details={"ended": len(ended), "begun": len(begun), "changed": len(changed)},
            )
            add_log(connection, entry)


def former_owners(
    connection: sa.Connection, cameras: Sequence[str]
) -> dict[str, tuple[FormerOwner, ...]]:
    """Return the former owners of these cameras, in order."""
    found: dict[str, list[FormerOwner]] = {}
    for first in range(0, len(cameras), _CHUNK):
        query = sa.select(camera_owner).where(
            camera_owner.c.camera_id.in_(cameras[first : first + _CHUNK]),
            camera_owner.c.until.is_not(None),
        )
        for row in connection.execute(query.order_by(camera_owner.c.until, camera_owner.c.id)):
            former = FormerOwner(agency=row.agency, area=row.area, until=row.until)
            found.setdefault(row.camera_id, []).append(former)
    return {name: tuple(owners) for name, owners in found.items()}


def note_owners(
    connection: sa.Connection, changed: Mapping[str, tuple[Owner | None, Owner | None]], at: float
) -> None:
    """Record former owners, given each camera's old and new one; None means none."""
    if not changed:
        return
    at = _not_before(connection, list(changed), at)
    of_files = list(_reported_by_files(connection, list(changed)))
    _end(connection, of_files, at)
    rows = [
        {"id": str(uuid7()), "camera_id": name, "agency": was[0], "area": was[1], "until": at}
        for name, (was, now) in changed.items()
        if was is not None and was != now
    ]
    if rows:
        connection.execute(sa.insert(camera_owner), rows)


def _owner(document: Document) -> Owner:
    return document.get("agency"), document.get("area")


def _row(name: str, document: Document) -> dict[str, Any]:
    agency, area = _owner(document)
    said = json.dumps({**document, "id": name}, ensure_ascii=False, sort_keys=True)
    return {
        "id": str(uuid7()), "camera_id": name, "agency": agency, "area": area, "until": None,
        "document": said,
    }  # fmt: skip


def _as_files_report() -> Any:
    return sa.select(camera_owner).where(camera_owner.c.until.is_(None))


def _reported_by_files(connection: sa.Connection, cameras: Sequence[str]) -> Iterable[str]:
    for first in range(0, len(cameras), _CHUNK):
        some = camera_owner.c.camera_id.in_(cameras[first : first + _CHUNK])
        yield from (row.id for row in connection.execute(_as_files_report().where(some)))


def _end(connection: sa.Connection, rows: Sequence[str], at: float) -> None:
    for first in range(0, len(rows), _CHUNK):
        some = camera_owner.c.id.in_(rows[first : first + _CHUNK])
        connection.execute(sa.update(camera_owner).where(some).values(until=at))


def _not_before(connection: sa.Connection, cameras: Sequence[str], at: float) -> float:
    """Return the time, or one after the last change if the clock was put back since."""
    for first in range(0, len(cameras), _CHUNK):
        some = camera_owner.c.camera_id.in_(cameras[first : first + _CHUNK])
        last = connection.execute(sa.select(sa.func.max(camera_owner.c.until)).where(some))
        at = max(at, (last.scalar_one() or 0.0) + _INSTANT_S)
    return at
