"""Made rows of any table: one value a column and number."""

from typing import Any

import sqlalchemy as sa


def value_of(column: sa.Column[Any], number: int) -> Any:
    """A value by which rows of one number refer to each other."""
    match column.type:
        case sa.Boolean():
            return number % 2 == 0
        case sa.Integer():
            return number
        case sa.Float():
            return number + 0.5
        case _:
            return f"x{number}"


def row_of(table: sa.Table, number: int) -> dict[str, Any]:
    """A row of which every column has a value."""
    return {one.name: value_of(one, number) for one in table.columns}
