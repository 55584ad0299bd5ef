"""`thapcanh train witness`: recorded clips with their truth to the witness' files and its card."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from app.evaluation.replay import Replay, ReplayedLook
from app.evaluation.truth_table import Line, TruthError, number_in, read_lines
from app.process import exit_codes
from app.process.progress import with_progress
from app.process.terminal import fail
from app.site.site_paths import user_cache_dir
from config.site import DetectorConfig, Site
from detection.detectors.detector import load_detector
from detection.errors import DetectorError
from detection.rules.registry import default_rules
from detection.training.errors import TrainingError
from detection.training.witness.candidates import ClipTruth
from detection.training.witness.make import ClipToTeach, OnLook, make
from detection.training.witness.recipe import load_witness_recipe
from ingest.errors import IngestError

KINDS = ("fire", "smoke", "none", "ambiguous")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainWitnessSettings:
    """What the command line asked for."""

    recipe: Path
    truths: tuple[Path, ...]
    out: Path


def run_train_witness(settings: TrainWitnessSettings) -> int:
    """Teach it and say what came of it; the exit code."""
    try:
        recipe = load_witness_recipe(settings.recipe)
        clips = [clip for path in settings.truths for clip in clips_of(path)]
        told = with_progress(clips, lambda clip: clip.path.name)
        made = make(recipe, told, _looker(), settings.out)
    except (TruthError, TrainingError, DetectorError, IngestError) as error:
        return fail(error)
    sys.stdout.write(json.dumps(asdict(made), default=str) + "\n")
    return exit_codes.OK


def clips_of(path: Path) -> Sequence[ClipToTeach]:
    """The clips of a truth table; clips of one source are of one place."""

    def clip(line: Line, wrong: list[str]) -> ClipToTeach:
        file, kind = line.get("file") or "", line.get("kind") or ""
        place = (line.get("source") or "").partition(":")[0]
        onset_s = number_in(line, "onset_s", wrong)
        wrong += [
            f"no {name}"
            for name, is_there in (("file", file), ("kind", kind in KINDS), ("source", place))
            if not is_there
        ]
        truth = ClipTruth(clip=f"{path}:{file}", place=place, kind=kind, onset_s=onset_s or 0.0)
        return ClipToTeach(path=path.parent / file, truth=truth)

    return read_lines(path, clip)


def _looker() -> "_Looker":
    site = Site(rules=default_rules(), detector=DetectorConfig(second_witness=False))
    return _Looker(Replay(site, load_detector(site.detector, user_cache_dir() / "models")))


@dataclass(frozen=True, slots=True)
class _Looker:
    replay: Replay

    def __call__(self, path: Path, on_look: OnLook) -> None:
        def hand_on(look: ReplayedLook) -> None:
            on_look(look.frame, look.detections)

        self.replay.file(path, hand_on)
