"""Schemas of a period's report: figures of `thapcanh.alerts.reports`, with times in ISO 8601."""

from dataclasses import asdict, dataclass

from thapcanh.alerts.reports.figures import (
    Counts,
    Figures,
    FiguresSpan,
    NoisySource,
    ResponseDelays,
)
from thapcanh.alerts.shifts.shift_account import ShiftAccount
from thapcanh.app.coverage.coverage_schemas import CoverageShareResponse
from thapcanh.app.web_api.schemas import ApiModel, Time


class CountsResponse(ApiModel):
    """Number of alerts of one group; `false_rate` is the rejected share of verdicts."""

    name: str
    label: str | None
    total: int
    confirmed: int
    rejected: int
    unjudged: int
    false_rate: float | None


class PeriodResponse(ApiModel):
    """One interval of the timeline."""

    at: Time
    total: int
    confirmed: int
    rejected: int
    unjudged: int


class DelaysResponse(ApiModel):
    """Delays of a step; shares are of the alerts that reached it."""

    counted: int
    missing: int
    within_15_s: float | None
    within_60_s: float | None
    median_s: float | None
    p90_s: float | None
    longest_s: float | None


class AlarmLoadResponse(ApiModel):
    """Alarm load, by intervals of 10 minutes up to now."""

    slices: int
    heard: int
    mean: float
    mean_per_desk: float | None
    most: int
    most_at: Time | None
    flooded: int
    flood_share: float


class NoisySourceResponse(ApiModel):
    """A camera and its share of the noise."""

    camera: str
    camera_name: str
    heard: int
    share: float


class ShiftAccountResponse(ApiModel):
    """Work of one officer in a shift, each alert once per line."""

    inherited: int
    answered: int
    taken_over: int
    confirmed: int
    rejected: int
    proposed: int
    closed: int
    handed_on: int


class ReportResponse(ApiModel):
    """A period in figures. `watch` leaves out the system's own troubles, which `system` counts."""

    since: Time
    until: Time
    made_at: Time
    bar_s: float
    watch: CountsResponse
    system: int
    kinds: list[CountsResponse]
    priorities: list[CountsResponse]
    areas: list[CountsResponse]
    agencies: list[CountsResponse]
    cameras: list[CountsResponse]
    reject_reasons: dict[str, int]
    timeline: list[PeriodResponse]
    acknowledge: DelaysResponse
    verdict: DelaysResponse
    unanswered: int
    stale: int
    leases_lost: int
    load: AlarmLoadResponse
    sources: list[NoisySourceResponse]
    coverage: CoverageShareResponse
    shift: ShiftAccountResponse | None  # where the report is asked for one shift


class DeskFootResponse(ApiModel):
    """The figures at a desk's foot; a share of nothing is null."""

    acknowledged_today: int
    within_15_s_today: float | None
    judged_7_days: int
    false_rate_7_days: float | None


def counts_response(tally: Counts) -> CountsResponse:
    """Return a count with derived figures."""
    return CountsResponse(
        name=tally.name,
        label=tally.label,
        total=tally.total,
        confirmed=tally.confirmed,
        rejected=tally.rejected,
        unjudged=tally.unjudged,
        false_rate=tally.false_rate,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportParts:
    """Data of a report: the source of screen, print, XLSX and CSV."""

    figures: Figures
    span: FiguresSpan
    coverage: CoverageShareResponse
    account: ShiftAccount | None


def report_response(parts: ReportParts) -> ReportResponse:
    figures, span, account = parts.figures, parts.span, parts.account
    load = figures.load
    return ReportResponse(
        since=span.since,
        until=span.until,
        made_at=span.now,
        bar_s=span.bar_s,
        watch=counts_response(figures.watch),
        system=figures.system,
        kinds=_tallies(figures.kinds),
        priorities=_tallies(figures.priorities),
        areas=_tallies(figures.areas),
        agencies=_tallies(figures.agencies),
        cameras=_tallies(figures.cameras),
        reject_reasons=dict(figures.reject_reasons),
        timeline=[_bar(at, tally) for at, tally in figures.timeline],
        acknowledge=_delays(figures.acknowledge),
        verdict=_delays(figures.verdict),
        unanswered=figures.unanswered,
        stale=figures.stale,
        leases_lost=figures.leases_lost,
        load=AlarmLoadResponse.model_validate({name: getattr(load, name) for name in _LOAD}),
        sources=[_source(source) for source in figures.sources],
        coverage=parts.coverage,
        shift=None if account is None else ShiftAccountResponse.model_validate(asdict(account)),
    )


_LOAD = tuple(AlarmLoadResponse.model_fields)
_DELAYS = tuple(DelaysResponse.model_fields)


def _tallies(tallies: tuple[Counts, ...]) -> list[CountsResponse]:
    return [counts_response(tally) for tally in tallies]


def _bar(at: float, tally: Counts) -> PeriodResponse:
    return PeriodResponse(
        at=at,
        total=tally.total,
        confirmed=tally.confirmed,
        rejected=tally.rejected,
        unjudged=tally.unjudged,
    )


def _delays(delays: ResponseDelays) -> DelaysResponse:
    return DelaysResponse.model_validate({name: getattr(delays, name) for name in _DELAYS})


def _source(source: NoisySource) -> NoisySourceResponse:
    return NoisySourceResponse(
        camera=source.camera_id,
        camera_name=source.camera_name,
        heard=source.heard,
        share=source.share,
    )
