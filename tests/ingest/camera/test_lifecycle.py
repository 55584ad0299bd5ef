"""The state machine as a table: where it is, what happens, where it goes and why."""

from dataclasses import replace

import pytest

from thapcanh.ingest.camera.lifecycle import (
    CameraEvent,
    CameraFailure,
    CameraLifecycle,
    CameraState,
    Happening,
    LifecycleSettings,
    gives_up,
    reconnect_delay_s,
    step,
)
from thapcanh.ingest.errors import Garbled, NoKeyframe, NotFound, Stalled, Unauthorized

RULES = LifecycleSettings()
REFUSED = CameraFailure(error=Unauthorized("rtsp://h/x"), jitter=1.0)
GONE = CameraFailure(error=NotFound("rtsp://h/x"), jitter=1.0)
SILENT = CameraFailure(error=Stalled("rtsp://h/x"), jitter=1.0)

IDLE = CameraLifecycle()
CONNECTING = step(IDLE, CameraEvent.STARTED, 100.0, RULES)
ONLINE = step(step(CONNECTING, CameraEvent.PACKET, 101.0, RULES), CameraEvent.PICTURE, 101.0, RULES)
STALLED = step(ONLINE, CameraEvent.TICK, 104.0, RULES)
BACKOFF = step(CONNECTING, GONE, 101.0, RULES)
BLIND = {CameraState.CONNECTING, CameraState.STALLED, CameraState.BACKOFF}
CLOSED = step(ONLINE, CameraEvent.STOPPED, 102.0, RULES)


@pytest.mark.parametrize(
    ("life", "happening", "now", "state", "reason"),
    [
        (IDLE, CameraEvent.STARTED, 100, CameraState.CONNECTING, "opening"),
        (IDLE, CameraEvent.TICK, 999, CameraState.IDLE, "not_started"),
        (IDLE, CameraEvent.STOPPED, 100, CameraState.CLOSED, "stopped"),
        (CONNECTING, CameraEvent.PACKET, 101, CameraState.CONNECTING, "opening"),
        (CONNECTING, CameraEvent.PICTURE, 101, CameraState.ONLINE, "pictures"),
        (CONNECTING, CameraEvent.TICK, 199, CameraState.CONNECTING, "opening"),
        (CONNECTING, GONE, 101, CameraState.BACKOFF, "not_found"),
        (CONNECTING, REFUSED, 101, CameraState.BACKOFF, "unauthorized"),
        (CONNECTING, CameraEvent.STOPPED, 101, CameraState.CLOSED, "stopped"),
        (ONLINE, CameraEvent.PICTURE, 102, CameraState.ONLINE, "pictures"),
        (ONLINE, CameraEvent.TICK, 103.9, CameraState.ONLINE, "pictures"),
        (ONLINE, CameraEvent.TICK, 104.0, CameraState.STALLED, "no_packets"),
        (ONLINE, SILENT, 106, CameraState.BACKOFF, "stalled"),
        (ONLINE, CameraEvent.STOPPED, 102, CameraState.CLOSED, "stopped"),
        (STALLED, CameraEvent.PACKET, 105, CameraState.STALLED, "no_packets"),
        (STALLED, CameraEvent.TICK, 105, CameraState.STALLED, "no_packets"),
        (STALLED, CameraEvent.PICTURE, 105, CameraState.ONLINE, "pictures"),
        (STALLED, SILENT, 106, CameraState.BACKOFF, "stalled"),
        (BACKOFF, CameraEvent.TICK, 999, CameraState.BACKOFF, "not_found"),
        (BACKOFF, CameraEvent.STARTED, 103, CameraState.CONNECTING, "opening"),
        (BACKOFF, CameraEvent.STOPPED, 103, CameraState.CLOSED, "stopped"),
        (CLOSED, CameraEvent.STARTED, 104, CameraState.CLOSED, "stopped"),
        (CLOSED, CameraEvent.PICTURE, 104, CameraState.CLOSED, "stopped"),
        (CLOSED, GONE, 104, CameraState.CLOSED, "stopped"),
    ],
)
def test_table(
    life: CameraLifecycle, happening: Happening, now: float, state: CameraState, reason: str
) -> None:
    after = step(life, happening, now, RULES)
    assert (after.state, after.reason) == (state, reason)
    is_news = after.state is not life.state
    if is_news and after.state in BLIND:
        assert after.since == {CameraState.IDLE: now, CameraState.ONLINE: 101.0}.get(
            life.state, life.since
        )
    else:
        assert after.since == (now if is_news else life.since)


def test_packets_without_a_picture_are_named_garbled_then_given_up() -> None:
    life = ONLINE
    for second in range(102, 111):
        life = step(step(life, CameraEvent.PACKET, second, RULES), CameraEvent.TICK, second, RULES)
        garbled = second >= 101 + RULES.garbled_after_s
        assert (life.state is CameraState.STALLED) == garbled
        assert not gives_up(life, second, RULES)
    assert life.reason == "garbled"
    assert gives_up(life, 111.0, RULES)


def test_garbage_from_the_first_packet_on_is_given_up_too() -> None:
    life = step(CONNECTING, CameraEvent.PACKET, 101.0, RULES)
    assert not gives_up(life, 109.9, RULES)
    assert gives_up(life, 110.0, RULES)
    assert not gives_up(CONNECTING, 110.0, RULES), "no packet: the source's own timeouts decide"


def test_before_the_first_keyframe_it_waits_a_minute_with_a_reason_of_its_own() -> None:
    life = CONNECTING
    for second in range(101, 176):
        assert gives_up(life, second, RULES) is None
        life = step(
            step(life, CameraEvent.PACKET, second, RULES),
            CameraEvent.KEYFRAME_MISSING,
            second,
            RULES,
        )
        assert life.state is CameraState.CONNECTING
        assert (life.reason == "no_keyframe") == (second >= 101 + RULES.no_keyframe_after_s)
    assert "no keyframe for 4 s" in life.detail
    assert "1-2 s" in life.detail
    assert gives_up(life, 101 + RULES.keyframe_wait_s, RULES) is NoKeyframe
    life = step(life, CameraEvent.DECODABLE, 170.0, RULES)
    assert gives_up(life, 179.9, RULES) is None, "time without a picture counts from the keyframe"
    assert gives_up(life, 180.0, RULES) is Garbled
    online = step(life, CameraEvent.PICTURE, 171.0, RULES)
    assert (online.state, online.reason) == (CameraState.ONLINE, "pictures")


def test_a_camera_behind_that_waits_for_a_rare_keyframe_keeps_its_connection() -> None:
    life = ONLINE
    for second in range(102, 140):
        life = step(
            step(life, CameraEvent.PACKET, second, RULES),
            CameraEvent.KEYFRAME_MISSING,
            second,
            RULES,
        )
        life = step(life, CameraEvent.TICK, second, RULES)
        assert gives_up(life, second, RULES) is None
        assert (life.state is CameraState.STALLED) == (second >= 101 + RULES.garbled_after_s)
    assert life.reason == "no_keyframe"


def test_a_picture_of_the_connection_before_does_not_count() -> None:
    life = step(step(ONLINE, SILENT, 400.0, RULES), CameraEvent.STARTED, 500.0, RULES)
    life = step(life, CameraEvent.PACKET, 501.0, RULES)
    assert not gives_up(life, 509.0, RULES)
    assert gives_up(life, 510.0, RULES)


def test_backoff_grows_to_its_cap_and_jitter_only_shortens_it() -> None:
    longest = [reconnect_delay_s(failures, 0.0, 1.0, RULES) for failures in range(1, 9)]
    assert longest == [0.5, 1.0, 2.0, 4.0, 6.0, 6.0, 6.0, 6.0]
    assert [reconnect_delay_s(n, 0.0, 0.0, RULES) for n in (1, 9)] == [0.25, 3.0]
    assert reconnect_delay_s(10_000, 0.0, 1.0, RULES) == RULES.backoff_max_s


@pytest.mark.parametrize("took_s", [0.0, 1.0, 3.0, 5.0, 8.0, 16.0])
def test_no_try_ends_later_than_ten_seconds_after_the_fault(took_s: float) -> None:
    """The worst case: the fault ends just after a try began, which then fails in vain."""
    in_vain_s = min(took_s, 8.0) + reconnect_delay_s(20, took_s, 1.0, RULES)
    assert in_vain_s <= 9.0


def test_where_trying_does_not_help_it_is_tried_rarely() -> None:
    life = step(CONNECTING, REFUSED, 101.0, RULES)
    assert life.retry_at == 101.0 + RULES.hopeless_s


def test_steady_pictures_make_the_next_failure_short_again() -> None:
    life = replace(ONLINE, failures=7)
    assert step(life, CameraEvent.PICTURE, 102.0, RULES).failures == 7
    assert step(life, CameraEvent.PICTURE, 101.0 + RULES.steady_after_s, RULES).failures == 0


def test_reconnects_are_counted_from_the_second_opening_on() -> None:
    assert CONNECTING.reconnects == 0
    assert step(BACKOFF, CameraEvent.STARTED, 103.0, RULES).reconnects == 1


def test_a_stall_in_connecting_again_remembers_why() -> None:
    again = step(BACKOFF, CameraEvent.STARTED, 103.0, RULES)
    assert "no such stream" in again.detail
    twice = step(step(again, GONE, 104.0, RULES), CameraEvent.STARTED, 105.0, RULES)
    assert twice.detail.count("opening again") == 1


def test_opening_again_and_again_does_not_move_when_the_picture_was_lost() -> None:
    seen = step(ONLINE, CameraEvent.PICTURE, 110.0, RULES)
    life = step(seen, CameraEvent.TICK, 114.0, RULES)
    assert (life.state, life.since) == (CameraState.STALLED, 110.0)
    for now in (116.0, 130.0, 190.0):
        life = step(life, SILENT, now, RULES)
        assert (life.state, life.since) == (CameraState.BACKOFF, 110.0)
        life = step(life, CameraEvent.STARTED, now + 1, RULES)
        assert (life.state, life.since) == (CameraState.CONNECTING, 110.0)
    back = step(life, CameraEvent.PICTURE, 200.0, RULES)
    assert (back.state, back.since) == (CameraState.ONLINE, 200.0)


def test_a_camera_that_never_gave_a_picture_has_had_none_since_it_was_started() -> None:
    life = step(step(CONNECTING, GONE, 101.0, RULES), CameraEvent.STARTED, 102.0, RULES)
    assert (life.state, life.since) == (CameraState.CONNECTING, 100.0)
