"""The witness: what it cuts out, what it says, and that its failures hide nothing."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.detection.many_cameras import MakeFrame
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.confirmation.witness import (
    CARD,
    FEATURES,
    FOLDER,
    CropWitness,
    load_witness,
    probe_of,
    read_weights,
)
from thapcanh.detection.confirmation.witness_crops import GREY, INPUT_PX, crops_of
from thapcanh.detection.errors import WeightsError
from thapcanh.detection.region import Region
from thapcanh.ingest.frame import Frame

RED = (30, 30, 200)  # BGR
SETTINGS = DetectorConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    frame: Frame
    kind: str = "fire"
    region: Region = (0.3, 0.3, 0.6, 0.6)


@pytest.fixture(scope="module")
def witness() -> CropWitness:
    return CropWitness(read_weights(), SETTINGS)


def _red_square() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = np.full((720, 1280, 3), 60, dtype=np.uint8)
    picture[300:400, 600:700] = RED
    return picture


def test_a_candidate_is_cut_close_wide_and_whole() -> None:
    region = (600 / 1280, 300 / 720, 700 / 1280, 400 / 720)
    shares = [(crop[..., 0] > 150).mean() for crop in crops_of(_red_square(), region)]
    assert shares[0] == pytest.approx((100 / 130) ** 2, abs=0.02)
    assert shares[1] == pytest.approx((100 / 250) ** 2, abs=0.02)
    assert shares[2] == pytest.approx(100 * 100 / 1280**2, abs=0.002)


@pytest.mark.parametrize(
    "region",
    [
        (0.0, 0.0, 0.3, 0.3),
        (0.9, 0.9, 1.0, 1.0),
        (0.0, 0.0, 1.0, 1.0),
        (0.5, 0.5, 0.501, 0.501),
        (1.0, 1.0, 1.0, 1.0),
    ],
)
@pytest.mark.parametrize("shape", [(90, 160), (161, 91)])
def test_every_cut_has_the_input_s_size_and_only_the_picture_or_grey(
    region: Region, shape: tuple[int, int]
) -> None:
    for crop in crops_of(np.full((*shape, 3), 220, dtype=np.uint8), region):
        assert crop.shape == (INPUT_PX, INPUT_PX, 3)
        is_edge = (crop > GREY) & (crop < 220)
        assert ((crop == GREY) | (crop == 220) | is_edge).all()


def test_the_wide_cut_is_moved_into_the_picture() -> None:
    """A candidate in a corner is shown with what is beside it, not with grey."""
    _, wide, _ = crops_of(np.full((720, 1280, 3), 220, np.uint8), (0.0, 0.0, 0.1, 0.1))
    assert (wide == 220).all()


def test_it_doubts_an_even_wall_that_was_taken_for_flame_or_smoke(
    witness: CropWitness, make_frame: MakeFrame
) -> None:
    wall = make_frame(rgb=np.full((360, 640, 3), 120, dtype=np.uint8))
    for answer in witness.answer([Candidate(frame=wall), Candidate(frame=wall, kind="smoke")]):
        assert answer is not None
        assert answer.log_odds < 0


def test_candidates_asked_together_are_answered_as_alone(
    witness: CropWitness, fire_frames: list[Frame]
) -> None:
    asked = [Candidate(frame=fire_frames[-1]), Candidate(frame=fire_frames[0], kind="smoke")]
    together = witness.answer(asked)
    alone = [witness.answer([one])[0] for one in asked]
    for one, other in zip(together, alone, strict=True):
        assert one is not None
        assert other is not None
        assert one.log_odds == pytest.approx(other.log_odds, abs=0.1)


def test_it_says_nothing_of_a_kind_that_it_was_not_taught(
    witness: CropWitness, make_frame: MakeFrame
) -> None:
    asked = [Candidate(frame=make_frame(), kind="intrusion"), Candidate(frame=make_frame())]
    intrusion, fire = witness.answer(asked)
    assert intrusion is None
    assert fire is not None


def test_a_model_that_fails_answers_nothing_and_hides_nothing(
    make_frame: MakeFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = CropWitness(read_weights(), SETTINGS)

    def broken(_: object) -> object:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(failing, "_model", broken)
    assert failing.answer([Candidate(frame=make_frame())]) == [None]


@pytest.mark.parametrize("spoilt", ["witness.bin", "witness.xml", "probe.json"])
def test_a_changed_file_is_refused_by_name(tmp_path: Path, spoilt: str) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "witness")
    (folder / spoilt).write_bytes(b"something else")
    with pytest.raises(WeightsError, match=spoilt):
        read_weights(folder)


@pytest.mark.parametrize("weights", [[0.0] * (3 * FEATURES - 1), [float("nan")] * 3 * FEATURES])
def test_a_probe_of_another_size_or_without_numbers_is_refused(weights: list[float]) -> None:
    content = json.dumps({"constants": {"fire": 0.0}, "weights": weights}).encode()
    with pytest.raises(ValueError, match="finite weights"):
        probe_of(content)


def test_a_missing_model_leaves_every_candidate_unchecked(
    tmp_path: Path, make_frame: MakeFrame, caplog: pytest.LogCaptureFixture
) -> None:
    absent = load_witness(SETTINGS, tmp_path)
    assert absent.answer([Candidate(frame=make_frame())]) == [None]
    assert CARD in caplog.text
