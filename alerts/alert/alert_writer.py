"""Only writer of alerts' rows: no other module inserts, updates or deletes them.

Takes the connection of a `Database.writing()` transaction.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_rows import SIGHTED
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.typed_rows import AlertRow, values_of
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.seals.written_rows import update_whole

_NEW = tuple(f"new_{name}" for name in SIGHTED)
_sighted = attrgetter(*SIGHTED)


def add_alerts(connection: sa.Connection, rows: Sequence[AlertRow]) -> None:
    if rows:
        connection.execute(sa.insert(alert), [values_of(row) for row in rows])


def write_sighted(connection: sa.Connection, rows: Sequence[AlertRow]) -> None:
    """Write changed alerts; the caller has set the new versions.

    Each row is complete as this transaction read it, and is sealed as it is.
    """
    values = [{"of": row.id, **dict(zip(_NEW, _sighted(row), strict=True))} for row in rows]
    update_whole(connection, _sighted_update(), values, [values_of(row) for row in rows])


def change_alert(
    connection: sa.Connection, row: sa.Row[Any], values: Mapping[str, Any], note: str | None = None
) -> int:
    """Change an alert that is still as it was read; return its new version.

    A note is indexed for search too. Raise `sqlalchemy.exc.NoResultFound` if it changed meanwhile.
    """
    version = int(row.version) + 1
    as_read = sa.and_(alert.c.id == row.id, alert.c.version == row.version)
    words = {"words": alert.c.words + " " + plain(note)} if note else {}
    changed = _update(as_read, {**values, **words, "version": version})
    connection.execute(changed.returning(alert.c.id)).one()
    return version


def change_alerts(
    connection: sa.Connection, changed: Sequence[tuple[str, Mapping[str, Any], str | None]]
) -> None:
    """Change alerts that were read in this transaction: id, new columns, and a note if there is."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for alert_id, values, _ in changed:
        row = {"of": alert_id, **{f"new_{name}": value for name, value in values.items()}}
        alike.setdefault(tuple(sorted(values)), []).append(row)
    for names, rows in alike.items():
        new: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
        connection.execute(_update(alert.c.id == sa.bindparam("of"), new), rows)
    for alert_id, _, note in changed:
        if note:
            words = {"words": alert.c.words + " " + plain(note)}
            connection.execute(_update(alert.c.id == alert_id, words))


def mark_once(
    connection: sa.Connection, alert_ids: Sequence[str], column: sa.Column[float], at: float
) -> None:
    """Set a time on the alerts that do not have it; this is no change of them."""
    first_time = sa.and_(alert.c.id.in_(alert_ids), column.is_(None))
    connection.execute(_update(first_time, {column.name: at}))


@cache
def _sighted_update() -> sa.Update:
    new: dict[str, Any] = {
        name: sa.bindparam(provided) for name, provided in zip(SIGHTED, _NEW, strict=True)
    }
    return _update(alert.c.id == sa.bindparam("of"), new)


def _update(condition: sa.ColumnElement[bool], values: Mapping[str, Any]) -> sa.Update:
    return sa.update(alert).where(condition).values(values)
