"""`python -m tests.cluster.scripted_workers JOB`: a city's workers without pictures.

Each has the share that the Fleet's plan gives it, and reports through the real queue when a real
worker would: every two seconds, and sooner when a camera changed. The first report is written by
`StatusWriter` itself; the later ones have the same keys and as many bytes, encoded beforehand, and
those that are due together are sent together: 800 real workers have 800 processors to write with.
Prints `ready` when all have reported. A line `FIRST COUNT` makes so many cameras fall, or come
back; the moment is printed.
"""

import json
import random
import secrets
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import redis

from benchmarks.city.made_city import made_facts, made_status
from thapcanh.alerts.cluster.fleet_store import FleetStore
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.workers.worker_status import STATE_FACTS, STATES_VERSION, ClockReading
from thapcanh.app.cluster.plan import from_document
from thapcanh.app.worker.report_times import CameraStates, ReportTimes
from thapcanh.app.worker.worker import TICK_S

LOST_AFTER_S = 600.0  # who is late because this machine does all at once is not lost
STATES_KEPT_S = 7 * 24 * 3600
_CLOCK = ClockReading(server=0.0, ahead_s=0.0001, within_s=0.0002)


@dataclass(slots=True, kw_only=True)
class ScriptedWorker:
    """One worker: its cameras, what it says of them, and when it told."""

    name: str
    cameras: list[dict[str, Any]]
    tick_at: float
    head: dict[str, Any]
    times: ReportTimes = field(default_factory=ReportTimes)
    states: CameraStates = field(default_factory=dict)
    version: str = ""
    told_version: str = ""
    watched: str = ""
    figures: str = ""

    def encode(self) -> None:
        """Make the texts of its cameras again: one of them changed."""
        self.states = {one["id"]: (one["state"], one["picture"]) for one in self.cameras}
        self.version = secrets.token_hex(8)
        states = [{key: one[key] for key in one if key in STATE_FACTS} for one in self.cameras]
        self.watched = json.dumps({"version": self.version, "cameras": states})
        counted = {
            one["id"]: {key: one[key] for key in one if key not in STATE_FACTS}
            for one in self.cameras
        }
        self.figures = json.dumps(counted)

    def is_due(self, now: float) -> bool:
        """Whether it reports in this tick."""
        if now < self.tick_at:
            return False
        self.tick_at = now + TICK_S
        return self.times.is_due(now, self.states)

    def write(self, pipe: "redis.client.Pipeline", now: float) -> None:
        """Add its report to what is sent."""
        ttl_ms = int(LOST_AFTER_S * 1000)
        head = {**self.head, "reported_at": now, STATES_VERSION: self.version}
        pipe.set(redis_keys.worker(self.name), json.dumps(head), px=ttl_ms)
        if self.version != self.told_version:
            pipe.set(redis_keys.watched(self.name), self.watched, ex=STATES_KEPT_S)
            self.told_version = self.version
        pipe.zadd(redis_keys.WORKERS, {self.name: now})
        pipe.set(redis_keys.figures(self.name), self.figures, px=ttl_ms)


class ScriptedWorkers:
    """All of them, on one thread."""

    def __init__(self, shares: Mapping[str, set[str]]) -> None:
        began, clock = time.monotonic(), asdict(_CLOCK)
        shared = {**made_status([]), "started_at": time.time(), "clock": clock}
        head = {key: value for key, value in shared.items() if key != "cameras"}
        self._workers = [
            ScriptedWorker(
                name=name,
                cameras=[made_facts(camera) for camera in sorted(mine)],
                tick_at=began + random.uniform(0.0, TICK_S),
                head={**head, "worker": name},
            )
            for name, mine in sorted(shares.items())
        ]
        self._of_camera = {
            one["id"]: (worker, one) for worker in self._workers for one in worker.cameras
        }
        self._lock = threading.Lock()

    def flip(self, first: int, count: int) -> float:
        """So many cameras, from the first in the order of ids: what saw falls; returns when."""
        with self._lock:
            now = time.time()
            touched = {}
            for camera in sorted(self._of_camera)[first : first + count]:
                worker, facts = self._of_camera[camera]
                fell = facts["state"] == "online"
                facts.update(
                    state="backoff" if fell else "online",
                    reason="no_packets" if fell else "packet",
                    since=now,
                )
                touched[worker.name] = worker
            for worker in touched.values():
                worker.encode()
        return now

    def report_all(self, queue: EventQueue) -> None:
        """The first report of each, as a real worker writes it."""
        for worker in self._workers:
            status = {**worker.head, "cameras": worker.cameras}
            queue.report_worker(worker.name, status, LOST_AFTER_S)
            worker.encode()

    def run(self, client: redis.Redis, stop: threading.Event) -> None:
        """Report until told to stop; what the queue does not take is told with the next."""
        while not stop.wait(0.02):
            with self._lock, suppress(redis.RedisError):
                now = time.monotonic()
                due = [one for one in self._workers if one.is_due(now)]
                pipe = client.pipeline(transaction=False)
                for worker in due:
                    worker.write(pipe, time.time())
                pipe.execute()


def main(queue_url: str) -> None:
    """Report until the input ends."""
    with closing(FleetStore(queue_url)) as store:
        document = store.plan()
    assert document is not None, "there is no plan"
    workers = ScriptedWorkers(from_document(document).shares())
    with closing(EventQueue(queue_url)) as queue:
        workers.report_all(queue)
    with closing(redis.Redis.from_url(queue_url)) as client:
        stop = threading.Event()
        thread = threading.Thread(target=workers.run, args=(client, stop))
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
