"""The table of belief: what every stage says of a history, and how the reasons add up."""

from typing import Any

import pytest

from config.rules import PlaceRule
from detection.confirmation.belief import (
    MOST_OF_PICTURE,
    Belief,
    BeliefInput,
    BeliefStage,
    Reason,
    believe,
)
from detection.confirmation.belief_stages import (
    BELIEF_STAGES,
    fills_the_picture,
    flickers,
    grows,
    has_no_colour_of_smoke,
    is_usual_here,
    is_warm,
    moves_of_its_own,
    nothing_else_in_the_picture,
    picture_is_unsteady,
    second_witness,
    seen_faintly,
    seen_in_parts_only,
    shows_flame,
    sureness,
)
from detection.confirmation.local_change import LocalChange
from detection.confirmation.observations import ImageRegion, Observation
from detection.confirmation.picture_motion import PictureState, Unsteady
from detection.confirmation.stages import ConfirmationInput
from detection.confirmation.witness_answer import WitnessAnswer
from detection.region import Region
from detection.rules.fire import FireRule
from detection.rules.smoke import SmokeRule

FIRE, SMOKE = FireRule(id="fire"), SmokeRule(id="smoke")
SMALL: Region = (0.4, 0.4, 0.5, 0.5)
SKY: Region = (0.0, 0.0, 1.0, 0.9)
STEADY = PictureState()
CUT = PictureState(unsteady=Unsteady.CUT)
CARRIED = PictureState(is_moving_camera=True)
BURNING = LocalChange(inner=20.0, correlation=0.6, moved_px=1.0)
HALO = LocalChange(inner=4.0, correlation=0.8, moved_px=0.0)


def _place(*seen: Observation) -> ImageRegion:
    place = ImageRegion(region=seen[-1].region, last_seen_s=seen[-1].at_s)
    for one in seen:
        place.take(one.at_s, one)
    return place


def _seen(number: int = 0, rule: PlaceRule = SMOKE, **facts: Any) -> Observation:
    known = {"region": SMALL, "confidence": 0.5, "picture": STEADY, **facts}
    return Observation(at_s=0.5 * number, label=rule.kind, **known)


def _asked(rule: PlaceRule = SMOKE, looks: int = 3, **facts: Any) -> BeliefInput:
    place = _place(*(_seen(number, rule, **facts) for number in range(looks)))
    return _input(place, rule)


def _input(place: ImageRegion, rule: PlaceRule = SMOKE, **known: Any) -> BeliefInput:
    question = ConfirmationInput(place=place, rule=rule, look_interval_s=0.5)
    return BeliefInput(question=question, **known)


@pytest.mark.parametrize(
    ("stage", "rule", "facts", "weight"),
    [
        (sureness, SMOKE, {"confidence": 0.4}, 0.25),
        (sureness, SMOKE, {"confidence": 0.5}, 0.75),
        (sureness, SMOKE, {"confidence": 0.9}, 1.25),
        (sureness, FIRE, {"confidence": 0.25}, -0.75),
        (seen_faintly, FIRE, {"confidence": 0.3}, None),
        (seen_faintly, FIRE, {"confidence": 0.2}, -1.5),
        (seen_in_parts_only, SMOKE, {"from_part": True}, -1.5),
        (seen_in_parts_only, FIRE, {"from_part": True}, None),
        (fills_the_picture, SMOKE, {"region": SKY}, -2.0),
        (fills_the_picture, SMOKE, {"region": SMALL}, None),
        (fills_the_picture, FIRE, {"region": SKY}, None),
        (has_no_colour_of_smoke, SMOKE, {"colour": 5.0, "chroma_difference": 10.0}, None),
        (has_no_colour_of_smoke, SMOKE, {"colour": 25.0, "chroma_difference": 10.0}, -2.0),
        (
            has_no_colour_of_smoke,
            SMOKE,
            {"colour": 25.0, "chroma_difference": 70.0},
            None,
        ),  # lit by flame
        (has_no_colour_of_smoke, SMOKE, {"colour": None}, None),  # a grey picture
        (nothing_else_in_the_picture, SMOKE, {"edges": 2.0}, -1.0),
        (nothing_else_in_the_picture, SMOKE, {"edges": 12.0}, None),
        (picture_is_unsteady, FIRE, {"picture": STEADY}, None),
        (picture_is_unsteady, FIRE, {"picture": CUT}, -1.0),
        (picture_is_unsteady, SMOKE, {"picture": CARRIED}, -1.0),
        (moves_of_its_own, SMOKE, {"own_change": 3.0}, 0.5),
        (moves_of_its_own, SMOKE, {"own_change": 1.3}, None),
        (moves_of_its_own, SMOKE, {"own_change": 1.0}, -1.0),
        (moves_of_its_own, SMOKE, {"own_change": 3.0, "picture": CUT}, None),
        (is_warm, FIRE, {"chroma_difference": 110.0}, 0.5),
        (is_warm, FIRE, {"chroma_difference": 46.0}, -0.5),
        (is_warm, FIRE, {"chroma_difference": None}, None),
        (flickers, FIRE, {"change": BURNING}, 0.5),
        (flickers, FIRE, {"change": HALO}, -0.5),
        (flickers, FIRE, {"change": None}, None),
        (shows_flame, SMOKE, {"flame": 0.4}, 3.0),
        (shows_flame, SMOKE, {}, None),
        (grows, SMOKE, {}, None),
    ],
)
def test_each_stage_alone(
    stage: BeliefStage, rule: PlaceRule, facts: dict[str, Any], weight: float | None
) -> None:
    reason = stage(_asked(rule, **facts))
    assert (None if reason is None else reason.weight) == (
        None if weight is None else pytest.approx(weight)
    )


@pytest.mark.parametrize(("picture", "weight"), [(STEADY, 2.5), (CUT, None)])
def test_what_grows_in_a_steady_picture_is_believed(
    picture: PictureState, weight: float | None
) -> None:
    sides = (0.1, 0.1, 0.1, 0.14, 0.14, 0.14)
    seen = [
        _seen(number, region=(0.4, 0.4, 0.4 + side, 0.4 + side), picture=picture)
        for number, side in enumerate(sides)
    ]
    reason = grows(_input(_place(*seen)))
    assert (None if reason is None else reason.weight) == weight


def test_smoke_that_fills_the_picture_is_doubted_as_a_picture_once() -> None:
    """Wide, without edges and in motion: three signs of one sky."""
    belief = believe(BELIEF_STAGES, _asked(region=SKY, edges=1.0, picture=CUT, confidence=0.9))
    of_picture = [reason.weight for reason in belief.reasons if reason.is_of_picture]
    assert len(of_picture) == 3
    assert sum(of_picture) == pytest.approx(MOST_OF_PICTURE)
    assert not belief.is_believed
    assert belief.doubts.startswith("fills 90% of the picture")


def test_a_compact_plume_with_motion_of_its_own_is_believed() -> None:
    plume: dict[str, Any] = {"confidence": 0.5, "colour": 3.0, "edges": 15.0, "own_change": 3.0}
    assert believe(BELIEF_STAGES, _asked(**plume)).is_believed


def test_a_blue_sky_is_hardly_believed_and_must_last() -> None:
    sky: dict[str, Any] = {"region": SKY, "edges": 2.0, "colour": 30.0, "confidence": 0.7}
    assert believe(BELIEF_STAGES, _asked(**sky)).must_last


def test_a_plain_flame_is_believed_and_a_faint_halo_is_not() -> None:
    flame = _asked(FIRE, confidence=0.6, chroma_difference=90.0, change=BURNING)
    halo = _asked(FIRE, 10, confidence=0.2, chroma_difference=50.0, change=HALO)
    assert believe(BELIEF_STAGES, flame).is_believed
    assert not believe(BELIEF_STAGES, halo).is_believed


@pytest.mark.parametrize(("habit", "weight"), [(None, None), (0.0, 0.5), (0.5, -2.0), (1.0, -4.0)])
def test_what_is_usual_here_needs_more(habit: float | None, weight: float | None) -> None:
    reason = is_usual_here(_input(_place(_seen()), habit=habit))
    assert (None if reason is None else reason.weight) == weight


def test_the_witness_weighs_what_it_says_and_nothing_when_it_was_not_asked() -> None:
    assert second_witness(_input(_place(_seen()))) is None
    answer = WitnessAnswer(weight=-1.5, text="the witness sees none")
    reason = second_witness(_input(_place(_seen()), witness=answer))
    assert (reason and (reason.name, reason.weight)) == ("witness", -1.5)


def test_a_belief_without_reasons_is_believed_as_it_stands() -> None:
    assert believe((), _asked()).is_believed
    belief = Belief(value=0.3, reasons=(Reason(name="wide", weight=-2.04999, text="wide"),))
    assert belief.by_name == (("wide", -2.05),)


@pytest.mark.parametrize(("weight", "value"), [(1e6, 1.0), (-1e6, 0.0)])
def test_a_witness_without_measure_overflows_nothing(weight: float, value: float) -> None:
    answer = WitnessAnswer(weight=weight, text="beyond measure")
    belief = believe((second_witness,), _input(_place(_seen()), witness=answer))
    assert belief.value == pytest.approx(value, abs=1e-6)
