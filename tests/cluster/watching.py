"""Who watches which camera, as the workers report it: sampled all the time, kept for questions."""

import itertools
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.errors import QueueError

SAMPLE_EVERY_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One worker's word on one camera. UTC seconds; `told_at` is when it was read."""

    camera: str
    worker: str
    told_at: float
    last_frame_at: float
    looks: int


class Watchers:
    """Reads the workers' reports on a thread of its own."""

    def __init__(self, queue: EventQueue) -> None:
        self._queue = queue
        self._samples: list[Sample] = []
        self._reported: dict[str, float] = {}
        self._began: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)
        self._queue.close()

    def all_seen(self, cameras: Iterable[str]) -> bool:
        """Whether every camera was ever looked at."""
        seen = {one.camera for one in list(self._samples) if one.looks}
        return seen >= set(cameras)

    def began_since(self, worker: str, since: float) -> bool:
        """Whether a worker that began after that moment has reported."""
        return self._began.get(worker, 0.0) > since

    def seen_since(self, cameras: Iterable[str], since: float, *, not_by: str = "") -> bool:
        """Whether each was looked at on a frame after that moment, by another worker."""
        return self.first_seen(cameras, since, not_by=not_by).keys() >= set(cameras)

    def first_seen(self, cameras: Iterable[str], since: float, *, not_by: str) -> dict[str, float]:
        """By camera, how many seconds after that moment another worker said that it looks."""
        wanted, found = set(cameras), dict[str, float]()
        for one in list(self._samples):
            fits = one.camera in wanted and one.worker != not_by and one.looks
            if fits and one.last_frame_at > since:
                found.setdefault(one.camera, one.told_at - since)
        return found

    def longest_unseen(self, cameras: Iterable[str], since: float) -> float:
        """The longest time from that moment on between two frames of a camera that were told of."""
        longest = 0.0
        samples = list(self._samples)
        for camera in cameras:
            told = {one.last_frame_at for one in samples if one.camera == camera and one.looks}
            at = [since, *sorted(one for one in told if one > since)]
            longest = max([longest, *(b - a for a, b in itertools.pairwise(at))])
        return longest

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_EVERY_S):
            with suppress(QueueError):
                self._sample(time.time())

    def _sample(self, now: float) -> None:
        for worker in self._queue.workers():
            name = worker["worker"]
            if worker["lost"] or worker["reported_at"] == self._reported.get(name):
                continue
            self._reported[name] = worker["reported_at"]
            self._began[name] = worker.get("started_at") or 0.0
            self._samples += [
                Sample(
                    camera=one["id"],
                    worker=name,
                    told_at=worker["reported_at"],
                    last_frame_at=one.get("last_frame_at") or 0.0,
                    looks=one.get("looks") or 0,
                )
                for one in worker.get("cameras", ())
            ]
