"""Counting of a period's alerts into `Figures`.

Holds counts and times, never rows, so memory does not grow with the period.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.queue.system_events import is_system
from thapcanh.alerts.reports.figures import (
    FLOOD_OVER,
    IN_TIME_S,
    PROMPT_S,
    SLICE_S,
    STALE_S,
    TOP_SOURCES,
    AlarmLoad,
    CountedAlert,
    Counts,
    Figures,
    FiguresSpan,
    NoisySource,
    ResponseDelays,
)


def count(rows: Iterable[CountedAlert], span: FiguresSpan) -> Figures:
    counting = Counting(span)
    for row in rows:
        counting.add(row)
    return counting.figures()


class Counting:
    """Counter of alerts, one by one."""

    def __init__(self, span: FiguresSpan) -> None:
        self._span = span
        self._sorts: dict[str, Counter[tuple[str, str | None]]] = {}
        self._labels: dict[str, str] = {}
        self._reasons: Counter[str] = Counter()
        self._to_acknowledge, self._to_verdict = array("d"), array("d")
        self._slices: Counter[int] = Counter()
        self._heard_of: Counter[str] = Counter()
        self._watch = self._system = 0
        self._unanswered = self._stale = self._leases_lost = 0

    def add(self, row: CountedAlert) -> None:
        self._sort("kind", row.kind, row.verdict)
        self._labels[row.camera_id] = row.camera_name
        opened = () if row.opened_on_shelf else (row.stored_at,)
        for at in (*opened, *row.spoke_at):
            self._hear(row.camera_id, at)
        self._unanswered += row.state == AlertState.NEW
        open_until = row.closed_at if row.closed_at is not None else self._span.now
        self._stale += open_until - row.raised_at > STALE_S
        self._leases_lost += row.leases_lost
        if row.first_acknowledged_at is not None:
            self._to_acknowledge.append(max(0.0, row.first_acknowledged_at - row.raised_at))
        if is_system(row.kind):
            self._system += 1
        else:
            self._add_watch(row)

    def figures(self) -> Figures:
        total = self._watch + self._system
        return Figures(
            watch=_whole(self._tallies("priority")),
            system=self._system,
            kinds=self._tallies("kind"),
            priorities=tuple(sorted(self._tallies("priority"), key=lambda each: each.name)),
            areas=self._tallies("area"),
            agencies=self._tallies("agency"),
            cameras=self._tallies("camera"),
            reject_reasons=dict(self._reasons.most_common()),
            timeline=self._timeline(),
            acknowledge=_delays(self._to_acknowledge, total),
            verdict=_delays(self._to_verdict, self._watch),
            unanswered=self._unanswered,
            stale=self._stale,
            leases_lost=self._leases_lost,
            load=self._load(),
            sources=self._top_sources(),
        )

    def _add_watch(self, row: CountedAlert) -> None:
        self._watch += 1
        bar = int((row.raised_at - self._span.since) // self._span.bar_s)
        for sort, name in (
            ("priority", str(row.priority)),
            ("area", row.area or ""),
            ("agency", row.agency or ""),
            ("camera", row.camera_id),
            ("bar", str(bar)),
        ):
            self._sort(sort, name, row.verdict)
        if row.verdict == AlertState.REJECTED:
            self._reasons[row.reject_reason or "other"] += 1
        if row.verdict is not None and row.verdict_at is not None:
            self._to_verdict.append(max(0.0, row.verdict_at - row.raised_at))

    def _sort(self, sort: str, name: str, verdict: str | None) -> None:
        self._sorts.setdefault(sort, Counter())[name, verdict] += 1

    def _hear(self, camera_id: str, at: float) -> None:
        self._heard_of[camera_id] += 1
        self._slices[int(at // SLICE_S)] += 1

    def _tallies(self, sort: str) -> tuple[Counts, ...]:
        counts = self._sorts.get(sort, Counter())
        names = dict.fromkeys(name for name, _ in counts)
        tallies = (
            Counts(
                name=name,
                label=self._labels.get(name) if sort == "camera" else None,
                total=sum(counts[name, verdict] for verdict in _VERDICTS),
                confirmed=counts[name, AlertState.CONFIRMED],
                rejected=counts[name, AlertState.REJECTED],
            )
            for name in names
        )
        return tuple(sorted(tallies, key=lambda each: (-each.total, each.name)))

    def _timeline(self) -> tuple[tuple[float, Counts], ...]:
        """Return every bar of the period, also empty ones."""
        span = self._span
        found = {tally.name: tally for tally in self._tallies("bar")}
        bars = max(1, -int(-(span.until - span.since) // span.bar_s))
        return tuple(
            (span.since + bar * span.bar_s, found.get(str(bar)) or Counts(name=str(bar)))
            for bar in range(bars)
        )

    def _load(self) -> AlarmLoad:
        span = self._span
        slices = max(1, -int(-(span.end - span.since) // SLICE_S))
        most_slice, most = max(
            self._slices.items(), key=lambda each: (each[1], -each[0]), default=(None, 0)
        )
        flooded = sum(count > FLOOD_OVER for count in self._slices.values())
        heard = sum(self._slices.values())
        return AlarmLoad(
            slices=slices,
            heard=heard,
            mean=heard / slices,
            mean_per_desk=self._per_desk(slices),
            most=most,
            most_at=None if most_slice is None else most_slice * SLICE_S,
            flooded=flooded,
            flood_share=flooded / slices,
        )

    def _per_desk(self, slices: int) -> float | None:
        if not self._span.shifts:
            return None
        desks = _Desks(self._span.shifts)
        shares = (
            count / max(1, desks.at((number + 0.5) * SLICE_S))
            for number, count in self._slices.items()
        )
        return sum(shares) / slices

    def _top_sources(self) -> tuple[NoisySource, ...]:
        heard = sum(self._heard_of.values())
        return tuple(
            NoisySource(
                camera_id=camera_id,
                camera_name=self._labels[camera_id],
                heard=count,
                share=count / heard,
            )
            for camera_id, count in self._heard_of.most_common(TOP_SOURCES)
        )


_VERDICTS = (None, AlertState.CONFIRMED.value, AlertState.REJECTED.value)


class _Desks:
    """Number of people on duty over time."""

    def __init__(self, shifts: Sequence[tuple[float, float | None]]) -> None:
        self._begun = sorted(accepted for accepted, _ in shifts)
        self._ended = sorted(ended for _, ended in shifts if ended is not None)

    def at(self, context: float) -> int:
        return bisect_right(self._begun, context) - bisect_right(self._ended, context)


def _whole(parts: Sequence[Counts]) -> Counts:
    return Counts(
        name="",
        total=sum(part.total for part in parts),
        confirmed=sum(part.confirmed for part in parts),
        rejected=sum(part.rejected for part in parts),
    )


def _delays(times: "array[float]", of: int) -> ResponseDelays:
    ordered = sorted(times)
    counted = len(ordered)
    if not counted:
        return ResponseDelays(
            counted=0,
            missing=of,
            within_15_s=None,
            within_60_s=None,
            median_s=None,
            p90_s=None,
            longest_s=None,
        )
    return ResponseDelays(
        counted=counted,
        missing=of - counted,
        within_15_s=bisect_right(ordered, PROMPT_S) / counted,
        within_60_s=bisect_right(ordered, IN_TIME_S) / counted,
        median_s=ordered[(counted - 1) // 2],
        p90_s=ordered[-(-counted * 9 // 10) - 1],
        longest_s=ordered[-1],
    )
