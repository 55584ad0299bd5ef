"""Centre's threads for periodic tasks and retention rules of its features.

Of several centres only the leader runs them, unless a task says otherwise.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from thapcanh.alerts.store.errors import AlertsError
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, RetentionRule, TaskThread
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
STOP_WITHIN_S = 10.0  # half of what the supervisor lets pass
TICK_S = 1.0  # a lease that ran out sounds again within this


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicTask:
    """A task with an interval; its first run is one interval after the start."""

    name: str
    every_s: float
    run: Callable[[], None]


class PeriodicRunner:
    """Runner of tasks that owns one thread between `start` and `stop`."""

    def __init__(self, tasks: Iterable[PeriodicTask], name: str = "housekeeper") -> None:
        self.name = name
        self._tasks = tuple(tasks)
        self._thread = StoppableThread(self._run, name)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within_s: float = STOP_WITHIN_S) -> bool:
        """End after the task in hand; true where it did in time. Calling twice is fine."""
        return self._thread.stop(within_s)

    def request_stop(self) -> None:
        """Begin no other task, and do not wait."""
        self._thread.request_stop()

    def _run(self) -> None:
        due = [time.monotonic() + task.every_s for task in self._tasks]
        while not self._thread.pause(TICK_S):
            now = time.monotonic()
            for number, task in enumerate(self._tasks):
                if now >= due[number]:
                    due[number] = now + task.every_s
                    self._do(task)

    def _do(self, task: PeriodicTask) -> None:
        try:
            task.run()
        except AlertsError as error:
            log.warning("%s: %s", task.name, error)
        except Exception:  # outermost line of the task
            log.exception("%s: unexpected", task.name)


@contextmanager
def at_work(together: Sequence[PeriodicRunner]) -> Iterator[None]:
    """Run them during the block. They end together: one may wait for the task of another."""
    for runner in together:
        runner.start()
    try:
        yield
    finally:
        for runner in together:
            runner.request_stop()
        until = time.monotonic() + STOP_WITHIN_S
        for runner in together:
            if not runner.stop(max(0.0, until - time.monotonic())):
                log.warning("%s is at work still, and is left", runner.name)


def runners(features: Iterable[BuiltFeature], leads: Callable[[], bool]) -> list[PeriodicRunner]:
    """Return the threads of all tasks and rules, not started."""
    built = list(features)
    rounds = [item for feature in built for item in feature.rounds]
    by_thread = [
        PeriodicRunner([_round(item, leads) for item in rounds if item.thread is thread], thread)
        for thread in TaskThread
    ]
    return [*by_thread, *retention_runners([r for item in built for r in item.rules], leads)]


def retention_runners(
    rules: Iterable[RetentionRule], leads: Callable[[], bool]
) -> list[PeriodicRunner]:
    """Return the retention threads, not started: one for rows, one per rule that may hang."""
    built = list(rules)
    names = [rule.name for rule in built]
    if len(set(names)) < len(names):
        raise ValueError(f"two rules of one name: {sorted(names)}")
    rows = [_task(rule, leads) for rule in built if not rule.may_hang]
    hanging = [
        PeriodicRunner([_task(rule, leads)], f"retention-{rule.name}")
        for rule in built
        if rule.may_hang
    ]
    return [PeriodicRunner(rows, "retention"), *hanging]


def _task(rule: RetentionRule, leads: Callable[[], bool]) -> PeriodicTask:
    def run() -> None:
        if rule.everywhere or leads():
            rule.run()

    return PeriodicTask(name=f"retention of {rule.name}", every_s=rule.every_s, run=run)


def _round(item: CentreTask, leads: Callable[[], bool]) -> PeriodicTask:
    def run() -> None:
        if item.everywhere or leads():
            item.run()

    return PeriodicTask(name=item.name, every_s=item.every_s, run=run)
