"""Rights on recordings: they belong to the camera's owner at recording time.

Times are UTC unix seconds; an interval includes its start and excludes its end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from thapcanh.alerts.store.roles import DataFilter

ALWAYS = (float("-inf"), float("inf"))
Stretch = tuple[float, float]
Owner = tuple[str | None, str | None]
"""Agency and area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerOwner:
    """Owner of a camera until a time, from the end of the one before."""

    agency: str | None
    area: str | None
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRights:
    """Intervals of one camera's recordings in scope, ordered and disjoint."""

    stretches: tuple[Stretch, ...]

    def covers(self, from_s: float, to_s: float) -> bool:
        return any(start <= from_s and to_s <= end for start, end in self.stretches)

    def cut(self, from_s: float, to_s: float) -> list[Stretch]:
        """Return the parts of an interval in scope."""
        parts = [(max(start, from_s), min(end, to_s)) for start, end in self.stretches]
        return [(start, end) for start, end in parts if start < end]

    @property
    def begins(self) -> float:
        """Start of the first interval in scope."""
        return min((start for start, _ in self.stretches), default=float("inf"))

    def __bool__(self) -> bool:
        return bool(self.stretches)


SEES_ALL_RECORDINGS = RecordingRights(stretches=(ALWAYS,))


def owner_at(former: Iterable[FormerOwner], present: Owner, at: float) -> Owner:
    """Return a camera's owner at a time; `former` is ordered by end."""
    return next(((one.agency, one.area) for one in former if at < one.until), present)


def recording_rights(
    scope: DataFilter, former: Sequence[FormerOwner], present: Owner | None
) -> RecordingRights:
    """Return a scope's rights on a camera's recordings; `present` is None without a camera.

    Adjacent intervals in scope are merged, so that a file spanning them is included.
    """
    visible: list[Stretch] = []
    started = ALWAYS[0]
    owners: list[tuple[Owner, float]] = [((one.agency, one.area), one.until) for one in former]
    if present is not None:
        owners.append((present, ALWAYS[1]))
    for owner, until in owners:
        if scope.sees(*owner) and started < until:
            if visible and visible[-1][1] == started:
                visible[-1] = visible[-1][0], until
            else:
                visible.append((started, until))
        started = max(started, until)
    return RecordingRights(stretches=tuple(visible))
