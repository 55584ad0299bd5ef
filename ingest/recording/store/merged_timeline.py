"""What several machines recorded of one camera, as one timeline. Pure.

Film goes before any word that it is missing, and the later word before the earlier: who stopped
recording a camera that another machine took over says for ever that it is off. Times are UTC s.
"""

import itertools
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import replace

from ingest.recording.timeline import TOLERANCE_S, RecordingGap, RecordingSegment

_WORTH_S = 1.0
"""Of a segment that others cover, so much must be its own."""


def merged_segments(
    here: Sequence[RecordingSegment], stored: Sequence[RecordingSegment]
) -> list[RecordingSegment]:
    """All film once, in order: this machine's own copy first, and of two runs the earlier."""
    by_name = {(one.from_s, one.run): one for one in [*stored, *here]}
    by_begin: dict[float, RecordingSegment] = {}
    for one in by_name.values():
        other = by_begin.get(one.from_s)
        if other is None or one.to_s > other.to_s:
            by_begin[one.from_s] = one
    found = sorted(by_begin.values(), key=lambda one: one.from_s)
    overlaps = any(
        before.to_s - after.from_s > TOLERANCE_S for before, after in itertools.pairwise(found)
    )
    return _without_doubles(found) if overlaps else found


def merged_gaps(
    here: Sequence[RecordingGap],
    stored: Sequence[RecordingGap],
    segments: Sequence[RecordingSegment],
) -> list[RecordingGap]:
    """The named gaps without what there is film of, each until the next begins."""
    by_begin: dict[float, RecordingGap] = {}
    for one in [*stored, *here]:
        known = by_begin.get(one.from_s)
        if known is None or known.to_s is None or one.to_s is not None:
            by_begin[one.from_s] = one
    named = sorted(by_begin.values(), key=lambda one: one.from_s)
    begins = [one.from_s for one in segments]
    found: list[RecordingGap] = []
    for number, one in enumerate(named):
        ends = [] if one.to_s is None else [one.to_s]
        ends += [after.from_s for after in named[number + 1 : number + 2]]
        if one.to_s is None:
            ends += begins[bisect_left(begins, one.from_s + TOLERANCE_S) :][:1]
        found += _uncovered(replace(one, to_s=min(ends, default=None)), segments, begins)
    return found


def _without_doubles(found: Sequence[RecordingSegment]) -> list[RecordingSegment]:
    first: dict[str, float] = {}
    for one in found:
        first.setdefault(one.run, one.from_s)
    kept: list[tuple[float, float, str]] = []
    segments = {(one.from_s, one.to_s, one.run): one for one in found}
    for key in sorted(segments, key=lambda one: (first[one[2]], one[2], one[0])):
        from_s, to_s, run = key
        if _own_s(kept, from_s, to_s, run) >= min(_WORTH_S, (to_s - from_s) / 2):
            insort(kept, key)
    return [segments[key] for key in kept]


def _own_s(kept: Sequence[tuple[float, float, str]], from_s: float, to_s: float, run: str) -> float:
    """How much of a stretch the film of other runs does not cover."""
    own_s = to_s - from_s
    at = bisect_left(kept, (from_s, 0.0, ""))
    for begin_s, end_s, of_run in kept[max(0, at - 3) :]:
        if begin_s >= to_s:
            break
        if of_run != run:
            own_s -= max(0.0, min(to_s, end_s) - max(from_s, begin_s))
    return own_s


def _uncovered(
    gap: RecordingGap, segments: Sequence[RecordingSegment], begins: Sequence[float]
) -> list[RecordingGap]:
    """The parts of a gap that no segment covers; the first has its count."""
    found, at_s, packets = [], gap.from_s, gap.packets
    for one in segments[max(0, bisect_left(begins, gap.from_s) - 3) :]:
        if gap.to_s is not None and one.from_s >= gap.to_s:
            break
        if one.to_s <= at_s:
            continue
        if one.from_s > at_s + TOLERANCE_S:
            found.append(replace(gap, from_s=at_s, to_s=one.from_s, packets=packets))
            packets = 0
        at_s = max(at_s, one.to_s)
    if gap.to_s is None or gap.to_s - at_s > TOLERANCE_S:
        found.append(replace(gap, from_s=at_s, packets=packets))
    return found
