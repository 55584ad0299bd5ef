"""The second witness: what it cuts out, how it weighs, and that its failures hide nothing."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from detection.confirmation.second_witness import (
    CARD,
    FOLDER,
    GREY,
    INPUT_PX,
    MOST_WEIGHT,
    CropWitness,
    WitnessScale,
    crop_of,
    crop_of_pixels,
    load_witness,
    read_weights,
    weigh,
)
from detection.errors import WeightsError
from ingest.frame import Frame
from tests.detection.many_cameras import MakeFrame

RED = (200, 30, 30)


@pytest.fixture(scope="module")
def witness() -> CropWitness:
    return CropWitness(read_weights())


def test_a_candidate_is_cut_at_the_frames_own_resolution(make_frame: MakeFrame) -> None:
    """A box of 100 px with a little round it is 130 px: hardly reduced, not the whole picture."""
    picture = np.full((720, 1280, 3), 60, dtype=np.uint8)
    picture[300:400, 600:700] = RED
    crop = crop_of(make_frame(rgb=picture), (600 / 1280, 300 / 720, 700 / 1280, 400 / 720))
    is_red = crop[..., 0] > 150
    assert crop.shape == (INPUT_PX, INPUT_PX, 3)
    assert is_red.mean() == pytest.approx((100 / 130) ** 2, abs=0.03)


@pytest.mark.parametrize(
    "region", [(0.0, 0.0, 0.3, 0.3), (0.9, 0.9, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0)]
)
def test_what_lies_outside_the_picture_is_grey(
    make_frame: MakeFrame, region: tuple[float, float, float, float]
) -> None:
    frame = make_frame(rgb=np.full((90, 160, 3), 220, dtype=np.uint8))
    crop = crop_of(frame, region)
    assert (np.abs(crop.astype(int) - GREY).max(axis=2) <= 1).any()
    assert (crop > 200).all(axis=2).any()


def test_a_candidate_of_a_few_pixels_is_cut_with_its_surroundings(make_frame: MakeFrame) -> None:
    frame = make_frame(rgb=np.full((91, 161, 3), 220, dtype=np.uint8))
    assert crop_of(frame, (0.5, 0.5, 0.501, 0.501)).shape == (INPUT_PX, INPUT_PX, 3)
    assert crop_of(frame, (1.0, 1.0, 1.0, 1.0)).shape == (INPUT_PX, INPUT_PX, 3)


def test_training_cuts_out_what_the_witness_does(fire_frames: list[Frame]) -> None:
    frame = fire_frames[-3]
    for region in ((0.4, 0.4, 0.7, 0.9), (0.0, 0.5, 0.2, 1.0)):
        seen, taught = crop_of(frame, region), crop_of_pixels(frame.bgr(), region)
        assert np.abs(seen.astype(int) - taught.astype(int)).mean() < 2


def test_one_witness_adds_and_takes_away_only_so_much() -> None:
    scale = WitnessScale(slope=4.0, even=-0.2)
    assert weigh(-0.2, scale) == 0.0
    assert weigh(0.0, scale) == pytest.approx(0.8)
    assert (weigh(9.0, scale), weigh(-9.0, scale)) == (MOST_WEIGHT, -MOST_WEIGHT)


def test_it_doubts_an_even_wall_that_was_taken_for_flame_or_smoke(
    witness: CropWitness, make_frame: MakeFrame
) -> None:
    wall = make_frame(rgb=np.full((360, 640, 3), 120, dtype=np.uint8))
    for kind in ("fire", "smoke"):
        answer = witness(wall, kind, (0.3, 0.3, 0.6, 0.6))
        assert answer is not None
        assert answer.weight < 0
        assert "doubts" in answer.text


def test_it_says_nothing_of_a_kind_that_it_was_not_taught(
    witness: CropWitness, make_frame: MakeFrame
) -> None:
    assert witness(make_frame(), "intrusion", (0.1, 0.1, 0.5, 0.5)) is None


def test_a_model_that_fails_answers_nothing_and_hides_nothing(
    make_frame: MakeFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = CropWitness(read_weights())

    def broken(_: object) -> object:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(failing, "_model", broken)
    assert failing(make_frame(), "fire", (0.1, 0.1, 0.5, 0.5)) is None


@pytest.mark.parametrize("spoilt", ["witness.bin", "witness.xml"])
def test_a_changed_file_is_refused_by_name(tmp_path: Path, spoilt: str) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "witness")
    (folder / spoilt).write_bytes(b"something else")
    with pytest.raises(WeightsError, match=spoilt):
        read_weights(folder)


def test_a_missing_model_leaves_every_candidate_unchecked(
    tmp_path: Path, make_frame: MakeFrame, caplog: pytest.LogCaptureFixture
) -> None:
    absent = load_witness(tmp_path)
    assert absent(make_frame(), "fire", (0.1, 0.1, 0.5, 0.5)) is None
    assert CARD in caplog.text


def test_the_card_names_every_set_and_its_licence() -> None:
    card = json.loads((FOLDER / CARD).read_text(encoding="utf-8"))
    for source in (*card["data"], *card["skies"]):
        assert source["name"]
        assert source["licence"]
