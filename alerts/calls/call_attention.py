"""Which cameras look harder because somebody called, for how long, and who gets none. Pure.

A camera near a call is looked at as often as its worker can, for a bounded time; where it is so
near that the call corroborates what it sees (`corroboration`), less waiting is asked of a sighting.
Both are bounded over the whole site: a flood of false calls makes few cameras credulous, and takes
no other camera's turn. Where there is more to give than there is room, a place that several callers
tell of comes before one that a single number tells of, and what was given first stays.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from thapcanh.alerts.calls.corroboration import CORROBORATES_WITHIN_M
from thapcanh.alerts.store.distance import Position, distance_m

NearCameras = Callable[[Position], Sequence[tuple[str, float]]]
"""A place to cameras and their distance in metres, the nearest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionSettings:
    """How many cameras, how near, for how long."""

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
        """How many cameras of a site of so many look harder at one time."""
        return min(self.most_cameras, max(self.least_cameras, int(self.share_of_cameras * cameras)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingCall:
    """A call about something that burns, with a place; or a device's signal of it.

    A device's number is its alert's, its caller the device, and `cameras` those that look at it:
    they come before the nearest ones. What it tells is believed by other rules, so its cameras
    look harder and are asked for no less proof.
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
    """What one camera is given: until when (UTC), and whether a sighting needs less waiting."""

    call: str
    until: float
    corroborates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionPlan:
    """What is given by camera, and the ids of calls that got none of the cameras near them."""

    given: Mapping[str, CameraAttention]
    left_out: frozenset[str]


def planned(
    calls: Sequence[TellingCall], near: NearCameras, room: int, settings: AttentionSettings
) -> AttentionPlan:
    """Give the cameras near these calls attention, as far as there is `room`."""
    given: dict[str, CameraAttention] = {}
    left_out: set[str] = set()
    of_caller: Counter[str] = Counter()
    for call in sorted(calls, key=lambda one: (-_callers(one, calls, settings), one.at, one.id)):
        cameras = _cameras_of(call, near)[: settings.cameras_of_call]
        is_again = call.caller is not None and of_caller[call.caller] >= settings.calls_of_caller
        taken = [] if is_again else [one for one in cameras if one[0] in given]
        if not is_again:
            taken += [one for one in cameras if one[0] not in given][: room - len(given)]
        for camera_id, away_m in taken:
            given[camera_id] = _joined(given.get(camera_id), call, away_m, settings)
        if taken and call.caller is not None:
            of_caller[call.caller] += 1
        if cameras and not taken:
            left_out.add(call.id)
    return AttentionPlan(given=given, left_out=frozenset(left_out))


def _cameras_of(call: TellingCall, near: NearCameras) -> list[tuple[str, float]]:
    """The cameras that look at it, then the nearest."""
    around = near(call.position)
    far = dict(around)
    bound = [(name, far.get(name, 0.0)) for name in call.cameras]
    return [*bound, *(one for one in around if one[0] not in call.cameras)]


def _callers(call: TellingCall, calls: Sequence[TellingCall], settings: AttentionSettings) -> int:
    """How many numbers tell of this place; all without a number are one."""
    within_m = settings.corroborates_within_m
    near = (one for one in calls if distance_m(call.position, one.position) <= within_m)
    return len({one.caller for one in near})


def _joined(
    before: CameraAttention | None, call: TellingCall, away_m: float, settings: AttentionSettings
) -> CameraAttention:
    """The nearer witness is named: a call that corroborates, the first of them."""
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
