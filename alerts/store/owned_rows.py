"""Scoped rows: the condition by agency and area."""

import sqlalchemy as sa

from thapcanh.alerts.store.roles import DataFilter


def owned_by(table: sa.Table, scope: DataFilter) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that leave rows in scope only."""
    observed = ((table.c.agency, scope.agencies), (table.c.area, scope.areas))
    return [column.in_(sorted(names)) for column, names in observed if names is not None]
