"""One system on one clip: start the street and the system, let both settle, measure, stop.

Costs are read from /proc by this process, looks are noted by the system itself; both over the same
stretch of time. Children are stopped by closing their input, and killed when that does not help.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.clips import FPS, Clip
from benchmarks.harness import process_cost
from benchmarks.harness.child import child, last_line, lines_until
from benchmarks.harness.process_cost import cpu_s, rss_mb
from benchmarks.systems.job import Job

SYSTEMS: dict[str, tuple[str, ...]] = {
    "ours": ("benchmarks.systems.ours",),
    "ultralytics": ("benchmarks.systems.ultralytics_stream", "pt"),
    "ultralytics_openvino": ("benchmarks.systems.ultralytics_stream", "openvino"),
    "cv2": ("benchmarks.systems.cv2_loop",),
    "floor": ("benchmarks.systems.floor",),
    "floor_awake": ("benchmarks.systems.floor", "whole"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a system is watched."""

    cameras: int
    seconds: float
    settle_s: float
    look_interval_s: float
    deadline_s: float
    cache: Path
    processes: int = 1
    """Among which the cameras are dealt out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was measured."""

    seconds: float
    cpu_s: float
    rss_mb: float
    threads: int
    files: int
    intervals_s: tuple[float, ...]
    looks: int
    inferences: int  # whole pictures, and parts of them
    events: int
    facts: dict[str, Any]


@contextmanager
def street(clips: Sequence[Clip], count: int) -> Iterator[list[str]]:
    """The clips on air as `count` URLs."""
    with child(["benchmarks.street", str(count), *(str(one.path) for one in clips)]) as server:
        urls = []
        for line in lines_until(server, "ready"):
            urls.append(line)
        yield urls


def watch(system: str, urls: Sequence[str], settings: Settings, floor_looks: float) -> Watched:
    """Run the system on the URLs and measure it."""
    module, *rest = SYSTEMS[system]
    with ExitStack() as stack:
        running = [
            stack.enter_context(child([module, _job(mine, settings, floor_looks).line(), *rest]))
            for mine in (urls[one :: settings.processes] for one in range(settings.processes))
        ]
        for one in running:
            list(lines_until(one, "ready"))
        time.sleep(settings.settle_s)
        began, cpu_before = time.monotonic(), sum(cpu_s(one.pid) for one in running)
        time.sleep(settings.seconds)
        ended, cpu_after = time.monotonic(), sum(cpu_s(one.pid) for one in running)
        measured = Watched(
            seconds=ended - began,
            cpu_s=cpu_after - cpu_before,
            rss_mb=sum(rss_mb(one.pid) for one in running),
            threads=sum(process_cost.threads(one.pid) for one in running),
            files=sum(process_cost.files(one.pid) for one in running),
            intervals_s=(),
            looks=0,
            inferences=0,
            events=0,
            facts={},
        )
        told = [last_line(one) for one in running]
    seen = {
        f"{number}/{name}": at
        for number, one in enumerate(told)
        for name, at in one["looks"].items()
    }
    looks = _looks(seen, began, ended, settings.cameras)
    parts = sum(_regions(one["regions"], began, ended) for one in told)
    return replace(
        measured,
        **looks,
        inferences=looks["looks"] + parts,
        events=sum(one["events"] for one in told),
        facts={"cameras": [fact for one in told for fact in one["facts"].get("cameras", ())]},
    )


def _job(urls: Sequence[str], settings: Settings, floor_looks: float) -> Job:
    return Job(
        urls=tuple(urls),
        look_interval_s=settings.look_interval_s,
        deadline_s=settings.deadline_s,
        fps=FPS,
        cache=str(settings.cache),
        looks_per_camera_s=floor_looks,
    )


def _regions(counts: Sequence[tuple[float, int]], began: float, ended: float) -> int:
    """How many parts of pictures were looked at within the stretch."""
    inside = [count for at, count in counts if began <= at <= ended]
    return inside[-1] - inside[0] if inside else 0


def _looks(looks: dict[str, list[float]], began: float, ended: float, cameras: int) -> Any:
    """Intervals that ended while it was measured; one that is still open counts too."""
    intervals, number = [], 0
    for times in looks.values():
        inside = [at for at in times if began <= at <= ended]
        before = [at for at in times if at < began][-1:]
        number += len(inside)
        seen = [*before, *inside]
        intervals += [after - at for at, after in pairwise(seen)]
        open_s = ended - seen[-1] if seen else ended - began
        if not inside or (intervals and open_s > max(intervals)):
            intervals.append(open_s)
    intervals += [ended - began] * (cameras - len(looks))
    return {"intervals_s": tuple(intervals), "looks": number}
