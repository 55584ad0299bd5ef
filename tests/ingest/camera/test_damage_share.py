"""When a camera's pictures count as damaged: sustained loss does, one lost packet never."""

from collections.abc import Iterable

import pytest

from thapcanh.ingest.camera.picture_health import DamageSettings, DamageShare

RULES = DamageSettings()


def told(
    damage: Iterable[int], *, every_s: float = 0.5, codec: str = "h264"
) -> list[tuple[float, bool]]:
    """When it began and ended."""
    share = DamageShare(RULES)
    changes, before = [], False
    for n, one in enumerate(damage):
        now = share.observe(n * every_s, one, codec)
        if now is not before:
            changes.append((n * every_s, now))
        before = now
    return changes


def test_a_stream_that_is_torn_throughout_is_told_within_20_s() -> None:
    """Each group of 2 s anew."""
    ((at_s, is_damaged),) = told(1 + n // 4 for n in range(200))
    assert is_damaged
    assert at_s <= 20.0


def test_also_of_a_camera_that_sleeps() -> None:
    ((at_s, _),) = told((1 + n for n in range(30)), every_s=4.0)
    assert at_s <= 20.0


@pytest.mark.parametrize("length_s", [2, 4, 10, 20])
def test_one_lost_packet_is_not_told(length_s: int) -> None:
    """It damages no more than what is left of its group of pictures."""
    for codec in ("h264", "hevc"):
        assert told([0] * 60 + [1] * (length_s * 2) + [0] * 120, codec=codec) == []


def test_one_that_smears_for_half_a_minute_is() -> None:
    """A keyframe a minute: all that time much of the picture is old."""
    began, ended = told([0] * 60 + [1] * 110 + [0] * 120)
    assert (began[1], ended[1]) == (True, False)
    assert began[0] <= 30.0 + 30.0


def test_one_packet_of_a_thousand_is_not_told() -> None:
    """Measured: a fifth of the time at the most, in one group of five."""
    assert told(0 if n % 20 >= 4 else 1 + n // 20 for n in range(600)) == []


def test_of_h265_a_third_of_the_damage_is_known() -> None:
    """As much as that of one packet of a hundred: a sixth of the time and more."""
    damage = [0 if n % 12 >= 2 else 1 + n // 12 for n in range(200)]
    assert told(damage) == []
    ((at_s, is_damaged),) = told(damage, codec="hevc")
    assert is_damaged
    assert at_s <= 30.0


def test_it_is_over_when_pictures_are_whole_again() -> None:
    _, (ended_s, is_damaged) = told([1 + n // 4 for n in range(120)] + [0] * 120)
    assert not is_damaged
    assert 60.0 < ended_s <= 60.0 + 30.0


def test_it_does_not_come_and_go_at_the_limit() -> None:
    near = [0 if n % 20 >= 9 + n // 20 % 3 - 1 else 1 + n // 20 for n in range(1200)]
    assert len(told(near)) == 1
