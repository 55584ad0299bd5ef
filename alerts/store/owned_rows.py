"""Rows with an owner, an agency and an area, as a scope sees them: the one place that says so."""

import sqlalchemy as sa

from thapcanh.alerts.store.roles import DataFilter


def owned_by(table: sa.Table, scope: DataFilter) -> list[sa.ColumnElement[bool]]:
    """The conditions that leave only rows of a table that a scope may see."""
    seen = ((table.c.agency, scope.agencies), (table.c.area, scope.areas))
    return [column.in_(sorted(names)) for column, names in seen if names is not None]
