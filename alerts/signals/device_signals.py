"""Log of devices' signals: one row each, found by the sender's key."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.signals.signal_schema import SignalBody, SignalKind
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.tables import metadata

_Text = sa.Text()
_Time: sa.Double[float] = sa.Double()

device_signal = sa.Table(
    "device_signal",
    metadata,
    sa.Column("id", _Text, primary_key=True),
    sa.Column("device_id", _Text, nullable=False),
    sa.Column("key", _Text, nullable=False),
    sa.Column("body_sha256", _Text, nullable=False),
    sa.Column("kind", _Text, nullable=False),
    sa.Column("told_at", _Time, nullable=False),  # by the device's clock
    sa.Column("received_at", _Time, nullable=False),
    sa.Column("ahead_s", _Time),  # how wrong that clock is; None where it can be believed
    sa.Column("place", _Text),
    sa.Column("restores", _Text),  # of `restored`: the one kind that is over; None: all of the zone
    sa.Column("value", _Text),
    sa.Column("folded", sa.Integer, nullable=False),
    sa.Column("event_id", _Text),  # of the episode that it raised or went on
    sa.UniqueConstraint("device_id", "key", name="uq_device_signal_key"),
)
sa.Index("ix_device_signal_received", device_signal.c.received_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRecord:
    """Signal as received, and its event. Times are UTC unix seconds."""

    id: str
    device_id: str
    key: str
    body_sha256: str
    kind: str
    told_at: float
    received_at: float
    ahead_s: float | None
    place: str | None
    restores: str | None
    value: str | None
    folded: int
    event_id: str | None


class SignalRepository:
    """Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def find_all(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], SignalRecord]:
        if not keys:
            return {}
        requested = set(keys)
        query = sa.select(device_signal).where(
            device_signal.c.device_id.in_(sorted({device_id for device_id, _ in requested})),
            device_signal.c.key.in_(sorted({key for _, key in requested})),
        )
        with self._db.reading() as connection:
            found = [_record(row) for row in connection.execute(query)]
        return {
            (one.device_id, one.key): one for one in found if (one.device_id, one.key) in requested
        }

    def add_all(self, records: Sequence[SignalRecord]) -> None:
        """Insert signals. Raise `ArchiveRefused` if a key exists."""
        names = SignalRecord.__dataclass_fields__
        rows = [{name: getattr(one, name) for name in names} for one in records]
        with self._db.writing() as connection:
            connection.execute(sa.insert(device_signal), rows)

    def standing(self, device_id: str, since: float, until: float) -> list[SignalBody]:
        """Return what a device reported and did not restore, the newest of each kind."""
        query = sa.select(device_signal).where(
            device_signal.c.device_id == device_id,
            device_signal.c.received_at.between(since, until),
        )
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(device_signal.c.received_at)).all()
        return still_reported([_signal(row) for row in rows])

    def standing_of_each(
        self, episodes: Mapping[str, Collection[str]], until: float
    ) -> dict[str, list[SignalBody]]:
        """Return that for several devices, each since its first episode's signal.

        Devices without that signal, or with one dated after `until` (clock put back), are left out.
        """
        found: dict[str, list[SignalBody]] = {}
        for device_id, event_ids in episodes.items():
            query = sa.select(sa.func.min(device_signal.c.received_at)).where(
                device_signal.c.device_id == device_id, device_signal.c.event_id.in_(event_ids)
            )
            with self._db.reading() as connection:
                since = connection.execute(query).scalar_one()
            if since is not None and since <= until:
                found[device_id] = self.standing(device_id, since, until)
        return found

    def devices_at_rest(self, since: float) -> set[str]:
        """Return devices that restored something since a time, at whichever centre."""
        query = sa.select(device_signal.c.device_id).where(
            device_signal.c.received_at > since,
            device_signal.c.kind.in_([SignalKind.CLEARED.value, SignalKind.RESTORED.value]),
        )
        with self._db.reading() as connection:
            return set(connection.execute(query.distinct()).scalars())

    def forget(self, before: float) -> int:
        """Drop what was received before a time."""
        removed = sa.delete(device_signal).where(device_signal.c.received_at < before)
        with self._db.writing() as connection:
            return connection.execute(removed).rowcount


def body_sha256(signal: SignalBody) -> str:
    """Return the digest that tells a repeated signal from another one with its key."""
    return hashlib.sha256(signal.model_dump_json().encode()).hexdigest()


def still_reported(signals: Iterable[SignalBody]) -> list[SignalBody]:
    """Return what a device did not restore, the newest of each zone."""
    stated: dict[tuple[SignalKind, str | None], SignalBody] = {}
    for one in signals:
        if one.kind is SignalKind.CLEARED:
            stated.clear()
        elif one.kind is SignalKind.RESTORED:
            over = [key for key in stated if _is_over(key, one)]
            for key in over:
                del stated[key]
        else:
            stated[one.kind, one.place] = one
    return list(stated.values())


def _is_over(reported: tuple[SignalKind, str | None], restored: SignalBody) -> bool:
    """Return whether a restore ends it; one without a zone ends every zone's."""
    kind, place = reported
    return restored.restores in (None, kind.value) and restored.place in (None, place)


def _signal(row: sa.Row[Any]) -> SignalBody:
    return SignalBody(
        device_id=row.device_id,
        kind=SignalKind(row.kind),
        at=datetime.fromtimestamp(row.received_at, UTC),
        place=row.place,
        value=row.value,
        restores=row.restores,
    )


def _record(row: sa.Row[Any]) -> SignalRecord:
    return SignalRecord(**row._mapping)
