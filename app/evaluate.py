"""`thapcanh evaluate`: replay every video of a truth table and score what was raised.

Files are found beside the table. Progress goes to standard error, the score to `out`, a picture of
every miss and every false alert into the HTML report. Exit code 1 when a file could not be read.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from app import exit_codes
from app.evaluation_report import Picture, as_text, picture_of, write_report
from app.progress import with_progress
from app.replay import Replay, ReplayedLook, load_replay
from app.score import BURNING, Outcome, Raised, Row, Score, judge, score
from app.terminal import fail
from app.truth_table import Line, TruthError, number_in, read_lines
from config.problem import ConfigError
from detection.errors import DetectorError
from detection.event import Phase
from ingest.errors import IngestError

KINDS = (*BURNING, "none", "ambiguous")
_SHOWN = (Outcome.MISSED, Outcome.EARLY, Outcome.FALSE_ALERT)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateSettings:
    """What the command line asked for."""

    truth: Path
    config: Path | None = None
    as_json: bool = False
    html: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One line of the truth table."""

    file: str
    kind: str
    onset_s: float | None


@dataclass(slots=True, kw_only=True)
class _Witness:
    """Keeps, of one clip, what was raised and the look that tells most about the outcome."""

    raised: list[Raised] = field(default_factory=list)
    at_raise: Picture | None = None
    surest: Picture | None = None
    surest_confidence: float = -1.0

    def look(self, look: ReplayedLook) -> None:
        for event in look.events:
            if event.phase is Phase.RAISED and event.kind in BURNING:
                self.raised.append(
                    Raised(
                        kind=event.kind,
                        at_s=round(event.at_s, 3),
                        confidence=round(event.confidence, 3),
                        reason=event.reason,
                    )
                )
                self.at_raise = self.at_raise or picture_of(look, event.reason)
        burning = [
            float(confidence)
            for confidence, label in zip(
                look.detections.confidence, look.detections.label, strict=True
            )
            if label in BURNING
        ]
        confidence = max(burning, default=0.0)
        if confidence > self.surest_confidence and not self.raised:
            self.surest_confidence = confidence
            self.surest = picture_of(look, " / ".join(look.verdicts) or "nothing detected")


def run_evaluate(settings: EvaluateSettings, out: TextIO) -> int:
    """Replay, score, print, and write the report; the exit code."""
    try:
        truths = read_truth(settings.truth)
        replay = load_replay(settings.config)
    except (TruthError, ConfigError, DetectorError) as error:
        return fail(error)
    pictures: dict[str, Picture] = {}
    rows = [
        _clip(replay, settings.truth.parent, truth, pictures)
        for truth in with_progress(truths, lambda truth: truth.file)
    ]
    result = score(rows)
    _print(result, out, as_json=settings.as_json)
    if settings.html is not None:
        try:
            write_report(result, pictures, settings.html)
        except OSError as error:
            return fail(f"{settings.html}: {error.strerror}", exit_codes.FAILED)
    return exit_codes.FAILED if result.unreadable else exit_codes.OK


def read_truth(path: Path) -> list[Truth]:
    """The lines of a truth table; raises `TruthError` naming every line that cannot be used."""
    return read_lines(path, _truth)


def _truth(line: Line, wrong: list[str]) -> Truth:
    file, kind = line.get("file") or "", line.get("kind") or ""
    if not file:
        wrong.append("no file")
    if kind not in KINDS:
        wrong.append(f"kind is {kind!r}, expected {', '.join(KINDS)}")
    return Truth(file=file, kind=kind, onset_s=number_in(line, "onset_s", wrong))


def _clip(replay: Replay, folder: Path, truth: Truth, pictures: dict[str, Picture]) -> Row:
    witness = _Witness()
    try:
        summary = replay.file(folder / truth.file, witness.look)
    except (IngestError, DetectorError) as error:
        return Row(
            file=truth.file,
            kind=truth.kind,
            onset_s=truth.onset_s,
            duration_s=0.0,
            raised=(),
            outcome=Outcome.UNREADABLE,
            error=str(error),
        )
    row = judge(truth.file, truth.kind, truth.onset_s, summary.duration_s, witness.raised)
    picture = witness.at_raise or witness.surest
    if row.outcome in _SHOWN and picture is not None:
        pictures[row.file] = picture
    return row


def _print(result: Score, out: TextIO, *, as_json: bool) -> None:
    text = json.dumps(asdict(result), ensure_ascii=False) if as_json else as_text(result)
    out.write(text + "\n")
    out.flush()
