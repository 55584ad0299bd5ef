"""How often cameras' own events may wake them: one that floods keeps neither itself nor all awake.

An event is never the only way a camera wakes. Pure but for its own memory, bounded by the cameras.
"""

from enum import StrEnum

from ingest.onvif.event_topics import OnvifEventKind

SURE = frozenset(OnvifEventKind) - {OnvifEventKind.MOTION}
"""A leaf that moves is motion, all day; who tells of the others has judged what it saw."""
EACH_EVERY_S = 10.0
"""Between two wakes of one camera by its events; awake it stays for 5 s."""
SHARE = 8  # of the cameras of a worker, one in so many is woken by events within `SPAN_S`
LEAST = 4
SPAN_S = 5.0


class Wake(StrEnum):
    """What an event does to its camera's sleep."""

    NO = "no"
    PERHAPS = "perhaps"  # it wakes the camera now and then only
    SURELY = "surely"


class WakeBudget:
    """Judges the events of all cameras of a worker."""

    def __init__(self) -> None:
        self._woken: dict[str, float] = {}
        self._room = float(LEAST)
        self._at: float | None = None

    def judge(self, camera_id: str, kind: OnvifEventKind, now: float, cameras: int) -> Wake:
        """Judge an event that comes now (monotonic seconds); `cameras` is how many there are."""
        most = max(LEAST, cameras / SHARE)
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._room, self._at = min(most, self._room + passed * most / SPAN_S), now
        if now - self._woken.get(camera_id, float("-inf")) < EACH_EVERY_S or self._room < 1.0:
            return Wake.NO
        self._room -= 1.0
        self._woken[camera_id] = now
        return Wake.SURELY if kind in SURE else Wake.PERHAPS

    def keep(self, camera_ids: frozenset[str]) -> None:
        """Forget all but these."""
        self._woken = {one: at for one, at in self._woken.items() if one in camera_ids}
