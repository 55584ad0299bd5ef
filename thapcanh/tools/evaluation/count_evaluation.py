"""Command `thapcanh evaluate --counts`: counts of people and vehicles against truth."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TextIO, assert_never

from pydantic import ValidationError

from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail, with_progress
from thapcanh.app.replay.replay import Replay, ReplayedInference, load_replay
from thapcanh.config.camera import CameraConfig, LineConfig, ZoneConfig
from thapcanh.config.problem import ConfigError
from thapcanh.config.rules import LABELS, Rule
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.rules.crowd import CrowdRule
from thapcanh.detection.rules.line_crossing import CrossingCounts, ExitRule
from thapcanh.ingest.errors import IngestError
from thapcanh.tools.evaluation.truth_table import Line as TableLine
from thapcanh.tools.evaluation.truth_table import TruthError, number_in, read_lines

ALLOWED_ERROR = 0.10


class CountedMatter(StrEnum):
    OUT = "out"  # went over the line outward
    IN = "in"  # went over it inward
    PRESENT = "present"  # is in the picture at one second


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCount:
    file: str
    what: CountedMatter
    classes: tuple[str, ...]
    line: LineConfig | None
    zone: ZoneConfig | None
    at_s: float
    count: int


def read_counts(path: Path, labels: Sequence[str] = LABELS) -> list[HandCount]:
    """Return the counts of a table; raises `TruthError` naming every invalid line.

    `labels` are the classes that the site's models detect.
    """
    return read_lines(path, partial(_counted, labels))


def _counted(labels: Sequence[str], line: TableLine, wrong: list[str]) -> HandCount:
    file, what = line.get("file") or "", line.get("what") or ""
    if not file:
        wrong.append("no file")
    if what not in list(CountedMatter):
        wrong.append(f"what is {what!r}, expected {', '.join(CountedMatter)}")
    classes = tuple((line.get("classes") or "").split())
    if not classes or not set(classes).issubset(labels):
        wrong.append(f"classes is {' '.join(classes)!r}, expected some of {' '.join(labels)}")
    count, shape = number_in(line, "count", wrong), line.get("shape") or ""
    if count is None or count < 0:
        wrong.append("count is missing, expected how many were counted")
    return HandCount(
        file=file,
        what=CountedMatter(what) if what in list(CountedMatter) else CountedMatter.PRESENT,
        classes=classes,
        line=None if what == CountedMatter.PRESENT else _line(shape, wrong),
        zone=_zone(shape, wrong) if what == CountedMatter.PRESENT and shape else None,
        at_s=number_in(line, "at_s", wrong) or 0.0,
        count=int(count or 0),
    )


def _line(shape: str, wrong: list[str]) -> LineConfig | None:
    try:
        x1, y1, x2, y2, x, y = (float(share) for share in shape.split())
        return LineConfig(id="line", name="line", points=((x1, y1), (x2, y2)), inside=(x, y))
    except (ValueError, ValidationError):
        wrong.append(f"shape is {shape!r}, expected x1 y1 x2 y2 of a line and x y inside")
        return None


def _zone(shape: str, wrong: list[str]) -> ZoneConfig | None:
    try:
        shares = [float(share) for share in shape.split()]
        points = tuple(zip(shares[::2], shares[1::2], strict=True))
        return ZoneConfig(id="zone", name="zone", polygon=points)
    except (ValueError, ValidationError):
        wrong.append(f"shape is {shape!r}, expected x y of each point of a zone")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSettings:
    """Options of the command line."""

    truth: Path
    videos: tuple[Path, ...] = ()
    """Folders in which the clips are looked for, after the table's own."""
    config: Path | None = None
    as_json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A number counted by hand, and ours."""

    what: str
    at_s: float
    truth: int
    ours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipCounts:
    """Counts of one clip; `error` is None if the truth is zero."""

    file: str
    counts: tuple[Compared, ...] = ()
    error: float | None = None
    problem: str | None = None

    @property
    def is_met(self) -> bool:
        """True if the clip was readable and its error is within the limit."""
        return self.problem is None and (self.error or 0.0) <= ALLOWED_ERROR


class _Tally:
    """Counter over one clip's inferences, with one rule per number of the table."""

    def __init__(self, counts_value: Sequence[HandCount]) -> None:
        self._desired = {str(number): count for number, count in enumerate(counts_value)}
        self._before: dict[str, CrossingCounts] = {}
        self._now: dict[str, CrossingCounts] = {}
        self._present: dict[str, int] = {}

    def camera(self, path: Path) -> CameraConfig:
        """Return a camera with the table's lines and zones."""
        return CameraConfig(
            id="clip",
            name=path.name[:120],
            source=SecretUrl(str(path)),
            lines=tuple(
                count.line.model_copy(update={"id": name})
                for name, count in self._desired.items()
                if count.line is not None
            ),
            zones=tuple(
                count.zone.model_copy(update={"id": name})
                for name, count in self._desired.items()
                if count.zone is not None
            ),
        )

    def rules(self) -> list[Rule]:
        """Return one rule per number, with the defaults of its kind."""
        return [_rule(name, count) for name, count in self._desired.items()]

    def observe(self, look: ReplayedInference) -> None:
        """Add one inference."""
        for name, count in self._desired.items():
            is_due = look.frame.at_s >= count.at_s
            if count.what is CountedMatter.PRESENT:
                if is_due:
                    self._present.setdefault(name, look.present[name])
                continue
            self._now[name] = look.crossings[name]
            if not is_due:
                self._before[name] = look.crossings[name]

    def compared(self) -> tuple[Compared, ...]:
        """Return every number of the table with ours."""
        return tuple(
            Compared(
                what=count.what,
                at_s=count.at_s,
                truth=count.count,
                ours=self._own_count(name, count.what),
            )
            for name, count in self._desired.items()
        )

    def _own_count(self, name: str, what: CountedMatter) -> int:
        before = self._before.get(name, CrossingCounts())
        now = self._now.get(name, CrossingCounts())
        match what:
            case CountedMatter.PRESENT:
                return self._present.get(name, 0)
            case CountedMatter.OUT:
                return now.left - before.left
            case CountedMatter.IN:
                return now.entered - before.entered
            case _:
                assert_never(what)


def _rule(name: str, count: HandCount) -> Rule:
    if count.what is CountedMatter.PRESENT:
        zone = name if count.zone else None
        return CrowdRule.model_validate({"id": name, "zone": zone, "classes": count.classes})
    return ExitRule.model_validate({"id": name, "line": name, "classes": count.classes})


def run_count_evaluation(settings: CountSettings, out: TextIO) -> int:
    """Replay, compare, print; exit code 1 when a clip is off by too much or cannot be read."""
    try:
        replay = load_replay(settings.config)
        counts_value = read_counts(settings.truth, replay.labels)
    except (TruthError, ConfigError, DetectorError) as error:
        return fail(error)
    by_file = [(file, list(rows)) for file, rows in groupby(counts_value, lambda count: count.file)]
    folders = (settings.truth.parent, *settings.videos)
    clips = [
        _clip(replay, file, rows, folders)
        for file, rows in with_progress(by_file, lambda pair: pair[0])
    ]
    _print(clips, out, as_json=settings.as_json)
    return exit_codes.OK if all(clip.is_met for clip in clips) else exit_codes.FAILED


def error_of(counts: Sequence[Compared]) -> float | None:
    """Return the sum of absolute differences over the sum of hand counts."""
    truth = sum(count.truth for count in counts)
    off = sum(abs(count.ours - count.truth) for count in counts)
    return off / truth if truth else None


def _clip(
    replay: Replay, file: str, counts_value: Sequence[HandCount], folders: Sequence[Path]
) -> ClipCounts:
    path = next((at for folder in folders if (at := folder / file).is_file()), folders[0] / file)
    tally = _Tally(counts_value)
    try:
        replay.watched(path, tally.camera(path), tally.rules(), tally.observe)
    except (IngestError, DetectorError) as error:
        return ClipCounts(file=file, problem=str(error))
    counts = tally.compared()
    return ClipCounts(file=file, counts=counts, error=error_of(counts))


def _print(clips: Sequence[ClipCounts], out: TextIO, *, as_json: bool) -> None:
    if as_json:
        text = json.dumps([asdict(clip) for clip in clips], ensure_ascii=False)
    else:
        text = "\n".join(line for clip in clips for line in _lines(clip))
    out.write(text + "\n")
    out.flush()


def _lines(clip: ClipCounts) -> Iterator[str]:
    for count in clip.counts:
        numbers = f"by hand {count.truth:3}  ours {count.ours:3}"
        yield f"{count.what:8} {count.at_s:6.1f} s  {numbers}  {clip.file}"
    result = clip.problem or ("nobody there" if clip.error is None else f"error {clip.error:.1%}")
    yield f"{'met' if clip.is_met else 'MISSED':8} {result}  {clip.file}"
