"""Devices of the archive and their tests; thread-safe."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.store.audit_log import add_act
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.owned_rows import owned_by
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import Actor, DataFilter
from thapcanh.alerts.store.tables import metadata
from thapcanh.config.devices import DeviceConfig

_Text = sa.Text()
_Number: sa.Double[float] = sa.Double()

device = sa.Table(
    "device",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("name", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("facility", _Text),
    sa.Column("place", _Text),
    sa.Column("lat", _Number),
    sa.Column("lon", _Number),
    sa.Column("agency", _Text),
    sa.Column("area", _Text),
    sa.Column("cameras", _Text, nullable=False),  # JSON: ids
    sa.Column("heartbeat_s", _Number),
    sa.Column("topic", _Text),
    sa.Column("account", _Text),  # by which its panel is known on an alarm line
    sa.Column("written_by", _Text, nullable=False),
    sa.Column("written_at", _Number, nullable=False),
    sa.Column("removed_by", _Text),
    sa.Column("removed_at", _Number),
)
sa.Index("ix_device_facility", device.c.facility)
sa.Index("ix_device_written", device.c.written_at)

device_test = sa.Table(
    "device_test",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("device_id", _Text, nullable=False),  # of the browser or of the files
    sa.Column("reason", _Text, nullable=False),
    sa.Column("begins_at", _Number, nullable=False),
    sa.Column("ends_at", _Number, nullable=False),
    sa.Column("begun_by", _Text, nullable=False),
    sa.Column("ended_by", _Text),
    sa.Column("ended_at", _Number),
)
sa.Index("ix_device_test_ends", device_test.c.ends_at)


LONGEST_TEST_S = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTest:
    """Test of a device (bảo trì): its signals are logged and raise nothing."""

    id: str
    device_id: str
    reason: str
    begins_at: float
    ends_at: float
    begun_by: str
    ended_by: str | None = None
    ended_at: float | None = None

    @property
    def until(self) -> float:
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDevices:
    """Changed devices, ids of removed ones, and the time of reading."""

    devices: tuple[DeviceConfig, ...]
    gone: tuple[str, ...]
    read_at: float


class DeviceRepository:
    """Repository of devices."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def changed_since(self, at: float) -> ChangedDevices:
        """Return what was written or removed since a time, including that time."""
        moved = sa.func.coalesce(device.c.removed_at, device.c.written_at)
        with self._db.reading() as connection:
            rows = connection.execute(sa.select(device).where(moved >= at)).all()
        return ChangedDevices(
            devices=tuple(device_of(row) for row in rows if row.removed_at is None),
            gone=tuple(row.id for row in rows if row.removed_at is not None),
            read_at=max([at, *((row.removed_at or row.written_at) for row in rows)]),
        )

    def page(
        self, scope: DataFilter, *, words: str = "", facility: str | None = None, limit: int = 200
    ) -> list[DeviceConfig]:
        """Return devices in scope, by name; with these words in id or name, or of a facility."""
        query = sa.select(device).where(device.c.removed_at.is_(None), *owned_by(device, scope))
        if facility is not None:
            query = query.where(device.c.facility == facility)
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(device.c.name, device.c.id)).all()
        requested = plain(words).split()
        found = (
            row
            for row in rows
            if not requested
            or all(word in plain(row.id, row.name, row.place) for word in requested)
        )
        return [device_of(row) for row, _ in zip(found, range(limit), strict=False)]

    def one(self, device_id: str, scope: DataFilter) -> DeviceConfig | None:
        with self._db.reading() as connection:
            row = connection.execute(sa.select(device).where(*_matching(device_id, scope))).first()
        return None if row is None else device_of(row)

    def save(self, actor: Actor, devices: Sequence[DeviceConfig], now: float) -> list[str]:
        """Write devices, all or none; return the ids that are another agency's already."""
        ids = [one.id for one in devices]
        with self._db.writing() as connection:
            there = _there(connection, ids)
            matching = _there(connection, ids, *owned_by(device, actor.scope))
            if accepted := sorted(there.keys() - matching.keys()):
                return accepted
            for one in devices:
                _put(connection, actor, one, now, is_known=one.id in there)
                add_act(connection, actor, ("device_saved", one.id), now, {"name": one.name})
        return []

    def remove(self, actor: Actor, device_id: str, now: float) -> bool:
        """Remove a device; return False if the actor sees none."""
        with self._db.writing() as connection:
            matching = sa.update(device).where(*_matching(device_id, actor.scope))
            gone = connection.execute(matching.values(removed_by=actor.username, removed_at=now))
            if not gone.rowcount:
                return False
            add_act(connection, actor, ("device_removed", device_id), now)
        return True

    def begin_test(self, actor: Actor, new: DeviceTest, now: float) -> None:
        values = {name: getattr(new, name) for name in DeviceTest.__dataclass_fields__}
        details = {"until": new.ends_at, "reason": new.reason}
        with self._db.writing() as connection:
            connection.execute(sa.insert(device_test).values(values))
            add_act(connection, actor, ("device_test_began", new.device_id), now, details)

    def end_tests(self, actor: Actor, device_id: str, now: float) -> bool:
        """End a device's running tests; return False if there is none."""
        running = (
            device_test.c.device_id == device_id,
            device_test.c.ended_at.is_(None),
            device_test.c.ends_at > now,
        )
        ended = {"ended_by": actor.username, "ended_at": now}
        with self._db.writing() as connection:
            done = connection.execute(sa.update(device_test).where(*running).values(ended))
            if not done.rowcount:
                return False
            add_act(connection, actor, ("device_test_ended", device_id), now)
        return True

    def tests_since(self, at: float) -> list[DeviceTest]:
        """Return tests that run, or ended after a time, by start."""
        query = sa.select(device_test).where(device_test.c.ends_at > at)
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(device_test.c.begins_at)).all()
        tests = (DeviceTest(**row._mapping) for row in rows)
        return [one for one in tests if one.until > at]


def device_of(row: sa.Row[Any]) -> DeviceConfig:
    """Return the device of a row without validation."""
    same = {name: getattr(row, name) for name in _COLUMNS}
    return DeviceConfig.model_construct(**same, cameras=tuple(json.loads(row.cameras)))


_COLUMNS = tuple(name for name in DeviceConfig.model_fields if name != "cameras")


def _put(
    connection: sa.Connection, actor: Actor, one: DeviceConfig, now: float, *, is_known: bool
) -> None:
    values = {name: getattr(one, name) for name in _COLUMNS} | {
        "cameras": json.dumps(one.cameras),
        "written_by": actor.username,
        "written_at": now,
        "removed_by": None,
        "removed_at": None,
    }
    if is_known:
        connection.execute(sa.update(device).where(device.c.id == one.id).values(values))
    else:
        connection.execute(sa.insert(device).values(values))


def _matching(device_id: str, scope: DataFilter) -> tuple[sa.ColumnElement[bool], ...]:
    return (device.c.id == device_id, device.c.removed_at.is_(None), *owned_by(device, scope))


def _there(
    connection: sa.Connection, ids: Collection[str], *which: sa.ColumnElement[bool]
) -> dict[str, float]:
    """Return when each of these was written, also removed ones."""
    columns = (device.c.id, device.c.written_at)
    rows = connection.execute(sa.select(*columns).where(device.c.id.in_(sorted(ids)), *which))
    return {row.id: row.written_at for row in rows}
