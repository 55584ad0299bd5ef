"""How each process of a site fares over hours: what it holds, and whether that grows.

The first quarter of a run is for warming up. The rest is cut into equal spans, and a slope with its
standard error is fitted over what each fell back to: films come and go above that, a leak lifts it.

    python -m tests.chaos.soak_trend FOLDER

prints a line of each role of the soak that ran in that folder, also of one that was cut short.
"""

import json
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

MOST_MB_PER_H = 1.0
MOST_THREADS, MOST_FILES = 4, 8
"""More than before."""
SPANS = 18
_LEAST_MB = 4.0
_SURE = 2.0  # standard errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A process at one moment; `cpu_s` is what it has used since it began, with its children."""

    at_s: float
    role: str
    pid: int
    own_mb: float  # memory that is its alone: what it would give back
    threads: int
    files: int
    cpu_s: float


class SampleFile:
    """The samples of a run, each a line of JSON in its folder as soon as it is taken."""

    NAME = "samples.jsonl"

    def __init__(self, folder: Path) -> None:
        self.samples: list[Sample] = []
        self._file = (folder / self.NAME).open("w", encoding="utf-8", buffering=1)

    def add(self, taken: Iterable[Sample]) -> None:
        """Keep samples of one moment."""
        for one in taken:
            self.samples.append(one)
            self._file.write(json.dumps(asdict(one)) + "\n")

    def close(self) -> None:
        """Close the file; the samples stay."""
        self._file.close()


def read_samples(folder: Path) -> list[Sample]:
    """Read what a run wrote; a last line that was cut short is left out."""
    text = (folder / SampleFile.NAME).read_text(encoding="utf-8")
    lines = text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]
    return [Sample(**json.loads(line)) for line in lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One role over the run: the second quarter beside the last, and the slope from there on."""

    role: str
    mb_before: float
    mb_after: float
    mb_most: float
    mb_per_h: float
    mb_per_h_error: float
    threads_before: int
    threads_after: int
    files_before: int
    files_after: int
    cpu_share: float  # of a core
    restarts: int
    grew: bool

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def trends(samples: Sequence[Sample]) -> list[Trend]:
    """One of each role that was there in both halves of the run, by name."""
    if not samples:
        return []
    began, ended = min(one.at_s for one in samples), max(one.at_s for one in samples)
    whole = ended - began
    found = []
    for role in sorted({one.role for one in samples}):
        of_role = [one for one in samples if one.role == role]
        before = [one for one in of_role if 0.25 <= _share(one, began, whole) < 0.5]
        after = [one for one in of_role if _share(one, began, whole) >= 0.75]
        if before and after:
            warm = [one for one in of_role if _share(one, began, whole) >= 0.25]
            found.append(_trend(role, before, after, warm, len({one.pid for one in of_role}) - 1))
    return found


def courses(samples: Sequence[Sample], points: int = 60) -> dict[str, list[tuple[float, float]]]:
    """Of each role, minutes since the start and the memory of its processes together (MB)."""
    found: dict[str, list[tuple[float, float]]] = {}
    began = min((one.at_s for one in samples), default=0.0)
    for role in sorted({one.role for one in samples}):
        together: dict[float, float] = {}
        for one in samples:
            if one.role == role:
                minute = round((one.at_s - began) / 60.0, 2)
                together[minute] = together.get(minute, 0.0) + one.own_mb
        course = [(minute, round(mb, 1)) for minute, mb in together.items()]
        found[role] = course[:: max(1, len(course) // points)]
    return found


def _share(one: Sample, began: float, whole: float) -> float:
    return (one.at_s - began) / whole if whole else 1.0


def _trend(
    role: str,
    before: Sequence[Sample],
    after: Sequence[Sample],
    warm: Sequence[Sample],
    restarts: int,
) -> Trend:
    slope, error = _slope(warm)
    mb = [_median(part, lambda one: one.own_mb) for part in (before, after)]
    threads = [round(_median(part, lambda one: one.threads)) for part in (before, after)]
    files = [round(_median(part, lambda one: one.files)) for part in (before, after)]
    first, last = warm[0], warm[-1]
    hoards = threads[1] > threads[0] + MOST_THREADS or files[1] > files[0] + MOST_FILES
    least = [min(one.own_mb for one in part) for part in (before, after)]
    climbs = slope - _SURE * error > MOST_MB_PER_H and least[1] > least[0] + MOST_MB_PER_H
    jumped = mb[1] > mb[0] * 1.05 + _LEAST_MB
    used = last.cpu_s - first.cpu_s
    return Trend(
        role=role,
        mb_before=round(mb[0], 1),
        mb_after=round(mb[1], 1),
        mb_most=round(max(one.own_mb for one in warm), 1),
        mb_per_h=round(slope, 2),
        mb_per_h_error=round(error, 2),
        threads_before=threads[0],
        threads_after=threads[1],
        files_before=files[0],
        files_after=files[1],
        cpu_share=round(max(0.0, used) / max(1.0, last.at_s - first.at_s), 3),
        restarts=restarts,
        grew=climbs or jumped or hoards or restarts > 0,
    )


def _median(part: Sequence[Sample], value: Callable[[Sample], float]) -> float:
    return statistics.median(value(one) for one in part)


def _slope(warm: Sequence[Sample]) -> tuple[float, float]:
    """Megabytes an hour and its standard error, over the least of equal spans."""
    groups = [part for part in np.array_split(np.arange(len(warm)), SPANS) if len(part)]
    if len(groups) < 3:
        return 0.0, 0.0
    hours = np.array([np.mean([warm[at].at_s for at in part]) / 3600.0 for part in groups])
    held = np.array([np.min([warm[at].own_mb for at in part]) for part in groups])
    away = hours - hours.mean()
    spread = float(np.sum(away**2))
    if spread == 0.0:
        return 0.0, 0.0
    slope = float(np.sum(away * held) / spread)
    left = held - held.mean() - slope * away
    error = float(np.sqrt(np.sum(left**2) / (len(groups) - 2) / spread))
    return slope, error


if __name__ == "__main__":
    for trend in trends(read_samples(Path(sys.argv[1]))):
        sys.stdout.write(json.dumps(trend.as_dict()) + "\n")
