"""Workers' reports as the centre reads them, and detection of silent workers."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import redis

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.workers.worker_report import (
    CameraFigures,
    CameraWord,
    CountedByWorker,
    WorkerReport,
    read_figures,
    read_listed_figures,
    silent_worker,
    validated_cameras,
    validated_report,
)
from thapcanh.alerts.queue.workers.worker_status import STATES_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class _States:
    """Camera states of one worker; without a version they are read each time."""

    version: str | None
    cameras: list[CameraWord]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """Report of a worker, with its time by the server's clock."""

    at: float
    report: WorkerReport | None  # None where it has expired, or is none
    version: str | None  # of its cameras' states


class WorkerReports:
    """Remembers words and cameras' states between readings. One thread at a time."""

    def __init__(self) -> None:
        self._words: dict[str, _Word] = {}
        self._states: dict[str, _States] = {}

    def read(self, client: redis.Redis) -> list[WorkerReport]:
        """Return running workers' reports, and a short one for each silent worker.

        While no camera of a worker changes, `cameras` is the same object.
        """
        scored = cast(
            list[tuple[bytes, float]], client.zrange(redis_keys.WORKERS, 0, -1, withscores=True)
        )
        if not scored:
            return []
        seconds, micros = client.time()
        now = seconds + micros / 1e6  # in whole seconds, two words of one second were taken for one
        reported = {name.decode(errors="replace"): min(float(score), now) for name, score in scored}
        self._words = self._read_words(client, reported)
        unlisted = [name for name, word in self._words.items() if not self._knows(name, word)]
        existing = {name: states for name, states in self._states.items() if name in self._words}
        self._states = existing | _states(client, unlisted)
        return [self._joined(name, word) for name, word in self._words.items()]

    def _read_words(self, client: redis.Redis, reported: Mapping[str, float]) -> dict[str, _Word]:
        """Return each worker's report; time and report are read in one transaction."""
        same = {
            name: word
            for name, at in reported.items()
            if (word := self._words.get(name)) is not None and word.at == at
        }
        if not _are_all_there(client, [name for name, word in same.items() if word.report]):
            same = {}  # one has expired: it is not known which
        others = [name for name in reported if name not in same]
        keys = [redis_keys.worker(name) for name in others]
        texts = cast(list[bytes | None], client.mget(keys)) if keys else []
        received = {
            name: _word(name, reported[name], text)
            for name, text in zip(others, texts, strict=True)
        }
        return {name: same.get(name) or received[name] for name in reported}

    def _knows(self, name: str, word: _Word) -> bool:
        """Return whether the cameras' states are up to date."""
        if word.report is None:
            return name in self._states
        if "cameras" in word.report:  # a worker of an earlier version tells all at once
            return True
        existing = self._states.get(name)
        return existing is not None and existing.version == word.version

    def _joined(self, name: str, word: _Word) -> WorkerReport:
        states = self._states.get(name)
        cameras = states.cameras if states else []
        if word.report is None:
            return silent_worker(name, word.at, [camera["id"] for camera in cameras])
        if "cameras" in word.report:
            return word.report
        return WorkerReport(**word.report, cameras=cameras)


def _are_all_there(client: redis.Redis, names: Sequence[str]) -> bool:
    keys = [redis_keys.worker(name) for name in names]
    return not keys or client.exists(*keys) == len(keys)


def all_workers(client: redis.Redis) -> list[WorkerReport]:
    workers = WorkerReports().read(client)
    figures = camera_figures(client, [one["worker"] for one in workers if not one["lost"]])
    return [with_figures(worker, figures) for worker in workers]


def with_figures(worker: WorkerReport, figures: Mapping[str, CameraFigures]) -> WorkerReport:
    """Return a report whose cameras have their known metrics."""
    if "cameras" not in worker:
        return worker
    cameras = [cast(CameraWord, {**one, **figures.get(one["id"], {})}) for one in worker["cameras"]]
    return cast(WorkerReport, {**worker, "cameras": cameras})


def camera_figures(client: redis.Redis, worker_ids: Iterable[str]) -> dict[str, CameraFigures]:
    """Return the metrics of these workers' cameras, by camera; none for silent workers."""
    received = _figures(client, list(worker_ids))
    return {name: one for _, text in received for name, one in read_figures(text).items()}


def listed_figures(client: redis.Redis, worker_ids: Iterable[str]) -> Iterator[CountedByWorker]:
    received = _figures(client, list(worker_ids))
    return ((worker, read_listed_figures(text)) for worker, text in received)


def _figures(client: redis.Redis, worker_ids: Sequence[str]) -> list[tuple[str, bytes]]:
    keys = [redis_keys.figures(name) for name in worker_ids]
    texts = cast(list[bytes | None], client.mget(keys)) if keys else []
    return [(name, text) for name, text in zip(worker_ids, texts, strict=True) if text]


def _read(text: bytes | None) -> Any:
    """Return the JSON of a worker, or None if it is malformed."""
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _word(name: str, at: float, text: bytes | None) -> _Word:
    received = _read(text)
    version = received.pop(STATES_VERSION, None) if isinstance(received, dict) else None
    return _Word(at=at, report=validated_report(received, name, at), version=version)


def _states(client: redis.Redis, names: Sequence[str]) -> dict[str, _States]:
    if not names:
        return {}
    texts = cast(list[bytes | None], client.mget(map(redis_keys.watched, names)))
    return {name: _parsed(text) for name, text in zip(names, texts, strict=True)}


def _parsed(text: bytes | None) -> _States:
    received = _read(text)
    if isinstance(received, list):  # ids alone, of a worker of an earlier version
        return _States(version=None, cameras=[CameraWord(id=str(name)) for name in received])
    cameras = validated_cameras(received.get("cameras")) if isinstance(received, dict) else None
    if cameras is None:
        return _States(version=None, cameras=[])
    return _States(version=str(received.get("version")), cameras=cameras)
