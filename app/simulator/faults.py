"""Faults on demand: the orders, how they are read from a line, and what a camera then does.

An order is one line of words (`stall front 5`). Some orders are events (kill, end, size); the
others put the camera into a `CameraCondition`, for a time or until `on`. Pure: `now_s` comes in.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from thapcanh.app.simulator.errors import FaultRefused

MAX_FAULT_S = 86_400.0
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")


class CameraFault(StrEnum):
    """What can be ordered; the value is the word on the control port."""

    KILL = "kill"  # its clients' connections are reset
    END = "end"  # its clients are told goodbye and closed in good order
    OFF = "off"  # clients reset, and 404 until `on`
    ON = "on"  # every fault of this camera is over
    STALL = "stall"  # connected, but nothing is sent
    FREEZE = "freeze"  # the last keyframe again and again, its clock running on
    GARBAGE = "garbage"  # right RTP headers, random payload
    TEAR = "tear"  # one packet in ten is lost
    MUTE = "mute"  # connections are accepted, requests never answered, nothing is sent
    SIZE = "size"  # another picture size from the next keyframe on, or the first one again


class CameraCondition(StrEnum):
    """What a camera is doing just now; exactly one at a time, the latest order wins."""

    WELL = "well"  # plays
    OFF = "off"  # answers 404
    STALLED = "stalled"  # sends nothing
    FROZEN = "frozen"  # repeats one picture
    GARBLED = "garbled"  # sends noise
    TORN = "torn"  # loses packets
    MUTE = "mute"  # neither answers nor sends


_CONDITIONS = {
    CameraFault.STALL: CameraCondition.STALLED,
    CameraFault.FREEZE: CameraCondition.FROZEN,
    CameraFault.GARBAGE: CameraCondition.GARBLED,
    CameraFault.TEAR: CameraCondition.TORN,
    CameraFault.MUTE: CameraCondition.MUTE,
    CameraFault.OFF: CameraCondition.OFF,
    CameraFault.ON: CameraCondition.WELL,
}
TIMED_FAULTS = (
    CameraFault.STALL,
    CameraFault.FREEZE,
    CameraFault.GARBAGE,
    CameraFault.TEAR,
    CameraFault.MUTE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultOrder:
    """One fault for one camera; `seconds` for the timed ones, `size` for SIZE (None: toggle)."""

    fault: CameraFault
    camera: str
    seconds: float | None = None
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultState:
    """A camera's condition and when it ends by itself (None: not by itself)."""

    condition: CameraCondition = CameraCondition.WELL
    until_s: float | None = None


def fault_order(fault: str, camera: str, value: float | str | None = None) -> FaultOrder:
    """An order from its parts; raises `FaultRefused` with the code of the first thing wrong."""
    try:
        kind = CameraFault(fault)
    except ValueError:
        words = " ".join(CameraFault)
        raise FaultRefused("unknown-order", f"{fault!r} is none of: {words}") from None
    if kind in TIMED_FAULTS:
        return FaultOrder(fault=kind, camera=camera, seconds=_seconds(kind, value))
    if kind is CameraFault.SIZE:
        return FaultOrder(fault=kind, camera=camera, size=_size(value))
    if value is not None:
        raise FaultRefused("too-many-words", f"{kind} takes a camera and nothing more")
    return FaultOrder(fault=kind, camera=camera)


def after_order(order: FaultOrder, state: FaultState, now_s: float) -> FaultState:
    """The camera's state once the order is given; orders that are events leave it as it was."""
    condition = _CONDITIONS.get(order.fault)
    if condition is None:
        return state
    until_s = now_s + order.seconds if order.seconds is not None else None
    return FaultState(condition=condition, until_s=until_s)


def condition_at(state: FaultState, now_s: float) -> CameraCondition:
    """The condition at `now_s`; a timed one is over at its end."""
    if state.until_s is not None and now_s >= state.until_s:
        return CameraCondition.WELL
    return state.condition


def _seconds(kind: CameraFault, value: float | str | None) -> float:
    if value is None:
        raise FaultRefused("missing-seconds", f"{kind} needs how many seconds it lasts")
    try:
        seconds = float(value)
    except ValueError:
        raise FaultRefused("bad-seconds", f"{value!r} is not a number of seconds") from None
    if not 0 < seconds <= MAX_FAULT_S:  # also refuses nan
        raise FaultRefused("bad-seconds", f"{value} is not between 0 and {MAX_FAULT_S:.0f}")
    return seconds


def _size(value: float | str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    match = _SIZE.fullmatch(str(value))
    if match is None:
        raise FaultRefused("bad-size", f"{value!r} is not WIDTHxHEIGHT, as 320x180")
    width, height = int(match[1]), int(match[2])
    if not (16 <= width <= 3840 and 16 <= height <= 2160) or width % 2 or height % 2:
        raise FaultRefused("bad-size", "sides are even, from 16x16 up to 3840x2160")
    return width, height
