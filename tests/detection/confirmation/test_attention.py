"""How long something that was sure keeps a camera's attention, when it is not seen again."""

import numpy as np
import pytest

from thapcanh.detection.confirmation.attention import INFERENCE_FACTOR, Attention
from thapcanh.detection.confirmation.habituation import Candidate, Interest

LUMA = np.full((90, 160), 80, np.uint8)
OF = 5


def _flame(confidence: float = 0.8, interest: Interest = Interest.SURE) -> Candidate:
    return Candidate(
        rule_id="fire",
        region=(0.4, 0.4, 0.5, 0.5),
        confidence=confidence,
        interest=interest,
        looks_needed=INFERENCE_FACTOR * OF,
    )


def _look(
    attention: Attention, *seen: Candidate, gap_s: float = 0.5, follows: bool = False
) -> bool:
    attention.observe(
        seen, LUMA, gap_s=gap_s, followed=Interest.SURE if follows else Interest.NONE, believed=()
    )
    return attention.interest is Interest.SURE


def test_a_brake_light_seen_once_keeps_it_for_as_many_looks_as_the_rule_counts() -> None:
    """It was for ten seconds: in traffic a camera hardly slept."""
    attention = Attention()
    assert _look(attention, _flame())
    assert [_look(attention) for _ in range(OF + 1)] == [True] * (OF - 1) + [False] * 2


def test_a_flame_that_is_hardly_seen_again_counts() -> None:
    attention = Attention()
    _look(attention, _flame())
    for _ in range(3):
        assert all(_look(attention) for _ in range(OF - 1))
        assert _look(attention, _flame())
    faint = _flame(0.16, Interest.FAINT)
    assert all(_look(attention, faint) for _ in range(OF + 3))


@pytest.mark.parametrize("gap_s", [0.5, 4.0])
def test_it_ends_with_the_rules_usual_window_at_any_pace(gap_s: float) -> None:
    attention = Attention()
    _look(attention, _flame())
    held = [_look(attention, gap_s=gap_s) for _ in range(8)]
    assert sum(held) * gap_s < 10.0
    assert held[0]


def test_who_is_followed_keeps_it_for_the_whole_window() -> None:
    attention = Attention()
    assert _look(attention, follows=True)
    assert all(_look(attention) for _ in range(19))
    assert not _look(attention)
