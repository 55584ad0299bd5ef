"""When a camera sleeps, wakes, and is shown: tables over streams made of numbers."""

from itertools import pairwise

import pytest

from tests.ingest.played_stream import DECODED, FPS, RULES, Watch, frame_at, packet_at, usual
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy
from thapcanh.ingest.decoding.policy import DecodingDecision, DecodingMode


@pytest.mark.parametrize("gop_s", [0.2, 0.5, 1.0, 1.4, 2.0, 3.0, 4.0, 6.0, 10.0])
def test_a_quiet_camera_is_shown_at_least_at_the_sweep_interval(gop_s: float) -> None:
    watch = Watch(gop_s=gop_s).play(120)
    assert watch.longest_unseen_s() <= RULES.sweep_s + 1 / FPS
    assert watch.shown[0] == 0.0
    quiet = [at_s for at_s in watch.shown if at_s >= 30]
    assert len(quiet) <= 90 / (RULES.sweep_s / 2), "and not much more often"


@pytest.mark.parametrize("gop_s", [0.5, 1.0, 2.0, 4.0, 4.7])
def test_asleep_only_keyframes_are_decoded(gop_s: float) -> None:
    watch = Watch(gop_s=gop_s).play(60)
    assert watch.mode() is DecodingMode.IDLE
    assert watch.policy.status.reason == "quiet"
    asleep = [said for at_s, said in watch.decided if at_s > 30]
    assert set(asleep) == {DecodingDecision.ALONE, DecodingDecision.HOLD}
    assert asleep.count(DecodingDecision.ALONE) <= 30 / RULES.sweep_s + 8


def test_a_keyframe_every_4_7_s_is_waited_for_and_shown_within_the_promise() -> None:
    """The group was decoded whole, all night long, to be seen 0.7 s before its keyframe."""
    watch = Watch(gop_s=4.7).play(120)
    assert watch.mode() is DecodingMode.IDLE
    assert watch.longest_unseen_s() <= RULES.longest_unseen_s
    assert len(watch.decoded_after(30)) <= 1 + 90 / 4.7


def test_a_keyframe_that_is_late_is_not_waited_for() -> None:
    watch = Watch(gop_s=4.7).play(94)
    watch.gop_s = 1e6
    watch.play(6)
    assert watch.longest_unseen_s(60) <= RULES.longest_unseen_s + 1 / FPS


def test_packets_that_grow_wake_it_at_once_and_looks_that_see_nothing_let_it_sleep() -> None:
    watch = Watch(size=lambda at_s: 12_000 if 60 <= at_s < 63 else usual(at_s)).play(90)
    woken = next(
        at_s for at_s, said in watch.decided if at_s >= 60 and said is DecodingDecision.CATCH_UP
    )
    assert woken <= 60.2
    awake = [at_s for at_s in watch.shown if 60.3 < at_s < 63 + RULES.unseen_s]
    assert max(b - a for a, b in pairwise(awake)) <= 0.5 + 1 / FPS
    assert len(awake) >= 8
    after = 63 + RULES.unseen_s + 1.0
    assert len([at_s for at_s in watch.shown if after < at_s < after + 4]) <= 2
    assert watch.mode() is DecodingMode.IDLE
    assert watch.policy.status.wakes == 1
    assert len([at_s for at_s in watch.shown if at_s > 70]) <= 7


def test_whatever_was_seen_wakes_it_at_the_next_packet_and_keeps_it_awake() -> None:
    watch = Watch().play(60.4)
    watch.policy.wake("something is being watched")
    watch.play(0.1)
    assert watch.decoded_after(60.4)[0] <= 60.5
    assert watch.mode() is DecodingMode.AWAKE
    assert watch.policy.status.reason == "something is being watched"
    for _ in range(20):
        watch.policy.wake("something is being watched")
        watch.play(1)
    assert watch.mode() is DecodingMode.AWAKE
    watch.play(RULES.quiet_s + 1)
    assert watch.mode() is DecodingMode.IDLE
    assert watch.policy.status.wakes == 1


def test_packets_that_grow_do_not_shorten_what_a_look_asked_for() -> None:
    grows_at = (61.5, 62.0)
    watch = Watch(size=lambda at_s: 12_000 if at_s in grows_at else usual(at_s)).play(61)
    watch.policy.wake("something is being watched")
    watch.play(RULES.quiet_s - 1)
    assert watch.mode() is DecodingMode.AWAKE
    watch.play(RULES.unseen_s + 1)
    assert watch.mode() is DecodingMode.IDLE


def test_something_faint_wakes_it_now_and_then_only() -> None:
    """A chair that might be smoke is there in every look, all day long."""
    watch = Watch().play(60)
    for _ in range(600):
        watch.policy.wake("something faint was seen", is_sure=False)
        watch.play(0.2)
    assert 3 <= watch.policy.status.wakes <= 5
    looks = len([at_s for at_s in watch.shown if at_s >= 60])
    assert looks <= 120 * (1 / RULES.sweep_s + 2 * RULES.quiet_s / RULES.faint_every_s)
    watch.policy.wake("something is being watched")
    watch.play(0.1)
    assert watch.mode() is DecodingMode.AWAKE, "what is sure always does"


@pytest.mark.parametrize(
    ("gop_s", "reason"), [(6.0, "a keyframe only every 6.0 s"), (1e9, "no keyframe for 4.8 s")]
)
def test_rare_keyframes_leave_no_choice_and_luma_wakes(gop_s: float, reason: str) -> None:
    watch = Watch(gop_s=gop_s, spot=lambda at_s: 60 if at_s >= 60 else 0).play(60)
    assert watch.mode() is DecodingMode.ALWAYS
    assert watch.policy.status.reason == reason
    seen_before = len(watch.shown)
    watch.play(3)
    assert watch.mode() is DecodingMode.AWAKE
    assert watch.policy.status.reason == "picture changed"
    assert watch.shown[seen_before] <= 60 + RULES.gate_s + 1 / FPS
    assert len(watch.shown) - seen_before >= 4


def _constant(at_s: float) -> int:
    """What is left of 40 kB every 2 s when its keyframe is paid."""
    return (80_000 - _constant_key(at_s)) // 29


def _constant_key(at_s: float) -> int:
    return 30_000 + int(at_s / 2) * 7919 % 20_000


def test_a_constant_bitrate_is_said_and_luma_wakes_within_a_second() -> None:
    """At keyframes alone a fire was seen up to a whole group late."""
    watch = Watch(
        size=_constant, key_size=_constant_key, spot=lambda at_s: 60 if at_s >= 60.5 else 0
    ).play(60.4)
    assert watch.mode() is DecodingMode.IDLE
    assert watch.policy.status.reason == "constant bitrate: luma compared every second"
    assert len(watch.decoded_after(40)) >= 20, "a picture a second is compared"
    assert len([at_s for at_s in watch.shown if at_s >= 40]) <= 6, "but not every one looked at"
    watch.play(2)
    assert watch.policy.status.reason == "picture changed"
    first = next(at_s for at_s in watch.shown if at_s >= 60.5)
    assert first <= 60.5 + RULES.gate_s + 1 / FPS
    assert watch.shown[-1] >= 62.0


def test_the_second_picture_after_waking_comes_a_looks_interval_after_the_first() -> None:
    """One that came at once waited half a second for its look, and so did all that followed."""
    watch = Watch(size=_constant, key_size=_constant_key, spot=lambda at_s: 60 * (at_s >= 60.5))
    watch.play(66)
    shown = [at_s for at_s in watch.shown if at_s >= 60.5]
    assert min(b - a for a, b in pairwise(shown)) >= RULES.look_interval_s - 0.02
    watch = Watch().play(60.4)
    seen_at_s = watch.shown[-1]
    watch.policy.wake("something is being watched")
    watch.play(3)
    after = [at_s for at_s in watch.shown if at_s >= seen_at_s]
    assert min(b - a for a, b in pairwise(after)) >= RULES.look_interval_s - 0.02


def test_a_camera_that_is_not_known_yet_is_awake() -> None:
    watch = Watch().play(9)
    assert watch.mode() is DecodingMode.AWAKE
    assert watch.policy.status.reason == "learning its packet sizes"
    assert watch.longest_unseen_s() <= RULES.look_interval_s + 1 / FPS
    watch.play(4)
    assert watch.mode() is DecodingMode.IDLE
    assert watch.policy.status.wakes == 0


def test_too_few_packets_to_learn_from_are_compared_by_luma() -> None:
    """Two pictures a second: half a second never holds two of them."""
    policy, modes = AdaptiveDecodingPolicy(RULES), []
    for number in range(120):
        at_s = number / 2
        decision = policy.decide(packet_at(at_s, key=number % 4 == 0, size=3000), 0.0)
        if decision in DECODED:
            policy.shows(frame_at(at_s, spot=60 if at_s >= 50 else 0))
        modes.append((at_s, policy.status.mode))
    assert {mode for at_s, mode in modes if 13 <= at_s < 50} == {DecodingMode.IDLE}
    assert DecodingMode.AWAKE in {mode for at_s, mode in modes if at_s >= 50}


def test_keyframes_only_are_compared_too() -> None:
    watch = Watch(gop_s=1 / FPS, spot=lambda at_s: 60 if at_s >= 30 else 0).play(29)
    assert watch.policy.status.reason == "keyframes only: luma compared"
    assert len(watch.decoded_after(15)) <= 20
    watch.play(3)
    assert watch.mode() is DecodingMode.AWAKE


def test_nothing_is_decoded_before_a_keyframe_nor_after_a_reconnect() -> None:
    policy = AdaptiveDecodingPolicy(RULES)
    assert policy.decide(packet_at(0, key=False, size=9), 0.0) is DecodingDecision.SKIP_NO_KEYFRAME
    assert policy.decide(packet_at(0.1, key=True, size=9), 0.0) is DecodingDecision.CATCH_UP
    policy.new_connection()
    policy.wake("test")
    assert (
        policy.decide(packet_at(0.2, key=False, size=9), 0.0) is DecodingDecision.SKIP_NO_KEYFRAME
    )


def test_behind_it_leaves_out_what_lies_between_keyframes() -> None:
    """Awake and too slow: keyframes are still decoded, so the camera is never unseen for long."""
    watch = Watch(lag=lambda at_s: 1.5 if 60 <= at_s < 80 else 0.0).play(60)
    for _ in range(20):
        watch.policy.wake("something is being watched")
        watch.play(1)
    behind = [(at_s, said) for at_s, said in watch.decided if at_s > 60.1]
    assert {said for _, said in behind} <= {DecodingDecision.SKIP_BEHIND, DecodingDecision.CATCH_UP}
    assert watch.longest_unseen_s(62) <= 2.0 + 1 / FPS
    watch.policy.wake("something is being watched")
    watch.play(4)
    assert watch.decided[-1][1] in (DecodingDecision.HOLD, DecodingDecision.CATCH_UP)


def test_a_keyframe_that_gives_no_picture_is_followed_by_the_next() -> None:
    """The promise is about pictures, not about attempts."""
    policy = AdaptiveDecodingPolicy(RULES)
    tried = []
    for number in range(30 * FPS):
        at_s = number / FPS
        packet = packet_at(at_s, key=number % 30 == 0, size=usual(at_s))
        decision = policy.decide(packet, 0.0)
        if decision is DecodingDecision.ALONE and not 10 < at_s < 20:
            policy.shows(frame_at(at_s))
        if decision in DECODED:
            tried.append(at_s)
    bad = [at_s for at_s in tried if 10 < at_s < 20]
    assert len(bad) > 20, "it tries with every packet until a picture comes"


@pytest.mark.parametrize("is_sure", [True, False])
def test_it_is_calm_until_something_asks_to_wake_it(is_sure: bool) -> None:
    watch = Watch().play(60.4)
    assert watch.policy.is_calm
    watch.policy.wake("something was seen", is_sure=is_sure)
    assert not watch.policy.is_calm, "though it sleeps until the next packet"
    watch.play(0.1)
    assert not watch.policy.is_calm
    watch.play(RULES.quiet_s + 1)
    assert watch.policy.is_calm


def test_a_picture_that_changed_is_not_calm() -> None:
    watch = Watch(size=_constant, key_size=_constant_key).play(60.4)
    assert watch.policy.is_calm
    assert watch.policy.shows(frame_at(61.0, spot=60))
    assert not watch.policy.is_calm
