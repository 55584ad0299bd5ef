"""Typed rows have the columns of their tables, with their types."""

from typing import get_type_hints

import pytest
import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert, episode_event
from thapcanh.alerts.alert.typed_rows import (
    AlertRow,
    EpisodeEventRow,
    IncidentMemberRow,
    IncidentRow,
)
from thapcanh.alerts.incidents.incident_tables import incident, incident_member

TYPES = {
    sa.Text: str,
    sa.Double: float,
    sa.Integer: int,
    sa.Boolean: bool,
}


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (AlertRow, alert),
        (EpisodeEventRow, episode_event),
        (IncidentRow, incident),
        (IncidentMemberRow, incident_member),
    ],
)
def test_a_row_has_one_field_a_column(row: type, table: sa.Table) -> None:
    columns = {one.name: TYPES[type(one.type)] for one in table.c}
    wanted = {
        name: type_ | None if table.c[name].nullable else type_ for name, type_ in columns.items()
    }
    assert get_type_hints(row) == wanted
