"""Training with Ultralytics, from the start or from the last checkpoint."""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from thapcanh.config.files import replace_file
from thapcanh.detection.detectors.offline_imports import import_ultralytics
from thapcanh.tools.training.build import BuiltDataset, build, fingerprint_of
from thapcanh.tools.training.card import EventScores, TrainingOutcome, write_card
from thapcanh.tools.training.errors import TrainingError
from thapcanh.tools.training.measure import MeanPrecision, measure
from thapcanh.tools.training.recipe import Recipe, Training
from thapcanh.tools.training.weights_file import sha256_of, write_weights

_STATE = "state.json"
_REPORT_EVERY_S = 30.0
log = logging.getLogger(__name__)


def set_up(training: Training, trainer: Any) -> None:
    """Configure threads and precision; called by Ultralytics before the first batch."""
    import torch

    torch.set_num_threads(training.threads)
    if training.bfloat16 and trainer.device.type == "cpu":
        _halve_forward(trainer.model)


def _halve_forward(model: Any) -> None:
    import torch

    model.to(memory_format=torch.channels_last)
    whole = model.predict

    def predict(pictures: Any, *arguments: Any, **options: Any) -> Any:
        ordered = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return _in_float32(whole(ordered, *arguments, **options))

    model.predict = predict


def _in_float32(found: Any) -> Any:
    """Return the nested structure with every tensor in float32."""
    if isinstance(found, dict):
        return {key: _in_float32(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return type(found)(_in_float32(value) for value in found)
    return found.float() if hasattr(found, "float") else found


class TrainerStep(StrEnum):
    """Next step for a run's folder."""

    START = "start"  # nothing trained yet
    RESUME = "resume"  # a checkpoint of this recipe is there
    DONE = "done"  # all epochs of this recipe are trained


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerDecision:
    """Step and its reason."""

    step: TrainerStep
    reason: str


def run_folder(recipe: Recipe) -> Path:
    return recipe.out / "run"


def last_checkpoint(recipe: Recipe) -> Path:
    """Return the checkpoint of the last complete epoch."""
    return run_folder(recipe) / "weights" / "last.pt"


def decide(recipe: Recipe) -> TrainerDecision:
    """Start, resume or done; raises `TrainingError` when another recipe was trained there."""
    state = _state(recipe)
    if state is None or not last_checkpoint(recipe).is_file():
        return TrainerDecision(step=TrainerStep.START, reason="no checkpoint yet")
    if state.get("fingerprint") != run_fingerprint(recipe):
        raise TrainingError(
            f"{run_folder(recipe)}: holds a training by another recipe; "
            "remove it, or give this recipe an `out` of its own"
        )
    done, parameters = int(state.get("epochs", 0)), recipe.training.epochs
    if state.get("finished"):
        return TrainerDecision(
            step=TrainerStep.DONE, reason=f"{done} of {parameters} epochs are trained"
        )
    return TrainerDecision(step=TrainerStep.RESUME, reason=f"after {done} of {parameters} epochs")


def run_fingerprint(recipe: Recipe) -> str:
    retained = recipe.training.model_dump(mode="json", exclude={"device", "threads", "loaders"})
    reported = json.dumps([fingerprint_of(recipe), recipe.start_sha256, retained], sort_keys=True)
    return hashlib.sha256(reported.encode()).hexdigest()


def train(recipe: Recipe, built: BuiltDataset) -> Path:
    """Train what is left to train; the last checkpoint. Raises `TrainingError`."""
    decision = decide(recipe)
    if decision.step is TrainerStep.DONE:
        return last_checkpoint(recipe)
    ultralytics = import_ultralytics(recipe.out / "ultralytics")
    if decision.step is TrainerStep.START:
        model = ultralytics.YOLO(str(checked_start(recipe)), task="detect")
        arguments = _arguments(recipe, built)
    else:
        model = ultralytics.YOLO(str(last_checkpoint(recipe)), task="detect")
        arguments = {"resume": True, "device": recipe.training.device, "plots": False}
    model.add_callback("on_train_start", partial(set_up, recipe.training))
    model.add_callback("on_train_batch_end", _Progress().batch)
    model.add_callback("on_model_save", lambda trainer: note(recipe, trainer.epoch + 1))
    model.train(**arguments)
    note(recipe, recipe.training.epochs, finished=True)
    return last_checkpoint(recipe)


def checked_start(recipe: Recipe) -> Path:
    """Return the starting weights if their sha256 matches: a `.pt` runs code when loaded."""
    try:
        content = recipe.start.read_bytes()
    except OSError as error:
        raise TrainingError(f"{recipe.start}: {error.strerror}; set `start`") from None
    found = hashlib.sha256(content).hexdigest()
    if found != recipe.start_sha256:
        raise TrainingError(f"{recipe.start}: sha256 is {found}, expected {recipe.start_sha256}")
    copy = recipe.out / "start.pt"
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(content)  # what is loaded is what was hashed
    return copy


def note(recipe: Recipe, epochs: int, *, finished: bool = False) -> None:
    """Store the run's progress atomically."""
    state = {"fingerprint": run_fingerprint(recipe), "epochs": epochs, "finished": finished}
    path = run_folder(recipe) / _STATE
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, json.dumps(state))


class _Progress:
    """Log of the training's progress, every half minute."""

    def __init__(self) -> None:
        self._batches = 0
        self._reported_s = self._started_s = time.monotonic()

    def batch(self, trainer: Any) -> None:
        self._batches += 1
        now_s = time.monotonic()
        if now_s - self._reported_s < _REPORT_EVERY_S:
            return
        self._reported_s = now_s
        losses = ", ".join(f"{name} {float(loss):.3f}" for name, loss in trainer.tloss.items())
        log.info(
            "epoch %d of %d: %d batches since the start at %.2f s each, %d an epoch; %s",
            trainer.epoch + 1,
            trainer.epochs,
            self._batches,
            (now_s - self._started_s) / self._batches,
            len(trainer.train_loader),
            losses,
        )


def _state(recipe: Recipe) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads((run_folder(recipe) / _STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return state


def _arguments(recipe: Recipe, built: BuiltDataset) -> dict[str, Any]:
    parameters = recipe.training
    return {
        "data": str(built.description),
        "project": str(recipe.out.resolve()),
        "name": "run",
        "exist_ok": True,
        "epochs": parameters.epochs,
        "imgsz": parameters.image_size_px,
        "batch": parameters.batch,
        "nbs": parameters.batch,  # a step after every batch
        "seed": recipe.seed,
        "deterministic": True,
        "device": parameters.device,
        "workers": parameters.loaders,
        "optimizer": "SGD",
        "lr0": parameters.learning_rate,
        "lrf": parameters.final_rate_share,
        "cos_lr": True,
        "warmup_epochs": parameters.warmup_epochs,
        "warmup_bias_lr": parameters.learning_rate,  # the head is trained already: no high start
        "freeze": parameters.frozen_layers or None,
        "mosaic": parameters.mosaic,
        "close_mosaic": parameters.without_mosaic_epochs,
        "scale": parameters.scale,
        "amp": False,  # on a GPU it would fetch weights to try itself on
        "save": True,
        "val": False,
        "plots": False,
    }


Judge = Callable[[Path], EventScores]
"""Replays clips with the weights file; the room above knows how."""


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
