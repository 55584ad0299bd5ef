"""A small labelled set drawn on the spot, and a recipe for it."""

from pathlib import Path

import cv2
import numpy as np

from thapcanh.tools.training.recipe import PictureSet, Recipe

LABELS = ("fire", "smoke", "person")
SIDE_PX = 96


def draw_set(folder: Path, *, each: int = 3) -> Path:
    """Streets without anything, flames, smoke; two sets with a clear licence and one without."""
    for split in ("train", "val"):
        for prefix in ("street", "flames", "unclear"):
            for number in range(each):
                _draw(folder, split, f"{prefix}_{number:05d}", prefix)
    return folder


def recipe_for(images: Path, out: Path, **changed: object) -> Recipe:
    """All of the set, and two made pictures of some kinds."""
    recipe = Recipe(
        name="small",
        seed=7,
        start=out / "start-weights.pt",
        start_sha256="0" * 64,
        images=images,
        out=out,
        labels=LABELS,
        sets=(
            PictureSet(prefix="street", name="Streets", licence="MIT"),
            PictureSet(prefix="flames", name="Flames", licence="CC BY 4.0"),
            PictureSet(prefix="unclear", name="Found somewhere", licence="none stated"),
        ),
        made={"lamps": 2, "far_smoke": 2, "infra_red": 1},
    )
    return recipe.model_copy(update=changed)


def _draw(folder: Path, split: str, name: str, prefix: str) -> None:
    rng = np.random.default_rng(len(name) + sum(map(ord, split + name)))
    pixels = rng.integers(70, 110, (SIDE_PX, SIDE_PX, 3)).astype(np.uint8)
    lines = ["2 0.2 0.8 0.1 0.2"]
    if prefix == "flames":
        pixels[20:80, 10:70] = (20, 140, 250)
        lines = ["0 0.41667 0.52083 0.625 0.625", "1 0.85 0.15 0.2 0.2"]
    picture = folder / "images" / split / f"{name}.png"
    boxes = folder / "labels" / split / f"{name}.txt"
    for path in (picture, boxes):
        path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(picture), pixels)
    boxes.write_text("\n".join(lines) + "\n", encoding="utf-8")
