"""`python -m detection.training.witness RECIPE SKIES OUT`: make the second witness.

RECIPE names the sets (`detection/training/watch8n.toml`), SKIES is a folder of pictures and
panoramas without flame or smoke, OUT gets the model and its card.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from config.site import DetectorConfig
from detection.detections import Detection
from detection.detectors.detector import Detector, load_detector
from detection.errors import DetectorError
from detection.training.errors import TrainingError
from detection.training.picture import Pixels
from detection.training.recipe import load_recipe
from detection.training.witness.examples import LEAST_CONFIDENCE, Detect
from detection.training.witness.make import make
from detection.training.witness.skies import read_skies
from ingest.frame import frame_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Make it and say what came of it; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m detection.training.witness")
    for name, what in (("recipe", "which sets"), ("skies", "a folder"), ("out", "a folder")):
        parser.add_argument(name, type=Path, help=what)
    asked = parser.parse_args(arguments)
    try:
        recipe, skies = load_recipe(asked.recipe), read_skies(asked.skies)
        detector = load_detector(DetectorConfig(), asked.out / "models")
        made = make(recipe, skies, detect_with(detector), asked.out)
    except (TrainingError, DetectorError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(asdict(made), default=str) + "\n")
    return 0


def detect_with(detector: Detector) -> Detect:
    """What the detector sees in pixels, the surest first."""

    def detect(pixels: Pixels) -> list[Detection]:
        (found,) = detector.detect([frame_of(pixels)])
        return [row for row in found.rows() if row.confidence >= LEAST_CONFIDENCE]

    return detect


if __name__ == "__main__":
    raise SystemExit(main())
