"""YOLO folders: `images/SPLIT/PREFIX_NUMBER.*` beside `labels/SPLIT/PREFIX_NUMBER.txt`.

Raises `DataError` naming the file.
"""

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from thapcanh.tools.training.errors import DataError
from thapcanh.tools.training.picture import LabelledBox, Pixels, TrainingPicture
from thapcanh.tools.training.recipe import PictureSet, Recipe

ENDINGS = frozenset({".webp", ".jpg", ".jpeg", ".png"})
CLEAR = frozenset(
    {
        "CC0-1.0",
        "CC BY 4.0",
        "MIT",
        "Apache-2.0",
        "COCO terms; annotations CC BY 4.0",
    }
)


def is_clear(licence: str) -> bool:
    """Return whether pictures under this licence may teach shipped weights."""
    return licence in CLEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSource:
    """Picture file and its boxes; pixels are read when needed."""

    path: Path
    prefix: str
    boxes: tuple[LabelledBox, ...]

    def has(self, label: str) -> bool:
        return any(box.label == label for box in self.boxes)

    def read(self) -> TrainingPicture:
        return TrainingPicture(pixels=read_pixels(self.path), boxes=self.boxes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Usable pictures of one split by name, and reasons for the others."""

    sources: tuple[PictureSource, ...]
    left_out: dict[str, int]


def select(recipe: Recipe, split: str) -> Selection:
    """Return the usable pictures of a split; `at_most` only limits `train`."""
    by_prefix: dict[str, list[Path]] = {}
    left_out: Counter[str] = Counter()
    sets = {one.prefix: one for one in recipe.sets}
    for path in pictures_in(recipe.images / "images" / split):
        prefix = path.stem.rpartition("_")[0]
        reason = _why_not(sets.get(prefix), prefix)
        if reason is None:
            by_prefix.setdefault(prefix, []).append(path)
        else:
            left_out[reason] += 1
    chosen: list[Path] = []
    for prefix, paths in by_prefix.items():
        limit = sets[prefix].at_most if split == "train" else None
        retained = _drawn(paths, limit, f"{recipe.seed}:{prefix}")
        left_out["more than the recipe asks for"] += len(paths) - len(retained)
        chosen += retained
    sources = tuple(_source(path, recipe, split) for path in sorted(chosen))
    return Selection(sources=sources, left_out={k: n for k, n in left_out.items() if n})


def read_pixels(path: Path) -> Pixels:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise DataError(f"{path}: not a picture that can be read")
    return np.asarray(pixels, dtype=np.uint8)


def labelled_boxes(file: Path, labels: tuple[str, ...]) -> tuple[LabelledBox, ...]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []  # YOLO's word for a picture with nothing in it
    return tuple(_box(line, file, labels) for line in lines if line.strip())


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures of a folder by name. Raise `DataError` if there is none."""
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror}; set `images` in the recipe") from None
    if not found:
        raise DataError(f"{folder}: no pictures in it")
    return found


def _why_not(existing: PictureSet | None, prefix: str) -> str | None:
    if existing is None:
        return f"set not in the recipe: {prefix}"
    if not is_clear(existing.licence):
        return f"licence not clear: {prefix} ({existing.licence})"
    return None


def _drawn(paths: list[Path], limit: int | None, seed: str) -> list[Path]:
    if limit is None or limit >= len(paths):
        return paths
    return random.Random(seed).sample(paths, limit)  # noqa: S311 (a draw, no secret)


def _source(path: Path, recipe: Recipe, split: str) -> PictureSource:
    file = recipe.images / "labels" / split / f"{path.stem}.txt"
    boxes = labelled_boxes(file, recipe.labels)
    return PictureSource(path=path, prefix=path.stem.rpartition("_")[0], boxes=boxes)


def _box(line: str, file: Path, labels: tuple[str, ...]) -> LabelledBox:
    try:
        index, x, y, width, height = line.split()
        label = labels[int(index)]
        x_share, y_share = float(x), float(y)
        half_width, half_height = float(width) / 2, float(height) / 2
    except (ValueError, IndexError):
        raise DataError(f"{file}: {line!r} is not `class x y width height` of ours") from None
    corners = (
        x_share - half_width, y_share - half_height, x_share + half_width, y_share + half_height
    )  # fmt: skip
    x1, y1, x2, y2 = (min(1.0, max(0.0, corner)) for corner in corners)
    return LabelledBox(label=label, xyxy=(x1, y1, x2, y2))
