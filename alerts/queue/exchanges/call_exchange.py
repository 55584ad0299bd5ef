"""Cameras with extra inference because of a call, sent by the leading centre."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.redis_client import RedisClient

_NUMBER = re.compile(r"(?:[0-9]{1,4}|CB-[0-9]{8})-[0-9]{1,10}")
"""Of a call, or of a device's alert; it is written into alerts."""
_LONGEST_S = 3600.0
_MOST_CAMERAS = 200
"""More, or longer, is not what a centre told: it would keep a worker's cameras awake for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCall:
    """Number of a call near a camera, its remaining time, and whether it corroborates."""

    call: str
    left_s: float
    corroborates: bool


class CallExchange:
    """Any thread may use it. Raises `QueueError`."""

    def __init__(self, door: RedisClient) -> None:
        self._redis = door.client
        self._named = door.named

    def publish_calls(self, calls: Mapping[str, NearCall]) -> None:
        """Replace the cameras; entries expire by themselves."""
        living = {camera: one for camera, one in calls.items() if one.left_s > 0}
        with self._named():
            if not living:
                self._redis.delete(redis_keys.CALLED)
                return
            now = self._now()
            received = {
                camera: {"call": one.call, "until": now + one.left_s, "near": one.corroborates}
                for camera, one in living.items()
            }
            longest_s = max(one.left_s for one in living.values())
            self._redis.set(
                redis_keys.CALLED, json.dumps(received), px=max(1, int(longest_s * 1000))
            )

    def calls(self) -> dict[str, NearCall]:
        """Return the present entries by camera; unreadable ones are left out."""
        with self._named():
            text = cast(bytes | None, self._redis.get(redis_keys.CALLED))
            now = self._now() if text else 0.0
        read = {camera: _received(facts, now) for camera, facts in _table(text).items()}
        return {camera: one for camera, one in read.items() if one is not None}

    def _now(self) -> float:
        seconds, micros = self._redis.time()
        return seconds + micros / 1e6


def _table(text: bytes | None) -> dict[str, Any]:
    try:
        received = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        return {}
    return received if isinstance(received, dict) and len(received) <= _MOST_CAMERAS else {}


def _received(facts: Any, now: float) -> NearCall | None:
    try:
        number, left_s = facts["call"], float(facts["until"]) - now
        if not _NUMBER.fullmatch(number) or not 0 < left_s <= _LONGEST_S:
            return None
        return NearCall(call=number, left_s=left_s, corroborates=bool(facts["near"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
