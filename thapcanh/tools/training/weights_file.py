"""Weights file for shipping: the averaged model of the last checkpoint only."""

import hashlib
from pathlib import Path
from typing import Any

from thapcanh.detection.detectors.offline_imports import import_ultralytics
from thapcanh.tools.training.recipe import Recipe


def write_weights(recipe: Recipe, checkpoint: Path) -> Path:
    """`NAME.pt` in the recipe's `out`."""
    ultralytics = import_ultralytics(recipe.out / "ultralytics")
    import torch

    # our own file of a moment ago, so a pickle of it may be loaded
    held = torch.load(checkpoint, map_location="cpu", weights_only=False)
    model = (held.get("ema") or held["model"]).half()
    reported = _reported(recipe)
    model.args = {**reported, "task": "detect"}
    model.pt_path, model.criterion = None, None
    clean = {
        "epoch": -1,
        "model": model,
        "train_args": reported,
        "version": ultralytics.__version__,
        "license": "AGPL-3.0 (https://ultralytics.com/license)",
    }
    path = recipe.out / f"{recipe.name}.pt"
    torch.save(clean, path)
    return path


def sha256_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _reported(recipe: Recipe) -> dict[str, Any]:
    """Return the training parameters for Ultralytics, without paths."""
    parameters = recipe.training
    return {
        "imgsz": parameters.image_size_px,
        "epochs": parameters.epochs,
        "batch": parameters.batch,
        "lr0": parameters.learning_rate,
        "model": "yolov8n.yaml",
        "data": recipe.images.name,
        "single_cls": False,
    }
