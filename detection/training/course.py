"""Whole training, with each completed step on disk and skipped next time."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from thapcanh.config.files import replace_file
from thapcanh.detection.training.build import build
from thapcanh.detection.training.card import EventScores, TrainingOutcome, write_card
from thapcanh.detection.training.measure import MeanPrecision, measure
from thapcanh.detection.training.recipe import Recipe
from thapcanh.detection.training.trainer import checked_start, decide, train
from thapcanh.detection.training.weights_file import sha256_of, write_weights

Judge = Callable[[Path], EventScores]
"""Replays clips with the weights file; the room above knows how."""
log = logging.getLogger(__name__)


def make_weights(recipe: Recipe, judge: Judge | None) -> Path:
    """Create weights and cards in the recipe's `out`; return the file. Raise `TrainingError`."""
    recipe.out.mkdir(parents=True, exist_ok=True)
    built = build(recipe)
    log.info("%d pictures, %d made; %s", built.pictures, sum(built.made.values()), built.boxes)
    decision = decide(recipe)
    log.info("training: %s (%s)", decision.step, decision.reason)
    hours = _Hours(recipe.out / "hours.json")
    with hours:
        checkpoint = train(recipe, built)
    weights = write_weights(recipe, checkpoint)
    start = checked_start(recipe)
    outcome = TrainingOutcome(
        recipe=recipe,
        built=built,
        sha256=sha256_of(weights),
        trained=datetime.now(UTC).date().isoformat(),
        hours=hours.total,
        before=_measured(start, lambda: measure(start, recipe, built)),
        after=_measured(weights, lambda: measure(weights, recipe, built)),
        events_before=judge(start) if judge else None,
        events_after=judge(weights) if judge else None,
    )
    data, text = write_card(outcome)
    log.info("written: %s, %s, %s", weights, data, text)
    return weights


class _Hours:
    """Sum of training hours, over orderly interruptions."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.total = json.loads(path.read_text("utf-8")) if path.is_file() else 0.0

    def __enter__(self) -> None:
        self._started_s = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.total += (time.monotonic() - self._started_s) / 3600
        replace_file(self._path, json.dumps(self.total))


def _measured(weights: Path, score: Callable[[], MeanPrecision]) -> MeanPrecision:
    """Return the stored score of these weights, or measure it: minutes on a CPU."""
    path = weights.with_name(f"score-{sha256_of(weights)[:16]}.json")
    if not path.is_file():
        replace_file(path, json.dumps(asdict(score())))
    return MeanPrecision(**json.loads(path.read_text("utf-8")))
