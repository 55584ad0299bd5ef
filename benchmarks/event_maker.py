"""`python -m benchmarks.event_maker JOB`: events at a steady rate through a spool and a publisher.

A worker's recorder and publisher without pictures: each camera plays episodes of one raised, some
updated and one cleared message. Every event carries the moment at which it was made, so that who
sees its change knows its age. Prints `ready`, begins when told, and reports when all is queued.
"""

import json
import sys
import time
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.detection.event import Event, EventPhase

TICK_S = 0.01
FLUSH_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerJob:
    """What is made, and where it goes."""

    name: str
    queue_url: str
    spool: str
    cameras: int
    episode: int  # messages of one episode
    rate: float
    seconds: float


def camera_ids(maker: str, count: int) -> list[str]:
    """The cameras that a maker speaks of; the centre must know them."""
    return [f"{maker}-camera-{number}" for number in range(count)]


def main(job: MakerJob) -> None:
    """Make, wait until everything is queued, report."""
    spool = Spool(Path(job.spool), job.name)
    queue = EventQueue(job.queue_url)
    publisher = EventPublisher(spool, queue, finished_before=queue.finished_before)
    _say("ready")
    sys.stdin.readline()
    publisher.start()
    made, append_s = _make(job, spool)
    ended = time.time()
    deadline = time.monotonic() + FLUSH_WITHIN_S
    while spool.depth().count and time.monotonic() < deadline:
        time.sleep(0.02)
    stats = publisher.stats()
    report = {"made": made, "sent": stats.sent, "failures": stats.failures, "ended": ended,
              "queued": time.time(), "append_s": append_s}  # fmt: skip
    _say(json.dumps(report))
    publisher.stop()


def _make(job: MakerJob, spool: Spool) -> tuple[int, list[float]]:
    """How many were made, and how long each append of a tick took."""
    events = _Episodes(job)
    began, made, append_s = time.monotonic(), 0, []
    while (elapsed_s := time.monotonic() - began) < job.seconds:
        due = int(elapsed_s * job.rate) - made
        if due > 0:
            drafts = [OutboxItem(event=events.next()) for _ in range(due)]
            before = time.monotonic()
            spool.append_all(drafts, time.time())
            append_s.append(time.monotonic() - before)
            made += due
        time.sleep(TICK_S)
    return made, append_s


class _Episodes:
    """The next message of the next camera, round and round."""

    def __init__(self, job: MakerJob) -> None:
        self._job = job
        self._cameras = camera_ids(job.name, job.cameras)
        self._ids = (f"{job.name}-{number}-{time.time_ns()}" for number in count())
        self._turn = 0
        self._open: dict[int, tuple[Event, int]] = {}

    def next(self) -> Event:
        camera = self._turn % self._job.cameras
        self._turn += 1
        opened = self._open.get(camera)
        now = time.time()
        if opened is None:
            event_id = next(self._ids)
            event = fake_event(
                id=event_id, event_id=event_id, camera_id=self._cameras[camera],
                captured_at=now, inferred_at=now,
            )  # fmt: skip
            self._open[camera] = (event, 1)
            return event
        event, number = opened
        last = number + 1 >= self._job.episode
        self._open[camera] = (event, number + 1)
        if last:
            del self._open[camera]
        phase = EventPhase.CLEARED if last else EventPhase.UPDATED
        return replace(event, id=next(self._ids), phase=phase, captured_at=now, inferred_at=now)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(MakerJob(**json.loads(sys.argv[1])))
