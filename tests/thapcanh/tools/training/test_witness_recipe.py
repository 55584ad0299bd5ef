"""The witness' recipe: candidates, a probe that tells them apart, and files that load."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.detection.many_cameras import MakeFrame
from thapcanh.detection.confirmation.witness import (
    FEATURES,
    FOLDER,
    CropWitness,
    Features,
    read_weights,
)
from thapcanh.detection.confirmation.witness_crops import Crop, crops_of
from thapcanh.detection.detections import Detection, detections_of
from thapcanh.ingest.frame import frame_of
from thapcanh.tools.training.errors import DataError, RecipeError
from thapcanh.tools.training.witness import make as making
from thapcanh.tools.training.witness.candidates import ClipCandidates, ClipTruth
from thapcanh.tools.training.witness.fit import Taught, fit, ranked_right
from thapcanh.tools.training.witness.make import (
    ClipDetector,
    ClipToTeach,
    LookAt,
    OnInference,
    make,
)
from thapcanh.tools.training.witness.recipe import WitnessRecipe, load_witness_recipe

RECIPE = WitnessRecipe(seed=1, penalty=0.3, folds=3)
SHIPPED = Path(making.__file__).with_name("witness.toml")
ORANGE, GREY = (20, 140, 250), (128, 128, 128)
SEEN = Detection(box=(0.4, 0.4, 0.6, 0.6), confidence=0.3, label="fire")


def _truth(clip: str, kind: str, onset_s: float = 0.0) -> ClipTruth:
    return ClipTruth(clip=clip, place=clip, kind=kind, onset_s=onset_s)


@pytest.mark.parametrize(
    ("kind", "at_s", "burns"),
    [
        ("fire", 3.4, False),
        ("fire", 3.5, True),
        ("smoke", 9.0, True),
        ("none", 9.0, False),
        ("ambiguous", 9.0, None),
    ],
)
def test_what_burns_is_told_by_kind_and_onset(kind: str, at_s: float, burns: bool | None) -> None:
    assert _truth("a", kind, 4.0).burns(at_s) is burns


def test_a_candidate_was_seen_twice_and_is_taken_often_at_first_then_rarely(
    make_frame: MakeFrame,
) -> None:
    candidates, taken = ClipCandidates(), []
    for number in range(20):
        frame = make_frame(number * 0.5)
        found = list(candidates.observe(frame.at_s, detections_of(frame, [SEEN])))
        taken += [number for _ in found]
    assert taken == [1, 2, 3, 4, 5, 6, 10, 14, 18]
    once = make_frame(30.0)
    assert list(ClipCandidates().observe(30.0, detections_of(once, [SEEN]))) == []


def _taught(rng: np.random.Generator, rows: int = 60) -> Taught:
    burns = np.arange(rows) % 2 == 0
    features = rng.normal(0, 1, (rows, 3 * FEATURES)).astype(np.float32)
    features[:, :40] += 1.5 * burns[:, None]
    names = tuple(f"clip {number // 4}" for number in range(rows))
    is_smoke = np.arange(rows) % 4 < 2
    return Taught(features=features, is_smoke=is_smoke, burns=burns, clips=names, places=names)


def test_a_probe_tells_apart_what_differs_in_places_that_it_never_saw() -> None:
    taught = _taught(np.random.default_rng(6))
    fitted = fit(taught, penalty=0.3, folds=5, seed=1)
    ranked = ranked_right(fitted.left_out, taught.burns)
    assert ranked is not None
    assert ranked > 0.9
    said = [
        fitted.probe.log_odds(features, "smoke" if is_smoke else "fire") > 0
        for features, is_smoke in zip(taught.features, taught.is_smoke, strict=True)
    ]
    assert np.mean(np.array(said) == taught.burns) > 0.95


def test_the_same_candidates_give_the_same_digits() -> None:
    one, other = (
        fit(_taught(np.random.default_rng(6)), penalty=0.3, folds=5, seed=1) for _ in range(2)
    )
    assert one.probe.weights.tolist() == other.probe.weights.tolist()
    assert one.probe.constants == other.probe.constants


def test_a_probe_that_learned_nothing_says_as_likely_as_not() -> None:
    """Calibration: noise must not come out as certainty on places left out."""
    rng = np.random.default_rng(7)
    taught = _taught(rng)
    noise = rng.normal(0, 1, taught.features.shape).astype(np.float32)
    blind = Taught(
        features=noise,
        is_smoke=taught.is_smoke,
        burns=taught.burns,
        clips=taught.clips,
        places=taught.places,
    )
    said = fit(blind, penalty=0.3, folds=5, seed=1).left_out
    assert np.abs(said).mean() < math.log(2)


def _play(path: Path, on_look: OnInference) -> None:
    """A clip of one colour, in which the detector sees something in the middle in each look."""
    for _ in range(4):
        frame = frame_of(_picture(json.loads(path.read_text())))
        on_look(frame, detections_of(frame, [SEEN]))


def _mean_colours(_: object, crops: Sequence[tuple[Crop, Crop, Crop]]) -> Features:
    found = np.zeros((len(crops), 3 * FEATURES), np.float32)
    for row, (near, _, _) in zip(found, crops, strict=True):
        row[:3] = near.mean((0, 1)) / 255
    return found


def test_the_recipe_writes_a_witness_that_loads_and_knows_what_it_was_taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CropWitness, "features", _mean_colours)
    monkeypatch.setattr(making, "write_backbone", _copy_shipped)
    clips = _clips(tmp_path)
    made = make(RECIPE, clips, _by(_play), tmp_path / "out")
    assert (made.clips, made.burning, made.others) == (12, 18, 18)
    weights = read_weights(tmp_path / "out")
    flame, wall = (
        weights.probe.log_odds(_features_of(colour), "fire") for colour in (ORANGE, GREY)
    )
    assert flame > 0 > wall
    kept = _kept_in(tmp_path / "out")
    again = make(RECIPE, clips, _by(_unplayable), tmp_path / "out")
    assert again == made
    assert _kept_in(tmp_path / "out") == kept


def test_what_another_detector_saw_in_a_clip_is_not_taken_for_this_one_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CropWitness, "features", _mean_colours)
    monkeypatch.setattr(making, "write_backbone", _copy_shipped)
    clips = _clips(tmp_path)
    played: list[Path] = []

    def look_at(path: Path, on_look: OnInference) -> None:
        played.append(path)
        _play(path, on_look)

    for sha256 in ("0" * 64, "1" * 64):
        make(RECIPE, clips, _by(look_at, sha256), tmp_path / "out")
    assert played == 2 * [clip.path for clip in clips]


def _clips(folder: Path) -> list[ClipToTeach]:
    """Every second one shows something orange, which is fire."""
    clips = []
    for number in range(12):
        path = folder / f"{number}.clip"
        path.write_text(json.dumps([*(GREY if number % 2 else ORANGE)]) + " " * number)
        truth = _truth(path.name, "none" if number % 2 else "fire")
        clips.append(ClipToTeach(path=path, truth=truth))
    return clips


def _by(look_at: LookAt, sha256: str = "0" * 64) -> ClipDetector:
    return ClipDetector(look_at=look_at, sha256=sha256)


def _kept_in(out: Path) -> set[str]:
    return {path.name for path in (out / "features").rglob("*.npz")}


def _features_of(colour: tuple[int, int, int]) -> Features:
    (found,) = _mean_colours(None, [crops_of(_picture(colour), SEEN.box)])
    return np.asarray(found, np.float32)


def _picture(colour: Sequence[int]) -> Crop:
    picture = np.full((96, 128, 3), 90, dtype=np.uint8)
    picture[36:60, 50:78] = colour
    return picture


def _copy_shipped(network: Path) -> None:
    for path in (network, network.with_suffix(".bin")):
        path.write_bytes((FOLDER / path.name).read_bytes())


def _unplayable(path: Path, _: OnInference) -> None:
    raise AssertionError(f"{path.name} was described before")


def test_clips_without_a_candidate_teach_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "write_backbone", _copy_shipped)
    path = tmp_path / "empty.clip"
    path.write_text("[0, 0, 0]")
    clips = [ClipToTeach(path=path, truth=_truth("a", "none"))]
    with pytest.raises(DataError, match="no candidate"):
        make(RECIPE, clips, _by(lambda *_: None), tmp_path / "out")


def test_the_shipped_recipe_loads_and_is_the_card_s() -> None:
    card = json.loads((FOLDER / "witness.json").read_text(encoding="utf-8"))
    assert load_witness_recipe(SHIPPED).model_dump(mode="json") == card["recipe"]


def test_a_recipe_that_cannot_be_used_is_told_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "witness.toml"
    path.write_text("seed = 1\npenalty = 0.0\nfolds = 10\n")
    with pytest.raises(RecipeError, match="penalty"):
        load_witness_recipe(path)
