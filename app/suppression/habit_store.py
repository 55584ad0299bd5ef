"""Habit maps of one worker's cameras: loaded at the start, stored, taught by people.

`of` is called when a camera starts, `tick` on the main thread every few seconds.
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


class HabitStore:
    """Habit maps of one worker. A new map is merged with the stored one before it is stored."""

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
        self._recorded: dict[str, str] = {}  # camera: the joined recorded map, until it is stored
        self._lesson = 0

    def of(self, camera_id: str) -> HabitMap:
        """Return a camera's map, created if missing."""
        current = self._maps.get(camera_id)
        if current is None:
            current = self._maps[camera_id] = HabitMap(self._utc())
            self._stored[camera_id] = _reached(current)
        return current

    def poll(self) -> None:
        """Exchange when it is time to."""
        if self._monotonic() >= self._due_at:
            self._due_at = self._monotonic() + EVERY_S
            self.tick()

    def tick(self) -> None:
        """Join, teach and store; a failure of the queue is only noted."""
        try:
            self._join()
            self._join_recorded()
            self._teach()
            self._store()
        except QueueError as error:
            log.debug("habits are not exchanged: %s", error)  # the publisher tells of the queue

    def drop(self, camera_ids: Iterable[str]) -> None:
        """Store and remove the maps of cameras that this worker no longer watches."""
        self.tick()
        for camera_id in camera_ids:
            self._maps.pop(camera_id, None)
            self._joined.discard(camera_id)
            self._stored.pop(camera_id, None)
            self._recorded.pop(camera_id, None)

    def _join(self) -> None:
        new = [camera_id for camera_id in self._maps if camera_id not in self._joined]
        stored = self._exchange.load(new)
        for camera_id in new:
            local = self._maps[camera_id]
            if camera_id in stored:
                _join_with(local, camera_id, stored[camera_id])
                self._joined.add(camera_id)
            self._lesson = min(self._lesson, local.taught_to)

    def _join_recorded(self) -> None:
        for camera_id, text in self._exchange.recorded(list(self._maps)).items():
            if self._recorded.get(camera_id) != text:
                self._recorded[camera_id] = text
                _join_with(self._maps[camera_id], camera_id, text)
                log.info("camera %s: habits learned from a recording", camera_id)

    def _teach(self) -> None:
        for lesson in self._exchange.lessons_after(self._lesson):
            self._lesson = lesson.number
            current = self._maps.get(lesson.camera_id)
            if current is not None and current.take(lesson):
                log.info("camera %s: habits learned: %s", lesson.camera_id, lesson.verdict)

    def _store(self) -> None:
        """Store the maps that learned something; until then they may be merged."""
        reached = {item: _reached(current) for item, current in self._maps.items()}
        changed = [
            item
            for item, far in reached.items()
            if self._stored.get(item) != far or item in self._recorded
        ]
        records = {item: to_text(self._maps[item]) for item in changed}
        self._exchange.store(records, self._recorded.keys())
        self._recorded.clear()
        self._stored.update((item, reached[item]) for item in changed)
        self._joined.update(changed)


def _reached(current: HabitMap) -> tuple[float, int]:
    return current.learned_to, current.taught_to


def _join_with(local: HabitMap, camera_id: str, text: str) -> None:
    try:
        local.join(from_text(text))
    except HabitsUnreadable as error:
        log.warning("camera %s begins to learn again: %s", camera_id, error)
