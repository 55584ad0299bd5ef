"""`python -m tests.cluster.scripted_workers JOB`: a city's workers without pictures.

Each has the share that the Fleet's plan gives it, and reports through the real queue when a real
worker would: every two seconds, and sooner when a camera changed. Prints `ready` when all have
reported. A line `FIRST COUNT` makes so many cameras fall, or come back; the moment is printed.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from alerts.errors import QueueError
from alerts.events.queue import EventQueue
from alerts.fleet.store import FleetStore
from app.cluster.plan import from_document
from app.worker.report_times import ReportTimes
from app.worker.worker import TICK_S
from benchmarks.city.made_city import made_facts, made_status

SENDERS = 4
LOST_AFTER_S = 600.0  # who is late because this machine does all at once is not lost


@dataclass(slots=True, kw_only=True)
class ScriptedWorker:
    """One worker: its cameras, and when it told of them."""

    name: str
    cameras: list[dict[str, Any]]
    tick_at: float
    times: ReportTimes = field(default_factory=ReportTimes)

    def is_due(self, now: float) -> bool:
        """Whether it reports in this tick."""
        if now < self.tick_at:
            return False
        self.tick_at = now + TICK_S
        states = {one["id"]: (one["state"], one["picture"]) for one in self.cameras}
        return self.times.is_due(now, states)


class ScriptedWorkers:
    """All of them, on a few threads."""

    def __init__(self, queue: EventQueue, shares: Mapping[str, set[str]]) -> None:
        self._queue = queue
        began, self._started_at = time.monotonic(), time.time()
        self._workers = [
            ScriptedWorker(
                name=name,
                cameras=[made_facts(camera) for camera in sorted(mine)],
                tick_at=began + random.uniform(0.0, TICK_S),
            )
            for name, mine in sorted(shares.items())
        ]
        self._of_camera = {one["id"]: one for worker in self._workers for one in worker.cameras}

    def flip(self, first: int, count: int) -> float:
        """So many cameras, from the first in the order of ids: what saw falls; returns when."""
        now = time.time()
        for camera in sorted(self._of_camera)[first : first + count]:
            facts = self._of_camera[camera]
            fell = facts["state"] == "online"
            facts.update(
                state="backoff" if fell else "online",
                reason="no_packets" if fell else "packet",
                since=now,
            )
        return now

    def report_all(self) -> None:
        for worker in self._workers:
            self._report(worker)

    def run(self, stop: threading.Event) -> None:
        with ThreadPoolExecutor(SENDERS) as senders:
            while not stop.wait(0.02):
                now = time.monotonic()
                list(senders.map(self._report, [one for one in self._workers if one.is_due(now)]))

    def _report(self, worker: ScriptedWorker) -> None:
        with suppress(QueueError):
            status = {**made_status(worker.cameras), "started_at": self._started_at}
            self._queue.report_worker(worker.name, status, LOST_AFTER_S)


def main(queue_url: str) -> None:
    """Report until the input ends."""
    with closing(FleetStore(queue_url)) as store:
        document = store.plan()
    assert document is not None, "there is no plan"
    with closing(EventQueue(queue_url)) as queue:
        workers = ScriptedWorkers(queue, from_document(document).shares())
        workers.report_all()
        stop = threading.Event()
        thread = threading.Thread(target=workers.run, args=(stop,))
        thread.start()
        _say("ready")
        for first, count in _orders():
            _say(str(workers.flip(first, count)))
        stop.set()
        thread.join()


def _orders() -> Iterator[tuple[int, int]]:
    for line in sys.stdin:
        first, count = line.split()
        yield int(first), int(count)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
