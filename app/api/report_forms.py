"""What the API speaks of a period: the figures of `alerts.figures`, with times in ISO 8601."""

from alerts.figures import Delays, Figures, Source, Span, Tally
from app.api.forms import Form, Time


class ShownTally(Form):
    """How many alerts of one sort; `false_rate` is rejected among judged."""

    name: str
    label: str | None
    total: int
    confirmed: int
    rejected: int
    unjudged: int
    false_rate: float | None


class ShownBar(Form):
    """One bar of the timeline."""

    at: Time
    total: int
    confirmed: int
    rejected: int
    unjudged: int


class ShownDelays(Form):
    """How long something took; shares are of those where it happened."""

    counted: int
    missing: int
    within_15_s: float | None
    within_60_s: float | None
    median_s: float | None
    p90_s: float | None
    longest_s: float | None


class ShownLoad(Form):
    """How hard alerts rained, by slices of 10 minutes up to now."""

    slices: int
    heard: int
    mean: float
    mean_per_desk: float | None
    most: int
    most_at: Time | None
    flooded: int
    flood_share: float


class ShownSource(Form):
    """A camera and its share of the noise."""

    camera: str
    camera_name: str
    heard: int
    share: float


class BlindTime(Form):
    """A camera that did not see for a while, and how often that began."""

    camera: str
    camera_name: str
    share: float | None
    blind_s: float
    outages: int


class Coverage(Form):
    """How much of the recorded camera time was seen, and how much of the time was recorded.

    Without a record, `share` is null: never a guess.
    """

    share: float | None
    why_not: str | None
    recorded_share: float
    worst: list[BlindTime]


class Report(Form):
    """A period in figures. `watch` leaves out the system's own troubles, which `system` counts."""

    since: Time
    until: Time
    made_at: Time
    bar_s: float
    watch: ShownTally
    system: int
    kinds: list[ShownTally]
    priorities: list[ShownTally]
    areas: list[ShownTally]
    agencies: list[ShownTally]
    cameras: list[ShownTally]
    reject_reasons: dict[str, int]
    timeline: list[ShownBar]
    acknowledge: ShownDelays
    verdict: ShownDelays
    unanswered: int
    stale: int
    leases_lost: int
    load: ShownLoad
    sources: list[ShownSource]
    coverage: Coverage


class DeskFoot(Form):
    """The figures at a desk's foot; a share of nothing is null."""

    acknowledged_today: int
    within_15_s_today: float | None
    judged_7_days: int
    false_rate_7_days: float | None


def shown_tally(tally: Tally) -> ShownTally:
    """A count with its derived figures."""
    return ShownTally(
        name=tally.name,
        label=tally.label,
        total=tally.total,
        confirmed=tally.confirmed,
        rejected=tally.rejected,
        unjudged=tally.unjudged,
        false_rate=tally.false_rate,
    )


def shown_report(figures: Figures, span: Span, coverage: Coverage) -> Report:
    """The figures of a period as they are sent."""
    load = figures.load
    return Report(
        since=span.since,
        until=span.until,
        made_at=span.now,
        bar_s=span.bar_s,
        watch=shown_tally(figures.watch),
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
        load=ShownLoad.model_validate({name: getattr(load, name) for name in _LOAD}),
        sources=[_source(source) for source in figures.sources],
        coverage=coverage,
    )


_LOAD = tuple(ShownLoad.model_fields)
_DELAYS = tuple(ShownDelays.model_fields)


def _tallies(tallies: tuple[Tally, ...]) -> list[ShownTally]:
    return [shown_tally(tally) for tally in tallies]


def _bar(at: float, tally: Tally) -> ShownBar:
    return ShownBar(
        at=at,
        total=tally.total,
        confirmed=tally.confirmed,
        rejected=tally.rejected,
        unjudged=tally.unjudged,
    )


def _delays(delays: Delays) -> ShownDelays:
    return ShownDelays.model_validate({name: getattr(delays, name) for name in _DELAYS})


def _source(source: Source) -> ShownSource:
    return ShownSource(
        camera=source.camera_id,
        camera_name=source.camera_name,
        heard=source.heard,
        share=source.share,
    )
