"""Command `thapcanh evaluate`: replays the videos of truth tables and scores the alerts.

Several tables give separate scores that are never added up; a clip in two tables is refused.
`RaisedEvents` collects one record per event with its highest priority.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TextIO

from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail, with_progress
from thapcanh.app.replay.replay import Replay, ReplayedInference, load_replay
from thapcanh.config.problem import ConfigError
from thapcanh.config.rules import Priority
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.errors import IngestError
from thapcanh.tools.evaluation.report import (
    PictureKey,
    ReportPicture,
    as_text,
    picture_of,
    write_report,
)
from thapcanh.tools.evaluation.score import (
    BURNING,
    FIRE,
    ClipOutcome,
    ClipScore,
    RaisedEvent,
    Score,
    judge,
    score,
)
from thapcanh.tools.evaluation.truth_table import Line, TruthError, number_in, read_lines

KINDS = (*BURNING, "none", "ambiguous")
NOTHING_DETECTED = "the detector saw neither flame nor smoke in any look"
TOO_FAINT = "seen too faintly for any rule"
SHOWN_AFTER_ONSET_S = 3.0  # by then a person sees what the detector did not
_SHOWN = frozenset(
    {ClipOutcome.MISSED, ClipOutcome.EARLY, ClipOutcome.FALSE_ALERT, ClipOutcome.DETECTED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateSettings:
    """Options of the command line."""

    truths: tuple[Path, ...]
    config: Path | None = None
    as_json: bool = False
    html: Path | None = None
    as_live: bool = False
    as_called: bool = False
    """As if somebody had telephoned of a fire near each camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One line of the truth table."""

    file: str
    kind: str
    onset_s: float | None
    scene: str = ""


class RaisedEvents:
    """Fire and smoke events of one clip, in order of being raised."""

    def __init__(self) -> None:
        self._events: dict[str, RaisedEvent] = {}

    @property
    def all(self) -> list[RaisedEvent]:
        """Records of the events so far, with their highest priority."""
        return list(self._events.values())

    def take(self, event: Event, at_s: float | None = None) -> None:
        """Take in a message; `at_s` stands for its time where the caller's clock counts."""
        at = round(event.at_s if at_s is None else at_s, 3)
        record = self._events.get(event.event_id)
        if event.phase is EventPhase.RAISED and event.kind in BURNING:
            self._events[event.event_id] = _raised(event, at)
        elif event.phase is EventPhase.UPDATED and record is not None:
            self._events[event.event_id] = _updated(record, event, at)


@dataclass(slots=True, kw_only=True)
class _Witness:
    """Collector of a clip's events and its most telling inference.

    That is the one that raised, else the most confident, else one in which it should be visible.
    """

    onset_s: float
    events: RaisedEvents = field(default_factory=RaisedEvents)
    picture: ReportPicture | None = None
    surest: float = 0.0
    nearest: str = NOTHING_DETECTED

    def observe(self, look: ReplayedInference) -> None:
        first = next((event for event in look.events if _is_raised(event)), None)
        if first is not None and not self.events.all:
            self.picture, self.nearest = picture_of(look, first.reason), first.reason
        for event in look.events:
            self.events.take(event)
        if not self.events.all:
            self._come_nearer(look)
        self.surest = max(self.surest, _surest(look))

    def _come_nearer(self, look: ReplayedInference) -> None:
        sure = _surest(look)
        if sure > self.surest:
            self.nearest = " / ".join(look.verdicts) or TOO_FAINT
            self.picture = picture_of(look, self.nearest)
        elif self.surest == 0.0 and look.frame.at_s <= self.onset_s + SHOWN_AFTER_ONSET_S:
            self.picture = picture_of(look, self.nearest)


def _is_raised(event: Event) -> bool:
    return event.phase is EventPhase.RAISED and event.kind in BURNING


def _surest(look: ReplayedInference) -> float:
    pairs = zip(look.detections.confidence, look.detections.label, strict=True)
    return max((float(confidence) for confidence, label in pairs if label in BURNING), default=0.0)


def run_evaluate(settings: EvaluateSettings, out: TextIO) -> int:
    """Replay, score, print, and write the report; the exit code."""
    try:
        tables = read_tables(settings.truths)
        replay = load_replay(
            settings.config, as_live=settings.as_live, as_called=settings.as_called
        )
    except (TruthError, ConfigError, DetectorError) as error:
        return fail(error)
    pictures: dict[PictureKey, ReportPicture] = {}
    results = [_table(replay, path, truths, pictures) for path, truths in tables.items()]
    _print(results, out, as_json=settings.as_json)
    if settings.html is not None:
        try:
            write_report(results, pictures, replay.model, settings.html)
        except OSError as error:
            return fail(f"{settings.html}: {error.strerror}", exit_codes.FAILED)
    is_unreadable = any(result.unreadable for result in results)
    return exit_codes.FAILED if is_unreadable else exit_codes.OK


def read_tables(paths: Sequence[Path]) -> dict[Path, list[Truth]]:
    """Return the lines of every table; raises `TruthError` on invalid or overlapping ones."""
    tables: dict[Path, list[Truth]] = {}
    named: dict[Path, Path] = {}
    for path in paths:
        tables[path] = read_truth(path)
        for truth in tables[path]:
            clip = (path.parent / truth.file).resolve()
            other = named.setdefault(clip, path)
            if other is not path:
                raise TruthError(f"{path}: {truth.file} is in {other} too: a clip is of one set")
    return tables


def _table(
    replay: Replay, path: Path, truths: list[Truth], pictures: dict[PictureKey, ReportPicture]
) -> Score:
    rows = []
    for truth in with_progress(truths, lambda truth: truth.file):
        row, picture = _clip(replay, path.parent, truth)
        row = replace(row, table=str(path), scene=truth.scene)
        rows.append(row)
        if picture is not None and _SHOWN & {row.outcome, row.p1_outcome}:
            pictures[row.table, row.file] = picture
    return score(rows, str(path))


def read_truth(path: Path) -> list[Truth]:
    """Return the lines of a truth table; raises `TruthError` naming every invalid line."""
    return read_lines(path, _truth)


def _truth(line: Line, wrong: list[str]) -> Truth:
    file, kind = line.get("file") or "", line.get("kind") or ""
    if not file:
        wrong.append("no file")
    if kind not in KINDS:
        wrong.append(f"kind is {kind!r}, expected {', '.join(KINDS)}")
    onset_s = number_in(line, "onset_s", wrong)
    return Truth(file=file, kind=kind, onset_s=onset_s, scene=(line.get("scene") or "").strip())


def _clip(replay: Replay, folder: Path, truth: Truth) -> tuple[ClipScore, ReportPicture | None]:
    witness = _Witness(onset_s=truth.onset_s or 0.0)
    try:
        summary = replay.file(folder / truth.file, witness.observe)
    except (IngestError, DetectorError) as error:
        unreadable = ClipScore(
            file=truth.file,
            kind=truth.kind,
            onset_s=truth.onset_s,
            duration_s=0.0,
            raised=(),
            outcome=ClipOutcome.UNREADABLE,
            p1_outcome=ClipOutcome.UNREADABLE,
            error=str(error),
        )
        return unreadable, None
    row = judge(truth.file, truth.kind, truth.onset_s, summary.duration_s, witness.events.all)
    row = replace(row, surest=round(witness.surest, 3), nearest=witness.nearest)
    return row, witness.picture


def _print(results: Sequence[Score], out: TextIO, *, as_json: bool) -> None:
    if as_json:
        report = [asdict(result) for result in results]
        text = json.dumps(report[0] if len(report) == 1 else {"tables": report}, ensure_ascii=False)
    else:
        text = "\n\n".join(as_text(result) for result in results)
    out.write(text + "\n")
    out.flush()


def _raised(event: Event, at_s: float) -> RaisedEvent:
    return RaisedEvent(
        kind=event.kind,
        at_s=at_s,
        confidence=round(event.confidence, 3),
        reason=event.reason,
        priority=event.priority,
        belief=None if event.belief is None else round(event.belief, 4),
        p1_at_s=at_s if event.priority == Priority.P1 else None,
        fire_at_s=at_s if event.kind == FIRE else None,
    )


def _updated(record: RaisedEvent, event: Event, at_s: float) -> RaisedEvent:
    belief = max((item for item in (record.belief, event.belief) if item is not None), default=None)
    is_first_fire = record.fire_at_s is None and event.kind == FIRE
    return replace(
        record,
        kind=event.kind,
        priority=min(record.priority, event.priority),
        belief=None if belief is None else round(belief, 4),
        p1_at_s=at_s
        if record.p1_at_s is None and event.priority == Priority.P1
        else record.p1_at_s,
        fire_at_s=at_s if is_first_fire else record.fire_at_s,
    )
