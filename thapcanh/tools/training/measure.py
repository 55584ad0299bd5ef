"""Measurement of mAP by class on the validation split, by Ultralytics."""

from dataclasses import dataclass
from pathlib import Path

from thapcanh.detection.detectors.offline_imports import import_ultralytics
from thapcanh.tools.training.build import BuiltDataset
from thapcanh.tools.training.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanPrecision:
    """mAP by label and over all of them (`all`), 0..1."""

    map50: dict[str, float]
    map50_95: float


def measure(weights: Path, recipe: Recipe, built: BuiltDataset) -> MeanPrecision:
    """Score a trusted weights file on the validation pictures."""
    ultralytics = import_ultralytics(recipe.out / "ultralytics")
    found = ultralytics.YOLO(str(weights), task="detect").val(
        data=str(built.description),
        imgsz=recipe.training.image_size_px,
        batch=recipe.training.batch,
        device=recipe.training.device,
        workers=0,
        plots=False,
        verbose=False,
        project=str(recipe.out.resolve()),
        name=f"measured-{weights.stem}",
        exist_ok=True,
    )
    by_label = {
        recipe.labels[int(index)]: round(float(value), 3)
        for index, value in zip(found.box.ap_class_index, found.box.ap50, strict=True)
    }
    return MeanPrecision(
        map50={"all": round(float(found.box.map50), 3), **by_label},
        map50_95=round(float(found.box.map), 3),
    )
