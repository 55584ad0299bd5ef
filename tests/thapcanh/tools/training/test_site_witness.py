"""A site's own probe: learns by verdicts, by rejections alone too, and not below the floor."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from thapcanh.app.exports.verdict_export import COLUMNS, TABLE
from thapcanh.detection.confirmation.witness import (
    FEATURES,
    FOLDER,
    CropWitness,
    Probe,
    probe_of,
    read_weights,
)
from thapcanh.detection.confirmation.witness_crops import INPUT_PX
from thapcanh.tools.training.errors import DataError
from thapcanh.tools.training.witness import site
from thapcanh.tools.training.witness.fit import Doubles, Taught
from thapcanh.tools.training.witness.floor import FLOOR, MOST, read_floor, write_floor
from thapcanh.tools.training.witness.recipe import WitnessRecipe
from thapcanh.tools.training.witness.site import fit_site, make_site

RECIPE = WitnessRecipe(seed=1, penalty=3.0, folds=10)
BURNS, HABIT = slice(0, 40), slice(40, 80)  # features that flames have; that one place has


def _taught(burns: list[bool], habit: float = 0.0, seed: int = 1) -> Taught:
    chance = np.random.default_rng(seed)
    truth = np.array(burns)
    features = chance.normal(0, 1, (len(burns), 3 * FEATURES)).astype(np.float32)
    features[:, BURNS] += np.where(truth, 1.5, -1.5)[:, None]
    features[:, HABIT] += habit
    names = tuple(f"{seed}-{number}" for number in range(len(burns)))
    return Taught(
        features=features,
        is_smoke=np.zeros(len(burns), np.bool_),
        burns=truth,
        clips=names,
        places=tuple("gate" for _ in burns),
    )


def _shipped() -> Probe:
    weights = np.zeros(3 * FEATURES, np.float32)
    weights[BURNS] = 0.05
    return Probe(weights=weights, constants={"fire": 0.0, "smoke": 0.0})


FLOOR_TAUGHT = _taught([True] * 80)


def _said(probe: Probe, of: Taught) -> Doubles:
    return np.array([probe.log_odds(one, "fire") for one in of.features])


def test_a_place_that_only_ever_was_rejected_teaches_too() -> None:
    """A lamp by a gate: nobody confirmed anything there."""
    lamp = _taught([True] * 20, habit=2.0, seed=2)  # looks like flame to the shipped one
    verdicts = Taught(
        features=lamp.features,
        is_smoke=lamp.is_smoke,
        burns=np.zeros(20, np.bool_),
        clips=lamp.clips,
        places=lamp.places,
    )
    made = fit_site(_shipped(), verdicts, FLOOR_TAUGHT, penalty=3.0)
    again = _taught([True] * 20, habit=2.0, seed=3)
    assert made.share > 0
    assert _said(made.probe, again).mean() < _said(_shipped(), again).mean() - 0.3
    elsewhere = _taught([True] * 20, seed=4)
    assert abs(_said(made.probe, elsewhere) - _said(_shipped(), elsewhere)).mean() < 0.5


def test_verdicts_that_would_undo_the_shipped_probe_are_held_by_the_floor() -> None:
    """Somebody rejected every fire: what is left of that keeps fires of the test believed."""
    wrong = _taught([True] * 400, seed=5)
    verdicts = Taught(
        features=wrong.features * 20,
        is_smoke=wrong.is_smoke,
        burns=np.zeros(400, np.bool_),
        clips=wrong.clips,
        places=tuple(f"camera {number}" for number in range(400)),
    )
    made = fit_site(_shipped(), verdicts, FLOOR_TAUGHT, penalty=0.001)
    assert made.share < 1
    assert made.shipped.believed > 0.9
    assert made.made.believed >= made.shipped.believed - site.BELIEVES_LESS


def test_one_verdict_moves_less_than_forty() -> None:
    moved, again = [], _taught([False] * 20, habit=2.0, seed=7)
    for count in (1, 40):
        verdicts = _taught([False] * count, habit=2.0, seed=6)
        made = fit_site(_shipped(), verdicts, FLOOR_TAUGHT, penalty=3.0)
        moved.append(float((_said(_shipped(), again) - _said(made.probe, again)).mean()))
    assert 0 < moved[0] < moved[1] / 3


def test_the_floor_is_bounded_and_read_as_written(tmp_path: Path) -> None:
    write_floor(_taught([True] * 100), tmp_path / FLOOR)
    read = read_floor(tmp_path / FLOOR)
    assert (len(read), int(read.burns.sum())) == (MOST, MOST)
    (tmp_path / FLOOR).write_bytes(b"half")
    with pytest.raises(DataError, match="no test candidates"):
        read_floor(tmp_path / FLOOR)


def _exported(folder: Path, verdict: str = "rejected", name: str = "1-near.jpg") -> Path:
    folder.mkdir()
    picture = np.full((INPUT_PX, INPUT_PX, 3), (20, 140, 250), np.uint8)
    names = {"near": name, "wide": "1-wide.jpg", "whole": "1-whole.jpg"}
    for one in names.values():
        cv2.imwrite(str(folder / Path(one).name), picture)
    row = dict.fromkeys(COLUMNS, "") | {
        "number": "1", "camera": "gate", "kind": "fire", "verdict": verdict, **names
    }  # fmt: skip
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerow(row)
    return folder


def test_an_exported_folder_makes_a_witness_that_loads(tmp_path: Path) -> None:
    made = make_site(RECIPE, _exported(tmp_path / "verdicts"), tmp_path / "out")
    assert (made.confirmed, made.rejected, made.cameras) == (0, 1, 1)
    weights = read_weights(tmp_path / "out")
    shipped = probe_of((FOLDER / "probe.json").read_bytes())
    assert weights.probe.constants == shipped.constants
    assert not np.array_equal(weights.probe.weights, shipped.weights)
    card = json.loads((tmp_path / "out" / "witness.json").read_text(encoding="utf-8"))
    assert card["site"]["rejected"] == 1


@pytest.mark.parametrize(
    ("verdict", "name", "said"),
    [("maybe", "1-near.jpg", "verdict"), ("rejected", "../1-near.jpg", "beside its table")],
)
def test_a_folder_that_is_not_as_exported_is_refused(
    tmp_path: Path, verdict: str, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CropWitness, "__init__", lambda *_: None)
    with pytest.raises(DataError, match=said):
        make_site(RECIPE, _exported(tmp_path / "verdicts", verdict, name), tmp_path / "out")
