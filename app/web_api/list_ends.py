"""Truncation of lists that have no pages."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import Field

More = Annotated[bool, Field(description="there are others, which are not listed")]
Row = TypeVar("Row")


def first_of(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """Return the first `limit` rows, and whether there was one more."""
    return rows[:limit], len(rows) > limit
