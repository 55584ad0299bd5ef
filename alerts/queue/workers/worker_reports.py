"""The workers' last words as the centre reads them: what each watches, and which fell silent.

Of a city's cameras few change between two readings, and of its workers few have spoken since:
`WorkerReports` asks for the words of those that have, and for the states of those whose word names
another version of them; it keeps the rest.

Each worker writes its own words, and may write anything: what is no report counts as silence of
that worker, and leaves the others' words as they are.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import redis

from alerts.queue import redis_keys
from alerts.queue.workers.worker_status import STATES_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class _States:
    """How one worker's cameras are; without a version it is asked for again at each reading."""

    version: str | None
    cameras: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """What a worker said at one time, by the server's clock."""

    at: float
    status: Mapping[str, Any] | None  # None where it has expired


class WorkerReports:
    """Remembers words and cameras' states between readings. One thread at a time."""

    def __init__(self) -> None:
        self._words: dict[str, _Word] = {}
        self._states: dict[str, _States] = {}

    def read(self, client: redis.Redis) -> list[dict[str, Any]]:
        """Living workers' statuses, and a short one for each silent worker.

        That is `{worker, lost: True, reported_at, watched}`; `watched` holds the ids of the cameras
        it watched last. As long as no camera of a worker changes, `cameras` is the same object.
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
        statuses = {name: word.status for name, word in self._words.items()}
        unknown = [name for name, status in statuses.items() if not self._knows(name, status)]
        known = {name: states for name, states in self._states.items() if name in statuses}
        self._states = known | _states(client, unknown)
        return [self._joined(name, status, reported[name]) for name, status in statuses.items()]

    def _read_words(self, client: redis.Redis, reported: Mapping[str, float]) -> dict[str, _Word]:
        """The word of each worker; a time is written with its word, in one transaction."""
        same = {
            name: word
            for name, at in reported.items()
            if (word := self._words.get(name)) is not None and word.at == at
        }
        if not _are_all_there(client, [name for name, word in same.items() if word.status]):
            same = {}  # one has expired: it is not known which
        others = [name for name in reported if name not in same]
        keys = [redis_keys.worker(name) for name in others]
        texts = cast(list[bytes | None], client.mget(keys)) if keys else []
        told = {
            name: _Word(at=reported[name], status=_status(text))
            for name, text in zip(others, texts, strict=True)
        }
        return {name: same.get(name) or told[name] for name in reported}

    def _knows(self, name: str, status: Mapping[str, Any] | None) -> bool:
        """Whether its cameras' states need not be asked for."""
        if status is None:
            return name in self._states
        if "cameras" in status:  # a worker of an earlier version tells all at once
            return True
        known = self._states.get(name)
        return known is not None and known.version == status.get(STATES_VERSION)

    def _joined(
        self, name: str, status: Mapping[str, Any] | None, reported_at: float
    ) -> dict[str, Any]:
        states = self._states.get(name)
        cameras = states.cameras if states else ()
        if status is None:
            watched = [camera["id"] for camera in cameras]
            return {"worker": name, "lost": True, "reported_at": reported_at, "watched": watched}
        told = {key: value for key, value in status.items() if key != STATES_VERSION}
        return {"cameras": cameras, **told, "worker": name, "lost": False}


def _are_all_there(client: redis.Redis, names: Sequence[str]) -> bool:
    keys = [redis_keys.worker(name) for name in names]
    return not keys or client.exists(*keys) == len(keys)


def all_workers(client: redis.Redis) -> list[dict[str, Any]]:
    """Every status, whole: the cameras with their figures."""
    workers = WorkerReports().read(client)
    figures = camera_figures(client, [one["worker"] for one in workers if not one["lost"]])
    for worker in workers:
        if not worker["lost"]:
            cameras = worker["cameras"]
            worker["cameras"] = [{**one, **figures.get(one["id"], {})} for one in cameras]
    return workers


def camera_figures(client: redis.Redis, worker_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the cameras of these workers count, by camera; nothing of a worker that is silent."""
    keys = [redis_keys.figures(name) for name in worker_ids]
    texts = cast(list[bytes | None], client.mget(keys)) if keys else []
    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        told = _read(text)
        if isinstance(told, dict):
            found.update({name: one for name, one in told.items() if isinstance(one, dict)})
    return found


def _read(text: bytes | None) -> Any:
    """What a worker wrote; None where it is not JSON."""
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _status(text: bytes | None) -> Mapping[str, Any] | None:
    """A worker's word; None where there is none, or one that cannot be a report."""
    told = _read(text)
    if not isinstance(told, dict):
        return None
    return told if "cameras" not in told or _are_cameras(told["cameras"]) else None


def _are_cameras(told: Any) -> bool:
    return isinstance(told, list) and all(
        isinstance(one, dict) and isinstance(one.get("id"), str) for one in told
    )


def _states(client: redis.Redis, names: Sequence[str]) -> dict[str, _States]:
    if not names:
        return {}
    texts = cast(list[bytes | None], client.mget(map(redis_keys.watched, names)))
    return {name: _parsed(text) for name, text in zip(names, texts, strict=True)}


def _parsed(text: bytes | None) -> _States:
    told = _read(text)
    if isinstance(told, list):  # ids alone, of a worker of an earlier version
        return _States(version=None, cameras=[{"id": str(name)} for name in told])
    if isinstance(told, dict) and _are_cameras(told.get("cameras")):
        return _States(version=str(told.get("version")), cameras=told["cameras"])
    return _States(version=None, cameras=())
