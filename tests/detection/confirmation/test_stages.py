"""The table of reasons: what every stage says of a history, and how the chain reads."""

from dataclasses import replace

import pytest

from thapcanh.config.rules import Confirmation, PlaceRule
from thapcanh.detection.confirmation.local_change import LocalChange
from thapcanh.detection.confirmation.observations import ImageRegion, Observation, PlaceHistoryEntry
from thapcanh.detection.confirmation.stages import (
    PLAIN,
    STAGES,
    ConfirmationInput,
    ConfirmationResult,
    StageOutcome,
    changes_from_within,
    confirm,
    detected_often_enough,
)
from thapcanh.detection.errors import CheckUnavailable
from thapcanh.detection.region import Region
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.detection.rules.smoke import SmokeRule

FIRE = FireRule(id="fire", confirm=Confirmation(looks=3, of=5, window_s=10.0))
SMOKE = SmokeRule(id="smoke")
GATE = IntrusionRule(id="gate", zone="gate")
FLAME = LocalChange(inner=25.0, correlation=0.6, moved_px=2.0)
LAMP = LocalChange(inner=2.0, correlation=0.99, moved_px=0.0)
HEADLIGHT = LocalChange(inner=3.5, correlation=0.97, moved_px=9.0)
DIM_FLAME = LocalChange(inner=6.0, correlation=0.7, moved_px=1.0)


def _question(
    pattern: str,
    rule: PlaceRule = FIRE,
    *,
    step_s: float = 0.5,
    change: LocalChange | None = FLAME,
    unmeasured: str | None = None,
    region: Region = (0.4, 0.4, 0.5, 0.5),
) -> ConfirmationInput:
    """`X` plainly seen, `x` seen, `-` below the rule's confidence, `.` not; oldest first."""
    place = ImageRegion(region=region, last_seen_s=0.0)
    for number, mark in enumerate(pattern):
        at_s = number * step_s
        seen = Observation(
            at_s=at_s,
            region=place.region,
            confidence=_confidence(mark, rule),
            label=rule.kind,
            change=change,
            unmeasured=unmeasured,
        )
        place.looks.append(PlaceHistoryEntry(at_s=at_s, sighting=None if mark == "." else seen))
    return ConfirmationInput(place=place, rule=rule, look_interval_s=step_s)


def _confidence(mark: str, rule: PlaceRule) -> float:
    return PLAIN["fire"] if mark == "X" else rule.min_confidence * (1.2 if mark == "x" else 0.7)


WAITING, ACCEPTED, REJECTED = StageOutcome.WAITING, StageOutcome.ACCEPTED, StageOutcome.REJECTED


@pytest.mark.parametrize(
    ("pattern", "step_s", "outcome", "reason"),
    [
        ("x", 0.5, WAITING, "1 of 3 looks"),
        ("xx", 0.5, WAITING, "2 of 3 looks"),
        ("xxx", 0.5, ACCEPTED, "3 of 5 looks"),
        ("x.x.x", 0.5, ACCEPTED, "3 of 5 looks"),
        ("x.x..x", 0.5, WAITING, "2 of 3 looks"),
        ("x--", 0.5, WAITING, "1 of 3 looks"),
        ("xxxxx", 0.5, ACCEPTED, "5 of 5 looks"),
        ("xxxx....", 0.5, WAITING, "1 of 3 looks"),
        ("xxx", 5.0, ACCEPTED, "3 of 5 looks"),
        ("x...x", 5.0, WAITING, "2 of 3 looks"),
    ],
)
def test_seen_often_enough(pattern: str, step_s: float, outcome: StageOutcome, reason: str) -> None:
    verdict = detected_often_enough(_question(pattern, step_s=step_s))
    assert verdict == ConfirmationResult(outcome=outcome, reason=reason)


@pytest.mark.parametrize(
    ("pattern", "rule", "outcome", "reason"),
    [
        ("--------", FIRE, ACCEPTED, "faint: 8 of 10 looks"),
        ("-.-x---.-x", SMOKE, ACCEPTED, "faint: 5 of 6 looks"),
        ("-------", FIRE, WAITING, "0 of 3 looks"),
        ("--.--.--.--", FIRE, WAITING, "0 of 3 looks"),
        ("----------", GATE, WAITING, "0 of 3 looks"),  # only what burns may be far and faint
    ],
)
def test_what_is_faint_must_be_seen_for_long(
    pattern: str, rule: PlaceRule, outcome: StageOutcome, reason: str
) -> None:
    assert detected_often_enough(_question(pattern, rule)) == ConfirmationResult(
        outcome=outcome, reason=reason
    )


def test_a_street_in_smoke_for_three_seconds_is_confirmed() -> None:
    """Its boxes come and go: three of five looks never had it, and the witness was never asked."""
    pattern = "x..x.x"
    assert detected_often_enough(_question(pattern, SMOKE)) == ConfirmationResult(
        outcome=ACCEPTED, reason="2 of 3 looks"
    )
    assert detected_often_enough(_question("x..x..", SMOKE)).outcome is WAITING


def test_what_was_faint_before_a_gap_is_not_confirmed_after_it_unseen() -> None:
    question = _question("--------")
    question.place.looks.append(PlaceHistoryEntry(at_s=15.0, sighting=None))
    assert question.sightings == []
    assert detected_often_enough(question) == ConfirmationResult(
        outcome=WAITING, reason="0 of 3 looks"
    )


def test_old_sightings_do_not_count_when_looks_are_not_rare() -> None:
    """A camera that came back after a while starts again: its usual pace is half a second."""
    question = _question("xx")
    question.place.looks.append(
        PlaceHistoryEntry(at_s=60.0, sighting=question.place.looks[0].sighting)
    )
    assert detected_often_enough(question) == ConfirmationResult(
        outcome=WAITING, reason="1 of 3 looks"
    )


@pytest.mark.parametrize(
    ("rule", "change", "outcome", "reason"),
    [
        (FIRE, FLAME, ACCEPTED, "inner change 25"),
        (FIRE, LAMP, REJECTED, "static thing: inner change 2, likeness 0.99"),
        (FIRE, HEADLIGHT, REJECTED, "moving stiff thing: inner change 4, likeness 0.97"),
        (FIRE, DIM_FLAME, ACCEPTED, "inner change 6"),
        (FIRE, None, ACCEPTED, "change not measured"),
        (SMOKE, HEADLIGHT, ACCEPTED, "inner change 4"),
        (SMOKE, LAMP, REJECTED, "static thing: inner change 2, likeness 0.99"),
        (GATE, LAMP, ACCEPTED, ""),
    ],
)
def test_changes_from_within(
    rule: PlaceRule, change: LocalChange | None, outcome: StageOutcome, reason: str
) -> None:
    verdict = changes_from_within(_question("xxx", rule, change=change))
    assert verdict == ConfirmationResult(outcome=outcome, reason=reason)


@pytest.mark.parametrize(
    ("rule", "region", "outcome", "reason"),
    [
        (SMOKE, (0.0, 0.0, 1.0, 0.9), ACCEPTED, "haze: inner change 2"),
        (SMOKE, (0.0, 0.0, 1.0, 0.5), REJECTED, "static thing: inner change 2, likeness 0.99"),
        (FIRE, (0.0, 0.0, 1.0, 0.9), REJECTED, "static thing: inner change 2, likeness 0.99"),
    ],
)
def test_smoke_that_fills_the_picture_has_no_edge_that_could_move(
    rule: PlaceRule, region: Region, outcome: StageOutcome, reason: str
) -> None:
    verdict = changes_from_within(_question("xxx", rule, change=LAMP, region=region))
    assert verdict == ConfirmationResult(outcome=outcome, reason=reason)


def test_a_check_that_is_down_lets_through_unchecked() -> None:
    question = _question("xxx", change=None, unmeasured="no luma")
    verdict = confirm(STAGES, question)
    assert verdict.unchecked
    assert verdict.outcome is ACCEPTED
    assert verdict.reason == "3 of 5 looks · unchecked: no luma"


def test_a_late_stage_hides_nothing_and_the_others_still_reject() -> None:
    def late(_: ConfirmationInput) -> ConfirmationResult:
        raise CheckUnavailable("no answer within 1 s")

    stages = (detected_often_enough, late, changes_from_within)
    assert confirm(stages, _question("xxx")).unchecked
    assert confirm(stages, _question("xxx", change=LAMP)).outcome is REJECTED
    assert not confirm(stages, _question("xx")).unchecked


@pytest.mark.parametrize(
    ("question", "outcome", "reason"),
    [
        (_question("xxx"), ACCEPTED, "3 of 5 looks · inner change 25"),
        (_question("xx", change=LAMP), WAITING, "2 of 3 looks"),
        (
            _question("xxx", change=LAMP),
            REJECTED,
            "static thing: inner change 2, likeness 0.99",
        ),
        (_question("xxx", SMOKE), ACCEPTED, "3 of 3 looks · inner change 25"),
        (_question("xxx", GATE), ACCEPTED, "3 of 5 looks"),
    ],
)
def test_the_chain(question: ConfirmationInput, outcome: StageOutcome, reason: str) -> None:
    assert confirm(STAGES, question) == ConfirmationResult(outcome=outcome, reason=reason)


def test_stages_are_a_value_that_can_be_extended() -> None:
    def never(_: ConfirmationInput) -> ConfirmationResult:
        return ConfirmationResult(outcome=REJECTED, reason="never")

    assert confirm((*STAGES, never), _question("xxx")).reason == "never"
    assert confirm((), _question("x")) == ConfirmationResult(outcome=ACCEPTED, reason="")


@pytest.mark.parametrize(
    ("pattern", "rule", "outcome", "reason"),
    [
        ("x", FIRE, StageOutcome.WAITING, "1 of 2 looks"),
        ("x....", FIRE, StageOutcome.WAITING, "1 of 2 looks"),
        ("x----", FIRE, StageOutcome.WAITING, "1 of 2 looks"),
        ("xx", FIRE, StageOutcome.ACCEPTED, "2 of 5 looks"),
        ("-----", FIRE, StageOutcome.WAITING, "0 of 2 looks"),  # faint: as long as ever
        ("-", FireRule(id="one", confirm=Confirmation(looks=1, of=1)), StageOutcome.WAITING, ""),
        ("x", FireRule(id="two", confirm=Confirmation(looks=2, of=2)), StageOutcome.WAITING, ""),
    ],
)
def test_a_call_makes_up_for_waiting_and_never_for_a_second_look(
    pattern: str, rule: PlaceRule, outcome: StageOutcome, reason: str
) -> None:
    told = detected_often_enough(replace(_question(pattern, rule), is_called=True))
    assert told.outcome is outcome
    assert reason in told.reason
    usual = detected_often_enough(_question(pattern, rule))
    assert usual.outcome is StageOutcome.WAITING


@pytest.mark.parametrize("change", [LAMP, HEADLIGHT])
def test_a_call_makes_no_flame_of_a_lamp(change: LocalChange) -> None:
    told = confirm(STAGES, replace(_question("xxxxx", change=change), is_called=True))
    assert told.outcome is StageOutcome.REJECTED


@pytest.mark.parametrize(
    ("pattern", "rule", "outcome", "reason"),
    [
        ("X", FIRE, StageOutcome.WAITING, "1 of 2 looks"),
        ("Xx", FIRE, StageOutcome.ACCEPTED, "2 of 5 looks"),
        (".xX", FIRE, StageOutcome.ACCEPTED, "2 of 5 looks"),
        ("xx", FIRE, StageOutcome.WAITING, "2 of 3 looks"),  # seen, and not plainly
        ("X.x", FIRE, StageOutcome.WAITING, "2 of 3 looks"),  # not in a row
        ("X-", FIRE, StageOutcome.WAITING, "1 of 3 looks"),
        ("XX", GATE, StageOutcome.WAITING, "2 of 3 looks"),
        ("X", FireRule(id="two", confirm=Confirmation(looks=2, of=2)), StageOutcome.WAITING, ""),
        (
            "XXX",
            FireRule(id="careful", confirm=Confirmation(looks=5, of=8)),
            StageOutcome.WAITING,
            "3 of 4 looks",
        ),
    ],
)
def test_a_plain_flame_needs_one_look_fewer_in_a_row(
    pattern: str, rule: PlaceRule, outcome: StageOutcome, reason: str
) -> None:
    told = detected_often_enough(replace(_question(pattern, rule), counts_plain=True))
    assert told.outcome is outcome
    assert reason in told.reason
    usual = detected_often_enough(_question(pattern, rule))
    assert usual.outcome is StageOutcome.WAITING


@pytest.mark.parametrize("change", [LAMP, HEADLIGHT])
def test_a_lamp_is_no_plain_flame(change: LocalChange) -> None:
    told = confirm(STAGES, replace(_question("XX", change=change), counts_plain=True))
    assert told.outcome is StageOutcome.REJECTED
