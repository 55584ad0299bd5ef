"""Which packets of a sleeping camera make no difference when they are decided on a moment later."""

import random

import pytest

from tests.ingest.played_stream import DECODED, FPS, Watch, frame_at, packet_at
from thapcanh.ingest.decoding.policy import DecodingDecision, DecodingMode


@pytest.mark.parametrize("seed", range(5))
def test_what_can_wait_would_have_been_held_and_would_have_woken_nobody(seed: int) -> None:
    """So it makes no difference when it is decided on.

    Scenes stir now and then, some packets are large, and somebody asks to wake it.
    """
    chance = random.Random(seed)
    watch = Watch(size=lambda _: round(3000 * chance.choice((1, 1, 1, 1.1, 1.3, 3)) ** stirred))
    stirred, waited = 1.0, 0
    for number in range(200 * FPS):
        if number % (3 * FPS) == 0:
            stirred = chance.choice((0.2, 0.2, 0.2, 1.0, 2.0))
        if chance.random() < 0.003:
            watch.policy.wake("seen", is_sure=chance.random() < 0.5)
        at_s, key = number / FPS, number % (2 * FPS) == 0
        packet = packet_at(at_s, key=key, size=40_000 if key else watch.size(at_s))
        can_wait = watch.policy.can_wait(packet)
        decision = watch.policy.decide(packet, 0.0)
        if decision in DECODED:
            watch.policy.shows(frame_at(at_s))
        if can_wait:
            waited += 1
            assert decision is DecodingDecision.HOLD
            assert watch.mode() is DecodingMode.IDLE
    assert waited > 20 * FPS
    assert watch.policy.status.wakes > 3


def test_awake_and_at_keyframes_nothing_can_wait() -> None:
    watch = Watch().play(5)
    assert not watch.policy.can_wait(packet_at(5.0, key=False, size=3000))  # it is still learning
    watch.play(55)
    quiet = packet_at(60.1, key=False, size=3000)
    assert watch.policy.can_wait(quiet)
    assert not watch.policy.can_wait(packet_at(60.1, key=True, size=3000))
    assert not watch.policy.can_wait(packet_at(60.1, key=False, size=30_000))
    watch.policy.wake("seen")
    assert not watch.policy.can_wait(quiet)


def test_reading_may_rest_until_the_next_keyframe_and_never_awake() -> None:
    watch = Watch().play(5)
    assert watch.policy.rest_s == 0.0  # it is still learning
    watch.play(55.5)
    assert watch.policy.rest_s == pytest.approx(2 - 0.5 + 1 / FPS, abs=1 / FPS)
    watch.policy.wake("seen", is_sure=False)
    assert watch.policy.rest_s == 0.0


def test_where_sizes_say_nothing_all_but_keyframes_can_wait() -> None:
    watch = Watch(size=lambda _: 3000, key_size=lambda at_s: 40_000 + int(at_s) % 7 * 900)
    watch.size = lambda at_s: 3000 - int(at_s) // 2 * 2 % 7 * 900 // 29
    watch.play(90)
    assert watch.policy.status.reason.startswith("constant bitrate")
    assert watch.policy.can_wait(packet_at(90.1, key=False, size=9000))
