"""The last alert under each of some keys, in one query: what a new event may go on with."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alerts.alert.alert_tables import alert


def newest_alerts(connection: sa.Connection, keys: Sequence[str]) -> Sequence[sa.Row[Any]]:
    """The alert that was raised last under each key; none where nothing ever was.

    However many alerts a key has had, an index gives the last one.
    """
    if not keys:
        return ()
    wanted, of_key = _as_rows(connection, keys), alert.alias()
    newest = (
        sa.select(of_key.c.id)
        .where(of_key.c.dedup_key == wanted.c.value)
        .order_by(of_key.c.raised_at.desc(), of_key.c.id.desc())
        .limit(1)
    )
    ids = sa.select(newest.scalar_subquery()).select_from(wanted)
    return connection.execute(sa.select(alert).where(alert.c.id.in_(ids))).all()


def _as_rows(connection: sa.Connection, keys: Sequence[str]) -> sa.TableValuedAlias:
    if connection.dialect.name == "sqlite":
        return sa.func.json_each(json.dumps(list(keys))).table_valued("value")
    texts = sa.cast(sa.literal(list(keys), ARRAY(sa.Text)), ARRAY(sa.Text))
    return sa.func.unnest(texts).table_valued("value").render_derived()
