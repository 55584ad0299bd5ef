"""Travel distances of units: by road from a Valhalla child, else a straight line.

Thread-safe, one query at a time.
"""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from thapcanh.alerts.store.distance import Position, distance_m
from thapcanh.ingest.child_process import (
    ChildBounds,
    ChildProcess,
    ChildSetup,
    plain_environment,
    start_child,
)

log = logging.getLogger(__name__)

_Told = TypeVar("_Told")
MOST_ROUTED = 50
LINE_MS = 30 / 3.6  # by a straight line, with the turns that it leaves out
_WITHIN_S = 2.0
_FIRST_WITHIN_S = 15.0  # the tiles are opened
_AGAIN_AFTER_S = 30.0
_MEMORY_BYTES = 4 << 30
_COMMAND = (sys.executable, "-P", "-m", "thapcanh.app.positions.roads_child")


class WayKind(StrEnum):
    """Method by which a distance was found."""

    ROAD = "road"
    LINE = "line"  # no tiles, or no road near one of its ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Travel distance and time."""

    road_s: float
    road_m: float
    by: WayKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way with the points that it goes by."""

    way: Way
    points: Sequence[Position]


def line_way(start: Position, end: Position) -> Way:
    """Return the straight line between two places."""
    metres = distance_m(start, end)
    return Way(road_s=metres / LINE_MS, road_m=metres, by=WayKind.LINE)


def line_route(start: Position, end: Position) -> Route:
    return Route(way=line_way(start, end), points=[start, end])


class Roads:
    """Client of one child; `tiles` returns their path, or None if the site has none."""

    def __init__(
        self,
        tiles: Callable[[], Path | None],
        command: Sequence[str] = _COMMAND,
        within_s: float = _WITHIN_S,
        first_s: float = _FIRST_WITHIN_S,
    ) -> None:
        self._tiles = tiles
        self._command = command
        self._within_s, self._first_s = within_s, first_s
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None
        self._of: Path | None = None
        self._silent_until = 0.0
        self._requested = 0
        self._has_answered = False

    def ways(self, starts: Sequence[Position], end: Position) -> list[Way]:
        """Return the way from each place, in order; the nearest by line are routed by road."""
        ways = [line_way(item, end) for item in starts]
        near = sorted(range(len(starts)), key=lambda i: ways[i].road_m)[:MOST_ROUTED]
        found = self._by_road([starts[i] for i in near], end)
        for i, answer in zip(near, found, strict=True):
            if answer is not None:
                ways[i] = Way(road_s=answer[0], road_m=answer[1], by=WayKind.ROAD)
        return ways

    def route(self, start: Position, end: Position) -> Route:
        """Return the route between two places with its points; a line has two."""
        found = self._answered({"route": [list(start), list(end)]}, lambda answer: answer["route"])
        if found is None:
            return line_route(start, end)
        seconds, metres, points = found
        way = Way(road_s=float(seconds), road_m=float(metres), by=WayKind.ROAD)
        return Route(way=way, points=[(float(lat), float(lon)) for lat, lon in points])

    def close(self) -> None:
        """End the child; calling twice is fine."""
        with self._lock:
            self._end()

    def _by_road(
        self, starts: Sequence[Position], end: Position
    ) -> Sequence[tuple[float, float] | None]:
        def ways(answer: Mapping[str, Any]) -> list[tuple[float, float] | None]:
            found = [
                None if item is None else (float(item[0]), float(item[1]))
                for item in answer["ways"]
            ]
            if len(found) != len(starts):
                raise ValueError("another number of ways")
            return found

        question = {"from": list(starts), "to": list(end)}
        found = self._answered(question, ways) if starts else None
        return [None for _ in starts] if found is None else found

    def _answered(
        self, question: Mapping[str, Any], read: Callable[[Mapping[str, Any]], _Told]
    ) -> _Told | None:
        """Return the child's answer; None without tiles or an answer."""
        tiles = self._tiles()
        if tiles is None:
            return None
        with self._lock:
            if time.monotonic() < self._silent_until:
                return None
            try:
                return read(self._reported(tiles, question))
            except (OSError, ValueError, KeyError, TypeError) as error:
                log.warning("roads: no answer, straight lines are told: %s", error)
                self._silent_until = time.monotonic() + _AGAIN_AFTER_S
                self._end()
                return None

    def _reported(self, tiles: Path, question: Mapping[str, Any]) -> Mapping[str, Any]:
        child = self._running(tiles)
        within_s = self._within_s if self._has_answered else self._first_s
        if child.stdin is None or child.stdout is None:
            raise OSError("the child has no pipes")
        self._requested += 1
        timer = threading.Timer(within_s, child.kill)
        timer.daemon = True
        timer.start()
        try:
            child.stdin.write(json.dumps({"id": self._requested, **question}).encode() + b"\n")
            child.stdin.flush()
            answer = self._line(child)
        finally:
            timer.cancel()
        self._has_answered = True
        return answer

    def _line(self, child: ChildProcess) -> Mapping[str, Any]:
        """Return the answer line; other output of libraries is skipped."""
        while child.stdout is not None and (line := child.stdout.readline(4 << 20)):
            if line.startswith(b'{"id": '):
                answer: Mapping[str, Any] = json.loads(line)
                return answer
        raise OSError("the child ended")

    def _running(self, tiles: Path) -> ChildProcess:
        if self._child is not None and self._of == tiles and self._child.poll() is None:
            return self._child
        self._end()
        setup = ChildSetup(
            environment=plain_environment(os.environ),
            bounds=ChildBounds(memory_bytes=_MEMORY_BYTES, niceness=5),
        )
        self._child, self._of = start_child((*self._command, str(tiles)), setup), tiles
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what was not written any more
                        pipe.close()
            self._child.wait()
            self._child = None
            self._has_answered = False
