"""Command `thapcanh train`: trains weights with a model card; resumable."""

import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.detection.errors import DetectorError
from thapcanh.tools.evaluation.evaluate import EvaluateSettings, run_evaluate
from thapcanh.tools.evaluation.score import BURNING, ClipOutcome
from thapcanh.tools.training.card import EventScores
from thapcanh.tools.training.errors import TrainingError
from thapcanh.tools.training.recipe import load_recipe
from thapcanh.tools.training.trainer import make_weights
from thapcanh.tools.training.weights_file import sha256_of

_NOT_DETECTED = (ClipOutcome.MISSED, ClipOutcome.EARLY)


def run_train(recipe_file: Path, truth: Path | None) -> int:
    """Train, measure, judge, write the card; the exit code."""
    try:
        recipe = load_recipe(recipe_file)
        scorer = None if truth is None else lambda weights: score_by_events(weights, truth)
        weights = make_weights(recipe, scorer)
    except (TrainingError, DetectorError) as error:
        return fail(error)
    sys.stdout.write(f"{weights}\n")
    return exit_codes.OK


def score_by_events(weights: Path, truth: Path) -> EventScores:
    """Replay the truth table with these weights; raises `TrainingError` when it cannot be."""
    with tempfile.TemporaryDirectory(prefix="thapcanh-train-") as folder:
        config = Path(folder) / "judge.toml"
        config.write_text(_site(weights, Path(folder)), encoding="utf-8")
        out = io.StringIO()
        run_evaluate(EvaluateSettings(truths=(truth,), config=config, as_json=True), out)
    if not out.getvalue():
        raise TrainingError(f"{truth}: could not be replayed; the reason stands above")
    return scores_of(json.loads(out.getvalue()))


def scores_of(results: dict[str, Any]) -> EventScores:
    """Return the scores of `evaluate --json` in the form of a model card."""
    recall, quiet, delay = (results[name]["all"] for name in ("recall", "false_alerts", "delay_s"))
    outcomes = {row["file"]: ClipOutcome(row["outcome"]) for row in results["files"]}
    return EventScores(
        clips=len(outcomes),
        seen={kind: (recall[kind]["seen"], recall[kind]["clips"]) for kind in BURNING},
        false_alerts=quiet["count"],
        quiet_s=quiet["quiet_s"],
        delay_median_s=delay["median"],
        delay_p95_s=delay["p95"],
        missed=tuple(file for file, outcome in outcomes.items() if outcome in _NOT_DETECTED),
        deceived_by=tuple(
            file for file, outcome in outcomes.items() if outcome is ClipOutcome.FALSE_ALERT
        ),
    )


def _site(weights: Path, folder: Path) -> str:
    """Write a configuration with only these weights; a JSON string is a TOML string too."""
    results = {"weights": str(weights.resolve()), "sha256": sha256_of(weights)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in results.items()]
    cache = json.dumps(str(folder / "cache"))
    return "\n".join([f"[site]\ncache_dir = {cache}", "[detector]", *lines, ""])
