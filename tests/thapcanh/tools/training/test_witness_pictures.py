"""Labelled pictures teach the witness too: what is seen in them is true or false by boxes."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from thapcanh.detection.confirmation.witness import FEATURES
from thapcanh.detection.detections import Detection, Detections, detections_of
from thapcanh.ingest.frame import Frame
from thapcanh.tools.training.errors import DataError
from thapcanh.tools.training.witness import pictures
from thapcanh.tools.training.witness.candidates import TaughtCandidate
from thapcanh.tools.training.witness.fit import Taught, fit
from thapcanh.tools.training.witness.floor import is_test
from thapcanh.tools.training.witness.pictures import Halves, PicturesToTeach, joined, of_set
from thapcanh.tools.training.witness.recipe import WitnessPictures

BOX = (0.4, 0.4, 0.6, 0.6)
WANTED = WitnessPictures(
    folder="yard", name="a yard", licence="CC BY 4.0", labels=("fire", "smoke"), burning=0.4
)


def _set(root: Path, labels: Sequence[str | None]) -> Path:
    for folder in ("images", "labels"):
        (root / "yard" / folder).mkdir(parents=True)
    for number, label in enumerate(labels):
        picture = np.full((96, 128, 3), 10 * number, np.uint8)
        cv2.imwrite(str(root / "yard" / "images" / f"{number:03}.png"), picture)
        if label is not None:
            (root / "yard" / "labels" / f"{number:03}.txt").write_text(label, encoding="utf-8")
    return root


def _sees(*rows: Detection) -> PicturesToTeach:
    def look_at(frame: Frame) -> Detections:
        return detections_of(frame, rows)

    return PicturesToTeach(root=Path(), look_at=look_at)


def _describe(_: Frame, found: Sequence[TaughtCandidate]) -> Halves:
    return np.ones((len(found), 3 * FEATURES), np.float16)


def _found(tmp_path: Path, label: str | None, *rows: Detection) -> list[tuple[bool, bool]]:
    """(is smoke, burns) of each candidate of one picture."""
    given = _sees(*rows)
    given = PicturesToTeach(root=_set(tmp_path / "sets", [label]), look_at=given.look_at)
    found = of_set(WANTED, 1, given, _describe, _kept(tmp_path))
    return list(zip(found.is_smoke.tolist(), found.burns.tolist(), strict=True))


def _kept(tmp_path: Path) -> Path:
    kept = tmp_path / "kept"
    kept.mkdir(exist_ok=True)
    return kept


def _fire(box: tuple[float, float, float, float] = BOX, confidence: float = 0.5) -> Detection:
    return Detection(box=box, confidence=confidence, label="fire")


@pytest.mark.parametrize(
    ("label", "seen", "expected"),
    [
        ("0 0.5 0.5 0.2 0.2", _fire(), [(False, True)]),
        ("1 0.5 0.5 0.2 0.2", _fire(), []),  # something burns there: nobody knows
        ("0 0.5 0.5 0.2 0.2", _fire((0.0, 0.0, 0.1, 0.1)), [(False, False)]),
        ("0 0.5 0.5 0.2 0.2", _fire((0.59, 0.4, 0.8, 0.6)), []),  # it touches, and is elsewhere
        (None, _fire(), [(False, False)]),
        (None, _fire(confidence=0.1), []),  # no candidate
        (None, Detection(box=BOX, confidence=0.9, label="person"), []),
    ],
)
def test_a_candidate_is_true_by_its_box_false_without_one_and_unknown_between(
    tmp_path: Path, label: str | None, seen: Detection, expected: list[tuple[bool, bool]]
) -> None:
    assert _found(tmp_path, label, seen) == expected


def test_of_each_kind_the_surest_true_and_the_surest_false_one_teach(tmp_path: Path) -> None:
    rows = (_fire(confidence=0.6), _fire(confidence=0.5), _fire((0.0, 0.0, 0.1, 0.1)))
    assert _found(tmp_path, "0 0.5 0.5 0.2 0.2", *rows) == [(False, False), (False, True)]


def test_what_was_described_is_not_looked_at_again_until_its_labels_change(tmp_path: Path) -> None:
    root = _set(tmp_path / "sets", ["0 0.5 0.5 0.2 0.2"] * 3)
    looked: list[Frame] = []

    def look_at(frame: Frame) -> Detections:
        looked.append(frame)
        return detections_of(frame, [_fire()])

    given = PicturesToTeach(root=root, look_at=look_at)
    first = of_set(WANTED, 1, given, _describe, _kept(tmp_path))
    again = of_set(WANTED, 1, given, _describe, _kept(tmp_path))
    assert len(looked) == 3
    assert again.names == first.names
    assert np.array_equal(again.features, first.features)
    (root / "yard" / "labels" / "001.txt").unlink()
    changed = of_set(WANTED, 1, given, _describe, _kept(tmp_path))
    assert changed.burns.tolist() == [True, False, True]


def test_a_set_may_be_drawn_from_pictures_with_smoke(tmp_path: Path) -> None:
    root = _set(tmp_path / "sets", ["0 0.5 0.5 0.2 0.2", "1 0.5 0.5 0.2 0.2", None] * 4)
    wanted = WANTED.model_copy(update={"only_with": "smoke", "at_most": 3})
    seen = Detection(box=BOX, confidence=0.5, label="smoke")
    given = PicturesToTeach(root=root, look_at=_sees(seen).look_at)
    found = of_set(wanted, 1, given, _describe, _kept(tmp_path))
    assert len(found.names) == 3
    assert all(found.burns)
    with pytest.raises(DataError, match="set `images`"):
        of_set(wanted.model_copy(update={"folder": "street"}), 1, given, _describe, tmp_path)


def _clips(chance: np.random.Generator) -> Taught:
    burns = np.arange(40) % 2 == 0
    features = chance.normal(0, 1, (40, 3 * FEATURES)).astype(np.float32)
    features[:, :40] += burns[:, None]
    names = tuple(f"clip {number}" for number in range(40))
    return Taught(features=features, is_smoke=~burns, burns=burns, clips=names, places=names)


def test_pictures_count_what_the_recipe_says_and_tests_are_cleared_and_never_taught() -> None:
    chance = np.random.default_rng(3)
    clips, rows = _clips(chance), 60
    found = pictures.PictureCandidates(
        features=chance.normal(0, 1, (rows, 3 * FEATURES)).astype(np.float16),
        is_smoke=np.zeros(rows, np.bool_),
        burns=np.arange(rows) % 3 > 0,
        names=tuple(f"{number}.jpg" for number in range(rows)),
    )
    everything, tests = joined(clips, [WANTED], {"yard": found})
    assert everything.counts is not None
    assert everything.counts.sum() == pytest.approx(0.2)  # 0.4 of what burning clips count
    assert everything.of_clips.sum() == len(clips)
    assert not set(everything.clips) & set(tests.clips)
    tenth = sum(
        is_test(name) for name, burns in zip(found.names, found.burns, strict=True) if burns
    )
    assert (len(tests), int(tests.burns.sum())) == (tenth, tenth)
    unclear = WANTED.model_copy(update={"licence": "not stated"})
    assert len(joined(clips, [unclear], {"yard": found})[1]) == 0
    fitted = fit(everything, penalty=1.0, folds=4, seed=1)
    assert fitted.left_out.shape == (len(clips),)  # pictures are never asked about
    alone = fit(clips, penalty=1.0, folds=4, seed=1)
    assert not np.array_equal(fitted.probe.weights, alone.probe.weights)
