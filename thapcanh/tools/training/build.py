"""Building of a training set: real pictures copied, synthetic ones drawn, facts listed."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

from thapcanh.tools.training.picture import FLAME, SMOKE, LabelledBox, Pixels, TrainingPicture
from thapcanh.tools.training.recipe import Recipe
from thapcanh.tools.training.sources import PictureSource, Selection, select
from thapcanh.tools.training.synthetic import KINDS, PictureStock, SyntheticKind

_STOCK = 120
_STOCK_LEAST_PX = 48
_TRIES = 6
_JPEG_QUALITY = 92
_FACTS = "built.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltDataset:
    """A training set: its YOLO description and what is in it."""

    description: Path
    pictures: int
    validation_pictures: int
    made: dict[str, int]
    boxes: dict[str, int]
    """Training boxes by label, made ones among them."""
    left_out: dict[str, int]


def build(recipe: Recipe) -> BuiltDataset:
    """Build the set, or reuse a complete one. Raise `DataError`."""
    folder = recipe.out / "pictures"
    fingerprint = fingerprint_of(recipe)
    found = _read(folder, fingerprint)
    if found is not None:
        return found
    shutil.rmtree(folder, ignore_errors=True)
    train, validation = select(recipe, "train"), select(recipe, "val")
    boxes: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for source in train.sources:
        _copy(source, folder, "train", recipe.labels)
        boxes.update(box.label for box in source.boxes)
    for source in validation.sources:
        _copy(source, folder, "val", recipe.labels)
    for kind, picture in _made_pictures(recipe, train.sources):
        _save(picture, folder, f"made_{kind}_{made[kind]:05d}", recipe.labels)
        made[kind] += 1
        boxes.update(box.label for box in picture.boxes)
    built = BuiltDataset(
        description=_describe(folder, recipe.labels),
        pictures=len(train.sources) + made.total(),
        validation_pictures=len(validation.sources),
        made=dict(made),
        boxes=dict(boxes),
        left_out=_added(train, validation),
    )
    facts = {"fingerprint": fingerprint, **asdict(built), "description": built.description.name}
    (folder / _FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return built


def fingerprint_of(recipe: Recipe) -> str:
    parameters = recipe.model_dump(mode="json", include={"seed", "labels", "sets", "made"})
    reported = json.dumps(
        [parameters, recipe.images.name, version("opencv-python"), version("numpy")], sort_keys=True
    )
    return hashlib.sha256(reported.encode()).hexdigest()


def _read(folder: Path, fingerprint: str) -> BuiltDataset | None:
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # not there, or cut off while it was written: made again
    if facts.pop("fingerprint", None) != fingerprint:
        return None
    return BuiltDataset(**{**facts, "description": folder / facts["description"]})


def _made_pictures(
    recipe: Recipe, sources: tuple[PictureSource, ...]
) -> Iterator[tuple[str, TrainingPicture]]:
    """Yield every kind in turn with its own generator, so that one more lamp changes no flame."""
    stock = _stock(sources, recipe.seed)
    for number, (name, kind) in enumerate(KINDS.items()):
        count = recipe.made.get(name, 0)
        rng = np.random.default_rng([recipe.seed, number])
        start_from = [source for source in sources if _fits(source, kind)]
        for _ in range(count if start_from else 0):
            picture = _make(kind, start_from, rng, stock)
            if picture is not None:
                yield name, picture


def _fits(source: PictureSource, kind: SyntheticKind) -> bool:
    if kind.needs is None:
        return not source.has(FLAME) and not source.has(SMOKE)
    return any(source.has(label) for label in kind.needs)


def _make(
    kind: SyntheticKind, sources: list[PictureSource], rng: np.random.Generator, stock: PictureStock
) -> TrainingPicture | None:
    for _ in range(_TRIES):
        picture = kind.make(sources[rng.integers(len(sources))].read(), rng, stock)
        if picture is not None:
            return picture
    return None


def _stock(sources: Iterable[PictureSource], seed: int) -> PictureStock:
    """Return flames and smoke to paste, from boxes large enough to shrink."""
    ordered = list(sources)
    np.random.default_rng([seed, 999]).shuffle(ordered)
    return PictureStock(flames=_cuts(ordered, FLAME), smoke=_cuts(ordered, SMOKE))


def _cuts(sources: Iterable[PictureSource], label: str) -> list[Pixels]:
    cuts: list[Pixels] = []
    for source in sources:
        if len(cuts) >= _STOCK:
            break
        clean = (box for box in source.boxes if box.label == label and _alone(box, source.boxes))
        largest = max(clean, key=_area, default=None)
        if largest is None:
            continue
        cut = source.read().cut(largest)
        if min(cut.shape[:2]) >= _STOCK_LEAST_PX:
            cuts.append(cut)
    return cuts


def _area(box: LabelledBox) -> float:
    return box.area


def _alone(box: LabelledBox, boxes: tuple[LabelledBox, ...]) -> bool:
    """Return whether no box of another label reaches into this one."""
    x1, y1, x2, y2 = box.xyxy
    return not any(
        other.label != box.label
        and other.xyxy[0] < x2 and x1 < other.xyxy[2] and other.xyxy[1] < y2 and y1 < other.xyxy[3]
        for other in boxes
    )  # fmt: skip


def _copy(source: PictureSource, folder: Path, split: str, labels: tuple[str, ...]) -> None:
    target = folder / "images" / split / source.path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source.path, target)
    _write_boxes(source.boxes, folder / "labels" / split / f"{source.path.stem}.txt", labels)


def _save(picture: TrainingPicture, folder: Path, name: str, labels: tuple[str, ...]) -> None:
    path = folder / "images" / "train" / f"{name}.jpg"
    cv2.imwrite(str(path), picture.pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    _write_boxes(picture.boxes, folder / "labels" / "train" / f"{name}.txt", labels)


def _write_boxes(boxes: tuple[LabelledBox, ...], path: Path, labels: tuple[str, ...]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for box in boxes:
        x1, y1, x2, y2 = box.xyxy
        shares = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
        lines.append(
            " ".join([str(labels.index(box.label)), *(f"{share:.5f}" for share in shares)])
        )
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _describe(folder: Path, labels: tuple[str, ...]) -> Path:
    """Write YOLO's description of a set; JSON is valid YAML."""
    reported = {
        "path": str(folder.resolve()), "train": "images/train", "val": "images/val",
        "names": dict(enumerate(labels)),
    }  # fmt: skip
    path = folder / "set.yaml"
    path.write_text(
        "".join(
            f"{key}: {json.dumps(value)}\n" for key, value in reported.items() if key != "names"
        )
        + f"names: {json.dumps(list(labels))}\n",
        encoding="utf-8",
    )
    return path


def _added(*selections: Selection) -> dict[str, int]:
    total: Counter[str] = Counter()
    for selection in selections:
        total.update(selection.left_out)
    return dict(total)
