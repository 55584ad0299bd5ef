"""What was judged and not believed stops waking the camera, until it changes at its place."""

import numpy as np
import pytest

from thapcanh.detection.confirmation.habituation import (
    Candidate,
    Habituation,
    HabituationSettings,
    Interest,
)
from thapcanh.detection.detectors.letterbox import Picture
from thapcanh.detection.region import Region

SETTINGS = HabituationSettings()
TREE: Region = (0.1, 0.1, 0.4, 0.4)
STEP_S = 0.5


def _yard(number: int, *, spot: Region | None = None, level: int = 0) -> Picture:
    chance = np.random.default_rng(number)
    yard = np.full((180, 320), 60 + level, np.int16)
    yard[18:72, 32:128] = 170 + level
    yard += chance.integers(-4, 5, yard.shape, dtype=np.int16)
    if spot is not None:
        x1, y1, x2, y2 = (
            int(share * size) for share, size in zip(spot, (320, 180) * 2, strict=True)
        )
        yard[y1:y2, x1:x2] = 250
    return np.asarray(yard.clip(0, 255), np.uint8)


def _seen(confidence: float = 0.3, region: Region = TREE, rule_id: str = "smoke") -> Candidate:
    return Candidate(
        rule_id=rule_id,
        region=region,
        confidence=confidence,
        interest=Interest.SURE if confidence >= 0.25 else Interest.FAINT,
        looks_needed=10,
    )


class _Night:
    """One look after the other, every half second unless told otherwise."""

    def __init__(self) -> None:
        self.habituation = Habituation()
        self.at_s = 0.0
        self.number = 0

    def look(
        self,
        *candidates: Candidate,
        step_s: float = STEP_S,
        spot: Region | None = None,
        level: int = 0,
        believed: tuple[str, ...] = (),
    ) -> Interest:
        self.at_s += step_s
        self.number += 1
        luma = _yard(self.number, spot=spot, level=level)
        return self.habituation.observe(candidates, luma, self.at_s, believed=believed)

    def judged(self, *candidates: Candidate) -> "_Night":
        """Until all of these wake it no more."""
        while any(self.look(one) for one in candidates):
            assert self.at_s < 60
        return self


def test_a_tree_that_is_named_again_and_again_stops_waking_it() -> None:
    night = _Night()
    worth = [night.look(*([_seen(0.2 + 0.1 * (n % 2))] if n % 3 else [])) for n in range(120)]
    awake = [at for at, one in enumerate(worth) if one is not Interest.NONE]
    assert worth[1] is Interest.SURE
    assert SETTINGS.judged_s / STEP_S - 2 <= max(awake) <= SETTINGS.judged_s / STEP_S + 2
    assert night.habituation.evaluated_places == 1
    assert night.habituation.withheld > 50


def test_it_is_not_judged_before_the_rule_has_had_twice_its_looks() -> None:
    """Asleep, looks are four seconds apart: ten of them are forty seconds."""
    night = _Night()
    worth = [night.look(_seen(), step_s=4.0) for _ in range(9)]
    assert set(worth) == {Interest.SURE}


@pytest.mark.parametrize(
    ("what", "candidate", "spot"),
    [
        ("surer", _seen(0.3 + SETTINGS.surer_by + 0.02), None),
        ("larger", _seen(region=(0.05, 0.05, 0.45, 0.45)), None),
        ("elsewhere", _seen(region=(0.7, 0.6, 0.8, 0.75)), None),
        ("another rule", _seen(rule_id="fire"), None),
        ("it looks different", _seen(), (0.2, 0.2, 0.32, 0.32)),
    ],
)
def test_what_changes_there_wakes_it_again(
    what: str, candidate: Candidate, spot: Region | None
) -> None:
    night = _Night().judged(_seen())
    assert night.look(_seen()) is Interest.NONE
    assert night.look(candidate, spot=spot) is Interest.SURE, what
    assert night.look(candidate, spot=spot) is Interest.SURE, "and it is judged again"


def test_a_change_of_exposure_is_no_change_of_the_place() -> None:
    night = _Night().judged(_seen())
    assert night.look(_seen(), level=25) is Interest.NONE


def test_boxes_that_jump_about_one_place_are_one_place() -> None:
    chance = np.random.default_rng(5)
    night = _Night()
    for _ in range(60):
        x, y = chance.uniform(0.05, 0.2, 2)
        night.look(_seen(region=(x, y, x + 0.25, y + 0.25)))
    assert night.habituation.evaluated_places == 1
    assert night.look(_seen(region=(0.1, 0.1, 0.35, 0.35))) is Interest.NONE


def test_what_is_believed_is_never_held_off_and_judged_anew_afterwards() -> None:
    night = _Night().judged(_seen())
    assert night.look(_seen(), believed=("smoke",)) is Interest.NONE, "the episode keeps it awake"
    assert night.habituation.evaluated_places == 0
    assert night.look(_seen()) is Interest.SURE


def test_all_places_are_judged_anew_together_after_their_time() -> None:
    other = _seen(region=(0.6, 0.6, 0.8, 0.8))
    night = _Night()
    for _ in range(30):
        night.look(_seen(), other)
    assert night.habituation.evaluated_places == 2
    assert night.look(_seen(), other, step_s=SETTINGS.forget_after_s - 20) is Interest.NONE
    assert night.look(_seen(), other, step_s=25.0) is Interest.SURE
    assert night.habituation.evaluated_places == 0


def test_places_are_bounded() -> None:
    night = _Night()
    for number in range(60):
        x, y = (number % 10) / 10, (number // 10) / 10
        night.look(_seen(region=(x, y, x + 0.03, y + 0.03)), step_s=0.1)
    assert len(night.habituation._places) == SETTINGS.most_places


@pytest.mark.parametrize(
    "region", [(0.0, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0), (0.5, 0.5, 0.5001, 0.5001), (0, 0, 1, 1)]
)
def test_boxes_of_no_size_and_of_the_whole_picture_are_measured(region: Region) -> None:
    night = _Night()
    for _ in range(30):
        night.look(_seen(region=region))
    assert night.look(_seen(region=region)) in (Interest.NONE, Interest.SURE)
