"""What waits when the wall clock is put back: its deadline would be as far off as the clock went.

A wait that began in what is now the future has lasted nobody knows how long: it is taken as over.
Waits that began before are at most twice as long. Clocks of one site may differ by less than
`SET_BACK_S`: beyond that an alarm stands already. Pure.
"""

from typing import Any

import sqlalchemy as sa

SET_BACK_S = 60.0


def was_set_back(began_at: float | None, now: float) -> bool:
    """Whether the clock was put back since."""
    return began_at is not None and began_at > now + SET_BACK_S


def has_waited(began_at: sa.ColumnElement[Any], now: float, for_s: float) -> sa.ColumnElement[bool]:
    """Whether something has waited so long, or the clock was put back since it began."""
    return sa.or_(began_at <= now - for_s, began_at > now + SET_BACK_S)


def is_due(
    due_at: sa.ColumnElement[Any], began_at: sa.ColumnElement[Any], now: float
) -> sa.ColumnElement[bool]:
    """Whether a deadline is over, or the clock was put back since its wait began."""
    over = sa.or_(due_at <= now, began_at > now + SET_BACK_S)
    return sa.and_(due_at.is_not(None), over)  # said apart: the index holds only what has one
