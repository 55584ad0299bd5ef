"""Whose film of a camera is: of who owned the camera when it was taken. Pure.

Times are UTC unix seconds; a stretch begins with its first moment and ends before its last.
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
    """Whose a camera was until a moment, from the end of the one before."""

    agency: str | None
    area: str | None
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRights:
    """The stretches of one camera's film that somebody may see, in order and apart."""

    stretches: tuple[Stretch, ...]

    def covers(self, from_s: float, to_s: float) -> bool:
        """Whether all of a stretch may be seen."""
        return any(begin <= from_s and to_s <= end for begin, end in self.stretches)

    def cut(self, from_s: float, to_s: float) -> list[Stretch]:
        """What of a stretch may be seen."""
        parts = [(max(begin, from_s), min(end, to_s)) for begin, end in self.stretches]
        return [(begin, end) for begin, end in parts if begin < end]

    @property
    def begins(self) -> float:
        """When the first that may be seen begins."""
        return min((begin for begin, _ in self.stretches), default=float("inf"))

    def __bool__(self) -> bool:
        return bool(self.stretches)


SEES_ALL_RECORDINGS = RecordingRights(stretches=(ALWAYS,))


def owner_at(former: Iterable[FormerOwner], present: Owner, at: float) -> Owner:
    """Whose a camera was at a moment; `former` in the order of their ends."""
    return next(((one.agency, one.area) for one in former if at < one.until), present)


def recording_rights(
    scope: DataFilter, former: Sequence[FormerOwner], present: Owner | None
) -> RecordingRights:
    """What a scope may see of a camera's film; `present` is None where there is no camera now.

    Stretches of owners that are all seen are one, so that a file which spans them is seen.
    """
    seen: list[Stretch] = []
    began = ALWAYS[0]
    owners: list[tuple[Owner, float]] = [((one.agency, one.area), one.until) for one in former]
    if present is not None:
        owners.append((present, ALWAYS[1]))
    for owner, until in owners:
        if scope.sees(*owner) and began < until:
            if seen and seen[-1][1] == began:
                seen[-1] = seen[-1][0], until
            else:
                seen.append((began, until))
        began = max(began, until)
    return RecordingRights(stretches=tuple(seen))
