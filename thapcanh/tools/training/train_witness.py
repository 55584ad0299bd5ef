"""Command `thapcanh train witness`: trains the witness from recorded clips."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail, with_progress
from thapcanh.app.replay.replay import Replay, ReplayedInference
from thapcanh.app.site.site_paths import user_cache_dir
from thapcanh.config.site import DetectorConfig, Site
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.rules.registry import default_rules
from thapcanh.ingest.errors import IngestError
from thapcanh.ingest.frame import Frame
from thapcanh.tools.evaluation.truth_table import Line, TruthError, number_in, read_lines
from thapcanh.tools.training.errors import TrainingError
from thapcanh.tools.training.witness.candidates import ClipTruth
from thapcanh.tools.training.witness.make import ClipDetector, ClipToTeach, OnInference, make
from thapcanh.tools.training.witness.pictures import PicturesToTeach
from thapcanh.tools.training.witness.recipe import load_witness_recipe
from thapcanh.tools.training.witness.site import make_site

KINDS = ("fire", "smoke", "none", "ambiguous")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainWitnessSettings:
    """Options of the command line."""

    recipe: Path
    truths: tuple[Path, ...]
    out: Path
    pictures: Path | None = None
    """The folder that holds the recipe's sets of pictures."""


def run_train_witness(settings: TrainWitnessSettings) -> int:
    """Train the witness and print the result; return the exit code."""
    try:
        recipe = load_witness_recipe(settings.recipe)
        clips = [clip for path in settings.truths for clip in clips_of(path)]
        progress = with_progress(clips, lambda clip: clip.path.name)
        looker = _looker()
        detector = ClipDetector(look_at=looker, sha256=looker.detector.model.sha256)
        made = make(recipe, progress, detector, settings.out, _pictures(settings.pictures, looker))
    except (TruthError, TrainingError, DetectorError, IngestError) as error:
        return fail(error)
    sys.stdout.write(json.dumps(asdict(made), default=str) + "\n")
    return exit_codes.OK


def run_site_witness(recipe_file: Path, verdicts: Path, out: Path) -> int:
    """Train the site's own probe from its officers' verdicts; return the exit code."""
    try:
        made = make_site(load_witness_recipe(recipe_file), verdicts, out)
    except (TrainingError, DetectorError) as error:
        return fail(error)
    sys.stdout.write(json.dumps(asdict(made), default=str) + "\n")
    return exit_codes.OK


def clips_of(path: Path) -> Sequence[ClipToTeach]:
    """Return the clips of a truth table; clips of one source share a place."""

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


def _pictures(root: Path | None, looker: "_Looker") -> PicturesToTeach | None:
    def look_at(frame: Frame) -> Detections:
        return looker.detector.detect([frame])[0]

    return None if root is None else PicturesToTeach(root=root, look_at=look_at)


def _looker() -> "_Looker":
    site = Site(rules=default_rules(), detector=DetectorConfig(second_witness=False))
    detector = load_detector(site.detector, user_cache_dir() / "models")
    return _Looker(detector, Replay(site, detector))


@dataclass(frozen=True, slots=True)
class _Looker:
    detector: Detector
    replay: Replay

    def __call__(self, path: Path, on_look: OnInference) -> None:
        def hand_on(look: ReplayedInference) -> None:
            on_look(look.frame, look.detections)

        self.replay.file(path, hand_on)
