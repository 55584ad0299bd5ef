"""Command `thapcanh evaluate --counts`: people, vehicles and their rules against truth."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TextIO

from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail, with_progress
from thapcanh.app.replay.replay import Replay, ReplayedInference, load_replay
from thapcanh.config.camera import CameraConfig
from thapcanh.config.problem import ConfigError
from thapcanh.config.rules import Rule
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.event import EventPhase
from thapcanh.detection.rules.line_crossing import CrossingCounts
from thapcanh.ingest.errors import IngestError
from thapcanh.tools.evaluation.counted_truth import (
    COUNTED,
    CROSSINGS,
    CountedMatter,
    TruthLine,
    read_counts,
)
from thapcanh.tools.evaluation.rule_score import (
    LineOutcome,
    Rate,
    RuleScore,
    rule_scores,
    score_crossings,
    score_period,
)
from thapcanh.tools.evaluation.truth_table import TruthError

ALLOWED_ERROR = 0.10


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
    """Counts and rules of one clip; `error` is None if the truth is zero."""

    file: str
    counts: tuple[Compared, ...] = ()
    rules: tuple[LineOutcome, ...] = ()
    error: float | None = None
    problem: str | None = None

    @property
    def is_met(self) -> bool:
        """True if the clip was readable and its error is within the limit."""
        return self.problem is None and (self.error or 0.0) <= ALLOWED_ERROR


class _Tally:
    """Counts and events over one clip's inferences, with one rule per line of the table."""

    def __init__(self, lines: Sequence[TruthLine]) -> None:
        self._lines = {str(number): line for number, line in enumerate(lines)}
        self._before: dict[str, CrossingCounts] = {}
        self._now: dict[str, CrossingCounts] = {}
        self._present: dict[str, int] = {}
        self._raised_at_s: dict[str, list[float]] = defaultdict(list)

    def camera(self, path: Path) -> CameraConfig:
        """Return a camera with the table's lines and zones."""
        return CameraConfig(
            id="clip",
            name=path.name[:120],
            source=SecretUrl(str(path)),
            lines=tuple(
                line.line.model_copy(update={"id": name})
                for name, line in self._lines.items()
                if line.line is not None
            ),
            zones=tuple(
                line.zone.model_copy(update={"id": name})
                for name, line in self._lines.items()
                if line.zone is not None
            ),
        )

    def rules(self) -> list[Rule]:
        """Return one rule per line."""
        return [line.rule(name) for name, line in self._lines.items()]

    def observe(self, look: ReplayedInference) -> None:
        """Add one inference."""
        for event in look.events:
            if event.phase is EventPhase.RAISED:
                self._raised_at_s[event.rule_id].append(round(event.at_s, 3))
        for name, line in self._lines.items():
            is_due = look.frame.at_s >= (line.at_s or 0.0)
            if line.what is CountedMatter.PRESENT and is_due:
                self._present.setdefault(name, look.present[name])
            elif line.what in CROSSINGS:
                self._now[name] = look.crossings[name]
                if not is_due:
                    self._before[name] = look.crossings[name]

    def compared(self) -> tuple[Compared, ...]:
        """Return every number of the table with ours."""
        return tuple(
            Compared(
                what=line.what,
                at_s=line.at_s or 0.0,
                truth=line.count,
                ours=self._own_count(name, line.what),
            )
            for name, line in self._lines.items()
            if line.what in COUNTED
        )

    def outcomes(self, duration_s: float) -> tuple[LineOutcome, ...]:
        """Return the outcome of every line that says what a rule should raise."""
        periods = [
            score_period(line, self._raised_at_s[name], duration_s)
            for name, line in self._lines.items()
            if line.is_period
        ]
        crossings = [
            score_crossings(line, self._own_count(name, line.what))
            for name, line in self._lines.items()
            if line.what in CROSSINGS
        ]
        return (*periods, *crossings)

    def _own_count(self, name: str, what: CountedMatter) -> int:
        before = self._before.get(name, CrossingCounts())
        now = self._now.get(name, CrossingCounts())
        if what is CountedMatter.OUT:
            return now.left - before.left
        if what is CountedMatter.IN:
            return now.entered - before.entered
        return self._present.get(name, 0)


def run_count_evaluation(settings: CountSettings, out: TextIO) -> int:
    """Replay, compare, print; exit code 1 when a clip is off by too much or cannot be read."""
    try:
        replay = load_replay(settings.config)
        lines = read_counts(settings.truth, replay.labels)
    except (TruthError, ConfigError, DetectorError) as error:
        return fail(error)
    by_file = [(file, list(rows)) for file, rows in groupby(lines, lambda line: line.file)]
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
    replay: Replay, file: str, lines: Sequence[TruthLine], folders: Sequence[Path]
) -> ClipCounts:
    path = next((at for folder in folders if (at := folder / file).is_file()), folders[0] / file)
    tally = _Tally(lines)
    try:
        summary = replay.watched(path, tally.camera(path), tally.rules(), tally.observe)
    except (IngestError, DetectorError) as error:
        return ClipCounts(file=file, problem=str(error))
    counts = tally.compared()
    return ClipCounts(
        file=file,
        counts=counts,
        rules=tally.outcomes(summary.duration_s),
        error=error_of(counts),
    )


def _print(clips: Sequence[ClipCounts], out: TextIO, *, as_json: bool) -> None:
    rules = rule_scores([outcome for clip in clips for outcome in clip.rules])
    if as_json:
        report = {
            "clips": [asdict(clip) for clip in clips],
            "rules": [asdict(one) for one in rules],
        }
        text = json.dumps(report, ensure_ascii=False)
    else:
        lines = [line for clip in clips for line in _lines(clip)]
        text = "\n".join([*lines, *(_rule_line(rule) for rule in rules)])
    out.write(text + "\n")
    out.flush()


def _lines(clip: ClipCounts) -> Iterator[str]:
    for count in clip.counts:
        numbers = f"by hand {count.truth:3}  ours {count.ours:3}"
        yield f"{count.what:8} {count.at_s:6.1f} s  {numbers}  {clip.file}"
    if clip.counts or clip.problem:
        error = "nobody there" if clip.error is None else f"error {clip.error:.1%}"
        yield f"{'met' if clip.is_met else 'MISSED':8} {clip.problem or error}  {clip.file}"


def _rule_line(rule: RuleScore) -> str:
    rates = f"precision {_rate(rule.precision)}  recall {_rate(rule.recall)}"
    return f"{rule.rule:15} {rates}  {rule.classes}, {rule.lines} lines"


def _rate(rate: Rate) -> str:
    if rate.interval is None:
        return f"{rate.hits} of {rate.of}"
    low, high = rate.interval
    return f"{rate.hits} of {rate.of} ({low:.2f}–{high:.2f})"
