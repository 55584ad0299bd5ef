"""Lifecycle of a camera as a pure state machine.

The wait before reconnecting grows with failures in a row, up to a limit; a failure that retrying
cannot solve (a wrong password) is retried rarely.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias, assert_never

from thapcanh.ingest.backoff import Backoff, spread
from thapcanh.ingest.errors import Garbled, NoKeyframe, SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectSettings:
    """Seconds between tries."""

    backoff_first_s: float = 0.5
    backoff_max_s: float = 6.0
    """With opening and the first keyframe, a camera is back within 10 s of the fault's end."""
    attempt_max_s: float = 8.5
    """A try that itself took long (a timeout) is followed by a shorter wait, to keep the 10 s."""
    hopeless_s: float = 60.0
    """Between tries when trying does not help: cameras lock out who guesses passwords."""


def reconnect_delay_s(
    failures: int, attempt_took_s: float, jitter: float, rules: ReconnectSettings
) -> float:
    """Return the seconds to wait after `failures` in a row: growing, jittered, capped."""
    backoff = Backoff(first_s=rules.backoff_first_s, longest_s=rules.backoff_max_s)
    within = max(rules.backoff_first_s, rules.attempt_max_s - attempt_took_s)
    return spread(min(backoff.grown_s(failures), within), jitter)


def hopeless_delay_s(jitter: float, rules: ReconnectSettings) -> float:
    """Return the seconds to wait after a failure that retrying does not solve."""
    return spread(rules.hopeless_s, jitter)


class CameraState(StrEnum):
    """State of a camera."""

    IDLE = "idle"
    """Not started."""
    CONNECTING = "connecting"
    """Opening, or open and waiting for the first picture."""
    ONLINE = "online"
    """Pictures come."""
    STALLED = "stalled"
    """Connected, but no picture has come for too long."""
    BACKOFF = "backoff"
    """The source failed; waiting to try again."""
    CLOSED = "closed"
    """Stopped for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleSettings(ReconnectSettings):
    """Seconds after which a state changes or is reported."""

    stall_after_s: float = 3.0
    """Without a packet. Three of the slowest pictures that are still called live."""
    garbled_after_s: float = 6.5
    """Packets, but no picture that could be decoded. A sleeping camera shows one every 4 s."""
    give_up_after_s: float = 10.0
    """Still no picture: the connection is closed and opened again."""
    no_keyframe_after_s: float = 4.0
    """Nothing to begin decoding with for so long is told as such."""
    keyframe_wait_s: float = 75.0
    """Longest wait for it on one connection. Cameras have up to 60 s between keyframes, and another
    connection would join in the middle of a group again."""
    steady_after_s: float = 5.0
    """Online this long, the next failure starts with the shortest wait again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLifecycle:
    """Lifecycle state of one camera. Times are monotonic seconds."""

    state: CameraState = CameraState.IDLE
    reason: str = "not_started"
    detail: str = "not started"
    since: float = 0.0
    """Since when pictures come, or since when none does; in `IDLE` and `CLOSED` of the state."""
    failures: int = 0
    reconnects: int = 0
    attempt_began: float | None = None
    retry_at: float = 0.0
    last_packet_at: float | None = None
    last_picture_at: float | None = None
    keyframe_missing_since: float | None = None
    """Packets come that nothing can be made of before the next keyframe."""
    decodable_since: float | None = None
    """When the last such wait ended, on this connection."""


class CameraEvent(StrEnum):
    """Event that needs no further data."""

    STARTED = "started"
    PACKET = "packet"
    PICTURE = "picture"
    KEYFRAME_MISSING = "keyframe_missing"
    """A packet came that cannot be decoded before the next keyframe comes."""
    DECODABLE = "decodable"
    """A packet came that can be decoded."""
    TICK = "tick"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFailure:
    """Failure of the source. `jitter` is a random number from 0 to 1."""

    error: SourceError
    jitter: float


Happening: TypeAlias = CameraEvent | CameraFailure


def step(
    life: CameraLifecycle, happening: Happening, now: float, rules: LifecycleSettings
) -> CameraLifecycle:
    """Return the state after an event. A closed camera stays closed."""
    if life.state is CameraState.CLOSED:
        return life
    match happening:
        case CameraEvent.STARTED:
            return _opening(life, now)
        case CameraEvent.PACKET:
            return replace(life, last_packet_at=now)
        case CameraEvent.PICTURE:
            return _picture(life, now, rules)
        case CameraEvent.KEYFRAME_MISSING:
            return _keyframe_missing(life, now, rules)
        case CameraEvent.DECODABLE:
            return _decodable(life, now)
        case CameraEvent.TICK:
            return _tick(life, now, rules)
        case CameraEvent.STOPPED:
            return replace(
                life, state=CameraState.CLOSED, reason="stopped", detail="stopped", since=now
            )
        case CameraFailure():
            return _failed(life, happening, now, rules)
        case _:
            assert_never(happening)


def gives_up(
    life: CameraLifecycle, now: float, rules: LifecycleSettings
) -> type[SourceError] | None:
    """Return the error if packets come without a picture for too long, else None.

    The time counts from the first packet that could be decoded.
    """
    if life.last_packet_at is None:
        return None
    if life.keyframe_missing_since is not None:
        waited_s = now - life.keyframe_missing_since
        return NoKeyframe if waited_s >= rules.keyframe_wait_s else None
    starts = (life.last_picture_at, life.attempt_began, life.decodable_since)
    pictureless_since = max(one for one in (*starts, 0.0) if one is not None)
    return Garbled if now - pictureless_since >= rules.give_up_after_s else None


def _opening(life: CameraLifecycle, now: float) -> CameraLifecycle:
    return replace(
        life,
        state=CameraState.CONNECTING,
        reason="opening",
        detail="opening the source" if not life.failures else f"opening again after: {life.detail}",
        since=_pictureless_since(life, now),
        attempt_began=now,
        last_packet_at=None,
        keyframe_missing_since=None,
        decodable_since=None,
        reconnects=life.reconnects + (life.attempt_began is not None),
    )


def _picture(life: CameraLifecycle, now: float, rules: LifecycleSettings) -> CameraLifecycle:
    if life.state is not CameraState.ONLINE:
        return replace(
            life,
            state=CameraState.ONLINE,
            reason="pictures",
            detail="pictures come",
            since=now,
            last_picture_at=now,
        )
    steady = now - life.since >= rules.steady_after_s
    return replace(life, last_picture_at=now, failures=0 if steady else life.failures)


def _keyframe_missing(
    life: CameraLifecycle, now: float, rules: LifecycleSettings
) -> CameraLifecycle:
    """Return the state with this reason after some seconds without a keyframe."""
    since = life.keyframe_missing_since
    if since is None:
        return replace(life, keyframe_missing_since=now)
    is_reported = life.state is CameraState.ONLINE or life.reason == NoKeyframe.reason
    if is_reported or now - since < rules.no_keyframe_after_s:
        return life
    return replace(life, reason=NoKeyframe.reason, detail=_no_keyframe(rules.no_keyframe_after_s))


def _no_keyframe(seconds: float) -> str:
    return f"no keyframe for {seconds:g} s, waiting for one; {NoKeyframe.way_out}"


def _decodable(life: CameraLifecycle, now: float) -> CameraLifecycle:
    if life.keyframe_missing_since is None:
        return life
    return replace(life, keyframe_missing_since=None, decodable_since=now)


def _tick(life: CameraLifecycle, now: float, rules: LifecycleSettings) -> CameraLifecycle:
    if life.state is not CameraState.ONLINE:
        return life
    if life.last_packet_at is not None and now - life.last_packet_at >= rules.stall_after_s:
        return _stalled(life, now, "no_packets", f"no data for {rules.stall_after_s:g} s")
    if _pictureless_s(life, now) < rules.garbled_after_s:
        return life
    if life.keyframe_missing_since is not None:
        return _stalled(life, now, NoKeyframe.reason, _no_keyframe(rules.garbled_after_s))
    detail = f"data arrive, but no picture could be made of them for {rules.garbled_after_s:g} s"
    return _stalled(life, now, "garbled", detail)


def _pictureless_s(life: CameraLifecycle, now: float) -> float:
    if life.last_picture_at is None:
        return 0.0
    return now - max(life.last_picture_at, life.decodable_since or 0.0)


def _stalled(life: CameraLifecycle, now: float, reason: str, detail: str) -> CameraLifecycle:
    since = _pictureless_since(life, now)
    return replace(life, state=CameraState.STALLED, reason=reason, detail=detail, since=since)


def _pictureless_since(life: CameraLifecycle, now: float) -> float:
    """When the last picture came; opening the source again and again does not move it."""
    if life.state is CameraState.ONLINE:
        return now if life.last_picture_at is None else life.last_picture_at
    return now if life.state is CameraState.IDLE else life.since


def _failed(
    life: CameraLifecycle, failed: CameraFailure, now: float, rules: LifecycleSettings
) -> CameraLifecycle:
    failures = life.failures + 1
    took_s = now - (life.attempt_began or now)
    if failed.error.retry_helps:
        wait_s = reconnect_delay_s(failures, took_s, failed.jitter, rules)
    else:
        wait_s = hopeless_delay_s(failed.jitter, rules)
    return replace(
        life,
        state=CameraState.BACKOFF,
        reason=failed.error.reason,
        detail=str(failed.error),
        since=_pictureless_since(life, now),
        failures=failures,
        retry_at=now + wait_s,
    )
