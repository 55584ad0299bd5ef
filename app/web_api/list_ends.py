"""Whether a list that an answer ends has more: for lists that come without pages."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import Field

More = Annotated[bool, Field(description="there are others, which are not listed")]
Row = TypeVar("Row")


def first_of(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """The first `limit` of rows of which one more was asked for, and whether it was there."""
    return rows[:limit], len(rows) > limit
