"""Deadlines after the wall clock is put back."""

from typing import Any

import sqlalchemy as sa

SET_BACK_S = 60.0


def was_set_back(began_at: float | None, now: float) -> bool:
    """Return whether the clock was put back since."""
    return began_at is not None and began_at > now + SET_BACK_S


def has_waited(began_at: sa.ColumnElement[Any], now: float, for_s: float) -> sa.ColumnElement[bool]:
    """Return the condition: waited `for_s`, or the clock was put back since."""
    return sa.or_(began_at <= now - for_s, began_at > now + SET_BACK_S)


def is_due(
    due_at: sa.ColumnElement[Any], began_at: sa.ColumnElement[Any], now: float
) -> sa.ColumnElement[bool]:
    """Return the condition: deadline over, or the clock was put back since the start."""
    over = sa.or_(due_at <= now, began_at > now + SET_BACK_S)
    return sa.and_(due_at.is_not(None), over)  # said apart: the index holds only what has one
