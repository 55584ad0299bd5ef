"""The centre's round over habits: maps into the archive, people's verdicts out to the workers.

On the housekeeper's thread. A queue that has lost the maps gets them back from the archive first.
"""

import logging
import time
from collections.abc import Callable

from thapcanh.alerts.queue.exchanges.habit_exchange import HabitExchange
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.suppression.habits import HabitRepository
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread

log = logging.getLogger(__name__)

HABITS_EVERY_S = 10.0
TAUGHT_BACK_S = 14 * 24 * 3600.0  # to a queue without lessons; older verdicts have faded


def build(database: Database, exchange: HabitExchange) -> BuiltFeature:
    """Habit maps into the archive, verdicts out to the workers."""
    run = HabitTask(database, exchange, time.time).round
    return BuiltFeature(
        rounds=(
            CentreTask(name="habits", every_s=HABITS_EVERY_S, run=run, thread=TaskThread.QUEUE),
        )
    )


class HabitTask:
    """Owned by the thread that calls `round`."""

    def __init__(
        self, database: Database, exchange: HabitExchange, utc: Callable[[], float]
    ) -> None:
        self._repository = HabitRepository(database)
        self._exchange = exchange
        self._utc = utc

    def round(self) -> None:
        """Update the maps; raises `QueueError` or `ArchiveError`, and the next run resumes."""
        now = self._utc()
        if self._exchange.is_empty():
            self._give_back()
        last = max(self._exchange.last_lesson(), int((now - TAUGHT_BACK_S) * 1_000_000))
        self._exchange.teach(self._repository.lessons_after(last))
        changed = self._exchange.changed()
        self._repository.store(changed, now)
        self._exchange.archived(list(changed))

    def _give_back(self) -> None:
        records = self._repository.all_records()
        if records:
            log.warning("the queue knows no habits: %d are given back", len(records))
            self._exchange.seed(records)
