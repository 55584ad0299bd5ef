"""`thapcanh replay`: one JSON line an event message, one summary line a file.

The same file, weights and rules always give the same lines, ids included, save `wall_s`. A file
that cannot be read gives an error line and exit code 1; the others still run.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from app.evaluation.annotated_film import AnnotatedFilm
from app.evaluation.replay import Replay, ReplayedLook, Summary, load_replay
from app.evaluation.replayed_event import replayed_event
from app.process import exit_codes
from app.process.progress import FilmProgress
from app.process.terminal import fail
from config.problem import ConfigError
from detection.errors import DetectorError
from detection.event import Event
from ingest.errors import IngestError
from ingest.sources.recorded_file import file_duration_s


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What the command line asked for."""

    files: tuple[Path, ...]
    config: Path | None = None
    as_live: bool = False
    """Decode as a worker does: a quiet camera sleeps, where the site's cameras do."""
    annotate: Path | None = None
    """Where the one file is written with what was seen drawn into it."""


def run_replay(settings: ReplaySettings, out: TextIO) -> int:
    """Replay every file and print its lines; the exit code."""
    if (wrong := _why_not(settings)) is not None:
        return fail(wrong)
    try:
        replay = load_replay(settings.config, as_live=settings.as_live)
    except (ConfigError, DetectorError) as error:
        return fail(error)
    code = exit_codes.OK
    for path in settings.files:
        try:
            print_line(out, summary_line(_replayed(replay, path, settings.annotate, out)))
        except (IngestError, DetectorError) as error:
            print_line(out, {"phase": "error", "file": str(path), "error": str(error)})
            code = exit_codes.FAILED
    return code


def _why_not(settings: ReplaySettings) -> str | None:
    target = settings.annotate
    if target is None:
        return None
    if len(settings.files) > 1:
        return "--annotate writes one film, of one FILE"
    if target.suffix.lower() != ".mp4":
        return f"{target}: --annotate writes an .mp4"
    if target.resolve() == settings.files[0].resolve():
        return f"{target}: --annotate would replace the film that is read"
    return None


def _replayed(replay: Replay, path: Path, annotate: Path | None, out: TextIO) -> Summary:
    progress = FilmProgress(path.name, file_duration_s(path))
    annotated = AnnotatedFilm()
    say = _printer(out, path, progress)

    def on_look(look: ReplayedLook) -> None:
        say(look)
        if annotate is not None:
            annotated.take(look)
        progress.at(look.frame.at_s)

    try:
        summary = replay.file(path, on_look)
        if annotate is not None:
            annotated.write(path, annotate)
    finally:
        progress.clear()
    return summary


def event_line(path: Path, event: Event) -> dict[str, object]:
    """An event message as replay prints it."""
    return {"file": str(path), **asdict(replayed_event(event))}


def summary_line(summary: Summary) -> dict[str, object]:
    """A file's summary as replay prints it; crossings only where lines are watched."""
    line = {"phase": "summary", **asdict(summary)}
    if not summary.crossings:
        del line["crossings"]
    return line


def print_line(out: TextIO, line: dict[str, object]) -> None:
    """One JSON line, at once: the reader may be following."""
    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    out.flush()


def _printer(out: TextIO, path: Path, progress: FilmProgress) -> Callable[[ReplayedLook], None]:
    def on_look(look: ReplayedLook) -> None:
        if look.events:
            progress.clear()
        for event in look.events:
            print_line(out, event_line(path, event))

    return on_look
