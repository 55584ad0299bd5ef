"""The habit maps of one worker's cameras: found again at the start, kept, taught by people.

`of` is called where a camera starts, `tick` on the worker's main thread every few seconds. While
the queue does not answer the maps go on in memory, and are stored when it is back.
"""

import logging
import time
from collections.abc import Callable, Iterable

from thapcanh.alerts.queue.exchanges.habit_exchange import HabitExchange
from thapcanh.alerts.store.errors import QueueError
from thapcanh.detection.confirmation.habit_record import HabitsUnreadable, from_text, to_text
from thapcanh.detection.confirmation.habits import HabitMap

log = logging.getLogger(__name__)
EVERY_S = 10.0


class HabitKeeper:
    """One a worker. A map that is new is joined with what is stored before it is stored itself."""

    def __init__(
        self,
        exchange: HabitExchange,
        utc: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._exchange = exchange
        self._utc = utc
        self._monotonic = monotonic
        self._due_at = 0.0
        self._maps: dict[str, HabitMap] = {}
        self._joined: set[str] = set()
        self._stored: dict[str, tuple[float, int]] = {}  # camera: how far its stored map had got
        self._lesson = 0

    def of(self, camera_id: str) -> HabitMap:
        """The map of a camera, a new one where it has none yet."""
        known = self._maps.get(camera_id)
        if known is None:
            known = self._maps[camera_id] = HabitMap(self._utc())
            self._stored[camera_id] = _reached(known)
        return known

    def poll(self) -> None:
        """Exchange when it is time to."""
        if self._monotonic() >= self._due_at:
            self._due_at = self._monotonic() + EVERY_S
            self.tick()

    def tick(self) -> None:
        """Join, teach and store; a failure of the queue is only noted."""
        try:
            self._join()
            self._teach()
            self._store()
        except QueueError as error:
            log.debug("habits are not exchanged: %s", error)  # the publisher tells of the queue

    def drop(self, camera_ids: Iterable[str]) -> None:
        """Cameras that are watched elsewhere now, or not at all; theirs are stored first."""
        self.tick()
        for camera_id in camera_ids:
            self._maps.pop(camera_id, None)
            self._joined.discard(camera_id)
            self._stored.pop(camera_id, None)

    def _join(self) -> None:
        new = [camera_id for camera_id in self._maps if camera_id not in self._joined]
        stored = self._exchange.load(new)
        for camera_id in new:
            mine = self._maps[camera_id]
            if camera_id in stored:
                _join_with(mine, camera_id, stored[camera_id])
                self._joined.add(camera_id)
            self._lesson = min(self._lesson, mine.taught_to)

    def _teach(self) -> None:
        for lesson in self._exchange.lessons_after(self._lesson):
            self._lesson = lesson.number
            known = self._maps.get(lesson.camera_id)
            if known is not None and known.take(lesson):
                log.info("camera %s: habits learned: %s", lesson.camera_id, lesson.verdict)

    def _store(self) -> None:
        """A map is stored when it has learned something; until then it may still be joined."""
        reached = {one: _reached(known) for one, known in self._maps.items()}
        changed = [one for one, far in reached.items() if self._stored.get(one) != far]
        self._exchange.store({one: to_text(self._maps[one]) for one in changed})
        self._stored.update((one, reached[one]) for one in changed)
        self._joined.update(changed)


def _reached(known: HabitMap) -> tuple[float, int]:
    return known.learned_to, known.taught_to


def _join_with(mine: HabitMap, camera_id: str, text: str) -> None:
    try:
        mine.join(from_text(text))
    except HabitsUnreadable as error:
        log.warning("camera %s begins to learn again: %s", camera_id, error)
