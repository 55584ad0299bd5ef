"""The one order of answering: what is surest first, and what was looked at already later."""

from itertools import product
from pathlib import Path

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.alert_views import URGENCY
from thapcanh.alerts.alert.answering_order import Urgency, urgency_of
from thapcanh.alerts.store.tables import metadata


def test_a_corroborated_p1_is_the_surest_thing_on_the_desk() -> None:
    standing = [
        urgency_of("fire", 1, "call", None),
        urgency_of("smoke", 1, "device", None),
        urgency_of("fire", 1, None, None),
        urgency_of("fire", 1, "call", "an"),
        urgency_of("fire", 1, None, "an"),
        urgency_of("fire", 2, "call", None),
        urgency_of("fire", 3, None, None),
        urgency_of("camera_offline", 1, None, None),
    ]
    assert [one.value for one in standing] == [1, 1, 2, 3, 3, 4, 5, 6]


def test_the_database_orders_as_the_screens_do(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'order.sqlite'}")
    metadata.create_all(engine, [alert])
    cases = list(
        product(("fire", "worker_lost"), (1, 2, 3), (None, "call", "device"), (None, "an"))
    )
    needed = [one for one in alert.columns if not one.nullable]
    rows: list[dict[str, object]] = [
        {one.name: f"{number}" if isinstance(one.type, sa.Text) else 0 for one in needed}
        | {"kind": kind, "priority": priority, "corroboration": told, "cosign_wanted_by": by}
        for number, (kind, priority, told, by) in enumerate(cases)
    ]
    with engine.begin() as connection:
        connection.execute(sa.insert(alert), rows)
        found = connection.execute(
            sa.select(
                URGENCY, alert.c.kind, alert.c.priority, alert.c.corroboration,
                alert.c.cosign_wanted_by,
            )
        ).all()  # fmt: skip
    engine.dispose()
    assert len(found) == len(cases)
    assert {Urgency(row[0]) for row in found} == set(Urgency) - {Urgency.CONFIRMED}
    assert all(row[0] == urgency_of(*row[1:]) for row in found)
