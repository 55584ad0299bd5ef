"""`thapcanh replay`: one JSON line an event message, one summary line a file.

The same file, weights and rules always give the same lines, ids included, save `wall_s`. A file
that cannot be read gives an error line and exit code 1; the others still run.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from app.evaluation.replay import ReplayedLook, Summary, load_replay
from app.evaluation.replayed_event import replayed_event
from app.process import exit_codes
from app.process.terminal import fail
from config.problem import ConfigError
from detection.errors import DetectorError
from detection.event import Event
from ingest.errors import IngestError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What the command line asked for."""

    files: tuple[Path, ...]
    config: Path | None = None
    as_live: bool = False
    """Decode as a worker does: a quiet camera sleeps, where the site's cameras do."""


def run_replay(settings: ReplaySettings, out: TextIO) -> int:
    """Replay every file and print its lines; the exit code."""
    try:
        replay = load_replay(settings.config, as_live=settings.as_live)
    except (ConfigError, DetectorError) as error:
        return fail(error)
    code = exit_codes.OK
    for path in settings.files:
        try:
            summary = replay.file(path, _printer(out, path))
            print_line(out, summary_line(summary))
        except (IngestError, DetectorError) as error:
            print_line(out, {"phase": "error", "file": str(path), "error": str(error)})
            code = exit_codes.FAILED
    return code


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


def _printer(out: TextIO, path: Path) -> Callable[[ReplayedLook], None]:
    def on_look(look: ReplayedLook) -> None:
        for event in look.events:
            print_line(out, event_line(path, event))

    return on_look
