"""The second witness' recipe, whole, on a small drawn set and with a backbone of a few numbers."""

from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from detection.confirmation.second_witness import Crop, CropWitness, read_weights
from detection.detections import Detection
from detection.training.errors import DataError
from detection.training.picture import LabelledBox, Pixels, TrainingPicture
from detection.training.witness import backbone, make
from detection.training.witness.examples import Example, of_picture, of_weather
from detection.training.witness.last_layer import fit, ranked_right
from detection.training.witness.skies import WEATHER, read_skies
from tests.detection.training_pictures import draw_set, recipe_for

ORANGE = (20, 140, 250)


def _sees_smoke_at_the_top(_: Pixels) -> list[Detection]:
    return [Detection(box=(0.1, 0.0, 0.5, 0.15), confidence=0.4, label="smoke")]


def _burning() -> TrainingPicture:
    pixels = np.full((96, 96, 3), 90, dtype=np.uint8)
    pixels[40:80, 40:80] = ORANGE
    flame = LabelledBox(label="fire", xyxy=(40 / 96, 40 / 96, 80 / 96, 80 / 96))
    return TrainingPicture(pixels=pixels, boxes=(flame,))


def test_a_picture_gives_its_flame_what_deceives_and_a_place_at_random() -> None:
    found = list(of_picture(_burning(), _sees_smoke_at_the_top, np.random.default_rng(1)))
    assert [(one.origin, one.fire, one.smoke) for one in found] == [
        ("labelled", True, False),
        ("real", False, False),
        ("real, anywhere", False, False),
    ]


def test_what_touches_a_labelled_flame_is_never_a_negative() -> None:
    def sees_the_flame(_: Pixels) -> list[Detection]:
        return [Detection(box=(0.3, 0.3, 0.6, 0.6), confidence=0.9, label="smoke")]

    found = of_picture(_burning(), sees_the_flame, np.random.default_rng(2))
    assert Counter(one.origin for one in found)["real"] == 0


def test_weather_is_drawn_over_quiet_pictures_alone() -> None:
    rng = np.random.default_rng(3)
    quiet = TrainingPicture(pixels=np.full((96, 128, 3), 90, dtype=np.uint8), boxes=())
    assert list(of_weather(_burning(), _sees_smoke_at_the_top, rng)) == []
    assert list(of_weather(quiet, _sees_smoke_at_the_top, rng))


@pytest.mark.parametrize("name", sorted(WEATHER))
def test_weather_changes_the_picture_and_keeps_its_size(name: str) -> None:
    street = np.random.default_rng(4).integers(40, 120, (120, 200, 3)).astype(np.uint8)
    drawn = WEATHER[name](street, np.random.default_rng(5))
    assert drawn.shape == street.shape
    assert np.abs(drawn.astype(int) - street.astype(int)).mean() > 5


def test_a_folder_without_skies_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pictures of skies"):
        read_skies(tmp_path)


def test_the_last_layer_tells_apart_what_differs() -> None:
    rng = np.random.default_rng(6)
    fire = np.arange(80) % 2 == 0
    features = rng.normal(0, 1, (80, 8)).astype(np.float32)
    features[:, 3] += 4 * fire
    crop: Crop = np.zeros((1, 1, 3), dtype=np.uint8)
    examples = [Example(crop=crop, fire=bool(one), smoke=False, origin="") for one in fire]
    assert ranked_right(fit(features, examples).scores(features)[:, 0], fire) > 0.95


def test_the_recipe_writes_a_witness_that_loads_and_knows_flame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "skies").mkdir()
    sky = np.full((400, 640, 3), 200, dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "skies" / "grey.png"), sky)
    cv2.imwrite(str(tmp_path / "skies" / "round.hdr"), np.full((64, 128, 3), 0.5, np.float32))
    monkeypatch.setattr(make, "STILLS", 3)
    monkeypatch.setattr(make, "PANORAMAS", 3)
    monkeypatch.setattr(backbone, "FEATURES", 3)
    monkeypatch.setattr(backbone, "load_backbone", _mean_colours)
    recipe = recipe_for(draw_set(tmp_path / "images"), tmp_path / "out")
    skies = read_skies(tmp_path / "skies")
    made = make.make(recipe, skies, _sees_smoke_at_the_top, tmp_path / "out")
    assert {"labelled", "sky_still", "sky_panorama"} <= set(made.examples)
    witness = CropWitness(read_weights(tmp_path / "out"))
    orange = np.full((128, 128, 3), ORANGE[::-1], dtype=np.uint8)
    flame, grey = witness.scores([orange, np.full_like(orange, 128)])[:, 0]
    assert flame > grey


def _mean_colours() -> Any:
    import torch

    class MeanColours(torch.nn.Module):  # type: ignore[misc]
        def extract_features(self, pictures: Any) -> Any:
            return pictures

    return MeanColours().eval()
