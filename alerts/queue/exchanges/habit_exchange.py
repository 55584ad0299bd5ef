"""Habit maps and lessons between workers, centre and archive."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

import redis

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.redis_client import RedisClient
from thapcanh.detection.confirmation.habits import Lesson, LessonKind

LESSONS_RETAINED = 5000  # the maps of workers that were down for longer miss the oldest
_AT_ONCE = 500


class HabitExchange:
    """Any thread may use it. Raises `QueueError`s."""

    def __init__(self, door: RedisClient) -> None:
        self._redis = door.client
        self._named = door.named

    # Workers

    def load(self, camera_ids: Sequence[str]) -> dict[str, str]:
        return self._load(redis_keys.HABITS, camera_ids)

    def recorded(self, camera_ids: Sequence[str]) -> dict[str, str]:
        """Return the maps that recordings taught and no worker has stored yet."""
        return self._load(redis_keys.HABITS_RECORDED, camera_ids)

    def _load(self, key: str, camera_ids: Sequence[str]) -> dict[str, str]:
        if not camera_ids:
            return {}
        with self._named():
            found = cast(list[bytes | None], self._redis.hmget(key, list(camera_ids)))
        stored = zip(camera_ids, found, strict=True)
        return {one: text.decode(errors="replace") for one, text in stored if text is not None}

    def store(self, records: Mapping[str, str], joined: Collection[str] = ()) -> None:
        """Store maps by camera, and mark them as changed for the centre.

        `joined` are the cameras whose recorded map is part of theirs now.
        """
        if not records:
            return
        with self._named():
            pipe = self._redis.pipeline(transaction=True)
            pipe.hset(redis_keys.HABITS, mapping=cast(Any, dict(records)))
            pipe.sadd(redis_keys.HABITS_CHANGED, *records)
            if joined:
                pipe.hdel(redis_keys.HABITS_RECORDED, *joined)
            pipe.execute()

    def lessons_after(self, number: int) -> list[Lesson]:
        """Return lessons with larger numbers, in order; unreadable ones are left out."""
        with self._named():
            entries: Any = self._redis.xrange(
                redis_keys.HABIT_LESSONS, min=f"({number}-0", count=LESSONS_RETAINED
            )
        lessons = (_lesson(entry_id, fields) for entry_id, fields in entries)
        return [lesson for lesson in lessons if lesson is not None]

    # Command line

    def add_recorded(self, camera_id: str, record: str) -> None:
        """Leave a map for the camera's worker; a second one replaces what still waits."""
        with self._named():
            self._redis.hset(redis_keys.HABITS_RECORDED, camera_id, record)

    # Centre

    def changed(self) -> dict[str, str]:
        """Return some of the maps that changed since their `archived` call."""
        with self._named():
            members = cast(
                list[bytes], self._redis.srandmember(redis_keys.HABITS_CHANGED, number=_AT_ONCE)
            )
        return self.load([member.decode() for member in members])

    def archived(self, camera_ids: Sequence[str]) -> None:
        """Clear the marks of archived maps; later changes are marked again."""
        if camera_ids:
            with self._named():
                self._redis.srem(redis_keys.HABITS_CHANGED, *camera_ids)

    def is_empty(self) -> bool:
        """Return whether no map is stored: the queue is new, or lost everything."""
        with self._named():
            return not self._redis.exists(redis_keys.HABITS)

    def seed(self, records: Mapping[str, str]) -> None:
        """Restore the archive's maps, except those stored meanwhile."""
        with self._named():
            pipe = self._redis.pipeline(transaction=False)
            for camera_id, record in records.items():
                pipe.hsetnx(redis_keys.HABITS, camera_id, record)
            pipe.execute()

    def last_lesson(self) -> int:
        """Return the number of the newest lesson; 0 without any."""
        with self._named():
            newest: Any = self._redis.xrevrange(redis_keys.HABIT_LESSONS, count=1)
        return int(newest[0][0].partition(b"-")[0]) if newest else 0

    def teach(self, lessons: Sequence[Lesson]) -> None:
        """Add lessons in the order of their numbers; those that are there already stay."""
        for lesson in lessons:
            stated = json.dumps(asdict(lesson))
            with self._named():
                try:
                    self._redis.xadd(
                        redis_keys.HABIT_LESSONS,
                        {"lesson": stated},
                        id=f"{lesson.number}-0",
                        maxlen=LESSONS_RETAINED,
                        approximate=True,
                    )
                except redis.ResponseError as error:
                    if "equal or smaller" not in str(error):
                        raise


def _lesson(entry_id: bytes, fields: Mapping[bytes, bytes]) -> Lesson | None:
    try:
        stated = json.loads(fields[b"lesson"])
        left, top, right, bottom = (float(share) for share in stated["region"])
        return Lesson(
            number=int(entry_id.partition(b"-")[0]),
            camera_id=str(stated["camera_id"]),
            verdict=LessonKind(stated["verdict"]),
            at=float(stated["at"]),
            kind=str(stated["kind"]),
            region=(left, top, right, bottom),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
