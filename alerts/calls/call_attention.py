"""Cameras that get extra inference because of calls, with limits."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from thapcanh.alerts.calls.corroboration import CORROBORATES_WITHIN_M
from thapcanh.alerts.store.distance import Position, distance_m

NearCameras = Callable[[Position], Sequence[tuple[str, float]]]
"""A place to cameras and their distance in metres, the nearest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionSettings:
    """Limits: number of cameras, distance, and duration."""

    for_s: float = 600.0
    within_m: float = 800.0
    cameras_of_call: int = 3
    calls_of_caller: int = 2
    """At a time; calls without a number are not told apart by it."""
    least_cameras: int = 6
    most_cameras: int = 24
    share_of_cameras: float = 0.25
    corroborates_within_m: float = CORROBORATES_WITHIN_M

    def room(self, cameras: int) -> int:
        """Return how many cameras of a site of this size get attention at once."""
        return min(self.most_cameras, max(self.least_cameras, int(self.share_of_cameras * cameras)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingCall:
    """Call about something burning, with a place; or a device's signal of it.

    A device's `cameras` come before the nearest ones, and get attention without a lower
    confirmation time.
    """

    id: str
    number: str
    caller: str | None
    position: Position
    at: float
    cameras: tuple[str, ...] = ()
    is_device: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraAttention:
    """Attention of one camera: end (UTC), and whether less confirmation time is needed."""

    call: str
    until: float
    corroborates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionPlan:
    """Attention by camera, and the ids of calls without any of their cameras."""

    given: Mapping[str, CameraAttention]
    left_out: frozenset[str]


def planned(
    calls: Sequence[TellingCall], near: NearCameras, room: int, settings: AttentionSettings
) -> AttentionPlan:
    """Return the attention for cameras near these calls, as far as there is `room`."""
    given: dict[str, CameraAttention] = {}
    left_out: set[str] = set()
    of_caller: Counter[str] = Counter()
    for call in sorted(calls, key=lambda one: (-_callers(one, calls, settings), one.at, one.id)):
        cameras = _cameras_of(call, near)[: settings.cameras_of_call]
        is_again = call.caller is not None and of_caller[call.caller] >= settings.calls_of_caller
        accepted = [] if is_again else [one for one in cameras if one[0] in given]
        if not is_again:
            accepted += [one for one in cameras if one[0] not in given][: room - len(given)]
        for camera_id, away_m in accepted:
            given[camera_id] = _joined(given.get(camera_id), call, away_m, settings)
        if accepted and call.caller is not None:
            of_caller[call.caller] += 1
        if cameras and not accepted:
            left_out.add(call.id)
    return AttentionPlan(given=given, left_out=frozenset(left_out))


def _cameras_of(call: TellingCall, near: NearCameras) -> list[tuple[str, float]]:
    context = near(call.position)
    far = dict(context)
    bound = [(name, far.get(name, 0.0)) for name in call.cameras]
    return [*bound, *(one for one in context if one[0] not in call.cameras)]


def _callers(call: TellingCall, calls: Sequence[TellingCall], settings: AttentionSettings) -> int:
    """Return how many numbers report this place; all without a number count as one."""
    within_m = settings.corroborates_within_m
    near = (one for one in calls if distance_m(call.position, one.position) <= within_m)
    return len({one.caller for one in near})


def _joined(
    before: CameraAttention | None, call: TellingCall, away_m: float, settings: AttentionSettings
) -> CameraAttention:
    """Return the joined attention, named after the first corroborating call."""
    corroborates = away_m <= settings.corroborates_within_m and not call.is_device
    until = call.at + settings.for_s
    if before is None:
        return CameraAttention(call=call.number, until=until, corroborates=corroborates)
    is_first = before.corroborates or not corroborates
    return CameraAttention(
        call=before.call if is_first else call.number,
        until=max(before.until, until),
        corroborates=before.corroborates or corroborates,
    )
