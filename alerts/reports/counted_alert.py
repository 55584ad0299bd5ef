"""One alert as a report reads it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedAlert:
    """What a report needs of one alert. Times are UTC unix seconds."""

    kind: str
    priority: int
    state: str
    area: str | None
    agency: str | None
    camera_id: str
    camera_name: str
    verdict: str | None
    reject_reason: str | None
    raised_at: float
    stored_at: float
    first_acknowledged_at: float | None
    verdict_at: float | None
    closed_at: float | None
    spoke_at: tuple[float, ...] = ()  # each time it was heard again, a lease's end included
    opened_on_shelf: bool = False  # silently, as officers had asked
    leases_lost: int = 0
