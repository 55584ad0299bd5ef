"""What goes of a machine's own disk where a store of all machines keeps its film.

Copies of what the store has go after some days, and first where room lacks. Film that the store
does not have yet goes by its camera's days, while the store's word on holds is fresh, or where
nothing else gives room: in a named gap. What is held stays here too. On the recorder's thread;
bounded work a call. Raises `OSError`.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from ingest.recording.index import RecordingIndex, gap_opened
from ingest.recording.period_retention import deleted_gaps
from ingest.recording.retention import (
    DAY_S,
    MOST_AT_ONCE,
    RecordingHold,
    RecordingLimits,
    delete,
    expired,
    free_ones,
    over_budget,
)
from ingest.recording.store.shared_records import is_told_lately

log = logging.getLogger(__name__)


def tidy_copies(
    folder: Path,
    index: RecordingIndex,
    limits: RecordingLimits,
    holds: Sequence[RecordingHold],
    *,
    now_s: float,
    lacking: int = 0,
) -> int:
    """Delete what is too old or too much here; return how many bytes were freed."""
    days = limits.local_days or 0.0
    old = index.oldest(before_s=now_s - days * DAY_S, are_stored=True)
    freed = delete(folder, index, free_ones(old, holds), are_oldest=False)
    if is_told_lately(folder, now_s):  # else it may be held since, and this is the only copy
        freed += delete(folder, index, expired(index, limits, holds, now_s))
    too_many = max(index.total_bytes() - limits.max_bytes, lacking - freed)
    if too_many > 0:
        copies = free_ones(index.oldest(are_stored=True), holds, too_many)
        gone = delete(folder, index, copies, are_oldest=False)
        freed += gone
        if len(copies) < MOST_AT_ONCE or not gone:  # else there are more copies: the next round
            freed += _lose(folder, index, holds, too_many - gone)
    return freed


def _lose(
    folder: Path, index: RecordingIndex, holds: Sequence[RecordingHold], too_many: int
) -> int:
    """Delete what only this disk has, and say so."""
    going = over_budget(index, holds, too_many)
    freed = delete(folder, index, going, are_oldest=False)
    gone = [one for one in going if not (folder / one.path).exists()]
    index.apply([gap_opened(*gap) for gap in deleted_gaps(gone)])
    if freed:
        log.error("recording: %.1f MB deleted that the store does not have", freed / 1e6)
    return freed
