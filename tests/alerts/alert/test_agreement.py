"""Two neighbouring cameras that both doubt are one P1 together: the first of them rises."""

from dataclasses import replace

import pytest

from thapcanh.alerts.alert.agreement import AgreementSettings, Doubted, agreeing

SETTINGS = AgreementSettings()
NOW = 1_795_600_000.0
HERE = (21.0285, 105.8542)
METRE = 1 / 111_195.0


def _doubted(camera_id: str, *, north_m: float = 0.0, ago_s: float = 0.0) -> Doubted:
    return Doubted(
        camera_id=camera_id,
        position=(HERE[0] + north_m * METRE, HERE[1]),
        priority=3,
        first_seen_at=NOW - ago_s,
        last_seen_at=NOW,
    )


def test_the_first_of_two_rises_and_the_second_agrees() -> None:
    first, second = _doubted("a", ago_s=30), _doubted("b", north_m=250)
    assert agreeing(second, [first], SETTINGS) == (first, second)
    assert agreeing(first, [second], SETTINGS) == (first, second)


def test_of_three_the_first_rises_and_names_who_has_just_agreed() -> None:
    first, second = _doubted("a", ago_s=60), _doubted("b", ago_s=30, north_m=100)
    third = _doubted("c", north_m=200)
    assert agreeing(third, [second, first], SETTINGS) == (first, third)


@pytest.mark.parametrize(
    "other",
    [
        _doubted("a"),
        _doubted("b", north_m=301),
        replace(_doubted("b"), last_seen_at=NOW - 121),
        replace(_doubted("b"), priority=1),
    ],
)
def test_the_same_camera_far_away_long_ago_or_told_already(other: Doubted) -> None:
    assert agreeing(_doubted("a"), [other], SETTINGS) is None


def test_what_is_a_p1_already_needs_nobody() -> None:
    seen = replace(_doubted("a"), priority=1)
    assert agreeing(seen, [_doubted("b")], SETTINGS) is None


def test_nobody_else_agrees_with_nobody() -> None:
    assert agreeing(_doubted("a"), [], SETTINGS) is None
