"""Which packets are decoded: all, unless reading is behind; never one that cannot be."""

from tests.ingest.fake_source import synthetic_packets
from thapcanh.ingest.decoding.policy import AlwaysDecodingPolicy, DecodingDecision

KEY, *REST = synthetic_packets(10, keyframe_every=10)


def test_nothing_is_decoded_before_a_keyframe() -> None:
    policy = AlwaysDecodingPolicy()
    assert policy.decide(REST[0], 0.0) is DecodingDecision.SKIP_NO_KEYFRAME
    assert policy.decide(KEY, 0.0) is DecodingDecision.DECODE
    assert policy.decide(REST[0], 0.0) is DecodingDecision.DECODE
    policy.new_connection()
    assert policy.decide(REST[1], 0.0) is DecodingDecision.SKIP_NO_KEYFRAME


def test_behind_only_keyframes_are_decoded_until_caught_up_at_a_keyframe() -> None:
    policy = AlwaysDecodingPolicy(max_lag_s=1.0)
    policy.decide(KEY, 0.0)
    assert policy.decide(REST[0], 1.5) is DecodingDecision.SKIP_BEHIND
    assert policy.decide(KEY, 1.2) is DecodingDecision.DECODE
    assert policy.decide(REST[0], 0.9) is DecodingDecision.SKIP_BEHIND
    assert policy.decide(REST[1], 0.1) is DecodingDecision.SKIP_NO_KEYFRAME
    assert policy.decide(KEY, 0.1) is DecodingDecision.DECODE
    assert policy.decide(REST[0], 0.1) is DecodingDecision.DECODE
